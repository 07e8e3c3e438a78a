"""What is kept of the results of a PET volume: the row of the visit."""

from __future__ import annotations

import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.scene import Source, examination_of, is_kept, put_row

from .following import source_of_row
from .inputs_key import is_stale
from .publishing import VISIT
from .results import measures_of, series_of, values_of

NO_RESULTS = "There are no results yet; measure hypoxia first."
STALE = "The inputs have changed since these results were made; measure hypoxia again."
WITHOUT_VALUES = "These results are of an earlier version, which kept no values with them; measure hypoxia again."
NO_VISIT = "The visit has no name; give it one, such as baseline."


def reason_not_to_keep(parameters) -> str:
    """Why the results cannot be added to a visit now, as a sentence; empty if they can."""
    if parameters.petVolume is None or not measures_of(parameters):
        return NO_RESULTS
    if is_stale(parameters):
        return STALE
    if not values_of(parameters):
        return WITHOUT_VALUES
    return "" if parameters.visit.strip() else NO_VISIT


def claim_of(parameters) -> str:
    """What an answer that allows the row of the visit to be replaced is kept as."""
    return _source(parameters).claim(parameters.visit.strip())


def is_added(parameters) -> bool:
    """Whether the measurement table has the present results in the row of the visit."""
    if reason_not_to_keep(parameters):
        return False
    return is_kept(parameters.measurementTable, _row(parameters), _source(parameters))


def add_to_visit(scene: slicer.vtkMRMLScene, parameters) -> tuple[str, str]:
    """Write the results of the chosen PET into the row of the visit.

    Parameters
    ----------
    scene : vtkMRMLScene
    parameters : the module's parameter node wrapper
        Refers to the measurement table afterwards.

    Returns
    -------
    (str, str)
        How it ended ("ok", or "warning" where a person must know something of the row) and a sentence.

    Raises
    ------
    InputError
        If there are no results, their inputs have changed, or the visit does not fit the measurement table; the scene
        is as before.
    QuestionsError
        If values of another series would be replaced.
    """
    if reason := reason_not_to_keep(parameters):
        raise InputError(reason)
    row, date = _row(parameters), examination_of(parameters.petVolume).date
    table, notes = put_row(
        scene, parameters.measurementTable, row, _source(parameters), allowed=parameters.replaceRow, date=date
    )
    parameters.measuresTable.SetAttribute(VISIT, row.visit)
    with slicer.util.NodeModify(parameters):
        parameters.measurementTable, parameters.replaceRow = table, ""
    sentence = f"Row {row.visit}, day {row.day:g}, of {table.GetName()} has these values."
    return ("warning", " ".join([sentence, *notes])) if notes else ("ok", sentence)


def _row(parameters) -> Measurement:
    return Measurement(parameters.visit.strip(), parameters.day, values_of(parameters))


def _source(parameters) -> Source:
    return source_of_row(parameters.petVolume, series_of(parameters))

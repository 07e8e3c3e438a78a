"""What is kept of the results of a series: the row of the visit, and files of numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import slicer
from HER2ImmunoCommonLib import measurements
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.files import named_file, write_csv
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.provenance import Provenance, write_sidecar
from HER2ImmunoCommonLib.results import RECORD, read_record
from HER2ImmunoCommonLib.scene import (
    check_row,
    examination_of,
    is_kept,
    put_row,
    read_table,
    set_provenance,
)

from ..analysis.statistics import to_cells
from .following import source_of
from .gathering import named_visit
from .publishing import rename_results
from .results import is_stale, provenance_of, statistics_of, summary_of

MODULE = "QuantDCE"
"""In the records of its files."""
NO_RESULTS = "There are no results yet; compute them first."
STALE = "The inputs have changed since these results were made; compute them again."
WITHOUT_STATISTICS = "The table of the statistics was deleted; compute the maps again."
WITHOUT_VALUES = "These results are of an earlier version, which kept no numbers with them; compute them again."


@dataclass(frozen=True, eq=False)
class AddedRow:
    """A row that was written: its visit and table, and what a person must know of it.

    Attributes
    ----------
    visit : str
    table : vtkMRMLTableNode
    notes : tuple of str
        Of the row, such as a volume that was another one before.
    doubts : tuple of str
        After which the numbers may be no measurement.
    """

    visit: str
    table: slicer.vtkMRMLTableNode
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def reason_not_to_keep(parameters) -> str:
    """Why the results of the chosen series cannot be kept now, as a sentence; empty if they can."""
    summary = summary_of(parameters.dynamic)
    if not summary.rows:
        return NO_RESULTS
    if is_stale(parameters):
        return STALE
    return "" if summary.measurements else WITHOUT_VALUES


def check_visit(parameters) -> None:
    """Whether the row of the visit can be written, before anything is computed.

    Raises
    ------
    InputError
        If the visit has no name, or its day does not fit the measurement table.
    QuestionsError
        If values of another series would be replaced.
    """
    visit, table = named_visit(parameters), parameters.measurements
    check_row(table, visit.visit, source_of(parameters.dynamic), parameters.replaceRow)
    if table is not None:
        measurements.merge(read_table(table), visit)


def add_to_visit(scene: slicer.vtkMRMLScene, parameters) -> AddedRow:
    """Write the values kept with the results of the chosen series into the row of the visit.

    Parameters
    ----------
    scene : vtkMRMLScene
    parameters : QuantDCEParameterNode
        Refers to the measurement table afterwards; its results bear the name of the visit.

    Returns
    -------
    AddedRow

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
    series, summary, visit = parameters.dynamic, summary_of(parameters.dynamic), named_visit(parameters)
    table, notes = put_row(
        scene,
        parameters.measurements,
        replace(visit, values=summary.measurements),
        source_of(series),
        allowed=parameters.replaceRow,
        date=examination_of(series).date,
    )
    set_provenance(table, _with_notes(provenance_of(series), notes))
    rename_results(scene, series, visit.visit)
    with slicer.util.NodeModify(parameters.parameterNode):
        parameters.measurements, parameters.replaceRow = table, ""
    return AddedRow(visit.visit, table, notes, summary.doubts)


def claim_of(parameters) -> str:
    """What an answer that allows the row of the visit to be replaced is kept as."""
    return source_of(parameters.dynamic).claim(parameters.visit.strip())


def is_added(parameters) -> bool:
    """Whether the row of the visit has the values of the chosen series' results as they are now."""
    if parameters.measurements is None or reason_not_to_keep(parameters):
        return False
    try:
        row = replace(named_visit(parameters), values=summary_of(parameters.dynamic).measurements)
        return is_kept(parameters.measurements, row, source_of(parameters.dynamic))
    except InputError:
        return False


def _with_notes(provenance: Provenance, notes: tuple[str, ...]) -> Provenance:
    return replace(provenance, warnings=tuple(dict.fromkeys((*provenance.warnings, *notes))))


def row_of(parameters) -> Measurement:
    """The row of the visit with the values of the chosen series, as it is or would be in the measurement table.

    Raises
    ------
    InputError
        If the visit has no name, or does not fit the table.
    """
    visit, table = named_visit(parameters), parameters.measurements
    row = replace(visit, values=summary_of(parameters.dynamic).measurements)
    rows = measurements.merge([] if table is None else read_table(table), row)
    return next(each for each in rows if each.visit == visit.visit)


def write_numbers(path: str | Path, parameters) -> tuple[Path, Path]:
    """Write the statistics to `path` and the row of the visit beside it, each with its record.

    Parameters
    ----------
    path : path
        Of the statistics (CSV), as `her2immuno dce` writes them. The row goes to `<name>_visit.csv`.
    parameters : QuantDCEParameterNode

    Returns
    -------
    (Path, Path)

    Raises
    ------
    InputError
        If there are no results, their inputs have changed, or a file cannot be written or is somebody's own.
    """
    if reason := reason_not_to_keep(parameters):
        raise InputError(reason)
    statistics = statistics_of(parameters.dynamic)
    if not (statistics.maps or statistics.classes):
        raise InputError(WITHOUT_STATISTICS)
    path = named_file(path, ".csv")
    beside = path.with_name(f"{path.stem}_visit.csv")
    for each in (path, beside):
        _refuse_foreign(each)
    provenance, row = provenance_of(parameters.dynamic), row_of(parameters)
    written = write_csv(*to_cells(statistics), path), measurements.write_csv([row], beside)
    for each in written:
        write_sidecar(each, provenance)
    return written


def _refuse_foreign(path: Path) -> None:
    """A file without the record of this module is somebody's own."""
    if path.exists() and read_record(path.with_name(path.name + RECORD)).get("module") != MODULE:
        raise InputError(f"{path} is there already and was not written here; give another name.")

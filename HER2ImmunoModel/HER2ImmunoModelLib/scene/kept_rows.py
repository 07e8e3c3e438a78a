"""A row of a ranking kept as a scenario, to be seen and changed on the time line."""

from __future__ import annotations

import slicer
from HER2ImmunoCommonLib.errors import InputError

from ..findings.ranked_table import row_of
from .inputs import last_visit_day
from .scenarios import Scenario, add_scenario, scenarios_of


def keep_row(scene: slicer.vtkMRMLScene, parameters, key: str) -> Scenario:
    """Keep the schedule of a row as a new scenario.

    Parameters
    ----------
    scene : vtkMRMLScene
    parameters : HER2ImmunoModelParameterNode
    key : str
        Of the row (`Results.keys`).

    Raises
    ------
    InputError
        A dose that would count as given, no visit, or no free place.
    """
    name, doses = row_of(key)
    last = last_visit_day(parameters)
    if any(dose.day <= last for dose in doses):
        raise InputError(
            f"{name} gives a dose on day {min(dose.day for dose in doses):g}, and doses up to the last visit (day "
            f"{last:g}) count as given; choose a later day of the first dose, and run again."
        )
    place = add_scenario(scene, parameters, name, doses)
    return next(each for each in scenarios_of(parameters) if each.place == place)

"""A row of a ranking kept as a scenario, to be seen and changed on the time line."""

from __future__ import annotations

from dataclasses import replace

import slicer

from ..findings.ranked_table import row_of
from .inputs import last_visit_day
from .regimens_compared import NEXT_DAY
from .scenarios import Scenario, add_scenario, scenarios_of


def keep_row(scene: slicer.vtkMRMLScene, parameters, key: str) -> tuple[Scenario, float]:
    """Keep the schedule of a row as a new scenario; later, where a dose of it would count as given.

    Parameters
    ----------
    scene : vtkMRMLScene
    parameters : HER2ImmunoModelParameterNode
    key : str
        Of the row (`Results.keys`).

    Returns
    -------
    scenario : Scenario
    later : float
        Days by which its doses come later than in the row.

    Raises
    ------
    InputError
        No visit, or no free place.
    """
    name, doses = row_of(key)
    first = last_visit_day(parameters) + NEXT_DAY
    later = max(0.0, first - min((dose.day for dose in doses), default=first))
    place = add_scenario(scene, parameters, name, [replace(dose, day=dose.day + later) for dose in doses])
    return next(each for each in scenarios_of(parameters) if each.place == place), later

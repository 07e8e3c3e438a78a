"""Named what-if scenarios of a subject: planned doses in tables, of which one may be on the time line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import slicer
from HER2ImmunoCommonLib.chart_spec import GREEN, ORANGE, PURPLE, RED, Colour
from HER2ImmunoCommonLib.errors import InputError

from ..treatments.clinical_doses import ClinicalDose
from ..treatments.clinical_tables import ClinicalSchedule
from .given import SCENARIO_ATTRIBUTE, clinical_table, given_doses, read_prescribed, write_treatments
from .inputs import last_visit_day
from .regimens import NEW_TABLE
from .treatment_tables import change_rows

OLIVE: Colour = (134, 120, 24)
COLOURS: dict[int, Colour] = {1: ORANGE, 2: GREEN, 3: PURPLE, 4: RED, 5: OLIVE}
"""Colour of each place for a scenario; there are no more places. Blue is what is in none."""
ROLE, OF, ON = "Scenario", "measurements", "treatments"
"""Node references: of the parameter node to the scenario shown last; of a scenario to the measurements of its subject,
and to the treatment table that has its doses."""


@dataclass(frozen=True)
class Scenario:
    """Doses planned after the last visit.

    Attributes
    ----------
    place : int
        1 to 5; stands for its colour.
    name : str
    doses : tuple of ClinicalDose
    """

    place: int
    name: str
    doses: tuple[ClinicalDose, ...]

    @property
    def colour(self) -> Colour:
        """In lists and charts."""
        return COLOURS[self.place]


def scenarios_of(parameters) -> tuple[Scenario, ...]:
    """The scenarios of the subject whose measurements are chosen, by place.

    Raises
    ------
    InputError
        A table of one that was made unreadable, naming table, row and column.
    """
    return tuple(
        Scenario(place, node.GetName(), read_prescribed(node, species=parameters.species).doses)
        for place, node in sorted(_nodes(parameters).items())
    )


def shown_place(parameters) -> int | None:
    """Place of the scenario that is on the time line, which edits go to; None if none is."""
    shown = parameters.parameterNode.GetNodeReference(ROLE)
    table = parameters.treatments
    if shown is None or table is None or shown.GetNodeReference(ON) is not table:
        return None  # the doses of another table are those of no scenario
    return next((place for place, node in _nodes(parameters).items() if node is shown), None)


def planned_doses(parameters) -> tuple[ClinicalDose, ...]:
    """Doses of the treatment table after the last visit; errors as `given_doses` and `last_visit_day`."""
    last = last_visit_day(parameters)
    return tuple(dose for dose in given_doses(parameters) if dose.day > last)


def add_scenario(scene: slicer.vtkMRMLScene, parameters, name: str, doses: Sequence[ClinicalDose]) -> int:
    """Keep planned doses as a new scenario.

    Parameters
    ----------
    scene : vtkMRMLScene
    parameters : HER2ImmunoModelParameterNode
    name : str
    doses : sequence of ClinicalDose
        Those after the last visit are taken.

    Returns
    -------
    int
        Its place.

    Raises
    ------
    InputError
        No visit, or no free place.
    """
    last, there = last_visit_day(parameters), _nodes(parameters)
    free = [place for place in COLOURS if place not in there]
    if not free:
        raise InputError(f"There are {len(COLOURS)} scenarios already; remove one first.")
    node = scene.AddNewNodeByClass("vtkMRMLTableNode")
    node.SetName(name)  # as it is: the scene would put a number after one that was ever used
    node.SetAttribute(SCENARIO_ATTRIBUTE, str(free[0]))
    node.SetNodeReferenceID(OF, parameters.measurements.GetID())
    write_treatments(ClinicalSchedule(tuple(dose for dose in doses if dose.day > last)), node)
    return free[0]


def remove_scenario(scene: slicer.vtkMRMLScene, parameters, place: int) -> None:
    """Forget a scenario; its doses stay on the time line if they are there."""
    node = _nodes(parameters).get(place)
    if node is not None:
        scene.RemoveNode(node)


def rename_scenario(parameters, place: int, name: str) -> None:
    """Give a scenario another name; an empty one changes nothing."""
    node = _nodes(parameters).get(place)
    if node is not None and name.strip():
        node.SetName(name.strip())


def show_scenario(scene: slicer.vtkMRMLScene, parameters, place: int) -> None:
    """Put the doses of a scenario on the time line, in place of all planned ones; edits go to it from then on.

    Raises
    ------
    InputError
        No visit, a table that cannot be read, or one that has no place for a dose; nothing is changed then.
    """
    wanted = next((each.doses for each in scenarios_of(parameters) if each.place == place), None)
    if wanted is None:
        return
    before = parameters.parameterNode.GetNodeReferenceID(ROLE)
    leave_scenario(parameters)  # so that the one of before keeps its doses
    try:
        _plan(scene, parameters, wanted)
    except InputError:
        if before:
            parameters.parameterNode.SetNodeReferenceID(ROLE, before)
        raise
    node = _nodes(parameters)[place]
    node.SetNodeReferenceID(ON, parameters.treatments.GetID())
    parameters.parameterNode.SetNodeReferenceID(ROLE, node.GetID())


def leave_scenario(parameters) -> None:
    """Let edits of the time line go to no scenario."""
    parameters.parameterNode.RemoveNodeReferenceIDs(ROLE)


def keep_edits(parameters) -> None:
    """Let the scenario that is on the time line have its planned doses; errors as `planned_doses`."""
    node = _nodes(parameters).get(shown_place(parameters))
    if node is None:
        return
    planned = planned_doses(parameters)
    if planned != read_prescribed(node, species=parameters.species).doses:
        write_treatments(ClinicalSchedule(planned), node)


def _plan(scene: slicer.vtkMRMLScene, parameters, wanted: Sequence[ClinicalDose]) -> None:
    """Replace the planned doses of the treatment table; a new table if none is chosen."""
    planned, node = set(planned_doses(parameters)), parameters.treatments
    if node is None:
        node = scene.AddNewNodeByClass("vtkMRMLTableNode", scene.GenerateUniqueName(NEW_TABLE))
    if planned != set(wanted):
        rows = [row.number - 1 for row in clinical_table(node).rows] if node.GetNumberOfRows() else []
        doses = read_prescribed(node, species=parameters.species).doses
        gone = [row for row, dose in zip(rows, doses, strict=True) if dose in planned]
        change_rows(node, removed=gone, added=wanted)
    if parameters.treatments is not node:
        parameters.treatments = node


def _nodes(parameters) -> dict[int, slicer.vtkMRMLTableNode]:
    """Tables of the scenarios of the subject, by place."""
    subject, scene = parameters.measurements, parameters.parameterNode.GetScene()
    if subject is None or scene is None:
        return {}
    count = scene.GetNumberOfNodesByClass("vtkMRMLTableNode")
    tables = [scene.GetNthNodeByClass(number, "vtkMRMLTableNode") for number in range(count)]
    known = [(table.GetAttribute(SCENARIO_ATTRIBUTE), table) for table in tables]
    return {int(place): table for place, table in known if place and table.GetNodeReference(OF) is subject}

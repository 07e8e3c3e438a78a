"""Choices that go with a chosen series: what is of another examination is replaced by its counterpart, or taken out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import slicer

from ..examination import Kinship, kinship
from .examinations import examination_of, kinship_of, nearest
from .origins import Source, visit_and_day


def _any(node: slicer.vtkMRMLNode, earlier: slicer.vtkMRMLNode) -> bool:
    return True


@dataclass(frozen=True)
class Companion:
    """A choice that belongs to the examination of the chosen series.

    Attributes
    ----------
    what : str
        What it is to a person, as "tumour segment".
    field : str
        Of the parameter node, for the node.
    segment : str
        Of the parameter node, for the segment's ID; empty where the node is chosen whole.
    fits : callable
        Says whether a node can take the place of an earlier one.
    """

    what: str
    field: str
    segment: str = ""
    fits: Callable[[slicer.vtkMRMLNode, slicer.vtkMRMLNode], bool] = _any


@dataclass(frozen=True)
class Change:
    """What was changed with the chosen series, as a sentence, and whether it asks a person to choose anew."""

    text: str
    asks: bool = False


def follow(
    parameters, earlier: slicer.vtkMRMLNode | None, chosen: slicer.vtkMRMLNode, companions: Sequence[Companion]
) -> list[Change]:
    """Make the companions those of the chosen series.

    Parameters
    ----------
    parameters : wrapper of a parameter node
    earlier : vtkMRMLNode or None
        The series chosen before.
    chosen : vtkMRMLNode
        The series chosen now.
    companions : sequence of Companion

    Returns
    -------
    list of Change
    """
    told = []
    with slicer.util.NodeModify(parameters):
        for companion in companions:
            node = getattr(parameters, companion.field)
            if node is not None and not _stays(node, earlier, chosen):
                told.append(_exchange(parameters, companion, node, earlier, chosen))
    return told


def _stays(node: slicer.vtkMRMLNode, earlier: slicer.vtkMRMLNode | None, chosen: slicer.vtkMRMLNode) -> bool:
    """Whether a node may go with the chosen series; what is not known to belong to it leaves with the earlier one."""
    kin = kinship_of(node, chosen)
    if earlier is None:
        return kin is not Kinship.OTHER
    if kinship_of(earlier, chosen) is Kinship.SAME:
        return kin in (Kinship.SAME, Kinship.UNKNOWN)
    if kinship(examination_of(node), examination_of(chosen)) is Kinship.SAME:
        return True
    # A folder that holds both series, or a day with two examinations, does not tell whose it is.
    return kin in (Kinship.SAME, Kinship.SAME_DAY) and kinship_of(node, earlier) is not Kinship.SAME


def _exchange(parameters, companion: Companion, node, earlier, chosen) -> Change:
    """Put the counterpart of a node in its place, or nothing."""
    found = [pair for pair in _counterparts(parameters, companion, node, chosen) if _stays(pair[0], earlier, chosen)]
    taken, segment_id = found[0] if len(found) == 1 else (None, "")
    setattr(parameters, companion.field, taken)
    if companion.segment:
        setattr(parameters, companion.segment, segment_id)
    if taken is not None:
        return Change(f"{companion.what}: {taken.GetName()}, in place of {node.GetName()}.")
    text = f"{companion.what}: {node.GetName()} is not of this examination, as far as is known; choose it anew."
    return Change(text, asks=True)


def _counterparts(parameters, companion: Companion, node, chosen) -> list[tuple[slicer.vtkMRMLNode, str]]:
    """What could take the place of a node, each with the ID of the segment that has the name of the chosen one."""
    every = slicer.util.getNodesByClass(node.GetClassName(), node.GetScene())
    fitting = [each for each in every if each is not node and companion.fits(each, node)]
    if not companion.segment:
        return [(each, "") for each in nearest(chosen, fitting)]
    like = {each: _segment_like(node, getattr(parameters, companion.segment), each) for each in fitting}
    return [(each, like[each]) for each in nearest(chosen, [each for each in fitting if like[each]])]


def _segment_like(node, segment_id: str, other) -> str:
    """ID of the one segment of `other` with the name that a segment of `node` has; empty where there is no such one."""
    segment = node.GetSegmentation().GetSegment(segment_id) if segment_id else None
    if segment is None:
        return ""
    segments, name = other.GetSegmentation(), segment.GetName().casefold()
    found = [each for each in segments.GetSegmentIDs() if segments.GetSegment(each).GetName().casefold() == name]
    return found[0] if len(found) == 1 else ""


def take_visit(
    parameters,
    series: slicer.vtkMRMLNode,
    table: slicer.vtkMRMLTableNode | None,
    source: Source,
    earlier: slicer.vtkMRMLNode | None,
) -> list[Change]:
    """Name and day of the visit (fields `visit` and `day`), from what is known of the series just chosen.

    What a person gave stays where nothing is known of a first series; of a later one it is asked anew.
    """
    found = visit_and_day(series, table, source)
    if found is None:
        if earlier is None:
            return []
        parameters.visit = ""
        text = f"Visit: nothing tells which visit {series.GetName()} is of; give its name and day."
        return [Change(text, asks=True)]
    if found == (parameters.visit, parameters.day):
        return []
    parameters.visit, parameters.day = found
    return [Change(f"Visit: {found[0]}, day {found[1]:g}.")]

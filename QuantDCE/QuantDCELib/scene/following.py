"""What goes with the chosen dynamic series: its regions, images, visit and results."""

from __future__ import annotations

import json
from pathlib import Path

import slicer
from HER2ImmunoCommonLib.examination import Kinship
from HER2ImmunoCommonLib.scene import (
    CORRECTED,
    Change,
    Companion,
    Source,
    are_same_images,
    examination_of,
    follow,
    kinship_of,
    measured_of,
    take_visit,
)

from .artery import accepted_segment
from .candidates import take_candidates
from .choices import TABLE
from .found_motion import is_corrected
from .frame_kinds import fits_flip_angles
from .maps import MAP_ATTRIBUTE
from .results import artery_of
from .series_nodes import UIDS_ATTRIBUTE

OF_ONE_SERIES = {
    **dict.fromkeys(("timesText", "frameIntervalS", "trMs", "flipDeg", "baselineFrames", "arrivalS", "serFrames"), ""),
    **dict.fromkeys(("statisticsFile", "reportFile"), ""),
    "seedRadiusMm": 0.0,
}
"""Fields given by hand for one series, with what stands in those of a new one."""
OF_FLIP_ANGLES = {"vfaTrMs": ""}
"""The same of a flip angle series."""
GIVEN = "QuantDCE.Given"
"""Attribute by which a series knows what was given for it, for when it is chosen again."""
GIVEN_IN = "QuantDCE.GivenIn"
"""Attribute and reference role by which a parameter node knows the series that its fields were given for."""
POINTS = ("seed", "probePoint")
"""Fields for points that were clicked in one series."""
CLICKED_IN, CLICKED_FOR = "QuantDCE.ClickedIn", "QuantDCE.ClickedFor"
"""Reference role and attribute by which such a point knows its series and its field."""
REGIONS = ("segmentation", "arterySegmentation", "referenceSegmentation", "arteryCandidates")
"""Fields for what is drawn over a series."""
HIDDEN = "QuantDCE.Hidden"
"""Marks what was taken from the views with its series."""
OWN_COLUMNS = ("ktrans_", "ve_", "vp_", "kep_", "iaugc", "pe_", "ser_", "ftv_", "vascular_", "necrotic_")
"""How the columns begin that this module measures."""


def _is_such_a_map(node: slicer.vtkMRMLNode, earlier: slicer.vtkMRMLNode) -> bool:
    return bool(node.GetAttribute(MAP_ATTRIBUTE)) and node.GetAttribute(MAP_ATTRIBUTE) == earlier.GetAttribute(
        MAP_ATTRIBUTE
    )


COMPANIONS = (
    Companion("Tumour", "segmentation", "segmentId"),
    Companion("Artery", "arterySegmentation", "arterySegmentId"),
    Companion("Reference tissue", "referenceSegmentation", "referenceSegmentId"),
    Companion("Flip angle series", "vfa", fits=lambda node, _earlier: fits_flip_angles(node)),
    Companion("T1 map", "t1Map", fits=_is_such_a_map),
    Companion("M0 map", "m0Map", fits=_is_such_a_map),
    Companion("B1 map", "b1Map", fits=_is_such_a_map),
)


def source_of(series: slicer.vtkMRMLSequenceNode) -> Source:
    """What tells the row of a series from those of others."""
    uids = examination_of(series).series_uids or json.loads(series.GetAttribute(UIDS_ATTRIBUTE) or "{}").get("series")
    identity = " ".join(uids) if uids else measured_of(series).GetName()
    if is_corrected(series):
        identity += CORRECTED  # no row of the measured series is replaced unasked
    return Source("DCE", identity, series.GetName(), lambda name: name.startswith(OWN_COLUMNS))


def take_series(parameters, earlier: slicer.vtkMRMLSequenceNode | None) -> list[Change]:
    """Make everything that belongs to one examination that of the dynamic series just chosen.

    Parameters
    ----------
    parameters : QuantDCEParameterNode
    earlier : vtkMRMLSequenceNode or None
        The series chosen before.

    Returns
    -------
    list of Change
    """
    series = parameters.dynamic
    with slicer.util.NodeModify(parameters):
        drawn = _drawn(parameters, earlier)
        _take_given(parameters, earlier, series)
        _take_points(parameters, earlier, series)
        own_artery, flip_angles = take_candidates(parameters, series), parameters.vfa
        companions = [each for each in COMPANIONS if not (own_artery and each.field == "arterySegmentation")]
        told = follow(parameters, earlier, series, companions)
        if flip_angles is not None and flip_angles is not parameters.vfa:
            _exchange_given(parameters, OF_FLIP_ANGLES, flip_angles, parameters.vfa)
        told += _input_of_another(parameters, earlier, series)
        _exchange_shown(drawn, _drawn(parameters, series))
        if are_same_images(earlier, series):
            return told  # corrected for motion or as measured, they are of the visit that a person named
        return told + take_visit(parameters, series, parameters.measurements, source_of(series), earlier)


def _take_given(parameters, earlier: slicer.vtkMRMLNode | None, series: slicer.vtkMRMLSequenceNode) -> None:
    """What was given before any series was chosen is meant for the first; else it is that of a series."""
    owner = parameters.parameterNode
    was_given = earlier is not None or bool(owner.GetAttribute(GIVEN_IN))
    if earlier is None:
        earlier = owner.GetNodeReference(GIVEN_IN)  # none where it was deleted
    if was_given and earlier is not series:
        _exchange_given(parameters, OF_ONE_SERIES, earlier, series)
    owner.SetAttribute(GIVEN_IN, "1")
    owner.SetNodeReferenceID(GIVEN_IN, series.GetID())


def _exchange_given(
    parameters, fields: dict[str, object], earlier: slicer.vtkMRMLNode | None, chosen: slicer.vtkMRMLNode | None
) -> None:
    """What was given by hand stays with its series; that of the chosen one comes back."""
    if earlier is not None:
        earlier.SetAttribute(GIVEN, json.dumps({name: getattr(parameters, name) for name in fields}))
    known = {} if chosen is None else json.loads(chosen.GetAttribute(GIVEN) or "{}")
    for name, nothing in fields.items():
        setattr(parameters, name, known.get(name, nothing))


def keep_point(parameters, field: str) -> None:
    """Let a point know that it was clicked in the chosen series: another is not looked at where it lies."""
    point = getattr(parameters, field)
    if point is not None and parameters.dynamic is not None:
        point.SetNodeReferenceID(CLICKED_IN, parameters.dynamic.GetID())
        point.SetAttribute(CLICKED_FOR, field)


def _take_points(parameters, earlier: slicer.vtkMRMLNode | None, series: slicer.vtkMRMLSequenceNode) -> None:
    """Points that were clicked in another series are not looked at in this one; those of the chosen one come back."""
    points = slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode", series.GetScene())
    for field in POINTS:
        before = getattr(parameters, field)
        own = [each for each in points if each.GetAttribute(CLICKED_FOR) == field and _is_clicked_in(each, series)]
        is_known = before is None or bool(before.GetAttribute(CLICKED_FOR))
        if before in own or (not is_known and earlier is None):
            continue
        setattr(parameters, field, own[-1] if own else None)


def _drawn(parameters, series: slicer.vtkMRMLSequenceNode | None) -> list[slicer.vtkMRMLDisplayableNode]:
    """What lies over the images of a series: its regions, the arteries found in it, the points clicked in it."""
    nodes = [getattr(parameters, name) for name in (*REGIONS, *POINTS)]
    nodes += [artery_of(series), accepted_segment(parameters.arteryCandidates)[0]]
    return [node for node in nodes if node is not None and node.GetScene() is not None]


def _exchange_shown(before: list[slicer.vtkMRMLDisplayableNode], after: list[slicer.vtkMRMLDisplayableNode]) -> None:
    """What was drawn over another series would look as if it were of this one; it comes back with its own."""
    for node in before:
        if node not in after and node.GetDisplayVisibility():
            node.SetDisplayVisibility(False)
            node.SetAttribute(HIDDEN, "1")
    for node in after:
        if node.GetAttribute(HIDDEN):
            node.SetDisplayVisibility(True)
            node.RemoveAttribute(HIDDEN)


def _is_clicked_in(point: slicer.vtkMRMLMarkupsFiducialNode, series: slicer.vtkMRMLSequenceNode) -> bool:
    return point.GetNodeReference(CLICKED_IN) is series


def _input_of_another(parameters, earlier: slicer.vtkMRMLNode | None, series: slicer.vtkMRMLNode) -> list[Change]:
    """A curve measured at another visit may be meant for this one, too, but never unsaid."""
    if parameters.aif == "file" and parameters.aifFile.strip():
        if earlier is None or kinship_of(earlier, series) is Kinship.SAME:
            return []
        name = Path(parameters.aifFile).name
        return [Change(f"Arterial input: {name} was chosen for {earlier.GetName()}; keep it, or choose another.", True)]
    table = parameters.aifTable
    if parameters.aif != TABLE or table is None or kinship_of(table, series) is not Kinship.OTHER:
        return []
    return [
        Change(f"Arterial input: {table.GetName()} is of another examination; keep it, or choose another.", asks=True)
    ]

"""What goes with the chosen dynamic series: its regions, images, visit and results."""

from __future__ import annotations

import json
from pathlib import Path

import slicer
from HER2ImmunoCommonLib.examination import Kinship
from HER2ImmunoCommonLib.scene import Change, Companion, Source, examination_of, follow, kinship_of, take_visit

from .candidates import take_candidates
from .choices import TABLE
from .frame_kinds import fits_flip_angles
from .maps import MAP_ATTRIBUTE
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
POINTS = ("seed", "probePoint")
"""Fields for points that were clicked in one series."""
CLICKED_IN, CLICKED_FOR = "QuantDCE.ClickedIn", "QuantDCE.ClickedFor"
"""Reference role and attribute by which such a point knows its series and its field."""
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
    identity = " ".join(uids) if uids else series.GetName()
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
        if earlier is not None:
            _exchange_given(parameters, OF_ONE_SERIES, earlier, series)
        _take_points(parameters, earlier, series)
        own_artery, flip_angles = take_candidates(parameters, series), parameters.vfa
        companions = [each for each in COMPANIONS if not (own_artery and each.field == "arterySegmentation")]
        told = follow(parameters, earlier, series, companions)
        if flip_angles is not None and flip_angles is not parameters.vfa:
            _exchange_given(parameters, OF_FLIP_ANGLES, flip_angles, parameters.vfa)
        told += _input_of_another(parameters, earlier, series)
        return told + take_visit(parameters, series, parameters.measurements, source_of(series), earlier)


def _exchange_given(
    parameters, fields: dict[str, object], earlier: slicer.vtkMRMLNode, chosen: slicer.vtkMRMLNode | None
) -> None:
    """What was given by hand stays with its series; that of the chosen one comes back."""
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
    """Points that were clicked in another series leave the views; those of the chosen one come back."""
    points = slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode", series.GetScene())
    for field in POINTS:
        before = getattr(parameters, field)
        own = [each for each in points if each.GetAttribute(CLICKED_FOR) == field and _is_clicked_in(each, series)]
        is_known = before is None or bool(before.GetNodeReferenceID(CLICKED_IN))
        if before in own or (not is_known and earlier is None):
            continue
        taken = own[-1] if own else None
        for point, is_shown in ((before, False), (taken, True)):
            if point is not None:
                point.SetDisplayVisibility(is_shown)
        setattr(parameters, field, taken)


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

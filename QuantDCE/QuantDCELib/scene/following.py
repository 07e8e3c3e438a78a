"""What goes with the chosen dynamic series: its regions, images, visit and results."""

from __future__ import annotations

import json

import slicer
from HER2ImmunoCommonLib.scene import Companion, Source, examination_of, follow, visit_and_day

from .maps import MAP_ATTRIBUTE
from .series_nodes import UIDS_ATTRIBUTE, is_flip_angles

OF_ONE_SERIES = ("timesText", "frameIntervalS", "trMs", "flipDeg", "baselineFrames", "arrivalS", "serFrames")
"""Fields given by hand for one series."""
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
    Companion("Flip angle series", "vfa", fits=lambda node, _earlier: is_flip_angles(node)),
    Companion("T1 map", "t1Map", fits=_is_such_a_map),
    Companion("M0 map", "m0Map", fits=_is_such_a_map),
    Companion("B1 map", "b1Map", fits=_is_such_a_map),
)


def source_of(series: slicer.vtkMRMLSequenceNode) -> Source:
    """What tells the row of a series from those of others."""
    uids = examination_of(series).series_uids or json.loads(series.GetAttribute(UIDS_ATTRIBUTE) or "{}").get("series")
    identity = " ".join(uids) if uids else series.GetName()
    return Source("DCE", identity, series.GetName(), lambda name: name.startswith(OWN_COLUMNS))


def take_series(parameters, earlier: slicer.vtkMRMLSequenceNode | None) -> list[str]:
    """Make everything that belongs to one examination that of the dynamic series just chosen.

    Parameters
    ----------
    parameters : QuantDCEParameterNode
    earlier : vtkMRMLSequenceNode or None
        The series chosen before.

    Returns
    -------
    list of str
        What was changed, a sentence each.
    """
    series = parameters.dynamic
    with slicer.util.NodeModify(parameters):
        if earlier is not None:
            for name in OF_ONE_SERIES:
                setattr(parameters, name, "")
        told = follow(parameters, earlier, series, COMPANIONS)
        return told + _take_visit(parameters, series, earlier)


def _take_visit(parameters, series, earlier) -> list[str]:
    """Name and day of the visit, from what is known of the series."""
    found = visit_and_day(series, parameters.measurements, source_of(series))
    if found is None:
        if earlier is None:
            return []
        parameters.visit = ""
        return [f"Visit: nothing tells which visit {series.GetName()} is of; give its name and day."]
    if found == (parameters.visit, parameters.day):
        return []
    parameters.visit, parameters.day = found
    return [f"Visit: {found[0]}, day {found[1]:g}."]

"""What goes with the chosen dynamic series: its regions, images, visit and results."""

from __future__ import annotations

import json

import slicer
from HER2ImmunoCommonLib.examination import Kinship
from HER2ImmunoCommonLib.scene import Change, Companion, Source, examination_of, follow, kinship_of, take_visit

from .candidates import take_candidates
from .choices import TABLE
from .frame_kinds import fits_flip_angles
from .maps import MAP_ATTRIBUTE
from .series_nodes import UIDS_ATTRIBUTE

OF_ONE_SERIES = ("timesText", "frameIntervalS", "trMs", "flipDeg", "baselineFrames", "arrivalS", "serFrames")
"""Fields given by hand for one series."""
GIVEN = "QuantDCE.Given"
"""Attribute by which a series knows what was given for it, for when it is chosen again."""
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
            _exchange_given(parameters, earlier, series)
        own_artery = take_candidates(parameters, series)
        companions = [each for each in COMPANIONS if not (own_artery and each.field == "arterySegmentation")]
        told = follow(parameters, earlier, series, companions) + _input_of_another(parameters, series)
        return told + take_visit(parameters, series, parameters.measurements, source_of(series), earlier)


def _exchange_given(parameters, earlier: slicer.vtkMRMLSequenceNode, series: slicer.vtkMRMLSequenceNode) -> None:
    """What was given by hand stays with its series; that of the chosen one comes back."""
    earlier.SetAttribute(GIVEN, json.dumps({name: getattr(parameters, name) for name in OF_ONE_SERIES}))
    known = json.loads(series.GetAttribute(GIVEN) or "{}")
    for name in OF_ONE_SERIES:
        setattr(parameters, name, known.get(name, ""))


def _input_of_another(parameters, series: slicer.vtkMRMLSequenceNode) -> list[Change]:
    """A curve measured at another visit may be meant for this one, too, but never unsaid."""
    table = parameters.aifTable
    if parameters.aif != TABLE or table is None or kinship_of(table, series) is not Kinship.OTHER:
        return []
    return [
        Change(f"Arterial input: {table.GetName()} is of another examination; keep it, or choose another.", asks=True)
    ]

"""What belongs to the chosen examination and can only be meant: proposed where a person has chosen nothing."""

from __future__ import annotations

import re

import slicer
from HER2ImmunoCommonLib.scene import ARTERY, TUMOUR, Change, is_still_image, of_examination, propose_segment

from .frame_kinds import fits_flip_angles
from .maps import MAP_ATTRIBUTE
from .offered import dynamic_series

POPULATION = "parker"
"""The input that stands while nobody has chosen one."""
B1 = re.compile(r"(?<![a-z0-9])b1(?![0-9])", re.IGNORECASE)


def propose(parameters) -> list[Change]:
    """Fill what is not chosen yet with what the examination has one of: flip angles, B1 map, tumour, artery.

    Parameters
    ----------
    parameters : QuantDCEParameterNode
        Its `dynamic` was just chosen.

    Returns
    -------
    list of Change
        What was filled, as sentences.
    """
    series = parameters.dynamic
    if series is None:
        return []
    alone = dynamic_series(series.GetScene()) == [series]
    with slicer.util.NodeModify(parameters):
        told = _flip_angles(parameters, series, alone) + _b1_map(parameters, series, alone)
        told += propose_segment(parameters, series, "Tumour", TUMOUR, ("segmentation", "segmentId"), alone=alone)
        return told + _artery(parameters, series, alone)


def _flip_angles(parameters, series: slicer.vtkMRMLSequenceNode, alone: bool) -> list[Change]:
    """A flip angle series, unless T1 is known otherwise."""
    missing = {"fixed": not parameters.t1S.strip(), "vfa": parameters.vfa is None}
    if not missing.get(parameters.t1Source):
        return []
    sequences = slicer.util.getNodesByClass("vtkMRMLSequenceNode", series.GetScene())
    found = of_examination(series, filter(fits_flip_angles, sequences), alone=alone)
    if len(found) != 1:
        return []
    parameters.vfa, parameters.t1Source = found[0], "vfa"
    return [Change(f"T1: from {found[0].GetName()}.")]


def _b1_map(parameters, series: slicer.vtkMRMLSequenceNode, alone: bool) -> list[Change]:
    if parameters.b1Map is not None:
        return []
    volumes = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode", series.GetScene())
    found = of_examination(series, filter(_is_b1_map, volumes), alone=alone)
    if len(found) != 1:
        return []
    parameters.b1Map = found[0]
    return [Change(f"B1 map: {found[0].GetName()}.")]


def _is_b1_map(node: slicer.vtkMRMLScalarVolumeNode) -> bool:
    return bool(B1.search(node.GetName())) and not node.GetAttribute(MAP_ATTRIBUTE) and is_still_image(node)


def _artery(parameters, series: slicer.vtkMRMLSequenceNode, alone: bool) -> list[Change]:
    """An artery that was drawn is measured, unless another input was chosen."""
    if parameters.aif != POPULATION:
        return []
    fields = ("arterySegmentation", "arterySegmentId")
    told = propose_segment(parameters, series, "Artery", ARTERY, fields, alone=alone)
    if told:
        parameters.aif = "roi"
    return told

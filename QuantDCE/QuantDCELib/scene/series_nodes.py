"""Dynamic and flip angle series as volume sequence nodes with all that their analysis needs, and back."""

from __future__ import annotations

import json

import numpy as np
import slicer
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError
from HER2ImmunoCommonLib.geometry import TimeSeries
from HER2ImmunoCommonLib.scene import (
    FLIP_ANGLES,
    FRAME_LABELS,
    TIME_TAG,
    TIME_UNIT,
    all_or_nothing,
    labelled_values,
    node_from_series,
    number_attribute,
    other_than_times,
    series_from_node,
    set_examination,
)

from ..dicom.header_values import field_in_t, tr_in_s
from ..dicom.reading import LONGEST_TR_IN_S, DynamicImages, VfaImages
from ..dicom.time_axis import TimeAxis
from .frame_kinds import has_times
from .frames import RULE_ATTRIBUTE, TIME_WARNINGS_ATTRIBUTE
from .image_headers import header_of, number_of_images

UIDS_ATTRIBUTE = "QuantDCE.UIDs"
WARNINGS_ATTRIBUTE = "QuantDCE.Warnings"
PER_UNIT_ATTRIBUTE = "QuantDCE.PerUnit"
MOTION_ATTRIBUTE = "QuantDCE.Motion"
"""Which frames a series holds where motion was looked for, in words."""
FLIP_TAG = "FlipAngle"


def node_from_dynamic(scene: slicer.vtkMRMLScene, dynamic: DynamicImages, name: str) -> slicer.vtkMRMLSequenceNode:
    """A volume sequence with its browser, so that the slice views can show it."""
    tags = {
        "RepetitionTime": None if dynamic.tr_s is None else 1000.0 * dynamic.tr_s,
        FLIP_TAG: dynamic.flip_deg,
        "MagneticFieldStrength": dynamic.field_t,
    }
    with all_or_nothing(scene) as keep:
        node = keep(node_from_series(scene, dynamic.series, name, tags=_known(tags)))
        node.SetAttribute(TIME_TAG, dynamic.time_axis.rule)
        node.SetAttribute(RULE_ATTRIBUTE, _source(dynamic.time_axis.rule))
        node.SetAttribute(TIME_WARNINGS_ATTRIBUTE, json.dumps(dynamic.time_axis.warnings))
        if dynamic.motion:
            node.SetAttribute(MOTION_ATTRIBUTE, dynamic.motion)
        others = [text for text in dynamic.warnings if text not in dynamic.time_axis.warnings]
        _describe(node, dynamic, others)
        _browse(keep, node)
    return node


def node_from_vfa(scene: slicer.vtkMRMLScene, vfa: VfaImages, name: str) -> slicer.vtkMRMLSequenceNode:
    """A volume sequence with the flip angles as frame labels."""
    with all_or_nothing(scene) as keep:
        series = TimeSeries(vfa.signal, vfa.ijk_to_ras, vfa.flip_deg)
        node = keep(node_from_series(scene, series, name, tags={"RepetitionTime": 1000.0 * vfa.tr_s}))
        node.SetAttribute(FRAME_LABELS, ",".join(repr(float(flip)) for flip in vfa.flip_deg))
        node.SetAttribute(TIME_TAG, FLIP_TAG)
        node.SetAttribute(TIME_UNIT, "degrees")
        _describe(node, vfa, vfa.warnings)
    return node


def dynamic_from_node(node: slicer.vtkMRMLSequenceNode, axis: TimeAxis) -> DynamicImages:
    """The images of a volume sequence with this time axis.

    Raises
    ------
    InputError
        If it is not a sequence of volumes on one grid.
    """
    return DynamicImages(
        series_from_node(node, axis.time_s),
        axis,
        tr_s_of(node),
        flip_deg_of(node),
        field_t_of(node),
        json.loads(node.GetAttribute(UIDS_ATTRIBUTE) or "{}"),
        (*axis.warnings, *warnings_of(node)),
        per_unit=_per_unit_of(node),
        motion=node.GetAttribute(MOTION_ATTRIBUTE) or "",
    )


def vfa_from_node(node: slicer.vtkMRMLSequenceNode, tr_s: float | None = None) -> VfaImages:
    """The images of a volume sequence whose frame labels are flip angles.

    Raises
    ------
    InputError
        If the frames are not labelled with flip angles.
    QuestionsError
        If neither `tr_s` nor the node gives the TR.
    """
    flips = flip_angle_labels(node)
    tr_s = tr_s or tr_s_of(node)
    if tr_s is None:
        raise QuestionsError([Question("vfa_tr_ms", f"{node.GetName()} does not say its TR; what is it in ms?")])
    series = series_from_node(node, flips)
    order = np.argsort(flips)
    uids = json.loads(node.GetAttribute(UIDS_ATTRIBUTE) or "{}")
    warnings = warnings_of(node)
    return VfaImages(
        series.array[..., order], series.ijk_to_ras, flips[order], tr_s, uids, warnings, _per_unit_of(node)
    )


def flip_angle_labels(node: slicer.vtkMRMLNode) -> np.ndarray:
    """The flip angle of each frame, in degrees.

    Raises
    ------
    InputError
        If the frames are not labelled with flip angles.
    """
    if other_than_times(node) == FLIP_ANGLES:
        return labelled_values(node)
    if has_times(node):
        raise InputError(
            f"{node.GetName()} is a dynamic series, not a series at several flip angles; choose the flip angle series."
        )
    raise InputError(f"{node.GetName()} has no flip angles as frame labels; load the flip angle series from DICOM.")


def tr_s_of(node: slicer.vtkMRMLNode) -> float | None:
    """TR by the node, else by the DICOM database; RepetitionTime is in ms, but some writers put seconds."""
    value = number_attribute(node, "RepetitionTime")
    if value is None or value <= 0:
        header = header_of(node)
        return None if header is None else tr_in_s([header])[0]
    return value if value < LONGEST_TR_IN_S else value / 1000.0


def field_t_of(node: slicer.vtkMRMLNode) -> float | None:
    """Field strength by the node, else by the DICOM database."""
    value = number_attribute(node, "MagneticFieldStrength")
    if value is None:
        header = header_of(node)
        return None if header is None else field_in_t(header)[0]
    return value


def warnings_of(node: slicer.vtkMRMLSequenceNode) -> tuple[str, ...]:
    """What was told of the images when they were read, other than of their times."""
    return tuple(json.loads(node.GetAttribute(WARNINGS_ATTRIBUTE) or "[]"))


def flip_deg_of(node: slicer.vtkMRMLNode) -> float | None:
    """Flip angle by the node, else by the DICOM database."""
    value = number_attribute(node, FLIP_TAG)
    return value if value is not None else number_of_images(node, FLIP_TAG)


def browser_of(node: slicer.vtkMRMLSequenceNode) -> slicer.vtkMRMLSequenceBrowserNode | None:
    """The first browser that shows a sequence."""
    return slicer.modules.sequences.logic().GetFirstBrowserNodeForSequenceNode(node)


def shown_volume(node: slicer.vtkMRMLSequenceNode | None) -> slicer.vtkMRMLScalarVolumeNode | None:
    """The volume that shows the current frame of a sequence; None without a browser."""
    if node is None:
        return None
    browser = browser_of(node)
    return None if browser is None else browser.GetProxyNode(node)


def _per_unit_of(node: slicer.vtkMRMLSequenceNode) -> float | None:
    text = node.GetAttribute(PER_UNIT_ATTRIBUTE)
    return float(text) if text else None


def _source(rule: str) -> str:
    return f"a {rule}" if rule.startswith("given") else f"DICOM {rule}"


def _known(tags: dict[str, float | None]) -> dict[str, float]:
    return {tag: value for tag, value in tags.items() if value is not None}


def _describe(node: slicer.vtkMRMLSequenceNode, images: DynamicImages | VfaImages, warnings) -> None:
    node.SetAttribute(UIDS_ATTRIBUTE, json.dumps(images.uids))
    node.SetAttribute(WARNINGS_ATTRIBUTE, json.dumps(list(warnings)))
    if images.per_unit is not None:
        node.SetAttribute(PER_UNIT_ATTRIBUTE, repr(images.per_unit))
    set_examination(node, images.examination)


def _browse(keep, node: slicer.vtkMRMLSequenceNode) -> None:
    browser = keep(node.GetScene().AddNewNodeByClass("vtkMRMLSequenceBrowserNode", f"{node.GetName()} browser"))
    browser.SetAndObserveMasterSequenceNodeID(node.GetID())
    slicer.modules.sequences.logic().UpdateProxyNodesFromSequences(browser)
    proxy = browser.GetProxyNode(node)
    if proxy is not None:
        keep(proxy)

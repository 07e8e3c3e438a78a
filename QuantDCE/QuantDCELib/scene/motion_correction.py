"""A dynamic series corrected for motion: gathered from its node, put into a new one beside it, known by its curve."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report
from HER2ImmunoCommonLib.scene import (
    CORRECTED,
    TIME_TAG,
    corrections_of,
    examination_of,
    measured_of,
    put_beside,
    set_corrected_from,
    volume_from_node,
)

from ..dicom.reading import DynamicImages
from ..motion import MotionResult, MotionSettings, correct_images
from .fields import frame_range
from .following import GIVEN
from .found_motion import found_motion, is_corrected, keep_motion
from .frame_kinds import reason_no_dynamic
from .frames import RULE_ATTRIBUTE, time_axis_of
from .series_nodes import MOTION_ATTRIBUTE, dynamic_from_node, node_from_dynamic, shown_volume

GIVEN_FOR_BOTH = ("trMs", "flipDeg", "baselineFrames", "arrivalS", "serFrames", "seedRadiusMm")
"""What was given by hand for the measured series holds for the corrected one; its times are those of its node."""


@dataclass(frozen=True, eq=False)
class CorrectionRequest:
    """Everything a correction needs; `series` is only for what comes of it.

    Attributes
    ----------
    series : vtkMRMLSequenceNode
    dynamic : DynamicImages
        On the grid of the node, whatever transform it lies under.
    settings : MotionSettings
    given : dict of str to object
        What was given by hand for the series.
    """

    series: slicer.vtkMRMLSequenceNode
    dynamic: DynamicImages
    settings: MotionSettings
    given: dict[str, object]

    def correct(self, report: Report | None = None) -> tuple[DynamicImages, MotionResult]:
        """The corrected images and the motion; touches no node."""
        return correct_images(self.dynamic, self.settings, report=report)


def reason_not_corrected(parameters) -> str:
    """Why motion cannot be corrected in the chosen series, as a sentence; empty if it can."""
    series = parameters.dynamic
    if series is None:
        return "Choose the examination first."
    if reason := reason_no_dynamic(series):
        return reason
    if is_corrected(series):
        measured = measured_of(series)
        again = "" if measured is series else f"; choose {measured.GetName()} to correct it otherwise"
        return f"{series.GetName()} is corrected already{again}."
    for other in corrections_of(series):
        of_other = found_motion(other)
        if of_other is not None and of_other.kind == parameters.motionKind:
            return f"{other.GetName()} is this series, corrected so; choose it, or delete it to correct anew."
    return ""


def gather_correction(parameters) -> CorrectionRequest:
    """The chosen series of a QuantDCE parameter node, ready to be corrected.

    Raises
    ------
    InputError
        If it cannot be corrected, or a field given by hand cannot be used.
    QuestionsError
        If it has no times and none are given.
    """
    if reason := reason_not_corrected(parameters):
        raise InputError(reason)
    node = parameters.dynamic
    dynamic = dynamic_from_node(node, time_axis_of(node, parameters.timesText, parameters.frameIntervalS))
    grid = volume_from_node(node.GetNthDataNode(0)).ijk_to_ras
    return CorrectionRequest(
        series=node,
        dynamic=replace(
            dynamic, series=replace(dynamic.series, ijk_to_ras=grid), examination=examination_of(node), motion=""
        ),
        settings=MotionSettings(kind=parameters.motionKind, baseline=frame_range(parameters.baselineFrames)),
        given={name: getattr(parameters, name) for name in GIVEN_FOR_BOTH},
    )


def publish_correction(
    scene: slicer.vtkMRMLScene, request: CorrectionRequest, found: tuple[DynamicImages, MotionResult]
) -> slicer.vtkMRMLSequenceNode:
    """Put the corrected series beside the measured one, which stays as it is.

    Where no frame was put back there is no other series: the measured one knows that motion was looked for.

    Returns
    -------
    vtkMRMLSequenceNode
        The series to go on with.

    Raises
    ------
    InputError
        If the measured series was deleted meanwhile.
    """
    series, (dynamic, result) = request.series, found
    if series.GetScene() is not scene:
        raise InputError("The series was deleted while its motion was looked for; nothing was made of it.")
    if not result.changed:
        series.SetAttribute(MOTION_ATTRIBUTE, dynamic.motion)
        keep_motion(series, result)
        return series
    node = node_from_dynamic(scene, dynamic, f"{series.GetName()}{CORRECTED}")
    keep_motion(node, result)
    node.SetAttribute(RULE_ATTRIBUTE, dynamic.time_axis.rule)
    node.SetAttribute(TIME_TAG, series.GetAttribute(TIME_TAG) or node.GetAttribute(TIME_TAG))
    node.SetAttribute(GIVEN, json.dumps(request.given))
    set_corrected_from(node, series)
    _lay_where(node, series)
    put_beside(scene, node, series)
    return node


def _lay_where(node: slicer.vtkMRMLSequenceNode, series: slicer.vtkMRMLSequenceNode) -> None:
    """Under the transform that the measured series lies under, such as that of its visit."""
    shown, measured = shown_volume(node), shown_volume(series)
    if shown is not None and measured is not None:
        shown.SetAndObserveTransformNodeID(measured.GetTransformNodeID())

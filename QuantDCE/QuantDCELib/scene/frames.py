"""The time axis of a dynamic series in the scene: where it is from, or as a person gave it."""

from __future__ import annotations

import json

import numpy as np
import slicer
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError
from HER2ImmunoCommonLib.scene import has_labels, has_time_index, n_frames, read_times

from ..dicom.time_axis import FAST_FRAME_S, TimeAxis, check_times
from .fields import number_list, optional_number
from .frame_kinds import reason_no_dynamic

RULE_ATTRIBUTE = "QuantDCE.TimeRule"
TIME_WARNINGS_ATTRIBUTE = "QuantDCE.TimeWarnings"


def time_axis_of(node: slicer.vtkMRMLNode, times_text: str = "", interval_text: str = "") -> TimeAxis:
    """When the frames were acquired.

    Parameters
    ----------
    node : vtkMRMLSequenceNode or vtkMRMLMultiVolumeNode
    times_text : str
        Times in s given by hand, one a frame; goes before the interval.
    interval_text : str
        Seconds from frame to frame given by hand; goes before the times of the node.

    Raises
    ------
    InputError
        If the times given do not fit the frames, those of the node cannot be used, or its frames differ in something
        other than time, such as the flip angle.
    QuestionsError
        If the node has no times and none are given.
    """
    if reason := reason_no_dynamic(node):
        raise InputError(reason)
    count = n_frames(node)
    if times_text.strip():
        return _by_hand(number_list(times_text, "Frame times (s)"), count)
    interval_s = optional_number(interval_text, "Frame interval (s)")
    if interval_s is not None:
        return _checked(interval_s * np.arange(count), "a frame interval given by hand", ())
    if not has_labels(node) and not has_time_index(node):
        text = f"{node.GetName()} has no frame times; how many seconds is one frame after another?"
        raise QuestionsError([Question("frame_interval_s", text)])
    time_s, source = read_times(node)
    rule = node.GetAttribute(RULE_ATTRIBUTE)
    remarks = tuple(json.loads(node.GetAttribute(TIME_WARNINGS_ATTRIBUTE) or "[]"))
    return TimeAxis(time_s, rule, remarks) if rule else _checked(time_s, source, remarks)


def _by_hand(times: list[float], count: int) -> TimeAxis:
    if len(times) != count:
        raise InputError(f"Frame times (s) has {len(times)} times but the series {count} frames; give one a frame.")
    time_s = np.array(times)
    if (np.diff(time_s) <= 0).any():
        raise InputError("Frame times (s) do not increase from frame to frame; correct them.")
    return _checked(time_s - time_s[0], "times given by hand", ())


def _checked(time_s: np.ndarray, rule: str, remarks: tuple[str, ...]) -> TimeAxis:
    check_times(time_s)
    step_s = float(np.diff(time_s).min()) if time_s.size > 1 else np.inf
    if step_s < FAST_FRAME_S:
        remarks = (*remarks, f"Frames are only {step_s:.3g} s apart; check that the times are those of frames.")
    return TimeAxis(time_s, rule, remarks)


def describe(axis: TimeAxis) -> str:
    """One sentence: number of frames, how far apart, where the times are from."""
    steps = np.diff(axis.time_s)
    if not steps.size:
        return f"{axis.time_s.size} frame."
    low, high = f"{steps.min():.2f}", f"{steps.max():.2f}"
    apart = low if low == high else f"{low} to {high}"
    return f"{axis.time_s.size} frames, {apart} s apart, {axis.time_s[-1]:.0f} s in all. Times from {axis.rule}."

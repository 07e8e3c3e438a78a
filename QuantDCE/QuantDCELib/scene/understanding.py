"""What was understood of the chosen examination, in one line, and what only a person can say of it."""

from __future__ import annotations

import slicer
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError
from HER2ImmunoCommonLib.scene import examination_of

from ..dicom.time_axis import TimeAxis
from .choices import settings_of
from .fields import optional_number
from .frames import describe, time_axis_of
from .series_nodes import field_t_of, flip_deg_of, tr_s_of


def understood(parameters, axis: TimeAxis) -> str:
    """Frames and their times, voxels, TR, flip angle, field strength and day of the chosen series.

    Raises
    ------
    InputError
        For a TR or flip angle given by hand that is no number.
    """
    series = parameters.dynamic
    tr_ms = optional_number(parameters.trMs, "TR (ms)")
    flip_deg = optional_number(parameters.flipDeg, "Flip angle (degrees)")
    if tr_ms is None and (tr_s := tr_s_of(series)) is not None:
        tr_ms = 1000.0 * tr_s
    if flip_deg is None:
        flip_deg = flip_deg_of(series)
    field_t, date = field_t_of(series), examination_of(series).date
    said = [
        _voxels(series),
        f"TR {tr_ms:g} ms" if tr_ms is not None else "",
        f"flip angle {flip_deg:g}°" if flip_deg is not None else "",
        f"{field_t:g} T" if field_t is not None else "",
        f"examined on {date}" if date else "",
    ]
    sentence = ", ".join(text for text in said if text)
    return f"{describe(axis)} {sentence[0].upper()}{sentence[1:]}." if sentence else describe(axis)


def doubts(parameters) -> list[Question]:
    """What the images of the chosen series do not say and the chosen model needs, as questions.

    Raises
    ------
    InputError
        For a choice that cannot be used.
    """
    if parameters.dynamic is None:
        return []
    try:
        time_axis_of(parameters.dynamic, parameters.timesText, parameters.frameIntervalS)
    except QuestionsError as error:
        return list(error.questions)
    return missing_numbers(parameters, settings_of(parameters))


def missing_numbers(parameters, settings) -> list[Question]:
    """TR, flip angle and T1 where a model needs them and they are neither in the images nor given."""
    if not settings.is_kinetic:
        return []
    node, questions = parameters.dynamic, []
    if settings.tr_s is None and tr_s_of(node) is None:
        questions.append(Question("tr_ms", f"{node.GetName()} does not say its TR; what is it in ms?"))
    if settings.flip_deg is None and flip_deg_of(node) is None:
        questions.append(Question("flip_deg", f"{node.GetName()} does not say its flip angle; what is it in degrees?"))
    if parameters.t1Source == "fixed" and settings.t10_s is None:
        questions.append(Question("t10_s", "What is the T1 of the tissue before contrast agent, in s?"))
    return questions


def reason_of_t1(parameters) -> str:
    """Why T1 is not known although it is not asked for as a number; empty if it is."""
    if parameters.t1Source == "map" and parameters.t1Map is None:
        return "Choose the T1 map, or take T1 from another source."
    if parameters.t1Source == "vfa" and parameters.vfa is None:
        return "Choose the flip angle series, or load one from a DICOM folder."
    return ""


def is_understood(parameters) -> bool:
    """Whether nothing of the examination is open."""
    try:
        return parameters.dynamic is not None and not doubts(parameters) and not reason_of_t1(parameters)
    except InputError:
        return False


def _voxels(series: slicer.vtkMRMLSequenceNode) -> str:
    frame = series.GetNthDataNode(0)
    if frame is None or not frame.IsA("vtkMRMLVolumeNode") or frame.GetImageData() is None:
        return ""
    size = " x ".join(str(count) for count in frame.GetImageData().GetDimensions())
    spacing = " x ".join(f"{length:.3g}" for length in frame.GetSpacing())
    return f"{size} voxels of {spacing} mm"

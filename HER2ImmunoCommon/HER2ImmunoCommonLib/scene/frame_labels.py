"""What the DICOM importer's labels of the frames of a volume sequence or MultiVolume are: times, or something else."""

from __future__ import annotations

import math

import slicer

FRAME_LABELS = "MultiVolume.FrameLabels"
TIME_TAG = "MultiVolume.FrameIdentifyingDICOMTagName"
TIME_UNIT = "MultiVolume.FrameIdentifyingDICOMTagUnits"
STRATEGY = "MultiVolume.ParseStrategy"
BY_NUMBER = "InstanceNumber*RepetitionTime"
"""In the strategy, where the importer multiplied frame numbers by TR: no times of frames."""
TIME_UNITS = (
    dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), 0.001)
    | dict.fromkeys(("s", "sec", "second", "seconds"), 1.0)
    | dict.fromkeys(("min", "minute", "minutes"), 60.0)
)
UNIT_OF_TAG = dict.fromkeys(("TriggerTime", "AcquisitionTime", "SeriesTime", "ContentTime"), "ms") | {
    "DeltaStartTime": "sec"
}
"""The unit in which the importer writes each time."""
FLIP_ANGLES = "flip angles"
OTHERS = {
    "FlipAngle": FLIP_ANGLES,
    "EchoTime": "echo times",
    "RepetitionTime": "repetition times",
    "InversionTime": "inversion times",
    "CardiacCycle": "phases of the heart",
    "NominalPercentageOfCardiacPhase": "phases of the heart",
}
NUMBERS = ("TemporalPositionIdentifier", "InstanceNumber")
NUMBER_UNITS = ("", "count")


def labels_of(node: slicer.vtkMRMLNode) -> list[str]:
    """One text a frame."""
    text = node.GetAttribute(FRAME_LABELS)
    return [label.strip() for label in text.split(",")] if text else []


def label_unit(node: slicer.vtkMRMLNode) -> str:
    """Unit of the labels; where it is missing, that in which the importer writes their tag."""
    return (node.GetAttribute(TIME_UNIT) or "").strip() or UNIT_OF_TAG.get(_tag(node), "")


def has_labels(node: slicer.vtkMRMLNode) -> bool:
    """Whether the labels say more than which frame comes after which."""
    is_number = _tag(node) in NUMBERS or BY_NUMBER in (node.GetAttribute(STRATEGY) or "")
    return bool(labels_of(node)) and not is_number and label_unit(node) not in NUMBER_UNITS


def has_time_index(node: slicer.vtkMRMLNode) -> bool:
    """Whether the index values of a sequence are times."""
    return node.IsA("vtkMRMLSequenceNode") and node.GetIndexName() == "time" and is_time_unit(node.GetIndexUnit())


def is_time_unit(unit: str | None) -> bool:
    """Whether it is ms, s or min, or a word for one of them."""
    return (unit or "").strip().lower() in TIME_UNITS


def other_than_times(node: slicer.vtkMRMLNode) -> str:
    """In what the frames differ, by their labels, if it is not time: "flip angles", "b-values"; else empty."""
    if not labels_of(node):
        return ""
    tag, unit = _tag(node), label_unit(node).lower()
    if tag.lower().endswith("b-value"):
        return "b-values"
    return OTHERS.get(tag) or (FLIP_ANGLES if unit in ("degrees", "degree", "deg") else "")


def finite_number(text: str | None) -> float | None:
    """The number in a text; None if it is none."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _tag(node: slicer.vtkMRMLNode) -> str:
    return (node.GetAttribute(TIME_TAG) or "").strip()

"""Volume sequences as 4D arrays with their time axis, and back."""

from __future__ import annotations

import numpy as np
import slicer

from ..errors import InputError
from ..geometry import TimeSeries, Volume, same_grid
from .frame_labels import (
    FRAME_LABELS,
    TIME_TAG,
    TIME_UNIT,
    TIME_UNITS,
    finite_number,
    has_labels,
    has_time_index,
    is_time_unit,
    label_unit,
    labels_of,
    other_than_times,
)
from .nodes import node_from_volume, volume_from_node
from .placement import to_world


def n_frames(node: slicer.vtkMRMLNode) -> int:
    """Frames of a volume sequence or of a MultiVolume."""
    if node.IsA("vtkMRMLSequenceNode"):
        return node.GetNumberOfDataNodes()
    return node.GetImageData().GetNumberOfScalarComponents() if node.GetImageData() is not None else 0


def read_times(node: slicer.vtkMRMLNode) -> tuple[np.ndarray, str]:
    """Frame times of a volume sequence or MultiVolume in s from the first frame, and where they are from.

    Index values of DICOM volume sequences are frame numbers, so the frame labels come first.

    Raises
    ------
    InputError
        If there is no time axis, its unit is no unit of time, or it does not increase.
    """
    name, count = node.GetName(), n_frames(node)
    if not count:
        raise InputError(f"{name} has no frames; choose the dynamic series.")
    other = other_than_times(node)
    if other:
        raise InputError(f"{name} is a series at several {other}, not a dynamic series; choose the dynamic series.")
    if has_labels(node):
        texts, unit = labels_of(node), label_unit(node)
        source = f"DICOM {node.GetAttribute(TIME_TAG) or 'frame labels'} ({unit})"
    elif has_time_index(node):
        texts, unit = [node.GetNthIndexValue(n) for n in range(count)], node.GetIndexUnit().strip()
        source = f"sequence index ({unit})"
    else:
        raise InputError(f"{name} has no frame times; enter them or load the series from DICOM again.")
    if not is_time_unit(unit):
        raise InputError(
            f"The frame labels of {name} are in {unit!r}, which is no unit of time; choose the dynamic series, "
            "or enter the times of its frames."
        )
    if len(texts) != count:
        raise InputError(f"{name} has {count} frames but {len(texts)} frame times; load the series from DICOM again.")
    times = _as_numbers(texts, f"The frame times of {name}")
    time_s = (times - times[0]) * TIME_UNITS[unit.lower()]
    if np.any(np.diff(time_s) <= 0):
        raise InputError(f"The frame times of {name} do not increase ({source}); correct them.")
    return time_s, source


def labelled_values(node: slicer.vtkMRMLNode) -> np.ndarray:
    """The frame labels as numbers.

    Raises
    ------
    InputError
        If one is no number, or there is not one a frame.
    """
    texts, count = labels_of(node), n_frames(node)
    if len(texts) != count:
        raise InputError(
            f"{node.GetName()} has {count} frames but {len(texts)} frame labels; load it from DICOM again."
        )
    return _as_numbers(texts, f"The frame labels of {node.GetName()}")


def _as_numbers(texts: list[str], what: str) -> np.ndarray:
    values = [finite_number(text) for text in texts]
    if None in values:
        wrong = texts[values.index(None)]
        raise InputError(f"{what} have {wrong!r} among them, which is not a number; load the series from DICOM again.")
    return np.array(values)


def number_attribute(node: slicer.vtkMRMLNode, tag: str) -> float | None:
    """A number the DICOM importer left on the node (`MultiVolume.DICOM.<tag>`), if it did."""
    text = node.GetAttribute(f"MultiVolume.DICOM.{tag}")
    try:
        return float(text) if text else None
    except ValueError:
        return None


def series_from_node(node: slicer.vtkMRMLSequenceNode, time_s: np.ndarray | None = None) -> TimeSeries:
    """A volume sequence as one array, time last, where the volume that shows it lies in the world.

    Parameters
    ----------
    node : vtkMRMLSequenceNode
        Of scalar volumes on one grid.
    time_s : ndarray, optional
        Times that take the place of the node's own.

    Raises
    ------
    InputError
        If frames are not volumes on one grid, the times do not fit, or it lies under a transform that is not linear.
    """
    count = node.GetNumberOfDataNodes()
    if count == 0 or not node.GetNthDataNode(0).IsA("vtkMRMLScalarVolumeNode"):
        raise InputError(f"{node.GetName()} is not a sequence of volumes; choose the dynamic series.")
    if time_s is None:
        time_s, _ = read_times(node)
    if len(time_s) != count:
        raise InputError(f"{node.GetName()} has {count} frames but {len(time_s)} times were given.")
    first = volume_from_node(node.GetNthDataNode(0))
    array = np.empty((*first.array.shape, count), np.float32)
    for n in range(count):
        frame = volume_from_node(node.GetNthDataNode(n))
        if not same_grid(frame, first):
            raise InputError(f"Frame {n + 1} of {node.GetName()} is on another grid than frame 1.")
        array[..., n] = frame.array
    return TimeSeries(array, to_world(node) @ first.ijk_to_ras, np.asarray(time_s, float))


def node_from_series(
    scene: slicer.vtkMRMLScene, series: TimeSeries, name: str, *, tags: dict[str, float] | None = None
) -> slicer.vtkMRMLSequenceNode:
    """A new volume sequence with times as Slicer's DICOM importer leaves them (ms, and in `FrameLabels`).

    Parameters
    ----------
    scene : vtkMRMLScene
    series : TimeSeries
    name : str
    tags : dict of str to float, optional
        DICOM keyword to value, for example RepetitionTime in ms.
    """
    node = scene.AddNewNodeByClass("vtkMRMLSequenceNode", scene.GenerateUniqueName(name))
    node.SetIndexName("frame")
    node.SetIndexUnit("")
    node.SetIndexType(slicer.vtkMRMLSequenceNode.NumericIndex)
    scratch = node_from_volume(scene, Volume(np.zeros((1, 1, 1), np.float32), series.ijk_to_ras), f"{name} frame")
    matrix = slicer.util.vtkMatrixFromArray(series.ijk_to_ras)
    try:
        for n in range(series.array.shape[-1]):
            slicer.util.updateVolumeFromArray(scratch, np.ascontiguousarray(series.array[..., n]))
            scratch.SetIJKToRASMatrix(matrix)
            node.SetDataNodeAtValue(scratch, str(n))
    finally:
        scene.RemoveNode(scratch)
    node.SetAttribute(FRAME_LABELS, ",".join(repr(1000.0 * float(time)) for time in series.time_s))
    node.SetAttribute(TIME_TAG, "AcquisitionTime")
    node.SetAttribute(TIME_UNIT, "ms")
    for tag, value in (tags or {}).items():
        node.SetAttribute(f"MultiVolume.DICOM.{tag}", repr(value))
    return node

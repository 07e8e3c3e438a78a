"""What the frames of a sequence or MultiVolume are: those of a dynamic, or images at several flip angles."""

from __future__ import annotations

import slicer
from HER2ImmunoCommonLib.scene import (
    FLIP_ANGLES,
    has_labels,
    has_time_index,
    is_time_unit,
    label_unit,
    labels_of,
    n_frames,
    other_than_times,
)

from .image_headers import flip_angles_of

SCALAR_VOLUMES = ("vtkMRMLScalarVolumeNode",)


def fits_dynamic(node: slicer.vtkMRMLNode | None) -> bool:
    """Whether a sequence can be a dynamic series: scalar volumes whose labels, if any, are times.

    Without labels it can be one, too: the times are then asked for.
    """
    return _is_series(node) and not differs_in(node) and (not has_labels(node) or is_time_unit(label_unit(node)))


def fits_flip_angles(node: slicer.vtkMRMLNode | None) -> bool:
    """Whether a sequence can be a flip angle series: scalar volumes labelled with flip angles."""
    return _is_series(node) and other_than_times(node) == FLIP_ANGLES and len(labels_of(node)) == n_frames(node)


def has_times(node: slicer.vtkMRMLNode) -> bool:
    """Whether the node itself says when its frames were acquired."""
    return has_time_index(node) if not has_labels(node) else is_time_unit(label_unit(node)) and not differs_in(node)


def differs_in(node: slicer.vtkMRMLNode) -> str:
    """In what the frames differ if not in time, by their labels or the headers in the DICOM database; else empty."""
    return other_than_times(node) or (FLIP_ANGLES if len(flip_angles_of(node)) > 1 else "")


def reason_no_dynamic(node: slicer.vtkMRMLNode) -> str:
    """Why a series is no dynamic whatever times are given for it, as a sentence; empty if it can be one."""
    other = differs_in(node)
    if not other:
        return ""
    return f"{node.GetName()} is a series at several {other}, not a dynamic series; choose the dynamic series."


def _is_series(node: slicer.vtkMRMLNode | None) -> bool:
    if node is None or not node.IsA("vtkMRMLSequenceNode") or node.GetNumberOfDataNodes() < 2:
        return False
    return node.GetNthDataNode(0).GetClassName() in SCALAR_VOLUMES

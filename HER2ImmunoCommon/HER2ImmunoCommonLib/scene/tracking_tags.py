"""The tracking UID of a tumour as a tag of its segment, which is saved with the segmentation."""

from __future__ import annotations

import slicer
import vtk

from ..tracking import is_tracking_uid

TAG = "DICOM.TrackingUID"
OTHER_TAGS = ("TrackingUniqueIdentifier", "TrackingUID")
"""Under which other programs keep it."""


def tracking_uid_of(segmentation: slicer.vtkMRMLSegmentationNode | None, segment_id: str) -> str:
    """The UID of a segment; empty where it has none, or what it has is no UID."""
    segment = None if segmentation is None else segmentation.GetSegmentation().GetSegment(segment_id)
    if segment is None:
        return ""
    return next((found for tag in (TAG, *OTHER_TAGS) if is_tracking_uid(found := _tag(segment, tag))), "")


def set_tracking_uid(segmentation: slicer.vtkMRMLSegmentationNode, segment_id: str, uid: str) -> None:
    """Give a segment a UID."""
    segmentation.GetSegmentation().GetSegment(segment_id).SetTag(TAG, uid)


def _tag(segment: slicer.vtkSegment, name: str) -> str:
    value = vtk.reference("")
    return str(value) if segment.GetTag(name, value) else ""

"""A segment, named by its ID, as a mask on a volume's grid."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from ..errors import InputError
from ..geometry import Volume
from ..masks import placing_warnings
from .nodes import node_from_volume, volume_from_node
from .placement import to_world, transform_of

Image = slicer.vtkMRMLScalarVolumeNode | slicer.vtkMRMLSequenceNode
MOST_FINGERPRINTS = 64
_fingerprints: dict[tuple[int, int], str] = {}
"""By time of modification, which no two label maps share, and label: a panel asks after each change of a choice."""


def segment_mask(segmentation: slicer.vtkMRMLSegmentationNode, segment_id: str, image: Image) -> np.ndarray:
    """A segment on the grid of `image`, whatever its own grid, orientation and transform.

    Parameters
    ----------
    segmentation : vtkMRMLSegmentationNode
    segment_id : str
        ID, not name: names may repeat.
    image : vtkMRMLScalarVolumeNode or vtkMRMLSequenceNode
        A sequence lies where the volume that shows it does.

    Returns
    -------
    ndarray of bool, shape (k, j, i)

    Raises
    ------
    InputError
        If the segment does not exist, is empty, or does not overlap the image; if the image is no volume; or if
        either lies under a transform that is not linear.
    """
    segment = segmentation.GetSegmentation().GetSegment(segment_id)
    if segment is None:
        raise InputError(f"{segmentation.GetName()} has no segment {segment_id!r}; choose a segment.")
    where = f"Segment {segment.GetName()!r} of {segmentation.GetName()}"
    to_world(segmentation)  # refuses what cannot be honoured
    if _is_empty(segmentation, segment_id):
        raise InputError(f"{where} is empty; draw the region first.")
    with _grid_of(image) as grid, _no_display_left(segmentation.GetScene()):
        mask = slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, segment_id, grid)
    if mask is None or not np.any(mask):
        raise InputError(f"{where} does not overlap {image.GetName()}; choose the segment drawn on this examination.")
    return mask.astype(bool)


def segment_name(segmentation: slicer.vtkMRMLSegmentationNode | None, segment_id: str) -> str:
    """Name of a chosen segment; empty where there is none."""
    segment = segmentation.GetSegmentation().GetSegment(segment_id) if segmentation is not None and segment_id else None
    return "" if segment is None else segment.GetName()


def segment_fingerprint(segmentation: slicer.vtkMRMLSegmentationNode | None, segment_id: str) -> str:
    """Tells whether a segment was drawn anew or moved since, also after the scene was saved; empty for none."""
    segment = None if segmentation is None else segmentation.GetSegmentation().GetSegment(segment_id)
    if segment is None:
        return ""
    labelmap = segmentation.GetBinaryLabelmapInternalRepresentation(segment_id)
    if labelmap is None or labelmap.GetPointData().GetScalars() is None:
        bounds = np.zeros(6)
        segment.GetBounds(bounds)
        return repr(np.round(bounds, 3).tolist())
    drawn = labelmap.GetMTime(), segment.GetLabelValue()
    if drawn not in _fingerprints:
        if len(_fingerprints) >= MOST_FINGERPRINTS:
            _fingerprints.clear()
        _fingerprints[drawn] = _fingerprint(labelmap, segment.GetLabelValue())
    return _fingerprints[drawn]


def _fingerprint(labelmap: slicer.vtkOrientedImageData, label: int) -> str:
    inside = np.flatnonzero(vtk_to_numpy(labelmap.GetPointData().GetScalars()) == label)
    i, j, k = _places(inside, labelmap)
    return f"{inside.size}:{zlib.crc32(np.stack([i, j, k]).tobytes())}"


def _places(inside: np.ndarray, labelmap: slicer.vtkOrientedImageData) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Indices (i, j, k) of voxels, which do not depend on how much of the grid the label map covers."""
    ni, nj, _nk = labelmap.GetDimensions()
    extent = labelmap.GetExtent()
    return (
        (inside % ni + extent[0]).astype(np.int32),
        (inside // ni % nj + extent[2]).astype(np.int32),
        (inside // (ni * nj) + extent[4]).astype(np.int32),
    )


def segment_warnings(
    segmentation: slicer.vtkMRMLSegmentationNode,
    segment_id: str,
    image: Image,
    mask: np.ndarray,
    what: str,
) -> tuple[str, ...]:
    """What the grid of `image` did to a segment: the share outside it, or a volume that is not the drawn one's.

    Parameters
    ----------
    segmentation, segment_id, image
        As `segment_mask`.
    mask : ndarray of bool, shape (k, j, i)
        What `segment_mask` gave.
    what : str
        What the segment holds, for messages.
    """
    if segmentation.GetParentTransformNode() is not None or transform_of(image) is not None:
        return ()
    with _no_display_left(segmentation.GetScene()):
        segmentation.CreateBinaryLabelmapRepresentation()
    labelmap = slicer.vtkOrientedImageData()
    segmentation.GetBinaryLabelmapRepresentation(segment_id, labelmap)
    voxels = vtk_to_numpy(labelmap.GetPointData().GetScalars()).reshape(labelmap.GetDimensions()[::-1])
    place = vtk.vtkMatrix4x4()
    labelmap.GetImageToWorldMatrix(place)
    extent = labelmap.GetExtent()
    # Voxel (0, 0, 0) of the array is the first of the extent, which need not start at 0.
    first = np.eye(4)
    first[:3, 3] = extent[0], extent[2], extent[4]
    drawn = Volume(voxels, slicer.util.arrayFromVTKMatrix(place) @ first)
    with _grid_of(image) as grid:
        return placing_warnings(drawn, mask, volume_from_node(grid), what)


@contextmanager
def _grid_of(image: Image) -> Iterator[slicer.vtkMRMLScalarVolumeNode]:
    """A volume on the grid of an image, under its transform."""
    to_world(image)  # refuses what cannot be honoured
    if not image.IsA("vtkMRMLSequenceNode"):
        yield image
        return
    frame = image.GetNthDataNode(0) if image.GetNumberOfDataNodes() else None
    if frame is None or not frame.IsA("vtkMRMLScalarVolumeNode"):
        raise InputError(f"{image.GetName()} is not a sequence of volumes; choose the dynamic series.")
    transform = transform_of(image)
    if transform is None:
        yield frame
        return
    grid = node_from_volume(image.GetScene(), volume_from_node(frame), f"{image.GetName()} grid")
    grid.SetAndObserveTransformNodeID(transform.GetID())
    try:
        yield grid
    finally:
        image.GetScene().RemoveNode(grid)


@contextmanager
def _no_display_left(scene: slicer.vtkMRMLScene) -> Iterator[None]:
    """`slicer.util` goes through a label map that it removes without its display node."""
    before = _label_displays(scene)
    yield
    for identifier in _label_displays(scene) - before:
        scene.RemoveNode(scene.GetNodeByID(identifier))


def _label_displays(scene: slicer.vtkMRMLScene) -> set[str]:
    kind = "vtkMRMLLabelMapVolumeDisplayNode"
    return {scene.GetNthNodeByClass(n, kind).GetID() for n in range(scene.GetNumberOfNodesByClass(kind))}


def _is_empty(segmentation: slicer.vtkMRMLSegmentationNode, segment_id: str) -> bool:
    bounds = np.zeros(6)
    segmentation.GetSegmentation().GetSegment(segment_id).GetBounds(bounds)
    if bounds[0] > bounds[1]:
        return True
    # Segments may share a label map, whose bounds each of them then has.
    labelmap = segmentation.GetBinaryLabelmapInternalRepresentation(segment_id)
    if labelmap is None or labelmap.GetPointData().GetScalars() is None:
        return False
    labels = vtk_to_numpy(labelmap.GetPointData().GetScalars())
    return not np.any(labels == segmentation.GetSegmentation().GetSegment(segment_id).GetLabelValue())


def add_segment(
    segmentation: slicer.vtkMRMLSegmentationNode, mask: np.ndarray, name: str, volume: slicer.vtkMRMLScalarVolumeNode
) -> str:
    """Add a mask on the grid of `volume` as a segment; gives its ID."""
    segment_id = segmentation.GetSegmentation().AddEmptySegment(
        segmentation.GetSegmentation().GenerateUniqueSegmentID(name), name
    )
    redraw_segment(segmentation, segment_id, mask, volume)
    return segment_id


def redraw_segment(
    segmentation: slicer.vtkMRMLSegmentationNode,
    segment_id: str,
    mask: np.ndarray,
    volume: slicer.vtkMRMLScalarVolumeNode,
) -> None:
    """Make a mask on the grid of `volume` what is drawn of a segment that exists, which keeps its ID."""
    with _no_display_left(segmentation.GetScene()):
        slicer.util.updateSegmentBinaryLabelmapFromArray(mask.astype(np.uint8), segmentation, segment_id, volume)

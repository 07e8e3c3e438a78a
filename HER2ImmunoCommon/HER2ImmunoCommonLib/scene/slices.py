"""Where the slice views look: fitted to a volume, through the middle of a region."""

from __future__ import annotations

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from .nodes import volume_from_node


def slice_nodes(scene: slicer.vtkMRMLScene) -> list[slicer.vtkMRMLSliceNode]:
    """The plane of each slice view."""
    kind = "vtkMRMLSliceNode"
    return [scene.GetNthNodeByClass(n, kind) for n in range(scene.GetNumberOfNodesByClass(kind))]


def fit_slice(view: slicer.vtkMRMLSliceNode, volume: slicer.vtkMRMLVolumeNode) -> None:
    """Let a slice view show the whole of a volume, through its middle, without turning the plane."""
    if volume.GetImageData() is None:
        return
    bounds, world = np.zeros(6), np.zeros(6)
    to_slice = vtk.vtkMatrix4x4()
    vtk.vtkMatrix4x4.Invert(view.GetSliceToRAS(), to_slice)
    volume.GetSliceBounds(bounds, to_slice)
    volume.GetRASBounds(world)
    columns, rows = (max(1, size) for size in view.GetDimensions()[:2])
    mm_per_pixel = max((bounds[1] - bounds[0]) / columns, (bounds[3] - bounds[2]) / rows)
    view.SetFieldOfView(mm_per_pixel * columns, mm_per_pixel * rows, view.GetFieldOfView()[2])
    view.JumpSliceByCentering(*(world.reshape(3, 2).mean(axis=1)).tolist())


def centre_slices(scene: slicer.vtkMRMLScene, point: np.ndarray) -> None:
    """Move the slice views through a point (RAS in mm, world); one that does not show it is also moved sideways."""
    for view in slice_nodes(scene):
        view.JumpSlice(*map(float, point))
        if not _shows(view, point):
            view.JumpSliceByCentering(*map(float, point))


def segment_centre(segmentation: slicer.vtkMRMLSegmentationNode, segment_id: str) -> np.ndarray | None:
    """Centroid of a segment, RAS in mm, its parent transform applied; None for an empty one or none."""
    if segmentation.GetSegmentation().GetSegment(segment_id) is None:
        return None
    if not segmentation.CreateBinaryLabelmapRepresentation():
        return None
    labelmap = slicer.vtkOrientedImageData()
    segmentation.GetBinaryLabelmapRepresentation(segment_id, labelmap)
    scalars = labelmap.GetPointData().GetScalars()
    if scalars is None or not labelmap.GetNumberOfPoints():
        return None
    k, j, i = np.nonzero(vtk_to_numpy(scalars).reshape(labelmap.GetDimensions()[::-1]))
    if not k.size:
        return None
    extent, place = labelmap.GetExtent(), vtk.vtkMatrix4x4()
    labelmap.GetImageToWorldMatrix(place)
    index = i.mean() + extent[0], j.mean() + extent[2], k.mean() + extent[4]
    return _to_world(segmentation, slicer.util.arrayFromVTKMatrix(place) @ (*index, 1.0))


def map_centre(node: slicer.vtkMRMLScalarVolumeNode) -> np.ndarray | None:
    """Centroid of the labels, or of the voxels with a value if there are any without, RAS in mm."""
    volume = volume_from_node(node)
    has_value = volume.array != 0 if node.IsA("vtkMRMLLabelMapVolumeNode") else np.isfinite(volume.array)
    if not has_value.any() or has_value.all():
        return None
    k, j, i = np.nonzero(has_value)
    return (volume.ijk_to_ras @ (i.mean(), j.mean(), k.mean(), 1.0))[:3]


def _to_world(node: slicer.vtkMRMLTransformableNode, point: np.ndarray) -> np.ndarray:
    to_world = vtk.vtkGeneralTransform()
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(node.GetParentTransformNode(), None, to_world)
    return np.array(to_world.TransformPoint(*point[:3].tolist()))


def _shows(view: slicer.vtkMRMLSliceNode, point: np.ndarray) -> bool:
    """Whether a point of the plane lies within what the view shows of it."""
    to_pixel = vtk.vtkMatrix4x4()
    vtk.vtkMatrix4x4.Invert(view.GetXYToRAS(), to_pixel)
    x, y = to_pixel.MultiplyPoint((*map(float, point), 1.0))[:2]
    columns, rows = view.GetDimensions()[:2]
    return 0 <= x < columns and 0 <= y < rows

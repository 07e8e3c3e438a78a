"""Volume and longest diameter of a segment while it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer
import vtk
from HER2ImmunoCommonLib.geometry import PLACE_TOLERANCE, Volume
from HER2ImmunoCommonLib.scene import segment_mask, to_world, volume_from_node
from vtk.util.numpy_support import vtk_to_numpy

from ..tumour import LongestDiameter, box_of, longest_diameter, longest_in_plane

WHOLE_MM = 10.0
"""From this length on tenths say nothing."""


@dataclass(frozen=True)
class TumourSize:
    """How large a segment is, on the grid of the dynamic series.

    Attributes
    ----------
    volume_cm3 : float
    diameter : LongestDiameter
        In space.
    in_plane : LongestDiameter
        Within a slice of the series as acquired.
    """

    volume_cm3: float
    diameter: LongestDiameter
    in_plane: LongestDiameter


NOTHING = TumourSize(0.0, LongestDiameter(0.0), LongestDiameter(0.0))


def tumour_size(
    segmentation: slicer.vtkMRMLSegmentationNode | None, segment_id: str, sequence: slicer.vtkMRMLSequenceNode
) -> TumourSize:
    """Volume and longest diameters of a segment.

    A segment drawn on the grid of the series is measured as it is stored, cut to its extent, which is fast enough to
    follow a brush; another is put on that grid first, as the analysis does.

    Parameters
    ----------
    segmentation : vtkMRMLSegmentationNode or None
    segment_id : str
    sequence : vtkMRMLSequenceNode

    Returns
    -------
    TumourSize
        Of 0 for no segment or an empty one.

    Raises
    ------
    InputError
        If it does not overlap the series, or a transform is not linear.
    """
    segment = None if segmentation is None else segmentation.GetSegmentation().GetSegment(segment_id)
    if segment is None:
        return NOTHING
    frame = volume_from_node(sequence.GetNthDataNode(0))
    grid = Volume(frame.array, to_world(sequence) @ frame.ijk_to_ras)
    drawn = drawn_mask(segmentation, segment_id)
    if drawn is None:
        return NOTHING
    mask = Volume(drawn.array, to_world(segmentation) @ drawn.ijk_to_ras)
    if not _on_grid(mask, grid):
        mask = grid.like(segment_mask(segmentation, segment_id, sequence))
    return TumourSize(
        float(np.count_nonzero(mask.array)) * mask.voxel_volume_cm3,
        longest_diameter(mask.array, mask.ijk_to_ras),
        longest_in_plane(mask.array, mask.ijk_to_ras),
    )


def drawn_mask(segmentation: slicer.vtkMRMLSegmentationNode, segment_id: str) -> Volume | None:
    """What is drawn of a segment, cut to where it is, in the coordinates of its segmentation; None if that is nothing.

    Parameters
    ----------
    segmentation : vtkMRMLSegmentationNode
    segment_id : str
        Of a segment that exists.
    """
    labelmap = segmentation.GetBinaryLabelmapInternalRepresentation(segment_id)
    label = segmentation.GetSegmentation().GetSegment(segment_id).GetLabelValue()
    if labelmap is None:
        labelmap, label = slicer.vtkOrientedImageData(), 1
        if not segmentation.CreateBinaryLabelmapRepresentation():
            return None
        segmentation.GetBinaryLabelmapRepresentation(segment_id, labelmap)
    scalars = labelmap.GetPointData().GetScalars()
    if scalars is None or not scalars.GetNumberOfTuples():
        return None
    inside = vtk_to_numpy(scalars).reshape(labelmap.GetDimensions()[::-1]) == label
    if not inside.any():
        return None
    box = box_of(inside)
    place = vtk.vtkMatrix4x4()
    labelmap.GetImageToWorldMatrix(place)
    first = np.eye(4)
    # The array begins at the extent, and is cut further.
    first[:3, 3] = np.array(labelmap.GetExtent()[::2]) + [axis.start for axis in reversed(box)]
    return Volume(inside[box], slicer.util.arrayFromVTKMatrix(place) @ first)


def _on_grid(mask: Volume, grid: Volume) -> bool:
    """Whether the voxels of a mask are voxels of a grid, inside it."""
    steps = np.linalg.inv(grid.ijk_to_ras) @ mask.ijk_to_ras
    far = np.array(mask.array.shape[::-1]) - 1
    corners = np.stack([steps[:3, 3], steps[:3, :3] @ far + steps[:3, 3]])
    return bool(
        np.abs(steps[:3, :3] - np.eye(3)).max() * max(1, far.max()) <= PLACE_TOLERANCE
        and np.abs(corners - np.round(corners)).max() <= PLACE_TOLERANCE
        and (np.round(corners) >= 0).all()
        and (np.round(corners) < np.array(grid.array.shape[2::-1])).all()
    )


def size_words(segmentation, segment_id: str, sequence: slicer.vtkMRMLSequenceNode | None) -> str:
    """Volume and longest diameters of a segment in words; empty where there is nothing to measure.

    Raises
    ------
    InputError
        As `tumour_size`.
    """
    size = NOTHING if sequence is None else tumour_size(segmentation, segment_id, sequence)
    if not size.volume_cm3:
        return ""
    volume = f"{size.volume_cm3:.3g} cm³"
    if not size.diameter.mm:
        return volume
    return f"{volume}, longest diameter {_mm(size.diameter)}, in one slice {_mm(size.in_plane)}"


def _mm(length: LongestDiameter) -> str:
    """Whole mm, and tenths of what is as small as in a mouse."""
    return f"{length.mm:.0f} mm" if length.mm >= WHOLE_MM else f"{length.mm:.1f} mm"

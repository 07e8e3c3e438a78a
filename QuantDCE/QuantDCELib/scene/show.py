"""Show what was asked for: a map over the images, a chart, the artery found, or the series that was chosen."""

from __future__ import annotations

from collections.abc import Sequence

import slicer
from HER2ImmunoCommonLib.scene import (
    centre_slices,
    origin_of,
    outline_only,
    segment_centre,
    show_chart,
    show_images,
    show_map,
    show_side_by_side,
)

from ..kinetics.stages import WEIGHT
from .maps import MAP_ATTRIBUTE
from .results import artery_of, charts_of, maps_of
from .series_nodes import shown_volume
from .time_frames import late_frame, show_frame

FIRST_MAPS = 4
OF_THE_FIT = ("rmse", "r_squared", "aicc", "status", WEIGHT)


def shown_results(series: slicer.vtkMRMLSequenceNode | None) -> list[slicer.vtkMRMLNode]:
    """Maps, charts and the artery found in the last analysis of a series, in the order to offer them."""
    artery = artery_of(series)
    return [*maps_of(series), *charts_of(series), *([artery] if artery is not None else [])]


def result_name(node: slicer.vtkMRMLNode) -> str:
    """By what a result is known from one run, and one visit, to the next."""
    if node.IsA("vtkMRMLPlotChartNode"):
        return node.GetTitle()
    return node.GetAttribute(MAP_ATTRIBUTE) or "artery"


def result_named(series: slicer.vtkMRMLSequenceNode | None, name: str) -> slicer.vtkMRMLNode | None:
    """The result of a series with this name; None without one."""
    return next((node for node in shown_results(series) if result_name(node) == name), None)


def first_maps(series: slicer.vtkMRMLSequenceNode | None) -> list[slicer.vtkMRMLScalarVolumeNode]:
    """What to show side by side where none of the ticked maps is there: the first four that tell of the tissue."""
    return [node for node in maps_of(series) if result_name(node) not in OF_THE_FIT][:FIRST_MAPS]


def show_maps_side_by_side(
    nodes: Sequence[slicer.vtkMRMLScalarVolumeNode],
    dynamic: slicer.vtkMRMLSequenceNode | None,
    segmentation: slicer.vtkMRMLSegmentationNode | None = None,
    segment_id: str = "",
) -> None:
    """Show maps of one run in linked slice views of their own, over their images, the tumour outlined.

    Parameters
    ----------
    nodes : sequence of vtkMRMLScalarVolumeNode
        The first six are shown.
    dynamic, segmentation, segment_id
        The images and the region, unless the maps know those they were made from.
    """
    if not nodes:
        return
    own, region, own_id = origin_of(nodes[0])
    if region is None:
        region, own_id = segmentation, segment_id
    images = shown_volume(own if own is not None else dynamic)
    show_side_by_side(nodes[0].GetScene(), nodes, images, region, own_id)


def show_result(
    node: slicer.vtkMRMLNode,
    dynamic: slicer.vtkMRMLSequenceNode | None,
    segmentation: slicer.vtkMRMLSegmentationNode | None = None,
    segment_id: str = "",
) -> None:
    """Put a map alone over its images in the slice views, or a chart into the layout; a segment lies on the images.

    Parameters
    ----------
    node : vtkMRMLNode
        One of `shown_results`.
    dynamic : vtkMRMLSequenceNode or None
        The images, unless the map knows those it was made from.
    segmentation, segment_id
        The region, unless the map knows that it was made from.
    """
    if node.IsA("vtkMRMLPlotChartNode"):
        show_chart(node.GetScene(), node)
        return
    own, region, own_id = origin_of(node)
    images = shown_volume(own if own is not None else dynamic)
    if region is None:
        region, own_id = segmentation, segment_id
    if not node.IsA("vtkMRMLSegmentationNode"):
        show_map(node.GetScene(), node, images, region, own_id)
        return
    if images is not None:
        show_images(node.GetScene(), images)
    outline_only(node.GetScene(), node)
    centre = segment_centre(node, node.GetSegmentation().GetNthSegmentID(0))
    if centre is not None:
        centre_slices(node.GetScene(), centre)


def show_series(
    sequence: slicer.vtkMRMLSequenceNode, segmentation: slicer.vtkMRMLSegmentationNode | None = None
) -> None:
    """Show a dynamic series that was chosen or loaded at its late frame, where a tumour can be told from tissue.

    Nothing is shown of a sequence without a browser.
    """
    images = shown_volume(sequence)
    if images is None:
        return
    late = late_frame(sequence)
    show_frame(sequence, late)
    brightness = slicer.util.arrayFromVolume(sequence.GetNthDataNode(late))
    show_images(sequence.GetScene(), images, segmentation, brightness=brightness)

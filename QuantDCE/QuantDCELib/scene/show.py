"""Show a result that was asked for: a map over the images, a chart, or the artery found."""

from __future__ import annotations

import slicer

from .publishing import artery_of, charts_of, maps_of
from .series_nodes import shown_volume

OPACITY = 0.7


def shown_results(series: slicer.vtkMRMLSequenceNode | None) -> list[slicer.vtkMRMLNode]:
    """Maps, charts and the artery found in the last analysis of a series, in the order to offer them."""
    artery = artery_of(series)
    return [*maps_of(series), *charts_of(series), *([artery] if artery is not None else [])]


def show_result(node: slicer.vtkMRMLNode, dynamic: slicer.vtkMRMLSequenceNode | None) -> None:
    """Put a map over the images in the slice views, or a chart into the layout; a segment is outlined on the images."""
    if node.IsA("vtkMRMLPlotChartNode"):
        slicer.modules.plots.logic().ShowChartInLayout(node)
        return
    images = shown_volume(dynamic)
    layers = {"background": images} if images is not None else {}
    if node.IsA("vtkMRMLSegmentationNode"):
        node.GetDisplayNode().SetVisibility(True)
    elif node.IsA("vtkMRMLLabelMapVolumeNode"):
        layers |= {"label": node, "labelOpacity": OPACITY}
    else:
        layers |= {"foreground": node, "foregroundOpacity": OPACITY}
    slicer.util.setSliceViewerLayers(**layers)

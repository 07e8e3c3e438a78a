"""Putting images, maps and charts into the views, when a person asked for it: one layer over the images at a time."""

from __future__ import annotations

import numpy as np
import slicer

from .colours import LABEL_OPACITY, draw_values_only
from .legends import has_legend, hide_legends, legend_views, show_legend
from .outlines import outline_only, show_segments
from .side_by_side import end_side_by_side
from .slices import centre_slices, fit_slice, map_centre, segment_centre, slice_nodes
from .stand_ins import end_comparison

IMAGES, SEGMENTATION, SEGMENT = "HER2Immuno.Images", "HER2Immuno.Segmentation", "HER2Immuno.Segment"
"""Reference roles and attribute by which a map knows the images and the region it was made from."""
WINDOW = "HER2Immuno.Window"
"""Marks a display whose window was made from the values."""
PERCENTILES = 1.0, 98.5
SAMPLE = 200_000
"""So many voxels tell the brightness of images well enough."""


def slice_views(scene: slicer.vtkMRMLScene) -> list[slicer.vtkMRMLSliceCompositeNode]:
    """What each slice view shows."""
    return _nodes(scene, "vtkMRMLSliceCompositeNode")


def show_map(
    scene: slicer.vtkMRMLScene,
    node: slicer.vtkMRMLScalarVolumeNode,
    background: slicer.vtkMRMLScalarVolumeNode | None = None,
    segmentation: slicer.vtkMRMLSegmentationNode | None = None,
    segment_id: str = "",
    *,
    opacity: float = 1.0,
    title: str = "",
) -> None:
    """Show a map as the only layer over the images in every slice view, with its legend, through its region.

    Maps side by side and visits that are compared give way to it, as they do to images and charts.

    Parameters
    ----------
    scene : vtkMRMLScene
    node : vtkMRMLScalarVolumeNode
        A label map is shown as labels, any other in the foreground; other foregrounds and labels are taken away.
    background : vtkMRMLScalarVolumeNode, optional
        The images below; a view that showed others is fitted to them. The present ones stay without.
    segmentation : vtkMRMLSegmentationNode, optional
        Its segments are drawn as outlines; others are hidden in the slice views.
    segment_id : str
        The region to centre the slices on; the voxels with a value without.
    opacity : float
        Of the foreground; voxels without a value are transparent at any.
    title : str
        Of the legend; what the map says of its values without.
    """
    end_comparison(scene)
    end_side_by_side(scene)
    if node.GetDisplayNode() is None:
        node.CreateDefaultDisplayNodes()
    labels = node.IsA("vtkMRMLLabelMapVolumeNode")
    if not labels and not np.isfinite(slicer.util.arrayFromVolume(node)).all():
        draw_values_only(node)
    _set_layers(scene, background, None if labels else node, node if labels else None, opacity)
    outline_only(scene, segmentation)
    show_legend(node, title)
    centre = segment_centre(segmentation, segment_id) if segmentation is not None and segment_id else None
    centre = map_centre(node) if centre is None else centre
    if centre is not None:
        centre_slices(scene, centre)


def show_images(
    scene: slicer.vtkMRMLScene,
    volume: slicer.vtkMRMLScalarVolumeNode,
    segmentation: slicer.vtkMRMLSegmentationNode | None = None,
    *,
    brightness: np.ndarray | None = None,
) -> None:
    """Show a series that was chosen or loaded, and nothing over it, fitted to the slice views.

    Parameters
    ----------
    scene : vtkMRMLScene
    volume : vtkMRMLScalarVolumeNode
    segmentation : vtkMRMLSegmentationNode, optional
        The only one to be seen; without it, those of other examinations are hidden, and others that a map had hidden
        are seen again.
    brightness : ndarray, optional
        Values the window is made for, by default those of `volume`. With them the window is made once even if it is not
        automatic: that of the volume that stands for a sequence is its first frame's from the start.
    """
    if volume.GetDisplayNode() is None:
        volume.CreateDefaultDisplayNodes()
    if not volume.IsA("vtkMRMLLabelMapVolumeNode"):
        _set_window(volume, brightness)
    end_comparison(scene)
    end_side_by_side(scene)
    hide_legends(scene)
    _set_layers(scene, volume, None, None, 0.0)
    show_segments(scene, segmentation, volume)


def show_chart(scene: slicer.vtkMRMLScene, chart: slicer.vtkMRMLPlotChartNode) -> None:
    """Show a chart in every plot view; a layout without one gives way to one with it."""
    end_comparison(scene)
    end_side_by_side(scene)
    slicer.modules.plots.logic().ShowChartInLayout(chart)
    for view in _nodes(scene, "vtkMRMLPlotViewNode"):
        view.SetPlotChartNodeID(chart.GetID())


def take_place(old: slicer.vtkMRMLNode | None, new: slicer.vtkMRMLNode | None) -> None:
    """Let a map of a new run be shown wherever that of the earlier run is, which is about to be removed."""
    if old is None or new is None or old is new:
        return
    scene = old.GetScene()
    for view in slice_views(scene):
        for layer in ("Background", "Foreground", "Label"):
            if getattr(view, f"Get{layer}VolumeID")() == old.GetID():
                getattr(view, f"Set{layer}VolumeID")(new.GetID())
    if has_legend(old):
        show_legend(new, views=legend_views(old))


def set_origin(
    node: slicer.vtkMRMLNode,
    images: slicer.vtkMRMLNode | None,
    segmentation: slicer.vtkMRMLSegmentationNode | None,
    segment_id: str = "",
) -> None:
    """Let a map know the images (a volume or a sequence) and the region it was made from."""
    for role, other in ((IMAGES, images), (SEGMENTATION, segmentation)):
        node.SetNodeReferenceID(role, None if other is None else other.GetID())
    node.SetAttribute(SEGMENT, segment_id or None)


def origin_of(
    node: slicer.vtkMRMLNode,
) -> tuple[slicer.vtkMRMLNode | None, slicer.vtkMRMLSegmentationNode | None, str]:
    """What `set_origin` told a map, as far as it is still in the scene."""
    return node.GetNodeReference(IMAGES), node.GetNodeReference(SEGMENTATION), node.GetAttribute(SEGMENT) or ""


def _set_layers(scene, background, foreground, label, opacity: float) -> None:
    planes = {view.GetLayoutName(): view for view in slice_nodes(scene)}
    for view in slice_views(scene):
        with slicer.util.NodeModify(view):
            if background is not None and view.GetBackgroundVolumeID() != background.GetID():
                view.SetBackgroundVolumeID(background.GetID())
                if view.GetLayoutName() in planes:
                    fit_slice(planes[view.GetLayoutName()], background)
            view.SetForegroundVolumeID(None if foreground is None else foreground.GetID())
            view.SetForegroundOpacity(opacity if foreground is not None else 0.0)
            view.SetLabelVolumeID(None if label is None else label.GetID())
            if label is not None:
                view.SetLabelOpacity(LABEL_OPACITY)


def _set_window(volume: slicer.vtkMRMLScalarVolumeNode, brightness: np.ndarray | None) -> None:
    """A window from the values, unless a person or a reader has set one."""
    display = volume.GetDisplayNode()
    if not (display.GetAutoWindowLevel() or (brightness is not None and not display.GetAttribute(WINDOW))):
        return
    display.SetAttribute(WINDOW, "1")
    values = slicer.util.arrayFromVolume(volume) if brightness is None else brightness
    sample = np.ravel(values)[:: max(1, values.size // SAMPLE)]
    sample = sample[np.isfinite(sample)]
    low, high = np.percentile(sample, PERCENTILES) if sample.size else (0.0, 1.0)
    display.SetAutoWindowLevel(False)
    display.SetWindowLevelMinMax(float(low), float(high) if high > low else float(low) + 1.0)


def _nodes(scene: slicer.vtkMRMLScene, kind: str) -> list[slicer.vtkMRMLNode]:
    return [scene.GetNthNodeByClass(n, kind) for n in range(scene.GetNumberOfNodesByClass(kind))]

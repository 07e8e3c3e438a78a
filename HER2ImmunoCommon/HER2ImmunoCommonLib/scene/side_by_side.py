"""Maps side by side, when a person asked for it: one slice view a map, the same plane and place in all, linked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import slicer

from .colours import LABEL_OPACITY, draw_values_only
from .legends import hide_legends, show_legend
from .outlines import outline_only
from .placement import to_world
from .quantities import quantity_title
from .slices import map_centre, segment_centre
from .stand_ins import end_comparison
from .view_rows import ViewRows, acquired_orientation, bring_back_legend, layers_of, link, look_as, look_at, shown_map

MAPS = ViewRows("Map", first_layout=8120, group=812, in_a_row=3, earlier="HER2Immuno.EarlierLayout")
MOST_MAPS = MAPS.most


def register_layouts(scene: slicer.vtkMRMLScene) -> None:
    """Make the layouts known, which a scene does not save: else one that was saved in such a layout opens empty."""
    MAPS.register(scene)


def is_side_by_side(scene: slicer.vtkMRMLScene) -> bool:
    """Whether the layout is one of those of maps side by side."""
    return MAPS.count(scene) > 0


def show_side_by_side(
    scene: slicer.vtkMRMLScene,
    nodes: Sequence[slicer.vtkMRMLScalarVolumeNode],
    background: slicer.vtkMRMLScalarVolumeNode | None = None,
    segmentation: slicer.vtkMRMLSegmentationNode | None = None,
    segment_id: str = "",
) -> None:
    """Show maps in linked slice views of their own, each with its legend, in the plane in which they were acquired.

    Where it is shown already, the slice and the field of view that a person chose stay. Visits that are compared give
    way to it.

    Parameters
    ----------
    scene : vtkMRMLScene
    nodes : sequence of vtkMRMLScalarVolumeNode
        The first six are shown, in this order.
    background : vtkMRMLScalarVolumeNode, optional
        The images below.
    segmentation : vtkMRMLSegmentationNode, optional
        Its segments are drawn as outlines; others are hidden in the slice views.
    segment_id : str
        The region to centre the slices on; the voxels with a value without.

    Raises
    ------
    InputError
        If the first map or the images lie under a transform that is not linear; nothing has changed.
    """
    nodes = list(nodes)[:MOST_MAPS]
    if not nodes:
        return
    for node in (nodes[0], background):
        if node is not None:
            to_world(node)
    end_comparison(scene)
    stays = is_side_by_side(scene) and layers_of(scene, MAPS.views[0]).GetBackgroundVolumeID() == _id(background)
    planes = MAPS.open(scene, len(nodes))
    hide_legends(scene)
    for plane, node in zip(planes, nodes, strict=True):
        _fill(scene, plane, node, background)
    outline_only(scene, segmentation)
    if stays:
        for plane in planes[1:]:
            look_as(plane, planes[0])
        return
    centre = segment_centre(segmentation, segment_id) if segmentation is not None and segment_id else None
    for plane in planes:
        _place(plane, nodes[0], background, map_centre(nodes[0]) if centre is None else centre)


def end_side_by_side(scene: slicer.vtkMRMLScene) -> None:
    """Bring back the layout of before, unless a person has chosen one since, and the legend of the map it shows."""
    if MAPS.close(scene):
        bring_back_legend(scene, MAPS)


def maps_side_by_side(scene: slicer.vtkMRMLScene) -> list[slicer.vtkMRMLScalarVolumeNode]:
    """The maps that are shown side by side now, in their order; none if they are not."""
    shown = [shown_map(layers_of(scene, name)) for name in MAPS.views[: MAPS.count(scene)]]
    return [node for node in shown if node is not None]


def _fill(scene, plane, node, background) -> None:
    """One map over the images in one view, named and with its legend there."""
    if node.GetDisplayNode() is None:
        node.CreateDefaultDisplayNodes()
    labels = node.IsA("vtkMRMLLabelMapVolumeNode")
    if not labels and not np.isfinite(slicer.util.arrayFromVolume(node)).all():
        draw_values_only(node)
    layers = layers_of(scene, plane.GetLayoutName())
    with slicer.util.NodeModify(layers):
        layers.SetBackgroundVolumeID(_id(background))
        layers.SetForegroundVolumeID(None if labels else node.GetID())
        layers.SetForegroundOpacity(0.0 if labels else 1.0)
        layers.SetLabelVolumeID(node.GetID() if labels else None)
        layers.SetLabelOpacity(LABEL_OPACITY)
        link(layers)
    plane.SetLayoutLabel(quantity_title(node).split(" (")[0])
    show_legend(node, views=[plane.GetID()])


def _place(plane, node, background, centre: np.ndarray | None) -> None:
    """Turn a view to the plane of acquisition, through the region, with what lies around it."""
    images = node if background is None else background
    look_at(plane, images, acquired_orientation(images), centre, node)


def _id(node: slicer.vtkMRMLNode | None) -> str | None:
    return None if node is None else node.GetID()

"""Maps side by side, when a person asked for it: one slice view a map, the same plane and place in all, linked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import slicer
import vtk

from .colours import LABEL_OPACITY, draw_values_only
from .legends import has_legend, hide_legends, legend_views, show_legend
from .nodes import volume_from_node
from .outlines import outline_only
from .placement import to_world
from .quantities import quantity_title
from .slices import fit_slice, map_centre, segment_centre

MOST_MAPS, MOST_IN_A_ROW = 6, 3
VIEWS = tuple(f"Map {n}" for n in range(1, MOST_MAPS + 1))
FIRST_LAYOUT = 8120
"""The layout of n maps has this number and n more; those of the application are below 100."""
VIEW_GROUP = 812
"""Linked among themselves, and not with the views of other layouts."""
VIEW_COLOUR = "#8C8C8C"
EARLIER = "HER2Immuno.EarlierLayout"
"""Keeps with the layout node what is to be brought back."""
ROOM, LEAST_SHARE = 2.5, 0.25
"""What is seen around the voxels with a value: so many times their extent, at least this share of the images."""


def register_layouts(scene: slicer.vtkMRMLScene) -> None:
    """Make the layouts known, which a scene does not save: else one that was saved in such a layout opens empty."""
    layout = layout_node(scene)
    if layout is None:
        return
    for count in range(1, MOST_MAPS + 1):
        number, text = FIRST_LAYOUT + count, layout_description(count)
        if not layout.IsLayoutDescription(number):
            layout.AddLayoutDescription(number, text)
    if is_side_by_side(scene) and not layout.GetCurrentLayoutDescription():
        number = layout.GetViewArrangement()
        layout.SetViewArrangement(layout.SlicerLayoutInitialView)  # the same number again would change nothing
        layout.SetViewArrangement(number)


def layout_description(count: int) -> str:
    """The layout of so many slice views, in rows of at most three, as Slicer reads it."""
    rows = -(-count // MOST_IN_A_ROW)
    in_a_row = -(-count // rows)
    items = [_view_item(name) for name in VIEWS[:count]]
    lines = ["".join(items[first : first + in_a_row]) for first in range(0, count, in_a_row)]
    row_items = "".join(f'<item><layout type="horizontal">{line}</layout></item>' for line in lines)
    return f'<layout type="vertical">{row_items}</layout>'


def is_side_by_side(scene: slicer.vtkMRMLScene) -> bool:
    """Whether the layout is one of those of maps side by side."""
    layout = layout_node(scene)
    return layout is not None and 0 < layout.GetViewArrangement() - FIRST_LAYOUT <= MOST_MAPS


def show_side_by_side(
    scene: slicer.vtkMRMLScene,
    nodes: Sequence[slicer.vtkMRMLScalarVolumeNode],
    background: slicer.vtkMRMLScalarVolumeNode | None = None,
    segmentation: slicer.vtkMRMLSegmentationNode | None = None,
    segment_id: str = "",
) -> None:
    """Show maps in linked slice views of their own, each with its legend, in the plane in which they were acquired.

    Where it is shown already, the slice and the field of view that a person chose stay.

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
    stays = is_side_by_side(scene) and _layers_of(scene, VIEWS[0]).GetBackgroundVolumeID() == _id(background)
    _set_layout(scene, len(nodes))
    hide_legends(scene)
    planes = [_plane_of(scene, name) for name in VIEWS[: len(nodes)]]
    for plane, node in zip(planes, nodes, strict=True):
        _fill(scene, plane, node, background)
    outline_only(scene, segmentation)
    if stays:
        for plane in planes[1:]:
            _look_as(plane, planes[0])
        return
    centre = segment_centre(segmentation, segment_id) if segmentation is not None and segment_id else None
    for plane in planes:
        _place(plane, nodes[0], background, map_centre(nodes[0]) if centre is None else centre)


def end_side_by_side(scene: slicer.vtkMRMLScene) -> None:
    """Bring back the layout of before, unless a person has chosen one since, and the legend of the map it shows."""
    layout = layout_node(scene)
    if layout is None or layout.GetAttribute(EARLIER) is None:
        return
    earlier = int(layout.GetAttribute(EARLIER))
    layout.RemoveAttribute(EARLIER)
    if is_side_by_side(scene):
        layout.SetViewArrangement(earlier)
    kept_to_views = [node for node in _volumes(scene) if has_legend(node) and legend_views(node)]
    if kept_to_views:
        hide_legends(scene)
    seen = next((node for node in map(_shown_map, _other_layers(scene)) if node in kept_to_views), None)
    if seen is not None:
        show_legend(seen)


def maps_side_by_side(scene: slicer.vtkMRMLScene) -> list[slicer.vtkMRMLScalarVolumeNode]:
    """The maps that are shown side by side now, in their order; none if they are not."""
    if not is_side_by_side(scene):
        return []
    count = layout_node(scene).GetViewArrangement() - FIRST_LAYOUT
    shown = [_shown_map(_layers_of(scene, name)) for name in VIEWS[:count]]
    return [node for node in shown if node is not None]


def acquired_orientation(volume: slicer.vtkMRMLScalarVolumeNode) -> str:
    """Axial, Sagittal or Coronal: the plane nearest to that of the slices of a volume."""
    normal = np.cross(*volume_from_node(volume).ijk_to_ras[:3, :2].T)
    return ("Sagittal", "Coronal", "Axial")[int(np.argmax(np.abs(normal)))]


def layout_node(scene: slicer.vtkMRMLScene) -> slicer.vtkMRMLLayoutNode | None:
    """The node that says which layout is shown; None without views."""
    return scene.GetFirstNodeByClass("vtkMRMLLayoutNode")


def _view_item(name: str) -> str:
    properties = {"orientation": "Axial", "viewlabel": name, "viewcolor": VIEW_COLOUR, "viewgroup": VIEW_GROUP}
    told = "".join(f'<property name="{key}" action="default">{text}</property>' for key, text in properties.items())
    return f'<item><view class="vtkMRMLSliceNode" singletontag="{name}">{told}</view></item>'


def _set_layout(scene: slicer.vtkMRMLScene, count: int) -> None:
    layout = layout_node(scene)
    if layout is None:
        return
    register_layouts(scene)
    earlier = None if is_side_by_side(scene) else layout.GetViewArrangement()
    layout.SetViewArrangement(FIRST_LAYOUT + count)
    if earlier is not None:
        layout.SetAttribute(EARLIER, str(earlier))


def _plane_of(scene: slicer.vtkMRMLScene, name: str) -> slicer.vtkMRMLSliceNode:
    """The plane of a view; made here where no layout manager does it."""
    plane = _of_view(scene, "vtkMRMLSliceNode", name)
    plane.SetViewGroup(VIEW_GROUP)
    if not plane.HasSliceOrientationPreset("Axial"):
        slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(scene)
    return plane


def _layers_of(scene: slicer.vtkMRMLScene, name: str) -> slicer.vtkMRMLSliceCompositeNode:
    return _of_view(scene, "vtkMRMLSliceCompositeNode", name)


def _of_view(scene: slicer.vtkMRMLScene, kind: str, name: str) -> slicer.vtkMRMLNode:
    for node in slicer.util.getNodesByClass(kind, scene):
        if node.GetLayoutName() == name:
            return node
    node = scene.CreateNodeByClass(kind)
    node.UnRegister(None)
    node.SetSingletonTag(name)
    node.SetName(name)
    node.SetLayoutName(name)
    return scene.AddNode(node)


def _fill(scene, plane, node, background) -> None:
    """One map over the images in one view, named and with its legend there."""
    if node.GetDisplayNode() is None:
        node.CreateDefaultDisplayNodes()
    labels = node.IsA("vtkMRMLLabelMapVolumeNode")
    if not labels and not np.isfinite(slicer.util.arrayFromVolume(node)).all():
        draw_values_only(node)
    layers = _layers_of(scene, plane.GetLayoutName())
    with slicer.util.NodeModify(layers):
        layers.SetBackgroundVolumeID(_id(background))
        layers.SetForegroundVolumeID(None if labels else node.GetID())
        layers.SetForegroundOpacity(0.0 if labels else 1.0)
        layers.SetLabelVolumeID(node.GetID() if labels else None)
        layers.SetLabelOpacity(LABEL_OPACITY)
        layers.SetLinkedControl(True)
        layers.SetHotLinkedControl(True)
    plane.SetLayoutLabel(quantity_title(node).split(" (")[0])
    show_legend(node, views=[plane.GetID()])


def _place(plane, node, background, centre: np.ndarray | None) -> None:
    """Turn a view to the plane of acquisition, through the region, with what lies around it."""
    images = node if background is None else background
    plane.SetOrientation(acquired_orientation(images))
    fit_slice(plane, images)
    if centre is None:
        return
    columns, rows, depth = plane.GetFieldOfView()
    extent = _extent_in(plane, node)
    if extent is not None:
        share = max(ROOM * max(extent[0] / columns, extent[1] / rows), LEAST_SHARE)
        plane.SetFieldOfView(columns * min(1.0, share), rows * min(1.0, share), depth)
        plane.JumpSliceByCentering(*map(float, centre))
    else:
        plane.JumpSlice(*map(float, centre))


def _extent_in(plane, node) -> np.ndarray | None:
    """Width and height (mm) in a plane of the voxels with a value; None where all or none have one."""
    volume = volume_from_node(node)
    has_value = volume.array != 0 if node.IsA("vtkMRMLLabelMapVolumeNode") else np.isfinite(volume.array)
    if not has_value.any() or has_value.all():
        return None
    k, j, i = np.nonzero(has_value)
    to_slice = vtk.vtkMatrix4x4()
    vtk.vtkMatrix4x4.Invert(plane.GetSliceToRAS(), to_slice)
    matrix = slicer.util.arrayFromVTKMatrix(to_slice) @ volume.ijk_to_ras
    places = matrix[:2] @ np.stack([i, j, k, np.ones_like(i)]).astype(float)
    return np.ptp(places, axis=1)


def _look_as(plane, other) -> None:
    plane.GetSliceToRAS().DeepCopy(other.GetSliceToRAS())
    plane.SetFieldOfView(*other.GetFieldOfView())
    plane.SetXYZOrigin(*other.GetXYZOrigin())
    plane.UpdateMatrices()


def _shown_map(layers: slicer.vtkMRMLSliceCompositeNode) -> slicer.vtkMRMLScalarVolumeNode | None:
    scene = layers.GetScene()
    shown = layers.GetForegroundVolumeID() or layers.GetLabelVolumeID()
    return scene.GetNodeByID(shown) if shown else None


def _other_layers(scene: slicer.vtkMRMLScene) -> list[slicer.vtkMRMLSliceCompositeNode]:
    every = slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode", scene)
    return [layers for layers in every if layers.GetLayoutName() not in VIEWS]


def _volumes(scene: slicer.vtkMRMLScene) -> list[slicer.vtkMRMLScalarVolumeNode]:
    return slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode", scene)


def _id(node: slicer.vtkMRMLNode | None) -> str | None:
    return None if node is None else node.GetID()

"""Layouts of linked slice views of our own, opened when a person asked for them, and the way back to the one before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer
import vtk

from .legends import has_legend, hide_legends, legend_views, show_legend
from .nodes import volume_from_node
from .slices import fit_slice

VIEW_COLOUR = "#8C8C8C"
ROOM, LEAST_SHARE = 2.5, 0.25
"""What is seen around the voxels with a value: so many times their extent, at least this share of the images."""


@dataclass(frozen=True)
class ViewRows:
    """Layouts of one to `most` slice views, which are linked among themselves and with no view of another layout.

    Attributes
    ----------
    name : str
        Of the views, before their number.
    first_layout : int
        The layout of n views has this number and n more; those of the application are below 100.
    group : int
        Of the views.
    in_a_row : int
        Rows have at most so many views, and all as many.
    earlier : str
        Attribute by which the layout node keeps what is to be brought back.
    """

    name: str
    first_layout: int
    group: int
    in_a_row: int
    earlier: str
    most: int = 6

    @property
    def views(self) -> tuple[str, ...]:
        """Names of the views."""
        return tuple(f"{self.name} {n}" for n in range(1, self.most + 1))

    def description(self, count: int) -> str:
        """The layout of so many views, as Slicer reads it."""
        rows = -(-count // self.in_a_row)
        in_a_row = -(-count // rows)
        items = [self._item(name) for name in self.views[:count]]
        lines = ["".join(items[first : first + in_a_row]) for first in range(0, count, in_a_row)]
        row_items = "".join(f'<item><layout type="horizontal">{line}</layout></item>' for line in lines)
        return f'<layout type="vertical">{row_items}</layout>'

    def _item(self, name: str) -> str:
        properties = {"orientation": "Axial", "viewlabel": name, "viewcolor": VIEW_COLOUR, "viewgroup": self.group}
        told = "".join(f'<property name="{key}" action="default">{text}</property>' for key, text in properties.items())
        return f'<item><view class="vtkMRMLSliceNode" singletontag="{name}">{told}</view></item>'

    def count(self, scene: slicer.vtkMRMLScene) -> int:
        """How many of the views the layout shows now."""
        layout = layout_node(scene)
        count = 0 if layout is None else layout.GetViewArrangement() - self.first_layout
        return count if 0 < count <= self.most else 0

    def register(self, scene: slicer.vtkMRMLScene) -> None:
        """Make the layouts known, which a scene does not save: else one that was saved in such a layout opens empty."""
        layout = layout_node(scene)
        if layout is None:
            return
        for count in range(1, self.most + 1):
            number = self.first_layout + count
            if not layout.IsLayoutDescription(number):
                layout.AddLayoutDescription(number, self.description(count))
        if self.count(scene) and not layout.GetCurrentLayoutDescription():
            number = layout.GetViewArrangement()
            layout.SetViewArrangement(layout.SlicerLayoutInitialView)  # the same number again would change nothing
            layout.SetViewArrangement(number)

    def open(self, scene: slicer.vtkMRMLScene, count: int) -> list[slicer.vtkMRMLSliceNode]:
        """Show so many views, and keep which layout was there before; gives their planes."""
        layout = layout_node(scene)
        if layout is not None:
            self.register(scene)
            earlier = None if self.count(scene) else layout.GetViewArrangement()
            layout.SetViewArrangement(self.first_layout + count)
            if earlier is not None:
                layout.SetAttribute(self.earlier, str(earlier))
        return [self.plane(scene, name) for name in self.views[:count]]

    def close(self, scene: slicer.vtkMRMLScene) -> bool:
        """Bring back the layout of before, unless a person has chosen one since; False if these views were not open."""
        layout = layout_node(scene)
        if layout is None or layout.GetAttribute(self.earlier) is None:
            return False
        earlier = int(layout.GetAttribute(self.earlier))
        layout.RemoveAttribute(self.earlier)
        if self.count(scene):
            layout.SetViewArrangement(earlier)
        return True

    def plane(self, scene: slicer.vtkMRMLScene, name: str) -> slicer.vtkMRMLSliceNode:
        """The plane of a view; made here where no layout manager does it."""
        plane = _of_view(scene, "vtkMRMLSliceNode", name)
        plane.SetViewGroup(self.group)
        if not plane.HasSliceOrientationPreset("Axial"):
            slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(scene)
        return plane


def layers_of(scene: slicer.vtkMRMLScene, name: str) -> slicer.vtkMRMLSliceCompositeNode:
    """What a view shows."""
    return _of_view(scene, "vtkMRMLSliceCompositeNode", name)


def layout_node(scene: slicer.vtkMRMLScene) -> slicer.vtkMRMLLayoutNode | None:
    """The node that says which layout is shown; None without views."""
    return scene.GetFirstNodeByClass("vtkMRMLLayoutNode")


def link(layers: slicer.vtkMRMLSliceCompositeNode) -> None:
    """Let what is done to a view be done to the others of its group, at once."""
    layers.SetLinkedControl(True)
    layers.SetHotLinkedControl(True)


def acquired_orientation(volume: slicer.vtkMRMLScalarVolumeNode) -> str:
    """Axial, Sagittal or Coronal: the plane nearest to that of the slices of a volume."""
    normal = np.cross(*volume_from_node(volume).ijk_to_ras[:3, :2].T)
    return ("Sagittal", "Coronal", "Axial")[int(np.argmax(np.abs(normal)))]


def look_at(
    plane: slicer.vtkMRMLSliceNode,
    images: slicer.vtkMRMLScalarVolumeNode,
    orientation: str,
    centre: np.ndarray | None,
    extent_of: slicer.vtkMRMLScalarVolumeNode | None,
) -> None:
    """Turn a view to an orientation of some images, through a point (RAS, mm), with what lies around the values there.

    Parameters
    ----------
    plane : vtkMRMLSliceNode
    images : vtkMRMLScalarVolumeNode
    orientation : str
        Axial, Sagittal or Coronal.
    centre : ndarray or None
        None: the middle of the images, and the whole of them is seen.
    extent_of : vtkMRMLScalarVolumeNode or None
        Where only some of its voxels have values, these with what is around them are seen, else the whole of the
        images.
    """
    plane.SetOrientation(orientation)
    fit_slice(plane, images)
    if centre is None:
        return
    columns, rows, depth = plane.GetFieldOfView()
    extent = None if extent_of is None else _extent_in(plane, extent_of)
    if extent is None:
        plane.JumpSlice(*map(float, centre))
        return
    share = min(1.0, max(ROOM * max(extent[0] / columns, extent[1] / rows), LEAST_SHARE))
    plane.SetFieldOfView(columns * share, rows * share, depth)
    plane.JumpSliceByCentering(*map(float, centre))


def look_as(plane: slicer.vtkMRMLSliceNode, other: slicer.vtkMRMLSliceNode) -> None:
    """Let a view look where another does."""
    plane.GetSliceToRAS().DeepCopy(other.GetSliceToRAS())
    plane.SetFieldOfView(*other.GetFieldOfView())
    plane.SetXYZOrigin(*other.GetXYZOrigin())
    plane.UpdateMatrices()


def shown_map(layers: slicer.vtkMRMLSliceCompositeNode) -> slicer.vtkMRMLScalarVolumeNode | None:
    """The map that a view shows over its images."""
    shown = layers.GetForegroundVolumeID() or layers.GetLabelVolumeID()
    return layers.GetScene().GetNodeByID(shown) if shown else None


def bring_back_legend(scene: slicer.vtkMRMLScene, *rows: ViewRows) -> None:
    """Hide the legends that are kept to single views, and show that of the map in the views of other layouts."""
    volumes = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode", scene)
    kept_to_views = [node for node in volumes if has_legend(node) and legend_views(node)]
    if kept_to_views:
        hide_legends(scene)
    ours = {name for row in rows for name in row.views}
    every = slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode", scene)
    others = [layers for layers in every if layers.GetLayoutName() not in ours]
    seen = next((node for node in map(shown_map, others) if node in kept_to_views), None)
    if seen is not None:
        show_legend(seen)


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

"""Volumes as nodes, nodes made all or none and taken away, node attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import slicer
import vtk

from ..errors import InputError
from ..geometry import Volume
from ..provenance import Provenance
from .placement import to_world

PROVENANCE_ATTRIBUTE = "HER2Immuno.Provenance"


def volume_from_node(node: slicer.vtkMRMLScalarVolumeNode) -> Volume:
    """The voxels of a volume node (a view, not a copy) and their place in the world.

    Raises
    ------
    InputError
        If it is no volume or has no voxels, or lies under a transform that is not linear.
    """
    if not node.IsA("vtkMRMLVolumeNode") or node.GetImageData() is None:
        raise InputError(f"{node.GetName()} is not a volume with voxels; choose another.")
    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    return Volume(slicer.util.arrayFromVolume(node), to_world(node) @ slicer.util.arrayFromVTKMatrix(matrix))


def node_from_volume(
    scene: slicer.vtkMRMLScene, volume: Volume, name: str, *, labels: bool = False
) -> slicer.vtkMRMLScalarVolumeNode:
    """A new volume node with a copy of the voxels (float64 as float32)."""
    array = np.asarray(volume.array)
    if array.dtype in (np.float64, np.float16):
        array = array.astype(np.float32)
    elif array.dtype == bool:
        array = array.astype(np.uint8)
    kind = "vtkMRMLLabelMapVolumeNode" if labels else "vtkMRMLScalarVolumeNode"
    node = scene.AddNewNodeByClass(kind, scene.GenerateUniqueName(name))
    node.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(volume.ijk_to_ras))
    slicer.util.updateVolumeFromArray(node, np.ascontiguousarray(array))
    return node


def set_colours(node: slicer.vtkMRMLScalarVolumeNode, colour_node_id: str, low: float, high: float) -> None:
    """Show a map with a colour table between two values."""
    if node.GetDisplayNode() is None:
        node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    if node.GetScene().GetNodeByID(colour_node_id) is not None:
        display.SetAndObserveColorNodeID(colour_node_id)
    display.SetAutoWindowLevel(False)
    display.SetWindowLevelMinMax(low, high)


def set_provenance(node: slicer.vtkMRMLNode, provenance: Provenance, *, shareable: bool = False) -> None:
    """Keep the record of a node with it: all of it, or what may be passed on, for scenes that are results."""
    text = provenance.to_shareable_json() if shareable else provenance.to_json()
    node.SetAttribute(PROVENANCE_ATTRIBUTE, text)


@contextmanager
def all_or_nothing(scene: slicer.vtkMRMLScene) -> Iterator[Callable]:
    """Gives `keep(node)`; nodes passed to it are removed again, with their display, when the block fails."""
    made: list[slicer.vtkMRMLNode] = []

    def keep(node):
        made.append(node)
        return node

    try:
        yield keep
    except BaseException:
        for node in reversed(made):
            for part in (*_parts_of(node), node):
                scene.RemoveNode(part)
        raise


def remove_from_folders(scene: slicer.vtkMRMLScene, nodes: list[slicer.vtkMRMLNode]) -> None:
    """Remove nodes with their display and storage nodes and items in the subject hierarchy, and folders left empty.

    In the application an item goes with its node; without it the item would stay.
    """
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    folders = set()
    for node in nodes:
        item = hierarchy.GetItemByDataNode(node)
        if item:
            folders.add(hierarchy.GetItemParent(item))
            hierarchy.RemoveItem(item, False, False)
        for part in (*_parts_of(node), node):
            scene.RemoveNode(part)
    for folder in folders - {0, hierarchy.GetSceneItemID()}:
        if hierarchy.GetNumberOfItemChildren(folder) == 0:
            hierarchy.RemoveItem(folder)


def _parts_of(node: slicer.vtkMRMLNode) -> list[slicer.vtkMRMLNode]:
    """Display and storage nodes; those of a node are not shared with others here."""
    parts = []
    if node.IsA("vtkMRMLDisplayableNode"):
        parts += [node.GetNthDisplayNode(n) for n in range(node.GetNumberOfDisplayNodes())]
    if node.IsA("vtkMRMLStorableNode"):
        parts += [node.GetNthStorageNode(n) for n in range(node.GetNumberOfStorageNodes())]
    return [part for part in parts if part is not None]

"""Volumes as nodes, results in their folder of the subject hierarchy, node attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import slicer
import vtk

from ..geometry import Volume
from ..provenance import Provenance
from .plots import nodes_of_chart

PROVENANCE_ATTRIBUTE = "HER2Immuno.Provenance"


def volume_from_node(node: slicer.vtkMRMLScalarVolumeNode) -> Volume:
    """The voxels of a volume node (a view, not a copy) and their place; a linear parent transform is applied."""
    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    transform = node.GetParentTransformNode()
    if transform is not None:
        to_world = vtk.vtkMatrix4x4()
        transform.GetMatrixTransformToWorld(to_world)
        vtk.vtkMatrix4x4.Multiply4x4(to_world, matrix, matrix)
    return Volume(slicer.util.arrayFromVolume(node), slicer.util.arrayFromVTKMatrix(matrix))


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
    matrix = vtk.vtkMatrix4x4()
    slicer.util.updateVTKMatrixFromArray(matrix, volume.ijk_to_ras)
    node.SetIJKToRASMatrix(matrix)
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


def put_in_folder(scene: slicer.vtkMRMLScene, nodes: list[slicer.vtkMRMLNode], folder_name: str) -> int:
    """Put nodes into the subject-hierarchy folder of this name, made if need be; gives the folder's item.

    The hidden series and tables of a chart go with it: they are deleted with the folder then.
    """
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    top = hierarchy.GetSceneItemID()
    folder = hierarchy.GetItemChildWithName(top, folder_name)
    if not folder:
        folder = hierarchy.CreateFolderItem(top, folder_name)
    for node in (part for each in nodes for part in _with_parts(each)):
        item = hierarchy.GetItemByDataNode(node)
        if item:
            hierarchy.SetItemParent(item, folder)
        else:
            hierarchy.CreateItem(folder, node)
    return folder


def _with_parts(node: slicer.vtkMRMLNode) -> list[slicer.vtkMRMLNode]:
    return nodes_of_chart(node) if node.IsA("vtkMRMLPlotChartNode") else [node]


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

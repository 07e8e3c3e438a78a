"""The data tree: images in the folder of their examination, and results in one inside it."""

from __future__ import annotations

from collections.abc import Iterable

import slicer

from .database import INSTANCES
from .examinations import EXAMINATION_ATTRIBUTE, RESULTS_FOLDER_ATTRIBUTE, examination_of, nearest, visit_folder
from .placement import proxies_of
from .plots import nodes_of_chart


def put_in_folder(
    scene: slicer.vtkMRMLScene,
    nodes: Iterable[slicer.vtkMRMLNode],
    folder_name: str,
    *,
    beside: slicer.vtkMRMLNode | None = None,
) -> int:
    """Put nodes into the folder of this name, made if need be; gives the folder's item.

    Parameters
    ----------
    scene : vtkMRMLScene
    nodes : iterable of vtkMRMLNode
        A chart takes its series and tables along, a sequence the volumes that show it.
    folder_name : str
    beside : vtkMRMLNode, optional
        The image the nodes are results of: their folder is then inside that of its examination, if it has one.
    """
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    above = visit_folder(beside) if beside is not None else 0
    parent = above or hierarchy.GetSceneItemID()
    folder = hierarchy.GetItemChildWithName(parent, folder_name) or hierarchy.CreateFolderItem(parent, folder_name)
    if beside is not None:
        hierarchy.SetItemAttribute(folder, RESULTS_FOLDER_ATTRIBUTE, "1")
    _move(hierarchy, nodes, folder)
    return folder


def put_with_examination(scene: slicer.vtkMRMLScene, node: slicer.vtkMRMLNode, name: str) -> None:
    """Put an image beside the others of its examination, or into a folder made for it.

    Parameters
    ----------
    scene : vtkMRMLScene
    node : vtkMRMLSequenceNode or vtkMRMLScalarVolumeNode
    name : str
        Of the folder, where the header has no date.
    """
    if visit_folder(node):
        return
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    folders = [visit_folder(other) for other in nearest(node, _images_but(scene, node))]
    folder = next((each for each in folders if each), 0)
    if folder:
        _move(hierarchy, [node], folder)
    else:
        date = examination_of(node).date
        put_in_folder(scene, [node], f"Examination of {date}" if date else name)


def put_beside(scene: slicer.vtkMRMLScene, node: slicer.vtkMRMLNode, other: slicer.vtkMRMLNode) -> None:
    """Put an image into the folder of another, or of the volume that shows that one; where it has none, nowhere."""
    shown = proxies_of(other) if other.IsA("vtkMRMLSequenceNode") else []
    folder = next((found for each in (other, *shown) if (found := visit_folder(each))), 0)
    if folder:
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
        _move(hierarchy, [node], folder)


def _move(hierarchy: slicer.vtkMRMLSubjectHierarchyNode, nodes: Iterable[slicer.vtkMRMLNode], folder: int) -> None:
    for node in _with_parts(nodes):
        item = hierarchy.GetItemByDataNode(node)
        if item:
            hierarchy.SetItemParent(item, folder)
        elif not node.GetHideFromEditors():
            hierarchy.CreateItem(folder, node)


def _images_but(scene: slicer.vtkMRMLScene, node: slicer.vtkMRMLNode) -> list[slicer.vtkMRMLNode]:
    """The images and sequences of the scene whose headers were read, here or by the application's DICOM module."""
    kinds = ("vtkMRMLSequenceNode", "vtkMRMLScalarVolumeNode")
    every = [other for kind in kinds for other in slicer.util.getNodesByClass(kind, scene)]
    from_dicom = [
        other for other in every if other.GetAttribute(EXAMINATION_ATTRIBUTE) or other.GetAttribute(INSTANCES)
    ]
    return [other for other in from_dicom if other is not node]


def _with_parts(nodes: Iterable[slicer.vtkMRMLNode]) -> list[slicer.vtkMRMLNode]:
    found = []
    for node in nodes:
        found += nodes_of_chart(node) if node.IsA("vtkMRMLPlotChartNode") else [node]
        found += proxies_of(node) if node.IsA("vtkMRMLSequenceNode") else []
    return found

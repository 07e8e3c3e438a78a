"""What is shown of visits in one space: nodes that share the voxels of the visits' own and lie under their transforms.

The images, maps and segments of a visit itself are never put under the transform of the visit, so that whatever is
measured is measured where it was acquired, while visits are compared as at any other time. Stand-ins are hidden, are
not saved with the scene, and go when the comparison ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import slicer
import vtk

from .legends import has_legend, hide_legends, legend_views, show_legend
from .nodes import remove_from_folders
from .placement import to_world
from .view_rows import ViewRows

VISITS = ViewRows("Visit", first_layout=8140, group=814, in_a_row=6, earlier="HER2Immuno.LayoutBeforeVisits")
STAND_IN = "HER2Immuno.StandIn"
"""Marks the nodes made here."""
OF = "HER2Immuno.StandInOf"
"""Tells the stand-ins of one visit from those of another."""
PLACED = "HER2Immuno.PlacedForVisits"
"""Marks a view that was brought to where visits are compared, and says how; a person may have moved it since."""
HID = "HER2Immuno.HidForVisits"
"""Marks segmentations, and maps with a legend, that are out of sight only while visits are compared."""


def volume_stand_in(
    shown: slicer.vtkMRMLScalarVolumeNode,
    name: str,
    *,
    place: np.ndarray | None = None,
    transform: slicer.vtkMRMLTransformNode | None = None,
    like: slicer.vtkMRMLScalarVolumeNode | None = None,
) -> slicer.vtkMRMLScalarVolumeNode:
    """A volume with the same voxels, not copied, under the transform of a visit.

    Parameters
    ----------
    shown : vtkMRMLScalarVolumeNode
        Of the scene, or a frame of a sequence.
    name : str
    place : ndarray, shape (4, 4), optional
        From the coordinates of `shown` to those of its visit; that of the linear transforms it lies under without.
    transform : vtkMRMLTransformNode, optional
    like : vtkMRMLScalarVolumeNode, optional
        Whose scene it is added to, where `shown` is a frame.

    Raises
    ------
    InputError
        If `shown` lies under a transform that is not linear.
    """
    scene = (like or shown).GetScene()
    place = to_world(shown) if place is None else place
    node = scene.CreateNodeByClass(shown.GetClassName())
    node.UnRegister(None)
    matrix = vtk.vtkMatrix4x4()
    shown.GetIJKToRASMatrix(matrix)
    node.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(place @ slicer.util.arrayFromVTKMatrix(matrix)))
    node.SetAndObserveImageData(shown.GetImageData())
    _add(scene, node, name, transform)
    return _displayed(node)


def array_stand_in(
    like: slicer.vtkMRMLScalarVolumeNode, array: np.ndarray, name: str
) -> slicer.vtkMRMLScalarVolumeNode:
    """A volume with voxels of its own (k, j, i) on the grid of a stand-in, and in the same place."""
    scene, node = like.GetScene(), like.GetScene().CreateNodeByClass("vtkMRMLScalarVolumeNode")
    node.UnRegister(None)
    matrix = vtk.vtkMatrix4x4()
    like.GetIJKToRASMatrix(matrix)
    node.SetIJKToRASMatrix(matrix)
    slicer.util.updateVolumeFromArray(node, np.ascontiguousarray(array, np.float32))
    _add(scene, node, name, like.GetParentTransformNode())
    return _displayed(node)


def segment_stand_in(
    segmentation: slicer.vtkMRMLSegmentationNode,
    segment_id: str,
    name: str,
    *,
    transform: slicer.vtkMRMLTransformNode | None = None,
) -> slicer.vtkMRMLSegmentationNode:
    """A segmentation with a copy of one segment, drawn as an outline.

    Raises
    ------
    InputError
        If it lies under a transform that is not linear.
    """
    place = to_world(segmentation)
    scene = segmentation.GetScene()
    node = scene.CreateNodeByClass("vtkMRMLSegmentationNode")
    node.UnRegister(None)
    _add(scene, node, name, None)
    node.GetSegmentation().CopySegmentFromSegmentation(segmentation.GetSegmentation(), segment_id)
    if not np.allclose(place, np.eye(4)):
        node.ApplyTransformMatrix(slicer.util.vtkMatrixFromArray(place))
    if transform is not None:
        node.SetAndObserveTransformNodeID(transform.GetID())
    return _displayed(node)


def is_stand_in(node: slicer.vtkMRMLNode) -> bool:
    """Whether a node was made here."""
    return bool(node.GetAttribute(STAND_IN))


def stand_ins_of(scene: slicer.vtkMRMLScene) -> list[slicer.vtkMRMLNode]:
    """All that were made here and are still there."""
    kinds = ("vtkMRMLScalarVolumeNode", "vtkMRMLSegmentationNode")
    return [node for kind in kinds for node in slicer.util.getNodesByClass(kind, scene) if is_stand_in(node)]


@contextmanager
def replacing_stand_ins(scene: slicer.vtkMRMLScene) -> Iterator[None]:
    """Let the stand-ins of before go once those of now are there; where that fails, those of before stay alone."""
    before = stand_ins_of(scene)
    try:
        yield
    except BaseException:
        remove_from_folders(scene, [node for node in stand_ins_of(scene) if node not in before])
        raise
    remove_from_folders(scene, before)


def end_comparison(scene: slicer.vtkMRMLScene) -> None:
    """Bring back the layout and what was seen before visits were compared, and let their stand-ins go."""
    closed = VISITS.close(scene)
    gone = stand_ins_of(scene)
    if not closed and not gone:
        return
    for layers in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode", scene):
        if layers.GetLayoutName() in VISITS.views:
            _empty(layers)
    for plane in slicer.util.getNodesByClass("vtkMRMLSliceNode", scene):
        plane.RemoveAttribute(PLACED)
    remove_from_folders(scene, gone)
    _show_hidden(scene)


def hide_what_is_replaced(scene: slicer.vtkMRMLScene) -> None:
    """Take the segments and legends of the visits' own nodes out of sight: stand-ins have theirs."""
    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode", scene):
        display = node.GetDisplayNode()
        if not is_stand_in(node) and display is not None and display.GetVisibility2D():
            node.SetAttribute(HID, "1")
            display.SetVisibility2D(False)
    for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode", scene):
        if not is_stand_in(node) and has_legend(node) and not legend_views(node):
            node.SetAttribute(HID, "1")
    hide_legends(scene)


def _empty(layers: slicer.vtkMRMLSliceCompositeNode) -> None:
    with slicer.util.NodeModify(layers):
        for layer in ("Background", "Foreground", "Label"):
            getattr(layers, f"Set{layer}VolumeID")(None)


def _show_hidden(scene: slicer.vtkMRMLScene) -> None:
    for kind in ("vtkMRMLSegmentationNode", "vtkMRMLScalarVolumeNode"):
        for node in slicer.util.getNodesByClass(kind, scene):
            if not node.GetAttribute(HID):
                continue
            node.RemoveAttribute(HID)
            if node.IsA("vtkMRMLSegmentationNode"):
                node.GetDisplayNode().SetVisibility2D(True)
            else:
                show_legend(node)


def _add(scene, node, name: str, transform) -> None:
    node.SetName(name)
    node.SetAttribute(STAND_IN, "1")
    node.SetHideFromEditors(True)  # before it is added: else it gets an item in the data tree
    node.SetSaveWithScene(False)
    if transform is not None:
        node.SetAndObserveTransformNodeID(transform.GetID())
    scene.AddNode(node)


def _displayed(node: slicer.vtkMRMLDisplayableNode) -> slicer.vtkMRMLDisplayableNode:
    """The node with a display node, which is not saved either."""
    node.CreateDefaultDisplayNodes()
    node.GetDisplayNode().SetSaveWithScene(False)
    return node

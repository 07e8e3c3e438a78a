"""Segments in the slice views: as outlines, so that what lies below is seen."""

from __future__ import annotations

import slicer

from ..examination import Kinship
from .examinations import kinship_of

HIDDEN = "HER2Immuno.Hidden"
"""Marks a segmentation that was hidden here, so that it can be shown again."""
WIDTH = 2


def outline_only(scene: slicer.vtkMRMLScene, segmentation: slicer.vtkMRMLSegmentationNode | None) -> None:
    """Draw the segments of one segmentation as outlines in the slice views, and hide every other there.

    Without one, all stay visible or not as they are, as outlines. 3D views stay as they are.
    """
    for node in _segmentations(scene):
        if segmentation is None or node is segmentation:
            _outline(_display(node))
        if segmentation is not None:
            _set_visible(node, node is segmentation)


def show_segments(
    scene: slicer.vtkMRMLScene,
    segmentation: slicer.vtkMRMLSegmentationNode | None,
    volume: slicer.vtkMRMLScalarVolumeNode,
) -> None:
    """Show one segmentation alone over a volume in the slice views, as outlines.

    Without one, those of another examination than that of the volume are hidden, and all others that were hidden here
    are seen again.
    """
    if segmentation is not None:
        outline_only(scene, segmentation)
        return
    for node in _segmentations(scene):
        if kinship_of(node, volume) is Kinship.OTHER:
            _set_visible(node, False)
            continue
        _outline(_display(node))
        if node.GetAttribute(HIDDEN):
            _set_visible(node, True)


def reveal(segmentation: slicer.vtkMRMLSegmentationNode) -> None:
    """Show a segmentation again if it was hidden here; a person's own hiding stays."""
    if segmentation.GetAttribute(HIDDEN):
        _set_visible(segmentation, True)


def _segmentations(scene: slicer.vtkMRMLScene) -> list[slicer.vtkMRMLSegmentationNode]:
    return slicer.util.getNodesByClass("vtkMRMLSegmentationNode", scene)


def _display(node: slicer.vtkMRMLSegmentationNode) -> slicer.vtkMRMLSegmentationDisplayNode:
    if node.GetDisplayNode() is None:
        node.CreateDefaultDisplayNodes()
    return node.GetDisplayNode()


def _outline(display: slicer.vtkMRMLSegmentationDisplayNode) -> None:
    display.SetVisibility2DFill(False)
    display.SetVisibility2DOutline(True)
    display.SetOpacity2DOutline(1.0)
    display.SetSliceIntersectionThickness(WIDTH)


def _set_visible(node: slicer.vtkMRMLSegmentationNode, visible: bool) -> None:
    display = _display(node)
    if not visible:
        if display.GetVisibility() and display.GetVisibility2D():
            node.SetAttribute(HIDDEN, "1")
        display.SetVisibility2D(False)
        return
    node.RemoveAttribute(HIDDEN)
    if not display.GetVisibility():
        # The one switch is for 2D and 3D: what was hidden in 3D stays so.
        display.SetVisibility3D(False)
        display.SetVisibility(True)
    display.SetVisibility2D(True)

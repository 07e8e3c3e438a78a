"""One point that is placed with a click in a view, and the place of the mouse in the views."""

from __future__ import annotations

import numpy as np
import slicer

Ras = tuple[float, float, float]
"""A position in the world, mm."""


def new_point(scene: slicer.vtkMRMLScene, name: str) -> slicer.vtkMRMLMarkupsFiducialNode:
    """A node for one point: a mark in the slice views without words over the image, and none in 3D."""
    point = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", scene.GenerateUniqueName(name))
    point.CreateDefaultDisplayNodes()
    display = point.GetDisplayNode()
    display.SetPointLabelsVisibility(False)
    display.SetPropertiesLabelVisibility(False)
    display.SetVisibility3D(False)
    display.SetVisibility2D(True)
    return point


def wait_for_click(point: slicer.vtkMRMLMarkupsFiducialNode) -> None:
    """Let the next click in a view place a point of this node, and only that click."""
    logic = slicer.app.applicationLogic()
    logic.GetSelectionNode().SetReferenceActivePlaceNodeClassName(point.GetClassName())
    logic.GetSelectionNode().SetReferenceActivePlaceNodeID(point.GetID())
    logic.GetInteractionNode().SetPlaceModePersistence(0)
    logic.GetInteractionNode().SetCurrentInteractionMode(slicer.vtkMRMLInteractionNode.Place)


def waits_for_click(point: slicer.vtkMRMLMarkupsFiducialNode | None) -> bool:
    """Whether the next click places a point of this node."""
    logic = slicer.app.applicationLogic()
    interaction, selection = logic.GetInteractionNode(), logic.GetSelectionNode()
    if point is None or interaction is None or interaction.GetCurrentInteractionMode() != interaction.Place:
        return False
    return selection.GetActivePlaceNodeID() == point.GetID()


def stop_waiting(point: slicer.vtkMRMLMarkupsFiducialNode | None) -> None:
    """Let the mouse go back to looking around, if it is about to place a point of this node, or of one that is gone."""
    logic = slicer.app.applicationLogic()
    interaction, selection = logic.GetInteractionNode(), logic.GetSelectionNode()
    if interaction is None or interaction.GetCurrentInteractionMode() != interaction.Place:
        return
    placed = selection.GetActivePlaceNodeID()
    is_gone = not placed or selection.GetScene().GetNodeByID(placed) is None
    if is_gone or waits_for_click(point):
        interaction.SetCurrentInteractionMode(interaction.ViewTransform)


def place_of(point: slicer.vtkMRMLMarkupsFiducialNode | None) -> Ras | None:
    """Where the point is that was placed last, RAS in mm; None while none is."""
    placed = [] if point is None else _placed(point)
    if not placed:
        return None
    place = np.zeros(3)
    point.GetNthControlPointPositionWorld(placed[-1], place)
    return tuple(place.tolist())


def keep_last(point: slicer.vtkMRMLMarkupsFiducialNode) -> None:
    """Take away all points but the one that was placed last."""
    for n in reversed(_placed(point)[:-1]):
        point.RemoveNthControlPoint(n)


def _placed(point) -> list[int]:
    """Numbers of the points that have been placed; the one that follows the mouse has not."""
    defined = slicer.vtkMRMLMarkupsNode.PositionDefined
    count = point.GetNumberOfControlPoints()
    return [n for n in range(count) if point.GetNthControlPointPositionStatus(n) == defined]


def crosshair_of(scene: slicer.vtkMRMLScene) -> slicer.vtkMRMLCrosshairNode | None:
    """The node that knows where the mouse is in the views."""
    return scene.GetSingletonNode("default", "vtkMRMLCrosshairNode")


def cursor_place(crosshair: slicer.vtkMRMLCrosshairNode) -> Ras | None:
    """Where the mouse is in the views, RAS in mm; None where it is in none."""
    ras = [0.0, 0.0, 0.0]
    return tuple(ras) if crosshair.GetCursorPositionRAS(ras) else None

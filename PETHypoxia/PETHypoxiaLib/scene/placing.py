"""A reference region made by a click: a point, and around it a sphere that is a segment."""

from __future__ import annotations

import numpy as np
import slicer
from HER2ImmunoCommonLib.scene import add_segment, volume_from_node

from ..hypoxia.metrics import REFERENCE_NAMES
from ..hypoxia.sphere import sphere_mask
from .live import check_sphere_possible

SEGMENTATION, SEGMENT_ID = "PETHypoxia.SphereSegmentation", "PETHypoxia.SphereSegmentId"
"""Reference role and attribute by which a point knows the segment made around it."""


def start_placing(parameters) -> slicer.vtkMRMLMarkupsFiducialNode:
    """Wait for one click in a view, which puts the centre of the sphere there; gives the point's node.

    Raises
    ------
    InputError
        If there is no PET volume.
    """
    check_sphere_possible(parameters)
    scene = parameters.petVolume.GetScene()
    point = parameters.spherePoint
    if point is None:
        point = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", "Reference sphere")
        point.CreateDefaultDisplayNodes()
        _draw_small(point.GetDisplayNode())
        parameters.spherePoint = point
    point.RemoveAllControlPoints()
    logic = slicer.app.applicationLogic()
    logic.GetSelectionNode().SetReferenceActivePlaceNodeClassName("vtkMRMLMarkupsFiducialNode")
    logic.GetSelectionNode().SetActivePlaceNodeID(point.GetID())
    logic.GetInteractionNode().SetPlaceModePersistence(0)
    logic.GetInteractionNode().SetCurrentInteractionMode(slicer.vtkMRMLInteractionNode.Place)
    return point


def _draw_small(display: slicer.vtkMRMLMarkupsDisplayNode) -> None:
    """A mark in the slice views without words over the image, and none in 3D."""
    display.SetPointLabelsVisibility(False)
    display.SetPropertiesLabelVisibility(False)
    display.SetVisibility3D(False)
    display.SetVisibility2D(True)


def stop_placing() -> None:
    """Let the mouse go back to looking around."""
    if is_placing():
        interaction = slicer.app.applicationLogic().GetInteractionNode()
        interaction.SetCurrentInteractionMode(interaction.ViewTransform)


def is_placing() -> bool:
    """Whether the next click places something."""
    interaction = slicer.app.applicationLogic().GetInteractionNode()
    return interaction.GetCurrentInteractionMode() == interaction.Place


def is_placed(parameters) -> bool:
    """Whether the point has a position."""
    point = parameters.spherePoint
    return point is not None and point.GetNumberOfDefinedControlPoints() > 0


def centre_of(parameters) -> tuple[float, float, float]:
    """Position of the point, RAS in mm."""
    centre = np.zeros(3)
    parameters.spherePoint.GetNthControlPointPositionWorld(0, centre)
    return tuple(centre.tolist())


def is_reference(parameters) -> bool:
    """Whether the reference region is the sphere around the point."""
    point = parameters.spherePoint
    return (
        point is not None
        and point.GetNodeReference(SEGMENTATION) is parameters.referenceSegmentation
        and bool(parameters.referenceSegmentId)
        and point.GetAttribute(SEGMENT_ID) == parameters.referenceSegmentId
    )


def make_sphere(parameters) -> str:
    """Make the sphere around the point, as a segment, the reference region; gives the segment's ID.

    The segment made around the same point before is replaced.

    Raises
    ------
    InputError
        If there is no PET volume, or the point lies outside it.
    """
    check_sphere_possible(parameters)
    volume, point = parameters.petVolume, parameters.spherePoint
    mask = sphere_mask(volume_from_node(volume), centre_of(parameters), parameters.sphereRadius)
    segmentation = _segmentation(parameters, volume)
    earlier = point.GetAttribute(SEGMENT_ID)
    if point.GetNodeReference(SEGMENTATION) is segmentation and earlier:
        segmentation.GetSegmentation().RemoveSegment(earlier)
    name = f"{REFERENCE_NAMES[parameters.ratio.name].capitalize()} sphere"
    segment_id = add_segment(segmentation, mask, name, volume)
    point.SetNodeReferenceID(SEGMENTATION, segmentation.GetID())
    point.SetAttribute(SEGMENT_ID, segment_id)
    with slicer.util.NodeModify(parameters):
        parameters.referenceSegmentation = segmentation
        parameters.referenceSegmentId = segment_id
    return segment_id


def _segmentation(parameters, volume) -> slicer.vtkMRMLSegmentationNode:
    """That of the reference, else that of the tumour, else a new one."""
    known = parameters.referenceSegmentation or parameters.segmentation
    if known is not None:
        return known
    node = volume.GetScene().AddNewNodeByClass("vtkMRMLSegmentationNode", "Reference regions")
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    return node

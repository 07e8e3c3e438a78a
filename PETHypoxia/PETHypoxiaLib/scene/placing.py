"""A reference region made by a click: a point, and around it a sphere that is a segment."""

from __future__ import annotations

import slicer
from HER2ImmunoCommonLib.scene import add_segment, place_of, volume_from_node

from ..hypoxia.metrics import REFERENCE_NAMES
from ..hypoxia.sphere import sphere_mask
from .live import check_sphere_possible

SEGMENTATION, SEGMENT_ID = "PETHypoxia.SphereSegmentation", "PETHypoxia.SphereSegmentId"
"""Reference role and attribute by which a point knows the segment made around it."""


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
    mask = sphere_mask(volume_from_node(volume), place_of(point), parameters.sphereRadius)
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

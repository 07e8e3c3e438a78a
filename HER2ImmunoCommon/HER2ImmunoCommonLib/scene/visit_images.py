"""The images of a visit by which it is aligned, with its tumour and landmarks, as arrays apart from the scene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer

from ..errors import InputError
from ..examination import lying_apart
from ..geometry import Volume
from ..registration import Landmarks, Transform
from .corrected import measured_of
from .database import header_values, instance_uids
from .nodes import volume_from_node
from .placement import to_world, transform_of
from .segments import segment_mask
from .visit_alignments import placing_of
from .visit_choices import Tumour, has_no_tumour, tumour_of
from .visits import SceneVisit

LANDMARKS = "HER2Immuno.Landmarks"
"""Reference role of a visit's anchor: points that a person set at the same places of each visit."""
BEFORE_CONTRAST = "frame 1, before contrast"


@dataclass(frozen=True, eq=False)
class VisitImages:
    """What is needed of a visit, apart from the scene.

    Attributes
    ----------
    name : str
    image : Volume
        Of the anatomy, before contrast agent.
    said : str
        Which image it is.
    tumour : Volume or None
        Nonzero inside.
    landmarks : ndarray, shape (n, 3), or None
        RAS, mm.
    notes : tuple of str
        What was left out, and why.
    given : Transform or None
        Into this visit, as it is now; where the search begins, or what is judged.
    position : str
        How the patient lay, as the header says it, such as "HFP"; empty where it is not known.
    """

    name: str
    image: Volume
    said: str
    tumour: Volume | None = None
    landmarks: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    given: Transform | None = None
    position: str = ""


def images_of(visit: SceneVisit, like: Tumour | None = None, given: Transform | None = None) -> VisitImages:
    """Image, tumour and landmarks of a visit as arrays of their own.

    Raises
    ------
    InputError
        If it has no images of the anatomy, or they cannot be used.
    """
    node = visit.anatomy
    if node is None:
        raise InputError(f"{visit.name} has no MR to be aligned by; load its dynamic series, or leave it out.")
    _check_own_place(visit, node)
    image, said = _anatomy(node)
    tumour, notes = _tumour(visit, node, image, like)
    return VisitImages(visit.name, image, said, tumour, _points(visit), notes, given, _position(node))


def notes_of_pair(reference: VisitImages, moving: VisitImages) -> tuple[str, ...]:
    """What was left out of two visits, and whether the patient lay another way."""
    lying = lying_apart(reference.position, moving.position, (reference.name, moving.name))
    return (*filter(None, [lying]), *reference.notes, *moving.notes)


def landmarks_of(reference: VisitImages, moving: VisitImages) -> Landmarks | None:
    """The landmarks that both visits have; None where one has none.

    Raises
    ------
    InputError
        If they have different numbers of them.
    """
    if reference.landmarks is None or moving.landmarks is None:
        return None
    return Landmarks(reference.landmarks, moving.landmarks)


def middle_of(visit: SceneVisit) -> np.ndarray:
    """The middle of its images (RAS, mm, in the world)."""
    node = visit.anatomy or visit.images[0]
    is_series = node.IsA("vtkMRMLSequenceNode")
    frame = volume_from_node(node.GetNthDataNode(0) if is_series else node)
    place = to_world(node) @ frame.ijk_to_ras if is_series else frame.ijk_to_ras
    return (place @ [*(np.array(frame.array.shape[::-1]) - 1) / 2.0, 1.0])[:3]


def set_landmarks(visit: SceneVisit, points: slicer.vtkMRMLMarkupsNode | None) -> None:
    """Say which points of the scene are the landmarks of a visit."""
    visit.anchor.SetNodeReferenceID(LANDMARKS, None if points is None else points.GetID())


def landmark_node_of(visit: SceneVisit) -> slicer.vtkMRMLMarkupsNode | None:
    """The points that are the landmarks of a visit."""
    return visit.anchor.GetNodeReference(LANDMARKS)


def _check_own_place(visit: SceneVisit, node: slicer.vtkMRMLNode) -> None:
    """Refuse images that a person put under the visit's own transform, which would then be counted twice."""
    placing, above = placing_of(visit), transform_of(node)
    while above is not None:
        if placing is not None and above is placing.node:
            raise InputError(
                f"{node.GetName()} lies under {above.GetName()}, its own transform to the reference; take it out from "
                "under it (module Transforms), since the comparison places it by itself."
            )
        above = above.GetParentTransformNode()


def _anatomy(node: slicer.vtkMRMLNode) -> tuple[Volume, str]:
    """A copy of the image to align by, in the world, and which it is."""
    if not node.IsA("vtkMRMLSequenceNode"):
        volume = volume_from_node(node)
        return volume.like(np.array(volume.array, np.float32)), node.GetName()
    frame = volume_from_node(node.GetNthDataNode(0))
    return Volume(np.array(frame.array, np.float32), to_world(node) @ frame.ijk_to_ras), BEFORE_CONTRAST


def _tumour(visit: SceneVisit, node, image: Volume, like: Tumour | None) -> tuple[Volume | None, tuple[str, ...]]:
    """The tumour on the grid of the image; without one that can be used, why."""
    if has_no_tumour(visit):
        return None, ()
    tumour = tumour_of(visit, like)
    if tumour is None:
        return None, (f"No segment is known to be the tumour of {visit.name}, so it is treated as other tissue.",)
    try:
        mask = segment_mask(tumour.segmentation, tumour.segment_id, node)
    except InputError as error:
        return None, (f"The tumour of {visit.name} is left out: {error}",)
    return image.like(mask.astype(np.uint8)), ()


def _position(node) -> str:
    """`PatientPosition` (0018,5100) of the first image, where the application's database is open and knows it."""
    first = next(iter(instance_uids(measured_of(node))), "")
    return header_values(first, ["PatientPosition"]).get("PatientPosition", "")


def _points(visit: SceneVisit) -> np.ndarray | None:
    node = landmark_node_of(visit)
    if node is None or not node.GetNumberOfControlPoints():
        return None
    return slicer.util.arrayFromMarkupsControlPoints(node, world=True)

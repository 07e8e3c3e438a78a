"""Visits of the scene brought into the space of the reference: what that needs, the work, and its nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import slicer

from ..errors import InputError
from ..progress import Report, part
from ..registration import Alignment, AlignSettings, Quality, align, judge
from .folders import put_in_folder
from .nodes import all_or_nothing
from .slices import segment_centre
from .transforms import set_transform, transform_of
from .visit_alignments import (
    FOUND,
    Judged,
    correct,
    linear_part,
    new_transform,
    place_visit,
    placing_of,
)
from .visit_choices import track, tumour_of
from .visit_images import VisitImages, images_of, landmarks_of, middle_of, notes_of_pair
from .visits import SceneVisit

DEFAULT = AlignSettings()
TRANSFORMS = "Transforms"
"""Folder inside that of the visit."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What was found of the visits, by name, and why others were refused."""

    aligned: dict[str, Alignment] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class AlignRequest:
    """Visits to be aligned to a reference.

    Attributes
    ----------
    reference : VisitImages
    moving : tuple of VisitImages
    settings : AlignSettings
    refused : dict
        Why other visits cannot be aligned, by their names.
    """

    reference: VisitImages
    moving: tuple[VisitImages, ...]
    settings: AlignSettings = DEFAULT
    refused: dict[str, str] = field(default_factory=dict)

    def make(self, report: Report | None = None) -> Outcome:
        """Align each visit; touches no node. One that is refused does not stop the others.

        Raises
        ------
        InputError
            If all are refused.
        """
        found = Outcome(refused=dict(self.refused))
        for number, moving in enumerate(self.moving):
            own = _naming(part(report, number / len(self.moving), (number + 1) / len(self.moving)), moving.name)
            try:
                found.aligned[moving.name] = self._align(moving, own)
            except InputError as error:
                found.refused[moving.name] = str(error)
        if not found.aligned:
            raise InputError(refusals(found))
        return found

    def _align(self, moving: VisitImages, report: Report | None) -> Alignment:
        return align(
            self.reference.image,
            moving.image,
            tumour_fixed=self.reference.tumour,
            tumour_moving=moving.tumour,
            initial=moving.given,
            landmarks=landmarks_of(self.reference, moving),
            settings=self.settings,
            report=report,
        )


@dataclass(frozen=True, eq=False)
class JudgeRequest:
    """A transform that a person gave or corrected, to be judged."""

    reference: VisitImages
    moving: VisitImages
    motion: tuple[float, ...]

    def make(self, report: Report | None = None) -> Judged:
        """Judge it; touches no node."""
        quality = judge(
            self.moving.given,
            self.reference.image,
            self.moving.image,
            tumour_fixed=self.reference.tumour,
            tumour_moving=self.moving.tumour,
            landmarks=landmarks_of(self.reference, self.moving),
            report=report,
        )
        return Judged(quality, _notes(self.reference, self.moving, quality), self.moving.said, self.motion)


def gather_alignment(
    reference: SceneVisit, visits: Sequence[SceneVisit], settings: AlignSettings = DEFAULT
) -> AlignRequest:
    """Read what is needed to align visits to a reference.

    Raises
    ------
    InputError
        As `check_alignable`; if the images of the reference cannot be used, or those of no other visit.
    """
    fixed = images_of(reference)
    like = tumour_of(reference)
    moving, refused = [], {}
    for visit in check_alignable(reference, visits):
        try:
            moving.append(images_of(visit, like))
        except InputError as error:
            refused[visit.name] = str(error)
    if not moving:
        raise InputError(refusals(Outcome(refused=refused)))
    return AlignRequest(fixed, tuple(moving), settings, refused)


def check_alignable(reference: SceneVisit, visits: Sequence[SceneVisit]) -> list[SceneVisit]:
    """The visits that are to be aligned to a reference; quick, no voxel is read.

    Raises
    ------
    InputError
        Without any, if one is of another patient, or if two have the same name.
    """
    moving = [visit for visit in visits if visit.anchor is not reference.anchor]
    if not moving:
        raise InputError("There is no other visit to align; load the images of another visit of this patient.")
    for visit in moving:
        if visit.patient and reference.patient and visit.patient != reference.patient:
            raise InputError(f"{visit.name} is of another patient than {reference.name}; leave it out.")
    names = Counter(visit.name for visit in (reference, *moving))
    twice = next((name for name, count in names.items() if count > 1), None)
    if twice is not None:
        raise InputError(f"Several visits are called {twice}; give them different names.")
    return moving


def correct_about_tumour(visit: SceneVisit, reference: SceneVisit) -> slicer.vtkMRMLLinearTransformNode:
    """`correct` about the middle of the tumour of the reference, or of its images where it has none.

    Raises
    ------
    InputError
        If the visit has no transform.
    """
    tumour = tumour_of(reference)
    centre = None if tumour is None else segment_centre(tumour.segmentation, tumour.segment_id)
    return correct(visit, middle_of(reference) if centre is None else centre)


def gather_judgement(reference: SceneVisit, visit: SceneVisit) -> JudgeRequest:
    """Read what is needed to judge the transform of a visit.

    Raises
    ------
    InputError
        If it has none, or images cannot be used.
    """
    placing = placing_of(visit)
    if placing is None:
        raise InputError(f"{visit.name} has no transform; align it, or choose one.")
    moving = images_of(visit, tumour_of(reference), given=transform_of(placing.node))
    return JudgeRequest(images_of(reference), moving, linear_part(placing.node))


def publish_alignment(
    scene: slicer.vtkMRMLScene,
    reference: SceneVisit,
    visits: Sequence[SceneVisit],
    request: AlignRequest,
    found: Outcome,
) -> tuple[str, ...]:
    """Make a transform node for each visit that was aligned, in place of those before; all or none.

    The tumours get one tracking UID where they have none. Visits whose images have gone meanwhile are passed over.

    Returns
    -------
    tuple of str
        Names of tumours that have another tracking UID than that of the reference, and keep it.

    Raises
    ------
    InputError
        If the images of the reference have gone meanwhile.
    """
    if reference.anchor.GetScene() is None:
        raise InputError(f"The images of {reference.name} were deleted meanwhile; nothing was kept. Align again.")
    aligned = [visit for visit in visits if visit.name in found.aligned and visit.anchor.GetScene() is not None]
    with all_or_nothing(scene) as keep:
        made = {visit.name: new_transform(scene, visit.name, reference.name, keep) for visit in aligned}
        for name, node in made.items():
            set_transform(node, found.aligned[name].transform)
    images = {moving.name: moving for moving in request.moving}
    for visit in aligned:
        alignment, node = found.aligned[visit.name], made[visit.name]
        notes = (*notes_of_pair(request.reference, images[visit.name]), *alignment.warnings)
        judged = Judged(alignment.quality, notes, images[visit.name].said, linear_part(node))
        place_visit(visit, reference, node, FOUND, judged)
        put_in_folder(scene, [node], TRANSFORMS, beside=visit.anchor)
    return track_tumours(reference, aligned)


def track_tumours(reference: SceneVisit, visits: Sequence[SceneVisit]) -> tuple[str, ...]:
    """Let the tumours of visits have the tracking UID of that of the reference; gives those that have another."""
    like = tumour_of(reference)
    return track(like, [tumour for visit in visits if (tumour := tumour_of(visit, like)) is not None])


def refusals(found: Outcome) -> str:
    """Which visits were refused, and why, a line each."""
    return "\n".join(
        reason if reason.startswith(name) else f"{name}: {reason}" for name, reason in found.refused.items()
    )


def _notes(reference: VisitImages, moving: VisitImages, quality: Quality) -> tuple[str, ...]:
    folds = quality.jacobian_min <= 0
    said = (f"The transform folds (smallest Jacobian {quality.jacobian_min:.2g}); do not use it.",) if folds else ()
    return (*said, *notes_of_pair(reference, moving))


def _naming(report: Report | None, name: str) -> Report | None:
    """The report, with the visit that is at work."""
    return None if report is None else lambda fraction, text: report(fraction, f"{name}: {text}")

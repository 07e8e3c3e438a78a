"""What a person says of the visits of the scene: names, days, the reference, which segment is the tumour.

All of it is kept with the nodes of the visits, as attributes and node references, and so in a saved scene.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import slicer

from ..errors import InputError
from ..examination import Examination
from ..tracking import new_tracking_uid
from .examinations import examination_of, set_examination
from .origins import name_of_day
from .proposals import TUMOUR
from .segments import segment_name
from .tracking_tags import set_tracking_uid, tracking_uid_of
from .visits import SceneVisit, VisitsFound

REFERENCE = "HER2Immuno.ReferenceVisit"
TUMOUR_ROLE, TUMOUR_SEGMENT = "HER2Immuno.VisitTumour", "HER2Immuno.VisitTumourSegment"
NO_TUMOUR = "none"
"""Kept in place of a segment where a person said that the visit has no tumour."""


@dataclass(frozen=True, eq=False)
class Tumour:
    """A segment that is the tumour of a visit."""

    segmentation: slicer.vtkMRMLSegmentationNode
    segment_id: str

    @property
    def name(self) -> str:
        """Of the segment."""
        return segment_name(self.segmentation, self.segment_id)

    @property
    def key(self) -> str:
        """Tells it from the other segments of the scene."""
        return f"{self.segmentation.GetID()} {self.segment_id}"

    @property
    def uid(self) -> str:
        """Its tracking UID; empty for none."""
        return tracking_uid_of(self.segmentation, self.segment_id)


def rename_visit(found: VisitsFound, visit: SceneVisit, name: str) -> None:
    """Give a visit a name, which its images and regions then have wherever they are measured.

    Raises
    ------
    InputError
        If it is empty, or another visit of the patient has it.
    """
    name = name.strip()
    if not name:
        raise InputError(f"A visit needs a name; {visit.name} keeps its own.")
    if any(other.name == name and other is not visit for other in found.of_patient(visit.patient)):
        raise InputError(f"Another visit is called {name}; give {visit.name} a name of its own.")
    earlier = visit.name
    _keep(visit, name=name)
    _rename_folder(visit, earlier, name)


def set_day(found: VisitsFound, visit: SceneVisit, day: float) -> None:
    """Say on which day after the start of observation a visit was; the others of its patient keep the day they have."""
    for other in found.visits:
        if other is not visit and other.patient == visit.patient and other.day is not None:
            _keep(other)
    _keep(visit, day=day)


def set_day_zero(found: VisitsFound, visit: SceneVisit) -> str:
    """Make the date of a visit day 0, and count the days of the others of its patient anew; gives that date.

    Visits whose date is not known keep their day.

    Raises
    ------
    InputError
        If the date of the visit is not known.
    """
    if not visit.date:
        raise InputError(f"The images of {visit.name} have no date; give the days of the visits by hand.")
    for other in found.visits:
        day = Examination(date=other.date).days_after(visit.date)
        if other.patient == visit.patient and day is not None:
            _keep(other, day=day)
    return visit.date


def set_reference(found: VisitsFound, visit: SceneVisit) -> None:
    """Make a visit the reference of its patient, which the others are aligned to."""
    for other in found.of_patient(visit.patient):
        if other.anchor is not None:
            other.anchor.RemoveAttribute(REFERENCE)
    visit.anchor.SetAttribute(REFERENCE, "1")


def reference_of(visits: Sequence[SceneVisit]) -> SceneVisit | None:
    """The reference among the visits of a patient: that which was chosen, else the first with images of the anatomy."""
    chosen = (visit for visit in visits if visit.anchor.GetAttribute(REFERENCE))
    usable = (visit for visit in visits if visit.anatomy is not None)
    return next(chosen, None) or next(usable, None)


def choose_tumour(visit: SceneVisit, segmentation: slicer.vtkMRMLSegmentationNode | None, segment_id: str = "") -> None:
    """Say which segment is the tumour of a visit; None: that there is no tumour."""
    visit.anchor.SetNodeReferenceID(TUMOUR_ROLE, None if segmentation is None else segmentation.GetID())
    visit.anchor.SetAttribute(TUMOUR_SEGMENT, NO_TUMOUR if segmentation is None else segment_id)


def has_no_tumour(visit: SceneVisit) -> bool:
    """Whether a person said that there is no tumour, such as one that has vanished."""
    return visit.anchor.GetAttribute(TUMOUR_SEGMENT) == NO_TUMOUR


def tumour_of(visit: SceneVisit, like: Tumour | None = None) -> Tumour | None:
    """The segment that is the tumour of a visit.

    What a person chose goes first; then the segment with the tracking UID of the tumour `like` of another visit; then
    the only one that is called a tumour. None where that does not tell, or there is none.
    """
    if has_no_tumour(visit):
        return None
    segment_id = visit.anchor.GetAttribute(TUMOUR_SEGMENT) or ""
    chosen = Tumour(visit.anchor.GetNodeReference(TUMOUR_ROLE), segment_id) if segment_id else None
    if chosen is not None and chosen.name:
        return chosen
    every = tumour_choices(visit)
    tracked = [tumour for tumour in every if like is not None and like.uid and tumour.uid == like.uid]
    named = [tumour for tumour in every if TUMOUR.search(tumour.name)]
    return next((found[0] for found in (tracked, named) if len(found) == 1), None)


def tumour_choices(visit: SceneVisit) -> list[Tumour]:
    """Every segment of a visit."""
    return [
        Tumour(node, segment_id)
        for node in visit.segmentations
        for segment_id in node.GetSegmentation().GetSegmentIDs()
    ]


def track(reference: Tumour | None, others: Iterable[Tumour]) -> tuple[str, ...]:
    """Let the segments of one tumour have one tracking UID; one that has another keeps it, which is told.

    Returns
    -------
    tuple of str
        Names of segments with a UID of their own.
    """
    others = list(others)
    if reference is None:
        return ()
    known = next((tumour.uid for tumour in (reference, *others) if tumour.uid), "")
    uid = reference.uid or known or new_tracking_uid()
    different = []
    for tumour in (reference, *others):
        if not tumour.uid:
            set_tracking_uid(tumour.segmentation, tumour.segment_id, uid)
        elif tumour.uid != uid:
            different.append(f"{tumour.name} of {tumour.segmentation.GetName()}")
    return tuple(different)


def _keep(visit: SceneVisit, *, name: str = "", day: float | None = None) -> None:
    """Keep name and day with every node of a visit, so that whatever measures it finds them."""
    day = visit.day if day is None else day
    if not (name or visit.is_named) and visit.date and day is not None:
        name = name_of_day(day)  # nobody gave it a name, and its day may be another now
    for node in (*visit.images, *visit.segmentations):
        set_examination(node, replace(examination_of(node), visit=name or visit.name, day=day))


def _rename_folder(visit: SceneVisit, earlier: str, name: str) -> None:
    """A folder that is called like the visit goes on being called so; one that the DICOM module made stays."""
    scene, words = visit.anchor.GetScene(), slicer.vtkMRMLSubjectHierarchyConstants
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    title = hierarchy.GetItemName(visit.folder) if visit.folder else ""
    if title.endswith(earlier) and hierarchy.GetItemLevel(visit.folder) == words.GetSubjectHierarchyLevelFolder():
        hierarchy.SetItemName(visit.folder, title.removesuffix(earlier) + name)

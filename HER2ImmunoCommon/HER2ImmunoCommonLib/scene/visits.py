"""The visits that the scene holds: what was acquired at each, what was drawn and computed, and what is doubtful."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import slicer

from ..examination import Examination, first_date
from .corrected import measured_of
from .examinations import visit_folder
from .fitting import is_result
from .origins import name_of_day
from .views import origin_of
from .visit_doubts import doubts_of
from .visit_groups import DYNAMIC, OTHER, PET, REGIONS, UNREAD, VFA, Group, groups_of, kinds_in

LAST = "9999"
"""Sorts behind every date."""


@dataclass(frozen=True, eq=False)
class SceneVisit:
    """A visit of a patient, as the scene has it.

    Attributes
    ----------
    name : str
    day : float or None
        Days since the start of observation, as it was given, else counted from the first date of the patient.
    date : str
        As YYYY-MM-DD; empty where it is not known.
    patient : str
        Tells one patient from another, and nothing else of them; empty where it is not known.
    folder : int
        Item of the subject hierarchy that holds its images; 0 for none.
    dynamic, vfa : vtkMRMLSequenceNode or None
    pet : vtkMRMLScalarVolumeNode or None
    segmentation : vtkMRMLSegmentationNode or None
        The first, if it has several.
    images, segmentations, maps : tuple of vtkMRMLNode
        All its images, also others than those above; all its segmentations; the maps computed of its images.
    unread : tuple of str
        Names of series that have to be opened in Quant DCE before they can be used.
    is_named : bool
        Whether a person or a study named it.
    doubts : tuple of str
        What is missing or doubtful, a sentence each.
    """

    name: str
    day: float | None
    date: str
    patient: str
    folder: int
    dynamic: slicer.vtkMRMLSequenceNode | None
    vfa: slicer.vtkMRMLSequenceNode | None
    pet: slicer.vtkMRMLScalarVolumeNode | None
    segmentation: slicer.vtkMRMLSegmentationNode | None
    images: tuple[slicer.vtkMRMLNode, ...]
    segmentations: tuple[slicer.vtkMRMLSegmentationNode, ...]
    maps: tuple[slicer.vtkMRMLVolumeNode, ...] = ()
    unread: tuple[str, ...] = ()
    is_named: bool = False
    doubts: tuple[str, ...] = ()

    @property
    def anchor(self) -> slicer.vtkMRMLNode | None:
        """The node that keeps what a person chose for the visit: its main image, or its segmentation without one.

        Of a series that was corrected for motion that is the measured one, which had it before.
        """
        first = next(iter((*self.images, *self.segmentations)), None)
        return None if first is None else measured_of(first)

    @property
    def anatomy(self) -> slicer.vtkMRMLNode | None:
        """The images that tell the anatomy: the dynamic series, else another image that is no PET."""
        return self.dynamic or next((node for node in self.images if node not in (self.vfa, self.pet)), None)


@dataclass(frozen=True)
class VisitsFound:
    """The visits of the scene by patient and day, and names of images that belong to none."""

    visits: tuple[SceneVisit, ...]
    unplaced: tuple[str, ...] = ()

    def named(self, name: str) -> SceneVisit | None:
        """The visit of that name; the first where several have it."""
        return next((visit for visit in self.visits if visit.name == name), None)

    def of_patient(self, patient: str) -> tuple[SceneVisit, ...]:
        """The visits of one patient, with those of which that is not known."""
        return tuple(visit for visit in self.visits if not (visit.patient and patient and visit.patient != patient))


def visits_of(scene: slicer.vtkMRMLScene) -> VisitsFound:
    """Find the visits of the scene; nothing is changed."""
    groups = groups_of(scene)
    alone = [group for group in groups if not _is_visit(group)]
    maps = _maps(scene)
    visits = [_visit(group, maps) for group in groups if _is_visit(group)]
    visits = _ordered(_with_days(visits))
    visits = [replace(visit, doubts=doubts_of(visit, visits)) for visit in visits]
    return VisitsFound(tuple(visits), tuple(member.node.GetName() for group in alone for member in group))


def _is_visit(group: Group) -> bool:
    return bool(kinds_in(group) & {DYNAMIC, VFA, PET, UNREAD}) or any(member.is_known for member in group)


def _visit(group: Group, maps: Sequence[slicer.vtkMRMLVolumeNode]) -> SceneVisit:
    by_kind = {kind: [member.node for member in group if member.kind == kind] for kind in kinds_in(group)}
    dynamics = sorted(by_kind.get(DYNAMIC, []), key=lambda node: _place_of_dynamic(node, maps))
    images = (*dynamics, *by_kind.get(OTHER, []), *by_kind.get(VFA, []), *by_kind.get(PET, []))
    regions = tuple(by_kind.get(REGIONS, []))
    folder = next((member.folder for member in group if member.folder), 0)
    known = [member.examination for member in group]
    visit = _first(known, "visit")
    return SceneVisit(
        name=visit,
        day=next((each.day for each in known if each.visit and each.day is not None), None),
        date=_first(known, "date"),
        patient=_first(known, "patient"),
        folder=folder,
        dynamic=next(iter(dynamics), None),
        vfa=next(iter(by_kind.get(VFA, [])), None),
        pet=next(iter(by_kind.get(PET, [])), None),
        segmentation=next(iter(regions), None),
        images=images,
        segmentations=regions,
        maps=tuple(node for node in maps if _is_map_of(node, images, regions, folder)),
        unread=tuple(node.GetName() for node in by_kind.get(UNREAD, [])),
        is_named=bool(visit),
    )


def _first(examinations: Iterable[Examination], field: str) -> str:
    return next((found for each in examinations if (found := getattr(each, field))), "")


def _maps(scene: slicer.vtkMRMLScene) -> list[slicer.vtkMRMLVolumeNode]:
    volumes = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode", scene)
    return [node for node in volumes if is_result(node) and not node.GetHideFromEditors()]


def _has_results(node: slicer.vtkMRMLNode, maps: Iterable[slicer.vtkMRMLVolumeNode]) -> bool:
    return any(origin_of(each)[0] is node for each in maps)


def _place_of_dynamic(node: slicer.vtkMRMLNode, maps: Iterable[slicer.vtkMRMLVolumeNode]) -> tuple[bool, bool]:
    """Sorts the series of a visit: first one with results, then one that was corrected for motion."""
    return not _has_results(node, maps), measured_of(node) is node


def _is_map_of(node, images: Sequence, regions: Sequence, folder: int) -> bool:
    made_of, drawn, _segment = origin_of(node)
    if made_of is not None or drawn is not None:
        return made_of in images or (made_of is None and drawn in regions)
    return bool(folder) and visit_folder(node) == folder


def _with_days(visits: Sequence[SceneVisit]) -> list[SceneVisit]:
    """Count the days that nobody gave, and name the visits that nobody named."""
    found = []
    for visit in visits:
        kin = [other for other in visits if other.patient == visit.patient]
        day = visit.day if visit.day is not None else _counted(visit, kin)
        found.append(replace(visit, day=day, name=visit.name or _name(visit, day)))
    taken = Counter((visit.patient, visit.name) for visit in found)
    return [_apart(visit, taken) for visit in found]


def _counted(visit: SceneVisit, kin: Sequence[SceneVisit]) -> float | None:
    """The day by a visit of the patient whose day was given, else by the first date."""
    of = Examination(date=visit.date)
    for other in kin:
        if other.day is not None and (after := of.days_after(other.date)) is not None:
            return other.day + after
    return of.days_after(first_date([Examination(date=other.date) for other in kin]))


def _name(visit: SceneVisit, day: float | None) -> str:
    if visit.date and day is not None:
        return name_of_day(day)
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(visit.anchor.GetScene())
    return hierarchy.GetItemName(visit.folder) if visit.folder else visit.anchor.GetName()


def _apart(visit: SceneVisit, taken: Counter) -> SceneVisit:
    """A name that nobody gave is told from an equal one by the name of the images."""
    if visit.is_named or taken[visit.patient, visit.name] < 2:
        return visit
    return replace(visit, name=f"{visit.name} ({visit.anchor.GetName()})")


def _ordered(visits: Sequence[SceneVisit]) -> list[SceneVisit]:
    """By patient, in the order of their first dates, then by day."""
    first = {
        patient: first_date([Examination(date=each.date) for each in visits if each.patient == patient]) or LAST
        for patient in {visit.patient for visit in visits}
    }

    def place(visit: SceneVisit):
        return first[visit.patient], visit.patient, visit.day is None, visit.day or 0.0, visit.date or LAST

    return sorted(visits, key=place)

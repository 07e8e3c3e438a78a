"""What is missing or doubtful of a visit of the scene, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..examination import Examination
from .corrected import are_same_images
from .visit_groups import DYNAMIC, kind_of

if TYPE_CHECKING:
    from .visits import SceneVisit


def doubts_of(visit: SceneVisit, visits: Sequence[SceneVisit]) -> tuple[str, ...]:
    """Sentences on a visit among all those of the scene; none if all is well."""
    return (*_of_images(visit), *_of_regions(visit), *_of_time(visit, visits), *_of_others(visit, visits))


def _of_images(visit: SceneVisit) -> Iterator[str]:
    if visit.unread:
        names = ", ".join(visit.unread)
        yield f"{names} is not opened yet; choose it in Quant DCE, which makes a series of it."
    elif visit.dynamic is None:
        what = "no MR" if visit.anatomy is None else "no dynamic series"
        yield f"There is {what} of this visit."
    dynamics = [node for node in visit.images if kind_of(node) == DYNAMIC]
    others = [node for node in dynamics[1:] if not are_same_images(node, dynamics[0])]
    if others:
        names = ", ".join(node.GetName() for node in others)
        yield f"It has {len(others) + 1} dynamic series; {dynamics[0].GetName()} is used, and not {names}."


def _of_regions(visit: SceneVisit) -> Iterator[str]:
    if not visit.segmentations:
        yield "Nothing is segmented; draw the tumour in Quant DCE."


def _of_time(visit: SceneVisit, visits: Sequence[SceneVisit]) -> Iterator[str]:
    if not visit.date and visit.day is None:
        yield "Its images have no date; give its day."
    elif not visit.date:
        yield "Its images have no date; its day is what was given."
    for other in _kin(visit, visits):
        after = Examination(date=visit.date).days_after(other.date)
        if other is visit or after is None or visit.day is None or other.day is None:
            continue
        if abs(visit.day - other.day - after) >= 1.0:
            yield (
                f"Its day {visit.day:g} does not fit its date: it is {after:+g} days from {other.name}, "
                f"day {other.day:g}."
            )
            return


def _of_others(visit: SceneVisit, visits: Sequence[SceneVisit]) -> Iterator[str]:
    if len({other.patient for other in visits} - {""}) > 1:
        names = [other.name for other in visits if other.patient and other.patient != visit.patient]
        if visit.patient and _is_in_the_minority(visit, visits):
            yield f"It is of another patient than {', '.join(names)}; visits are only compared within a patient."
    elif not visit.patient and any(other.patient for other in visits):
        yield "Its images do not tell of which patient they are."
    same_day = [other.name for other in _kin(visit, visits) if other is not visit and _one_day(visit, other)]
    if same_day:
        yield f"{', '.join(same_day)} is on the same day; give them days or names that tell them apart."
    if any(other is not visit and other.name == visit.name for other in _kin(visit, visits)):
        yield f"Another visit is called {visit.name}, too; give them different names."


def _kin(visit: SceneVisit, visits: Sequence[SceneVisit]) -> list[SceneVisit]:
    return [other for other in visits if other.patient == visit.patient]


def _one_day(a: SceneVisit, b: SceneVisit) -> bool:
    if a.date and b.date:
        return a.date == b.date
    return a.day is not None and a.day == b.day


def _is_in_the_minority(visit: SceneVisit, visits: Sequence[SceneVisit]) -> bool:
    """Whether the patient has fewer visits than another; of as many, whether it comes later."""
    counts: dict[str, int] = {}
    for other in visits:
        if other.patient:
            counts[other.patient] = counts.get(other.patient, 0) + 1
    return visit.patient != max(counts, key=lambda patient: counts[patient])

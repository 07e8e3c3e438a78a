"""The visits of the scene in the words of the panel: what each has, how it is aligned, what was given between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.scene import (
    ACCEPTED,
    GIVEN,
    SceneVisit,
    Tumour,
    VisitsFound,
    has_correction,
    placing_of,
    tumour_of,
)

from ..timeline import date_of_day
from ..treatments.clinical_doses import ClinicalDose
from .given import given_doses
from .patients import day_zero_of, number_of

DOSES = "doses"
NOT_ALIGNED, OUTDATED = "not aligned", "of another reference"
REFERENCE_WORD = "reference"
FIRST_MAP = "first"
"""Kept in place of a map before a person chose one."""


@dataclass(frozen=True)
class ShownVisit:
    """A line of the table: a visit, or doses between two.

    Attributes
    ----------
    name, day, date, has, aligned : str
        What stands in the columns.
    doubts : tuple of str
        Of a visit; each dose, of doses.
    visit : SceneVisit or None
        None for doses.
    """

    name: str
    day: str
    date: str
    has: str
    aligned: str
    doubts: tuple[str, ...] = ()
    visit: SceneVisit | None = None


def lines_of(found: VisitsFound, reference: SceneVisit | None, parameters) -> list[ShownVisit]:
    """The visits in their order, with the doses of the treatment table between them."""
    doses = _doses(parameters)
    lines, before = [], float("-inf")
    for visit in found.visits:
        day = visit.day
        if day is not None and _is_of(visit, reference):
            lines += _given(doses, before, day, parameters)
            before = max(before, day)
        lines.append(_line(visit, reference))
    return [*lines, *(_given(doses, before, float("inf"), parameters) if found.visits else [])]


def contents_of(visit: SceneVisit, like: Tumour | None = None) -> str:
    """What a visit has, in words."""
    tumour = tumour_of(visit, like)
    images = {"dynamic": visit.dynamic, "flip angles": visit.vfa, "PET": visit.pet}
    named = [word for word, node in images.items() if node is not None]
    more = len(visit.images) - len(named)
    if more:
        named.append(f"{more} other images" if more > 1 else "1 other image")
    if tumour is not None:
        named.append(f"tumour ({tumour.name})" if "tumo" not in tumour.name.lower() else "tumour")
    elif visit.segmentations:
        named.append("segments, no tumour chosen")
    if visit.maps:
        named.append("1 map" if len(visit.maps) == 1 else f"{len(visit.maps)} maps")
    return ", ".join(named) or "nothing"


def alignment_of(visit: SceneVisit, reference: SceneVisit | None) -> str:
    """How a visit is aligned, in words."""
    if reference is None:
        return NOT_ALIGNED
    if visit.anchor is reference.anchor:
        return REFERENCE_WORD
    placing = placing_of(visit)
    if placing is None:
        return NOT_ALIGNED
    if not placing.leads_to(reference):
        return OUTDATED
    state = {ACCEPTED: "accepted", GIVEN: "given"}.get(placing.state, "to be looked at")
    return f"{state}, corrected" if has_correction(visit) else state


def overlay_chosen(offered: Mapping[str, str], key: str) -> str:
    """Key of the map that is shown over the visits: the chosen one, the first until one was, or empty for none."""
    return next(iter(offered), "") if key == FIRST_MAP else key if key in offered else ""


def doubts_said(found: VisitsFound) -> str:
    """Everything that is doubtful, a line a visit; empty if nothing is."""
    lines = [f"{visit.name}: {' '.join(visit.doubts)}" for visit in found.visits if visit.doubts]
    if found.unplaced:
        names = ", ".join(found.unplaced)
        lines.append(
            f"Of no visit: {names}. Put them into the folder of their visit (module Data) if they belong to one."
        )
    return "\n".join(lines)


def _line(visit: SceneVisit, reference: SceneVisit | None) -> ShownVisit:
    like = None if reference is None else tumour_of(reference)
    day = "" if visit.day is None else f"{visit.day:g}"
    has, aligned = contents_of(visit, like), alignment_of(visit, reference)
    return ShownVisit(visit.name, day, visit.date, has, aligned, visit.doubts, visit)


def _is_of(visit: SceneVisit, reference: SceneVisit | None) -> bool:
    """Whether a visit is of the patient of the reference, whose doses the treatment table has."""
    return reference is None or visit.patient == reference.patient


def _doses(parameters) -> list[ClinicalDose]:
    """The doses of the table; none where it cannot be read, which is said of it."""
    if parameters is None or parameters.treatments is None:
        return []
    try:
        return sorted(given_doses(parameters), key=lambda dose: dose.day)
    except InputError:
        return []


def _given(doses: Sequence[ClinicalDose], after: float, until: float, parameters) -> list[ShownVisit]:
    """A line for the doses from one visit to the next, if there are any; those of the day of a visit come after it."""
    between = [dose for dose in doses if after <= dose.day < until]
    if not between:
        return []
    first, last = between[0].day, between[-1].day
    days = f"{first:g}" if first == last else f"{first:g} to {last:g}"
    day_zero = _day_zero(parameters)
    when = [date_of_day(day, day_zero) for day in (first, last)]
    date = "" if None in when or first != last else when[0].isoformat()
    counts = Counter(dose.drug for dose in between)
    drugs = ", ".join(drug if count == 1 else f"{drug} ×{count}" for drug, count in counts.items())
    return [ShownVisit(DOSES, days, date, drugs, "", tuple(_dose(dose, day_zero) for dose in between))]


def _day_zero(parameters) -> date | None:
    try:
        return day_zero_of(parameters)
    except InputError:  # which is said of it
        return None


def _dose(dose: ClinicalDose, day_zero: date | None) -> str:
    when = date_of_day(dose.day, day_zero)
    return f"{dose.drug}, day {dose.day:g}" + ("" if when is None else f" ({when.isoformat()})")


def day_in(text: str, visit: str) -> float:
    """The day that a person wrote for a visit.

    Raises
    ------
    InputError
        If it is no number of days.
    """
    day = number_of(text, f"day of {visit}")
    if day is None:
        raise InputError(f"The day of {visit} is empty; write the days since the start of observation.")
    return day

"""How good the alignment of the visits is, as a table in plain words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from HER2ImmunoCommonLib import html
from HER2ImmunoCommonLib.registration import Quality

from .pet_space import GIVEN, HEADERS, REGISTERED
from .report_words import counted, visit_and_day
from .results import StudyResult, VisitResult

VISITS_A_TABLE = 6
NONE = "–"
TO_PET = {
    HEADERS: "where the headers say",
    GIVEN: "by the given transform",
    REGISTERED: "registered to the attenuation image",
}
ROWS: dict[str, Callable[[Quality], str]] = {
    "Likeness of the images, before": lambda found: f"{found.metric_before:.2f}",
    "Likeness of the images, after": lambda found: f"{found.metric_after:.2f}",
    "Smallest and largest Jacobian": lambda found: f"{found.jacobian_min:.2f} and {found.jacobian_max:.2f}",
    "Tumour volume changed by the alignment": lambda found: _percent(found.tumour_volume_change),
    "Landmarks apart, before and after": lambda found: _landmarks(found),
    "Reference's body inside the images": lambda found: f"{100 * found.overlap:.0f} %",
    "Time": lambda found: f"{found.seconds:.0f} s" if found.seconds >= 1 else "less than 1 s",
}
MEANINGS = (
    "Likeness: {metric}, up to 1; the higher, the more alike. Jacobian: what the alignment makes of the volume of a "
    "small piece of tissue; 1 keeps it, 0 or below would fold it. A registration moves the tumour as it is, so that "
    "what it shrank by is its own. Landmarks: places that a person marked at both visits."
)


def alignment_table(result: StudyResult) -> list[str]:
    """The table (HTML) with what its rows mean; empty where nothing was aligned."""
    visits = result.visits
    if not (result.is_aligned or any(visit.pet and visit.pet.space.transform for visit in visits)):
        return []
    parts = [_table(result, visits[at : at + VISITS_A_TABLE]) for at in range(0, len(visits), VISITS_A_TABLE)]
    known = next((visit.alignment.quality for visit in visits if visit.alignment), None)
    meanings = [html.element("p", MEANINGS.format(metric=known.metric_name), kind="soft")] if known else []
    return [html.element("h3", "How the visits lie to each other"), *parts, *meanings]


def _table(result: StudyResult, visits: Sequence[VisitResult]) -> str:
    rows = [("Aligned by", *(_source(result, visit) for visit in visits))]
    if result.is_aligned:
        rows += [(label, *(_of(visit, words) for visit in visits)) for label, words in ROWS.items()]
        rows.append(("Warnings", *(_warned(visit) for visit in visits)))
    if any(visit.pet for visit in visits):
        rows.append(("Masks on the PET", *(_pet(visit) for visit in visits)))
    return html.table(["", *(visit_and_day(visit) for visit in visits)], rows)


def _source(result: StudyResult, visit: VisitResult) -> str:
    if visit is result.reference:
        return "reference"
    if visit.alignment is None:
        return "not aligned"
    kind = visit.alignment.provenance.settings.get("kind")
    return f"registration, {kind}" if kind else "given transform"


def _of(visit: VisitResult, words: Callable[[Quality], str]) -> str:
    return words(visit.alignment.quality) if visit.alignment else NONE


def _warned(visit: VisitResult) -> str:
    if visit.alignment is None:
        return NONE
    n = len(visit.alignment.warnings)
    return f"{counted(n, 'warning')}, said above" if n else "none"


def _pet(visit: VisitResult) -> str:
    return TO_PET[visit.pet.space.source] if visit.pet else NONE


def _percent(change: float | None) -> str:
    return NONE if change is None else f"{round(100 * change, 2) + 0.0:.2f} %"


def _landmarks(found: Quality) -> str:
    if found.landmark_error_mm is None:
        return "none marked"
    return f"{found.landmark_before_mm:.1f} and {found.landmark_error_mm:.1f} mm"

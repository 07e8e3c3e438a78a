"""Visits, doses and warnings of a study, in the words of its report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from HER2ImmunoModelLib.models import Model
from HER2ImmunoModelLib.treatments import Dose, Schedule

from .results import StudyResult, VisitResult

COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def counted(n: int, noun: str) -> str:
    """A number of things: `three visits`."""
    return f"{COUNTS[n] if n < len(COUNTS) else n} {noun}{'' if n == 1 else 's'}"


def listed(words: Iterable[str]) -> str:
    """Words as in a sentence: `a, b and c`."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def visit_name(visit: VisitResult) -> str:
    """The name of a visit as people write it."""
    return visit.visit.visit.replace("_", " ")


def visit_and_day(visit: VisitResult) -> str:
    """Name and day of a visit, once if they are the same."""
    name, day = visit_name(visit), f"day {visit.visit.day:g}"
    return name if name == day else f"{name} ({day})"


def doses_in_words(schedule: Schedule, model: Model) -> str:
    """Every dose of a schedule, in order: `trastuzumab, a full dose on day 1`."""
    labels = {drug.name: drug.label[:1].lower() + drug.label[1:] for drug in model.drugs}
    doses = sorted(schedule.for_model(model).doses, key=lambda dose: (dose.day, dose.drug))
    return "; ".join(f"{labels[dose.drug]}, {_size(dose)} on day {dose.day:g}" for dose in doses) or "none"


def _size(dose: Dose) -> str:
    if dose.dose == 1:
        return "a full dose"
    return f"{dose.dose:g} of a full dose" if dose.dose < 1 else f"{dose.dose:g} full doses"


def warnings_once(result: StudyResult) -> list[str]:
    """Every warning once, with the visits that it is about; those of the model last."""
    about: dict[str, list[str]] = {}
    for visit in result.visits:
        for text in dict.fromkeys(visit.warnings):
            about.setdefault(text, []).append(visit_name(visit))
    return [*(f"{_where(names, result.visits)}: {text}" for text, names in about.items()), *result.plan.warnings]


def _where(names: Sequence[str], visits: Sequence[VisitResult]) -> str:
    if len(names) == len(visits) > 1:
        return "Every visit"
    text = listed(names)
    return text[:1].upper() + text[1:]

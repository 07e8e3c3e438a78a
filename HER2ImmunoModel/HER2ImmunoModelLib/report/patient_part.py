"""What was measured and what was given: visits, doses, limits, calendar, exposures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from HER2ImmunoCommonLib import html
from HER2ImmunoCommonLib.measurements import MODEL_COLUMNS, Measurement, label_of

from ..drugs.exposures import Curve
from ..findings import wording
from ..findings.exposure import curve_chart
from . import words
from .content import GivenDose, LimitsChecked, SubjectReport

VISITS_A_TABLE, COLUMNS = 5, 8
"""Visits side by side at most; columns, from which on visits are never rows."""
GONE = 0.005
"""Share of its peak below which a concentration is not worth the width of a chart."""
COUNTED = "as the model counts it"
NOT_MEASURED = "not measured"
OF_THE_MODEL = "Columns that the model is fitted to come first; ± is one standard deviation, where the table gives it."
DAYS = "Days count from day 0 of the measurements; dates are left out, as they tell who a patient is."
PLANNED = "Planned doses are those after the last visit; neither the calibration nor the ranking has them."
MOST_BROKEN = 8
"""Broken limits that stand out one by one; the rest follows in a list."""


def visits_part(report: SubjectReport) -> Iterator[str]:
    """Every measurement with its unit: few visits as columns, so that time runs to the right, many as rows."""
    names, visits = _columns(report), report.measurements
    labels = [label_of(name) for name in names]
    yield html.element("h2", "Visits")
    if len(visits) > VISITS_A_TABLE and len(names) < COLUMNS:
        rows = [
            (words.visit_name(visit.visit, visit.day), *(_value(visit, name) for name in names)) for visit in visits
        ]
        yield words.table(("Visit", *labels), rows)
    else:
        for at in range(0, len(visits), VISITS_A_TABLE):
            shown = visits[at : at + VISITS_A_TABLE]
            rows = [(label, *(_value(v, name) for v in shown)) for name, label in zip(names, labels, strict=True)]
            yield words.table(("", *(words.visit_name(each.visit, each.day) for each in shown)), rows)
    yield html.element("p", OF_THE_MODEL, kind="soft")
    observed = set(report.model.observables.values())
    never = [name for name in MODEL_COLUMNS if name in observed and name not in names]
    if never:
        listed = ", ".join(wording.lower_first(label_of(name)) for name in never)
        yield from words.lines([f"The model also has these, which were not measured at any visit: {listed}."])


def _columns(report: SubjectReport) -> list[str]:
    """Columns with a number, those of the model first."""
    found = dict.fromkeys(name for visit in report.measurements for name in visit.values)
    first = [name for name in MODEL_COLUMNS if name in found]
    return [*first, *(name for name in found if name not in first)]


def _value(visit: Measurement, name: str) -> str:
    if name not in visit.values:
        return NOT_MEASURED
    value = words.number(visit.values[name])
    return f"{value} ± {visit.sd[name]:.2g}" if name in visit.sd else value


def treatment_part(report: SubjectReport) -> Iterator[str]:
    """The doses given and planned in the calendar, what each is for the subject, and whether they keep the limits."""
    last = max(visit.day for visit in report.measurements)
    is_planned = any(dose.day > last for dose in report.doses)
    yield html.element("h2", "Treatment given and planned" if is_planned else "Treatment given")
    if not report.doses:
        yield html.element("p", "No dose was given.")
        return
    yield from words.lines([report.said_of_patient])
    rows = [
        (_day(dose, last), dose.cycle or "–", f"{dose.drug} {dose.dose}", dose.said or COUNTED) for dose in report.doses
    ]
    yield words.table(("Day", "Cycle and day", "Dose", "For this subject"), rows, text_columns=(0, 1, 2, 3))
    yield html.element("p", DAYS, kind="soft")
    if is_planned:
        yield html.element("p", PLANNED, kind="soft")
    yield from _limits(report.limits)


def _day(dose: GivenDose, last: float) -> str:
    day = f"{dose.day:g} ({dose.weekday[:3]})" if dose.weekday else f"{dose.day:g}"
    return f"{day}, planned" if dose.day > last else day


def _limits(limits: LimitsChecked) -> Iterator[str]:
    yield from words.lines(limits.broken[:MOST_BROKEN], "alarm")
    if more := limits.broken[MOST_BROKEN:]:
        title = f"{len(limits.broken)} limits are broken; the others"
        yield html.details(title, "".join(words.lines(more)))
    yield from words.lines([f"As its trial gave it: {text}" for text in limits.excepted], "warning")
    yield from words.lines([limits.kept, *limits.remarks])
    if limits.limits:
        rows = [(f"{row.drug}: {row.rule}" if row.drug else row.rule, row.value, row.source) for row in limits.limits]
        header = ("Limit", "Value", "Source")
        yield html.details("Limits and their sources", words.table(header, rows, text_columns=(0, 1, 2)))


def exposure_part(report: SubjectReport) -> Iterator[str]:
    """The concentration of each drug that was given in units of the clinic."""
    if report.exposures:
        charts = words.figures(curve_chart(_while_there(curve)) for curve in report.exposures)
        yield html.section([html.element("h2", "Exposure to the drugs given"), charts])


def _while_there(curve: Curve) -> Curve:
    """The curve up to the day from which hardly anything is left, so that a drug that is soon gone can be seen."""
    left = np.flatnonzero(curve.concentration > GONE * curve.concentration.max())
    shown = slice(0, int(left[-1]) + 2 if left.size else None)
    return replace(curve, day=curve.day[shown], concentration=curve.concentration[shown])

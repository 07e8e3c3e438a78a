"""What was measured and what was given: visits, doses, limits, calendar, exposures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from HER2ImmunoCommonLib import html
from HER2ImmunoCommonLib.measurements import LABELS, MODEL_COLUMNS, Measurement

from ..drugs.exposures import Curve
from ..findings.exposure import curve_chart
from . import words
from .content import LimitsChecked, SubjectReport

VISITS_A_TABLE = 5
GONE = 0.005
"""Share of its peak below which a concentration is not worth the width of a chart."""
NOT_MEASURED = "not measured"
OF_THE_MODEL = "Columns that the model is fitted to come first; ± is one standard deviation, where the table gives it."
CYCLES = "Days count from day 0 of the measurements; dates are left out, as they tell who a patient is."


def visits_part(report: SubjectReport) -> Iterator[str]:
    """Every measurement with its unit, visits as columns so that time runs to the right."""
    names = _columns(report)
    yield html.element("h2", "Visits")
    for at in range(0, len(report.measurements), VISITS_A_TABLE):
        visits = report.measurements[at : at + VISITS_A_TABLE]
        header = ["", *(_visit(visit) for visit in visits)]
        rows = [(LABELS.get(name, name), *(_value(visit, name) for visit in visits)) for name in names]
        yield words.table(header, rows)
    yield html.element("p", OF_THE_MODEL, kind="soft")


def _columns(report: SubjectReport) -> list[str]:
    """Columns with a number, and those of the model without one: that is missing which could be there."""
    wanted = [name for name in MODEL_COLUMNS if name in report.model.observables.values()]
    found = dict.fromkeys(name for visit in report.measurements for name in visit.values)
    return [*wanted, *(name for name in found if name not in wanted)]


def _visit(visit: Measurement) -> str:
    name, day = visit.visit.replace("_", " "), f"day {visit.day:g}"
    return name if name.lower() == day else f"{name} ({day})"


def _value(visit: Measurement, name: str) -> str:
    if name not in visit.values:
        return NOT_MEASURED
    value = words.number(visit.values[name])
    return f"{value} ± {visit.sd[name]:.2g}" if name in visit.sd else value


def treatment_part(report: SubjectReport) -> Iterator[str]:
    """The doses given, whether they keep the limits, and when they fall in their cycles."""
    yield html.element("h2", "Treatment given")
    if not report.doses:
        yield html.element("p", "No dose was given.")
        return
    yield from words.lines([report.said_of_patient])
    rows = [(f"{dose.day:g}", dose.drug, dose.dose, dose.said or "as the model counts it") for dose in report.doses]
    yield words.table(("Day", "Drug", "Dose", "For this subject"), rows, text_columns=(1, 2, 3))
    yield from _limits(report.limits)
    if report.calendar:
        cells = [
            (f"{row.day:g}", row.weekday, f"{row.cycle} d{row.cycle_day}", row.drug, row.dose)
            for row in report.calendar
        ]
        yield html.details("Calendar of the doses", _calendar(cells))


def _calendar(cells: Sequence[Sequence[str]]) -> str:
    header = ["Day", "Weekday", "Cycle and day", "Drug", "Dose"]
    if not any(row[1] for row in cells):
        header, cells = [header[0], *header[2:]], [[row[0], *row[2:]] for row in cells]
    text = tuple(range(1, len(header)))
    return words.table(header, cells, text_columns=text) + html.element("p", CYCLES, kind="soft")


def _limits(limits: LimitsChecked) -> Iterator[str]:
    yield from words.lines(limits.broken, "alarm")
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

"""Charts of schedules followed over posterior draws: states with 50 and 90 % bands, and the treatment window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from HER2ImmunoCommonLib.chart_spec import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    RED,
    Band,
    Chart,
    Colour,
    Item,
    Line,
    extent,
)

from ..calibration.result import Calibration
from ..findings.figures import fraction_range, measured_points
from ..models.treatment_window import DELIVERY, OXYGENATION
from .courses import Course, Quantiles

TICK = 0.06
"""Height of the mark of a dose, over that of the chart; each drug has a lane of its own."""
COLOURS = {"targeted": GREEN, "cytotoxic": RED, "immune": PURPLE}
MORE_COLOURS = (GREEN, RED, PURPLE, INK, GREY)
DRAWS = "Median of the posterior draws with their 50 and 90 % bands"


def course_chart(calibration: Calibration, course: Course, state: str, title: str) -> Chart:
    """One state over time under a schedule, with what was measured of it."""
    entry = calibration.model.states[calibration.model.index(state)]
    items = list(_bands(course.day, course.states[state], "model (median)", BLUE))
    measured = measured_points(calibration.model, calibration.measurements, state, calibration.scatter.noise)
    if measured is not None:
        items.append(measured)
    y_range = None if entry.unit else fraction_range(items)
    what = ", and what was measured" if measured is not None else ""
    caption = f"{entry.title} by day {_under(course)}. {DRAWS}{what}. {_said_of_marks(course)}"
    return _marked(Chart(title, "Day", entry.title, tuple(items), y_range=y_range, caption=caption), course)


def window_chart(course: Course, title: str) -> Chart:
    """Delivery and oxygenation over time under a schedule."""
    items = (
        *_bands(course.day, course.window[DELIVERY], "delivery q(V)", BLUE),
        *_bands(course.day, course.window[OXYGENATION], "oxygenation o(H)", ORANGE),
    )
    caption = (
        f"Delivery q(V) and oxygenation o(H) by day, as shares of the full cytotoxic effect, {_under(course)}. "
        f"{DRAWS}. {_said_of_marks(course)}"
    )
    chart = Chart(title, "Day", "Share of the cytotoxic effect", items, y_range=(0.0, 1.0), caption=caption)
    return _marked(chart, course)


def _bands(day: np.ndarray, found: Quantiles, label: str, colour: Colour) -> Iterator[Item]:
    yield Band(day, found.lower_90, found.upper_90, "", colour)
    yield Band(day, found.lower_50, found.upper_50, "", colour)
    yield Line(day, found.median, label, colour)


def _under(course: Course) -> str:
    return f"under {course.name}" if course.name else "if nothing more is given"


def _said_of_marks(course: Course) -> str:
    if not course.doses:
        return "There is no dose."
    is_planned = course.name and any(dose.day >= course.planned_from for dose in course.doses)
    planned = f", planned ones from day {course.planned_from:g} on (dashed line)" if is_planned else ""
    return f"Marks at the foot: doses{planned}."


def _marked(chart: Chart, course: Course) -> Chart:
    """The chart with marks of the doses at its foot, a lane for each drug, and a line where planned ones begin."""
    (first, last), (low, high) = extent(chart)
    step, items = TICK * (high - low), list(chart.items)
    if course.name and first < course.planned_from < last:
        items.append(Line(np.full(2, course.planned_from), np.array([low, high]), "", GREY, width=1.0, dashed=True))
    for lane, (name, colour) in enumerate(_colours(course).items()):
        days = [dose.day for dose in course.doses if dose.drug == name and first <= dose.day <= last]
        ends = low + step * np.array([lane + 0.1, lane + 0.9])
        labels = [course.model.dose_label(name), *[""] * len(days)]
        items += [
            Line(np.full(2, day), ends, label, colour, width=3.0) for day, label in zip(days, labels, strict=False)
        ]
    return replace(chart, items=tuple(items), y_range=(low, high))


def _colours(course: Course) -> dict[str, Colour]:
    """A colour for each drug that is given: that of its kind, where no other drug has it yet."""
    found: dict[str, Colour] = {}
    for name in dict.fromkeys(dose.drug for dose in course.doses):
        free = [
            colour for colour in (COLOURS[course.model.drug(name).kind], *MORE_COLOURS) if colour not in found.values()
        ]
        found[name] = free[0] if free else GREY
    return found

"""Charts of a cohort: each subject against its group, and percentiles over time against simulated cohorts."""

from __future__ import annotations

import numpy as np
from HER2ImmunoCommonLib.chart_spec import BLUE, GREY, INK, ORANGE, Band, Chart, Colour, Item, Line, Points
from HER2ImmunoCommonLib.log_axes import on_log_axes

from ..models.model import State
from ..population.predictive_check import ColumnCheck, PredictiveCheck
from ..population.result import CohortCalibration, GroupEstimate
from .cohorts import subjects_by_value
from .wording import lower_first, unit_in_words

MOST_NAMED = 40
"""Subjects up to which each has its name; more are numbered by their place."""
BAND_POINTS = 16
"""Of an upright band: one of two points is not drawn."""
MARGIN = 0.04
"""Room at both ends of an axis, as a share of it."""


def cohort_charts(cohort: CohortCalibration, check: PredictiveCheck) -> dict[str, Chart]:
    """A chart of each individual parameter and of each measured column, by name of the file."""
    found = {f"group_{name}": forest_chart(cohort, name) for name in cohort.group if cohort.group[name].spread}
    states = {column: state for state, column in cohort.model.observables.items()}
    for column, one in check.columns.items():
        state = cohort.model.states[cohort.model.index(states[column])]
        found[f"predictive_check_{column}"] = predictive_chart(one, state)
    return found


def forest_chart(cohort: CohortCalibration, name: str) -> Chart:
    """Every subject's value of a parameter with its 90 % interval, the group's mean and the spread about it."""
    one, parameter = cohort.group[name], cohort.model.parameter(name)
    rows = subjects_by_value(cohort, name)[::-1]
    found = [view.estimates[name] for _, view in rows]
    value, lower, upper = (np.array([getattr(row, end) for row in found]) for end in ("value", "lower", "upper"))
    place, ends = np.arange(len(rows), dtype=float), np.array([-0.5, len(rows) - 0.5])
    items: list[Item] = [*_of_group(one, parameter, ends)]
    items.append(Points(value, place, "subject, 90 % interval", INK, x_interval=(lower, upper)))
    unit = f" ({unit_in_words(one.unit)})" if one.unit else ""
    named, x_range = len(rows) <= MOST_NAMED, _range(one, items)
    chart = Chart(
        f"{name}: each subject and the group",
        f"{parameter.label}{unit}",
        "" if named else "Subject, by value",
        tuple(items),
        x_range=x_range,
        y_names=tuple(subject for subject, _ in rows) if named else (),
        caption=f"{parameter.label} of each subject with its 90 % interval, after what the group says of it. Line and "
        "dark band: mean of the group and its 90 % interval; wide band: where 90 % of subjects are expected.",
    )
    return on_log_axes(chart, "x") if one.space == "log" else chart


def _range(one: GroupEstimate, items: list[Item]) -> tuple[float, float]:
    """From the least to the largest end, with some room on the scale of the axis."""
    found = np.concatenate([item.x for item in items] + [np.concatenate(items[-1].x_interval)])
    low, high = np.log(np.array([found.min(), found.max()])) if one.space == "log" else (found.min(), found.max())
    room = MARGIN * (high - low)
    ends = (float(low - room), float(high + room))
    return tuple(np.exp(ends).tolist()) if one.space == "log" else ends


def _of_group(one: GroupEstimate, parameter, ends: np.ndarray):
    """Where subjects are expected, the mean's interval, and the mean."""
    if one.spread is not None:
        middle, wide = parameter.to_free(one.mean.value), 1.645 * one.spread.value
        low, high = (float(parameter.from_free(middle + side * wide)) for side in (-1, 1))
        yield _upright(low, high, ends, "90 % of subjects expected", GREY)
    yield _upright(one.mean.lower, one.mean.upper, ends, "group mean, 90 % interval", BLUE)
    yield Line(np.full(2, one.mean.value), ends, "group mean", BLUE)


def _upright(low: float, high: float, ends: np.ndarray, label: str, colour: Colour) -> Band:
    x = np.linspace(low, high, BAND_POINTS)
    return Band(x, np.full(x.size, ends[0]), np.full(x.size, ends[1]), label, colour)


def predictive_chart(check: ColumnCheck, state: State) -> Chart:
    """Measured percentiles over time, and the 90 % intervals of these in simulated cohorts."""
    bands = ("5th and 95th percentile, simulated", "median, simulated", "")
    lines = ("5th and 95th percentile, measured", "median, measured", "")
    items: list[Item] = [
        Band(check.day, check.lower[s], check.upper[s], bands[s], ORANGE if s == 1 else BLUE) for s in range(3)
    ]
    items.append(Points(check.points_day, check.points, "measured", GREY))
    items += [Line(check.day, check.observed[s], lines[s], INK, dashed=s != 1) for s in range(3)]
    room = MARGIN * float(np.ptp(check.points_day))
    corrected = " (prediction-corrected)" if check.corrected else ""
    chart = Chart(
        f"{state.label}: measured against simulated cohorts",
        "Day",
        f"{state.title}{corrected}",
        tuple(items),
        x_range=(float(check.points_day.min()) - room, float(check.points_day.max()) + room),
        caption=f"5th, 50th and 95th percentile of the measured {lower_first(state.label)} over time, and the 90 % "
        "intervals of these percentiles in cohorts simulated from the group with the same days and doses.",
    )
    return chart if not state.unit else on_log_axes(chart, "y")

"""The charts of the tumour model: fit and forecast of each state, the ranking, the gap between two drugs."""

from __future__ import annotations

import numpy as np
from HER2ImmunoCommonLib.chart_spec import BLUE, GREY, INK, ORANGE, Band, Chart, Line, Points

from HER2ImmunoModelLib.calibration_result import Bands, Calibration
from HER2ImmunoModelLib.estimates import Z90
from HER2ImmunoModelLib.gap_curves import GapCurve
from HER2ImmunoModelLib.identifiability import RISE_90, Profile
from HER2ImmunoModelLib.objectives import Objective
from HER2ImmunoModelLib.observations import observe
from HER2ImmunoModelLib.ranking import Ranking


def state_chart(calibration: Calibration, bands: Bands, state: str) -> Chart:
    """One state over time: the model with its 90 % band, and what was measured with its 90 % interval."""
    entry = calibration.model.states[calibration.model.index(state)]
    items = [
        Band(bands.day, bands.lower[state], bands.upper[state], "90 % band", BLUE),
        Line(bands.day, bands.median[state], "model (median)", BLUE),
    ]
    measured = _measured(calibration, state)
    if measured is not None:
        items.append(measured)
    label = f"{entry.label} ({_unit(entry.unit)})" if entry.unit else entry.label
    return Chart(entry.label, "Day", label, tuple(items), y_range=None if entry.unit else _fraction_range(items))


def ranking_chart(ranking: Ranking) -> Chart:
    """Expected outcome of each schedule with its 90 % interval, the best on top."""
    rows = ranking.rows[::-1]
    expected, lower, upper = (np.array([getattr(row, name) for row in rows]) for name in ("expected", "lower", "upper"))
    points = Points(expected, np.arange(len(rows)), "mean and 90 % interval", BLUE, x_interval=(lower, upper))
    goal = ranking.objective
    return Chart(
        f"Schedules compared: {goal.label[:1].lower()}{goal.label[1:]}, day {ranking.horizon_day:g}",
        _objective_label(goal),
        "",
        (points,),
        y_names=tuple(row.schedule.name for row in rows),
    )


def gap_chart(curve: GapCurve) -> Chart:
    """Outcome against the days between the first trastuzumab and the first cytotoxic dose."""
    (low, high), zero = (float(curve.lower.min()), float(curve.upper.max())), np.zeros(2)
    items = (
        Band(curve.gap_day, curve.lower, curve.upper, "90 % band", BLUE),
        Line(curve.gap_day, curve.expected, "mean", BLUE),
        Line(zero, np.array([low, high]), "both on one day", GREY, width=1.0, dashed=True),
    )
    return Chart(
        "Which drug first, and how long before the other",
        "Gap in days (below 0 chemotherapy first, above 0 trastuzumab first)",
        _objective_label(curve.objective),
        items,
    )


def profile_chart(profile: Profile, unit: str = "") -> Chart:
    """Rise of the deviance along one parameter, with the part the data give and the level of the 90 % interval."""
    ends = np.array([profile.value[0], profile.value[-1]])
    items = (
        Line(profile.value, profile.deviance, "data and prior", BLUE),
        Line(profile.value, profile.chi2_rise, "data alone", ORANGE, dashed=True),
        Line(ends, np.full(2, RISE_90), "end of the 90 % interval", GREY, width=1.0, dashed=True),
    )
    label = f"{profile.name} ({_unit(unit)})" if unit else profile.name
    return Chart(f"{profile.name} is set by the {profile.set_by}", label, "Rise of the deviance", items)


def _objective_label(goal: Objective) -> str:
    return f"{goal.label} ({_unit(goal.unit)})" if goal.unit else goal.label


def _measured(calibration: Calibration, state: str) -> Points | None:
    data = observe(calibration.model, calibration.measurements)
    rows = np.flatnonzero(data.state == calibration.model.index(state))
    if rows.size == 0:
        return None
    value, spread = data.value[rows], Z90 * data.sd[rows]
    middle, low, high = (
        np.where(data.logarithmic[rows], np.exp(ends), ends) for ends in (value, value - spread, value + spread)
    )
    if not data.logarithmic[rows].any():
        low, high = np.maximum(low, 0.0), np.minimum(high, 1.0)
    return Points(data.day[data.visit[rows]], middle, "measured, 90 % interval", INK, y_interval=(low, high))


def _fraction_range(items: list) -> tuple[float, float]:
    highest = max(float(np.nanmax(item.high)) if isinstance(item, Band) else float(np.nanmax(item.y)) for item in items)
    return 0.0, next(top for top in (0.1, 0.2, 0.4, 0.6, 1.0) if highest <= top or top == 1.0)


def _unit(unit: str) -> str:
    return unit.replace("cm3", "cm³")

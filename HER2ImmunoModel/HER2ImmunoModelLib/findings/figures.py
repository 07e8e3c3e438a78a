"""The charts of the tumour model: fit and forecast of each state, the ranking, the gap between two drugs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from HER2ImmunoCommonLib.chart_spec import BLUE, GREY, INK, ORANGE, RED, Band, Chart, Item, Line, Points
from HER2ImmunoCommonLib.measurements import Measurement

from ..calibration.choice_of_model import WeighedModel
from ..calibration.hidden_visits import ForecastCheck
from ..calibration.identifiability import RISE_90, FisherSpectrum, Profile
from ..calibration.noise_kinds import PLAIN, Noise
from ..calibration.observations import observe
from ..calibration.result import Bands, Calibration
from ..models.model import Model, State
from ..planning.gap_curves import GapCurve
from ..planning.objectives import Objective
from ..planning.pareto import ParetoFront
from ..planning.ranking import Ranking

ROOM = 0.03
"""Beside the days of a chart, as a share of them."""
LEAST_INFORMATION = 1e-4
"""Information over the prior's that is shown as none."""


def state_chart(calibration: Calibration, bands: Bands, state: str) -> Chart:
    """One state over time: the model with its 90 % band, and what was measured with its 90 % interval."""
    entry = calibration.model.states[calibration.model.index(state)]
    items = [
        Band(bands.day, bands.lower[state], bands.upper[state], "90 % band", BLUE),
        Line(bands.day, bands.median[state], "model (median)", BLUE),
    ]
    measured = measured_points(calibration.model, calibration.measurements, state, calibration.scatter.noise)
    if measured is not None:
        items.append(measured)
    return Chart(
        entry.label,
        "Day",
        entry.title,
        tuple(items),
        y_range=None if entry.unit else fraction_range(items),
        caption=f"{entry.label} over time if nothing more is given: median of the posterior draws and their 90 % band.",
    )


def beside_visits(chart: Chart, day: np.ndarray) -> Chart:
    """The chart of days (days,) with room beside the first and the last one, where points would be cut in half."""
    room = ROOM * float(np.ptp(day))
    return replace(chart, x_range=(float(day[0]) - room, float(day[-1]) + room)) if room else chart


def ranking_chart(ranking: Ranking) -> Chart:
    """Expected outcome of each schedule with its 90 % interval, the best on top."""
    rows = ranking.rows[::-1]
    expected, lower, upper = (np.array([getattr(row, name) for row in rows]) for name in ("expected", "lower", "upper"))
    points = Points(expected, np.arange(len(rows)), "mean and 90 % interval", BLUE, x_interval=(lower, upper))
    goal = ranking.objective
    return Chart(
        f"Schedules compared up to day {ranking.horizon_day:g}",
        _objective_label(goal),
        "",
        (points,),
        y_names=tuple(row.schedule.name for row in rows),
        caption="What is expected of each schedule: mean over the posterior draws and 90 % interval, the first on top.",
    )


def gap_chart(curve: GapCurve) -> Chart:
    """Outcome against the days between the first trastuzumab and the first cytotoxic dose."""
    (low, high), zero = (float(curve.lower.min()), float(curve.upper.max())), np.zeros(2)
    items = [
        Band(curve.gap_day, curve.lower, curve.upper, "90 % band", BLUE),
        Line(curve.gap_day, curve.expected, "mean", BLUE),
        Line(zero, np.array([low, high]), "both on one day", GREY, width=1.0, dashed=True),
    ]
    if (broken := curve.is_broken).any():
        items.append(Points(curve.gap_day[broken], curve.expected[broken], "breaks a limit", RED))
    return Chart(
        "Which drug first, and how long before the other",
        "Gap in days (< 0: chemotherapy first; > 0: trastuzumab first)",
        _objective_label(curve.objective),
        tuple(items),
        caption="The same doses with one drug started so many days before the other: mean over the posterior draws and "
        "90 % band. Gaps that break a limit are marked.",
    )


def profile_chart(profile: Profile, unit: str = "", label: str = "") -> Chart:
    """Rise of the deviance along one parameter, with the part the data give and the level of the 90 % interval."""
    ends = np.array([profile.value[0], profile.value[-1]])
    items = (
        Line(profile.value, profile.deviance, "data and prior", BLUE),
        Line(profile.value, profile.chi2_rise, "data alone", ORANGE, dashed=True),
        Line(ends, np.full(2, RISE_90), "end of the 90 % interval", GREY, width=1.0, dashed=True),
    )
    name = label or profile.name
    return Chart(
        f"{name} is set by the {profile.set_by}",
        f"{name} ({_unit(unit)})" if unit else name,
        "Rise of the deviance",
        items,
        caption=f"How fast the fit gets worse when {name} leaves its best value, all else fitted anew: a curve of the "
        "data alone that stays low means that the data do not bound it.",
    )


def spectrum_chart(spectrum: FisherSpectrum) -> Chart:
    """Information of the data over that of the prior in each direction, on a logarithmic scale."""
    place = np.arange(1, spectrum.eigenvalue.size + 1, dtype=float)
    size = np.log10(np.maximum(spectrum.eigenvalue, LEAST_INFORMATION))
    ends = np.array([place[0], place[-1]])
    items = (
        Points(place, size, "direction", BLUE),
        Line(ends, np.zeros(2), "data and prior weigh the same", GREY, width=1.0, dashed=True),
    )
    return Chart(
        "Fisher spectrum: how much the data say",
        "Direction of the parameters, the best known first",
        "Information over the prior's (log10)",
        items,
        caption="Information of the data over that of the prior in each independent direction of the parameters; above "
        "the dashed line the data say more than the prior.",
    )


def check_chart(check: ForecastCheck, measurements: Sequence[Measurement], column: str, state: State) -> Chart:
    """One measure over time: what was shown to the fit, what was hidden, and the forecast with its 90 % interval."""
    rows = [row for row in check.rows if row.column == column]
    hidden = {row.day for row in rows}
    known = [(v.day, v.values[column]) for v in measurements if column in v.values and v.day not in hidden]
    day, said = np.array([row.day for row in rows]), np.array([row.median for row in rows])
    low, high = np.array([row.lower for row in rows]), np.array([row.upper for row in rows])
    if not state.unit:
        low, high = np.maximum(low, 0.0), np.minimum(high, 1.0)
    items = [
        *(
            Line(np.full(2, at), np.array(ends), f"90 % interval, day {at:g}", BLUE)  # a plot view has no intervals
            for at, *ends in zip(day, low, high, strict=True)
        ),
        Points(day, said, "forecast (median)", BLUE),
        Points(day, np.array([row.measured for row in rows]), "measured, hidden", ORANGE),
    ]
    if known:
        items.insert(
            0, Points(*(np.array(values, float) for values in zip(*known, strict=True)), "measured, fitted", INK)
        )
    label = f"{state.label} ({_unit(state.unit)})" if state.unit else state.label
    days = [visit.day for visit in measurements]
    margin = 0.05 * (max(days) - min(days))
    return Chart(
        f"{state.label}: the forecast checked",
        "Day",
        label,
        tuple(items),
        x_range=(min(days) - margin, max(days) + margin),
        y_range=None if state.unit else fraction_range(items),
        caption=f"{state.label} of visits that were hidden from the fit, forecast with its 90 % interval, and what was "
        "measured there.",
    )


def weights_chart(weighed: Sequence[WeighedModel]) -> Chart:
    """Weight of each model, the best on top."""
    rows = weighed[::-1]
    weight = np.array([100 * row.bic_weight for row in rows])
    names = tuple(row.model.replace("_", " ") for row in rows)
    points = Points(weight, np.arange(len(rows)), "model", BLUE)
    x_range = (0.0, min(100.0, 1.2 * float(weight.max()) or 100.0))
    return Chart(
        "Share of the evidence",
        "BIC weight (%)",
        "",
        (points,),
        x_range=x_range,
        y_names=names,
        legend=False,
        caption="Weight of each model by its BIC, among those that were weighed.",
    )


def front_chart(front: ParetoFront) -> Chart:
    """Expected outcome against the drug it takes: schedules that no other one found beats in both."""
    outcome = front.loss if front.objective.lower_is_better else -front.loss
    burden = {"total_dose": "Total dose (full doses)", "toxicity": "Weighted amount over time (full doses × days)"}
    items = (Line(front.burden, outcome, "", BLUE), Points(front.burden, outcome, "schedule", BLUE))
    return Chart(
        "What more drug buys",
        burden[front.against],
        _objective_label(front.objective),
        items,
        legend=False,
        caption="Schedules that no other one found beats both in outcome and in the drug they take (Pareto front).",
    )


def _objective_label(goal: Objective) -> str:
    return f"{goal.label} ({_unit(goal.unit)})" if goal.unit else goal.label


def measured_points(
    model: Model, measurements: Sequence[Measurement], state: str, noise: Noise = PLAIN
) -> Points | None:
    """What was measured of a state, with its 90 % interval; None for nothing; errors as `observe`."""
    data = observe(model, measurements, noise)
    rows = np.flatnonzero(data.state == model.index(state))
    if rows.size == 0:
        return None
    value, spread = data.value[rows], noise.half_width_90 * data.sd[rows]
    middle, low, high = (
        np.where(data.logarithmic[rows], np.exp(ends), ends) for ends in (value, value - spread, value + spread)
    )
    low = np.maximum(low, 0.0)
    if not data.volume[rows].any():
        high = np.minimum(high, 1.0)
    return Points(data.day[data.visit[rows]], middle, "measured, 90 % interval", INK, y_interval=(low, high))


def fraction_range(items: Sequence[Item]) -> tuple[float, float]:
    """The range of an axis that shows shares."""
    highest = max(float(np.nanmax(item.high)) if isinstance(item, Band) else float(np.nanmax(item.y)) for item in items)
    return 0.0, next(top for top in (0.1, 0.2, 0.4, 0.6, 1.0) if highest <= top or top == 1.0)


def _unit(unit: str) -> str:
    return unit.replace("cm3", "cm³")

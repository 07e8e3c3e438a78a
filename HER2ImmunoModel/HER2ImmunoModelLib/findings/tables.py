"""The numbers of a plan as tables: header and rows, for CSV files, table nodes and the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..calibration.choice_of_model import WeighedModel
from ..calibration.diagnostics import Sampling
from ..calibration.hidden_visits import ForecastCheck
from ..calibration.identifiability import FisherSpectrum, Profile
from ..calibration.result import Bands, Calibration, Estimate
from ..calibration.scatter import Scatter
from ..calibration.sensitivity import Sensitivity
from ..calibration.subjects import PooledCalibration
from ..models.model import Model
from ..planning.gap_curves import GapCurve
from ..planning.pareto import ParetoFront
from ..planning.penalties import Burden
from ..planning.ranking import Ranking
from ..simulation.batch import Simulation
from ..treatments.schedule import Schedule

Table = tuple[list[str], list[Sequence[object]]]
BURDEN_COLUMNS = (
    "days_neutrophils_below_0.5",
    "chance_lvef_decline",
    "risk_heart_failure",
    "visits",
    "weeks_to_surgery",
    "penalty",
)
"""Of a ranking whose burdens were asked for."""


def estimate_table(calibration: Calibration) -> Table:
    """One row a calibrated parameter."""
    return _estimates(calibration.model, calibration.estimates)


def shared_table(pooled: PooledCalibration) -> Table:
    """One row a parameter that all subjects share."""
    return _estimates(pooled.model, pooled.shared)


def _estimates(model: Model, estimates: Mapping[str, Estimate]) -> Table:
    header = ["parameter", "unit", "value", "lower_90", "upper_90", "shrinkage", "set_by", "source"]
    rows = []
    for name, estimate in estimates.items():
        parameter = model.parameter(name)
        numbers = (estimate.value, estimate.lower, estimate.upper, estimate.shrinkage)
        rows.append((name, parameter.unit, *numbers, estimate.set_by, parameter.source))
    return header, rows


def noise_table(scatter: Scatter) -> Table:
    """One row an estimated value of the noise, with its kind and unit."""
    header = ["noise", "heavy_tails", "value_of", "unit", "value", "lower_90", "upper_90", "shrinkage", "set_by"]
    rows = []
    for name, estimate in scatter.values.items():
        numbers = (estimate.value, estimate.lower, estimate.upper, estimate.shrinkage)
        rows.append((scatter.kind, scatter.heavy_tails, name, scatter.units[name], *numbers, estimate.set_by))
    return header, rows


def subjects_table(calibrations: Mapping[str, Calibration]) -> Table:
    """One row a subject and calibrated parameter."""
    parts = {name: estimate_table(calibration) for name, calibration in calibrations.items()}
    header = next(iter(parts.values()))[0]
    return ["subject", *header], [(name, *row) for name, (_, rows) in parts.items() for row in rows]


def models_table(weighed: Sequence[WeighedModel]) -> Table:
    """One row a model that was weighed, the best BIC first."""
    header = ["model", "bic", "bic_weight", "aicc", "aicc_weight", "chi2", "effective_parameters", "n_data", "noise"]
    header += ["stands_for", "same_curve"]
    return header, [
        (
            row.model,
            row.bic,
            row.bic_weight,
            row.aicc,
            row.aicc_weight,
            row.fit.chi2,
            row.fit.effective_parameters,
            row.fit.n_data,
            row.fit.scatter.kind,
            "; ".join(row.stands_for),
            "; ".join(row.same_curve),
        )
        for row in weighed
    ]


def fisher_table(spectrum: FisherSpectrum) -> Table:
    """One row a direction of the parameters, the best informed first: eigenvalue and share of each parameter."""
    rows = zip(spectrum.eigenvalue.tolist(), spectrum.direction.T.tolist(), strict=True)
    return ["eigenvalue", *spectrum.free], [(eigenvalue, *direction) for eigenvalue, direction in rows]


def profiles_table(profiles: Sequence[Profile]) -> Table:
    """One row a parameter and value: rise of the deviance, and the part of it that the data give."""
    rows: list[Sequence[object]] = []
    for profile in profiles:
        columns = np.column_stack([profile.value, profile.deviance, profile.chi2_rise])
        rows += [(profile.name, *row) for row in columns.tolist()]
    return ["parameter", "value", "deviance", "chi2_rise"], rows


def sobol_table(sensitivity: Sensitivity) -> Table:
    """One row a parameter: first and total order indices."""
    rows = zip(sensitivity.names, sensitivity.first_order.tolist(), sensitivity.total_order.tolist(), strict=True)
    return ["parameter", "first_order", "total_order"], list(rows)


def forecast_table(bands: Bands) -> Table:
    """One row a day: median, 90 % and 50 % band of each state; median and 90 % band of the window, if it is known."""
    columns = {"day": bands.day} | forecast_columns(bands)
    return list(columns), np.column_stack(list(columns.values())).tolist()


def forecast_columns(bands: Bands) -> dict[str, np.ndarray]:
    """Columns of a forecast by their names in its table, arrays (days,)."""
    columns: dict[str, np.ndarray] = {}
    for state in bands.median:
        columns[f"{state}_median"] = bands.median[state]
        columns |= {f"{state}_lower_90": bands.lower[state], f"{state}_upper_90": bands.upper[state]}
    for state in bands.lower_50:
        columns |= {f"{state}_lower_50": bands.lower_50[state], f"{state}_upper_50": bands.upper_50[state]}
    for name, ends in bands.window.items():
        columns |= {f"{name}_{end}": ends[number] for number, end in enumerate(("lower_90", "median", "upper_90"))}
    return columns


def ranking_table(ranking: Ranking) -> Table:
    """One row a schedule, the best first; excluded ones last, with the reason."""
    header = ["rank", "schedule", "expected", "lower_90", "upper_90", "probability_best", "regret", "gain", "excluded"]
    rows: list[Sequence[object]] = [
        (
            row.rank,
            row.schedule.name,
            row.expected,
            row.lower,
            row.upper,
            row.probability_best,
            row.regret,
            row.gain,
            "",
        )
        for row in ranking.rows
    ]
    rows += [("", schedule.name, *[""] * 6, reason) for schedule, reason in ranking.excluded]
    if all(row.burden is None for row in ranking.rows):
        return header, rows
    burdens = [(*_burden_cells(row.burden), row.penalty) for row in ranking.rows]
    burdens += [("",) * len(BURDEN_COLUMNS)] * len(ranking.excluded)
    return [*header, *BURDEN_COLUMNS], [(*row, *burden) for row, burden in zip(rows, burdens, strict=True)]


def _burden_cells(burden: Burden) -> tuple[object, ...]:
    """The parts of a burden; empty where nothing is predicted."""
    parts = (burden.days_below, burden.heart, burden.failure, burden.visits, burden.weeks)
    return tuple("" if part is None else part for part in parts)


def gap_table(curve: GapCurve) -> Table:
    """One row a gap between the first trastuzumab and the first cytotoxic dose."""
    header = ["gap_day", "expected", "lower_90", "upper_90", "breaks"]
    numbers = np.column_stack([curve.gap_day, curve.expected, curve.lower, curve.upper]).tolist()
    return header, [(*row, reason) for row, reason in zip(numbers, curve.breaks, strict=True)]


def draws_table(calibration: Calibration, n: int = 500) -> Table:
    """One row a posterior draw: every parameter."""
    drawn = calibration.draws(n, calibration.seed)
    return ["draw", *drawn], [(i, *row) for i, row in enumerate(np.column_stack(list(drawn.values())).tolist())]


def trajectory_table(course: Simulation) -> Table:
    """One row a draw and day: every state; draws that failed are left out."""
    kept = np.flatnonzero(~course.failed)
    rows: list[Sequence[object]] = []
    for draw in kept.tolist():
        states = np.column_stack([course.day, *(values[draw] for values in course.states.values())])
        rows += [(draw, *row) for row in states.tolist()]
    return ["draw", "day", *course.states], rows


def sampling_table(sampling: Sampling) -> Table:
    """One row a parameter: autocorrelation time, effective draws, R-hat."""
    rows = [(name, tau, sampling.effective[name], sampling.r_hat[name]) for name, tau in sampling.tau.items()]
    return ["parameter", "tau_steps", "effective_draws", "r_hat"], rows


def check_table(check: ForecastCheck) -> Table:
    """One row a hidden number: measured and foretold."""
    header = ["subject", "visit", "day", "column", "measured", "median", "lower_90", "upper_90", "inside"]
    return header, [
        (r.subject, r.visit, r.day, r.column, r.measured, r.median, r.lower, r.upper, r.inside) for r in check.rows
    ]


def front_table(front: ParetoFront) -> Table:
    """One row a schedule of a Pareto front: burden, loss, doses."""
    rows = zip(front.burden.tolist(), front.loss.tolist(), front.schedules, strict=True)
    return [front.against, "loss", "doses"], [(burden, loss, dose_text(plan)) for burden, loss, plan in rows]


def dose_text(schedule: Schedule) -> str:
    """Doses as one line of text: `day 4 trastuzumab 1; day 8 cytotoxic 0.5`."""
    doses = sorted(schedule.doses, key=lambda dose: (dose.day, dose.drug))
    return "; ".join(f"day {dose.day:g} {dose.drug} {dose.dose:.3g}" for dose in doses)

"""What `her2immuno calibrate` says on screen and in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite

from HER2ImmunoModelLib.calibration import ForecastCheck, PooledCalibration, Profile, Sensitivity, WeighedModel
from HER2ImmunoModelLib.findings import not_told_apart, percent, same_curves, set_by_data


def shared_set_by_data(pooled: PooledCalibration) -> str:
    """Which of the parameters that all subjects share the measurements determine."""
    return set_by_data(replace(next(iter(pooled.subjects.values())), estimates=pooled.shared))


def weighed_models(weighed: Sequence[WeighedModel]) -> list[str]:
    """A line a model, the best BIC first, and which is used; nothing for no model."""
    if not weighed:
        return []
    width = max(len(row.model) for row in weighed)
    lines = [f"{'Model':<{width}} {'BIC':>9} {'weight':>7} {'AICc':>9} {'weight':>7}"]
    lines += [
        f"{row.model:<{width}} {row.bic:9.2f} {percent(row.bic_weight):>7} {row.aicc:9.2f} "
        f"{percent(row.aicc_weight):>7}"
        for row in weighed
    ]
    best = weighed[0]
    near = not_told_apart(weighed)
    alike = f" {near} models lie within 2 of its BIC: the data do not tell them apart." if near > 1 else ""
    return [
        *lines,
        *same_curves(weighed),
        f"Used: {best.model}, with {percent(best.bic_weight)} of the BIC weight.{alike}",
    ]


def profiled(profile: Profile) -> str:
    """The profile of one parameter: its 90 % interval and what set it."""
    low = f"{profile.lower:.3g}" if isfinite(profile.lower) else "below what was tried"
    high = f"{profile.upper:.3g}" if isfinite(profile.upper) else "above what was tried"
    return f"{profile.name}: 90 % from {low} to {high} by its profile, set by the {profile.set_by}."


def decided_by(sensitivity: Sensitivity, most: int = 5) -> str:
    """The parameters with the largest Sobol indices, in order."""
    order = sorted(range(len(sensitivity.names)), key=lambda i: -sensitivity.total_order[i])[:most]
    shares = [f"{sensitivity.names[i]} {percent(max(float(sensitivity.total_order[i]), 0.0))}" for i in order]
    lost = f" {sensitivity.failed} simulations failed." if sensitivity.failed else ""
    return f"Share of the variance, with interactions: {', '.join(shares)}.{lost}"


def forecasts(check: ForecastCheck) -> list[str]:
    """How far the forecasts of hidden visits agree with what was measured, a line a column."""
    return [
        f"Forecast of {found.n} hidden {column}: {percent(found.coverage)} within their 90 % interval"
        + (f", mean error {found.mape:.0f} %" if isfinite(found.mape) else "")
        + (f", concordance {found.ccc:.2f}." if isfinite(found.ccc) else ".")
        for column, found in check.agreement.items()
    ]


def plain_row(row: WeighedModel) -> dict:
    """A weighed model in numbers, without its calibration."""
    names = ("model", "bic", "bic_weight", "aicc", "aicc_weight", "stands_for", "same_curve")
    shown = {name: getattr(row, name) for name in names}
    fitted = {name: getattr(row.fit, name) for name in ("chi2", "effective_parameters", "n_data")}
    return shown | fitted | {"noise": row.fit.scatter.kind}


def plain_pooled(pooled: PooledCalibration) -> dict:
    """A pooled calibration in numbers, without its subjects."""
    names = ("shared", "n_data", "effective_parameters", "chi2", "aicc", "bic", "sampling", "noise", "warnings")
    return {name: getattr(pooled, name) for name in names} | {"scatter": pooled.scatter.to_dict()}

"""Calibration of a model to one subject's measurements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report, part, tell

from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.calibration_result import Calibration, Estimate
from HER2ImmunoModelLib.levenberg_marquardt import jacobian, minimise
from HER2ImmunoModelLib.model import Model
from HER2ImmunoModelLib.observations import observe
from HER2ImmunoModelLib.posterior import Posterior, posterior
from HER2ImmunoModelLib.schedule import Schedule

REFINED = 6
"""How many of the prior draws are refined."""
SET_BY_DATA = 0.5
"""Shrinkage of the prior variance from which a parameter counts as set by the data."""
Z90 = 1.6448536269514722
"""Half width of a 90 % interval of the normal distribution, in standard deviations."""


def calibrate(
    model: Model | str,
    measurements: Sequence[Measurement],
    *,
    schedule: Schedule | None = None,
    method: str = "map",
    free: Sequence[str] | None = None,
    fixed: Mapping[str, float] | None = None,
    seed: int = 0,
    prior_draws: int = 2048,
    report: Report | None = None,
) -> Calibration:
    """Calibrate a model to measurements: the posterior mode and its Laplace approximation.

    Volumes have log-normal noise (the table's standard deviation, or a coefficient of variation of 0.15), fractions
    normal noise (the table's, or 0.05). Priors are normal in each parameter's transformed space about its default.
    Initial states are parameters. Prior draws are simulated in one batch and the best few refined.

    Parameters
    ----------
    model : Model or str
    measurements : sequence of Measurement
        One a visit, in any order; what was not measured is absent.
    schedule : Schedule, optional
        Doses given; None for none.
    method : str
        "map".
    free : sequence of str, optional
        Parameters to calibrate; all that have a prior if None.
    fixed : mapping of str to float, optional
        Parameters held at a value.
    seed : int
        Seed of the prior draws.
    prior_draws : int
        How many starting points are tried.
    report : Report, optional

    Returns
    -------
    Calibration

    Raises
    ------
    InputError
        No data, a standard deviation of 0, values outside their domain, unknown names, no start that can be simulated.
    Cancelled
        From `report`.
    """
    if method != "map":
        raise InputError(f"There is no calibration method {method!r}; choose map.")
    model = models.get(model)
    observations = observe(model, measurements)
    target = posterior(model, observations, schedule or Schedule(), free, fixed)
    mode = _mode(target, prior_draws, np.random.default_rng(seed), report)
    tell(report, 0.95, "Approximating the posterior")
    _, slope = jacobian(target.residuals, mode[None])
    return _result(target, measurements, mode, slope[0], seed)


def _mode(target: Posterior, prior_draws: int, rng: np.random.Generator, report: Report | None) -> np.ndarray:
    points = np.vstack([target.prior_mean, target.starts(max(prior_draws, REFINED), rng)])
    misfit = np.square(target.residuals(points, part(report, 0.0, 0.4))).sum(axis=1)
    misfit = np.where(np.isfinite(misfit), misfit, np.inf)
    best = np.argsort(misfit, kind="stable")[:REFINED]
    best = best[np.isfinite(misfit[best])]
    if best.size == 0:
        raise InputError(
            f"No prior draw of {target.model.name} could be simulated over the visits; check volumes and the species."
        )
    theta, cost = minimise(target.residuals, points[best], report=part(report, 0.4, 0.95))
    return theta[np.argmin(cost)]


def _result(
    target: Posterior, measurements: Sequence[Measurement], mode: np.ndarray, slope: np.ndarray, seed: int
) -> Calibration:
    n = target.observations.n
    covariance = np.linalg.inv(slope.T @ slope)
    covariance = 0.5 * (covariance + covariance.T)
    effective = float(np.trace(slope[:n].T @ slope[:n] @ covariance))
    residuals = target.data_residuals(mode[None])[0]
    chi2 = float(np.square(residuals).sum())
    deviance = chi2 + float(np.log(2 * np.pi * target.observations.sd**2).sum())
    spare = n - effective - 1
    return Calibration(
        model=target.model,
        estimates=_estimates(target, mode, covariance),
        free=tuple(p.name for p in target.free),
        mode=mode,
        covariance=covariance,
        fixed=target.fixed,
        schedule=target.schedule,
        measurements=tuple(sorted(measurements, key=lambda visit: visit.day)),
        method="map",
        seed=seed,
        n_data=n,
        effective_parameters=effective,
        chi2=chi2,
        aicc=deviance + 2 * effective * n / spare if spare > 0 else np.inf,
        bic=deviance + effective * np.log(n),
        warnings=(*target.observations.warnings, *_warnings(target, residuals, chi2)),
    )


def _estimates(target: Posterior, mode: np.ndarray, covariance: np.ndarray) -> dict[str, Estimate]:
    sd = np.sqrt(np.diag(covariance))
    estimates = {}
    for parameter, centre, spread in zip(target.free, mode, sd, strict=True):
        shrinkage = float(np.clip(1 - (spread / parameter.prior) ** 2, 0.0, 1.0))
        estimates[parameter.name] = Estimate(
            value=float(parameter.from_free(centre)),
            lower=float(parameter.from_free(centre - Z90 * spread)),
            upper=float(parameter.from_free(centre + Z90 * spread)),
            shrinkage=shrinkage,
            set_by="data" if shrinkage >= SET_BY_DATA else "prior",
        )
    return estimates


def _warnings(target: Posterior, residuals: np.ndarray, chi2: float):
    n = target.observations.n
    if chi2 > n + 3 * np.sqrt(2 * n):
        yield f"The model misses the measurements: chi-square {chi2:.1f} for {n} numbers; distrust the forecast."
    if np.abs(residuals).max() > 4:
        day = target.observations.day[target.observations.visit[np.abs(residuals).argmax()]]
        yield f"A measurement of day {day:g} lies more than 4 standard deviations from the fit; check it."

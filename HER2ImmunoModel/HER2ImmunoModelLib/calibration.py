"""Calibration of a model to one subject's measurements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report, part, tell

from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.calibration_result import Calibration
from HER2ImmunoModelLib.diagnostics import warnings_of
from HER2ImmunoModelLib.estimates import estimates_of_laplace, estimates_of_samples
from HER2ImmunoModelLib.levenberg_marquardt import jacobian, minimise
from HER2ImmunoModelLib.mcmc import WALKERS, sample
from HER2ImmunoModelLib.model import Model
from HER2ImmunoModelLib.observations import observe
from HER2ImmunoModelLib.posterior import Posterior, posterior
from HER2ImmunoModelLib.schedule import Schedule

REFINED = 6
"""How many of the prior draws are refined."""
METHODS = ("map", "mcmc")


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
    walkers: int = WALKERS,
    most_steps: int = 5000,
    report: Report | None = None,
) -> Calibration:
    """Calibrate a model to measurements: the posterior mode, then its Laplace approximation or draws of a sampler.

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
        "map": posterior mode and Laplace approximation; "mcmc": then draws by `mcmc.sample`, which needs emcee.
    free : sequence of str, optional
        Parameters to calibrate; all that have a prior if None.
    fixed : mapping of str to float, optional
        Parameters held at a value.
    seed : int
        Seed of the prior draws and of the sampler.
    prior_draws : int
        How many starting points are tried.
    walkers, most_steps : int
        Of the sampler: walkers (more where there are many parameters) and steps at most.
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
    if method not in METHODS:
        raise InputError(f"There is no calibration method {method!r}; choose {' or '.join(METHODS)}.")
    model = models.get(model)
    observations = observe(model, measurements)
    target = posterior(model, observations, schedule or Schedule(), free, fixed)
    whole = 0.95 if method == "map" else 0.05
    mode, covariance, effective = laplace(target, prior_draws, seed, part(report, 0.0, whole))
    found = _result(target, measurements, mode, covariance, effective, seed)
    if method == "map":
        return found
    names, rest = tuple(p.name for p in target.free), part(report, whole, 1.0)
    samples, sampling = sample(
        target.log_density, mode, covariance, names, walkers=walkers, most_steps=most_steps, seed=seed, report=rest
    )
    return replace(
        found,
        estimates=estimates_of_samples(target.free, samples),
        method="mcmc",
        samples=samples,
        sampling=sampling,
        warnings=(*found.warnings, *warnings_of(sampling)),
    )


def laplace(
    target: Posterior, prior_draws: int, seed: int, report: Report | None
) -> tuple[np.ndarray, np.ndarray, float]:
    """Posterior mode (p,), its Laplace covariance (p, p) and how many parameters the data determine."""
    mode = _mode(target, prior_draws, np.random.default_rng(seed), report)
    tell(report, 1.0, "Approximating the posterior")
    _, slopes = jacobian(target.residuals, mode[None])
    slope, n = slopes[0], slopes.shape[1] - mode.size
    covariance = np.linalg.inv(slope.T @ slope)
    covariance = 0.5 * (covariance + covariance.T)
    return mode, covariance, float(np.trace(slope[:n].T @ slope[:n] @ covariance))


def _mode(target: Posterior, prior_draws: int, rng: np.random.Generator, report: Report | None) -> np.ndarray:
    points = np.vstack([target.prior_mean, target.starts(max(prior_draws, REFINED), rng)])
    misfit = np.square(target.residuals(points, part(report, 0.0, 0.42))).sum(axis=1)
    misfit = np.where(np.isfinite(misfit), misfit, np.inf)
    best = np.argsort(misfit, kind="stable")[:REFINED]
    best = best[np.isfinite(misfit[best])]
    if best.size == 0:
        raise InputError(
            f"No prior draw of {target.model.name} could be simulated over the visits; check volumes and the species."
        )
    theta, cost = minimise(target.residuals, points[best], report=part(report, 0.42, 1.0))
    return theta[np.argmin(cost)]


def _result(
    target: Posterior,
    measurements: Sequence[Measurement],
    mode: np.ndarray,
    covariance: np.ndarray,
    effective: float,
    seed: int,
) -> Calibration:
    n = target.observations.n
    residuals = target.data_residuals(mode[None])[0]
    chi2 = float(np.square(residuals).sum())
    deviance = chi2 + float(np.log(2 * np.pi * target.observations.sd**2).sum())
    spare = n - effective - 1
    return Calibration(
        model=target.model,
        estimates=estimates_of_laplace(target.free, mode, covariance),
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


def _warnings(target: Posterior, residuals: np.ndarray, chi2: float):
    n = target.observations.n
    if chi2 > n + 3 * np.sqrt(2 * n):
        yield f"The model misses the measurements: chi-square {chi2:.1f} for {n} numbers; distrust the forecast."
    if np.abs(residuals).max() > 4:
        day = target.observations.day[target.observations.visit[np.abs(residuals).argmax()]]
        yield f"A measurement of day {day:g} lies more than 4 standard deviations from the fit; check it."

"""Laplace approximation and draws of a posterior, of one subject or of several, with or without a noise scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part, tell

from ..models.parameters import Parameter
from .diagnostics import Sampling
from .levenberg_marquardt import jacobian, minimise
from .mcmc import sample
from .noise import (
    NOTHING,
    Approximation,
    FoundNoise,
    Target,
    fit_scale,
    fit_values,
    scatter_of,
    scatter_of_samples,
)
from .noise_kinds import Noise, weight_of
from .scatter import Scatter

REFINED = 6
"""How many of the prior draws are refined."""


@dataclass(frozen=True)
class Fit:
    """Laplace approximation of a target: mode (p,), covariance (p, p), parameters that the data determine.

    The target has the estimated noise in it, and `found_noise` its values and their covariance; they are among the
    parameters that the data determine.
    """

    target: Target
    mode: np.ndarray
    covariance: np.ndarray
    effective: float
    found_noise: FoundNoise

    @property
    def scatter(self) -> Scatter:
        """Estimates of the noise."""
        return scatter_of(self.target.noise, self.found_noise)


@dataclass(frozen=True)
class Drawn:
    """Draws (n, p) of a sampler, how it ran, and the noise it found."""

    samples: np.ndarray
    sampling: Sampling
    scatter: Scatter


def fit(
    target: Target,
    prior_draws: int,
    seed: int,
    report: Report | None,
    watch: Callable[[np.ndarray], None] | None = None,
) -> Fit:
    """Posterior mode and Laplace approximation of a target, with the values of its noise.

    `watch` is called with the best point (p,) so far, again and again while the mode is searched.
    """
    mode = _mode(target, prior_draws, np.random.default_rng(seed), report, watch)
    tell(report, 1.0, "Approximating the posterior")
    found_noise = NOTHING
    if not target.noise.is_plain:
        found_noise, target, found = fit_values(target, mode)
    elif target.noise.parameters:
        found_noise, target, found = fit_scale(target, _around(target, mode), _around)
    else:
        found = _around(target, mode)
    return Fit(target, *found[:2], found[2] + found_noise.log_values.size, found_noise)


def draw(found: Fit, report: Report | None, **settings) -> Drawn:
    """Draw from the target of a fit, and from the values of its noise, by `mcmc.sample` (`settings`)."""
    target, p = found.target, found.mode.size
    density, mode, covariance = target.log_density, found.mode, found.covariance
    if target.noise.parameters:
        mode, spare = np.append(mode, found.found_noise.log_values), len(target.noise.parameters)
        covariance = np.pad(covariance, (0, spare))
        covariance[p:, p:] = found.found_noise.covariance

        def density(points: np.ndarray) -> np.ndarray:
            return target.log_density(points[:, :p], points[:, p:])

    names = _names((*target.free, *target.noise.parameters))
    samples, sampling = sample(density, mode, covariance, names, report=report, **settings)
    return Drawn(samples[:, :p], sampling, scatter_of_samples(target.noise, samples[:, p:]))


def criteria_of(found: Fit, simulated: np.ndarray) -> tuple[float, float]:
    """AICc and BIC of a fit, from simulated numbers (n,) at its mode."""
    deviance = -2.0 * float(found.target.observations.log_likelihood(simulated[None])[0])
    return criteria(deviance, found.effective, found.target.n_data)


def chi_square(standardised: np.ndarray, noise: Noise) -> float:
    """Sum of the squared standardised misfits (n,), each times its weight where tails are heavy."""
    squares = np.square(standardised)
    return float((squares * weight_of(standardised) if noise.heavy_tails else squares).sum())


def _names(free: Sequence[Parameter]) -> tuple[str, ...]:
    """Names of parameters, numbered where several subjects have one each."""
    names = [parameter.name for parameter in free]
    return tuple(
        name if names.count(name) == 1 else f"{name} {names[: i + 1].count(name)}" for i, name in enumerate(names)
    )


def _around(target: Target, mode: np.ndarray) -> Approximation:
    _, slopes = jacobian(target.residuals, mode[None])
    slope, n = slopes[0], slopes.shape[1] - mode.size
    covariance = np.linalg.inv(slope.T @ slope)
    covariance = 0.5 * (covariance + covariance.T)
    return mode, covariance, float(np.trace(slope[:n].T @ slope[:n] @ covariance))


def _mode(
    target: Target,
    prior_draws: int,
    rng: np.random.Generator,
    report: Report | None,
    watch: Callable[[np.ndarray], None] | None,
) -> np.ndarray:
    points = np.vstack([target.prior_mean, target.starts(max(prior_draws, REFINED), rng)])
    misfit = np.square(target.residuals(points, part(report, 0.0, 0.42))).sum(axis=1)
    misfit = np.where(np.isfinite(misfit), misfit, np.inf)
    best = np.argsort(misfit, kind="stable")[:REFINED]
    best = best[np.isfinite(misfit[best])]
    if best.size == 0:
        raise InputError(
            f"No prior draw of {target.model.name} could be simulated over the visits; check volumes and the species."
        )
    theta, cost = minimise(target.residuals, points[best], report=part(report, 0.42, 1.0), watch=watch)
    return theta[np.argmin(cost)]


def criteria(deviance: float, parameters: float, n: int) -> tuple[float, float]:
    """AICc (infinite for too few data) and BIC."""
    spare = n - parameters - 1
    aicc = deviance + 2 * parameters * n / spare if spare > 0 else np.inf
    return aicc, deviance + parameters * np.log(n)

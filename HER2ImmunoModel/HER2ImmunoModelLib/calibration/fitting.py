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
from .noise import NOISE, Approximation, Target, fit_noise, joint_density, noise_estimate, noise_estimate_of_samples
from .result import Estimate

REFINED = 6
"""How many of the prior draws are refined."""


@dataclass(frozen=True)
class Fit:
    """Laplace approximation of a target: mode (p,), covariance (p, p), parameters that the data determine.

    The target has the estimated noise scale in it; `log_noise` is its logarithm and standard deviation, or None.
    """

    target: Target
    mode: np.ndarray
    covariance: np.ndarray
    effective: float
    log_noise: tuple[float, float] | None

    @property
    def noise(self) -> Estimate | None:
        """Estimate of the noise scale."""
        return None if self.log_noise is None else noise_estimate(*self.log_noise)


@dataclass(frozen=True)
class Drawn:
    """Draws (n, p) of a sampler, how it ran, and the noise scale it found."""

    samples: np.ndarray
    sampling: Sampling
    noise: Estimate | None


def fit(
    target: Target,
    prior_draws: int,
    seed: int,
    noise_scale: bool,
    report: Report | None,
    watch: Callable[[np.ndarray], None] | None = None,
) -> Fit:
    """Posterior mode and Laplace approximation of a target, with its noise scale if wanted.

    `watch` is called with the best point (p,) so far, again and again while the mode is searched.
    """
    mode = _mode(target, prior_draws, np.random.default_rng(seed), report, watch)
    tell(report, 1.0, "Approximating the posterior")
    found, log_noise = _around(target, mode), None
    if noise_scale:
        *log_noise, found = fit_noise(target, found, _around)
        log_noise = tuple(log_noise)
        target, found = target.with_noise(float(np.exp(log_noise[0]))), (*found[:2], found[2] + 1)
    return Fit(target, *found, log_noise)


def draw(found: Fit, stated: Target, report: Report | None, **settings) -> Drawn:
    """Draw from a target by `mcmc.sample` (`settings`); `stated` has the standard deviations of the table."""
    mode, covariance, names = found.mode, found.covariance, _names(stated.free)
    density = stated.log_density
    if found.log_noise is not None:
        log_scale, sd = found.log_noise
        names, density, mode = (*names, NOISE.name), joint_density(stated), np.append(mode, log_scale)
        covariance = np.pad(covariance, (0, 1))
        covariance[-1, -1] = sd**2
    samples, sampling = sample(density, mode, covariance, names, report=report, **settings)
    if found.log_noise is None:
        return Drawn(samples, sampling, None)
    return Drawn(samples[:, :-1], sampling, noise_estimate_of_samples(samples[:, -1]))


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

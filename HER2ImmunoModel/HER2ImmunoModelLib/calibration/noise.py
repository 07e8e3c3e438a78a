"""Noise scale: one factor on every stated standard deviation, estimated with the parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from HER2ImmunoCommonLib.progress import Report

from ..models.model import Model
from ..models.parameters import ASSUMED, Parameter, rate
from .estimates import estimates_of_laplace, estimates_of_samples
from .levenberg_marquardt import minimise
from .result import Estimate

NOISE = rate("noise_scale", 1.0, ASSUMED, "Scatter of the measurements over their stated standard deviations", unit="")
NOTABLE = 2.0
"""Factor from which the stated standard deviations are said to be wrong."""
_ROUNDS = 20

Approximation = tuple[np.ndarray, np.ndarray, float]
"""Posterior mode (p,), Laplace covariance (p, p) and how many parameters the data determine."""


class Target(Protocol):
    """Posterior of one subject or of several."""

    model: Model
    free: tuple[Parameter, ...]
    prior_mean: np.ndarray
    n_data: int
    log_norm: float

    def starts(self, n: int, rng: np.random.Generator) -> np.ndarray: ...
    def residuals(self, theta: np.ndarray, report: Report | None = None) -> np.ndarray: ...
    def data_residuals(self, theta: np.ndarray, report: Report | None = None) -> np.ndarray: ...
    def log_density(self, theta: np.ndarray, log_noise: np.ndarray | float = 0.0) -> np.ndarray: ...
    def with_noise(self, scale: float) -> Target: ...


def fit_noise(
    target: Target, found: Approximation, around: Callable[[Target, np.ndarray], Approximation]
) -> tuple[float, float, Approximation]:
    """Noise scale that is most likely once the parameters are integrated out, and the parameters under it.

    MacKay, Neural Comput 1992;4:415-447: chi-square then equals the number of measurements less that of the parameters
    they determine, held by the log-normal prior. A scale that maximised the joint density would be too small.

    Parameters
    ----------
    target : Target
        With the stated standard deviations.
    found : Approximation
        At a scale of 1.
    around : callable
        Approximation of a target around a mode.

    Returns
    -------
    log_scale, sd : float
        Logarithm of the scale and its standard deviation.
    found : Approximation
        Under that scale.
    """
    log_scale, precision = 0.0, NOISE.prior**-2
    for _ in range(_ROUNDS):
        chi2 = float(np.square(target.data_residuals(found[0][None])).sum())
        spare = target.n_data - found[2]
        before, log_scale = log_scale, _log_scale(spare, chi2, precision)
        scaled = target.with_noise(float(np.exp(log_scale)))
        mode = minimise(scaled.residuals, found[0][None])[0][0]
        found = around(scaled, mode)
        if abs(log_scale - before) < 1e-3:
            break
    return log_scale, float(1 / np.sqrt(2 * chi2 * np.exp(-2 * log_scale) + precision)), found


def _log_scale(spare: float, chi2: float, precision: float) -> float:
    """Where spare - chi2 / scale^2 + precision log(scale) = 0."""
    from scipy.optimize import brentq  # slow to load

    return float(brentq(lambda u: spare - chi2 * np.exp(-2 * u) + precision * u, -20.0, 20.0))


def noise_estimate(log_scale: float, sd: float) -> Estimate:
    """Estimate of the scale from its Laplace approximation."""
    return estimates_of_laplace([NOISE], np.array([log_scale]), np.array([[sd**2]]))[NOISE.name]


def noise_estimate_of_samples(samples: np.ndarray) -> Estimate:
    """Estimate of the scale from draws (n,) of its logarithm."""
    return estimates_of_samples([NOISE], samples[:, None])[NOISE.name]


def joint_density(target: Target) -> Callable[[np.ndarray], np.ndarray]:
    """Log density of points (m, p + 1): parameters, then the logarithm of the scale (target with stated sds)."""
    return lambda points: (
        target.log_density(points[:, :-1], points[:, -1]) - 0.5 * np.square(points[:, -1] / NOISE.prior)
    )


def noise_warning(noise: Estimate | None) -> tuple[str, ...]:
    """What a large scale says."""
    if noise is None or noise.lower < NOTABLE:
        return ()
    return (
        f"The measurements scatter {noise.value:.1f} times as much as their standard deviations say: those are too "
        "small, or the model misses something.",
    )

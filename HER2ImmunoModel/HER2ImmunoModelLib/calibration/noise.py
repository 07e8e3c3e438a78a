"""Values of the noise, estimated with the parameters: most likely ones once these are integrated out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from HER2ImmunoCommonLib.progress import Report

from ..models.model import Model
from ..models.parameters import Parameter
from .estimates import estimates_of_laplace, estimates_of_samples
from .levenberg_marquardt import LONGEST_STEP, jacobian, minimise
from .noise_kinds import NOISE, SD, SHARE, STATED, Noise
from .observations import Observations
from .posterior import referred
from .scatter import Estimate, Scatter

NOTABLE = 2.0
"""Factor from which the stated standard deviations are said to be wrong."""
LARGE_SHARE = 0.35
"""Share of a volume beyond which no examination scatters (calliper, 10 to 20 %)."""
_WORDS = {SHARE.name: "The share by which volumes scatter", SD: "The scatter that all volumes share"}
_ROUNDS = 20
FARTHEST = 6.0
"""Prior standard deviations within which a value of the noise is sought."""
CLOSE = 1e-3
"""Change of a logarithm of a value from which the rounds go on."""
DAMPING = np.array([0.0, 0.03, 0.3, 3.0, 30.0, 3e2, 3e4])
"""Dampings that are tried at once, over the diagonal of the curvature."""
LEAST_GAIN = 1e-8
"""Rise of the log density below which a mode is found."""
_STEPS = 100
"""Most steps."""
_STEP = 1e-2
"""Step of second differences by the logarithm of a value."""

Approximation = tuple[np.ndarray, np.ndarray, float]
"""Posterior mode (p,), Laplace covariance (p, p) and how many parameters the data determine."""


class Target(Protocol):
    """Posterior of one subject or of several."""

    model: Model
    free: tuple[Parameter, ...]
    prior_mean: np.ndarray
    prior_sd: np.ndarray
    observations: Observations
    noise: Noise
    n_data: int

    def starts(self, n: int, rng: np.random.Generator) -> np.ndarray: ...
    def simulated(self, theta: np.ndarray) -> np.ndarray: ...
    def residuals(self, theta: np.ndarray, report: Report | None = None) -> np.ndarray: ...
    def data_residuals(self, theta: np.ndarray, report: Report | None = None) -> np.ndarray: ...
    def log_likelihood(self, theta: np.ndarray, log_noise: np.ndarray | None = None) -> np.ndarray: ...
    def log_density(self, theta: np.ndarray, log_noise: np.ndarray | None = None) -> np.ndarray: ...
    def with_noise(self, noise: Noise) -> Target: ...
    def with_reference(self, simulated: np.ndarray | None) -> Target: ...


@dataclass(frozen=True)
class FoundNoise:
    """Logarithms of the values of a noise (k,) and their covariance (k, k)."""

    log_values: np.ndarray
    covariance: np.ndarray


NOTHING = FoundNoise(np.empty(0), np.empty((0, 0)))
"""Of a noise without a value that is estimated."""


def fit_scale(
    target: Target, found: Approximation, around: Callable[[Target, np.ndarray], Approximation]
) -> tuple[FoundNoise, Target, Approximation]:
    """Scale of the stated standard deviations that is most likely, and the parameters under it.

    MacKay, Neural Comput 1992;4:415-447: chi-square then equals the number of measurements less that of the parameters
    they determine, held by the log-normal prior. A scale that maximised the joint density would be too small.

    Parameters
    ----------
    target : Target
        With the stated standard deviations and normal tails.
    found : Approximation
        At a scale of 1.
    around : callable
        Approximation of a target around a mode.

    Returns
    -------
    noise : FoundNoise
    target : Target
        With the scale.
    found : Approximation
        Under it.
    """
    log_scale, precision = 0.0, NOISE.prior**-2
    for _ in range(_ROUNDS):
        chi2 = float(np.square(target.data_residuals(found[0][None])).sum())
        spare = target.n_data - found[2]
        before, log_scale = log_scale, _log_scale(spare, chi2, precision)
        scaled = target.with_noise(target.noise.at([log_scale]))
        mode = minimise(scaled.residuals, found[0][None])[0][0]
        found = around(scaled, mode)
        if abs(log_scale - before) < CLOSE:
            break
    variance = 1.0 / (2.0 * chi2 * np.exp(-2.0 * log_scale) + precision)
    return FoundNoise(np.array([log_scale]), np.array([[variance]])), scaled, found


def _log_scale(spare: float, chi2: float, precision: float) -> float:
    """Where spare - chi2 / scale^2 + precision log(scale) = 0."""
    from scipy.optimize import brentq  # slow to load

    return float(brentq(lambda u: spare - chi2 * np.exp(-2 * u) + precision * u, -20.0, 20.0))


def fit_values(target: Target, mode: np.ndarray) -> tuple[FoundNoise, Target, Approximation]:
    """Values of any noise that are most likely, and the parameters under them.

    In turns: the values that are most likely once the parameters are integrated out about where they are (as restricted
    maximum likelihood does, and `fit_scale`), and a step of damped Fisher scoring of the parameters. Standard
    deviations that follow the model do so in the step too: its end is the mode of the whole density, not of weighted
    squares.

    Parameters
    ----------
    target : Target
        With the medians of the priors as values.
    mode : array (p,)
        Near the mode.

    Returns
    -------
    As `fit_scale`; the covariance of the parameters is the inverse of the Fisher information and that of the prior.
    """
    log_values = np.array(target.noise.log_values)
    at = _at(target, mode)
    for number in range(_STEPS):
        before, log_values = log_values, _most_likely(at.evidence, target.noise, log_values, number == 0)
        target = target.with_noise(target.noise.at(log_values))
        at = replace(at, target=target)
        mode, gain = at.better()
        at = _at(target, mode) if gain > 0 else at
        if gain < LEAST_GAIN and np.abs(log_values - before).max(initial=0.0) < CLOSE:
            break
    covariance = _covariance(at.evidence, target.noise, log_values)
    return FoundNoise(log_values, covariance), referred(target, mode), at.approximation


@dataclass(frozen=True, eq=False)
class _At:
    """A target about a point (p,): simulated numbers (n,) and their slopes (n, p)."""

    target: Target
    theta: np.ndarray
    simulated: np.ndarray
    slope: np.ndarray

    def evidence(self, log_values: np.ndarray) -> float:
        """Log density (up to a constant) of logarithms of values (k,), the parameters integrated out."""
        observed, noise = self.target.observations, self.target.noise
        likelihood = observed.log_likelihood(self.simulated[None], log_values)[0]
        _, volume = np.linalg.slogdet(observed.information(self.simulated, self.slope, log_values) + self._precision)
        return float(likelihood + noise.log_prior(log_values) - 0.5 * volume)

    def better(self) -> tuple[np.ndarray, float]:
        """The best of the steps with each damping, and by how much the log density rises; 0 where the point stays."""
        target, observed = self.target, self.target.observations
        away = (self.theta - target.prior_mean) / target.prior_sd**2
        slope = self.slope.T @ observed.score(self.simulated) - away
        curvature = observed.information(self.simulated, self.slope) + self._precision
        damped = curvature + DAMPING[:, None, None] * np.diag(np.diag(curvature))
        trial = self.theta + np.clip(np.linalg.solve(damped, slope[None, :, None])[..., 0], -LONGEST_STEP, LONGEST_STEP)
        rows = np.vstack([self.theta, trial])
        density = observed.log_likelihood(np.vstack([self.simulated, target.simulated(trial)]))
        density = density - 0.5 * np.square((rows - target.prior_mean) / target.prior_sd).sum(axis=1)
        best = int(np.argmax(density))
        return rows[best], float(density[best] - density[0])

    @property
    def approximation(self) -> Approximation:
        information = self.target.observations.information(self.simulated, self.slope)
        covariance = np.linalg.inv(information + self._precision)
        return self.theta, 0.5 * (covariance + covariance.T), float(np.trace(information @ covariance))

    @property
    def _precision(self) -> np.ndarray:
        return np.diag(self.target.prior_sd**-2.0)


def _at(target: Target, theta: np.ndarray) -> _At:
    simulated, slope = jacobian(target.simulated, theta[None])
    return _At(target, theta, simulated[0], slope[0])


Evidence = Callable[[np.ndarray], float]
"""`_At.evidence`."""


def _most_likely(evidence: Evidence, noise: Noise, start: np.ndarray, is_first: bool) -> np.ndarray:
    if not start.size:
        return start
    from scipy.optimize import minimize  # slow to load

    bounds = np.column_stack(
        [noise.prior_mean - FARTHEST * noise.prior_sd, noise.prior_mean + FARTHEST * noise.prior_sd]
    )
    # Of two parts of a standard deviation either may be all of it: the search starts from each.
    others = np.eye(start.size) if is_first and start.size > 1 else []
    starts = [start, *(start - 2.0 * noise.prior_sd * row for row in others)]
    found = [minimize(lambda x: -evidence(x), x0, method="L-BFGS-B", bounds=bounds) for x0 in starts]
    return min(found, key=lambda one: one.fun).x


def _covariance(evidence: Evidence, noise: Noise, log_values: np.ndarray) -> np.ndarray:
    """Inverse of the curvature at the most likely values; of the prior where there is none."""
    steps = _STEP * np.eye(log_values.size)
    curvature = np.array(
        [
            [
                sum(a * b * evidence(log_values + a * one + b * other) for a in (1, -1) for b in (1, -1))
                for other in steps
            ]
            for one in steps
        ]
    ).reshape(steps.shape) / (-4.0 * _STEP**2)
    if not log_values.size:
        return NOTHING.covariance
    prior = np.diag(noise.prior_sd**-2.0)
    # The prior alone curves as it does; a likelihood that bends the other way, of a value at nought, adds nothing.
    spread, axes = np.linalg.eigh(0.5 * (curvature + curvature.T) - prior)
    return np.linalg.inv((axes * np.maximum(spread, 0.0)) @ axes.T + prior)


def scatter_of(noise: Noise, found: FoundNoise) -> Scatter:
    """The noise of a fit, with estimates from its Laplace approximation."""
    return _scatter(noise, estimates_of_laplace(noise.parameters, found.log_values, found.covariance))


def scatter_of_samples(noise: Noise, samples: np.ndarray) -> Scatter:
    """The noise of a fit, with estimates from draws (n, k) of the logarithms of its values."""
    return _scatter(noise, estimates_of_samples(noise.parameters, samples) if noise.parameters else {})


def _scatter(noise: Noise, values: dict[str, Estimate]) -> Scatter:
    return Scatter(noise.kind, noise.heavy_tails, values, noise.size_cm3)


def noise_warnings(scatter: Scatter) -> Iterator[str]:
    """What large values say, and which of them the measurements do not tell."""
    if scatter.scale is not None and scatter.scale.lower >= NOTABLE:
        of = "" if scatter.kind == STATED else " of fractions"
        yield (
            f"The measurements{of} scatter {scatter.scale.value:.1f} times as much as their standard deviations say: "
            "those are too small, or the model misses something."
        )
    share = scatter.values.get(SHARE.name)
    if share is not None and share.lower >= LARGE_SHARE:
        yield (
            f"The volumes scatter by {100 * share.value:.0f} % about the model, more than any examination of them "
            "does: the model misses something."
        )
    for name, value in scatter.values.items():
        if name != NOISE.name and value.set_by == "prior":
            yield f"{_WORDS[name]} is set by its prior: the volumes do not tell it."

"""Draws of the group's numbers and of each subject's parameters, weighed by the courses as they are.

Points of the law are drawn from the density that linear courses give. For each of them every subject gets draws from a
t distribution about its conditional mode; the mean of their weights is an unbiased estimate of its likelihood, so that
points weighed by the product over subjects are draws of the posterior, whatever the noise of the estimates (Tran,
Scharth, Pitt and Kohn, arXiv:1309.3339, "importance sampling squared").
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma, log, pi

import numpy as np
from HER2ImmunoCommonLib.progress import Report, tell

from ..calibration.posterior import FARTHEST, SAMPLING_TOLERANCE
from .alternating import LogDensity
from .designs import Designs
from .law import Law, Points
from .quadratics import Quadratics

FREEDOM = 6.0
"""Degrees of freedom of the t distribution of a subject's draws."""
WIDER = 1.15
"""Its width over that of the linear courses."""
CANDIDATES = 8192
"""Points of a law from which those to weigh are picked."""
LAW_FREEDOM, LAW_WIDER = 5.0, 1.25
"""Of the t distribution that they are drawn from."""
ROWS_AT_ONCE = 100_000
LEAST = -1e6
"""Log weight of a subject of which no draw can be simulated."""


@dataclass(frozen=True)
class Weighed:
    """Points of a law and draws of every subject for each of them.

    Attributes
    ----------
    h : array (points, size)
    estimated : array (points,)
        Log likelihood of all subjects.
    theta : array (points, subjects, draws, p)
    share : array (points, subjects, draws)
        Weight of each draw among those of its subject at its point; they sum to 1 over draws.
    likelihood : array (points, subjects, draws)
        Log likelihood of each draw.
    """

    h: np.ndarray
    estimated: np.ndarray
    theta: np.ndarray
    share: np.ndarray
    likelihood: np.ndarray


def picked_points(
    log_density: LogDensity, middle: np.ndarray, covariance: np.ndarray, n: int, rng: np.random.Generator
) -> tuple[np.ndarray, float]:
    """Points (n, size) of a density, picked by their weights from those of a t distribution, and how many count."""
    size = middle.size
    if not size:
        return np.zeros((n, 0)), np.inf
    root = LAW_WIDER * np.linalg.cholesky(covariance)
    normal = rng.standard_normal((CANDIDATES, size))
    normal /= np.sqrt(rng.chisquare(LAW_FREEDOM, (CANDIDATES, 1)) / LAW_FREEDOM)
    candidates = middle + normal @ root.T
    log_weight = log_density(candidates) + 0.5 * (LAW_FREEDOM + size) * np.log1p(np.square(normal).sum(1) / LAW_FREEDOM)
    log_weight = np.where(np.isfinite(log_weight), log_weight, -np.inf)
    if not np.isfinite(log_weight).any():
        return candidates[:n], 0.0
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    return candidates[evenly(weight, n, rng)], float(1 / np.square(weight).sum())


def evenly(weight: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Indices (n,) drawn by weights that sum to 1, as evenly as can be, in random order."""
    places = (np.arange(n) + rng.random()) / n
    return rng.permutation(np.searchsorted(np.cumsum(weight), places).clip(max=weight.size - 1))


def weigh(
    designs: Designs,
    law: Law,
    h: np.ndarray,
    quadratics: Quadratics,
    draws: int,
    rng: np.random.Generator,
    report: Report | None = None,
) -> Weighed:
    """Draw every subject that often for each point (points, size) of a law, and weigh."""
    at = law.at(h)
    eta, log_drawn = drawn_about(quadratics, at, law.active, draws, rng)
    theta = at.expected[:, :, None] + at.spread[:, None, None] * eta
    theta = np.clip(theta, law.prior_mean - FARTHEST * law.prior_sd, law.prior_mean + FARTHEST * law.prior_sd)
    likelihood = _log_likelihood(designs, theta, at.log_noise, report)
    log_weight = likelihood - 0.5 * np.square(eta).sum(-1) - 0.5 * law.active.size * log(2 * pi) - log_drawn
    log_weight = np.where(np.isfinite(log_weight), log_weight, -np.inf)
    most = np.maximum(log_weight.max(axis=-1, keepdims=True), LEAST)
    weight = np.exp(log_weight - most)
    total = np.maximum(weight.sum(axis=-1, keepdims=True), 1e-300)
    estimated = (most + np.log(total / draws))[..., 0]
    return Weighed(h, estimated.sum(axis=1), theta, weight / total, likelihood)


def drawn_about(
    quadratics: Quadratics, at: Points, active: np.ndarray, draws: int, rng
) -> tuple[np.ndarray, np.ndarray]:
    """Draws of eta (points, subjects, draws, p) and the log density they are drawn with."""
    middle, root = quadratics.conditional(at)
    middle, root = middle[..., active], WIDER * root[..., active[:, None], active]
    size, half = active.size, (draws + 1) // 2
    normal = rng.standard_normal((*middle.shape[:2], half, size))
    normal /= np.sqrt(rng.chisquare(FREEDOM, (*normal.shape[:3], 1)) / FREEDOM)
    normal = np.concatenate([normal, -normal], axis=2)[:, :, :draws]
    eta = np.zeros((*normal.shape[:3], quadratics.point.shape[1]))
    eta[..., active] = middle[:, :, None] + normal @ np.swapaxes(root, -1, -2)
    log_root = np.log(np.abs(np.diagonal(root, axis1=-2, axis2=-1))).sum(-1)
    constant = lgamma(0.5 * (FREEDOM + size)) - lgamma(0.5 * FREEDOM) - 0.5 * size * log(FREEDOM * pi)
    density = -0.5 * (FREEDOM + size) * np.log1p(np.square(normal).sum(-1) / FREEDOM)
    return eta, density + constant - log_root[..., None]


def _log_likelihood(designs: Designs, theta: np.ndarray, log_noise: np.ndarray, report: Report | None) -> np.ndarray:
    """Log likelihood of draws (points, subjects, draws, p) under the noise of each point (points, k)."""
    shape, p = theta.shape[:3], theta.shape[3]
    flat = theta.reshape(-1, p)
    of = np.broadcast_to(np.arange(shape[1])[:, None], shape).reshape(-1)
    point = np.repeat(np.arange(shape[0]), shape[1] * shape[2])
    found = np.empty(len(flat))
    for first in range(0, len(flat), ROWS_AT_ONCE):
        some = slice(first, first + ROWS_AT_ONCE)
        tell(report, first / len(flat), "Weighing draws of every subject")
        simulated = designs.simulated(flat[some], of[some], tolerance=SAMPLING_TOLERANCE)
        found[some] = designs.log_likelihood(simulated, of[some], log_noise[point[some]])
    return found.reshape(shape)

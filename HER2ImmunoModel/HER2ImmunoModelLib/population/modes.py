"""Where each subject's parameters are most likely under a group's law, all subjects in one search."""

from __future__ import annotations

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part, tell

from ..calibration.levenberg_marquardt import DIFFERENCE, LONGEST_STEP
from ..calibration.posterior import SAMPLING_TOLERANCE
from .designs import Designs
from .law import Law, Points
from .quadratics import Quadratics

MOST_DAMPING = 1e4
"""Beyond it a start is given up where it is."""
REFINED = 3
"""Starts of each subject that are refined."""


def slopes(designs: Designs, theta: np.ndarray, of: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Simulated numbers (m, n) and their slopes (m, n, p) at points (m, p), 0 but in some columns, by differences."""
    size = theta.shape[1]
    points = np.repeat(theta[:, None], columns.size + 1, axis=1)
    points[:, np.arange(1, columns.size + 1), columns] += DIFFERENCE
    values = designs.simulated(points.reshape(-1, size), np.repeat(of, columns.size + 1))
    values = values.reshape(len(theta), columns.size + 1, -1)
    slope = np.zeros((*values.shape[::2], size))
    found = np.swapaxes(values[:, 1:] - values[:, :1], 1, 2) / DIFFERENCE
    slope[..., columns] = np.where(np.isfinite(found), found, 0.0)  # a neighbour that fails says nothing of the slope
    return values[:, 0], slope


def quadratics_at(designs: Designs, theta: np.ndarray) -> Quadratics:
    """The likelihood of each subject, its courses made linear about a point (subjects, p)."""
    subjects, p = theta.shape
    return Quadratics(designs, theta, *slopes(designs, theta, np.arange(subjects), np.arange(p)))


def conditional_modes(
    designs: Designs,
    law: Law,
    at: Points,
    eta: np.ndarray,
    *,
    of: np.ndarray | None = None,
    iterations: int = 40,
    tolerance: float = 1e-6,
    report: Report | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Most likely parameters of subjects under one point of a law, by damped Fisher scoring.

    Parameters
    ----------
    designs : Designs
    law : Law
    at : Points
        One point.
    eta : array (m, p)
        Starts: (theta - expected) / spread.
    of : int array (m,), optional
        The subject of each start; one a subject if None.
    iterations : int
    tolerance : float
        A start is done when its cost falls by less.
    report : Report, optional

    Returns
    -------
    eta : array (m, p)
    cost : array (m,)
        Half the sum of squares of eta less the log likelihood; infinite where it cannot be simulated.
    """
    of = np.arange(len(eta)) if of is None else of
    columns = law.active
    expected, spread, log_noise = at.expected[0], at.spread[0], at.log_noise

    def cost_of(points, subjects):
        simulated = designs.simulated(expected[subjects] + spread * points, subjects)
        noise = np.repeat(log_noise, len(points), axis=0)
        return 0.5 * np.square(points).sum(1) - designs.log_likelihood(simulated, subjects, noise)

    eta, damping = eta.copy(), np.full(len(eta), 1e-2)
    cost = cost_of(eta, of)
    active = np.isfinite(cost)
    for iteration in range(iterations):
        tell(report, iteration / iterations, "Refining each subject")
        index = np.flatnonzero(active)
        if index.size == 0 or columns.size == 0:
            break
        simulated, slope = slopes(designs, expected[of[index]] + spread * eta[index], of[index], columns)
        scored = designs.scored(simulated, of[index], np.repeat(log_noise, index.size, axis=0))
        trial = eta[index].copy()
        slope = (spread * slope)[..., columns]
        trial[:, columns] += _steps(*scored, slope, trial[:, columns], damping[index], spread[columns])
        new = cost_of(trial, of[index])
        better = new < cost[index]
        gain = np.where(better, cost[index] - new, 0.0)
        eta[index[better]], cost[index[better]] = trial[better], new[better]
        damping[index] *= np.where(better, 0.2, 5.0)
        active[index] = np.where(better, gain > tolerance, damping[index] < MOST_DAMPING)
    return eta, cost


def _steps(score, information, slope, eta, damping, spread) -> np.ndarray:
    """Damped steps (m, p), none longer than `LONGEST_STEP` in the transformed space."""
    turned = np.swapaxes(slope, 1, 2)
    curvature = turned @ (information[..., None] * slope) + np.eye(eta.shape[1])
    diagonal = np.einsum("sii->si", curvature)
    diagonal *= 1 + damping[:, None]
    gradient = (turned @ score[..., None])[..., 0] - eta
    steps = np.linalg.solve(curvature, gradient[..., None])[..., 0]
    return np.clip(steps, -LONGEST_STEP / spread, LONGEST_STEP / spread)


def modes_alone(designs: Designs, alone: Law, prior_draws: int, seed: int, report: Report | None = None) -> np.ndarray:
    """Most likely parameters (subjects, p) of each subject with the prior alone, from the best of some draws of it.

    Raises
    ------
    InputError
        A subject of which no draw can be simulated.
    """
    rng, subjects = np.random.default_rng(seed), len(designs.parts)
    draws = np.stack([np.vstack([alone.prior_mean, one.starts(prior_draws, rng)]) for one in designs.parts])
    of = np.repeat(np.arange(subjects), draws.shape[1])
    flat = draws.reshape(-1, draws.shape[2])
    simulated = designs.simulated(flat, of, tolerance=SAMPLING_TOLERANCE, report=part(report, 0.0, 0.4))
    eta, at = (flat - alone.prior_mean) / alone.prior_sd, alone.at(alone.start()[None])
    likelihood = designs.log_likelihood(simulated, of, np.repeat(at.log_noise, len(of), axis=0))
    cost = (0.5 * np.square(eta).sum(1) - likelihood).reshape(subjects, -1)
    if (lost := np.isinf(cost).all(axis=1)).any():
        raise InputError(
            f"Subject {designs.names[lost.argmax()]}: no prior draw of {designs.parts[0].model.name} could be "
            "simulated over the visits; check volumes and the species."
        )
    best = np.argsort(cost, axis=1, kind="stable")[:, :REFINED]
    starts = np.take_along_axis(eta.reshape(*draws.shape), best[..., None], axis=1).reshape(-1, draws.shape[2])
    of = np.repeat(np.arange(subjects), best.shape[1])
    eta, cost = conditional_modes(designs, alone, at, starts, of=of, report=part(report, 0.4, 1.0))
    chosen = np.argmin(cost.reshape(subjects, -1), axis=1) + best.shape[1] * np.arange(subjects)
    return alone.prior_mean + alone.prior_sd * eta[chosen]

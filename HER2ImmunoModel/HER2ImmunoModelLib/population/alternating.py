"""The group's most likely numbers and each subject's, in turns: courses made linear, the group's law, modes anew.

Lindstrom and Bates, Biometrics 1990;46:673. With a spread of 0 a turn is a Gauss-Newton step of the pooled fit, and
with that of the prior the modes are those of each alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part, tell

from .designs import Designs
from .law import Law
from .modes import conditional_modes, quadratics_at
from .quadratics import Quadratics

MOST_TURNS = 30
STANDS = 0.002
"""Standard deviations of the group's numbers that a turn moves them by once they stand."""
STEP = 1e-4
"""Of central differences of the log density of a group's law."""
CURVED_STEP = 1e-3
"""Of its second ones."""

LogDensity = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Settled:
    """Where the turns came to rest.

    Attributes
    ----------
    h : array (size,)
        The law's most likely point.
    covariance : array (size, size)
        From the curvature there.
    theta : array (subjects, p)
        Each subject's most likely parameters under it.
    quadratics : Quadratics
        The likelihoods about them.
    turns : int
    stands : bool
        Whether the last turn hardly moved the point.
    """

    h: np.ndarray
    covariance: np.ndarray
    theta: np.ndarray
    quadratics: Quadratics
    turns: int
    stands: bool


def density_of(law: Law, quadratics: Quadratics) -> LogDensity:
    """Log posterior density of points (n, size) of a law, with the likelihoods as quadratics."""
    return lambda h: law.log_prior(h) + quadratics.log_marginal(law.at(h)).sum(axis=1)


def settle(designs: Designs, law: Law, theta: np.ndarray, report: Report | None = None) -> Settled:
    """Take turns from some parameters (subjects, p) until the group's numbers stand.

    Raises
    ------
    InputError
        A group that the courses cannot be simulated with.
    Cancelled
        From `report`.
    """
    quadratics = quadratics_at(designs, theta)
    h, covariance = most_likely(density_of(law, quadratics), law.start())
    stands, turn = law.size == 0, 0
    for turn in range(1, MOST_TURNS + 1):
        share = part(report, (turn - 1) / MOST_TURNS, turn / MOST_TURNS)
        tell(share, 0.0, f"Finding the group, turn {turn}")
        theta = _modes(designs, law, h, theta, quadratics)
        quadratics = quadratics_at(designs, theta)
        before, (h, covariance) = h, most_likely(density_of(law, quadratics), h)
        if law.size == 0 or np.abs((h - before) / np.sqrt(np.diag(covariance))).max() < STANDS:
            stands = True
            break
    return Settled(h, covariance, theta, quadratics, turn, stands)


def _modes(designs: Designs, law: Law, h: np.ndarray, theta: np.ndarray, quadratics: Quadratics) -> np.ndarray:
    """Modes under a point of the law, from the better of those before and those of the linear courses."""
    at, subjects = law.at(h[None]), len(theta)
    spread = np.where(at.spread[0] > 0, at.spread[0], np.inf)
    kept = (theta - at.expected[0]) / spread
    starts = np.stack([quadratics.conditional(at)[0][0], kept], axis=1)
    starts[..., at.spread[0] == 0] = 0.0
    of = np.repeat(np.arange(subjects), 2)
    eta, cost = conditional_modes(designs, law, at, starts.reshape(2 * subjects, -1), of=of)
    cost = cost.reshape(subjects, 2)
    if (lost := np.isinf(cost).all(axis=1)).any():
        raise InputError(
            f"Subject {designs.names[lost.argmax()]} cannot be simulated with the rates of the group; calibrate it "
            "alone."
        )
    return at.expected[0] + at.spread[0] * eta[2 * np.arange(subjects) + cost.argmin(axis=1)]


def most_likely(log_density: LogDensity, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where a density is largest (size,), and the inverse of its curvature there (size, size)."""
    from scipy.optimize import minimize  # slow to load

    if not start.size:
        return start, np.zeros((0, 0))

    def value_and_slope(h):
        steps = STEP * np.eye(h.size)
        values = -log_density(np.vstack([h, h + steps, h - steps]))
        return values[0], (values[1 : 1 + h.size] - values[1 + h.size :]) / (2 * STEP)

    found = minimize(value_and_slope, start, jac=True, method="BFGS", options={"gtol": 1e-4, "maxiter": 300}).x
    return found, _inverse(_curvature(log_density, found))


def _curvature(log_density: LogDensity, h: np.ndarray) -> np.ndarray:
    """Minus the second derivatives (size, size) at a point, by central differences."""
    size, steps = h.size, CURVED_STEP * np.eye(h.size)
    first, second = np.triu_indices(size)
    pairs = [h + a * steps[first] + b * steps[second] for a in (1, -1) for b in (1, -1)]
    values = log_density(np.vstack(pairs)).reshape(4, -1)
    found = np.zeros((size, size))
    found[first, second] = -(values[0] - values[1] - values[2] + values[3]) / (4 * CURVED_STEP**2)
    return found + np.triu(found, 1).T


def _inverse(curvature: np.ndarray) -> np.ndarray:
    """Inverse; directions that are not bent downwards are as wide as a prior of 1."""
    width, axes = np.linalg.eigh(curvature)
    return (axes / np.maximum(width, 1.0 * (width <= 1e-3) + 1e-3)) @ axes.T

"""Least squares for several starts at once, every simulation of an iteration in one batch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from HER2ImmunoCommonLib.progress import Report, tell

DIFFERENCE = 1e-4
"""Step of the forward differences, in units of the (transformed) parameters."""
LONGEST_STEP = 2.0
"""Largest change of a (transformed) parameter in one iteration."""

Residuals = Callable[[np.ndarray], np.ndarray]
"""`residuals(theta)`: points (m, p) to residuals (m, n), NaN where a point cannot be simulated."""


def jacobian(residuals: Residuals, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Residuals (starts, n) and Jacobian (starts, n, p) at points (starts, p), by forward differences."""
    starts, size = theta.shape
    points = np.repeat(theta[:, None], size + 1, axis=1)
    points[:, 1:] += DIFFERENCE * np.eye(size)
    values = residuals(points.reshape(-1, size)).reshape(starts, size + 1, -1)
    slope = (values[:, 1:] - values[:, :1]) / DIFFERENCE
    slope[~np.isfinite(slope)] = 0.0  # a neighbour that cannot be simulated says nothing of the slope
    return values[:, 0], np.swapaxes(slope, 1, 2)


def minimise(
    residuals: Residuals,
    theta: np.ndarray,
    *,
    held: int | None = None,
    iterations: int = 60,
    tolerance: float = 1e-6,
    report: Report | None = None,
    watch: Callable[[np.ndarray], None] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Minimise half the sum of squared residuals from each start (Levenberg 1944, Marquardt 1963).

    Parameters
    ----------
    residuals : Residuals
    theta : array (starts, p)
        Starting points with finite residuals.
    held : int, optional
        Parameter that stays as each start has it.
    iterations : int
        Largest number of iterations.
    tolerance : float
        A start is done when its cost falls by less than that.
    report : Report, optional
    watch : callable, optional
        Called with the best point (p,) before each iteration.

    Returns
    -------
    theta : array (starts, p)
    cost : array (starts,)
        Half the sum of squares.
    """
    theta = theta.copy()
    cost = _cost(residuals(theta))
    damping = np.full(len(theta), 1e-2)
    active = np.isfinite(cost)
    for iteration in range(iterations):
        tell(report, iteration / iterations, "Refining the best starts")
        if watch is not None:
            watch(theta[np.argmin(cost)])
        index = np.flatnonzero(active)
        if index.size == 0:
            break
        value, slope = jacobian(residuals, theta[index])
        lost = ~np.isfinite(value).all(axis=1)
        value[lost], slope[lost] = 0.0, 0.0
        if held is not None:
            slope[:, :, held] = 0.0
        trial = theta[index] + _steps(value, slope, damping[index])
        new = _cost(residuals(trial))
        better = new < cost[index]
        gain = np.where(better, cost[index] - new, 0.0)
        theta[index[better]], cost[index[better]] = trial[better], new[better]
        damping[index] *= np.where(better, 0.2, 5.0)
        active[index] = np.where(better, gain > tolerance, damping[index] < 1e6)
    return theta, cost


def _steps(value: np.ndarray, slope: np.ndarray, damping: np.ndarray) -> np.ndarray:
    curvature = np.swapaxes(slope, 1, 2) @ slope
    diagonal = np.einsum("sii->si", curvature)
    diagonal += damping[:, None] * np.maximum(diagonal, 1e-12)
    gradient = np.einsum("sni,sn->si", slope, value)
    steps = -np.linalg.solve(curvature, gradient[..., None])[..., 0]
    return np.clip(steps, -LONGEST_STEP, LONGEST_STEP)


def _cost(values: np.ndarray) -> np.ndarray:
    cost = 0.5 * np.square(values).sum(axis=1)
    return np.where(np.isfinite(cost), cost, np.inf)

"""Bounded nonlinear least squares for many small problems at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

MAX_ITERATIONS = 400
STEP_TOLERANCE = 1e-9
GAIN_TOLERANCE = 1e-13
FIRST_DAMPING = 1e-3
LARGEST_DAMPING = 1e12
SMALLEST_PIVOT = 1e-14
Predict = Callable[..., tuple[np.ndarray, np.ndarray]]
"""Coordinates (n, p), and what is given of each row, to curves (n, r) and Jacobian (n, p, r)."""


def minimise(
    predict: Predict,
    y: np.ndarray,
    start: np.ndarray,
    bounds: tuple[tuple[float, float], ...],
    *given: np.ndarray,
) -> np.ndarray:
    """Coordinates in the box that minimise the squared distance to each row of `y`.

    Levenberg and Marquardt's method on the coordinates that are free: one at its bound with the descent pointing out
    of the box is held there. A step is cut at the box and taken only if it lowers the distance.

    Parameters
    ----------
    predict : callable
    y : ndarray, shape (n, r)
    start : ndarray, shape (n, p)
    bounds : tuple of (low, high)
    *given : ndarray, shape (n, ...)
        Constants of each row, passed to `predict` after the coordinates.

    Returns
    -------
    ndarray, shape (n, p)

    References
    ----------
    Marquardt, SIAM J Appl Math 11:431 (1963); Kanzow, Yamashita, Fukushima, J Comput Appl Math 172:375 (2004).
    """
    low, high = (np.array(side) for side in zip(*bounds, strict=True))
    result = np.clip(start, low, high)
    todo, at = np.arange(len(y)), result.copy()
    damping = np.full(len(y), FIRST_DAMPING)
    model, jacobian = predict(at, *given)
    for _ in range(MAX_ITERATIONS):
        residual = y - model
        cost = (residual**2).sum(axis=1)
        new = np.clip(at + _step(residual, jacobian, at, low, high, damping), low, high)
        new_model, new_jacobian = predict(new, *given)
        new_cost = ((y - new_model) ** 2).sum(axis=1)
        better = new_cost < cost
        moved = np.abs(new - at).max(axis=1) > STEP_TOLERANCE
        going = moved & ((cost - new_cost > GAIN_TOLERANCE * cost) | ~better) & (damping < LARGEST_DAMPING)
        at, model = np.where(better[:, None], new, at), np.where(better[:, None], new_model, model)
        jacobian = np.where(better[:, None, None], new_jacobian, jacobian)
        damping = np.where(better, damping * 0.1, damping * 8.0)
        result[todo] = at
        if not going.any():
            break
        todo, at, y, damping = todo[going], at[going], y[going], damping[going]
        model, jacobian = model[going], jacobian[going]
        given = tuple(constant[going] for constant in given)
    return result


def is_held(at: np.ndarray, low: np.ndarray, high: np.ndarray, descent: np.ndarray) -> np.ndarray:
    """Coordinates at a bound with the descent pointing out of the box."""
    return ((at <= low) & (descent <= 0)) | ((at >= high) & (descent >= 0))


def _step(
    residual: np.ndarray, jacobian: np.ndarray, at: np.ndarray, low: np.ndarray, high: np.ndarray, damping: np.ndarray
) -> np.ndarray:
    descent = np.matmul(jacobian, residual[:, :, None])[:, :, 0]
    free = ~is_held(at, low, high, descent)
    normal = np.matmul(jacobian, jacobian.transpose(0, 2, 1)) * (free[:, :, None] & free[:, None, :])
    diagonal = np.einsum("npp->np", normal)
    scale = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    normal /= scale[:, :, None] * scale[:, None, :]
    index = np.arange(at.shape[1])
    normal[:, index, index] = 1.0 + damping[:, None]
    return _solve(normal, descent * free / scale) / scale


def _solve(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solutions (n, p) of symmetric systems (n, p, p) by their Cholesky factors; a pivot that vanishes is raised."""
    p = right.shape[1]
    factor, solution = np.zeros_like(matrix), right.copy()
    for j in range(p):
        column = matrix[:, j:, j] - np.einsum("nik,nk->ni", factor[:, j:, :j], factor[:, j, :j])
        factor[:, j:, j] = column / np.sqrt(np.maximum(column[:, :1], SMALLEST_PIVOT))
        factor[:, j, j] = np.sqrt(np.maximum(column[:, 0], SMALLEST_PIVOT))
        solution[:, j] = (solution[:, j] - np.einsum("nk,nk->n", factor[:, j, :j], solution[:, :j])) / factor[:, j, j]
    for j in reversed(range(p)):
        later = np.einsum("nk,nk->n", factor[:, j + 1 :, j], solution[:, j + 1 :])
        solution[:, j] = (solution[:, j] - later) / factor[:, j, j]
    return solution

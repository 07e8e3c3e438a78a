"""What linear courses miss of the likelihood, as a smooth surface over the group's numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

REACH = 3.0
"""Standard deviations of the points it was fitted to beyond which the surface falls from its edge."""
FALL = 2.0
"""How it falls beyond, times the square of how far: what was fitted to points says nothing there."""
RIDGE = 3.0
"""Points' worth of belief that it is no more than a line."""


@dataclass(frozen=True)
class Surface:
    """A polynomial of degree 2, held within the values it was fitted to, that falls where there were no points.

    Attributes
    ----------
    middle, width : arrays (size,)
    coefficient : array (terms,)
    range : (float, float)
    """

    middle: np.ndarray
    width: np.ndarray
    coefficient: np.ndarray
    range: tuple[float, float]

    def __call__(self, h: np.ndarray) -> np.ndarray:
        """Values (n,) at points (n, size)."""
        x = (h - self.middle) / self.width
        beyond = np.square(np.maximum(np.abs(x) - REACH, 0.0)).sum(axis=1)
        return np.clip(_terms(x) @ self.coefficient, *self.range) - FALL * beyond


def fit_surface(h: np.ndarray, value: np.ndarray) -> Surface:
    """Fit noisy values (n,) at points (n, size); those that are not finite are left out."""
    h, value = h[np.isfinite(value)], value[np.isfinite(value)]
    middle, width = h.mean(axis=0), np.maximum(h.std(axis=0), 1e-12)
    terms = _terms((h - middle) / width)
    held = np.full(terms.shape[1], RIDGE)
    held[: 1 + h.shape[1]] = 1e-6
    level = float(np.median(value))
    coefficient = np.linalg.solve(terms.T @ terms + np.diag(held), terms.T @ (value - level))
    coefficient[0] += level
    return Surface(middle, width, coefficient, (float(value.min()), float(value.max())))


def _terms(x: np.ndarray) -> np.ndarray:
    return quadratic_terms(np.clip(x, -REACH, REACH))


def quadratic_terms(x: np.ndarray) -> np.ndarray:
    """1, the numbers, and their products in the order of `np.triu_indices`, array (n, terms)."""
    first, second = np.triu_indices(x.shape[1])
    return np.hstack([np.ones((len(x), 1)), x, x[:, first] * x[:, second]])

"""Smooth fields on a regular grid: cubic B-splines along each axis, and how much they bend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

GAUSS = np.polynomial.legendre.leggauss(4)
"""Points and weights that integrate products of cubic pieces exactly."""
FLAT = ((2, 0, 0), (0, 2, 0), (0, 0, 2), (1, 1, 0), (1, 0, 1), (0, 1, 1))
"""Orders of the derivatives along k, j and i whose squares are the bending energy; the mixed ones count twice."""


@dataclass(frozen=True, eq=False)
class Axis:
    """The splines along one axis.

    Attributes
    ----------
    values : ndarray, shape (points, controls)
        Of each spline at each point.
    products : tuple of 3 ndarray, shape (controls, controls)
        Mean products of the splines, their slopes and their second derivatives over the axis.
    """

    values: np.ndarray
    products: tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class SplineGrid:
    """Fields on a grid (k, j, i) as the product of splines along its axes."""

    axes: tuple[Axis, Axis, Axis]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of control points along k, j and i."""
        return tuple(axis.values.shape[1] for axis in self.axes)

    def field(self, coefficients: np.ndarray) -> np.ndarray:
        """The field (k, j, i, 3) of coefficients (a, b, c, 3)."""
        return _along([axis.values for axis in self.axes], coefficients)

    def gathered(self, slopes: np.ndarray) -> np.ndarray:
        """Slopes by each coefficient (a, b, c, 3) from those by each vector of the field (k, j, i, 3)."""
        return _along([axis.values.T for axis in self.axes], slopes)

    def nearest(self, field: np.ndarray) -> np.ndarray:
        """Coefficients of the field nearest to one (k, j, i, 3)."""
        return _along([np.linalg.pinv(axis.values, rcond=1e-3) for axis in self.axes], field)

    def bending(self, coefficients: np.ndarray) -> tuple[float, np.ndarray]:
        """Mean square of the second derivatives of the field, in its unit over mm squared, and its slopes."""
        pulled = np.zeros_like(coefficients)
        for orders in FLAT:
            products = [axis.products[order] for axis, order in zip(self.axes, orders, strict=True)]
            pulled += (1.0 if 2 in orders else 2.0) * _along(products, coefficients)
        return float(np.vdot(coefficients, pulled)), 2.0 * pulled


def spline_grid(shape: tuple[int, ...], spacing_mm: np.ndarray, control_mm: float) -> SplineGrid:
    """Splines whose control points lie about `control_mm` apart, over a grid (k, j, i)."""
    return SplineGrid(tuple(_axis(n, float(step), control_mm) for n, step in zip(shape, spacing_mm, strict=True)))


def _axis(n: int, step_mm: float, control_mm: float) -> Axis:
    length = (n - 1) * step_mm
    if n < 2 or length < 0.5 * control_mm:  # too thin to bend
        return Axis(np.ones((n, 1)), (np.ones((1, 1)), np.zeros((1, 1)), np.zeros((1, 1))))
    pieces = max(1, round(length / control_mm))
    size = length / pieces
    at = np.arange(n) * step_mm / size
    nodes, weights = GAUSS
    where = np.concatenate([piece + (nodes + 1.0) / 2.0 for piece in range(pieces)])
    weight = np.tile(weights / 2.0, pieces) / pieces
    products = []
    for order in range(3):
        basis = _basis(where, pieces, order) / size**order
        products.append(basis.T @ (weight[:, None] * basis))
    return Axis(_basis(at, pieces, 0), tuple(products))


def _basis(at: np.ndarray, pieces: int, order: int) -> np.ndarray:
    """The splines (points, pieces + 3), or a derivative of them, at places counted in pieces."""
    first = np.minimum(at.astype(int), pieces - 1)
    t = at - first
    taps = {
        0: ((1 - t) ** 3 / 6, (3 * t**3 - 6 * t**2 + 4) / 6, (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6, t**3 / 6),
        1: (-((1 - t) ** 2) / 2, (3 * t**2 - 4 * t) / 2, (-3 * t**2 + 2 * t + 1) / 2, t**2 / 2),
        2: (1 - t, 3 * t - 2, -3 * t + 1, t),
    }[order]
    found = np.zeros((len(at), pieces + 3))
    for n, tap in enumerate(taps):
        found[np.arange(len(at)), first + n] = tap
    return found


def _along(matrices: list[np.ndarray], array: np.ndarray) -> np.ndarray:
    """An array (a, b, c, 3) with a matrix applied along each of its first three axes."""
    for axis, matrix in enumerate(matrices):
        array = np.moveaxis(np.tensordot(matrix, array, axes=(1, axis)), 0, axis)
    return array

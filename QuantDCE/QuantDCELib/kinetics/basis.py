"""The curves `exp(-kep t) * cp` for a grid of kep, compressed to the few directions they span.

A voxel enters the search only through its inner products with these curves. On a logarithmic grid the products are
smooth functions of ln kep, so a polynomial through eight neighbours gives them, and their derivatives, between the
grid points to about 1e-12.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from .convolution import convolve_exponential
from .rows import matmul_rows

KEP_PER_MIN = (1e-5, 1e3)
"""Range of kep searched; a fit at either end is flagged."""
N_GRID = 256
WINDOW = 8
MARGIN = WINDOW
RANK_TOLERANCE = 1e-12


@dataclass(frozen=True, eq=False)
class Face:
    """A side of the box of vp: vp free (then everything is orthogonal to cp), or vp held at `vp`.

    Attributes
    ----------
    vp : float or None
        None where vp is free.
    curves : ndarray, shape (grid, rank)
        Curves of the grid in the compressed space.
    power : ndarray, shape (grid,)
        Their squared lengths q.
    power_coefs : ndarray, shape (grid, WINDOW)
        Polynomials of q about each grid point.
    """

    vp: float | None
    curves: np.ndarray
    power: np.ndarray
    power_coefs: np.ndarray


@dataclass(frozen=True, eq=False)
class Basis:
    """What the fit of all voxels has in common.

    Attributes
    ----------
    log_kep : ndarray, shape (grid,)
        Natural logarithm of kep in 1/min, MARGIN points beyond the range at each end.
    directions : ndarray, shape (rank, t)
        Orthonormal rows that span every curve and cp.
    plasma : ndarray, shape (rank,)
        cp at the frames, compressed.
    cross : ndarray, shape (grid,)
        Inner product of cp and each curve; `cross_coefs` its polynomials.
    faces : tuple of Face
    """

    log_kep: np.ndarray
    directions: np.ndarray
    plasma: np.ndarray
    cross: np.ndarray
    cross_coefs: np.ndarray
    faces: tuple[Face, ...]

    @property
    def has_plasma(self) -> bool:
        return len(self.faces) > 1

    @property
    def curves(self) -> np.ndarray:
        """Compressed curves, shape (grid, rank), as they are."""
        return self.faces[1 if self.has_plasma else 0].curves

    @property
    def step(self) -> float:
        return float(self.log_kep[1] - self.log_kep[0])

    @property
    def range_ends(self) -> tuple[int, int]:
        """First and last grid point within the range of kep."""
        return MARGIN, len(self.log_kep) - MARGIN - 1


def make_basis(
    aif_minutes: np.ndarray, aif_mM: np.ndarray, minutes: np.ndarray, *, with_plasma: bool, with_integral: bool = False
) -> Basis:
    """Prepare the grid for one input and one time axis.

    Parameters
    ----------
    aif_minutes, aif_mM : ndarray, shape (n,)
    minutes : ndarray, shape (t,)
    with_plasma : bool
        Whether the model has a plasma volume.
    with_integral : bool
        Whether the directions have to span the integral of the input, too.
    """
    log_kep = log_grid()
    curves = convolve_exponential(aif_minutes, aif_mM, np.exp(log_kep), minutes)
    plasma = np.interp(minutes, aif_minutes, aif_mM, left=0.0)
    lengths = np.linalg.norm(curves, axis=1, keepdims=True)
    stack = curves / lengths
    if with_plasma:
        stack = np.vstack([stack, plasma / np.linalg.norm(plasma)])
    if with_integral:
        integral = convolve_exponential(aif_minutes, aif_mM, 0.0, minutes)
        stack = np.vstack([stack, integral / np.linalg.norm(integral)])
    directions = _spanning(stack)
    compressed, plasma = np.einsum("gt,rt->gr", curves, directions), directions @ plasma
    cross = np.einsum("gr,r->g", compressed, plasma)
    faces = (_face(compressed, 0.0),)
    if with_plasma:
        orthogonal = compressed - np.outer(cross / (plasma @ plasma), plasma)
        faces = (_face(orthogonal, None), *faces, _face(compressed, 1.0))
    return Basis(log_kep, directions, plasma, cross, _table(cross), faces)


def _spanning(stack: np.ndarray) -> np.ndarray:
    """Orthonormal rows (rank, t) that span the rows of `stack`, of unit length, to RANK_TOLERANCE.

    Gram and Schmidt's method, always with the row that is spanned worst; unlike a singular value decomposition it
    keeps to one thread, which matters where several fits of small regions share the cores.
    """
    rest, rows = stack.copy(), np.empty((0, stack.shape[1]))
    while len(rows) < stack.shape[1]:
        lengths = np.sqrt(np.einsum("gt,gt->g", rest, rest))
        worst = int(np.argmax(lengths))
        if lengths[worst] < RANK_TOLERANCE:
            break
        row = rest[worst]
        for _ in range(2):
            row = row / np.linalg.norm(row)
            row = row - np.einsum("r,rt->t", np.einsum("rt,t->r", rows, row), rows)
        row = row / np.linalg.norm(row)
        rows = np.vstack([rows, row])
        rest -= np.einsum("gt,t->g", rest, row)[:, None] * row
    return rows


@cache
def log_grid() -> np.ndarray:
    """ln kep of the grid, MARGIN points beyond the range at each end."""
    low, high = np.log(KEP_PER_MIN)
    step = (high - low) / (N_GRID - 1)
    return low + step * np.arange(-MARGIN, N_GRID + MARGIN)


def grid_position(log_kep: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Grid point below each value, and grid steps from there."""
    grid = log_grid()
    position = (log_kep - grid[0]) / (grid[1] - grid[0])
    index = np.floor(position).astype(int)
    return index, position - index


def _face(curves: np.ndarray, vp: float | None) -> Face:
    power = np.einsum("gr,gr->g", curves, curves)
    return Face(vp, curves, power, _table(power))


def _table(values: np.ndarray) -> np.ndarray:
    """Polynomials about every grid point; those of the outermost points are not used."""
    index = np.clip(window(np.arange(len(values))), 0, len(values) - 1)
    return coefficients(values[index])


@cache
def monomials() -> np.ndarray:
    """Matrix from eight neighbouring values, the fourth at offset 0, to the coefficients of their polynomial."""
    offsets = np.arange(WINDOW) - (WINDOW // 2 - 1)
    return np.linalg.inv(np.vander(offsets.astype(np.float64), WINDOW, increasing=True)).T


def coefficients(values: np.ndarray) -> np.ndarray:
    """Polynomials (n, WINDOW) through the rows of `values` (n, WINDOW), in grid steps from their fourth."""
    return matmul_rows(values, monomials())


def window(index: np.ndarray) -> np.ndarray:
    """Grid points (n, WINDOW) about grid point `index` (n,), which is the fourth of them."""
    return index[:, None] + np.arange(WINDOW) - (WINDOW // 2 - 1)


def evaluate(coefs: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Value, first and second derivative of polynomials (n, WINDOW) at `at` (n,), in grid steps."""
    value, first, second = coefs[:, -1].copy(), np.zeros_like(at), np.zeros_like(at)
    for degree in range(WINDOW - 2, -1, -1):
        second = second * at + first
        first = first * at + value
        value = value * at + coefs[:, degree]
    return value, first, 2.0 * second


def interpolation(offset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights (n, WINDOW) of the points of a window, for the value at `offset` (n,) grid steps and for its slope."""
    powers = offset[:, None] ** np.arange(WINDOW)
    rises = np.arange(1, WINDOW) * powers[:, :-1]
    return matmul_rows(powers, monomials().T), matmul_rows(rises, monomials().T[1:])


def curves_at(basis: Basis, index: np.ndarray, offset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compressed curves (n, rank) at `offset` grid steps from grid point `index`, and their slopes by ln kep."""
    weights, slopes = interpolation(offset)
    near = basis.curves[window(index)]
    return np.matmul(weights[:, None], near)[:, 0], np.matmul(slopes[:, None], near)[:, 0] / basis.step

"""How a transform changes volume, place by place."""

from __future__ import annotations

import numpy as np

from ..geometry import TimeSeries, Volume
from .transform import Transform, empty_grid

AT_ONCE = 2_000_000
"""Voxels, so that a large image takes no gigabytes."""


def jacobian(transform: Transform, grid: Volume | TimeSeries, *, step_mm: float | None = None) -> Volume:
    """Determinant of the Jacobian matrix of a transform at each voxel of a grid.

    Parameters
    ----------
    transform : Transform
    grid : Volume or TimeSeries
        In the fixed space; any orientation and spacing.
    step_mm : float, optional
        Length over which the derivatives are taken; one voxel along each axis of the grid by default.

    Returns
    -------
    Volume
        1 keeps the volume, below 1 the moving body is smaller there, at or below 0 the transform folds.

    Notes
    -----
    Differences are taken along the axes of the grid and divided by those of its places, so that the directions of the
    grid do not matter: a rigid motion has 1 everywhere.
    """
    step = np.ones(3) if step_mm is None else step_mm / np.linalg.norm(grid.ijk_to_ras[:3, :3], axis=0)
    shape = grid.array.shape[:3]
    slab = max(1, AT_ONCE // (shape[1] * shape[2]))
    found = np.empty(shape)
    for first in range(0, shape[0], slab):
        part = _moved(grid, 2, first, (min(slab, shape[0] - first), *shape[1:]))
        found[first : first + slab] = _determinant(transform, part, step)
    return Volume(found, grid.ijk_to_ras)


def _determinant(transform: Transform, grid: Volume, step: np.ndarray) -> np.ndarray:
    a, b, c = (_difference(transform, grid, axis, float(step[axis])) for axis in range(3))
    determinant = np.zeros(grid.array.shape)
    for first, second, third in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        determinant += a[..., first] * (b[..., second] * c[..., third] - b[..., third] * c[..., second])
    return determinant / np.linalg.det(grid.ijk_to_ras[:3, :3])


def _difference(transform: Transform, grid: Volume, axis: int, step: float) -> np.ndarray:
    """Difference (k, j, i, 3) of the transform over `step` voxels along an axis (i, j, k), for one voxel."""
    if step == 1.0:  # the half of one voxel is that of the next
        shape = list(grid.array.shape[:3])
        shape[2 - axis] += 1
        change = np.diff(transform.displacements(_moved(grid, axis, -0.5, tuple(shape))), axis=2 - axis)
    else:
        grids = [_moved(grid, axis, sign * step / 2, grid.array.shape[:3]) for sign in (-1.0, 1.0)]
        change = (transform.displacements(grids[1]) - transform.displacements(grids[0])) / step
    return change + grid.ijk_to_ras[:3, axis]


def _moved(grid: Volume | TimeSeries, axis: int, voxels: float, shape: tuple[int, int, int]) -> Volume:
    matrix = grid.ijk_to_ras.astype(np.float64)
    matrix[:3, 3] += voxels * matrix[:3, axis]
    return empty_grid(shape, matrix)

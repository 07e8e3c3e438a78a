"""The tumour moved as a rigid body inside a deforming breast, so that its volume is kept by construction."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from ..geometry import Volume
from .body import grown
from .rigid import best_rigid
from .transform import empty_grid, indices, positions

MOST_POINTS = 20_000
"""Of a tumour, whose best rigid motion is found."""


@dataclass(frozen=True, eq=False)
class Cores:
    """What is left of a field where tumours move rigidly: `share * field + moved`.

    Attributes
    ----------
    share : ndarray, shape (k, j, i)
        0 in the tumours, 1 away from them.
    moved : ndarray, shape (k, j, i, 3)
        In mm.
    """

    share: np.ndarray
    moved: np.ndarray

    def blended(self, field: np.ndarray) -> np.ndarray:
        """The field (k, j, i, 3) with the motion of the tumours in it."""
        return self.share[..., None] * field + self.moved

    def part(self, box: tuple[slice, slice, slice]) -> Cores:
        """That of a part of the grid."""
        return Cores(self.share[box], self.moved[box])


def beyond(grid: Volume, mm: float) -> tuple[Volume, tuple[slice, slice, slice]]:
    """A grid with some mm more on each side, and the place of the old one in it."""
    n = [int(np.ceil(mm / step)) for step in grid.spacing_mm[::-1]]
    matrix = grid.ijk_to_ras.copy()
    matrix[:3, 3] -= matrix[:3, :3] @ n[::-1]
    shape = tuple(size + 2 * each for size, each in zip(grid.array.shape, n, strict=True))
    return empty_grid(shape, matrix), tuple(slice(each, size - each) for size, each in zip(shape, n, strict=True))


def dying_away(field: np.ndarray, box: tuple[slice, slice, slice]) -> np.ndarray:
    """A field (k, j, i, 3) that goes on beyond its grid and dies away, on the larger grid it has the place `box` in.

    Beyond the last voxels of a field ITK moves nothing; without this there would be a jump.
    """
    field = np.pad(field, [*((each.start, each.start) for each in box), (0, 0)], mode="edge")
    for axis, each in enumerate(box):
        ramp = _smooth(np.arange(each.start) / each.start)
        fade = np.concatenate([ramp, np.ones(each.stop - each.start), ramp[::-1]])
        field = field * np.expand_dims(fade, [other for other in range(4) if other != axis])
    return field


def rigid_cores(field: np.ndarray, grid: Volume, tumour: Volume, margin_mm: float, blend_mm: float) -> Cores:
    """The tumours as rigid bodies, each moved as the field moves it on the whole, passing smoothly into the field.

    Parameters
    ----------
    field : ndarray, shape (k, j, i, 3)
        Displacements in RAS mm.
    grid : Volume
        Of the field.
    tumour : Volume
        Of bool, in the same space; parts nearer to each other than half the blend move as one.
    margin_mm : float
        Around the tumour, moved with it.
    blend_mm : float
        Over which the motion passes into the field.
    """
    from scipy.ndimage import distance_transform_edt

    places = positions(grid)
    found, shares = [], []
    for part in _parts(tumour, blend_mm / 2):
        nodes = _touched(tumour.like(grown(part, tumour, margin_mm)), grid)
        points = positions(tumour)[part]
        points = points[:: max(1, len(points) // MOST_POINTS)]
        motion = best_rigid(points, points + _at(field, grid, points))
        found.append(places @ motion[:3, :3].T + motion[:3, 3] - places)
        far = distance_transform_edt(~nodes, sampling=grid.spacing_mm[::-1])
        shares.append(_smooth(1.0 - np.clip(far / blend_mm, 0.0, 1.0)))
    rest = _product([1.0 - share for share in shares], field.shape[:3])
    weights = [
        share * _product([1.0 - other for other in shares if other is not share], field.shape[:3]) for share in shares
    ]
    total = rest + sum(weights)
    moved = sum((weight / total)[..., None] * motion for weight, motion in zip(weights, found, strict=True))
    return Cores(rest / total, moved)


def _product(factors: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    return reduce(np.multiply, factors, np.ones(shape))


def _parts(tumour: Volume, apart_mm: float) -> list[np.ndarray]:
    """The tumour in parts that lie apart."""
    from scipy.ndimage import label

    labels, n = label(grown(tumour.array, tumour, apart_mm / 2))
    return [tumour.array & (labels == each) for each in range(1, n + 1)]


def _touched(tumour: Volume, grid: Volume) -> np.ndarray:
    """The nodes of all cells of a grid that voxels of a tumour reach into."""
    matrix = np.linalg.inv(grid.ijk_to_ras) @ tumour.ijk_to_ras
    index = indices(grid, positions(tumour)[tumour.array])
    half = np.abs(matrix[:3, :3]).sum(axis=1) / 2
    size = np.array(grid.array.shape[::-1])
    low = np.clip(np.floor(index - half).astype(int), 0, size - 1)
    high = np.clip(np.floor(index + half).astype(int) + 1, 0, size - 1)
    nodes = np.zeros(grid.array.shape, bool)
    for step in np.ndindex(*(high - low).max(axis=0) + 1):
        i, j, k = np.minimum(low + step, high).T
        nodes[k, j, i] = True
    return nodes


def _at(field: np.ndarray, grid: Volume, points: np.ndarray) -> np.ndarray:
    from scipy.ndimage import map_coordinates

    index = indices(grid, points).T[::-1]
    return np.stack([map_coordinates(field[..., axis], index, order=1, mode="nearest") for axis in range(3)], axis=-1)


def _smooth(share: np.ndarray) -> np.ndarray:
    """From 0 to 1 with level ends."""
    return share * share * (3.0 - 2.0 * share)

"""One slice as a radiologist looks at it: right or anterior on the left, anterior or superior on top."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.pictures import best_slice
from HER2ImmunoCommonLib.registration import Transform, find_body, resample

R, A, S = range(3)
ACROSS, DOWN = {R: A, A: R, S: R}, {R: S, A: S, S: A}
"""Which axis of the body runs to the right and down a slice, by the axis that the slice is at right angles to."""
NAMES = {R: "sagittal", A: "coronal", S: "axial"}
LETTERS = (("L", "R"), ("P", "A"), ("I", "S"))
"""At the low and the high end of each axis."""
OBLIQUE = 0.99
"""Cosine below which a slice is not along the body."""
SPARSE = 0.03
"""Share of a row or column below which what it shows is noise."""


@dataclass(frozen=True, eq=False)
class Plane:
    """A slice of a volume, turned as it is looked at.

    Attributes
    ----------
    volume : Volume
        Of one slice.
    body : ndarray of bool, shape (1, j, i)
        Where it shows the body.
    k, n : int
        Which slice of how many of the images it was taken from.
    """

    volume: Volume
    body: np.ndarray
    k: int
    n: int

    @cached_property
    def _axis(self) -> int:
        return int(np.argmax(np.abs(_normal(self.volume.ijk_to_ras))))

    @property
    def name(self) -> str:
        """axial, sagittal or coronal, and oblique where it is tilted."""
        straight = abs(_normal(self.volume.ijk_to_ras)[self._axis]) > OBLIQUE
        return NAMES[self._axis] if straight else f"oblique {NAMES[self._axis]}"

    @property
    def letters(self) -> tuple[str, str, str, str]:
        """Sides of the body at the left, right, top and bottom of the slice."""
        across, down = LETTERS[ACROSS[self._axis]], LETTERS[DOWN[self._axis]]
        return across[1], across[0], down[1], down[0]

    def cut(self, rows: slice, columns: slice) -> Plane:
        """A part of the slice, at its place."""
        matrix = self.volume.ijk_to_ras.copy()
        matrix[:3, 3] += matrix[:3, :3] @ (columns.start, rows.start, 0)
        cut = slice(None), rows, columns
        return Plane(Volume(self.volume.array[cut], matrix), self.body[cut], self.k, self.n)


def plane_through(volume: Volume, region: np.ndarray | None) -> Plane:
    """The slice with most of a region, or of the body where there is none, cut to what it shows."""
    body = _body(volume)
    region = body if region is None or not region.any() else region
    k = best_slice(region)
    image, shown, wanted = (turned(volume.like(each), k) for each in (volume.array, body, region))
    spans = (_span((shown.array | wanted.array)[0], axis) for axis in (1, 0))
    return Plane(image, shown.array, k, len(region)).cut(*spans)


def _body(volume: Volume) -> np.ndarray:
    """Where a volume shows the body, on its own grid."""
    found = find_body(volume.like(np.nan_to_num(np.asarray(volume.array, np.float32))), "fixed")
    return resample(found.mask, volume, Transform.identity(), nearest=True).array != 0


def turned(volume: Volume, k: int) -> Volume:
    """Slice `k` of a volume, turned as it is looked at."""
    array, matrix = volume.array[k], volume.ijk_to_ras.astype(np.float64)
    matrix[:3, 3] += k * matrix[:3, 2]
    axis = int(np.argmax(np.abs(_normal(matrix))))
    across, down = ACROSS[axis], DOWN[axis]
    steps = matrix[:3, :2] / np.linalg.norm(matrix[:3, :2], axis=0)
    if abs(steps[across, 0]) < abs(steps[across, 1]):
        array, matrix[:, :2] = array.T, matrix[:, 1::-1].copy()
    for column, (row, size) in enumerate(((across, array.shape[1]), (down, array.shape[0]))):
        if matrix[row, column] > 0:
            array = np.flip(array, 1 - column)
            matrix[:3, 3] += (size - 1) * matrix[:3, column]
            matrix[:3, column] *= -1
    return Volume(np.ascontiguousarray(array)[None], matrix)


def _normal(matrix: np.ndarray) -> np.ndarray:
    normal = np.cross(matrix[:3, 0], matrix[:3, 1])
    return normal / np.linalg.norm(normal)


def _span(inside: np.ndarray, axis: int) -> slice:
    """Rows (or columns) from the first to the last that shows something, and a few more."""
    share = inside.mean(axis=axis)
    found = np.flatnonzero(share > SPARSE)
    if not found.size:
        return slice(0, share.size)
    more = 2 + share.size // 40
    return slice(max(0, int(found[0]) - more), min(share.size, int(found[-1]) + more + 1))

"""Values and slopes of an image at many points, linear between its voxels."""

from __future__ import annotations

import numpy as np

from ..geometry import Volume

SPREAD = 1.22074408460575947536 ** -np.arange(1.0, 4.0)
"""Steps of the evenly spread sequence of places in a cube (Roberts 2018)."""


def between_voxels(points_ras_mm: np.ndarray, image: Volume) -> np.ndarray:
    """Points (n, 3), each moved by up to half a voxel of an image, evenly spread over all.

    On the voxels themselves two visits of one protocol would be compared without interpolation as they lie and with it
    anywhere else, which makes a peak of likeness that has nothing to do with anatomy (Pluim et al. 2000).
    """
    offsets = np.outer(np.arange(len(points_ras_mm)), SPREAD) % 1.0 - 0.5
    offsets[:, np.array(image.array.shape[::-1]) == 1] = 0.0
    return points_ras_mm + offsets @ image.ijk_to_ras[:3, :3].T


class Sampler:
    """An image of float32 to be asked again and again.

    Parameters
    ----------
    volume : Volume
        Of finite values.
    """

    def __init__(self, volume: Volume):
        array = np.ascontiguousarray(volume.array, np.float32)
        # A single slice is as thick as its voxels: it gets a twin.
        self._single = np.array([n == 1 for n in array.shape])
        array = np.pad(array, [(0, int(one)) for one in self._single], mode="edge")
        self._flat, self._shape = array.ravel(), np.array(array.shape)
        self._strides = np.array([array.shape[1] * array.shape[2], array.shape[2], 1])
        self.ras_to_kji = np.linalg.inv(volume.ijk_to_ras)[[2, 1, 0]]
        """Rows of the matrix from places to indices, in the order k, j, i."""

    def at(self, points_ras_mm: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Values (n), slopes per mm along R, A and S (n, 3), and whether each of the points (n, 3) is in the image."""
        index = points_ras_mm @ self.ras_to_kji[:, :3].T + self.ras_to_kji[:, 3]
        index[:, self._single] += 0.5
        inside = ((index >= 0.0) & (index <= self._shape - 1)).all(axis=1)
        base = np.clip(index.astype(np.int64), 0, self._shape - 2)
        z, y, x = np.clip(index - base, 0.0, 1.0).astype(np.float32).T
        start = base @ self._strides
        values, slopes = self._cells(start, z, y, x)
        return values, slopes @ self.ras_to_kji[:, :3].astype(np.float32), inside

    def _cells(self, start: np.ndarray, z: np.ndarray, y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows = {}
        for a in (0, 1):
            for b in (0, 1):
                corner = start + (a * self._strides[0] + b * self._strides[1])
                low = self._flat[corner]
                step = self._flat[corner + 1] - low
                rows[a, b] = low + x * step, step
        low, high = (_mixed(rows[a, 0], rows[a, 1], y) for a in (0, 1))
        values, dx, dy = (first + z * (last - first) for first, last in zip(low, high, strict=True))
        return values, np.stack([high[0] - low[0], dy, dx], axis=1)


def _mixed(first: tuple[np.ndarray, np.ndarray], last: tuple[np.ndarray, np.ndarray], y: np.ndarray):
    """Value and slopes along i and j between two rows."""
    dy = last[0] - first[0]
    return first[0] + y * dy, first[1] + y * (last[1] - first[1]), dy

"""How large a region is: its volume and its longest diameter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .shapes import box_of


@dataclass(frozen=True)
class LongestDiameter:
    """The longest straight line within the outline of a region, in space or within a slice.

    Attributes
    ----------
    mm : float
        From outer edge to outer edge: the distance between the two voxel centres that are furthest apart, and the
        extent of a voxel along that line, so a row of n voxels has n voxel lengths. The longest side of a voxel for a
        region of one, 0 for an empty region.
    ends_ras_mm : tuple of two points
        The centres of those two voxels, right-anterior-superior; empty for an empty region.
    """

    mm: float
    ends_ras_mm: tuple[tuple[float, float, float], ...] = ()


def longest_diameter(mask: np.ndarray, ijk_to_ras: np.ndarray) -> LongestDiameter:
    """The longest diameter of a region in space.

    Parameters
    ----------
    mask : ndarray of bool, shape (k, j, i)
    ijk_to_ras : ndarray, shape (4, 4)

    Returns
    -------
    LongestDiameter
        Not the diameter within a slice, which reports of a read usually give: `longest_in_plane`.
    """
    return _longest(_outline(mask), ijk_to_ras)


def longest_in_plane(mask: np.ndarray, ijk_to_ras: np.ndarray) -> LongestDiameter:
    """The longest diameter within any one slice as it was acquired, as RECIST 1.1 measures a lesion.

    Parameters
    ----------
    mask : ndarray of bool, shape (k, j, i)
    ijk_to_ras : ndarray, shape (4, 4)

    References
    ----------
    Eisenhauer et al., Eur J Cancer 45:228 (2009).
    """
    voxels = _outline(mask)
    found = [_longest(voxels[voxels[:, 2] == k], ijk_to_ras) for k in np.unique(voxels[:, 2])]
    return max(found, key=lambda each: each.mm, default=LongestDiameter(0.0))


def _outline(mask: np.ndarray) -> np.ndarray:
    """Indices (n, 3) as i, j, k of the first and the last voxel of each row: the furthest apart are among them."""
    mask = np.asarray(mask, bool)
    if not mask.any():
        return np.zeros((0, 3), int)
    box = box_of(mask)
    part = mask[box]
    k, j = np.nonzero(part.any(axis=2))
    rows = part[k, j]
    first, last = np.argmax(rows, axis=1), rows.shape[1] - 1 - np.argmax(rows[:, ::-1], axis=1)
    ends = np.concatenate([np.stack([first, j, k], 1), np.stack([last, j, k], 1)])
    return np.unique(ends, axis=0) + [axis.start for axis in reversed(box)]


def _longest(voxels: np.ndarray, ijk_to_ras: np.ndarray) -> LongestDiameter:
    if not len(voxels):
        return LongestDiameter(0.0)
    steps = np.asarray(ijk_to_ras, float)[:3, :3]
    place = _corners(voxels @ steps.T + ijk_to_ras[:3, 3])
    difference = place[:, None] - place[None]
    distance = np.einsum("abc,abc->ab", difference, difference)
    a, b = np.unravel_index(int(np.argmax(distance)), distance.shape)
    apart_mm = float(np.sqrt(distance[a, b]))
    ends = tuple(tuple(float(x) for x in place[n]) for n in (a, b))
    return LongestDiameter(apart_mm + _extent_mm(place[a] - place[b], steps), ends)


def _extent_mm(line: np.ndarray, steps: np.ndarray) -> float:
    """Length of a voxel along a line through its centre, from face to face; of no line, its longest side."""
    sides = np.linalg.norm(steps, axis=0)
    if not line.any():
        return float(sides.max())
    inside = np.abs(np.linalg.solve(steps, line / np.linalg.norm(line)))
    return float(1.0 / inside.max())


def _corners(place: np.ndarray) -> np.ndarray:
    """The points that span the hull of some points; all where they are few or lie in a plane."""
    from scipy.spatial import ConvexHull, QhullError  # slow to load

    if len(place) < 32:
        return place
    for points in (place, _in_their_plane(place)):
        try:
            return place[np.sort(ConvexHull(points).vertices)]
        except QhullError:
            continue
    along = _in_their_plane(place)[:, 0]
    return place[[int(np.argmin(along)), int(np.argmax(along))]]


def _in_their_plane(place: np.ndarray) -> np.ndarray:
    centred = place - place.mean(axis=0)
    return centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T

"""The rigid motion of a frame against its model, by least squares of local contrast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .frames import Frames

TOLERANCES = (3.0, 0.4)
"""Difference of local contrast, in its own standard deviations, at which a cell of the image counts a quarter: at
first, so that no cell is given up before the frame lies roughly well, and then."""
MOST_STEPS, ENOUGH_MM, FRESH_MM = 20, 0.005, 0.1
"""Steps of a frame; they end below the second length, and slopes are taken anew above the third (at size 1)."""


@dataclass(frozen=True, eq=False)
class Expected:
    """What a frame is compared with, at the points: values (n,), slopes (n, 3) per mm and trust (n,)."""

    values: np.ndarray
    slopes: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True, eq=False)
class Arms:
    """The points from their middle, and how motions move them.

    A motion has six numbers: the shift in mm, and the turn as a vector in mm of way at the mean distance `radius_mm`.
    """

    centre_ras_mm: np.ndarray
    arms_mm: np.ndarray
    radius_mm: float

    @staticmethod
    def of(points_ras_mm: np.ndarray) -> Arms:
        centre = points_ras_mm.mean(axis=0)
        arms = points_ras_mm - centre
        return Arms(centre, arms, float(np.sqrt((arms**2).sum(axis=1).mean())))

    def design(self, slopes: np.ndarray) -> np.ndarray:
        """By how much values (n) change with each of the six numbers, shape (n, 6)."""
        return np.hstack([slopes, np.cross(self.arms_mm, slopes) / self.radius_mm])

    def way(self, numbers: np.ndarray) -> np.ndarray:
        """Squared way (m,) of the points, on the mean, of small motions (m, 6)."""
        return (np.linalg.norm(numbers[:, :3], axis=1) ** 2) + np.einsum(
            "ma,ab,mb->m", numbers[:, 3:], self._turning(), numbers[:, 3:]
        )

    def matrix(self, numbers: np.ndarray) -> np.ndarray:
        """The motion as a matrix (4, 4), in RAS mm."""
        from scipy.spatial.transform import Rotation  # slow to load

        matrix = np.eye(4)
        matrix[:3, :3] = Rotation.from_rotvec(numbers[3:] / self.radius_mm).as_matrix()
        matrix[:3, 3] = self.centre_ras_mm - matrix[:3, :3] @ self.centre_ras_mm + numbers[:3]
        return matrix

    def numbers(self, matrix: np.ndarray) -> np.ndarray:
        """The six numbers of a motion (4, 4)."""
        from scipy.spatial.transform import Rotation

        turn = Rotation.from_matrix(matrix[:3, :3]).as_rotvec() * self.radius_mm
        return np.r_[moved(self.centre_ras_mm, matrix) - self.centre_ras_mm, turn]

    def _turning(self) -> np.ndarray:
        second = self.arms_mm.T @ self.arms_mm / len(self.arms_mm) / self.radius_mm**2
        return np.eye(3) * np.trace(second) - second


def moved(points_ras_mm: np.ndarray, motion: np.ndarray) -> np.ndarray:
    return points_ras_mm @ motion[:3, :3].T + motion[:3, 3]


def trust(frames: Frames, difference: np.ndarray, known: np.ndarray, tolerance: float = TOLERANCES[-1]) -> np.ndarray:
    """Weights (n,) of the points: less in cells where a frame does not look like its model (Geman and McClure 1985)."""
    total = np.bincount(frames.cells, known, minlength=1)
    mean = np.bincount(frames.cells, known * difference**2) / np.maximum(total, 1e-12)
    return known / (1.0 + mean[frames.cells] / tolerance**2) ** 2


def fit_rigid(
    frames: Frames, arms: Arms, frame: int, start: np.ndarray, expected: Expected
) -> tuple[np.ndarray, float]:
    """The motion (4, 4) from the points to a frame, and the standard error of the way of the points in mm."""
    motion, slopes, tolerance = start, None, TOLERANCES[0]
    at_home = frames.inside(frames.points_ras_mm)
    for _ in range(MOST_STEPS):
        places = moved(frames.points_ras_mm, motion)
        known = expected.weights * (at_home & frames.inside(places))
        difference = np.where(known > 0, frames.values(frame, places) - expected.values, 0.0)
        if slopes is None:
            slopes = 0.5 * (expected.slopes + frames.slopes(frame, places) @ motion[:3, :3])
        design = arms.design(slopes)
        weighted = design * trust(frames, difference, known, tolerance)[:, None]
        square = weighted.T @ design
        square[np.diag_indices(6)] += 1e-6 * np.trace(square) + 1e-12
        step = np.linalg.solve(square, -weighted.T @ difference)
        # No step may leave the neighbourhood in which slopes say anything.
        longest = np.abs(step).max()
        step *= min(1.0, 3.0 * frames.scale / max(longest, 1e-12))
        motion = motion @ arms.matrix(step)
        if longest > FRESH_MM * frames.scale:
            slopes = None
        if longest < (ENOUGH_MM if tolerance == TOLERANCES[-1] else FRESH_MM) * frames.scale:
            if tolerance == TOLERANCES[-1]:
                break
            tolerance, slopes = TOLERANCES[-1], None
    return motion, _error_mm(frames, arms, square, weighted, difference)


def _error_mm(frames: Frames, arms: Arms, square: np.ndarray, weighted: np.ndarray, difference: np.ndarray) -> float:
    """Standard error of the way: how the blocks of the body disagree (infinitesimal jackknife, Jaeckel 1972)."""
    pulls = np.stack([np.bincount(frames.blocks, column) for column in (-weighted * difference[:, None]).T], axis=1)
    steps = np.linalg.solve(square, (pulls - pulls.mean(axis=0)).T).T
    return float(np.sqrt(arms.way(steps).sum()))

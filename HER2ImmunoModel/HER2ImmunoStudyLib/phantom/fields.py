"""Smooth random fields that can be evaluated anywhere, so that two grids see the same patient."""

from __future__ import annotations

import numpy as np

from .seeds import generator

WAVES = 24


class SmoothField:
    """A stationary field of mean 0 and variance 1: plane waves of random direction, length and phase.

    Parameters
    ----------
    seed : int
    name : str
        Fields of different names are independent.
    length_mm : float
        Distance over which the field changes.
    """

    def __init__(self, seed: int, name: str, length_mm: float):
        random = generator(seed, "field", name)
        self.wave = (random.normal(size=(3, WAVES)) / length_mm).astype(np.float32)
        self.phase = random.uniform(0.0, 2.0 * np.pi, WAVES).astype(np.float32)

    def __call__(self, position_mm: np.ndarray) -> np.ndarray:
        """Values, shape (...), at positions of shape (..., 3)."""
        angle = position_mm.astype(np.float32) @ self.wave + self.phase
        return np.sqrt(2.0 / WAVES) * np.cos(angle).sum(axis=-1, dtype=float)

    def between(self, low: float, high: float, position_mm: np.ndarray) -> np.ndarray:
        """The field spread about evenly over the interval from `low` to `high`."""
        from scipy.special import ndtr  # slow to load

        return low + (high - low) * ndtr(self(position_mm))

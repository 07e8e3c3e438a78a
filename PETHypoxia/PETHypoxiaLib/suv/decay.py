"""Radioactive decay: how much of the dose is left, and the share lost while a frame is measured."""

from __future__ import annotations

import math

import numpy as np


def remaining(elapsed_s: float | np.ndarray, half_life_s: float) -> float | np.ndarray:
    """Fraction of an activity left after `elapsed_s`."""
    return np.exp2(-np.asarray(elapsed_s, float) / half_life_s)[()]


def frame_decay_factor(duration_s: float | np.ndarray, half_life_s: float) -> float | np.ndarray:
    """Activity at the start of a frame over its mean in the frame, lambda d / (1 - exp(-lambda d)); 1 for d = 0."""
    x = math.log(2.0) / half_life_s * np.asarray(duration_s, float)
    with np.errstate(invalid="ignore"):
        return np.where(x > 0, x / -np.expm1(-x), 1.0)[()]


def mean_time_s(duration_s: float | np.ndarray, half_life_s: float) -> float | np.ndarray:
    """Time after the start of a frame at which the activity equals its mean in the frame."""
    return np.log(frame_decay_factor(duration_s, half_life_s)) * half_life_s / math.log(2.0)

"""Numbers over patients: their spread, and what is told of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class OverPatients:
    """A number over patients: median, and 5th and 95th percentile."""

    median: float
    lower: float
    upper: float


@dataclass(frozen=True)
class NoForecast:
    """That there is no prediction, and why, as a sentence."""

    reason: str


def over_patients(value: np.ndarray) -> OverPatients:
    """Median and 90 % range of a number, array (patients,)."""
    lower, median, upper = np.quantile(value, [0.05, 0.5, 0.95]).tolist()
    return OverPatients(median, lower, upper)


def log_variance(percent: float) -> float:
    """Variance of eta of a log-normal parameter with a coefficient of variation in per cent."""
    return math.log(1.0 + (percent / 100.0) ** 2)

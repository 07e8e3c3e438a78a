"""What a schedule is judged by: one number a course, lower or higher being better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

PROGRESSION = 1.2
"""Volume over its smallest so far from which a tumour has progressed."""


@dataclass(frozen=True)
class Objective:
    """One way to judge a course of tumour volume.

    Attributes
    ----------
    name, label, unit : str
    value : callable
        `value(day (days,), volume_cm3 (..., days))` to the judged number (...).
    lower_is_better : bool
    is_of_the_end : bool
        Whether only the last day counts, so that the others need not be computed.
    """

    name: str
    label: str
    unit: str
    value: Callable[[np.ndarray, np.ndarray], np.ndarray]
    lower_is_better: bool = True
    is_of_the_end: bool = False

    def loss(self, value: np.ndarray) -> np.ndarray:
        """The value, signed so that lower is better."""
        return value if self.lower_is_better else -value


def _at_horizon(day: np.ndarray, volume_cm3: np.ndarray) -> np.ndarray:
    return volume_cm3[..., -1]


def _mean_burden(day: np.ndarray, volume_cm3: np.ndarray) -> np.ndarray:
    return np.trapezoid(volume_cm3, day, axis=-1) / (day[-1] - day[0])


def _nadir(day: np.ndarray, volume_cm3: np.ndarray) -> np.ndarray:
    return volume_cm3.min(axis=-1)


def _time_to_progression(day: np.ndarray, volume_cm3: np.ndarray) -> np.ndarray:
    """Days until the volume is 20 % above its smallest so far; the horizon where that does not happen."""
    ratio = volume_cm3 / np.minimum.accumulate(volume_cm3, axis=-1)
    progressed = ratio >= PROGRESSION
    after = np.maximum(progressed.argmax(axis=-1), 1)[..., None]
    high, low = np.take_along_axis(ratio, after, -1)[..., 0], np.take_along_axis(ratio, after - 1, -1)[..., 0]
    before, step = day[after[..., 0] - 1], np.diff(day)[after[..., 0] - 1]
    happened = progressed.any(axis=-1)
    share = np.where(happened, (PROGRESSION - low) / np.where(happened, high - low, 1.0), 0.0)
    time = np.where(happened, before + share * step, day[-1]) - day[0]
    return np.where(np.isnan(volume_cm3).any(axis=-1), np.nan, time)


def _below(level_cm3: float, day: np.ndarray, volume_cm3: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(volume_cm3[..., -1]), np.nan, volume_cm3[..., -1] < level_cm3)


def probability_below(level_cm3: float) -> Objective:
    """Probability that the volume at the horizon is below a level (cm3)."""
    if not (np.isfinite(level_cm3) and level_cm3 > 0):
        raise InputError(f"The volume level {level_cm3} is not a volume; give cm3 above 0.")
    label = f"Probability of a volume below {level_cm3:g} cm3 at the horizon"
    value = partial(_below, level_cm3)
    return Objective("probability_below", label, "", value, lower_is_better=False, is_of_the_end=True)


def _weighted(first: Objective, second: Objective, weight: float, day: np.ndarray, volume_cm3: np.ndarray):
    return first.loss(first.value(day, volume_cm3)) + weight * second.loss(second.value(day, volume_cm3))


def weighted_pair(first: Objective, second: Objective, weight: float) -> Objective:
    """Loss of the first objective plus `weight` times that of the second; lower is better.

    Raises
    ------
    InputError
        A weight that is not above 0.
    """
    if not (np.isfinite(weight) and weight > 0):
        raise InputError(f"The weight {weight} of {second.name} is not above 0; give a number above 0.")
    signs = [("" if goal.lower_is_better else "minus ") + goal.label for goal in (first, second)]
    label = f"{signs[0]}, plus {weight:g} x ({signs[1]})"
    is_of_the_end = first.is_of_the_end and second.is_of_the_end
    value = partial(_weighted, first, second, weight)
    return Objective("weighted_pair", label, "", value, is_of_the_end=is_of_the_end)


OBJECTIVES = {
    objective.name: objective
    for objective in (
        Objective("volume_at_horizon", "Tumour volume at the horizon", "cm3", _at_horizon, is_of_the_end=True),
        Objective("mean_burden", "Mean tumour volume up to the horizon", "cm3", _mean_burden),
        Objective("nadir", "Smallest tumour volume up to the horizon", "cm3", _nadir),
        Objective(
            "time_to_progression",
            "Time until the volume is 20 % above its smallest (cut at the horizon)",
            "day",
            _time_to_progression,
            lower_is_better=False,
        ),
    )
}


def get(objective: Objective | str, *, level_cm3: float | None = None) -> Objective:
    """Objective of that name; `probability_below` needs the level (cm3).

    Raises
    ------
    InputError
        No such objective, or a level is missing.
    """
    if isinstance(objective, Objective):
        return objective
    if objective == "probability_below":
        if level_cm3 is None:
            raise InputError("The objective probability_below needs a volume level; give level_cm3.")
        return probability_below(level_cm3)
    if objective not in OBJECTIVES:
        known = ", ".join([*OBJECTIVES, "probability_below"])
        raise InputError(f"There is no objective {objective!r}; choose one of {known}.")
    return OBJECTIVES[objective]

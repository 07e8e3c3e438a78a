"""Outcome against the gap between the first targeted and the first cytotoxic dose."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report

from ..calibration.result import Calibration
from ..treatments.constraints import Constraint, first_violation
from ..treatments.schedule import Dose, Schedule
from . import objectives
from .courses import HORIZON_DAYS, complete, outcomes
from .objectives import Objective

GAP_DAYS = 14


@dataclass(frozen=True)
class GapCurve:
    """Outcome against the gap from the first targeted dose to the first cytotoxic one.

    Attributes
    ----------
    gap_day : array (gaps,)
        Positive if the targeted drug comes first.
    expected, lower, upper : arrays (gaps,)
        Mean and 90 % band of the objective.
    objective : Objective
    breaks : tuple of str
        How the doses of each gap break a constraint; empty where they keep them all.
    """

    gap_day: np.ndarray
    expected: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    objective: Objective
    breaks: tuple[str, ...]

    @property
    def is_broken(self) -> np.ndarray:
        """Whether the doses of each gap break a constraint, array (gaps,)."""
        return np.array([bool(reason) for reason in self.breaks])


def widest_gaps(start_day: float, horizon_day: float, offsets: Sequence[float], most: int = GAP_DAYS) -> range:
    """Whole gaps of both signs, up to `most` days, that leave every dose before the horizon; empty for none but 0."""
    widest = min(most, math.floor(horizon_day - start_day - max(offsets)))
    return range(-widest, widest + 1) if widest >= 1 else range(0)


def gap_curve(
    calibration: Calibration,
    gaps: Sequence[float] = tuple(range(-14, 15)),
    objective: Objective | str = "volume_at_horizon",
    *,
    targeted: str = "trastuzumab",
    cytotoxic: str = "cytotoxic",
    offsets: Sequence[float] = (0.0, 4.0),
    dose: float = 1.0,
    constraints: Sequence[Constraint] = (),
    start_day: float | None = None,
    horizon_day: float | None = None,
    draws: int = 500,
    level_cm3: float | None = None,
    seed: int = 0,
    report: Report | None = None,
) -> GapCurve:
    """Outcome against the gap between the first targeted and the first cytotoxic dose, with its band.

    The earlier drug starts on `start_day` (the last visit if None); each drug is given at `offsets` (days) from its
    own first day, `dose` each time. Doses given earlier stay in force. The horizon is 42 days after the start if None.
    Gaps that break a constraint are on the curve as well, with how they do.

    Raises
    ------
    InputError
        As `rank_schedules`.
    """
    goal = objectives.get(objective, level_cm3=level_cm3)
    start = calibration.last_day if start_day is None else float(start_day)
    horizon = start + HORIZON_DAYS if horizon_day is None else float(horizon_day)
    gap = np.asarray(gaps, dtype=float)
    if gap.size == 0 or not start + np.abs(gap).max() + max(offsets) <= horizon:
        raise InputError("The gaps leave doses after the horizon, or there are none; give a later horizon_day.")
    schedules = [
        Schedule(
            tuple(Dose(targeted, start + max(-g, 0.0) + offset, dose) for offset in offsets)
            + tuple(Dose(cytotoxic, start + max(g, 0.0) + offset, dose) for offset in offsets),
            f"gap {g:g} days",
        )
        for g in gap.tolist()
    ]
    past = calibration.schedule.before(start)
    value, _ = complete(outcomes(calibration, schedules, goal, past, (start, horizon), draws, seed, report))
    lower, upper = np.quantile(value, [0.05, 0.95], axis=1)
    breaks = tuple(first_violation(schedule, constraints, calibration.model) or "" for schedule in schedules)
    return GapCurve(gap, value.mean(axis=1), lower, upper, goal, breaks)

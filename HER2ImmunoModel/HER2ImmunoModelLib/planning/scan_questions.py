"""What is asked of a next scan: which answer it is to sharpen, and on which days it could be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.limits import LONGEST_DAYS

from ..calibration.result import Calibration
from ..treatments.constraints import Constraint
from ..treatments.schedule import Dose, Schedule
from . import objectives
from .courses import HORIZON_DAYS, doses_of_the_start
from .objectives import Objective
from .ranking import half_given_said, sort_out, until
from .scans import Scan, scans_of

DAYS = 20
"""Days to choose from where none are given, at most."""
MOST_DAYS = 1000


@dataclass(frozen=True, eq=False)
class Question:
    """What a next scan is to answer.

    Attributes
    ----------
    goal : Objective
    plans : tuple of Schedule
        Doses from the start on, until the horizon: one, or those among which is chosen.
    past : Schedule
        Doses before.
    start, horizon : float
        First and last day judged.
    days : array (days,)
        On which an examination could be, increasing.
    scans : tuple of Scan
    warnings : tuple of str
    """

    goal: Objective
    plans: tuple[Schedule, ...]
    past: Schedule
    start: float
    horizon: float
    days: np.ndarray
    scans: tuple[Scan, ...]
    warnings: tuple[str, ...]

    @property
    def is_choice(self) -> bool:
        """Whether the answer is which schedule is the best."""
        return len(self.plans) > 1


def question(
    calibration: Calibration,
    candidates: Sequence[Schedule],
    objective: Objective | str,
    constraints: Sequence[Constraint],
    *,
    schedule: Schedule | None,
    given: Schedule | None,
    days: Sequence[float] | None,
    until_day: float | None,
    quantities: Sequence[str] | None,
    start_day: float | None,
    horizon_day: float | None,
    level_cm3: float | None,
    half_given: bool,
) -> Question:
    """The question with its days; arguments and errors as `next_scan`."""
    goal = objectives.get(objective, level_cm3=level_cm3)
    last = calibration.last_day
    start = last if start_day is None else float(start_day)
    horizon = start + HORIZON_DAYS if horizon_day is None else float(horizon_day)
    _check_span(last, start, horizon)
    given = calibration.schedule if given is None else given
    if not candidates:
        candidates = [_from(given, start) if schedule is None else schedule]
    latest = np.inf if half_given or len(candidates) == 1 else horizon
    kept, excluded = sort_out(calibration, candidates, constraints, start, latest)
    if len(candidates) > 1 and len(kept) == 1:
        raise InputError(f"Only {kept[0].name} is left to choose: {excluded[0][0].name} {excluded[0][1]}.")
    plans = tuple(until(plan, horizon) for plan in kept)
    left = doses_of_the_start(given, start) if len(candidates) > 1 else []
    return Question(
        goal,
        plans,
        given.before(start),
        start,
        horizon,
        _days(days, until_day, last, _decided(plans, horizon), horizon),
        scans_of(calibration.model, quantities),
        (*(f"{plan.name} is left out: {reason}." for plan, reason in excluded), *half_given_said(kept, horizon), *left),
    )


def _check_span(last: float, start: float, horizon: float) -> None:
    if start < last:
        raise InputError(f"The start (day {start:g}) is before the last visit (day {last:g}); choose a later day.")
    if not start < horizon <= last + LONGEST_DAYS:
        raise InputError(
            f"The horizon (day {horizon:g}) must be after the start (day {start:g}) and within ten years; choose "
            "another day."
        )


def _from(schedule: Schedule, day: float) -> Schedule:
    """The doses of a schedule from a day on."""
    return Schedule(tuple(dose for dose in schedule.doses if dose.day >= day), schedule.name)


def _decided(plans: Sequence[Schedule], horizon: float) -> float:
    """The first day on which the plans differ; the horizon of a single one.

    Raises
    ------
    InputError
        Plans that are all the same.
    """
    if len(plans) == 1:
        return horizon
    first: set[Dose] = set(plans[0].doses)
    unlike = [dose.day for plan in plans[1:] for dose in set(plan.doses) ^ first]
    if not unlike:
        raise InputError("The schedules are all the same until the horizon, so there is no choice; give others.")
    return min(unlike)


def _days(
    days: Sequence[float] | None, until_day: float | None, last: float, decided: float, horizon: float
) -> np.ndarray:
    """Days of an examination: those given, or a grid of whole days.

    Before the horizon any day after the last visit will do. A choice can use those until the day on which it is made,
    that one included: the last visit, where it is made then.
    """
    is_choice = decided < horizon
    if days is None:
        end = decided if until_day is None else min(float(until_day), decided)
        if until_day is not None and not end > last and not decided == last:
            raise InputError(f"Day {until_day:g} is not after the last visit (day {last:g}); choose a later last day.")
        return _grid(last, end, ends=is_choice or end < horizon)
    found = np.unique(np.asarray(days, dtype=float))
    if not 1 <= found.size <= MOST_DAYS:
        raise InputError(f"There are {found.size} days to choose from; give between 1 and {MOST_DAYS}.")
    if not np.isfinite(found).all() or found[0] < last or (found[0] == last and not decided == last):
        raise InputError(f"A scan on day {found[0]:g} is not after the last visit (day {last:g}); give later days.")
    if is_choice and found[-1] > decided:
        raise InputError(
            f"A scan on day {found[-1]:g} is too late for the choice: the schedules differ from day {decided:g} on; "
            "give earlier days, or a later start."
        )
    if found[-1] >= horizon:
        raise InputError(f"A scan on day {found[-1]:g} is not before the day judged ({horizon:g}); give earlier days.")
    return found


def _grid(last: float, end: float, *, ends: bool) -> np.ndarray:
    """Up to 20 days at equal distances after the last visit; with the end itself where `ends` says so."""
    if end <= last:
        return np.array([last])
    step = max(1.0, float(ceil((end - last) / DAYS)))
    found = np.arange(last + step, end, step)
    if ends:
        return np.append(found, end)
    return found if found.size else np.array([(last + end) / 2])

"""Concentrations of many patients under many schedules on one grid of days; shared beginnings are followed once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.limits import check_memory

from .compartments import amount_factor, modes, patients_of, some_of
from .kinetics import Kinetics
from .saturable import STEP_DAY, Stepper, steps_in, total

ROWS_AT_ONCE = 8192
"""Courses a thread follows together: what they need stays in its cache."""
PARTS = (1, 2, 3, 4, 6, 8, 12, 24)
"""Into how many a step of half a day may be divided; the last are half-hours, and a dose counts from the nearest."""
WHOLE = 1e-6
"""Share of a step that round-off may take."""


@dataclass(frozen=True)
class Courses:
    """Concentrations on a grid of days; schedules that are equal up to a day share their row of that day.

    Attributes
    ----------
    day : array (points,)
    row : int array (points, schedules)
        Row of each schedule's concentrations on each day.
    concentration : array (rows, patients)
        At once after a dose of that day.
    """

    day: np.ndarray
    row: np.ndarray
    concentration: np.ndarray

    def of(self, schedule: int) -> np.ndarray:
        """Of one schedule, array (patients, points)."""
        return self.concentration[self.row[:, schedule]].T


def courses(
    kinetics: Kinetics,
    schedules: Sequence[Sequence[tuple[float, float]]],
    first_day: float,
    last_day: float,
    *,
    step_day: float = STEP_DAY,
    scale: np.ndarray | float = 1.0,
) -> Courses:
    """Concentrations of every patient under every schedule; doses are boluses.

    Parameters
    ----------
    kinetics : Kinetics
        Without uptake; its numbers may be arrays (patients,).
    schedules : sequence of sequences of (day, mg)
        Doses before the first day count as well.
    first_day, last_day : float
        The grid.
    step_day : float
        Between its points; where doses do not fall on them or the elimination saturates faster, steps are parts of it.
    scale : array (patients,) or float
        Factor of each patient's doses, such as her weight over the one that mg are for.

    Returns
    -------
    Courses

    Raises
    ------
    InputError
        Kinetics with uptake, which last minutes, or a grid without days or with more than memory holds.
    """
    if kinetics.uptake is not None:
        raise InputError("Kinetics that a tissue takes up have no course by the day; use the area of each dose.")
    if not (last_day > first_day and step_day > 0):
        raise InputError(f"From day {first_day:g} to {last_day:g} in steps of {step_day:g} there is no course.")
    plan = _planned(kinetics, schedules, first_day, last_day, step_day)
    patients = patients_of(kinetics)
    check_memory(float(plan.rows) * patients, f"{len(schedules)} schedules of {patients} patients")
    concentration = np.empty((plan.rows, patients))
    scale = np.broadcast_to(np.asarray(scale, dtype=float), (patients,))
    halves = np.array_split(np.arange(patients), min(os.cpu_count() or 1, patients))
    with ThreadPoolExecutor(len(halves)) as pool:
        following = [
            pool.submit(_follow, concentration[:, half[0] : half[-1] + 1], plan, some_of(kinetics, half), scale[half])
            for half in halves
        ]
        for thread in following:
            thread.result()
    return Courses(first_day + step_day * np.arange(len(plan.row)), plan.row, concentration)


@dataclass(frozen=True)
class _Split:
    """Doses of one step: new courses branch off from present ones, then some go on with a dose themselves.

    Attributes
    ----------
    courses : int
        After the step.
    origin, mg : array (new,)
        The course that each new one comes from; they follow the present ones in order.
    own, own_mg : array (dosed,)
    """

    courses: int
    origin: np.ndarray
    mg: np.ndarray
    own: np.ndarray
    own_mg: np.ndarray


@dataclass(frozen=True)
class _Plan:
    """Which courses are followed, and from where.

    Attributes
    ----------
    step : float
        Days.
    parts : int
        Steps from one point of the grid to the next.
    first, last : int
        Steps of the earliest dose, or 0, and of the last point, counted from the first point.
    splits : dict of int to Split
        What the doses of a step do.
    most : int
        Courses at the end.
    row : int array (points, schedules)
    rows : int
    """

    step: float
    parts: int
    first: int
    last: int
    splits: dict[int, _Split]
    most: int
    row: np.ndarray
    rows: int


def _planned(kinetics: Kinetics, schedules: Sequence, first_day: float, last_day: float, step_day: float) -> _Plan:
    least = steps_in(kinetics, step_day)
    days = np.array([day for doses in schedules for day, _ in doses]) - first_day
    parts = next((n for n in PARTS if n >= least and _falls_on(days, step_day / n)), max(least, PARTS[-1]))
    given: dict[int, np.ndarray] = {}
    for number, doses in enumerate(schedules):
        for day, mg in doses:
            at_step = given.setdefault(round((day - first_day) / step_day * parts), np.zeros(len(schedules)))
            at_step[number] += mg
    points = round((last_day - first_day) / step_day) + 1
    last = (points - 1) * parts
    first = min([0, *given])
    course, count, splits = np.zeros(len(schedules), dtype=int), 1, {}
    row, rows = np.empty((points, len(schedules)), dtype=int), 0
    for step in range(first, last + 1):
        if step in given:
            splits[step] = _branched(course, given[step], count)
            count = splits[step].courses
        if step >= 0 and step % parts == 0:
            row[step // parts] = rows + course
            rows += count
    return _Plan(step_day / parts, parts, first, last, splits, count, row, rows)


def _branched(course: np.ndarray, mg: np.ndarray, count: int) -> _Split:
    """The doses `mg` (schedules,) of a step; `course` (schedules,) changes in place."""
    dosed = np.flatnonzero(mg)
    pairs, which = np.unique(np.stack([course[dosed], mg[dosed]]), axis=1, return_inverse=True)
    origin, sizes = pairs[0].astype(int), pairs[1]
    # A course that no schedule keeps without a dose goes on with the first of its doses.
    kept = np.isin(origin, course[mg == 0])
    is_own = ~kept & np.append(True, origin[1:] != origin[:-1])
    target = np.where(is_own, origin, count - 1 + np.cumsum(~is_own))
    course[dosed] = target[which.reshape(-1)]
    return _Split(count + int((~is_own).sum()), origin[~is_own], sizes[~is_own], origin[is_own], sizes[is_own])


def _falls_on(days: np.ndarray, step: float) -> bool:
    """Whether all days are whole numbers of steps."""
    return bool((np.abs(days / step - np.round(days / step)) < WHOLE).all())


def _follow(out: np.ndarray, plan: _Plan, kinetics: Kinetics, scale: np.ndarray) -> None:
    """All courses of some patients, out (rows, patients)."""
    stepper = Stepper(kinetics, plan.step)
    per_mg = modes(kinetics).share.T * amount_factor(kinetics) * scale
    at_once = max(1, ROWS_AT_ONCE // scale.size)
    work = np.empty((7, at_once, scale.size))
    w = np.zeros((len(per_mg), plan.most, scale.size))
    count, row = 1, 0
    for step in range(plan.first, plan.last + 1):
        if step > plan.first:
            for start in range(0, count, at_once):
                some = w[:, start : min(start + at_once, count)]
                stepper.advance(some, (step - 1 - plan.first) * plan.step, work=work[:, : some.shape[1]])
        if split := plan.splits.get(step):
            for mode, share in zip(w, per_mg, strict=True):
                mode[count : split.courses] = mode[split.origin] + share * split.mg[:, None]
                mode[split.own] += share * split.own_mg[:, None]
            count = split.courses
        if step >= 0 and step % plan.parts == 0:
            total(w[:, :count], out[row : row + count])
            row += count

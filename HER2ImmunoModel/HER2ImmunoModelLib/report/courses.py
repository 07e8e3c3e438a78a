"""Schedules followed over posterior draws: bands of every state and of the treatment window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report

from ..calibration.result import SHARES, Calibration
from ..findings.tables import Table
from ..models.model import Model
from ..models.treatment_window import has_window, treatment_window
from ..planning.plan import STEP_DAY
from ..treatments.doses import Dose, Schedule


@dataclass(frozen=True, eq=False)
class Quantiles:
    """Quantiles of one quantity on every day, arrays (days,): median and both ends of the 50 and the 90 % band.

    In the order of `SHARES`.
    """

    lower_90: np.ndarray
    lower_50: np.ndarray
    median: np.ndarray
    upper_50: np.ndarray
    upper_90: np.ndarray


@dataclass(frozen=True, eq=False)
class Course:
    """One schedule over the posterior draws.

    Attributes
    ----------
    name : str
        Of the schedule; empty if nothing more is given.
    day : array (days,)
    states, window : mapping of str to Quantiles
        By name of the state; by name of the factor, empty for a model without a window.
    doses : tuple of Dose
        All of them, as the model calls them.
    planned_from : float
        Day from which doses are those of the schedule.
    draws, n_failed : int
        Draws asked for, and those left out because their course failed.
    model : Model
        Whose doses they are.
    """

    name: str
    day: np.ndarray
    states: Mapping[str, Quantiles]
    window: Mapping[str, Quantiles]
    doses: tuple[Dose, ...]
    planned_from: float
    draws: int
    n_failed: int
    model: Model


def until(course: Course, day: float) -> Course:
    """The course up to a day, its doses as well."""
    shown = course.day <= day

    def cut(found: Mapping[str, Quantiles]) -> dict[str, Quantiles]:
        return {
            name: Quantiles(*(getattr(each, entry.name)[shown] for entry in fields(each)))
            for name, each in found.items()
        }

    doses = tuple(dose for dose in course.doses if dose.day <= day)
    return replace(course, day=course.day[shown], states=cut(course.states), window=cut(course.window), doses=doses)


def follow(
    calibration: Calibration,
    schedule: Schedule | None,
    *,
    start_day: float,
    horizon_day: float,
    draws: int,
    report: Report | None = None,
) -> Course:
    """Follow the draws of a calibration from the first visit to the horizon.

    Parameters
    ----------
    calibration : Calibration
    schedule : Schedule or None
        Given from `start_day` on, in place of later doses of the calibration; those as they are if None.
    start_day, horizon_day : float
    draws : int
    report : Report, optional

    Raises
    ------
    InputError
        If no draw can be followed.
    Cancelled
        From `report`.
    """
    whole = calibration.schedule
    if schedule is not None:
        whole = whole.before(start_day) + schedule
    days = np.arange(calibration.first_day, horizon_day + STEP_DAY / 2, STEP_DAY)
    course = calibration.simulate(days, whole, n=draws, report=report)
    kept = ~course.failed
    if not kept.any():
        raise InputError(f"None of the {draws} posterior draws could be followed.")
    states = {name: values[kept] for name, values in course.states.items()}
    window = {}
    if has_window(calibration.model):
        drawn = {name: values[kept] for name, values in calibration.draws(draws, calibration.seed).items()}
        window = treatment_window(drawn, states)
    return Course(
        "" if schedule is None else schedule.name,
        course.day,
        {name: quantiles(values) for name, values in states.items()},
        {name: quantiles(values) for name, values in window.items()},
        whole.for_model(calibration.model).doses,
        start_day,
        draws,
        course.n_failed,
        calibration.model,
    )


def quantiles(values: np.ndarray) -> Quantiles:
    """Bands of draws, array (draws, days)."""
    return Quantiles(*np.quantile(values, SHARES, axis=0))


def course_table(course: Course) -> Table:
    """One row a day: bands of every state and factor."""
    header, columns = ["day"], [course.day]
    for name, found in {**course.states, **course.window}.items():
        for entry in fields(found):
            header.append(f"{name}_{entry.name}")
            columns.append(getattr(found, entry.name))
    return header, np.column_stack(columns).tolist()

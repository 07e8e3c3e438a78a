"""Drug amounts: analytic sums of decaying doses, never integrated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from ..models.model import Model
from .schedule import Schedule


def amount_at(schedule: Schedule, model: Model, drug: str, decay, day) -> np.ndarray:
    """Amount of a drug on given days: sum of doses times exp(-decay (day - day of dose)), a dose counting at once.

    Parameters
    ----------
    schedule : Schedule
    model : Model
    drug : str
    decay : float
        Loss rate (1/day).
    day : array (days,)

    Returns
    -------
    array (days,)
        Amount in units of the dose.
    """
    day = np.asarray(day, dtype=float)
    wanted = model.drug(drug).name
    total = np.zeros(day.shape)
    for dose in schedule.for_model(model).doses:
        if dose.drug == wanted:
            given = day >= dose.day
            total[given] += dose.dose * np.exp(-decay * (day[given] - dose.day))
    return total


@dataclass(frozen=True)
class DoseTable:
    """Doses of several schedules over the days of a simulation.

    Attributes
    ----------
    stop : array (schedules, most + 1)
        Days inside the simulation on which a schedule gives a dose, then its last day.
    size : dict of str to array (schedules, most)
        Dose of each given drug on each of those days.
    before : dict of str to list of (float, array (schedules,))
        Doses given up to the first day, which count from the start: their days and each schedule's dose.
    """

    stop: np.ndarray
    size: dict[str, np.ndarray]
    before: dict[str, list[tuple[float, np.ndarray]]]


def dose_table(model: Model, schedules: Sequence[Schedule], first_day: float, last_day: float) -> DoseTable:
    """Doses of schedules that name the model's own drugs (`Schedule.for_model`)."""
    named = {dose.drug for schedule in schedules for dose in schedule.doses}
    given = [drug.name for drug in model.drugs if drug.name in named]
    inside = [sorted({d.day for d in s.doses if first_day < d.day < last_day}) for s in schedules]
    most = max((len(days) for days in inside), default=0)
    stop = np.full((len(schedules), most + 1), float(last_day))
    size = {drug: np.zeros((len(schedules), most)) for drug in given}
    early: dict[str, dict[float, np.ndarray]] = {drug: {} for drug in given}
    for row, (schedule, days) in enumerate(zip(schedules, inside, strict=True)):
        stop[row, : len(days)] = days
        for dose in schedule.doses:
            if dose.day <= first_day:
                early[dose.drug].setdefault(dose.day, np.zeros(len(schedules)))[row] += dose.dose
            elif dose.day < last_day:
                size[dose.drug][row, days.index(dose.day)] += dose.dose
    return DoseTable(stop, size, {drug: sorted(doses.items(), key=itemgetter(0)) for drug, doses in early.items()})


def amounts_at_start(
    doses: DoseTable, drug: str, schedule: np.ndarray, decay: np.ndarray | float, first_day: float
) -> np.ndarray:
    """Amount of a drug on the first day, array (rows,), for rows under the schedules numbered in `schedule`."""
    total = np.zeros(schedule.size)
    for day, size in doses.before[drug]:
        total += size[schedule] * np.exp(-decay * (first_day - day))
    return total


def decayed(
    present: Mapping[str, np.ndarray | float],
    decay: Mapping[str, np.ndarray | float],
    step: np.ndarray,
    shares: Sequence[float],
) -> list[dict[str, np.ndarray | float]]:
    """Amounts of every drug after each share of a step, one dict a share; a number stays as it is.

    Parameters
    ----------
    present : mapping of str to array (rows,) or float
        Amount at the start of the step; a number for a drug that no row is given.
    decay : mapping of str to array (rows,) or float
        Loss rate (1/day).
    step : array (rows,)
        Length of the step (days).
    shares : sequence of float
    """
    amounts = [dict(present) for _ in shares]
    for drug, amount in present.items():
        if np.ndim(amount):
            loss = -decay[drug] * step
            factors = np.exp(np.multiply.outer(shares, loss))
            factors *= amount
            for at_share, value in zip(amounts, factors, strict=True):
                at_share[drug] = value
    return amounts

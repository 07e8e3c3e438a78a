"""Drug amounts: analytic sums of decaying doses, never integrated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from ..models.model import Drug, Model
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
    wanted = model.dose_name(drug)
    total = np.zeros(day.shape)
    for dose in schedule.for_model(model).doses:
        if dose.drug == wanted:
            given = day >= dose.day
            total[given] += dose.dose * np.exp(-decay * (day[given] - dose.day))
    return total


def mean_loss(model: Model, drug: str) -> float | None:
    """Default loss rate (1/day) that gives the area under the exposure; None for a drug that is never lost.

    That of a linear agent is its clearance over the volume that its reference concentration stands for. An agent that
    saturates has no single one: that of the model's drug is taken.
    """
    agent = model.agents.get(model.dose_name(drug))
    if agent is not None and agent.is_linear:
        clearance = model.parameter(agent.kinetics["CL"]).default
        return clearance * agent.reference_mg_per_l / agent.full_dose_mg
    decay = model.drug(drug).decay
    return None if decay is None else model.parameter(decay).default


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

    def of(self, schedules: np.ndarray) -> DoseTable:
        """Of some of the schedules, by their numbers."""
        size = {drug: doses[schedules] for drug, doses in self.size.items()}
        before = {drug: [(day, each[schedules]) for day, each in doses] for drug, doses in self.before.items()}
        return DoseTable(self.stop[schedules], size, before)


def dose_table(model: Model, schedules: Sequence[Schedule], first_day: float, last_day: float) -> DoseTable:
    """Doses of schedules that name drugs and agents as the model keeps them (`Schedule.for_model`)."""
    named = {dose.drug for schedule in schedules for dose in schedule.doses}
    given = [name for name in dict.fromkeys([*(drug.name for drug in model.drugs), *model.agents]) if name in named]
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
    doses: DoseTable,
    drug: str,
    schedule: np.ndarray,
    decay: np.ndarray | float,
    first_day: float,
    dose_half: np.ndarray | float | None = None,
) -> np.ndarray:
    """Amount of a drug on the first day, array (rows,), for rows under the schedules numbered in `schedule`."""
    total = np.zeros(schedule.size)
    for day, size in doses.before[drug]:
        total += counted(size[schedule], dose_half) * np.exp(-decay * (first_day - day))
    return total


def counted(size: np.ndarray, dose_half: np.ndarray | float | None) -> np.ndarray:
    """What doses, array (rows,), count as: d/(h + d) for a drug with such a number (`Drug.dose_half`), d without."""
    if dose_half is None:
        return size
    return np.divide(size, dose_half + size, out=np.zeros_like(size), where=size > 0)


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


def chain_at_start(
    doses: DoseTable, drug: str, schedule: np.ndarray, first_stage: np.ndarray | float, rate, stages: int, day: float
) -> np.ndarray:
    """What is in each stage of a chain on a day, array (stages, rows); other arguments as `amounts_at_start`.

    `first_stage` is what a dose of 1 puts into the first stage (`chain_scale`).
    """
    total = np.zeros((stages, schedule.size))
    for given_day, size in doses.before[drug]:
        put = np.zeros_like(total)
        put[0] = size[schedule] * first_stage
        total += passed(put, rate, day - given_day, (1.0,))[1]
    return total


def chain_on_day(schedule: Schedule, model: Model, drug: Drug, values: Mapping[str, float], day: float) -> np.ndarray:
    """What the doses given until a day have left in each stage of a drug's chain then, array (stages,)."""
    doses = dose_table(model, [schedule.for_model(model)], day, day)
    if drug.name not in doses.before:
        return np.zeros(drug.exposure.stages)
    rate, first = values[drug.exposure.rate], chain_scale(values[drug.decay], values[drug.exposure.rate])
    one = np.zeros(1, dtype=int)
    return chain_at_start(doses, drug.name, one, first, rate, drug.exposure.stages, day)[:, 0]


def chain_scale(loss: np.ndarray | float, rate: np.ndarray | float) -> np.ndarray | float:
    """What a dose of 1 puts into the first stage, so that the area under the last is 1/loss as that of a pulse."""
    return rate / loss


def passed(
    present: np.ndarray, rate: np.ndarray | float, step: np.ndarray | float, shares: Sequence[float]
) -> tuple[list[np.ndarray], np.ndarray]:
    """What passes a chain of equal stages: s_j(t + h) = exp(-k h) sum_i (k h)^(j - i)/(j - i)! s_i, exactly.

    Parameters
    ----------
    present : array (stages, rows)
        At the start of the step.
    rate : array (rows,) or float
        Of every stage (1/day).
    step : array (rows,) or float
        Length of the step (days).
    shares : sequence of float
        Of the step.

    Returns
    -------
    last : list of array (rows,)
        What is in the last stage after each share.
    after : array (stages, rows)
        What is in every stage after the last share.
    """
    scaled = rate * step
    last = [np.exp(-share * scaled) * _polynomial(present, share * scaled) for share in shares]
    after = np.empty_like(present)
    for stage in range(len(present)):
        after[stage] = _polynomial(present[: stage + 1], shares[-1] * scaled)
    after *= np.exp(-shares[-1] * scaled)
    return last, after


def _polynomial(stages: np.ndarray, time: np.ndarray | float) -> np.ndarray:
    """Sum over stages i before the last, j, of time^(j - i)/(j - i)! s_i, by Horner's rule."""
    total = stages[0]
    for power, stage in zip(range(len(stages) - 1, 0, -1), stages[1:], strict=True):
        total = total * (time / power) + stage
    return total

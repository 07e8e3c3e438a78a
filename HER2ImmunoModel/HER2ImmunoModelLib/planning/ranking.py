"""Ranking of candidate schedules over posterior draws, every candidate facing the same draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report

from ..calibration.result import Calibration
from ..treatments.constraints import Constraint
from ..treatments.schedule import Schedule
from . import objectives
from .courses import HORIZON_DAYS, complete, doses_of_the_start, outcomes
from .objectives import Objective
from .penalties import Burden, Penalties


@dataclass(frozen=True)
class RankedSchedule:
    """One candidate: expected value with its 90 % interval and how it compares.

    Attributes
    ----------
    rank : int
        1 is the best expected value.
    schedule : Schedule
    expected, lower, upper : float
        Mean and 90 % interval of the objective over the draws.
    probability_best : float
        Share of the draws in which no candidate is better (ties are shared).
    regret : float
        Mean over the draws of what is lost against the standard schedule where the candidate is worse.
    gain : float
        Mean improvement on the standard schedule; negative if worse.
    burden : Burden or None
        What it costs the patient, where that was asked for.
    penalty : float
        What the burden adds to the loss.
    """

    rank: int
    schedule: Schedule
    expected: float
    lower: float
    upper: float
    probability_best: float
    regret: float
    gain: float
    burden: Burden | None = None
    penalty: float = 0.0


@dataclass(frozen=True)
class Ranking:
    """Candidates from best to worst.

    Attributes
    ----------
    objective : Objective
    rows : tuple of RankedSchedule
    excluded : tuple of (Schedule, str)
        Candidates that break a constraint, and how.
    standard : str
        Name of the schedule that the others are compared with.
    start_day, horizon_day : float
        First and last day judged.
    draws, n_failed : int
        Draws asked for, and those left out because a course failed.
    warnings : tuple of str
    visits : int
        Days with measurements behind the calibration.
    ahead : float or None
        Share of the draws in which the first candidate is better than its rival, ties counted half; None of one.
    rival : int
        Row of the candidate that is better than the first in most draws: often, but not always, the second.
    """

    objective: Objective
    rows: tuple[RankedSchedule, ...]
    excluded: tuple[tuple[Schedule, str], ...]
    standard: str
    start_day: float
    horizon_day: float
    draws: int
    n_failed: int
    warnings: tuple[str, ...]
    visits: int
    ahead: float | None = None
    rival: int = 1

    @property
    def best(self) -> Schedule:
        """The candidate with the best expected value."""
        return self.rows[0].schedule


def rank_schedules(
    calibration: Calibration,
    candidates: Sequence[Schedule],
    objective: Objective | str = "volume_at_horizon",
    constraints: Sequence[Constraint] = (),
    *,
    draws: int = 500,
    start_day: float | None = None,
    horizon_day: float | None = None,
    given: Schedule | None = None,
    standard: str | None = None,
    level_cm3: float | None = None,
    penalties: Penalties | None = None,
    half_given: bool = False,
    seed: int = 0,
    report: Report | None = None,
) -> Ranking:
    """Rank schedules by an objective over posterior draws.

    Each draw is followed from the first visit under the doses given before `start_day`, then under each candidate;
    the objective is taken from `start_day` to `horizon_day`. Candidates hold absolute days.

    Parameters
    ----------
    calibration : Calibration
    candidates : sequence of Schedule
    objective : Objective or str
        `volume_at_horizon`, `mean_burden`, `nadir`, `time_to_progression` or `probability_below`.
    constraints : sequence of Constraint
        Candidates that break one are listed as excluded. They are checked on the candidate alone.
    draws : int
    start_day : float, optional
        Day from which candidates decide. The last visit if None, or the first dose of a candidate if that is earlier
        (a replay of the past, said in `warnings`).
    horizon_day : float, optional
        42 days after the start if None.
    given : Schedule, optional
        Doses of the past; the calibration's if None. Those on `start_day` or later are replaced by the candidates.
    standard : str, optional
        Name of the schedule to compare with; the first candidate if None.
    level_cm3 : float, optional
        Level of `probability_below`.
    penalties : Penalties, optional
        Burdens to show and, with weights above 0, to add to the loss that ranks.
    half_given : bool
        Whether candidates with doses after the horizon are judged by those until then, which is said in `warnings`;
        they are excluded if not. Constraints and burdens are those of all doses.
    seed : int
    report : Report, optional

    Returns
    -------
    Ranking

    Raises
    ------
    InputError
        No candidate, none that keeps the constraints, an unknown drug, objective or standard, days that do not fit, or
        a weight for a burden that is not predicted.
    Cancelled
        From `report`.
    """
    goal = objectives.get(objective, level_cm3=level_cm3)
    if not candidates:
        raise InputError("There is no schedule to rank; give at least one candidate.")
    start, warnings = _start(calibration, candidates, start_day)
    horizon = start + HORIZON_DAYS if horizon_day is None else float(horizon_day)
    if not horizon > start:
        raise InputError(f"The horizon (day {horizon:g}) is not after the start (day {start:g}); choose a later day.")
    kept, excluded = sort_out(calibration, candidates, constraints, start, np.inf if half_given else horizon)
    names = [schedule.name for schedule in kept]
    if standard is not None and standard not in names:
        raise InputError(f"The standard schedule {standard!r} is not among the candidates that can be ranked.")
    reference = names.index(standard) if standard is not None else 0
    taken = calibration.schedule if given is None else given
    past = taken.before(start)
    cut = [until(schedule, horizon) for schedule in kept]
    value, n_failed = complete(outcomes(calibration, cut, goal, past, (start, horizon), draws, seed, report))
    warnings += [*doses_of_the_start(taken, start), *half_given_said(kept, horizon)]
    if n_failed:
        warnings.append(f"{n_failed} of {draws} posterior draws could not be simulated and are left out.")
    burdens = [penalties.burden(schedule) for schedule in kept] if penalties else [None] * len(kept)
    added = penalties.losses(kept, burdens) if penalties else np.zeros(len(kept))
    warnings += dict.fromkeys(reason for burden in burdens if burden is not None for reason in burden.reasons)
    loss = goal.loss(value) + added[:, None] if added.any() else goal.loss(value)
    order = np.argsort(loss.mean(axis=1), kind="stable").tolist()
    return Ranking(
        goal,
        _rows(kept, value, loss, order, reference, added, burdens),
        tuple(excluded),
        names[reference],
        start,
        horizon,
        draws,
        n_failed,
        (*warnings, *calibration.warnings),
        calibration.n_visits,
        *ahead_of_others(loss[order]),
    )


def _start(
    calibration: Calibration, candidates: Sequence[Schedule], start_day: float | None
) -> tuple[float, list[str]]:
    last = calibration.last_day
    if start_day is not None:
        if start_day < calibration.first_day:
            raise InputError(f"The start (day {start_day:g}) is before the first visit; choose a later day.")
        return float(start_day), []
    first = min((dose.day for candidate in candidates for dose in candidate.doses), default=last)
    if first >= last:
        return last, []
    start = max(first, calibration.first_day)
    return start, [f"Candidates begin on day {start:g}, before the last visit (day {last:g}): the past is replayed."]


def sort_out(
    calibration: Calibration,
    candidates: Sequence[Schedule],
    constraints: Sequence[Constraint],
    start: float,
    last: float,
) -> tuple[list[Schedule], list[tuple[Schedule, str]]]:
    """Candidates that can be judged, and those that cannot with the reason; days from the start to the last dose.

    Raises
    ------
    InputError
        None that can be judged, or a drug that the model does not have.
    """
    kept, excluded = [], []
    for candidate in candidates:
        candidate.for_model(calibration.model)
        reasons = [
            f"day {dose.day:g} is not within {start:g} to {last:g}"
            for dose in candidate.doses
            if not start <= dose.day <= last
        ][:1]
        reasons += [text for rule in constraints if (text := rule.violation(candidate, calibration.model))]
        if reasons:
            excluded.append((candidate, "; ".join(reasons)))
        else:
            kept.append(candidate)
    if not kept:
        raise InputError(f"No schedule can be ranked: {excluded[0][0].name or 'the first'} fails as {excluded[0][1]}.")
    return kept, excluded


def until(schedule: Schedule, day: float) -> Schedule:
    """The doses up to a day, that day among them."""
    if all(dose.day <= day for dose in schedule.doses):
        return schedule
    return Schedule(tuple(dose for dose in schedule.doses if dose.day <= day), schedule.name)


def half_given_said(schedules: Sequence[Schedule], horizon: float) -> list[str]:
    """A sentence on the schedules that are not over on the day judged."""
    days = [(schedule.name, sorted({dose.day for dose in schedule.doses})) for schedule in schedules]
    counts = [(name, sum(day > horizon for day in all_), len(all_)) for name, all_ in days]
    later = [f"{name} ({left} of {total} days of doses come later)" for name, left, total in counts if left]
    if not later:
        return []
    return [f"On day {horizon:g} some schedules are only half given, and are judged so: {', '.join(later)}."]


def ahead_of_others(loss: np.ndarray) -> tuple[float | None, int]:
    """The smallest share of the draws in which the first row loses less than another, and which one that is."""
    if len(loss) < 2:
        return None, 1
    shares = ((loss[0] < loss[1:]) + 0.5 * (loss[0] == loss[1:])).mean(axis=1)
    rival = int(np.argmin(shares))
    return float(shares[rival]), rival + 1


def _rows(
    schedules: Sequence[Schedule],
    value: np.ndarray,
    loss: np.ndarray,
    order: Sequence[int],
    reference: int,
    added: np.ndarray,
    burdens: Sequence[Burden | None],
) -> tuple[RankedSchedule, ...]:
    best = loss == loss.min(axis=0)
    probability = (best / best.sum(axis=0)).mean(axis=1)
    worse = loss - loss[reference]
    lower, upper = np.quantile(value, [0.05, 0.95], axis=1)
    return tuple(
        RankedSchedule(
            rank,
            schedules[i],
            float(value[i].mean()),
            float(lower[i]),
            float(upper[i]),
            float(probability[i]),
            float(np.maximum(worse[i], 0.0).mean()),
            float(-worse[i].mean()),
            burdens[i],
            float(added[i]),
        )
        for rank, i in enumerate(order, start=1)
    )

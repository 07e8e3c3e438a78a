"""The best schedule that keeps the constraints, judged over the posterior."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part, tell

from ..calibration.result import Calibration
from ..treatments.constraints import Constraint
from ..treatments.schedule import Schedule
from . import objectives
from .allowed_doses import Room, room
from .courses import doses_of_the_start, ensemble, judged_span
from .daily_doses import descend
from .days_and_doses import evolve
from .objectives import Objective
from .penalties import Penalties
from .polishing import at_bounds, polish
from .ranking import Ranking, rank_schedules
from .robust_loss import RISKS, RobustLoss

METHODS = ("days", "daily")
FOUND = "Optimised"


@dataclass(frozen=True, eq=False)
class Optimum:
    """The best schedule found.

    Attributes
    ----------
    schedule : Schedule
        Keeps every constraint and is no worse than any candidate shown, over the draws of `ranking`.
    loss : float
        Its judged number over the draws of `ranking`, averaged as `risk` says, lower being better.
    ranking : Ranking
        The schedule found beside the candidates, by expected value.
    method, risk : str
    evaluations : int
        Schedules simulated, each over every draw of the search.
    trace : array (iterations,)
        Best loss of the search after each iteration.
    warnings : tuple of str
    """

    schedule: Schedule
    loss: float
    ranking: Ranking
    method: str
    risk: str
    evaluations: int
    trace: np.ndarray
    warnings: tuple[str, ...]


def optimize_schedule(
    calibration: Calibration,
    objective: Objective | str = "volume_at_horizon",
    constraints: Sequence[Constraint] = (),
    *,
    bounds: Sequence[Constraint] = (),
    drugs: Sequence[str] = ("trastuzumab", "cytotoxic"),
    doses: Mapping[str, int] | int = 2,
    largest: float = 1.0,
    candidates: Sequence[Schedule] = (),
    method: str = "days",
    risk: str = "mean",
    search_draws: int = 48,
    draws: int = 500,
    start_day: float | None = None,
    horizon_day: float | None = None,
    given: Schedule | None = None,
    standard: str | None = None,
    level_cm3: float | None = None,
    penalties: Penalties | None = None,
    iterations: int = 40,
    seed: int = 0,
    report: Report | None = None,
) -> Optimum:
    """Find the schedule with the least loss over posterior draws, under constraints.

    Parameters
    ----------
    calibration : Calibration
    objective : Objective or str
        As `rank_schedules`.
    constraints : sequence of Constraint
        No schedule that breaks one is recommended.
    bounds : sequence of Constraint
        Intervals and largest doses by which the search places doses; candidates need not keep them.
    drugs : sequence of str
    doses : int or mapping of drug to int
        How many doses of each drug at most, for `days`.
    largest : float
        Largest single dose (full doses); a `LargestDose` may be stricter.
    candidates : sequence of Schedule
        Schedules the search starts from and is compared with.
    method : str
        "days": differential evolution over days and doses; "daily": projected gradient over a dose every allowed day.
    risk : str
        "mean" over the draws, or "cvar": mean of the worst tenth.
    search_draws, draws : int
        Draws of the search, and of the comparison at the end.
    start_day, horizon_day, given, level_cm3, penalties, seed
        As `rank_schedules`; the start is the last visit if None.
    standard : str, optional
        Name of the candidate that the ranking compares with; the first one shown if None.
    iterations : int
        Generations, or gradient steps, at most.
    report : Report, optional

    Returns
    -------
    Optimum

    Raises
    ------
    InputError
        Constraints that no schedule meets, an interval or clinical limits with `daily`, unknown names, days that do
        not fit.
    Cancelled
        From `report`.
    """
    if method not in METHODS or risk not in RISKS:
        raise InputError(f"There is no method {method!r} with risk {risk!r}; choose {METHODS} and {RISKS}.")
    if not (np.isfinite(largest) and largest > 0 and iterations >= 1 and search_draws >= 1 and draws >= 1):
        raise InputError("The largest dose, the iterations and the draws must be above 0; correct them.")
    goal = objectives.get(objective, level_cm3=level_cm3)
    start, horizon = judged_span(calibration, start_day, horizon_day)
    space = room(calibration.model, constraints, drugs, start, horizon, bounds, largest=largest)
    taken = calibration.schedule if given is None else given
    past = taken.before(start)
    shown = [plan for plan in candidates if _fits(plan, space, start, horizon)]
    drawn = ensemble(calibration, past, (start, horizon), search_draws, seed, part(report, 0.0, 0.02))
    loss = RobustLoss(drawn, goal, risk, penalties)
    search, counts = part(report, 0.02, 0.75), _counts(space, doses) if method == "days" else None
    if method == "days":
        found, trace = evolve(loss, space, counts, shown, iterations, seed, search)
    else:
        found, trace = descend(loss, space, shown, iterations, search)
    found, polished = polish(loss, space, found, counts, part(report, 0.75, 0.85))
    trace = np.append(trace, np.minimum(polished, trace.min(initial=np.inf)))
    tell(report, 0.85, "Comparing the schedule found with the candidates")
    judged = {"draws": draws, "start_day": start, "horizon_day": horizon, "given": past, "seed": seed}
    judged["penalties"] = penalties
    judged["standard"] = shown[0].name if standard is None and shown else standard
    # Over other draws than those of the search the bounds may be better still.
    ways = [found, at_bounds(space, found), *([Schedule()] if penalties is not None and penalties.weighs else [])]
    ways = [way for way in ways if space.violation(way) is None]
    best, value, ranking, plans = _compare(
        calibration, ways, shown, goal, constraints, risk, judged, part(report, 0.85, 1.0)
    )
    warnings = [*doses_of_the_start(taken, start), *ranking.warnings]
    if best:
        warnings.append(f"The search found nothing better than the candidate {plans[best].name!r}, which is returned.")
    if left := len(candidates) - len(shown):
        warnings.append(f"{left} candidates break a constraint or leave the days judged, and were not shown.")
    return Optimum(plans[best], value, ranking, method, risk, loss.evaluations, trace, tuple(warnings))


def _compare(
    calibration: Calibration, ways, shown, goal: Objective, constraints, risk: str, judged: dict, report: Report | None
) -> tuple[int, float, Ranking, list[Schedule]]:
    """Which of the plans is best over new draws, its loss, their ranking, and the plans: the better way, then shown."""
    span = (judged["start_day"], judged["horizon_day"])
    final = ensemble(calibration, judged["given"], span, judged["draws"], judged["seed"], part(report, 0.0, 0.2))
    values = RobustLoss(final, goal, risk, judged["penalties"])([*ways, *shown], part(report, 0.2, 0.6))
    way = int(np.argmin(values[: len(ways)]))
    plans, values = [replace(ways[way], name=FOUND), *shown], [values[way], *values[len(ways) :]]
    best = int(np.argmin(values))
    ranking = rank_schedules(calibration, plans, goal, constraints, report=part(report, 0.6, 1.0), **judged)
    return best, float(values[best]), ranking, plans


def _fits(plan: Schedule, space: Room, start: float, horizon: float) -> bool:
    inside = all(start <= dose.day <= horizon for dose in plan.for_model(space.model).doses)
    return inside and space.violation(plan) is None


def _counts(space: Room, doses: Mapping[str, int] | int) -> dict[str, int]:
    if isinstance(doses, Mapping):
        given = {space.model.dose_name(drug): int(count) for drug, count in doses.items()}
        counts = {drug: given.get(drug, 0) for drug in space.drugs}
    else:
        counts = dict.fromkeys(space.drugs, int(doses))
    if min(counts.values()) < 0 or sum(counts.values()) < 1:
        raise InputError(f"The numbers of doses {counts} leave nothing to schedule; give at least one.")
    return counts

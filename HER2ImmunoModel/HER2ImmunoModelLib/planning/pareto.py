"""The trade between tumour control and drug: schedules that nothing beats in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part

from ..calibration.result import Calibration
from ..treatments.constraints import Constraint, ToxicityBudget
from ..treatments.schedule import Schedule
from . import objectives
from .allowed_doses import room
from .courses import ensemble, judged_span
from .days_and_doses import evolve
from .objectives import Objective
from .robust_loss import RobustLoss

BURDENS = ("total_dose", "toxicity")


@dataclass(frozen=True, eq=False)
class ParetoFront:
    """Schedules that no other one found beats in both, from the least burden on.

    Attributes
    ----------
    schedules : tuple of Schedule
    loss : array (schedules,)
        Mean objective over the draws, lower being better.
    burden : array (schedules,)
        Weighted total dose (full doses) or toxicity (full doses x days).
    objective : Objective
    against : str
    evaluations : int
    """

    schedules: tuple[Schedule, ...]
    loss: np.ndarray
    burden: np.ndarray
    objective: Objective
    against: str
    evaluations: int


def pareto_front(
    calibration: Calibration,
    objective: Objective | str = "volume_at_horizon",
    against: str = "total_dose",
    constraints: Sequence[Constraint] = (),
    *,
    bounds: Sequence[Constraint] = (),
    weights: Mapping[str, float] | None = None,
    drugs: Sequence[str] = ("trastuzumab", "cytotoxic"),
    doses: int = 2,
    largest: float = 1.0,
    pairs: int = 5,
    draws: int = 48,
    start_day: float | None = None,
    horizon_day: float | None = None,
    level_cm3: float | None = None,
    generations: int = 15,
    seed: int = 0,
    report: Report | None = None,
) -> ParetoFront:
    """Search weighted pairs of objective and burden, and keep every schedule met that none beats in both.

    Parameters
    ----------
    calibration : Calibration
    objective, constraints, bounds, drugs, doses, largest, start_day, horizon_day, level_cm3, seed
        As `optimize_schedule`.
    against : str
        "total_dose" or "toxicity" (amount over time up to the horizon).
    weights : mapping of drug to float, optional
        Weight of each drug in the burden; 1 if None.
    pairs : int
        Weighted pairs searched, from all objective to mostly burden.
    draws, generations : int
        Draws and generations of each search.
    report : Report, optional

    Raises
    ------
    InputError
        As `optimize_schedule`, or an unknown burden.
    Cancelled
        From `report`.
    """
    if against not in BURDENS or pairs < 1:
        raise InputError(f"There is no front of {pairs} pairs against {against!r}; choose {' or '.join(BURDENS)}.")
    goal, model = objectives.get(objective, level_cm3=level_cm3), calibration.model
    start, horizon = judged_span(calibration, start_day, horizon_day)
    space = room(model, constraints, drugs, start, horizon, bounds, largest=largest)
    weight = dict.fromkeys(space.drugs, 1.0) | {model.dose_name(d): w for d, w in (weights or {}).items()}
    budget = ToxicityBudget(tuple(weight.items()), np.inf, horizon)

    def burden(plan: Schedule) -> float:
        if against == "toxicity":
            return budget.spent(plan, model)
        return sum(weight.get(model.dose_name(dose.drug), 0.0) * dose.dose for dose in plan.doses)

    past = calibration.schedule.before(start)
    loss = RobustLoss(ensemble(calibration, past, (start, horizon), draws, seed, None), goal)
    known: dict[Schedule, tuple[float, float]] = {}

    def both(plans: Sequence[Schedule]) -> tuple[np.ndarray, np.ndarray]:
        new = [plan for plan in dict.fromkeys(plans) if plan not in known]
        if new:
            known.update(zip(new, zip(loss(new).tolist(), map(burden, new), strict=True), strict=True))
        found = np.array([known[plan] for plan in plans])
        return found[:, 0], found[:, 1]

    full = space.fit({drug: [(start, np.inf)] * doses for drug in space.drugs})
    lost, spent = both([Schedule(), full])
    scale = abs(lost[0] - lost[1]) / max(spent[1], 1e-9) or 1.0
    counts = dict.fromkeys(space.drugs, doses)
    for i, share in enumerate(np.linspace(0.0, 2.0, pairs).tolist()):

        def weighed(plans: Sequence[Schedule], share: float = share) -> np.ndarray:
            first, second = both(plans)
            return first + share * scale * second

        evolve(weighed, space, counts, [full], generations, seed + i, part(report, i / pairs, (i + 1) / pairs))
    allowed = [(plan, *pair) for plan, pair in known.items() if space.violation(plan) is None and np.isfinite(pair[0])]
    return _front(allowed, goal, against, loss.evaluations)


def _front(met: list[tuple[Schedule, float, float]], goal: Objective, against: str, evaluations: int) -> ParetoFront:
    kept: list[tuple[Schedule, float, float]] = []
    for entry in sorted(met, key=lambda entry: (entry[2], entry[1])):
        if not kept or entry[1] < kept[-1][1]:
            kept.append(entry)
    plans = tuple(replace(plan, name=f"Burden {burden:.3g}") for plan, _, burden in kept)
    loss, burden = np.array([row[1] for row in kept]), np.array([row[2] for row in kept])
    return ParetoFront(plans, loss, burden, goal, against, evaluations)

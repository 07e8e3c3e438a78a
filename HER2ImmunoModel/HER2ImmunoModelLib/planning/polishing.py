"""The end of a schedule search: one dose at a time to every day and to its bounds, until nothing gets better."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from HER2ImmunoCommonLib.progress import Report, tell

from ..treatments.schedule import Schedule
from .allowed_doses import Room

ROUNDS = 8
MOST_DOSES_MOVED = 8
"""Doses of a schedule up to which each is tried on every day; more doses are changed in size only."""
SHARES = (0.5, 0.8, 0.95, 1.05, 1.25)
"""Sizes tried besides none and the largest, as shares of the present one."""
LEAST_GAIN = 1e-6
"""Relative gain below which a change is none."""

Loss = Callable[[Sequence[Schedule]], np.ndarray]


def at_bounds(space: Room, plan: Schedule) -> Schedule:
    """The doses of a schedule as large as allowed, on their days."""
    return _fit(space, [(drug, day, np.inf) for drug, day, _ in _doses(space, plan)])


def polish(
    loss: Loss, space: Room, found: Schedule, counts: Mapping[str, int] | None, report: Report | None = None
) -> tuple[Schedule, np.ndarray]:
    """Improve an allowed schedule, and the loss after each round, the first of them before any.

    A search with few generations stops near the largest doses, not at them; where more is better the bound is best.
    Every round tries all changes of one dose, all doses and all doses of one drug at their bounds, in one batch.

    Parameters
    ----------
    loss : callable
    space : Room
    found : Schedule
    counts : mapping of str to int, or None
        How many doses of each drug at most; None for one on every allowed day.
    report : Report, optional

    Raises
    ------
    Cancelled
        From `report`.
    """
    every = [(drug, day, np.inf) for drug in space.drugs for day in space.days[drug].tolist()]
    full = [] if counts else [_fit(space, every)]
    best, value = _best(loss, space, [found, at_bounds(space, found), *full])
    trace = [value]
    for number in range(ROUNDS):
        tell(report, number / ROUNDS, f"Improving the schedule found, round {number + 1} of {ROUNDS}")
        tries = [plan for plan in dict.fromkeys(_neighbours(space, best, counts)) if plan != best]
        plan, least = _best(loss, space, tries) if tries else (best, value)
        if not value - least > LEAST_GAIN * abs(value):
            break
        best, value = plan, least
        trace.append(value)
    return best, np.array(trace)


def _best(loss: Loss, space: Room, plans: Sequence[Schedule]) -> tuple[Schedule, float]:
    values = np.where([space.violation(plan) is None for plan in plans], loss(plans), np.inf)
    first = int(np.argmin(values))
    return plans[first], float(values[first])


def _neighbours(space: Room, plan: Schedule, counts: Mapping[str, int] | None) -> list[Schedule]:
    doses = _doses(space, plan)
    changed = [[(drug, day, np.inf) for drug, day, _ in doses]]
    for name in space.drugs:
        changed.append([(drug, day, np.inf if drug == name else size) for drug, day, size in doses])
        changed.append([entry for entry in doses if entry[0] != name])
        if counts and sum(drug == name for drug, _, _ in doses) < counts[name]:
            changed += [[*doses, (name, day, np.inf)] for day in space.days[name].tolist()]
    for i, (drug, day, size) in enumerate(doses):
        others = [*doses[:i], *doses[i + 1 :]]
        sizes = [np.inf, *(share * size for share in SHARES)]
        changed += [others, *([*others, (drug, day, each)] for each in sizes)]
        if len(doses) <= MOST_DOSES_MOVED:
            days = space.days[drug].tolist()
            changed += [[*others, (drug, other, each)] for other in days for each in (size, np.inf)]
    return [_fit(space, entries) for entries in changed]


def _doses(space: Room, plan: Schedule) -> list[tuple[str, float, float]]:
    return [(dose.drug, dose.day, dose.dose) for dose in plan.for_model(space.model).doses]


def _fit(space: Room, entries: Sequence[tuple[str, float, float]]) -> Schedule:
    wanted: dict[str, list[tuple[float, float]]] = {}
    for drug, day, size in entries:
        wanted.setdefault(drug, []).append((day, min(size, space.largest[drug])))
    return space.fit(wanted)

"""Search over the days and sizes of a few doses by differential evolution."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from HER2ImmunoCommonLib.progress import Report, tell

from ..treatments.schedule import Schedule
from .allowed_doses import Room

MEMBERS = 8
"""Members of a generation for each number searched."""
IMPOSSIBLE = 1e30
"""Loss of a schedule that breaks a constraint or cannot be simulated."""

Loss = Callable[[Sequence[Schedule]], np.ndarray]


def evolve(
    loss: Loss,
    space: Room,
    counts: dict[str, int],
    candidates: Sequence[Schedule],
    generations: int,
    seed: int,
    report: Report | None = None,
) -> tuple[Schedule, np.ndarray]:
    """Best allowed schedule of up to `counts` doses a drug, and the best loss after each generation.

    Storn and Price, J Glob Optim 1997;11:341-359, every generation simulated in one batch. Days and doses are numbers
    from 0 to 1; each point becomes the allowed schedule nearest to it, so that the search never leaves what is allowed.

    Raises
    ------
    Cancelled
        From `report`.
    """
    from scipy.optimize import differential_evolution  # slow to load

    size = 2 * sum(counts.values())
    start = np.array([_point(space, counts, plan) for plan in candidates]).reshape(len(candidates), size)
    best: list[tuple[float, Schedule]] = []
    trace: list[float] = []

    def value(points: np.ndarray) -> np.ndarray:
        plans = [_plan(space, counts, point) for point in points.T]
        different = list(dict.fromkeys(plans))
        values = np.where([space.violation(plan) is None for plan in different], loss(different), np.inf)
        first = int(np.argmin(values))
        if np.isfinite(values[first]) and (not best or values[first] < best[0][0]):
            best[:] = [(float(values[first]), different[first])]
        by_plan = dict(zip(different, values.tolist(), strict=True))
        return np.array([min(by_plan[plan], IMPOSSIBLE) for plan in plans])

    def heard(intermediate_result) -> None:
        trace.append(best[0][0] if best else np.inf)
        tell(report, len(trace) / generations, f"Searching schedules, generation {len(trace)} of {generations}")

    tell(report, 0.0, f"Searching schedules, generation 0 of {generations}")
    rng = np.random.default_rng(seed)
    population = rng.random((max(MEMBERS * size, 16), size))
    population[: len(start)] = start[: len(population)]
    differential_evolution(
        value,
        [(0.0, 1.0)] * size,
        vectorized=True,
        updating="deferred",
        polish=False,
        maxiter=generations,
        init=population,
        rng=rng,
        callback=heard,
    )
    return (best[0][1] if best else space.fit({})), np.array(trace)


def _plan(space: Room, counts: dict[str, int], point: np.ndarray) -> Schedule:
    wanted, at = {}, 0
    for drug, count in counts.items():
        days, shares = point[at : at + count], point[at + count : at + 2 * count]
        allowed = space.days[drug]
        picked = allowed[np.minimum((days * allowed.size).astype(int), allowed.size - 1)]
        wanted[drug] = list(zip(picked.tolist(), (shares * space.largest[drug]).tolist(), strict=True))
        at += 2 * count
    return space.fit(wanted)


def _point(space: Room, counts: dict[str, int], plan: Schedule) -> np.ndarray:
    """The point that stands for a schedule, as near as the numbers of doses allow."""
    point = []
    for drug, count in counts.items():
        doses = [dose for dose in plan.for_model(space.model).doses if dose.drug == drug][:count]
        allowed = space.days[drug]
        places = [(np.searchsorted(allowed, dose.day) + 0.5) / allowed.size for dose in doses]
        shares = [dose.dose / space.largest[drug] for dose in doses]
        spare = [0.0] * (count - len(doses))
        point += [*places, *spare, *shares, *spare]
    return np.clip(point, 0.0, 1.0)

"""Search over a dose on every allowed day by projected gradient: the optimal-control form of the problem."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, tell

from ..limits.clinical_limits import ClinicalLimits
from ..treatments.constraints import OneCytotoxicADay, ShortestInterval, ToxicityBudget
from ..treatments.schedule import Dose, Schedule
from .allowed_doses import Room

DIFFERENCE = 0.02
"""Dose (full doses) of the finite differences."""
STEPS = tuple(2.0**-i for i in range(9))
"""Longest change of a dose tried in one iteration, as shares of the largest dose."""
LEAST_GAIN = 1e-4
"""Relative gain below which the search ends."""
ROUNDS = 200

Loss = Callable[[Sequence[Schedule]], np.ndarray]


def descend(
    loss: Loss, space: Room, candidates: Sequence[Schedule], iterations: int, report: Report | None = None
) -> tuple[Schedule, np.ndarray]:
    """Best allowed schedule of daily doses, and the best loss after each iteration.

    All differences of a gradient, and then all step lengths, are simulated in one batch. The projection on the box of
    doses and the half spaces of totals and budgets is that of Dykstra (J Am Stat Assoc 1983;78:837-842).

    Raises
    ------
    InputError
        A shortest interval, one cytotoxic a day or clinical limits, which doses on every day cannot keep.
    Cancelled
        From `report`.
    """
    for rule in space.constraints:
        if isinstance(rule, ClinicalLimits):
            raise InputError(
                "Doses on every day cannot keep the intervals of the clinical limits; choose the method days, or leave "
                "the limits out."
            )
        if isinstance(rule, ShortestInterval | OneCytotoxicADay):
            raise InputError(
                f"{type(rule).__name__} cannot be kept by doses on every day; choose the method days or drop that rule."
            )
    problem = _Daily(space)
    starts = [np.zeros(problem.size), problem.project(0.5 * problem.upper), *(problem.doses(p) for p in candidates)]
    plans = [problem.plan(start) for start in starts]
    values = _allowed(loss, space, plans)
    best, value = starts[int(np.argmin(values))], float(values.min())
    trace = [value]
    for iteration in range(iterations):
        tell(report, iteration / iterations, f"Improving daily doses, step {iteration} of {iterations}")
        slope = problem.slope(loss, best)
        length = np.abs(slope).max()
        if length == 0:
            break
        tries = [problem.project(best - step * problem.upper.max() * slope / length) for step in STEPS]
        values = _allowed(loss, space, [problem.plan(one) for one in tries])
        first = int(np.argmin(values))
        gain = value - values[first]
        if gain > 0:
            best, value = tries[first], float(values[first])
            trace.append(value)
        if gain <= LEAST_GAIN * abs(value):
            break
    return problem.plan(best), np.array(trace)


def _allowed(loss: Loss, space: Room, plans: Sequence[Schedule]) -> np.ndarray:
    return np.where([space.violation(plan) is None for plan in plans], loss(plans), np.inf)


class _Daily:
    """Daily doses as a vector: its drugs and days, its limits and its projection."""

    def __init__(self, space: Room):
        self._space = space
        self._entries = [(drug, day) for drug in space.drugs for day in space.days[drug].tolist()]
        self.size = len(self._entries)
        self.upper = np.array([space.largest[drug] for drug, _ in self._entries])
        names = np.array([drug for drug, _ in self._entries])
        self._limits = [
            ((names == drug).astype(float), most) for drug, most in space.total.items() if np.isfinite(most)
        ]
        for rule in space.constraints:
            if isinstance(rule, ToxicityBudget):
                one = [rule.spent(Schedule((Dose(*entry),)), space.model) for entry in self._entries]
                self._limits.append((np.array(one), rule.most))

    def plan(self, doses: np.ndarray) -> Schedule:
        wanted: dict[str, list[tuple[float, float]]] = {}
        for (drug, day), size in zip(self._entries, doses.tolist(), strict=True):
            wanted.setdefault(drug, []).append((day, size))
        return self._space.fit(wanted)

    def doses(self, plan: Schedule) -> np.ndarray:
        sizes = {(dose.drug, dose.day): dose.dose for dose in plan.for_model(self._space.model).doses}
        return self.project(np.array([sizes.get(entry, 0.0) for entry in self._entries]))

    def slope(self, loss: Loss, doses: np.ndarray) -> np.ndarray:
        """Gradient by forward differences; inward at the largest dose."""
        signs = np.where(doses + DIFFERENCE > self.upper, -1.0, 1.0)
        moved = doses + np.diag(DIFFERENCE * signs)
        values = loss([self._bare(doses), *(self._bare(row) for row in moved)])
        slope = signs * (values[1:] - values[0]) / DIFFERENCE
        return np.where(np.isfinite(slope), slope, 0.0)

    def _bare(self, doses: np.ndarray) -> Schedule:
        """Without the limits, which would hide a difference."""
        sizes = zip(self._entries, doses.tolist(), strict=True)
        return Schedule(tuple(Dose(drug, day, size) for (drug, day), size in sizes if size > 0))

    def project(self, doses: np.ndarray) -> np.ndarray:
        """Nearest doses in the box that keep totals and budgets."""
        point = np.clip(doses, 0.0, self.upper)
        if all(weights @ point <= most for weights, most in self._limits):
            return point
        sets = [lambda x: np.clip(x, 0.0, self.upper), *(_half_space(*limit) for limit in self._limits)]
        point, rests = doses.copy(), [np.zeros(self.size)] * len(sets)
        for _ in range(ROUNDS):
            before = point
            for i, nearest in enumerate(sets):
                moved = nearest(point + rests[i])
                rests[i], point = point + rests[i] - moved, moved
            if np.abs(point - before).max() < 1e-9:
                break
        return np.clip(point, 0.0, self.upper)


def _half_space(weights: np.ndarray, most: float):
    norm = weights @ weights

    def nearest(point: np.ndarray) -> np.ndarray:
        return point - max(weights @ point - most, 0.0) / norm * weights if norm else point

    return nearest

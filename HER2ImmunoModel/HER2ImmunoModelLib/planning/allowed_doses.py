"""Schedules made to keep their constraints: days picked among the allowed ones, doses scaled down to the limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from ..limits.clinical_limits import ClinicalLimits
from ..models.model import Model
from ..treatments.constraints import (
    AllowedDays,
    Constraint,
    LargestDose,
    LoadingDose,
    OneCytotoxicADay,
    ShortestInterval,
    TotalDose,
    ToxicityBudget,
    first_violation,
)
from ..treatments.schedule import Dose, Schedule

SMALLEST_DOSE = 1e-3
"""Doses below it (full doses) are not given."""
WITHIN = 1 - 1e-12
"""Factor that keeps a scaled sum below its limit in spite of round-off."""


@dataclass(frozen=True)
class Room:
    """What a model and its constraints leave open.

    Attributes
    ----------
    model : Model
    constraints : tuple of Constraint
    drugs : tuple of str
        Drugs to give, in the model's names.
    days : dict of str to array
        Days on which each drug may be given.
    largest, total, interval : dict of str to float
        Limits of each drug; infinite (0 for the interval) where there is none.
    loading : dict of str to LoadingDose
        Of drugs whose later doses are smaller than the first.
    """

    model: Model
    constraints: tuple[Constraint, ...]
    drugs: tuple[str, ...]
    days: dict[str, np.ndarray]
    largest: dict[str, float]
    total: dict[str, float]
    interval: dict[str, float]
    loading: dict[str, LoadingDose]

    def fit(self, wanted: dict[str, list[tuple[float, float]]], name: str = "") -> Schedule:
        """The allowed schedule nearest to wanted (day, dose) pairs of each drug.

        Days move to the next allowed one, doses are cut to the largest and scaled to totals and budgets; what finds no
        day, or would break a clinical limit beside the others, is left out.
        """
        doses: list[Dose] = []
        for drug in self.drugs:
            pairs = self._on_days(drug, sorted(wanted.get(drug, [])), doses)
            sizes = np.array(self._sizes(drug, pairs))
            if sizes.sum() > self.total[drug]:
                sizes *= self.total[drug] / sizes.sum() * WITHIN
            pairs = zip(pairs, sizes.tolist(), strict=True)
            doses += [Dose(drug, day, size) for (day, _), size in pairs if size >= SMALLEST_DOSE]
        return self._within_limits(self._within_budgets(Schedule(tuple(doses), name)))

    def violation(self, schedule: Schedule) -> str | None:
        """The first constraint broken, in words."""
        return first_violation(schedule, self.constraints, self.model)

    def _on_days(self, drug: str, pairs: Sequence[tuple[float, float]], given: Sequence[Dose]):
        free = self.days[drug]
        if any(isinstance(rule, OneCytotoxicADay) for rule in self.constraints) and self._is_cytotoxic(drug):
            taken = {dose.day for dose in given if self._is_cytotoxic(dose.drug)}
            free = free[[day not in taken for day in free.tolist()]]
        placed, earliest = [], -np.inf
        for day, size in pairs:
            later = free[free >= max(day, earliest)]
            if later.size == 0:
                break
            placed.append((float(later[0]), size))
            earliest = later[0] + max(self.interval[drug], 0.5)
        return placed

    def _sizes(self, drug: str, pairs: Sequence[tuple[float, float]]) -> list[float]:
        sizes, rule, last = [min(size, self.largest[drug]) for _, size in pairs], self.loading.get(drug), None
        for place, (day, _) in enumerate(pairs if rule is not None else ()):
            if not rule.is_due(day, last):
                sizes[place] = min(sizes[place], rule.later)
            last = day
        return sizes

    def _is_cytotoxic(self, drug: str) -> bool:
        return self.model.drug(drug).kind == "cytotoxic"

    def _within_budgets(self, schedule: Schedule) -> Schedule:
        for rule in self.constraints:
            if isinstance(rule, ToxicityBudget):
                spent = rule.spent(schedule, self.model)
                if spent > rule.most:
                    weighted = {self.model.dose_name(drug) for drug, weight in rule.weights if weight > 0}
                    share = rule.most / spent * WITHIN
                    scaled = (
                        Dose(dose.drug, dose.day, dose.dose * (share if dose.drug in weighted else 1.0))
                        for dose in schedule.doses
                    )
                    schedule = Schedule(tuple(dose for dose in scaled if dose.dose >= SMALLEST_DOSE), schedule.name)
        return schedule

    def _within_limits(self, schedule: Schedule) -> Schedule:
        for limits in (rule for rule in self.constraints if isinstance(rule, ClinicalLimits)):
            while broken := next(limits.broken(schedule, self.model), None):
                kept = limits.without(schedule, broken, self.model)
                if kept == schedule:
                    break
                schedule = kept
        return schedule


def room(
    model: Model,
    constraints: Sequence[Constraint],
    drugs: Sequence[str],
    start_day: float,
    horizon_day: float,
    bounds: Sequence[Constraint] = (),
    *,
    largest: float = np.inf,
) -> Room:
    """What constraints leave open between two days, dosing on whole days from the start.

    Parameters
    ----------
    model : Model
    constraints : sequence of Constraint
    drugs : sequence of str
    start_day, horizon_day : float
    bounds : sequence of Constraint
        Intervals and largest doses by which doses are placed, and no others judged; those of
        `clinical_limits.search_bounds`.
    largest : float
        Largest single dose of every drug; constraints and bounds may be stricter.

    Raises
    ------
    InputError
        An unknown drug, no drug, no allowed day, or constraints that no schedule meets.
    """
    names = tuple(dict.fromkeys(model.dose_name(drug) for drug in drugs))
    if not names:
        raise InputError(f"There is no drug to schedule; name one of {', '.join(d.name for d in model.drugs)}.")
    if broken := first_violation(Schedule(), constraints, model):
        raise InputError(f"No schedule meets the constraints, not even one without doses: {broken}; relax them.")
    every = np.arange(start_day, horizon_day, 1.0).tolist()
    days: dict[str, np.ndarray] = {}
    for name in names:
        forbidden = [_forbidden(name, day, model, constraints) for day in every]
        days[name] = np.array([day for day, why in zip(every, forbidden, strict=True) if why is None])
        if days[name].size == 0:
            raise InputError(
                f"No day from {start_day:g} to {horizon_day:g} is allowed for {name}, as {forbidden[0]}; allow more "
                "days, or later ones."
            )

    def least(kind: type, drug: str, field: str, none: float, choose=min) -> float:
        rules = [rule for rule in (*constraints, *bounds) if isinstance(rule, kind)]
        return choose([getattr(rule, field) for rule in rules if model.dose_name(rule.drug) == drug], default=none)

    return Room(
        model,
        tuple(constraints),
        names,
        days,
        {name: min(least(LargestDose, name, "most", np.inf), largest) for name in names},
        {name: least(TotalDose, name, "most", np.inf) for name in names},
        {name: least(ShortestInterval, name, "days", 0.0, max) for name in names},
        {model.dose_name(rule.drug): rule for rule in (*constraints, *bounds) if isinstance(rule, LoadingDose)},
    )


def _forbidden(drug: str, day: float, model: Model, constraints: Sequence[Constraint]) -> str | None:
    """Why a drug cannot be given on a day, however little and whatever else is given; None if it can."""
    one = Schedule((Dose(drug, day, SMALLEST_DOSE),))
    rules = (rule for rule in constraints if isinstance(rule, AllowedDays | ClinicalLimits))
    return first_violation(one, rules, model)

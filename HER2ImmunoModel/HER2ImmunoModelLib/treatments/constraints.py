"""Rules a schedule must keep; each says in one sentence how a schedule breaks it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from ..drugs.drug import Plan
from ..models.model import Model
from .pharmacokinetics import amount_at, mean_loss
from .schedule import Schedule

ROUND_OFF = 1e-9


class Constraint(Protocol):
    """A rule for schedules."""

    def violation(self, schedule: Schedule, model: Model) -> str | None:
        """How the schedule breaks the rule, or None if it keeps it."""


def first_violation(schedule: Schedule, constraints: Iterable[Constraint], model: Model) -> str | None:
    """How a schedule breaks the first of the rules that it breaks, or None if it keeps them all."""
    return next((text for rule in constraints if (text := rule.violation(schedule, model))), None)


def _doses(schedule: Schedule, model: Model, drug: str):
    wanted = model.dose_name(drug)
    return [dose for dose in schedule.for_model(model).doses if dose.drug == wanted]


@dataclass(frozen=True)
class TotalDose:
    """The doses of a drug add up to no more than `most` (full doses)."""

    drug: str
    most: float

    def violation(self, schedule: Schedule, model: Model) -> str | None:
        total = sum(dose.dose for dose in _doses(schedule, model, self.drug))
        if total > self.most + ROUND_OFF:
            return f"the doses of {self.drug} add up to {total:g}, more than {self.most:g}"
        return None


@dataclass(frozen=True)
class LargestDose:
    """No day's dose of a drug is larger than `most` (full doses)."""

    drug: str
    most: float

    def violation(self, schedule: Schedule, model: Model) -> str | None:
        for dose in _doses(schedule, model, self.drug):
            if dose.dose > self.most + ROUND_OFF:
                return f"the dose of {self.drug} on day {dose.day:g} is {dose.dose:g}, more than {self.most:g}"
        return None


@dataclass(frozen=True)
class ShortestInterval:
    """Doses of a drug are at least `days` apart."""

    drug: str
    days: float

    def violation(self, schedule: Schedule, model: Model) -> str | None:
        for first, second in pairwise(_doses(schedule, model, self.drug)):
            if second.day - first.day < self.days - ROUND_OFF:
                return (
                    f"doses of {self.drug} on days {first.day:g} and {second.day:g} are under {self.days:g} days apart"
                )
        return None


@dataclass(frozen=True)
class LoadingDose:
    """Doses of a drug are no larger than `later` (full doses) where its plan has no loading dose due.

    Attributes
    ----------
    drug : str
    later : float
    plan : Plan
    last_day : float or None
        Of the last dose before the schedule.
    """

    drug: str
    later: float
    plan: Plan
    last_day: float | None = None

    def is_due(self, day: float, last_day: float | None) -> bool:
        """Whether a dose of a day may be a loading dose, where the last of the schedule was on another."""
        last = self.last_day if last_day is None else last_day
        return self.plan.is_loading_due(None if last is None else day - last)

    def violation(self, schedule: Schedule, model: Model) -> str | None:
        last = None
        for dose in _doses(schedule, model, self.drug):
            if dose.dose > self.later + ROUND_OFF and not self.is_due(dose.day, last):
                return (
                    f"the dose of {self.drug} on day {dose.day:g} is {dose.dose:g}, more than {self.later:g}, where no "
                    "loading dose is due"
                )
            last = dose.day
        return None


@dataclass(frozen=True)
class AllowedDays:
    """Doses fall on the allowed days of the week (0 Monday to 6 Sunday); `day_zero` is the weekday of day 0."""

    weekdays: frozenset[int] = frozenset(range(5))
    day_zero: int = 0

    def violation(self, schedule: Schedule, model: Model) -> str | None:
        for dose in sorted(schedule.doses, key=lambda dose: dose.day):
            if (int(np.floor(dose.day)) + self.day_zero) % 7 not in self.weekdays:
                return f"the dose of {dose.drug} on day {dose.day:g} falls on a weekday that is not allowed"
        return None


@dataclass(frozen=True)
class OneCytotoxicADay:
    """No two different cytotoxics on one day."""

    def violation(self, schedule: Schedule, model: Model) -> str | None:
        given: dict[int, str] = {}
        kinds = {name: model.drug(name).kind for name in {dose.drug for dose in schedule.doses}}
        for dose in schedule.doses:
            if kinds[dose.drug] != "cytotoxic" or dose.dose == 0:
                continue
            name = dose.drug.strip().lower()
            other = given.setdefault(int(np.floor(dose.day)), name)
            if other != name:
                return f"{other} and {name} are both given on day {dose.day:g}"
        return None


@dataclass(frozen=True)
class ToxicityBudget:
    """The weighted amount of drugs over time (full doses x days) stays within `most`.

    The area under an analytic amount is dose over loss rate, at the model's default loss rates; that of an agent is
    taken with the loss rate of the same area (`pharmacokinetics.mean_loss`).
    """

    weights: tuple[tuple[str, float], ...]
    most: float
    horizon_day: float

    def violation(self, schedule: Schedule, model: Model) -> str | None:
        spent = self.spent(schedule, model)
        if spent > self.most + ROUND_OFF:
            return f"the weighted amount over time is {spent:.3g}, more than {self.most:g}"
        return None

    def spent(self, schedule: Schedule, model: Model) -> float:
        """Weighted amount over time up to the horizon (full doses x days)."""
        return sum(weight * self._area(schedule, model, drug) for drug, weight in self.weights)

    def _area(self, schedule: Schedule, model: Model, drug: str) -> float:
        doses = [dose for dose in _doses(schedule, model, drug) if dose.day <= self.horizon_day]
        loss = mean_loss(model, drug)
        if loss is None:
            return sum(dose.dose * (self.horizon_day - dose.day) for dose in doses)
        left = amount_at(schedule, model, drug, loss, [self.horizon_day])[0]
        return float((sum(dose.dose for dose in doses) - left) / loss)

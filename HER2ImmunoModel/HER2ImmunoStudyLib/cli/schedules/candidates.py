"""Schedules that `rank` and `optimize` make themselves: the standard six, every order, gap and split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.limits import MOST, checked
from HER2ImmunoCommonLib.settings import named_numbers
from HER2ImmunoModelLib.models import Model
from HER2ImmunoModelLib.treatments import ROUND_OFF, Schedule, order_gap_split, standard_candidates

from ..values import words
from .options import ScheduleSettings


@dataclass(frozen=True)
class Doses:
    """Drugs to give, from when on, how often and how large.

    Attributes
    ----------
    drugs : tuple of str
        In the model's names.
    start : float
        First day.
    count : int
        Doses of each drug.
    spacing : float
        Days between them.
    largest : dict of str to float
        Largest single dose of every drug of the model.
    """

    drugs: tuple[str, ...]
    start: float
    count: int
    spacing: float
    largest: dict[str, float]

    @property
    def size(self) -> float:
        """A full dose, or the largest that every drug may have."""
        return min(1.0, *(self.largest[drug] for drug in self.drugs))


def standard_schedules(doses: Doses) -> list[Schedule]:
    """The standard six, if there are two drugs."""
    if len(doses.drugs) != 2:
        return []
    plan = {"start_day": doses.start, "interval_day": doses.spacing, "doses": doses.count, "dose": doses.size}
    return standard_candidates(doses.drugs, **plan)


def of_drugs(model: Model, option: str, texts: Sequence[str]) -> dict[str, float]:
    """Numbers of an option DRUG=NUMBER, by the model's names of the drugs."""
    return {model.dose_name(name): number for name, number in named_numbers(option, texts, "cytotoxic=2").items()}


def grid(settings: ScheduleSettings, model: Model, doses: Doses) -> list[Schedule]:
    """Every order, gap and split that was asked for.

    Raises
    ------
    InputError
        A grid without a schedule.
    """
    if settings.gaps is None:
        return []
    if settings.gaps < 0:
        raise InputError(f"--gaps {settings.gaps}: give the widest gap in days, 0 or more.")
    checked("--gaps", settings.gaps, MOST["gap_days"], least=0)
    limit = of_drugs(model, "--total", settings.total)
    plans = order_gap_split(
        doses.drugs,
        gaps=range(-settings.gaps, settings.gaps + 1),
        splits=[int(number) for number in _numbers("--splits", settings.splits, whole=True)],
        intervals=_numbers("--every", settings.every),
        total=tuple(min(doses.count * doses.size, limit.get(drug, float("inf"))) for drug in doses.drugs),
        start_day=doses.start,
    )
    kept = [plan for plan in plans if all(dose.dose <= doses.largest[dose.drug] + ROUND_OFF for dose in plan.doses)]
    if not kept:
        raise InputError(f"--splits {settings.splits} leaves doses above the largest allowed; split into more.")
    return kept


def _numbers(option: str, text: str, *, whole: bool = False) -> list[float]:
    try:
        found = [float(word) for word in words(text) or []]
    except ValueError:
        found = []
    if not found or not all(map(isfinite, found)) or (whole and any(number != int(number) for number in found)):
        raise InputError(f"{option} {text}: give {'whole ' if whole else ''}numbers with commas between them.")
    return found

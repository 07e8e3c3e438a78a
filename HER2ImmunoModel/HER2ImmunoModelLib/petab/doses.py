"""Doses of all subjects in one SBML file: a symbol for each drug and day of anyone, its size a subject's own."""

from __future__ import annotations

from collections.abc import Sequence

from ..calibration.posterior import Posterior
from ..simulation.sbml_doses import DoseSymbol
from .symbols import symbols_of


def planned(targets: Sequence[Posterior]) -> tuple[DoseSymbol, ...]:
    """A symbol for each drug and time since the first visit at which any subject is given a dose."""
    times = sorted({(drug, time) for target in targets for drug, time, _ in given(target)})
    words = symbols_of(dict.fromkeys(drug for drug, _ in times), prefix="dose_")
    count: dict[str, int] = {}
    found = []
    for drug, time in times:
        count[drug] = count.get(drug, 0) + 1
        found.append(DoseSymbol(f"{words[drug]}_{count[drug]}", drug, time))
    return tuple(found)


def sizes(target: Posterior, plan: Sequence[DoseSymbol]) -> list[float]:
    """Size of each planned dose for a subject; 0 where it is not given."""
    mine = {(drug, time): size for drug, time, size in given(target)}
    return [mine.get((dose.drug, dose.time), 0.0) for dose in plan]


def given(target: Posterior) -> list[tuple[str, float, float]]:
    """Drug, days since the first visit and size of every dose."""
    first = float(target.observations.day[0])
    return [(dose.drug, float(dose.day) - first, float(dose.dose)) for dose in target.schedule.doses]

"""The tables of a problem: parameters, observables, measurements and conditions, as rows of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..calibration.observations import number_of
from ..calibration.posterior import Posterior
from ..models.model import Model
from ..simulation.sbml_doses import DoseSymbol
from .doses import sizes
from .estimated import Estimated, symbol_of
from .noise_formulas import noise_formula
from .problem import PetabProblem
from .symbols import symbols_of

Rows = list[list[str]]
PARAMETERS = (
    "parameterId",
    "parameterName",
    "parameterScale",
    "lowerBound",
    "upperBound",
    "nominalValue",
    "estimate",
    "initializationPriorType",
    "initializationPriorParameters",
    "objectivePriorType",
    "objectivePriorParameters",
)
OBSERVABLES = (
    "observableId",
    "observableName",
    "observableFormula",
    "observableTransformation",
    "noiseFormula",
    "noiseDistribution",
)
MEASUREMENTS = (
    "observableId",
    "simulationConditionId",
    "measurement",
    "time",
    "noiseParameters",
    "visit",
    "day",
)
"""The last two are no part of PEtab, which allows more columns here: the visit's name, and its day in our tables."""
NORMAL = "parameterScaleNormal"


@dataclass(frozen=True)
class Table:
    """Header and rows of text."""

    header: tuple[str, ...]
    rows: Rows = field(default_factory=list)


def parameter_table(problem: PetabProblem, held: dict[str, float]) -> Table:
    """What is estimated, then the finite numbers that are held."""
    rows = [_estimated_row(row, problem.nominal_of(row)) for row in problem.estimated]
    apart = {covariate.parameter for covariate in problem.model.covariates} | set(problem.subjects[0].known)
    kept = [p for p in problem.model.parameters if np.isfinite(held.get(p.name, np.inf)) and p.name not in apart]
    rows += [[p.name, p.label, "lin", "", "", repr(held[p.name]), "0", "", "", "", ""] for p in kept]
    return Table(PARAMETERS, rows)


def _estimated_row(row: Estimated, nominal: float) -> list[str]:
    label = row.parameter.label if symbol_of(row.parameter) == row.parameter.name else row.symbol
    name = f"{label} ({row.subject})" if row.subject else label
    lower, upper = row.bounds(nominal)
    prior = [NORMAL, f"{row.mean!r};{float(row.parameter.prior)!r}"]
    return [row.symbol, name, row.scale, repr(lower), repr(upper), repr(float(nominal)), "1", *prior, *prior]


def condition_table(problem: PetabProblem, targets: Sequence[Posterior], plan: Sequence[DoseSymbol]) -> Table:
    """A condition for each subject: the size of each dose, what is known of it, and the symbols of what is its own."""
    words = symbols_of([subject.name for subject in problem.subjects])
    own = [symbol_of(problem.model.parameter(name)) for name in problem.free if name in problem.own]
    known = list(problem.subjects[0].known)
    rows = []
    for subject, target in zip(problem.subjects, targets, strict=True):
        word = words[subject.name]
        doses = [repr(size) for size in sizes(target, plan)]
        values = [repr(float(subject.known[name])) for name in known]
        rows.append([word, subject.name, *doses, *values, *(f"{symbol}_{word}" for symbol in own)])
    return Table(("conditionId", "conditionName", *(dose.symbol for dose in plan), *known, *own), rows)


@dataclass(frozen=True)
class Measured:
    """One measured number.

    Attributes
    ----------
    subject, state, column, visit : str
    day, time : float
        Day in the tables, and since the subject's first visit.
    value : float
    logarithmic : bool
        Whether it scatters by its logarithm.
    noise : str
        Formula of its standard deviation, `{}` in it the number of the measurement table.
    given : float or None
        That number; None if there is none.
    """

    subject: str
    state: str
    column: str
    visit: str
    day: float
    time: float
    value: float
    logarithmic: bool
    noise: str
    given: float | None


def measured(problem: PetabProblem, targets: Sequence[Posterior]) -> list[Measured]:
    """Every number, in the order of subjects and days."""
    found = []
    for subject, target in zip(problem.subjects, targets, strict=True):
        first = float(target.observations.day[0])
        for visit in sorted(subject.measurements, key=lambda visit: visit.day):
            for state, column in problem.model.observables.items():
                if column in visit.values:
                    _, stated, volume = number_of(visit, column, problem.model.quantities)
                    noise, given = noise_formula(problem.noise, state, volume, float(stated))
                    day, logarithmic = float(visit.day), volume and problem.noise.is_logarithmic
                    row = (subject.name, state, column, visit.visit, day, day - first, float(visit.values[column]))
                    found.append(Measured(*row, logarithmic, noise, given))
    return found


def observed_as(numbers: Sequence[Measured]) -> list[str]:
    """Symbol of the observable of each number.

    A condition has an observable for each standard deviation of a state, since not every tool takes more than one for
    the times of a condition.
    """
    found, seen = [], {}
    for each in numbers:
        given = seen.setdefault((each.subject, each.column), [])
        if each.given not in given:
            given.append(each.given)
        place = given.index(each.given)
        found.append(each.column if place == 0 else f"{each.column}_{place + 1}")
    return found


def observable_table(problem: PetabProblem, numbers: Sequence[Measured], observables: Sequence[str]) -> Table:
    """The observables that were measured."""
    first = {}
    for each, observable in zip(numbers, observables, strict=True):
        first.setdefault(observable, each)
    order = [each.name for each in problem.model.states]
    rows = []
    for observable, each in sorted(first.items(), key=lambda item: (order.index(item[1].state), item[0])):
        label, scale = _label(problem.model, each.state), "log" if each.logarithmic else "lin"
        noise = each.noise.format(f"noiseParameter1_{observable}")
        rows.append([observable, label, each.state, scale, noise, "normal"])
    return Table(OBSERVABLES, rows)


def measurement_table(problem: PetabProblem, numbers: Sequence[Measured], observables: Sequence[str]) -> Table:
    """Every number, with its standard deviation (that of the logarithm where its noise is log-normal)."""
    words = symbols_of([subject.name for subject in problem.subjects])
    rows = []
    for m, name in zip(numbers, observables, strict=True):
        given = "" if m.given is None else repr(m.given)
        rows.append([name, words[m.subject], repr(m.value), repr(m.time), given, m.visit, repr(m.day)])
    return Table(MEASUREMENTS, rows)


def _label(model: Model, state: str) -> str:
    return model.states[model.index(state)].title

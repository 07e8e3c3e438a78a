"""The files of PEtab 1 as a problem here: what can be said is said, anything else is refused by its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import expm1, isfinite, sqrt
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement

from ..calibration.noise_kinds import NOISE, SD, SHARE, Noise
from ..calibration.observations import FRACTION_SD, VOLUME_CV
from ..calibration.subjects import Subject
from ..models.model import Model
from ..simulation.sbml import needed_libsbml
from ..treatments.doses import Dose, Schedule
from .equations import read_equations
from .estimated import is_plain_log, symbol_of
from .files import Files, Row, number_in, read_files
from .foreign_model import foreign_model
from .noise_read import Stated, own_kind, stated, with_factor
from .objective import objective
from .own_model import own_model
from .parameters_read import Condition, Parameters, read_conditions, read_parameters
from .priors import Prior
from .problem import PetabProblem
from .structure import Structure
from .symbols import symbols_of

CLOSE = 1e-9
NOT_SIMULATED = (
    "The model cannot be simulated at the nominal numbers: it is stiff, for which the solver here is not made, or they "
    "are wrong."
)


def read_petab(path: str | Path) -> PetabProblem:
    """Read a problem of PEtab 1.

    A problem that `write_petab` wrote has the same model, subjects and priors again. Of others, an SBML model of rate
    rules or reactions, assignment rules, constant compartments and events that add to a state at a time is read; what
    is measured may be a formula; noise is normal or log-normal, stated or one parameter times what is stated. A
    parameter without a prior has a wide one about the middle of its bounds, which the warnings say and the objective
    leaves out.

    Parameters
    ----------
    path : path
        The YAML file.

    Raises
    ------
    InputError
        A file that cannot be read, or a part that cannot be said here, by name.
    """
    files = read_files(path)
    parameters = read_parameters(files)
    conditions = read_conditions(files, parameters)
    equations, document = read_equations(files.model)
    columns = [name for each in conditions for name in (*each.numbers, *each.names)]
    structure, changed = own_model(document, equations, files, [*parameters.priors, *columns])
    structure = structure or foreign_model(equations, files, parameters, conditions)
    problem = _Assembly(files, parameters, conditions, structure).problem((changed,) if changed else ())
    if structure.library or np.isfinite(objective(problem)):
        return problem
    return replace(problem, warnings=(*problem.warnings, NOT_SIMULATED))


class _Assembly:
    """Puts the tables and the model together."""

    def __init__(self, files: Files, parameters: Parameters, conditions: Sequence[Condition], structure: Structure):
        self._files, self._parameters, self._conditions = files, parameters, conditions
        self._structure, self._libsbml = structure, needed_libsbml()
        self._own = self._own_parameters()
        self._observables = {row["observableId"]: row for row in files.observables}

    def problem(self, warnings: tuple[str, ...]) -> PetabProblem:
        rows = [self._stated(row) for row in self._files.measurements]
        noise, factor_names = self._noise(rows)
        priors = {name: prior for name, prior in self._parameters.priors.items() if name not in factor_names}
        of_model, first = {}, {}
        for symbol, prior in priors.items():
            name, subject = self._place(symbol)
            of_model.setdefault(name, []).append((symbol, subject, prior))
            first.setdefault(name, prior)
        model = self._with_priors(first, of_model)
        subjects = tuple(self._subject(condition, rows, model) for condition in self._conditions)
        own = tuple(name for name in first if name in self._own.values() and len(subjects) > 1)
        order = [p.name for p in model.parameters if p.name in first]
        problem = PetabProblem(model, subjects, tuple(order), own, self._fixed(model, first), noise)
        return replace(
            problem, **self._numbers(problem, of_model, factor_names), warnings=(*warnings, *self._warnings())
        )

    def _own_parameters(self) -> dict[str, str]:
        """Parameter of the table that is a subject's own -> parameter of the model that it is."""
        columns = {name for each in self._conditions for name in each.names}
        found: dict[str, str] = {}
        for column in columns:
            target = self._structure.names.get(column)
            if target is None:
                raise InputError(f"The conditions give {column}, which is not in the SBML file; correct its name.")
            names = [each.names.get(column) for each in self._conditions]
            if None in names:
                raise InputError(
                    f"Only some conditions estimate {column}; give a parameter in each, or a number in each."
                )
            if len(set(names)) < len(names) and len(names) > 1:
                raise InputError(
                    f"The conditions share parameters for {column} among some of them only; here a parameter is "
                    "everyone's or each one's own."
                )
            for name in names:
                if name in found:
                    raise InputError(f"{name} stands for {found[name]} and for {target}; give each its own parameter.")
                found[name] = target
        return found

    def _place(self, symbol: str) -> tuple[str, str]:
        """Parameter of the model that a row is, and whose own."""
        if symbol in self._own:
            condition = next(each for each in self._conditions if symbol in each.names.values())
            return self._own[symbol], condition.name
        name = self._structure.names.get(symbol)
        known = {p.name for p in self._structure.model.parameters}
        if name is None or name not in known:
            raise InputError(f"The parameter {symbol} is estimated, but nothing depends on it; give it the estimate 0.")
        return name, ""

    def _with_priors(self, priors: Mapping[str, Prior], places: Mapping[str, list]) -> Model:
        for name, rows in places.items():
            said = {(p.parameter.default, p.parameter.prior, p.parameter.bounds) for _, _, p in rows}
            if len(said) > 1:
                raise InputError(f"The conditions' own parameters for {name} have different priors; give them one.")
        model = self._structure.model
        known = {p.name for p in model.parameters}
        changed = [self._with_prior(p, priors[p.name]) if p.name in priors else p for p in model.parameters]
        assert known >= set(priors)
        return replace(model, parameters=tuple(changed))

    def _with_prior(self, p, prior: Prior):
        if not self._structure.library:
            return replace(prior.parameter, name=p.name)
        row = prior.parameter
        if is_plain_log(p):
            if not is_plain_log(row):
                raise InputError(f"{p.name} is any positive number; give its row the scale log.")
            default = row.default
        else:
            if row.space != "linear":
                raise InputError(f"{symbol_of(p)} has no normal prior on the scale lin; give it one.")
            default = float(p.from_free(row.default))
        if np.isclose(p.to_free(default), p.to_free(p.default), rtol=1e-12, atol=1e-12):
            default = p.default
        return replace(p, default=default, prior=row.prior)

    def _fixed(self, model: Model, free: Mapping[str, Prior]) -> dict[str, float]:
        followed = {covariate.parameter for covariate in model.covariates}
        columns = {self._structure.names.get(name) for each in self._conditions for name in each.numbers}
        values = {
            self._structure.names[name]: x
            for name, x in self._structure.constants.items()
            if name in self._structure.names
        }
        values |= {
            self._structure.names[name]: x
            for name, x in self._parameters.fixed.items()
            if name in self._structure.names
        }
        found = {}
        for p in model.parameters:
            if p.name in free or p.name in followed or p.name in columns:
                continue
            found[p.name] = value = float(values.get(p.name, p.default))
            if np.isnan(value):
                raise InputError(f"The parameter {p.name} has no value; give it one in the SBML file or the table.")
        return found

    def _stated(self, row: Row) -> Stated:
        constants = self._structure.constants | self._parameters.fixed
        observable = self._observables[row["observableId"]]
        if {SHARE.name, SD} & set(self._parameters.priors) and self._is_own_kind(observable):
            return Stated(float("nan"))
        return stated(self._libsbml, row, observable, constants, self._parameters.priors)

    @staticmethod
    def _is_own_kind(observable: Row) -> bool:
        return SHARE.name in observable["noiseFormula"] or SD in observable["noiseFormula"]

    def _noise(self, rows: Sequence[Stated]) -> tuple[Noise, set[str]]:
        """The noise, and the names of its parameters in the table."""
        factors = {each.factor for each in rows if np.isfinite(each.sd)}
        volumes = [
            self._value(row) for row, each in zip(self._files.measurements, rows, strict=True) if np.isnan(each.sd)
        ]
        priors = self._parameters.priors
        if volumes:
            formulas = [
                self._own_formula(row)
                for row, each in zip(self._files.measurements, rows, strict=True)
                if np.isnan(each.sd)
            ]
            noise = own_kind(self._libsbml, formulas, priors, float(np.median(volumes)))
            if noise is None or factors - {"", NOISE.name}:
                raise InputError("The noise of the volumes is of no kind that is known here; write it as a number.")
            return noise, set(noise.names)
        if len(factors) > 1:
            several = ", ".join(sorted(factor or "a number" for factor in factors))
            raise InputError(f"The noise is of several kinds ({several}); only one factor on all of it is read.")
        (factor,) = factors
        logs = [self._value(row) for row in self._files.measurements if self._is_log(row)]
        return with_factor(priors.get(factor), float(np.median(logs)) if logs else 1.0), {factor} - {""}

    def _own_formula(self, row: Row) -> tuple[str, str, float | None]:
        name = row["observableId"]
        observable, words = self._observables[name], row.get("noiseParameters", "")
        text = observable["noiseFormula"].replace(f"noiseParameter1_{name}", "{}")
        return text, observable["observableFormula"], float(words) if words else None

    def _is_log(self, row: Row) -> bool:
        return (self._observables[row["observableId"]].get("observableTransformation") or "lin") != "lin"

    def _value(self, row: Row) -> float:
        return number_in(row, "measurement", f"Observable {row['observableId']}")

    def _subject(self, condition: Condition, stated_rows: Sequence[Stated], model: Model) -> Subject:
        rows = [
            (row, each)
            for row, each in zip(self._files.measurements, stated_rows, strict=True)
            if row["simulationConditionId"] == condition.symbol
        ]
        first = self._first_day([row for row, _ in rows])
        visits: dict[tuple[str, float, int], dict] = {}
        count: Counter = Counter()
        for row, each in rows:
            time = number_in(row, "time", f"Observable {row['observableId']}")
            if not isfinite(time):
                raise InputError("A measurement is of the steady state, which is not read here; give a time.")
            state = self._structure.observed[row["observableId"], self._given(row)]
            column, value = model.observables[state], self._value(row)
            replicate = count[time, column]
            count[time, column] += 1
            name = row.get("visit") or f"time {time:g}" + (f", {replicate + 1}" if replicate else "")
            visit = visits.setdefault((name, first + time, replicate), {"values": {}, "sd": {}})
            visit["values"][column] = value
            if (sd := self._sd(row, each, column, value)) is not None:
                visit["sd"][column] = sd
        measurements = tuple(Measurement(name, day, **found) for (name, day, _), found in visits.items())
        return Subject(
            condition.name, measurements, self._schedule(condition, first), known=self._known(condition, model)
        )

    def _given(self, row: Row) -> str:
        return "" if self._structure.library else row.get("observableParameters", "")

    def _first_day(self, rows: Sequence[Row]) -> float:
        """Day of time 0 in the tables of this project, where they are told."""
        if not self._structure.library or not all(row.get("day") for row in rows):
            return 0.0
        days = {number_in(row, "day", "A measurement") - number_in(row, "time", "A measurement") for row in rows}
        if max(days) - min(days) > CLOSE * max(1.0, *map(abs, days)):
            raise InputError("The columns time and day of the measurements do not go together; delete the column day.")
        at_start = [number_in(row, "day", "A measurement") for row in rows if float(row["time"]) == 0.0]
        return at_start[0] if at_start else min(days)

    def _sd(self, row: Row, each: Stated, column: str, value: float) -> float | None:
        """Standard deviation for our tables; None where it is the usual one."""
        if np.isnan(each.sd):
            return None
        is_quantity = column in self._structure.model.quantities
        if not self._is_log(row):
            return None if each.sd == FRACTION_SD and not is_quantity else each.sd
        if not value > 0:
            raise InputError(f"Observable {row['observableId']} is {value:g}, which has no logarithm; leave it out.")
        share = sqrt(expm1(each.sd**2))
        return None if np.isclose(share, VOLUME_CV, rtol=1e-12) and not is_quantity else value * share

    def _schedule(self, condition: Condition, first: float) -> Schedule:
        constants = {**self._structure.constants, **self._parameters.fixed, **condition.numbers}
        doses = []
        for given in self._structure.doses:
            unknown = sorted(
                (given.time.names | given.size.names) & (set(self._parameters.priors) | set(condition.names))
            )
            if unknown:
                raise InputError(
                    f"A dose ({given.where}) depends on {unknown[0]}, which is estimated; give it a number."
                )
            time, size = float(given.time(constants)), float(given.size(constants))
            if not (isfinite(size) and size >= 0):
                raise InputError(
                    f"A dose ({given.where}) of {condition.name} is {size:g}; only 0 and more are given here."
                )
            if time <= 0 and not self._structure.library:
                raise InputError(f"A dose ({given.where}) comes at the time {time:g}; put it into the initial value.")
            if size > 0:
                doses.append(Dose(given.drug, first + time, size))
        return Schedule(tuple(sorted(doses, key=lambda dose: (dose.day, dose.drug))))

    def _known(self, condition: Condition, model: Model) -> dict[str, float]:
        names, sizes = self._structure.names, {name for given in self._structure.doses for name in given.size.names}
        parameters = {p.name for p in model.parameters}
        return {
            names[name]: value
            for name, value in condition.numbers.items()
            if name not in sizes and names.get(name) in parameters
        }

    def _numbers(self, problem: PetabProblem, places: Mapping[str, list], factors: set[str]) -> dict:
        """Nominal numbers by our symbols, those without a prior, and what else the objective has."""
        words = symbols_of([subject.name for subject in problem.subjects])
        nominal, flat, constant = {}, set(), 0.0
        for name, rows in places.items():
            p = problem.model.parameter(name)
            for _, subject, prior in rows:
                is_own = subject and name in problem.own
                symbol = f"{symbol_of(p)}_{words[subject]}" if is_own else symbol_of(p)
                is_ours = self._structure.library or symbol == name or (is_own and symbol_of(p) == name)
                nominal[symbol] = prior.nominal if is_ours else float(p.to_free(prior.nominal))
                constant += prior.constant
                flat |= {symbol} if prior.is_flat else set()
        for p in problem.noise.parameters:
            source = p.name if p.name in factors else next(iter(factors))
            prior = self._parameters.priors[source]
            nominal[p.name], constant = prior.nominal, constant + prior.constant
            flat |= {p.name} if prior.is_flat else set()
        return {"nominal": nominal, "flat": frozenset(flat), "constant": constant}

    def _warnings(self):
        flat = [symbol for symbol, prior in self._parameters.priors.items() if prior.is_flat]
        if flat:
            yield (
                f"{len(flat)} parameters have no prior in the files ({', '.join(flat[:5])}"
                f"{', ...' if flat[5:] else ''}); each has a wide normal one here, about the middle of its bounds and "
                "half as wide as they are apart."
            )
        if not self._structure.library:
            yield "Bounds of parameters with a prior are not kept, and units are those of the files, called days here."

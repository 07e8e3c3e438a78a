"""The files of PEtab 1 as a problem here: what can be said is said, anything else is refused by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from ..models.model import Model
from .equations import read_equations
from .estimated import is_plain_log, symbol_of
from .files import Files, read_files
from .foreign_model import foreign_model
from .objective import objective
from .own_model import own_model
from .parameters_read import Condition, Parameters, read_conditions, read_parameters
from .priors import Prior
from .problem import PetabProblem
from .structure import Structure
from .subjects_read import MeasuredRows
from .symbols import symbols_of

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
        self._parameters, self._conditions = parameters, conditions
        self._structure, self._own = structure, self._own_parameters(structure)
        self._measured = MeasuredRows(files, parameters, structure)

    def problem(self, warnings: tuple[str, ...]) -> PetabProblem:
        noise, factor_names = self._measured.noise()
        priors = {name: prior for name, prior in self._parameters.priors.items() if name not in factor_names}
        of_model, first = {}, {}
        for symbol, prior in priors.items():
            name, subject = self._place(symbol)
            of_model.setdefault(name, []).append((symbol, subject, prior))
            first.setdefault(name, prior)
        model = self._with_priors(first, of_model)
        subjects = tuple(self._measured.subject(condition, model) for condition in self._conditions)
        own = tuple(name for name in first if name in self._own.values() and len(subjects) > 1)
        order = [p.name for p in model.parameters if p.name in first]
        problem = PetabProblem(model, subjects, tuple(order), own, self._fixed(model, first), noise)
        return replace(
            problem, **self._numbers(problem, of_model, factor_names), warnings=(*warnings, *self._warnings())
        )

    def _own_parameters(self, structure: Structure) -> dict[str, str]:
        """Parameter of the table that is a subject's own -> parameter of the model that it is."""
        columns = {name for each in self._conditions for name in each.names}
        found: dict[str, str] = {}
        for column in columns:
            target = structure.names.get(column)
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
        changed = [self._with_prior(p, priors[p.name]) if p.name in priors else p for p in model.parameters]
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
        names, numbers = self._structure.names, {**self._structure.constants, **self._parameters.fixed}
        values = {names[name]: x for name, x in numbers.items() if name in names}
        found = {}
        for p in model.parameters:
            if p.name in free or p.name in followed or p.name in columns:
                continue
            found[p.name] = value = float(values.get(p.name, p.default))
            if np.isnan(value):
                raise InputError(f"The parameter {p.name} has no value; give it one in the SBML file or the table.")
        return found

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

"""A model from elsewhere: the equations of an SBML file as a model, what is measured as states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf, isfinite
from typing import Any

from HER2ImmunoCommonLib.errors import InputError

from .. import models
from ..models.model import Drug, Model, State
from ..models.parameters import Parameter
from ..simulation.sbml import needed_libsbml
from .equations import Equations
from .files import Files, Row
from .formulas import TIME, Formula, Moving, named, parsed
from .parameters_read import Condition, Parameters
from .structure import Given, Structure

FROM_FILE = "file"
"""What stands for the species of a model whose numbers are those of a file."""
ANYWHERE = (-inf, inf)
TAKEN = ("_cm3", "_fraction")
"""Ends of columns that mean something in our tables."""


def foreign_model(
    equations: Equations, files: Files, parameters: Parameters, conditions: Sequence[Condition]
) -> Structure:
    """The model of an SBML file.

    Raises
    ------
    InputError
        A part that is not read here, by name.
    """
    equations, conditions_of_starts = _with_starts(equations, conditions)
    observed = _observed(equations, files)
    _refuse_unknown(equations, parameters, conditions, conditions_of_starts, observed)
    constants = equations.constants | parameters.fixed
    names = {name: name for name in (*constants, *parameters.priors)} | conditions_of_starts
    rates, starts, states = dict(equations.rates), dict(equations.starts), {}
    for (observable, given, is_log), formula in observed.items():
        states[observable, given] = _state_of(observable, given, is_log, formula, equations, rates, starts, states)
    if any(TIME in formula.names for formula in (*equations.rates.values(), *observed.values())):
        rates[TIME], starts[TIME] = (
            Formula(lambda values: 1.0, frozenset(), "1"),
            Formula(lambda values: 0.0, frozenset(), "0"),
        )
    doses = [Given(_drug(jump.state), jump.time, jump.size, jump.where) for jump in equations.jumps]
    model = _model(equations, files, constants, parameters, rates, starts, states, doses)
    return Structure(model, names, False, constants, tuple(doses), states)


def _drug(state: str) -> str:
    return f"dose of {state}"


def _with_starts(equations: Equations, conditions: Sequence[Condition]) -> tuple[Equations, dict[str, str]]:
    """States whose start a condition gives start from a constant; columns of conditions by that constant."""
    starts, constants, found = dict(equations.starts), dict(equations.constants), {}
    for column in dict.fromkeys(name for each in conditions for name in (*each.numbers, *each.names)):
        if column in equations.rates:
            given, former = f"start_{column}", starts[column]
            lacking = [each.name for each in conditions if column not in {**each.numbers, **each.names}]
            if lacking and former.names:
                raise InputError(f"Condition {lacking[0]} gives no initial value of {column}, and others do; give it.")
            constants[given] = float(former({})) if not former.names else float("nan")
            starts[column], found[column] = named(given), given
        elif column in equations.rules:
            raise InputError(f"The conditions give {column}, which follows a rule in the SBML file; leave it out.")
    return replace(equations, starts=starts, constants=constants), found


Observed = dict[tuple[str, str, bool], Formula]


def _observed(equations: Equations, files: Files) -> Observed:
    """Formula of each observable with the parameters that rows give it, and whether its logarithm scatters."""
    libsbml, found = needed_libsbml(), {}
    rows = {row["observableId"]: row for row in files.observables}
    for measured in files.measurements:
        name, given = measured["observableId"], measured.get("observableParameters", "")
        if name not in rows:
            raise InputError(f"The observable {name!r} of the measurements is not in the table of observables; add it.")
        scale = rows[name].get("observableTransformation") or "lin"
        if scale not in ("lin", "log", "log10"):
            raise InputError(f"Observable {name} has the transformation {scale!r}; choose lin, log or log10.")
        if (key := (name, given, scale != "lin")) not in found:
            found[key] = _formula_of(libsbml, rows[name], given, equations)
    return found


def _formula_of(libsbml: Any, row: Row, given: str, equations: Equations) -> Formula:
    name, known = row["observableId"], dict(equations.rules)
    for i, word in enumerate(filter(None, given.split(";")), start=1):
        known[f"observableParameter{i}_{name}"] = parsed(libsbml, word, f"Observable {name}", equations.rules)
    return parsed(libsbml, row["observableFormula"], f"Observable {name}", known)


def _refuse_unknown(
    equations: Equations,
    parameters: Parameters,
    conditions: Sequence[Condition],
    starts: Mapping[str, str],
    observed: Observed,
) -> None:
    known = {*equations.constants, *equations.rates, *parameters.priors, *parameters.fixed, TIME}
    given = {name for each in conditions for name in (*each.numbers, *each.names)}
    for name in given:
        if name not in known and name not in starts:
            raise InputError(f"The conditions give {name}, which is not in the SBML file; correct its name.")
    for (name, _, _), formula in observed.items():
        if unknown := sorted(formula.names - known - given):
            raise InputError(f"Observable {name} asks for {unknown[0]}, which nothing gives; correct its formula.")
    if clash := sorted({*parameters.priors, *parameters.fixed} & {*equations.rates, *equations.rules}):
        raise InputError(f"The parameter table gives {clash[0]}, which is no constant of the SBML file; leave it out.")


def _state_of(
    observable: str,
    given: str,
    is_log: bool,
    formula: Formula,
    equations: Equations,
    rates: dict[str, Formula],
    starts: dict[str, Formula],
    states: dict[tuple[str, str], str],
) -> str:
    """The state that an observable is; a formula becomes a state of its own, whose rate is that of the formula."""
    if formula.text in equations.rates and formula.text not in states.values():
        return formula.text
    if jumps := sorted({jump.state for jump in equations.jumps} & formula.names):
        raise InputError(
            f"Observable {observable} is a formula of {jumps[0]}, which doses add to; only such a state itself can be "
            "measured here."
        )
    name = next(each for each in (observable, *(f"{observable}_{i}" for i in range(2, 10_000))) if each not in rates)
    of = sorted(formula.names & set(equations.rates))

    def start(values):
        there = {each: equations.starts[each](values) for each in of}
        return formula({**values, **there, TIME: 0.0})

    def rate(values):
        moving = {each: Moving(values[each], equations.rates[each](values)) for each in of}
        found = formula({**values, **moving, TIME: Moving(values.get(TIME, 0.0), 1.0)})
        return found.rate if isinstance(found, Moving) else 0.0

    # the rate asks for all that the rates of its states ask for
    names = formula.names.union(*(equations.rates[each].names for each in of))
    rates[name] = Formula(rate, names, f"rate of {observable}")
    starts[name] = Formula(start, names, f"start of {observable}")
    return name


def _model(
    equations: Equations,
    files: Files,
    constants: Mapping[str, float],
    parameters: Parameters,
    rates: Mapping[str, Formula],
    starts: Mapping[str, Formula],
    observed: Mapping[tuple[str, str], str],
    doses: Sequence[Given],
) -> Model:
    names, logs = list(rates), {row["observableId"]: row for row in files.observables}
    held = {name: value for name, value in constants.items() if name not in parameters.priors}
    asked = set().union(*(each.names for each in (*rates.values(), *starts.values())))
    used = [
        Parameter(name, "", value, ANYWHERE, 0.0, files.model.name, name)
        for name, value in held.items()
        if name in asked
    ]
    free = [
        prior.parameter for name, prior in parameters.priors.items() if name in asked or name in equations.constants
    ]
    columns = {state: _column(state) for state in observed.values()}
    is_log = {
        state: (logs[key[0]].get("observableTransformation") or "lin") != "lin" for key, state in observed.items()
    }

    def rhs(y, p, amount, out):
        values = {**p, **dict(zip(names, y, strict=True))}
        for row, name in enumerate(names):
            out[row] = rates[name](values)

    return Model(
        name=f"{equations.name} (file)" if models.has(equations.name) else equations.name,
        title=equations.title,
        states=tuple(State(name, "", name, ANYWHERE) for name in names),
        parameters=(*free, *used),
        drugs=tuple(Drug(name, name, "cytotoxic", state=_state(name)) for name in dict.fromkeys(d.drug for d in doses)),
        observables=columns,
        rhs=rhs,
        initial={name: _initial(starts[name], names) for name in names},
        reference=f"SBML file {files.model.name}",
        species=FROM_FILE,
        quantities={columns[state]: is_log[state] for state in columns},
        start_day=0.0,
    )


def _state(drug: str) -> str:
    return drug.removeprefix("dose of ")


def _column(state: str) -> str:
    return f"{state}_" if state.endswith(TAKEN) else state


def _initial(formula: Formula, states: Sequence[str]) -> str | float | Any:
    if not formula.names:
        value = float(formula({}))
        if not isfinite(value):
            raise InputError("A state of the SBML file has no initial value; give it one.")
        return value
    return formula.text if formula.names == {formula.text} and formula.text not in states else formula.compute

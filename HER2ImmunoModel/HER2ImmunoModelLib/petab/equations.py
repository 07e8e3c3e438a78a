"""The equations of an SBML file: constants, states with rates and starts, and doses at fixed times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from HER2ImmunoCommonLib.errors import InputError

from ..simulation.sbml import needed_libsbml
from .formulas import TIME, Formula, constant, formula_of, named

NOT_READ = {
    "qual": "qualitative models",
    "fbc": "flux balances",
    "comp": "models of several parts",
    "arrays": "arrays",
    "distrib": "distributions",
}
"""Packages of SBML that change what a model means."""


@dataclass(frozen=True)
class Jump:
    """A dose: at a time, something is added to a state; `size` is a formula of constants."""

    state: str
    time: Formula
    size: Formula
    where: str


@dataclass(frozen=True)
class Equations:
    """What an SBML file computes.

    Attributes
    ----------
    name, title : str
    constants : dict of str to float
        Parameters, compartments and species that do not change; NaN where the file gives no value.
    rates, starts : dict of str to Formula
        Of each state; rates of states, constants and time, starts of constants.
    rules : dict of str to Formula
        What follows from states and constants.
    jumps : tuple of Jump
    annotation : str
    """

    name: str
    title: str
    constants: dict[str, float] = field(default_factory=dict)
    rates: dict[str, Formula] = field(default_factory=dict)
    starts: dict[str, Formula] = field(default_factory=dict)
    rules: dict[str, Formula] = field(default_factory=dict)
    jumps: tuple[Jump, ...] = ()
    annotation: str = ""


def read_equations(path: Path) -> tuple[Equations, Any]:
    """Read an SBML file; gives the equations, and libSBML's document for who wants more.

    Raises
    ------
    InputError
        python-libsbml is not installed, a file that is no SBML, or a part of SBML that is not read here, by name.
    """
    libsbml = needed_libsbml()
    if not path.is_file():
        raise InputError(f"There is no file {path}; put the SBML file beside the problem.")
    document = libsbml.readSBMLFromFile(str(path))
    if document.getNumErrors(libsbml.LIBSBML_SEV_ERROR) or document.getModel() is None:
        raise InputError(f"{path.name} is no SBML that can be read; check it with libSBML.")
    for number in range(document.getNumPlugins()):
        package = document.getPlugin(number).getPackageName()
        if package in NOT_READ:
            raise InputError(f"{path.name} uses {NOT_READ[package]} ({package}), which are not read; write them out.")
    options = libsbml.ConversionProperties()
    options.addOption("expandFunctionDefinitions", True)
    if document.getModel().getNumFunctionDefinitions() and document.convert(options):
        raise InputError(f"{path.name}: its functions cannot be written out; write them into the rules.")
    return _Reader(libsbml, document.getModel(), path.name).read(), document


class _Reader:
    def __init__(self, libsbml: ModuleType, model: Any, source: str):
        self._libsbml, self._model, self._source = libsbml, model, source
        self._rules = {rule.getVariable(): rule for rule in model.getListOfRules() if rule.isAssignment()}
        self._rate_rules = {rule.getVariable(): rule for rule in model.getListOfRules() if rule.isRate()}
        self._starts = {each.getSymbol(): each for each in model.getListOfInitialAssignments()}
        self._known: dict[str, Formula] = {}
        self._under_way: list[str] = []
        self._states: list[str] = []
        self._assigned: set[str] = set()
        self._laws: dict[str, Formula] = {}

    def read(self) -> Equations:
        self._refuse()
        model = self._model
        moved = {species.getId() for species in model.getListOfSpecies() if self._is_moved(species)}
        states = [*moved, *(name for name in self._rate_rules if name not in moved)]
        order = [each.getId() for each in (*model.getListOfSpecies(), *model.getListOfParameters())]
        self._states = states = sorted(states, key=order.index)
        constants = self._constants()
        self._assigned = set(self._starts) & set(constants)
        for name in (*self._rules, *self._assigned):
            self._follow(name)
        return Equations(
            model.getId() or "model",
            model.getName() or model.getId() or "Model of a file",
            {name: value for name, value in constants.items() if name not in self._assigned},
            {name: self._rate(name) for name in states},
            {name: self._start(name) for name in states},
            dict(self._known),
            tuple(self._jumps()),
            model.getAnnotationString() or "",
        )

    def _refuse(self) -> None:
        model = self._model
        if any(rule.isAlgebraic() for rule in model.getListOfRules()):
            self._stop("has an algebraic rule", "solve it for one of its names")
        if model.isSetConversionFactor():
            self._stop("has a conversion factor", "write it into the kinetic laws")
        for compartment in model.getListOfCompartments():
            if compartment.getId() in (*self._rate_rules, *self._rules):
                self._stop(f"has the compartment {compartment.getId()}, whose size changes", "make it constant")
        for reaction in model.getListOfReactions():
            if reaction.isSetFast() and reaction.getFast():
                self._stop(f"has the fast reaction {reaction.getId()}", "give it a rate")
            if reaction.getKineticLaw() is None or reaction.getKineticLaw().getMath() is None:
                self._stop(f"gives no kinetic law for the reaction {reaction.getId()}", "give one")

    def _stop(self, what: str, do: str) -> NoReturn:
        raise InputError(f"{self._source} {what}, which is not read here; {do}.")

    def _is_moved(self, species: Any) -> bool:
        """Whether reactions change a species."""
        if species.getId() in (*self._rules, *self._rate_rules) or species.getConstant():
            return False
        if species.getBoundaryCondition():
            return False
        named_in = {
            each.getSpecies()
            for reaction in self._model.getListOfReactions()
            for each in (*reaction.getListOfReactants(), *reaction.getListOfProducts())
        }
        return species.getId() in named_in

    def _formula(self, math: Any, where: str, local: Mapping[str, Formula] | None = None) -> Formula:
        """A formula with the assignment rules put in."""
        if math is None:
            self._stop(f"gives no formula for {where}", "give one")
        for name in _names(self._libsbml, math):
            if (name in self._rules or name in self._assigned) and name not in (local or {}):
                self._follow(name)
        return formula_of(self._libsbml, math, f"{self._source}, {where}", {**self._known, **(local or {})})

    def _follow(self, name: str) -> None:
        if name in self._known:
            return
        self._enter(name)
        rule = self._rules.get(name)
        self._known[name] = self._formula(rule.getMath(), f"the rule of {name}") if rule else self._at_start(name)
        self._under_way.remove(name)

    def _enter(self, name: str) -> None:
        if name in self._under_way:
            self._stop(f"has {name}, which follows itself", "break the circle")
        self._under_way.append(name)

    def _constants(self) -> dict[str, float]:
        found = {
            each.getId(): each.getSize() if each.isSetSize() else 1.0 for each in self._model.getListOfCompartments()
        }
        for each in self._model.getListOfParameters():
            found[each.getId()] = each.getValue() if each.isSetValue() else float("nan")
        for each in self._model.getListOfSpecies():
            found[each.getId()] = self._amount(each)
        return {name: value for name, value in found.items() if name not in self._states and name not in self._rules}

    def _amount(self, species: Any) -> float:
        """Initial value of a species in what its symbol means: an amount, or a concentration."""
        compartment = self._model.getCompartment(species.getCompartment())
        size = compartment.getSize() if compartment is not None and compartment.isSetSize() else 1.0
        is_amount = species.getHasOnlySubstanceUnits()
        if species.isSetInitialConcentration():
            return species.getInitialConcentration() * (size if is_amount else 1.0)
        if species.isSetInitialAmount():
            return species.getInitialAmount() / (1.0 if is_amount else size)
        return float("nan")

    def _start(self, name: str) -> Formula:
        if name in self._starts:
            return self._at_start(name)
        species = self._model.getSpecies(name)
        value = self._amount(species) if species is not None else self._model.getParameter(name).getValue()
        return constant(value)

    def _at_start(self, name: str) -> Formula:
        """An initial assignment, as a formula of constants."""
        found = self._formula(self._starts[name].getMath(), f"the initial value of {name}")
        while asked := [each for each in self._states if each in found.names]:
            for each in asked:
                self._enter(each)
            found = _put_in(found, {each: self._start(each) for each in asked})
            for each in asked:
                self._under_way.remove(each)
        return _put_in(found, {TIME: constant(0.0)}) if TIME in found.names else found

    def _rate(self, name: str) -> Formula:
        if name in self._rate_rules:
            return self._formula(self._rate_rules[name].getMath(), f"the rate of {name}")
        species = self._model.getSpecies(name)
        terms = [
            (sign * self._stoichiometry(each, reaction), self._law(reaction))
            for reaction in self._model.getListOfReactions()
            for sign, side in ((-1.0, reaction.getListOfReactants()), (1.0, reaction.getListOfProducts()))
            for each in side
            if each.getSpecies() == name
        ]
        size = named(species.getCompartment())
        size = self._known.get(species.getCompartment(), size)
        names = frozenset().union(*(law.names for _, law in terms))
        flow = Formula(lambda values: sum((n * law(values) for n, law in terms), 0.0), names, f"flow of {name}")
        if species.getHasOnlySubstanceUnits():
            return flow
        return Formula(lambda values: flow(values) / size(values), names | size.names, f"rate of {name}")

    def _stoichiometry(self, each: Any, reaction: Any) -> float:
        if each.isSetStoichiometryMath() or each.getId() in (*self._rules, *self._rate_rules, *self._starts):
            self._stop(f"has a stoichiometry of {reaction.getId()} that is no number", "give a number")
        number = each.getStoichiometry()
        return number if isfinite(number) else 1.0

    def _law(self, reaction: Any) -> Formula:
        name = reaction.getId()
        if name not in self._laws:
            law = reaction.getKineticLaw()
            parameters = (*law.getListOfParameters(), *law.getListOfLocalParameters())
            local = {each.getId(): constant(each.getValue()) for each in parameters}
            self._laws[name] = self._formula(law.getMath(), f"the reaction {name}", local)
        return self._laws[name]

    def _jumps(self) -> Iterator[Jump]:
        for event in self._model.getListOfEvents():
            where = f"the event {event.getId() or event.getName()}"
            if event.getDelay() is not None or event.getPriority() is not None:
                self._stop(f"has {where} with a delay or a priority", "give the time itself")
            time = self._time(event.getTrigger().getMath(), where)
            for change in event.getListOfEventAssignments():
                name = change.getVariable()
                if name not in self._states:
                    self._stop(f"has {where}, which changes {name}, no state", "let it add to a state")
                yield Jump(name, time, self._added(name, change, where), where)

    def _time(self, math: Any, where: str) -> Formula:
        """When a trigger is met: `time >= c`, in either order."""
        libsbml, kind = self._libsbml, math.getType()
        later = (libsbml.AST_RELATIONAL_GEQ, libsbml.AST_RELATIONAL_GT)
        sooner = (libsbml.AST_RELATIONAL_LEQ, libsbml.AST_RELATIONAL_LT)
        if kind in (*later, *sooner):
            left, right = math.getChild(0), math.getChild(1)
            clock, at = (left, right) if kind in later else (right, left)
            if clock.getType() == libsbml.AST_NAME_TIME:
                return self._formula(at, where)
        return self._stop(f"has {where} that is not met at a time", "let it be `time >= c`")

    def _added(self, name: str, change: Any, where: str) -> Formula:
        found = self._formula(change.getMath(), where)
        others = found.names - {name}
        # What is added is the same whatever the state is, so that a dose of that size is what the event means.
        tried = [float(found({**dict.fromkeys(others, 0.7), name: x})) - x for x in (0.0, 1.0, 3.0)]
        if others & {*self._states, TIME} or max(tried) - min(tried) > 1e-9 * max(map(abs, tried), default=1.0):
            self._stop(f"has {where}, which sets {name} instead of adding a constant to it", "let it add")
        return Formula(lambda values: found({**values, name: 0.0}), others, found.text)


def _put_in(formula: Formula, given: Mapping[str, Formula]) -> Formula:
    names = (formula.names - set(given)).union(*(each.names for each in given.values()))
    return Formula(
        lambda values: formula({**values, **{name: each(values) for name, each in given.items()}}), names, formula.text
    )


def _names(libsbml: ModuleType, node: Any) -> set[str]:
    if node.getType() == libsbml.AST_NAME:
        return {node.getName()}
    return {name for i in range(node.getNumChildren()) for name in _names(libsbml, node.getChild(i))}

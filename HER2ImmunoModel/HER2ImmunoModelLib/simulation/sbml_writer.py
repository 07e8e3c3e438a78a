"""Fills an SBML model: parameters, states, drugs and doses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from types import ModuleType
from typing import Any

from HER2ImmunoCommonLib import RESEARCH_ONLY
from HER2ImmunoCommonLib.errors import InputError

from ..models.exposure_kinds import Agent
from ..models.model import Drug, Model
from ..treatments import dose_courses
from .sbml_agents import compartments, joined, rates
from .sbml_doses import TURN, Doses, Size, counted
from .symbols import derivatives, formula_from

DAY_S = 86400


@dataclass(frozen=True)
class Replaced:
    """A parameter that follows a symbol of its own: name, label and value of that, and the formula of the parameter."""

    symbol: str
    label: str
    value: float
    formula: str


class Writer:
    """Fills an SBML model.

    Parameters
    ----------
    libsbml : module
    target : libsbml.Model
    model : Model
    values : mapping of str to float
        Every parameter.
    replaced : mapping of str to Replaced
    """

    def __init__(
        self,
        libsbml: ModuleType,
        target: Any,
        model: Model,
        values: Mapping[str, float],
        replaced: Mapping[str, Replaced],
    ):
        self._libsbml, self._target, self._model, self._values = libsbml, target, model, values
        self._replaced = replaced
        analytic = [drug for drug in model.drugs if drug.state is None]
        self._amounts = {drug.name: f"amount_{drug.name}" for drug in analytic}
        own = [drug for drug in analytic if drug.name not in model.agents]
        self._own = {drug.name: f"{'own' if drug.exposure.agents else 'amount'}_{drug.name}" for drug in own}

    def write(self, doses: Doses, annotation: str = "") -> None:
        """Write all of it; an `annotation` is XML that other programs pass over."""
        self._describe(annotation)
        self._parameters()
        for dose in doses.symbols:
            self._variable(dose.symbol, f"Dose of {dose.drug} on day {dose.time:g} (full doses)", 0.0, False)
        self._states(doses)
        self._drugs(doses)
        self._events(doses)

    def _describe(self, annotation: str) -> None:
        model = self._model
        self._target.setId(model.name)
        self._target.setName(model.title)
        self._target.setNotes(_notes(f"{model.reference}. Defaults: {model.species}.", RESEARCH_ONLY))
        if annotation:
            self._target.setAnnotation(annotation)
        unit = self._target.createUnitDefinition()
        unit.setId("day")
        second = unit.createUnit()
        second.setKind(self._libsbml.UNIT_KIND_SECOND)
        second.setExponent(1.0)
        second.setScale(0)
        second.setMultiplier(DAY_S)
        self._target.setTimeUnits("day")

    def _parameters(self) -> None:
        rules = {covariate.parameter: covariate.formula for covariate in self._model.covariates}
        rules |= {name: each.formula for name, each in self._replaced.items()}
        for p in self._model.parameters:
            if found := self._replaced.get(p.name):
                self._variable(found.symbol, found.label, found.value, False)
            self._variable(p.name, p.label, None if p.name in rules else self._values[p.name], p.name in rules)
            self._target.getParameter(p.name).setNotes(_notes(f"Unit: {p.unit or 'none'}. Source: {p.source}."))
        for name, formula in rules.items():
            rule = self._target.createAssignmentRule()
            rule.setVariable(name)
            self._math(rule, formula)

    def _states(self, doses: Doses) -> None:
        given = {drug.state: doses.at_start.get(drug.name, 0.0) for drug in self._model.drugs if drug.state}
        for state in self._model.states:
            source = self._model.initial[state.name]
            if callable(source):
                source = formula_from(source, self._model)
            source = source if isinstance(source, str) else float(source)
            self._variable(state.name, state.label, _sum(source, given.get(state.name, 0.0)), True)
        for name, formula in derivatives(self._model, self._amounts).items():
            self._rate(name, formula)

    def _drugs(self, doses: Doses) -> None:
        for agent in self._model.agents.values():
            self._agent(agent, doses)
        for drug in self._model.drugs:
            if drug.exposure.stages:
                self._chain(drug, doses)
            elif drug.has_own_course:
                self._course(drug, doses)
            elif drug.name in self._own:
                name = self._own[drug.name]
                present = doses.amounts.get(drug.name, 0.0)
                self._variable(name, f"Amount of {drug.label.lower()} (full doses)", present, True)
                self._rate(name, f"-{drug.decay} * {name}" if drug.decay else "0")
            if drug.exposure.agents:
                name = self._amounts[drug.name]
                self._variable(name, f"Exposure to {drug.label.lower()} (full doses)", None, True)
                rule = self._target.createAssignmentRule()
                rule.setVariable(name)
                self._math(rule, joined(drug, self._own.get(drug.name, "")))

    def _agent(self, agent: Agent, doses: Doses) -> None:
        """What is in the compartments of an agent."""
        present = _product(doses.at_start.get(agent.name, 0.0), agent.full_dose_mg)
        for name, formula in rates(agent):
            self._variable(name, f"{agent.name} in a compartment (mg)", present, True)
            self._rate(name, formula)
            present = 0.0

    def _chain(self, drug: Drug, doses: Doses) -> None:
        """The stages of a drug, of which the last is its amount."""
        rate, stages = drug.exposure.rate, self._stages(drug)
        before = None
        for name, amount in zip(stages, doses.stages.get(drug.name, [0.0] * len(stages)), strict=True):
            self._variable(name, f"Stage of {drug.label.lower()} (full doses)", amount, True)
            self._rate(name, f"{rate} * ({before} - {name})" if before else f"-{rate} * {name}")
            before = name

    def _course(self, drug: Drug, doses: Doses) -> None:
        """The parts of a drug of which each dose has its own course; the last is its amount (`dose_courses`)."""
        parts = self._parts(drug)
        for name, amount in zip(parts, doses.stages.get(drug.name, [0.0] * len(parts)), strict=True):
            self._variable(name, f"Course of {drug.label.lower()} (full doses)", amount, True)
        loss, *before, acting = drug.decay, *parts
        if drug.period:
            (cosine, sine), turning = before, f"{TURN!r} / {drug.period}"
            self._rate(cosine, f"-{loss} * {cosine} - {turning} * {sine}")
            self._rate(sine, f"{turning} * {cosine} - {loss} * {sine}")
            self._rate(acting, f"0.5 * {turning} * {cosine} - {loss} * {acting}")
            return
        passing = f"{dose_courses.STAGES!r} / {drug.delay}"
        self._rate(before[0], f"-{passing} * {before[0]}")
        for earlier, name in pairwise(before):
            self._rate(name, f"{passing} * ({earlier} - {name})")
        self._rate(acting, f"{passing} * {before[-1]} - {loss} * {acting}")

    def _parts(self, drug: Drug) -> list[str]:
        """Names of the parts of a drug of which each dose has its own course."""
        last = self._own[drug.name]
        return [*(f"{last}_{part}" for part in (("cosine", "sine") if drug.period else ("1", "2", "3"))), last]

    def _stages(self, drug: Drug) -> list[str]:
        last = self._own[drug.name]
        return [*(f"{last}_stage_{i + 1}" for i in range(drug.exposure.stages - 1)), last]

    def _entries(self, name: str, size: Size) -> list[tuple[str, str]]:
        """What a dose changes, and by how much."""
        if agent := self._model.agents.get(name):
            return [(compartments(agent)[0], str(_product(size, agent.full_dose_mg)))]
        drug = self._model.drug(name)
        if drug.has_own_course:
            first, *_, acting = self._parts(drug)
            return [(first, str(size)), *([(acting, f"0.5 * {size}")] if drug.period else [])]
        if drug.exposure.stages:
            return [(self._stages(drug)[0], f"{size} * {drug.exposure.rate} / {drug.decay}")]
        return [(drug.state or self._own[drug.name], counted(drug, size))]

    def _events(self, doses: Doses) -> None:
        for number, (time, together) in enumerate(doses.events, start=1):
            event = self._target.createEvent()
            event.setId(f"dose_{number}")
            event.setUseValuesFromTriggerTime(True)
            trigger = event.createTrigger()
            trigger.setInitialValue(False)
            trigger.setPersistent(True)
            self._math(trigger, f"time >= {time!r}")
            for name, added in (entry for drug, size in together for entry in self._entries(drug, size)):
                change = event.createEventAssignment()
                change.setVariable(name)
                self._math(change, f"{name} + {added}")

    def _variable(self, name: str, label: str, value: Size | None, varies: bool) -> None:
        entry = self._target.createParameter()
        entry.setId(name)
        entry.setName(label)
        entry.setConstant(not varies)
        if isinstance(value, str):
            assignment = self._target.createInitialAssignment()
            assignment.setSymbol(name)
            self._math(assignment, value)
        elif value is not None:
            entry.setValue(value)

    def _rate(self, name: str, formula: str) -> None:
        rule = self._target.createRateRule()
        rule.setVariable(name)
        self._math(rule, formula)

    def _math(self, target: Any, formula: str) -> None:
        parsed = self._libsbml.parseL3FormulaWithModel(formula, self._target)
        if parsed is None:
            raise InputError(
                f"The formula {formula} of {self._model.name} cannot be written as SBML; rename its parts."
            )
        target.setMath(parsed)


def _sum(start: Size, given: Size) -> Size:
    if isinstance(start, str) or isinstance(given, str):
        return " + ".join(str(part) for part in (start, given) if part != 0)
    return start + given


def _product(size: Size, factor: float) -> Size:
    return f"({size}) * {factor!r}" if isinstance(size, str) else size * factor


def _notes(*sentences: str) -> str:
    paragraphs = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    return f'<body xmlns="http://www.w3.org/1999/xhtml">{paragraphs}</body>'

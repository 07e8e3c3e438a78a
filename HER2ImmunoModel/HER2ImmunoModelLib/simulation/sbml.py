"""A model as SBML Level 3 Version 1: states, drug amounts, stages and compartments with rate rules, doses as events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import Any

from HER2ImmunoCommonLib import RESEARCH_ONLY
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.files import write_text

from ..models.exposure_kinds import Agent
from ..models.model import Drug, Model
from ..treatments.doses import Dose, Schedule, model_given
from ..treatments.pharmacokinetics import amount_at, chain_on_day, waves_on_day
from .sbml_agents import compartments, joined, rates
from .symbols import derivatives

DAY_S = 86400


def write_sbml(
    path: str | Path,
    model: Model,
    *,
    values: Mapping[str, float] | None = None,
    schedule: Schedule | None = None,
    start_day: float = 0.0,
) -> Path:
    """Write a model as an SBML file that libSBML finds no error in.

    Parameters
    ----------
    path : path
    model : Model
    values : mapping of str to float, optional
        Parameters that differ from the defaults.
    schedule : Schedule, optional
        Doses, written as events; those up to the start are in the initial amounts.
    start_day : float
        Day of the initial state, which is time 0 of the file.

    Raises
    ------
    InputError
        python-libsbml is not installed, unknown names, a right-hand side without a formula, or a dose before the start
        of a drug that the file integrates: a state of the model, or an agent.
    """
    libsbml = _libsbml()
    model = model_given(model, [schedule or Schedule()])
    known = model.defaults() | {model.parameter(name).name: float(value) for name, value in (values or {}).items()}
    document = libsbml.SBMLDocument(3, 1)
    writer = _Writer(libsbml, document.createModel(), model, known)
    writer.write((schedule or Schedule()).for_model(model), start_day)
    _validate(libsbml, document, model)
    return write_text(libsbml.writeSBMLToString(document), path)


def _libsbml() -> ModuleType:
    try:
        import libsbml
    except ModuleNotFoundError as error:
        raise InputError(
            "SBML needs the Python package python-libsbml, which is not installed; install it "
            "(pip install python-libsbml, or her2immuno[sbml]) or write JSON."
        ) from error
    return libsbml


def _validate(libsbml: ModuleType, document: Any, model: Model) -> None:
    # The file gives the unit of time only; the others are told in words.
    for category in (libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, libsbml.LIBSBML_CAT_MODELING_PRACTICE):
        document.setConsistencyChecks(category, False)
    document.checkConsistency()
    if document.getNumErrors(libsbml.LIBSBML_SEV_ERROR):
        message = " ".join(document.getErrorWithSeverity(0, libsbml.LIBSBML_SEV_ERROR).getMessage().split())
        raise InputError(f"{model.name} cannot be written as SBML: {message} Rename or rewrite that part of the model.")


class _Writer:
    """Fills an SBML model."""

    def __init__(self, libsbml: ModuleType, target: Any, model: Model, values: Mapping[str, float]):
        self._libsbml, self._target, self._model, self._values = libsbml, target, model, values
        analytic = [drug for drug in model.drugs if drug.state is None]
        self._amounts = {drug.name: f"amount_{drug.name}" for drug in analytic}
        own = [drug for drug in analytic if drug.name not in model.agents]
        self._own = {drug.name: f"{'own' if drug.exposure.agents else 'amount'}_{drug.name}" for drug in own}

    def write(self, schedule: Schedule, start_day: float) -> None:
        self._describe()
        self._parameters()
        early = Schedule(tuple(dose for dose in schedule.doses if dose.day <= start_day))
        self._states(early, start_day)
        self._drugs(early, start_day)
        self._events([dose for dose in schedule.doses if dose.day > start_day], start_day)

    def _describe(self) -> None:
        model = self._model
        self._target.setId(model.name)
        self._target.setName(model.title)
        self._target.setNotes(_notes(f"{model.reference}. Defaults: {model.species}.", RESEARCH_ONLY))
        unit = self._target.createUnitDefinition()
        unit.setId("day")
        second = unit.createUnit()
        second.setKind(self._libsbml.UNIT_KIND_SECOND)
        second.setExponent(1.0)
        second.setScale(0)
        second.setMultiplier(DAY_S)
        self._target.setTimeUnits("day")

    def _parameters(self) -> None:
        followed = {covariate.parameter: covariate for covariate in self._model.covariates}
        for p in self._model.parameters:
            self._variable(p.name, p.label, None if p.name in followed else self._values[p.name], p.name in followed)
            self._target.getParameter(p.name).setNotes(_notes(f"Unit: {p.unit or 'none'}. Source: {p.source}."))
        for name, covariate in followed.items():
            rule = self._target.createAssignmentRule()
            rule.setVariable(name)
            self._math(rule, covariate.formula)

    def _states(self, early: Schedule, start_day: float) -> None:
        drugs = [drug for drug in self._model.drugs if drug.state]
        given = {drug.state: self._given_at_start(drug.name, early, start_day) for drug in drugs}
        for state in self._model.states:
            source = self._model.initial[state.name]
            start = None if isinstance(source, str) else float(source) + given.get(state.name, 0.0)
            self._variable(state.name, state.label, start, True)
            if isinstance(source, str):
                assignment = self._target.createInitialAssignment()
                assignment.setSymbol(state.name)
                self._math(assignment, source)
        for name, formula in derivatives(self._model, self._amounts).items():
            self._rate(name, formula)

    def _given_at_start(self, drug: str, early: Schedule, start_day: float) -> float:
        doses = [dose for dose in early.doses if dose.drug == drug]
        if past := [dose for dose in doses if dose.day < start_day]:
            raise InputError(
                f"{self._model.name} integrates {drug}, so what the dose of day {past[0].day:g} leaves on day "
                f"{start_day:g} is unknown; start the file on that day."
            )
        return sum(dose.dose for dose in doses)

    def _drugs(self, early: Schedule, start_day: float) -> None:
        for agent in self._model.agents.values():
            self._agent(agent, early, start_day)
        for drug in self._model.drugs:
            if drug.exposure.stages:
                self._chain(drug, early, start_day)
            elif drug.period:
                self._waves(drug, early, start_day)
            elif drug.name in self._own:
                name, loss = self._own[drug.name], self._values[drug.decay] if drug.decay else 0.0
                present = float(amount_at(self._counted(early, drug), self._model, drug.name, loss, [start_day])[0])
                self._variable(name, f"Amount of {drug.label.lower()} (full doses)", present, True)
                self._rate(name, f"-{drug.decay} * {name}" if drug.decay else "0")
            if drug.exposure.agents:
                name = self._amounts[drug.name]
                self._variable(name, f"Exposure to {drug.label.lower()} (full doses)", None, True)
                rule = self._target.createAssignmentRule()
                rule.setVariable(name)
                self._math(rule, joined(drug, self._own.get(drug.name, "")))

    def _agent(self, agent: Agent, early: Schedule, start_day: float) -> None:
        """What is in the compartments of an agent."""
        present = self._given_at_start(agent.name, early, start_day) * agent.full_dose_mg
        for name, formula in rates(agent):
            self._variable(name, f"{agent.name} in a compartment (mg)", present, True)
            self._rate(name, formula)
            present = 0.0

    def _chain(self, drug: Drug, early: Schedule, start_day: float) -> None:
        """The stages of a drug, of which the last is its amount."""
        rate = drug.exposure.rate
        present = chain_on_day(early, self._model, drug, self._values, start_day)
        before = None
        for name, amount in zip(self._stages(drug), present.tolist(), strict=True):
            self._variable(name, f"Stage of {drug.label.lower()} (full doses)", amount, True)
            self._rate(name, f"{rate} * ({before} - {name})" if before else f"-{rate} * {name}")
            before = name

    def _waves(self, drug: Drug, early: Schedule, start_day: float) -> None:
        """The sums of a drug that acts in waves, of which the last is its amount (`pharmacokinetics.turned`)."""
        cosine, sine, acting = self._parts(drug)
        loss, turning = drug.decay, f"6.283185307179586 / {drug.period}"
        present = waves_on_day(early, self._model, drug, self._values, start_day)
        for name, amount in zip((cosine, sine, acting), present.tolist(), strict=True):
            self._variable(name, f"Waves of {drug.label.lower()} (full doses)", amount, True)
        self._rate(cosine, f"-{loss} * {cosine} - {turning} * {sine}")
        self._rate(sine, f"{turning} * {cosine} - {loss} * {sine}")
        self._rate(acting, f"0.5 * {turning} * {cosine} - {loss} * {acting}")

    def _parts(self, drug: Drug) -> tuple[str, str, str]:
        """Names of the sums of a drug that acts in waves."""
        last = self._own[drug.name]
        return f"{last}_cosine", f"{last}_sine", last

    def _stages(self, drug: Drug) -> list[str]:
        last = self._own[drug.name]
        return [*(f"{last}_stage_{i + 1}" for i in range(drug.exposure.stages - 1)), last]

    def _entries(self, dose: Dose) -> list[tuple[str, str]]:
        """What a dose changes, and by how much."""
        size = float(dose.dose)
        if dose.drug not in self._model.agents and (drug := self._model.drug(dose.drug)).period:
            cosine, _, acting = self._parts(drug)
            return [(cosine, repr(size)), (acting, repr(0.5 * size))]
        return [self._entry(dose, size)]

    def _entry(self, dose: Dose, size: float) -> tuple[str, str]:
        if agent := self._model.agents.get(dose.drug):
            return compartments(agent)[0], repr(size * agent.full_dose_mg)
        drug = self._model.drug(dose.drug)
        if drug.exposure.stages:
            return self._stages(drug)[0], f"{size!r} * {drug.exposure.rate} / {drug.decay}"
        if drug.dose_half:
            return self._own[drug.name], f"{size!r} / ({drug.dose_half} + {size!r})"
        return drug.state or self._own[drug.name], repr(size)

    def _counted(self, doses: Schedule, drug: Drug) -> Schedule:
        """Doses as a drug counts them (`Drug.dose_half`)."""
        if not drug.dose_half:
            return doses
        half = self._values[drug.dose_half]
        return Schedule(tuple(replace(dose, dose=dose.dose / (half + dose.dose)) for dose in doses.doses))

    def _events(self, doses: Sequence[Dose], start_day: float) -> None:
        for number, (day, together) in enumerate(groupby(doses, key=lambda dose: dose.day), start=1):
            event = self._target.createEvent()
            event.setId(f"dose_{number}")
            event.setUseValuesFromTriggerTime(True)
            trigger = event.createTrigger()
            trigger.setInitialValue(False)
            trigger.setPersistent(True)
            self._math(trigger, f"time >= {day - start_day!r}")
            for name, size in (entry for dose in together for entry in self._entries(dose)):
                change = event.createEventAssignment()
                change.setVariable(name)
                self._math(change, f"{name} + {size}")

    def _variable(self, name: str, label: str, value: float | None, varies: bool) -> None:
        entry = self._target.createParameter()
        entry.setId(name)
        entry.setName(label)
        entry.setConstant(not varies)
        if value is not None:
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


def _notes(*sentences: str) -> str:
    paragraphs = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    return f'<body xmlns="http://www.w3.org/1999/xhtml">{paragraphs}</body>'

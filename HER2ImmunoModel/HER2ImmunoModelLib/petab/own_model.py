"""A model of this project in the file that it wrote: known by its annotation, taken only where nothing was changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from html import unescape
from typing import Any

from HER2ImmunoCommonLib.errors import InputError

from ..models.descriptions import from_description
from ..models.model import Model
from ..simulation.sbml import needed_libsbml, sbml_text
from ..simulation.sbml_doses import DoseSymbol, doses_of_symbols
from .equations import Equations
from .estimated import replaced, symbol_of
from .files import Files
from .formulas import constant, named
from .structure import Given, Structure

MARK = re.compile(r"<her2immuno\b[^>]*>(.*?)</her2immuno>", re.DOTALL)
CHANGED = (
    "The SBML file says that it is {}, but its equations were changed: it is read as a model from elsewhere, with what "
    "it holds."
)


def own_model(
    document: Any, equations: Equations, files: Files, symbols: Iterable[str]
) -> tuple[Structure | None, str]:
    """The model and its doses, or None and what is to be said of that.

    Parameters
    ----------
    document : libsbml.SBMLDocument
    equations : Equations
    files : Files
    symbols : iterable of str
        What is estimated, and columns of the conditions.
    """
    found = MARK.search(equations.annotation)
    if found is None:
        return None, ""
    try:
        content = json.loads(unescape(found[1]))
        model = from_description(content["model"], "The annotation of the SBML file")
        plan = tuple(DoseSymbol(str(symbol), str(drug), float(time)) for symbol, drug, time in content["doses"])
    except (InputError, KeyError, TypeError, ValueError):
        return None, CHANGED.format("a model of this project")
    there = set(symbols)
    free = [p for p in model.parameters if symbol_of(p) in there]
    if not _is_same(document, model, plan, free):
        return None, CHANGED.format(model.name)
    states = {state.name for state in model.states}
    observed = {}
    for row in files.observables:
        formula = row["observableFormula"]
        if formula not in states or formula not in model.observables:
            return None, CHANGED.format(model.name)
        observed[row["observableId"], ""] = formula
    names = {symbol_of(p): p.name for p in model.parameters if symbol_of(p) in there}
    names |= {p.name: p.name for p in model.parameters}
    doses = tuple(Given(dose.drug, constant(dose.time), named(dose.symbol), dose.symbol) for dose in plan)
    return Structure(model, names, True, dict(equations.constants), doses, observed), ""


def _is_same(document: Any, model: Model, plan: tuple[DoseSymbol, ...], free: Sequence[Any]) -> bool:
    """Whether the file has the equations that this project writes."""
    libsbml, values = needed_libsbml(), model.defaults()
    text = sbml_text(model, values, doses_of_symbols(model, plan), replaced(free, values))
    return _said(libsbml, document.getModel()) == _said(libsbml, libsbml.readSBMLFromString(text).getModel())


def _said(libsbml: Any, model: Any) -> dict[tuple[str, ...], str]:
    """Every formula of a model by what it is of."""
    text = libsbml.formulaToL3String
    found = {(rule.getElementName(), rule.getVariable()): text(rule.getMath()) for rule in model.getListOfRules()}
    found |= {("start", each.getSymbol()): text(each.getMath()) for each in model.getListOfInitialAssignments()}
    for event in model.getListOfEvents():
        changes = {each.getVariable(): text(each.getMath()) for each in event.getListOfEventAssignments()}
        found |= {("event", text(event.getTrigger().getMath()), name): change for name, change in changes.items()}
    found |= {("constant", each.getId()): str(each.getConstant()) for each in model.getListOfParameters()}
    return found | {("others",): str(model.getNumSpecies() + model.getNumReactions() + model.getNumCompartments())}

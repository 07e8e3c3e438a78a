"""A model as SBML Level 3 Version 1: states, drug amounts, stages and compartments with rate rules, doses as events."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.files import write_text

from ..models.model import Model
from ..treatments.doses import Schedule, model_given
from .sbml_doses import Doses, doses_given
from .sbml_writer import Replaced, Writer


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
    model = model_given(model, [schedule or Schedule()])
    known = model.defaults() | {model.parameter(name).name: float(value) for name, value in (values or {}).items()}
    doses = doses_given(model, known, (schedule or Schedule()).for_model(model), start_day)
    return write_text(sbml_text(model, known, doses), path)


def sbml_text(
    model: Model,
    values: Mapping[str, float],
    doses: Doses,
    replaced: Mapping[str, Replaced] | None = None,
    annotation: str = "",
) -> str:
    """The text of an SBML file that libSBML finds no error in.

    Parameters
    ----------
    model : Model
    values : mapping of str to float
        Every parameter.
    doses : Doses
    replaced : mapping of str to Replaced, optional
        Parameters that follow a symbol of their own, by their names.
    annotation : str
        XML that other programs pass over.

    Raises
    ------
    InputError
        As `write_sbml`.
    """
    libsbml = needed_libsbml()
    document = libsbml.SBMLDocument(3, 1)
    Writer(libsbml, document.createModel(), model, values, replaced or {}).write(doses, annotation)
    _validate(libsbml, document, model)
    return libsbml.writeSBMLToString(document)


def needed_libsbml() -> ModuleType:
    """The package libsbml.

    Raises
    ------
    InputError
        It is not installed.
    """
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

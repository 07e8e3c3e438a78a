"""The model that is chosen in the panel, with the drug that the treatment table gives where it takes any one."""

from __future__ import annotations

from HER2ImmunoCommonLib.errors import InputError

from .. import models
from ..models.given_drug import takes_any
from ..models.model import Model
from .given import read_prescribed
from .one_drug import drug_of, with_one_drug


def chosen_model(parameters) -> Model:
    """The model of the parameter node for its species; one that takes any drug has that of the table, planned or given.

    Raises
    ------
    InputError
        A treatment table that cannot be read; several drugs for a model of one.
    """
    model = models.get(parameters.model, parameters.species)
    if not takes_any(model):
        return model
    return with_one_drug(model, read_prescribed(parameters.treatments, model, parameters.species))


def shown_model(parameters) -> Model:
    """As `chosen_model`, also while the table cannot be used, which is said elsewhere; the drug is open then."""
    try:
        return chosen_model(parameters)
    except InputError:
        return models.get(parameters.model, parameters.species)


def drug_problem(parameters) -> str:
    """Why the model cannot take the drugs of the table; empty if it can, or if the table cannot be read at all."""
    model = models.get(parameters.model, parameters.species)
    try:
        table = read_prescribed(parameters.treatments, model, parameters.species)
    except InputError:  # which is said of the table
        return ""
    try:
        with_one_drug(model, table)
    except InputError as error:
        return str(error)
    return ""


def added_drug(parameters) -> str:
    """Name of the drug of a dose that is added to the table; empty for a model without drugs."""
    model = shown_model(parameters)
    return drug_of(model) or (model.drugs[0].name if model.drugs else "")

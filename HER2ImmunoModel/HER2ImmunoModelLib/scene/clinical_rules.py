"""The hard limits of the clinic as rules for schedules that are compared or searched, and what treatment costs."""

from __future__ import annotations

from dataclasses import replace

from ..drugs.library import drug_names, find_drug
from ..drugs.patients import Patient
from ..limits.clinical_history import History
from ..limits.clinical_limits import ClinicalLimits, search_bounds
from ..models.model import Model, targeted_and_cytotoxic
from ..planning.penalties import PARTS, Penalties, Weights
from ..treatments.clinical_doses import known_drug
from ..treatments.constraints import Constraint
from ..treatments.doses import Dose, Schedule
from ..treatments.prescriptions import Named, resolved_doses
from .given import has_doses_in_units
from .patients import history_of, patient_of

WEIGHED = {f"weigh{name.capitalize()}": part for name, part in PARTS.items()}
"""Field of the parameter node: field of `Weights`."""


def cytotoxic_choices() -> dict[str, str]:
    """Name and label of the chemotherapies of the library, which the chemotherapy of a model may be."""
    found = (find_drug(name) for name in drug_names())
    return {drug.name: drug.label for drug in found if drug.is_cytotoxic}


def clinical_rules(parameters, model: Model, past: Schedule) -> tuple[Constraint, ...]:
    """Every hard limit, for the patient and what she was given.

    Parameters
    ----------
    parameters : HER2ImmunoModelParameterNode
    model : Model
        With the exposures of doses in units, if there are such.
    past : Schedule
        Doses given before the schedules that are judged.

    Returns
    -------
    tuple of Constraint
        None for a mouse, which has no limits.

    Raises
    ------
    InputError
        A wrong patient or history.
    """
    if parameters.species != "human":
        return ()
    patient, history, called = _treated(parameters, model, past)
    return (ClinicalLimits(patient, history, drugs=called),)


def has_burdens(parameters, *, regimens: bool = False) -> bool:
    """Whether doses are those of the clinic, so that what they cost a patient is told: in units, held to limits, or of
    regimens.

    Raises
    ------
    InputError
        A wrong treatment table.
    """
    if parameters.species != "human":
        return False
    return regimens or parameters.clinicalLimits or has_doses_in_units(parameters.treatments, parameters.species)


def penalties_of(parameters, model: Model, past: Schedule) -> Penalties:
    """What schedules cost the patient and what that weighs, where `has_burdens`; arguments as `clinical_rules`."""
    weights = Weights(**{part: getattr(parameters, field) for field, part in WEIGHED.items()})
    return Penalties(weights, *_treated(parameters, model, past), model=model)


def forecast_remarks(penalties: Penalties) -> tuple[str, ...]:
    """Why something of what the drugs compared cost is not predicted, or what a prediction leaves out."""
    drugs = [name for name in targeted_and_cytotoxic(penalties.model.drugs) if name is not None]
    return penalties.burden(Schedule(tuple(Dose(name, 0.0) for name in drugs), "one dose of each")).reasons


def bounds_of(parameters, model: Model, past: Schedule) -> tuple[Constraint, ...]:
    """Intervals, largest and loading doses by which a search places doses that are to keep the limits; as above."""
    if not parameters.clinicalLimits or parameters.species != "human":
        return ()
    patient, history, drugs = _treated(parameters, model, past)
    called = dict(drugs)
    names = (name for name in targeted_and_cytotoxic(model.drugs) if name is not None)
    known = [(name, found) for name in names if (found := called.get(name) or known_drug(name))]
    return search_bounds(known, history, patient, model)


def _treated(parameters, model: Model, past: Schedule) -> tuple[Patient, History, Named]:
    """The patient, what she was given and had before, and what the drugs of the model are in the library."""
    patient, called = patient_of(parameters), called_drugs(parameters, model)
    return patient, replace(history_of(parameters), given=resolved_doses(past, patient, called, model)), called


def called_drugs(parameters, model: Model) -> Named:
    """What the chemotherapy of the model is in the library, if someone said it."""
    _targeted, cytotoxic = targeted_and_cytotoxic(model.drugs)
    return ((cytotoxic, parameters.cytotoxicIs),) if cytotoxic and parameters.cytotoxicIs else ()

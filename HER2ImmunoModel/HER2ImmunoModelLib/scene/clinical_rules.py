"""The hard limits of the clinic as rules for schedules that are compared or searched."""

from __future__ import annotations

from dataclasses import replace

from ..drugs.library import drug_names, find_drug
from ..limits.clinical_history import History
from ..limits.clinical_limits import ClinicalLimits, search_bounds
from ..models.model import Model, targeted_and_cytotoxic
from ..treatments.clinical_doses import known_drug
from ..treatments.constraints import Constraint
from ..treatments.doses import Schedule
from ..treatments.prescriptions import resolved_doses
from .patients import history_of, patient_of


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
    return (
        ClinicalLimits(patient_of(parameters), _history(parameters, model, past), drugs=_called(parameters, model)),
    )


def bounds_of(parameters, model: Model, past: Schedule) -> tuple[Constraint, ...]:
    """Intervals, largest and loading doses by which a search places doses that are to keep the limits; as above."""
    if not parameters.clinicalLimits or parameters.species != "human":
        return ()
    called = dict(_called(parameters, model))
    names = (name for name in targeted_and_cytotoxic(model.drugs) if name is not None)
    known = [(name, found) for name in names if (found := called.get(name) or known_drug(name))]
    return search_bounds(known, _history(parameters, model, past), patient_of(parameters), model)


def _history(parameters, model: Model, past: Schedule) -> History:
    given = resolved_doses(past, patient_of(parameters), _called(parameters, model), model)
    return replace(history_of(parameters), given=given)


def _called(parameters, model: Model) -> tuple[tuple[str, str], ...]:
    """What the chemotherapy of the model is in the library, if someone said it."""
    _targeted, cytotoxic = targeted_and_cytotoxic(model.drugs)
    return ((cytotoxic, parameters.cytotoxicIs),) if cytotoxic and parameters.cytotoxicIs else ()

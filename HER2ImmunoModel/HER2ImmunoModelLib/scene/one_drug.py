"""The one drug of a model that takes any: which one a treatment table gives."""

from __future__ import annotations

from HER2ImmunoCommonLib.errors import InputError

from .. import models
from ..models.given_drug import by_drug, takes_any
from ..models.model import Model
from ..treatments.clinical_tables import ClinicalSchedule
from ..treatments.prescriptions import names_in_models

UNKNOWN_KIND = "other"
"""Kind of a drug that no other model knows."""


def with_one_drug(model: Model, table: ClinicalSchedule) -> Model:
    """The model with the one drug of a table; unchanged where there is no dose, or where its drugs are known.

    Raises
    ------
    InputError
        Several drugs that act in different ways where the model has one.
    """
    if not takes_any(model):
        return model
    found = by_drug(model, names_in_models([table], model.species))
    if len(found) > 1:
        named = sorted({dose.drug.replace("_", " ") for dose in table.doses})
        raise InputError(
            f"This model of the tumour volume takes one drug, but the treatment table has {_listed(named)}; leave all "
            "but one out, give them one name if they act alike, or choose a model of several drugs."
        )
    return next(iter(found.values()), model)


def drug_of(model: Model) -> str:
    """The drug that a model took from a table, as `PlanSettings.drug` names it; empty for any other model."""
    if takes_any(model) or not takes_any(models.get(model.name)):
        return ""
    drug = model.drugs[0]
    return drug.aliases[0] if drug.kind == UNKNOWN_KIND else drug.name  # which doses call it


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"

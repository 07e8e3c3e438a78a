"""The tumour model of a virtual trial, with the drugs of the clinic that arms give, and the doses of an arm."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .. import models
from ..drugs.kinetics import Kinetics
from ..drugs.library import drug_names
from ..drugs.patients import Patient
from ..models.model import Model
from ..regimens.regimens import fill
from ..treatments.clinical_doses import resolve
from ..treatments.doses import Schedule
from ..treatments.effects import clinical_model, model_schedule
from .aptneo import APTNEO_ARMS
from .arms import TrialArm

TUMOUR_MODEL, SPECIES = "tivnh_treated", "human"
PATIENT = Patient()
"""Whose doses and kinetics all virtual patients have, but for their spread: nothing is known of her."""
WEIGHTS = {
    "pertuzumab": "w_trastuzumab_pertuzumab",
    "t-dm1": "w_cytotoxic_t_dm1",
    "t-dxd": "w_cytotoxic_t_dxd",
}
"""Parameter with the weight of pertuzumab beside trastuzumab, and of a conjugate as chemotherapy."""


@lru_cache(maxsize=1)
def virtual_model() -> Model:
    """The model whose subjects are simulated, with every drug of the library."""
    return clinical_model(models.get(TUMOUR_MODEL, SPECIES), drug_names(SPECIES), patient=PATIENT)


@lru_cache(maxsize=64)
def schedule_of(arm: TrialArm) -> Schedule:
    """What an arm was given, in full doses under the names of the model."""
    assumed = {regimen.key: regimen for regimen in APTNEO_ARMS}
    doses = resolve(fill(assumed.get(arm.regimen, arm.regimen)), PATIENT)
    return model_schedule(doses, virtual_model(), patient=PATIENT, name=arm.label).schedule


def numbers(kinetics: Kinetics) -> dict[str, float | np.ndarray]:
    """Numbers of kinetics by the names that agents give them."""
    found = {"CL": kinetics.clearance, "V1": kinetics.volume}
    for place, other in enumerate(kinetics.others, start=2):
        found |= {f"Q{place}": other.exchange, f"V{place}": other.volume}
    if kinetics.elimination is not None:
        found |= {"Vmax": kinetics.elimination.most, "Km": kinetics.elimination.half}
    return found

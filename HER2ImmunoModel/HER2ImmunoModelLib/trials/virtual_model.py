"""The tumour model of a virtual trial: drugs of the clinic as agents, chemotherapy as pulses, doses of an arm."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .. import models
from ..models.choosing_kinds import Known, with_agent, with_own_kind
from ..models.exposure_kinds import PULSE
from ..models.model import Model
from ..models.parameters import ASSUMED
from ..treatments.clinical_doses import resolve
from ..treatments.doses import Dose, Schedule
from ..treatments.drug import ClinicalDrug
from ..treatments.exposures import mg_of, pulse_weight, reference_concentration
from ..treatments.individuals import typical_patient
from ..treatments.kinetics import Kinetics
from ..treatments.library import find_drug
from ..treatments.patients import Patient
from ..treatments.regimens import fill
from .aptneo import APTNEO_ARMS
from .arms import TrialArm

TUMOUR_MODEL, SPECIES = "tivnh_treated", "human"
TARGETED, CYTOTOXIC = "trastuzumab", "cytotoxic"
AGENTS = ("trastuzumab", "pertuzumab", "t-dm1", "t-dxd", "atezolizumab")
"""Drugs whose concentration acts; of the others a dose is a pulse by its area."""
WEIGHTS = {
    "pertuzumab": "w_trastuzumab_pertuzumab",
    "t-dm1": "w_cytotoxic_t_dm1",
    "t-dxd": "w_cytotoxic_t_dxd",
}
"""Parameter with the weight of pertuzumab beside trastuzumab, and of a conjugate as chemotherapy."""


@lru_cache(maxsize=1)
def virtual_model() -> Model:
    """The model whose subjects are simulated."""
    model = models.get(TUMOUR_MODEL, SPECIES)
    for name in AGENTS:
        drug = find_drug(name)
        kinetics = {
            symbol: Known(value, drug.sets[0].basis.said) for symbol, value in numbers(drug.sets[0].kinetics).items()
        }
        for acts_as in drug.model_drugs:
            has_weight = name != TARGETED and (acts_as == CYTOTOXIC or drug.kind == "antibody")
            model = with_agent(
                model,
                acts_as,
                name,
                kinetics,
                full_dose_mg=full_dose_mg(drug),
                reference_mg_per_l=reference_concentration(drug),
                weight=Known(1.0, ASSUMED) if has_weight else None,
                basis=drug.sets[0].basis.said,
            )
    return with_own_kind(model, CYTOTOXIC, PULSE)


def numbers(kinetics: Kinetics) -> dict[str, float | np.ndarray]:
    """Numbers of kinetics by the names that agents give them."""
    found = {"CL": kinetics.clearance, "V1": kinetics.volume}
    for place, other in enumerate(kinetics.others, start=2):
        found |= {f"Q{place}": other.exchange, f"V{place}": other.volume}
    if kinetics.elimination is not None:
        found |= {"Vmax": kinetics.elimination.most, "Km": kinetics.elimination.half}
    return found


def full_dose_mg(drug: ClinicalDrug) -> float:
    """mg of a full dose of a drug in its typical patient."""
    return mg_of(drug.full_dose, typical_patient(drug))


def schedule_of(arm: TrialArm) -> Schedule:
    """What an arm was given, in full doses of the typical patient under the names of the model."""
    assumed = {regimen.key: regimen for regimen in APTNEO_ARMS}
    doses = []
    for dose in resolve(fill(assumed.get(arm.regimen, arm.regimen))):
        drug = find_drug(dose.drug)
        # A dose by weight or surface is the same share of a full dose in everybody.
        share = dose.mg / mg_of(drug.full_dose, Patient())
        if drug.name in AGENTS:
            doses.append(Dose(drug.name, dose.day, share))
        else:
            doses.append(Dose(CYTOTOXIC, dose.day, pulse_weight(drug, share * full_dose_mg(drug))))
    return Schedule(tuple(doses), arm.label)

"""The kinetics of one patient from her covariates, and of many who differ as a population does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from .drug import ClinicalDrug, CovariateEffect, ParameterSet
from .kinetics import Kinetics
from .patients import Patient, calvert_mg

OF_UNIT = {"mg/kg": "weight_kg", "mg/m2": "bsa_m2", "AUC": "gfr_ml_per_min"}
"""What a dose of a unit needs to be one in mg."""
LITRES_A_DAY = 1.44
"""Of a mL/min; also mg min/mL of a mg day/L."""


@dataclass(frozen=True)
class Population:
    """Patients drawn from the spread of a parameter set.

    Attributes
    ----------
    kinetics : Kinetics
        Its numbers are arrays (patients,).
    weight_kg : array (patients,)
    seed : int
    """

    kinetics: Kinetics
    weight_kg: np.ndarray
    seed: int


def individual(drug: ClinicalDrug, patient: Patient, set_name: str = "") -> Kinetics:
    """The kinetics of a drug in a patient: those of the typical patient times what her covariates do.

    Raises
    ------
    InputError
        No parameter set of that name, or none at all.
    """
    chosen = drug.set_named(set_name)
    return _scaled(_base(drug, chosen, patient), chosen.effects, patient.value, {})


def covariates_of(drug: ClinicalDrug, set_name: str = "") -> tuple[str, ...]:
    """Fields of a patient that change the kinetics of a drug or its dose in mg, each once."""
    chosen = (drug.set_named(set_name),) if drug.sets else ()
    of_dose = [OF_UNIT[unit] for unit in drug.units if unit in OF_UNIT]
    return tuple(dict.fromkeys(of_dose + [effect.covariate for each in chosen for effect in each.effects]))


def population(
    drug: ClinicalDrug,
    n: int,
    seed: int,
    *,
    patient: Patient | None = None,
    set_name: str = "",
    weight_cv_percent: float = 0.0,
) -> Population:
    """Draws of patients who differ as those of the parameter set do, `exp(eta)` with variance ln(1 + CV^2).

    Parameters
    ----------
    drug : ClinicalDrug
    n : int
    seed : int
    patient : Patient, optional
        Covariates of all of them.
    set_name : str
    weight_cv_percent : float
        Spread of the weight about the patient's, log-normal; changes the kinetics by their covariate effects.

    Raises
    ------
    InputError
        A set whose paper gives no spread.
    """
    patient = patient or Patient(species=drug.species)
    chosen = drug.set_named(set_name)
    if not chosen.spreads:
        raise InputError(
            f"The parameter set {chosen.name} of {drug.label} has no spread between patients; choose another set."
        )
    rng = np.random.default_rng(seed)
    weight = patient.value("weight_kg") * np.exp(_sd(weight_cv_percent) * rng.standard_normal(n))
    etas = rng.standard_normal((n, len(chosen.spreads))) @ np.linalg.cholesky(_covariance(chosen)).T
    factors = {
        parameter: np.exp(eta)
        for spread, eta in zip(chosen.spreads, etas.T, strict=True)
        for parameter in spread.parameters
    }

    def value(name: str):
        return weight if name == "weight_kg" else patient.value(name)

    kinetics = _scaled(_base(drug, chosen, patient), chosen.effects, value, factors)
    return Population(kinetics, weight, seed)


def typical_patient(drug: ClinicalDrug) -> Patient:
    """The patient in whom the covariates of the drug's default set change nothing."""
    if drug.species == "mouse":
        return Patient(species="mouse")
    effects = drug.sets[0].effects if drug.sets else ()
    found = {e.covariate: e.reference for e in effects if e.factor is None and e.slope is None}
    found.pop("bsa_m2", None)
    return Patient(**found)


def _base(drug: ClinicalDrug, chosen: ParameterSet, patient: Patient) -> Kinetics:
    """Kinetics before covariates; where a dose is an AUC, the clearance is what Calvert's formula takes it for."""
    if "AUC" not in drug.units:
        return chosen.kinetics
    per_minute = calvert_mg(1.0, patient.value("gfr_ml_per_min"))
    return replace(chosen.kinetics, clearance=per_minute * LITRES_A_DAY)


def _scaled(base: Kinetics, effects: Sequence[CovariateEffect], value: Callable, factors: dict) -> Kinetics:
    def of(parameter: str, typical):
        factor = factors.get(parameter, 1.0)
        for effect in effects:
            if parameter in effect.parameters:
                factor = factor * _effect(effect, value(effect.covariate))
        return typical * factor

    others = tuple(
        replace(other, exchange=of(f"Q{place}", other.exchange), volume=of(f"V{place}", other.volume))
        for place, other in enumerate(base.others, start=2)
    )
    limit = base.elimination
    if limit is not None:
        limit = replace(limit, most=of("Vmax", limit.most), half=of("Km", limit.half))
    return replace(
        base, clearance=of("CL", base.clearance), volume=of("V1", base.volume), others=others, elimination=limit
    )


def _effect(effect: CovariateEffect, value):
    if effect.factor is not None:
        return effect.factor if value else 1.0
    if effect.slope is not None:
        return np.exp(effect.slope * value)
    return (value / effect.reference) ** effect.power


def _sd(percent: float) -> float:
    return float(np.sqrt(np.log1p((percent / 100.0) ** 2)))


def _covariance(chosen: ParameterSet) -> np.ndarray:
    sds = np.array([_sd(spread.percent) for spread in chosen.spreads])
    correlation = np.eye(sds.size)
    place = {parameter: i for i, spread in enumerate(chosen.spreads) for parameter in spread.parameters}
    for (first, second), value in chosen.correlations.items():
        correlation[place[first], place[second]] = correlation[place[second], place[first]] = value
    return correlation * np.outer(sds, sds)

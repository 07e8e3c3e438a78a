"""Drugs of the clinic and the laboratory: doses, kinetics of patients, exposures, each number with its source."""

from .drug import Amount, Basis, ClinicalDrug, CovariateEffect, ParameterSet, Plan, Spread
from .exposures import Curve, DoseExposure, Exposure, curve_of, exposure_of
from .individuals import covariates_of
from .kinetics import Compartment, Kinetics, Saturation
from .library import drug_names, find_drug
from .patients import RANGES as PATIENT_RANGES
from .patients import WORDS as PATIENT_WORDS
from .patients import Patient

__all__ = [
    "PATIENT_RANGES",
    "PATIENT_WORDS",
    "Amount",
    "Basis",
    "ClinicalDrug",
    "Compartment",
    "CovariateEffect",
    "Curve",
    "DoseExposure",
    "Exposure",
    "Kinetics",
    "ParameterSet",
    "Patient",
    "Plan",
    "Saturation",
    "Spread",
    "covariates_of",
    "curve_of",
    "drug_names",
    "exposure_of",
    "find_drug",
]

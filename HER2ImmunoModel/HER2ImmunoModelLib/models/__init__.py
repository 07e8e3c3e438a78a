"""What a tumour model is, the models there are, and their descriptions on disk."""

from .choosing_kinds import Known, with_agent, with_own_kind
from .choosing_kinds import said as exposures_said
from .covariates import tied, with_covariate, with_covariate_about, with_covariates
from .descriptions import describe, read_model, write_model
from .exposure_kinds import KINDS as EXPOSURE_KINDS
from .exposure_kinds import Agent, ExposureKind
from .given_drug import takes_any, with_drug, with_drugs
from .library import family, get, has, names
from .model import Covariate, Drug, Model, State, targeted_and_cytotoxic
from .parameters import Parameter
from .treatment_window import has_window, treatment_window
from .volume_family import growths, treatments, volume_model

__all__ = [
    "EXPOSURE_KINDS",
    "Agent",
    "Covariate",
    "Drug",
    "ExposureKind",
    "Known",
    "Model",
    "Parameter",
    "State",
    "describe",
    "exposures_said",
    "family",
    "get",
    "growths",
    "has",
    "has_window",
    "names",
    "read_model",
    "takes_any",
    "targeted_and_cytotoxic",
    "tied",
    "treatment_window",
    "treatments",
    "volume_model",
    "with_agent",
    "with_covariate",
    "with_covariate_about",
    "with_covariates",
    "with_drug",
    "with_drugs",
    "with_own_kind",
    "write_model",
]

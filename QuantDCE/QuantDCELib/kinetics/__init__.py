"""Tracer kinetic models and their fits, of curves and of many voxels."""

from .band import FitBand, fit_band
from .choice import ModelChoice, choose_model
from .convolution import convolve_exponential
from .fit import FitResult, fit_model
from .models import MODELS
from .reference_region import FORMULAS as REFERENCE_FORMULAS
from .reference_region import fit_reference_region

__all__ = [
    "MODELS",
    "REFERENCE_FORMULAS",
    "FitBand",
    "FitResult",
    "ModelChoice",
    "choose_model",
    "convolve_exponential",
    "fit_band",
    "fit_model",
    "fit_reference_region",
]

"""Quantitative DCE-MRI: T1, concentration, arterial input, tracer kinetic maps and the numbers of a visit."""

from .agents import AGENTS, find_agent
from .aif import Aif, read_aif_csv, roi_aif
from .analysis import analyse
from .auto_aif import Artery, find_artery
from .band import FitBand, fit_band
from .baseline import arrival_time_s, detect_baseline
from .choice import ModelChoice, choose_model
from .chunks import MEMORY_MB
from .concentration import Concentration, concentration_from_signal
from .convolution import convolve_exponential
from .fit import FitResult, fit_model
from .ftv import Ftv, FtvRule, functional_tumour_volume
from .models import MODELS
from .population import POPULATION_AIFS, population_aif
from .reading import DynamicImages, VfaImages, read_dynamic, read_vfa, with_times
from .reference_region import fit_reference_region
from .result import DceResult, RoiCurve
from .settings import AIFS, M0_SOURCES, MODEL_CHOICES, DceSettings
from .signal import spgr_signal
from .status import WORDS, Status
from .t1 import T1Result, t1_from_vfa

__all__ = [
    "AGENTS",
    "AIFS",
    "M0_SOURCES",
    "MEMORY_MB",
    "MODELS",
    "MODEL_CHOICES",
    "POPULATION_AIFS",
    "WORDS",
    "Aif",
    "Artery",
    "Concentration",
    "DceResult",
    "DceSettings",
    "DynamicImages",
    "FitBand",
    "FitResult",
    "Ftv",
    "FtvRule",
    "ModelChoice",
    "RoiCurve",
    "Status",
    "T1Result",
    "VfaImages",
    "analyse",
    "arrival_time_s",
    "choose_model",
    "concentration_from_signal",
    "convolve_exponential",
    "detect_baseline",
    "find_agent",
    "find_artery",
    "fit_band",
    "fit_model",
    "fit_reference_region",
    "functional_tumour_volume",
    "population_aif",
    "read_aif_csv",
    "read_dynamic",
    "read_vfa",
    "roi_aif",
    "spgr_signal",
    "t1_from_vfa",
    "with_times",
]

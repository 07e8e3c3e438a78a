"""Quantitative DCE-MRI: T1, concentration, arterial input, tracer kinetic maps and the numbers of a visit."""

from .aif import Aif, read_aif_csv, roi_aif
from .analysis import analyse
from .concentration import Concentration, arrival_time_s, concentration_from_signal, detect_baseline
from .convolution import convolve_exponential
from .fit import FitResult, fit_model
from .models import MODELS
from .population import POPULATION_AIFS, population_aif
from .reading import DynamicImages, VfaImages, read_dynamic, read_vfa, with_times
from .result import DceResult, RoiCurve
from .settings import AIFS, DceSettings
from .signal import spgr_signal
from .status import WORDS, Status
from .t1 import T1Result, t1_from_vfa

__all__ = [
    "AIFS",
    "MODELS",
    "POPULATION_AIFS",
    "WORDS",
    "Aif",
    "Concentration",
    "DceResult",
    "DceSettings",
    "DynamicImages",
    "FitResult",
    "RoiCurve",
    "Status",
    "T1Result",
    "VfaImages",
    "analyse",
    "arrival_time_s",
    "concentration_from_signal",
    "convolve_exponential",
    "detect_baseline",
    "fit_model",
    "population_aif",
    "read_aif_csv",
    "read_dynamic",
    "read_vfa",
    "roi_aif",
    "spgr_signal",
    "t1_from_vfa",
    "with_times",
]

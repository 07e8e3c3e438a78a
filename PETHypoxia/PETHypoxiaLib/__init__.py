"""FMISO-PET: SUV that is right or refused, and the hypoxia read from it."""

from .analysis import PetResult, PetSettings, analyse
from .hypoxia import HypoxiaMetrics, hypoxia_metrics, ratio_map
from .suv import PetImages, SUVResult, read_pet, suv_factor, suv_map

__all__ = [
    "HypoxiaMetrics",
    "PetImages",
    "PetResult",
    "PetSettings",
    "SUVResult",
    "analyse",
    "hypoxia_metrics",
    "ratio_map",
    "read_pet",
    "suv_factor",
    "suv_map",
]

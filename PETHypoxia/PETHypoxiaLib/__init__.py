"""FMISO-PET: SUV that is right or refused, and the hypoxia read from it."""

from .analysis import PetResult, analyse
from .factor import suv_factor
from .metrics import HypoxiaMetrics, hypoxia_metrics
from .reading import PetImages, read_pet
from .reference_region import ratio_map
from .settings import PetSettings
from .suv import suv_map
from .verdict import SUVResult

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

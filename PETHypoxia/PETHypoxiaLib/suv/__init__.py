"""From the headers of a PET series to the SUV factor, or to the reason why there is none."""

from .answers import KEYS as ANSWER_KEYS
from .factor import suv_factor
from .maps import suv_map
from .norms import UNITS as NORM_UNITS
from .reading import PetImages, read_pet
from .verdict import SUVResult

__all__ = [
    "ANSWER_KEYS",
    "NORM_UNITS",
    "PetImages",
    "SUVResult",
    "read_pet",
    "suv_factor",
    "suv_map",
]

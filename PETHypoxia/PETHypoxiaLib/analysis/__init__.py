"""From an examination and settings to the measurements of a visit, and the words for them."""

from . import wording
from .examination import measure
from .pipeline import PetResult, analyse
from .settings import PetSettings
from .travelling import place_on_pet

__all__ = [
    "PetResult",
    "PetSettings",
    "analyse",
    "measure",
    "place_on_pet",
    "wording",
]

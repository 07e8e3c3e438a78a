"""PET Hypoxia in the scene: choices taken out of nodes, results put into them."""

from .gathering import answers_of, gather
from .inputs_key import inputs_key
from .keeping import add_to_visit
from .publishing import RATIO_WINDOW, SUV_COLOURS, SUV_WINDOW, publish, set_suv
from .selftest import write_series
from .sources import show_pet

__all__ = [
    "RATIO_WINDOW",
    "SUV_COLOURS",
    "SUV_WINDOW",
    "add_to_visit",
    "answers_of",
    "gather",
    "inputs_key",
    "publish",
    "set_suv",
    "show_pet",
    "write_series",
]

"""The enhancing tumour around a click, and how large a region is."""

from .growing import FORMULAS, grow_tumour
from .shapes import box_of
from .size import LongestDiameter, longest_diameter, longest_in_plane
from .suggestion import Suggestion

__all__ = [
    "FORMULAS",
    "LongestDiameter",
    "Suggestion",
    "box_of",
    "grow_tumour",
    "longest_diameter",
    "longest_in_plane",
]

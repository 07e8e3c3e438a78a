"""Regions of interest from files: one label or segment of a mask, with its place, put on the grid of images."""

from .choice import REGION_WORDS, split_choice, without_segments
from .placing import Given, Placed, place, placing_warnings
from .reading import Mask, read_mask

__all__ = [
    "REGION_WORDS",
    "Given",
    "Mask",
    "Placed",
    "place",
    "placing_warnings",
    "read_mask",
    "split_choice",
    "without_segments",
]

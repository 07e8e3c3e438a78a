"""Arterial inputs: of the literature, of a region, found in the images, from a file."""

from .aif import Aif, read_aif_csv, roi_aif
from .auto_aif import Artery, find_artery
from .population import POPULATION_AIFS, population_aif

__all__ = [
    "POPULATION_AIFS",
    "Aif",
    "Artery",
    "find_artery",
    "population_aif",
    "read_aif_csv",
    "roi_aif",
]

"""Arterial inputs: of the literature, of a region, found in the images, from a file."""

from .aif import Aif, read_aif_csv, roi_aif
from .auto_aif import Artery, find_arteries, find_artery
from .comparison import Comparison, compare_with_population
from .population import POPULATION_AIFS, population_aif
from .sampling import SamplingError, sampling_error

__all__ = [
    "POPULATION_AIFS",
    "Aif",
    "Artery",
    "Comparison",
    "SamplingError",
    "compare_with_population",
    "find_arteries",
    "find_artery",
    "population_aif",
    "read_aif_csv",
    "roi_aif",
    "sampling_error",
]

"""From images and settings to maps and the measurements of a visit, step by step."""

from .inputs import check_frames, sequence_of
from .own_units import in_own_units
from .pipeline import analyse
from .result import DceResult, RoiCurve
from .sanity import failure_sentence
from .settings import AIFS, BEST_MODEL, M0_SOURCES, MODEL_CHOICES, DceSettings
from .statistics import ClassCount, MapStatistics, RegionStatistics
from .statistics import from_cells as statistics_from_cells
from .statistics import to_cells as statistics_to_cells
from .timing import find_timing

__all__ = [
    "AIFS",
    "BEST_MODEL",
    "M0_SOURCES",
    "MODEL_CHOICES",
    "ClassCount",
    "DceResult",
    "DceSettings",
    "MapStatistics",
    "RegionStatistics",
    "RoiCurve",
    "analyse",
    "check_frames",
    "failure_sentence",
    "find_timing",
    "in_own_units",
    "sequence_of",
    "statistics_from_cells",
    "statistics_to_cells",
]

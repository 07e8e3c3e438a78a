"""Which voxels are worked on, in what pieces, and what came of each."""

from .chunks import MEMORY_MB
from .regions import find_regions
from .status import WORDS, Status

__all__ = [
    "MEMORY_MB",
    "WORDS",
    "Status",
    "find_regions",
]

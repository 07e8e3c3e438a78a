"""Which voxels are worked on, in what pieces, and what came of each."""

from .chunks import MEMORY_MB
from .regions import WHOLE_FIELD, find_regions
from .status import WORDS, Status

__all__ = [
    "MEMORY_MB",
    "WHOLE_FIELD",
    "WORDS",
    "Status",
    "find_regions",
]

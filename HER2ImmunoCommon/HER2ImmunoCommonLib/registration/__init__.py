"""Two visits in one space: transforms, images and masks through them, what they do to volume, and finding them."""

from .align import Alignment, align, align_rigid
from .body import find_body
from .files import read_transform, write_transform
from .jacobian import jacobian
from .landmarks import Landmarks, read_landmarks
from .quality import Quality, judge
from .resampling import carry_mask, resample
from .settings import AlignSettings
from .transform import Transform, indices, positions

__all__ = [
    "AlignSettings",
    "Alignment",
    "Landmarks",
    "Quality",
    "Transform",
    "align",
    "align_rigid",
    "carry_mask",
    "find_body",
    "indices",
    "jacobian",
    "judge",
    "positions",
    "read_landmarks",
    "read_transform",
    "resample",
    "write_transform",
]

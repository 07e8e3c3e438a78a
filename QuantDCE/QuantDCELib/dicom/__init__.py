"""Dynamic and flip angle images of a DICOM examination, with their times."""

from .choice import Choice
from .reading import DynamicImages, VfaImages, read_dynamic, read_vfa, with_times

__all__ = [
    "Choice",
    "DynamicImages",
    "VfaImages",
    "read_dynamic",
    "read_vfa",
    "with_times",
]

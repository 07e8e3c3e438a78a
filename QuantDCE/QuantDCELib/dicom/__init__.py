"""Dynamic and flip angle images of a DICOM examination, with their times."""

from .reading import DynamicImages, VfaImages, read_dynamic, read_vfa, with_times

__all__ = [
    "DynamicImages",
    "VfaImages",
    "read_dynamic",
    "read_vfa",
    "with_times",
]

"""DICOM files opened, sorted into series and stacked into volumes; their dates and times as numbers.

`pydicom` is imported inside functions, so that Slicer starts without it.
"""

from . import values
from .completeness import used_warnings
from .identity import IDENTIFYING, examination_of, examination_of_header
from .kinds import SPECIES, ImageKind, kind_of
from .opening import scan
from .pixels import load_volume, rescale, stored_frames, stored_values
from .series import Series, one_study
from .slices import order_slices
from .times import date_of, datetime_of, moment, time_of_day_s, zone_of

__all__ = [
    "IDENTIFYING",
    "SPECIES",
    "ImageKind",
    "Series",
    "date_of",
    "datetime_of",
    "examination_of",
    "examination_of_header",
    "kind_of",
    "load_volume",
    "moment",
    "one_study",
    "order_slices",
    "rescale",
    "scan",
    "stored_frames",
    "stored_values",
    "time_of_day_s",
    "used_warnings",
    "values",
    "zone_of",
]

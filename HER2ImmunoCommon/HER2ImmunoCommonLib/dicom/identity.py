"""The examination that DICOM headers name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..examination import Examination
from . import values
from .series import Series

if TYPE_CHECKING:
    from pydicom import Dataset

DATES = ("StudyDate", "AcquisitionDate", "SeriesDate", "ContentDate")
"""The day of the examination, before the days of its parts."""
PATIENT_DIGITS = 16


def examination_of(used: Sequence[Series]) -> Examination:
    """The examination of series that belong together; of several studies, that of the first."""
    first = used[0].headers[0]
    return Examination(
        study_uid=used[0].study_uid,
        frame_of_reference_uid=values.text(first, "FrameOfReferenceUID"),
        series_uids=tuple(series.uid for series in used),
        patient=_pseudonym(used[0].patient_id),
        date=_date(first),
    )


def _date(header: Dataset) -> str:
    days = (values.day(header, tag) for tag in DATES)
    found = next((day for day in days if day is not None), None)
    return "" if found is None else found.isoformat()


def _pseudonym(patient_id: str) -> str:
    return hashlib.sha256(patient_id.encode()).hexdigest()[:PATIENT_DIGITS] if patient_id else ""

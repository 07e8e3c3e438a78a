"""The examination that DICOM headers name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..examination import Examination
from . import values
from .series import Series

if TYPE_CHECKING:
    from pydicom import Dataset

DATES = ("StudyDate", "AcquisitionDate", "SeriesDate", "ContentDate")
"""The day of the examination, before the days of its parts."""
IDENTIFYING = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "PatientPosition", *DATES)
"""What of a header tells of the examination."""
PATIENT_DIGITS = 16


def examination_of(used: Sequence[Series]) -> Examination:
    """The examination of series that belong together; of several studies, that of the first."""
    return replace(examination_of_header(used[0].headers[0]), series_uids=tuple(series.uid for series in used))


def examination_of_header(header: Dataset) -> Examination:
    """The examination of one image."""
    series_uid = values.text(header, "SeriesInstanceUID")
    return Examination(
        study_uid=values.text(header, "StudyInstanceUID"),
        frame_of_reference_uid=values.text(header, "FrameOfReferenceUID"),
        series_uids=(series_uid,) if series_uid else (),
        patient=_pseudonym(values.text(header, "PatientID")),
        date=_date(header),
        patient_position=values.text(header, "PatientPosition"),
    )


def _date(header: Dataset) -> str:
    days = (values.day(header, tag) for tag in DATES)
    found = next((day for day in days if day is not None), None)
    return "" if found is None else found.isoformat()


def _pseudonym(patient_id: str) -> str:
    return hashlib.sha256(patient_id.encode()).hexdigest()[:PATIENT_DIGITS] if patient_id else ""

"""A DICOM series: the headers of its instances, and what they say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    from pydicom import Dataset


@dataclass(frozen=True, eq=False)
class Series:
    """The instances of one DICOM series, headers only.

    Attributes
    ----------
    headers : tuple of pydicom.Dataset
        Without pixels unless asked for; `.filename` names the file. In the order of InstanceNumber.
    """

    uid: str
    study_uid: str
    patient_id: str
    modality: str
    description: str
    number: int | None
    headers: tuple[Dataset, ...]

    @property
    def name(self) -> str:
        """How a message calls the series."""
        return f"series {self.number if self.number is not None else '?'} '{self.description or self.modality}'"


def series_of(headers: Sequence[Dataset]) -> Series:
    """The series of instances that share a SeriesInstanceUID.

    Raises
    ------
    InputError
        If an instance occurs twice.
    """
    seen: dict[str, Dataset] = {}
    for header in headers:
        twin = seen.setdefault(str(header.SOPInstanceUID), header)
        if twin is not header:
            raise InputError(
                f"{Path(header.filename).name} and {Path(twin.filename).name} are the same DICOM instance; keep one."
            )
    headers = sorted(headers, key=lambda header: (int(header.get("InstanceNumber") or 0), str(header.filename)))
    first = headers[0]
    number = first.get("SeriesNumber")
    return Series(
        uid=str(first.SeriesInstanceUID),
        study_uid=str(first.get("StudyInstanceUID", "")),
        patient_id=str(first.get("PatientID", "")),
        modality=str(first.get("Modality", "")),
        description=str(first.get("SeriesDescription", "")),
        number=None if number in (None, "") else int(number),
        headers=tuple(headers),
    )


def one_study(series: Sequence[Series], where: str) -> list[Series]:
    """The series, which must be of one study of one patient.

    Raises
    ------
    InputError
        Naming the studies or patients found.
    """
    for attribute, noun in (("patient_id", "patients"), ("study_uid", "studies")):
        found = sorted({getattr(entry, attribute) for entry in series})
        if len(found) > 1:
            raise InputError(
                f"{where} mixes {len(found)} {noun} ({', '.join(found)}); put one examination in a folder of its own."
            )
    return list(series)

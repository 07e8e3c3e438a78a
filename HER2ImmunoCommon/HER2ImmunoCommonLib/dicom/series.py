"""A DICOM series: the headers of its instances, and what they say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from . import values
from .left_out import LeftOut

if TYPE_CHECKING:
    from pydicom import Dataset


LONGEST_NAME = 64
"""Characters of a description (VR LO)."""


@dataclass(frozen=True, eq=False)
class Series:
    """The instances of one DICOM series, headers only.

    Attributes
    ----------
    headers : tuple of pydicom.Dataset
        Without pixels unless asked for; `.filename` names the file. In the order of InstanceNumber.
    left_out : tuple of LeftOut
        The files beside it, of this series or any, that could not be read.
    is_whole : bool
        Whether its files are numbered (InstanceNumber) from 1 without a gap, so that none is missing between them.
    """

    uid: str
    study_uid: str
    patient_id: str
    modality: str
    description: str
    number: int | None
    headers: tuple[Dataset, ...]
    left_out: tuple[LeftOut, ...] = ()
    is_whole: bool = False

    @property
    def name(self) -> str:
        """How a message calls the series."""
        return f"series {self.number if self.number is not None else '?'} '{self.description or self.modality}'"


def series_of(headers: Sequence[Dataset], left_out: tuple[LeftOut, ...] = ()) -> Series:
    """The series of instances that share a SeriesInstanceUID.

    Raises
    ------
    InputError
        If an instance occurs twice.
    """
    _refuse_copies(headers)
    order = {id(header): values.whole(header, "InstanceNumber") for header in headers}
    headers = sorted(headers, key=lambda header: (order[id(header)] or 0, str(header.filename)))
    first = headers[0]
    return Series(
        uid=values.text(first, "SeriesInstanceUID"),
        study_uid=values.text(first, "StudyInstanceUID"),
        patient_id=values.text(first, "PatientID"),
        modality=values.text(first, "Modality"),
        description=values.shown(values.text(first, "SeriesDescription"), LONGEST_NAME),
        number=values.whole(first, "SeriesNumber"),
        headers=tuple(headers),
        left_out=left_out,
        is_whole=[order[id(header)] for header in headers] == list(range(1, len(headers) + 1)),
    )


def _refuse_copies(headers: Sequence[Dataset]) -> None:
    seen: dict[str, Dataset] = {}
    copies = []
    for header in headers:
        uid = values.text(header, "SOPInstanceUID")
        if uid and (twin := seen.setdefault(uid, header)) is not header:
            copies.append((header, twin))
    if copies:
        header, twin = (Path(one.filename).name for one in copies[0])
        more = f", as are {len(copies) - 1} other pairs; keep one of each." if len(copies) > 1 else "; keep one."
        raise InputError(f"{header} and {twin} are the same DICOM instance{more}")


def one_study(series: Sequence[Series], where: str) -> list[Series]:
    """The series, which must be of one study of one patient.

    Studies that differ only in their UID, as de-identification may leave them, are one: they share the day and the
    frame of reference.

    Raises
    ------
    InputError
        Naming the studies or patients found.
    """
    for attribute, noun in (("patient_id", "patients"), ("study_uid", "studies")):
        found = sorted({getattr(entry, attribute) for entry in series})
        if len(found) > 1 and not (noun == "studies" and _is_one_visit(series)):
            names = ", ".join(
                values.shown(name) or f"one without {'an ID' if noun == 'patients' else 'a UID'}" for name in found
            )
            raise InputError(
                f"{where} mixes {len(found)} {noun} ({names}); put one examination in a folder of its own."
            )
    return list(series)


def _is_one_visit(series: Sequence[Series]) -> bool:
    for keyword in ("FrameOfReferenceUID", "StudyDate"):
        found = {values.text(header, keyword) for entry in series for header in entry.headers}
        if len(found) != 1 or "" in found:
            return False
    return True

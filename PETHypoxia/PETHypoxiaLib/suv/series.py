"""From a folder, files or headers to the one PET series that is meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from HER2ImmunoCommonLib.dicom import Series, scan, values
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError
from HER2ImmunoCommonLib.progress import Report

from . import tags
from .kinds import derivation, refusal

if TYPE_CHECKING:
    from pydicom import Dataset


def find_series(
    source: str | Path | Iterable[str | Path] | Series | Sequence[Dataset], *, report: Report | None = None
) -> list[Series]:
    """The series of a folder, files, or headers that were read already.

    Raises
    ------
    InputError
        If there is nothing, or a file cannot be read.
    """
    if isinstance(source, Series):
        return [source]
    if isinstance(source, (str, Path)):
        return scan(source, report=report)
    source = list(source)
    if not source:
        raise InputError("There are no PET headers; give the slices of a series.")
    if all(isinstance(entry, (str, Path)) for entry in source):
        return scan(source, report=report)
    return _sorted_into_series(source)


def _sorted_into_series(datasets: Sequence[Dataset]) -> list[Series]:
    groups: dict[str, list[Dataset]] = {}
    for dataset in datasets:
        groups.setdefault(values.text(dataset, "SeriesInstanceUID"), []).append(dataset)
    found = []
    for uid, headers in groups.items():
        first = headers[0]
        number = tags.number(values.text(first, "SeriesNumber"))
        found.append(
            Series(
                uid=uid,
                study_uid=values.text(first, "StudyInstanceUID"),
                patient_id=values.text(first, "PatientID"),
                modality=values.text(first, "Modality"),
                description=values.text(first, "SeriesDescription"),
                number=None if number is None else int(number),
                headers=tuple(headers),
            )
        )
    return found


def choose_series(
    found: Sequence[Series], overrides: Mapping[str, object] | None = None, *, is_chosen: bool = False
) -> Series:
    """The PET series to read among all that were found; the other modalities are passed over.

    Derived images are passed over too, unless a person names their series.

    Parameters
    ----------
    found : sequence of Series
    overrides : mapping, optional
        `series`: number or UID of the one wanted.
    is_chosen : bool
        Whether a person has chosen the one series there is.

    Raises
    ------
    QuestionsError
        If several can be used and none is named, or only derived ones can.
    InputError
        If none can be used, saying why not.
    """
    pet = [series for series in found if series.modality == "PT"]
    if not pet:
        modalities = ", ".join(sorted({series.modality or "?" for series in found}))
        raise InputError(f"There is no PET series (Modality PT) here, only {modalities}; choose the PET's folder.")
    wanted = str((overrides or {}).get("series", "")).strip()
    if wanted:
        pet = [series for series in pet if wanted in (series.uid, str(series.number))]
        if not pet:
            raise InputError(f"There is no PET series {wanted} here; name one by its number or UID.")
    refused = {series.uid: reason for series in pet if (reason := _reason(series))}
    derived = {} if is_chosen or wanted else {series.uid: why for series in pet if (why := _derivation(series))}
    usable = [series for series in pet if series.uid not in refused]
    if not usable:
        reasons = "; ".join(f"{series.name}: {refused[series.uid]}" for series in pet)
        raise InputError(f"No SUV can be made of {reasons}.")
    if all(series.uid in derived for series in usable):
        found = "; ".join(f"{series.name}: {derived[series.uid]}" for series in usable)
        raise QuestionsError(
            [Question("series", f"The only PET is {found}: if its values are activity still, which (number or UID)?")]
        )
    usable = [series for series in usable if series.uid not in derived]
    patients = sorted({series.patient_id for series in usable})
    if len(patients) > 1:
        raise InputError(f"The PET series are of {len(patients)} patients ({', '.join(patients)}); keep one's files.")
    if len(usable) > 1:
        names = ", ".join(f"{series.name} ({len(series.headers)} slices, {series.uid})" for series in usable)
        raise QuestionsError(
            [Question("series", f"There are {len(usable)} PET series, {names}: which one (number or UID)?")]
        )
    return usable[0]


def _reason(series: Series) -> str | None:
    try:
        return next((reason for header in series.headers if (reason := refusal(header))), None)
    except InputError as error:
        return str(error).rstrip(".")


def _derivation(series: Series) -> str | None:
    return next((why for header in series.headers if (why := derivation(header))), None)

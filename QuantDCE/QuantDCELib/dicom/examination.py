"""Whether series are of one examination of one patient."""

from __future__ import annotations

from collections.abc import Sequence

from HER2ImmunoCommonLib.dicom import Series, values
from HER2ImmunoCommonLib.errors import InputError


def one_examination(found: Sequence[Series], where: str) -> tuple[str, ...]:
    """Refuse series of several patients or days, and tell where those of one day have several study UIDs.

    A T1 examination and the dynamic behind it may be exported, or anonymised, as studies of their own: they are one
    examination if they share the frame of reference or the day.

    Raises
    ------
    InputError
        Naming the patients or studies found.
    """
    patients = sorted({series.patient_id for series in found})
    studies = sorted({series.study_uid for series in found})
    if len(patients) < 2 and len(studies) < 2:
        return ()
    for noun, names, is_one in (("patients", patients, False), ("studies", studies, _is_one_day(found))):
        if len(names) > 1 and not is_one:
            raise mixed(where, noun, names)
    return (f"The images are of {len(studies)} studies of one patient on one day, and were taken as one examination.",)


def mixed(where: str, noun: str, names: Sequence[str]) -> InputError:
    """The refusal of images that are not of one examination."""
    return InputError(
        f"{where} mixes {len(names)} {noun} ({', '.join(names)}); put one examination in a folder of its own."
    )


def _is_one_day(found: Sequence[Series]) -> bool:
    """Whether all series share their frame of reference, or the day of their study."""
    for tag in ("FrameOfReferenceUID", "StudyDate"):
        said = {values.text(series.headers[0], tag) for series in found}
        if len(said) == 1 and said != {""}:
            return True
    return False

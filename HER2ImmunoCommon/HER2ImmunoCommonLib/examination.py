"""Which examination images belong to, and whether two are of one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date as date_type
from enum import IntEnum

LYING = {"P": "prone", "S": "supine", "DR": "on the right side", "DL": "on the left side"}
"""Ends of PatientPosition, after what comes first into the scanner."""


class Kinship(IntEnum):
    """How two nodes or series belong together, the nearest last."""

    OTHER = 0
    """Of different patients, days or examinations."""
    UNKNOWN = 1
    """Their headers do not tell."""
    SAME_DAY = 2
    """Of one day, but not of one study or space: a PET and an MR of one visit, or two examinations of one day."""
    SAME = 3
    """Of one study, or one space on one day."""


@dataclass(frozen=True)
class Examination:
    """What the header of images says of their examination; empty where it does not say.

    Attributes
    ----------
    study_uid, frame_of_reference_uid : str
    series_uids : tuple of str
    patient : str
        Tells one patient from another, and nothing else of them.
    date : str
        Day of the examination, as YYYY-MM-DD.
    visit : str
        Name of the visit, where a study names it.
    day : float or None
        Days since the start of observation, where a study says so.
    patient_position : str
        How the patient lay in the scanner, as DICOM has it: HFP is head first and prone.
    """

    study_uid: str = ""
    frame_of_reference_uid: str = ""
    series_uids: tuple[str, ...] = ()
    patient: str = ""
    date: str = ""
    visit: str = ""
    day: float | None = None
    patient_position: str = ""

    def __post_init__(self):
        object.__setattr__(self, "series_uids", tuple(self.series_uids))

    def __bool__(self) -> bool:
        return self != Examination()

    def days_after(self, start: str) -> float | None:
        """Days from an earlier date (YYYY-MM-DD) to this examination; None where either is not known."""
        if not (self.date and start):
            return None
        return float((date_type.fromisoformat(self.date) - date_type.fromisoformat(start)).days)

    def to_json(self) -> str:
        """As text; `from_json` gives it back."""
        return json.dumps(asdict(self))


def from_json(text: str) -> Examination:
    """The examination that `Examination.to_json` wrote; fields of a later version are passed over."""
    known = {entry.name for entry in fields(Examination)}
    return Examination(**{name: value for name, value in json.loads(text).items() if name in known})


def kinship(a: Examination, b: Examination) -> Kinship:
    """Whether two examinations are one.

    Days part what shares a space, since a series may be registered to that of another day; a study keeps together what
    it holds. Where dates are taken out or made the same, only study and space can tell.
    """
    if _differ(a.patient, b.patient):
        return Kinship.OTHER
    if _agree(a.study_uid, b.study_uid) or set(a.series_uids) & set(b.series_uids):
        return Kinship.SAME
    if _differ(a.date, b.date):
        return Kinship.OTHER
    if _agree(a.frame_of_reference_uid, b.frame_of_reference_uid):
        return Kinship.SAME
    if _agree(a.date, b.date):
        return Kinship.SAME_DAY
    return Kinship.OTHER if _differ(a.study_uid, b.study_uid) else Kinship.UNKNOWN


def lying_apart(position: str, other: str, names: tuple[str, str] = ("one examination", "the other")) -> str:
    """What to know where the patient lay another way at one examination than at the other; empty where that is unknown.

    Parameters
    ----------
    position, other : str
        `Examination.patient_position`. What comes first into the scanner changes nothing of the body.
    names : (str, str)
        What the examinations are called.
    """
    ways = [LYING.get(each.strip().upper()[2:], "") for each in (position, other)]
    if "" in ways or ways[0] == ways[1]:
        return ""
    return (
        f"The patient lay {ways[0]} at {names[0]} and {ways[1]} at {names[1]} (PatientPosition), which gives the "
        "breast another shape: look at every part of the alignment before you trust it."
    )


def first_date(examinations: Sequence[Examination]) -> str:
    """The earliest day of some examinations; empty where none has one."""
    return min((each.date for each in examinations if each.date), default="")


def _agree(a: str, b: str) -> bool:
    return bool(a) and a == b


def _differ(a: str, b: str) -> bool:
    return bool(a) and bool(b) and a != b

"""The one identity that a tumour keeps over all visits: the Tracking Unique Identifier of DICOM (0062,0021)."""

from __future__ import annotations

import re
import uuid

from .errors import InputError
from .reading.spelling import shown

LONGEST_UID = 64
"""Signs of a UID (PS3.5, 9.1)."""
UID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))+")


def new_tracking_uid() -> str:
    """A UID for a tumour that has none: of a random UUID (PS3.5, B.2), so that nothing of the patient is in it."""
    return f"2.25.{uuid.uuid4().int}"


def is_tracking_uid(text: object) -> bool:
    """Whether a value is a UID as DICOM writes them."""
    return isinstance(text, str) and len(text) <= LONGEST_UID and UID.fullmatch(text) is not None


def checked_tracking_uid(text: object, where: str) -> str:
    """A tracking UID that a person gave.

    Parameters
    ----------
    text : object
    where : str
        Where it stands, for the message.

    Raises
    ------
    InputError
        If it is no UID.
    """
    if not is_tracking_uid(text):
        raise InputError(
            f"{where} is {shown(text)}, which is no UID; give numbers with points between them, at most "
            f"{LONGEST_UID} signs, such as 2.25.1234, or leave it out for a new one."
        )
    return text

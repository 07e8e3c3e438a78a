"""Numbers from the panel's text fields, in which empty means: from the images, or found automatically."""

from __future__ import annotations

import math
import re

from HER2ImmunoCommonLib.errors import InputError


def optional_number(text: str, what: str, *, above: float | None = 0.0) -> float | None:
    """The number in a field; None if it is empty.

    Parameters
    ----------
    text : str
    what : str
        Name and unit of the field, for messages.
    above : float or None
        Bound below, excluded.

    Raises
    ------
    InputError
        If it is no number or not above the bound.
    """
    if not text.strip():
        return None
    (value,) = _numbers([text.strip()], what)
    if above is not None and value <= above:
        raise InputError(f"{what} is {value:g}; give a number above {above:g}, or leave it empty.")
    return value


def number_list(text: str, what: str) -> list[float]:
    """The numbers in a field, separated by spaces, commas or semicolons.

    Raises
    ------
    InputError
        If one is no number.
    """
    return _numbers([entry for entry in re.split(r"[\s,;]+", text) if entry], what)


def frame_range(text: str) -> tuple[int, int] | None:
    """First frame (from 0) and the frame after the last of "first-last" counted from 1; None if empty.

    Raises
    ------
    InputError
        If it is not such a range.
    """
    if not text.strip():
        return None
    first, last = _frames(text)
    if not 1 <= first <= last:
        raise InputError(f"Baseline frames is {text!r}; give first-last, such as 1-6, or leave it empty.")
    return first - 1, last


def frame_pair(text: str) -> tuple[int, int] | None:
    """The early and the late frame (from 0) of "early-late" counted from 1; None if empty.

    Raises
    ------
    InputError
        If it is not such a pair.
    """
    if not text.strip():
        return None
    early, late = _frames(text)
    if not 1 <= early < late:
        raise InputError(f"Early-late frames is {text!r}; give two frames, such as 2-3, or leave it empty.")
    return early - 1, late - 1


def _frames(text: str) -> tuple[int, int]:
    """First and last of "first-last"; (0, 0) of anything else."""
    found = re.fullmatch(r"\s*(\d+)\s*(?:[-–]\s*(\d+)\s*)?", text)
    return (int(found[1]), int(found[2] or found[1])) if found else (0, 0)


def _numbers(entries: list[str], what: str) -> list[float]:
    values = []
    for entry in entries:
        try:
            value = float(entry)
        except ValueError:
            raise InputError(f"{what} is {entry!r}, which is not a number; correct it.") from None
        if not math.isfinite(value):
            raise InputError(f"{what} is {entry!r}; give a finite number.")
        values.append(value)
    return values

"""How much may be asked for: refused in a sentence before memory or days of work are spent on it."""

from __future__ import annotations

from math import isfinite

from .errors import InputError

MOST = {
    "draws": 100_000,
    "prior_draws": 1_000_000,
    "walkers": 10_000,
    "most_steps": 1_000_000,
    "iterations": 100_000,
    "doses": 1_000,
    "gap_days": 3650,
    "split": 1_000,
    "schedules": 100_000,
    "hidden": 10_000,
}
LONGEST_DAYS = 3650.0
"""Ten years: no forecast reaches further."""
MOST_GIB = 4.0


def checked(what: str, value: object, most: float, *, least: float = 1, whole: bool = True) -> None:
    """Refuse a number that is none, not whole, or outside its limits.

    Parameters
    ----------
    what : str
        Option or setting, for messages.
    value : object
    most, least : float
    whole : bool

    Raises
    ------
    InputError
    """
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
    if not is_number or not least <= value <= most or (whole and value != int(value)):
        kind = "a whole number" if whole else "a number"
        raise InputError(f"{what} is {value}; give {kind} from {least:.10g} to {most:.10g}.")


def check_memory(numbers: float, what: str) -> None:
    """Refuse an array of floats that would not fit beside everything else.

    Raises
    ------
    InputError
    """
    gib = 8.0 * numbers / 2**30
    if gib > MOST_GIB:
        raise InputError(f"{what} need {gib:.1f} GiB of memory, more than {MOST_GIB:g}; ask for fewer or shorter ones.")

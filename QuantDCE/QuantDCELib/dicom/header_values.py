"""Numbers of an MR header, in one unit whatever their writer used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from HER2ImmunoCommonLib.dicom import values

if TYPE_CHECKING:
    from pydicom import Dataset

LONGEST_TR_IN_S = 0.5
"""A RepetitionTime below this is in seconds: no spoiled gradient echo repeats within half a millisecond."""
SAME_VALUE = 0.02
"""Largest difference of a value between images of one dynamic, as a fraction: each is within 1 % of one of them."""
STRONGEST_FIELD_T = 30.0
TESLA_PER_GAUSS = 1e-4


def one_value(headers: Sequence[Dataset], tag: str) -> float | None:
    """The value of `tag` if all headers agree but for what scanners adapt and writers round, as the first has it.

    Raises
    ------
    InputError
        If one is no number.
    """
    found = [number for header in headers if (number := values.number(header, tag)) is not None]
    alike = found and max(found) - min(found) <= SAME_VALUE * max(abs(min(found)), abs(max(found)))
    return found[0] if alike else None


def tr_in_s(headers: Sequence[Dataset]) -> tuple[float | None, tuple[str, ...]]:
    """RepetitionTime in s, whether it was written in ms or s, and what was assumed."""
    value = one_value(headers, "RepetitionTime")
    if value is None or value <= 0:
        return None, ()
    if value < LONGEST_TR_IN_S:
        return value, (f"RepetitionTime {value:g} was taken as seconds.",)
    return value / 1000.0, ()


def field_in_t(header: Dataset) -> tuple[float | None, tuple[str, ...]]:
    """MagneticFieldStrength in T, whether it was written in T or gauss, and what was assumed."""
    value = one_value([header], "MagneticFieldStrength")
    if value is None or value <= 0:
        return None, ()
    if value > STRONGEST_FIELD_T:
        return value * TESLA_PER_GAUSS, (
            f"MagneticFieldStrength {value:g} was taken as gauss: {value * TESLA_PER_GAUSS:g} T.",
        )
    return value, ()


def described(headers: Sequence[Dataset], series: str) -> dict[str, str]:
    """What the headers say of the scanner and the contrast agent, as text; what is missing is left out."""
    makers = [values.text(headers[0], tag) for tag in ("Manufacturer", "ManufacturerModelName")]
    found = {
        "series": series,
        "scanner": " ".join(makers).strip(),
        "contrast_agent": next((text for h in headers if (text := values.text(h, "ContrastBolusAgent"))), ""),
    }
    return {name: text for name, text in found.items() if text}

"""Numbers of an MR header, in one unit whatever their writer used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydicom import Dataset

LONGEST_TR_IN_S = 0.5
"""A RepetitionTime below this is in seconds: no spoiled gradient echo repeats within half a millisecond."""
STRONGEST_FIELD_T = 30.0
TESLA_PER_GAUSS = 1e-4


def one_value(headers: Sequence[Dataset], tag: str) -> float | None:
    """The value of `tag` if all headers agree."""
    values = {float(header.get(tag)) for header in headers if header.get(tag) not in (None, "")}
    return values.pop() if len(values) == 1 else None


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
    first = headers[0]
    found = {
        "series": series,
        "scanner": " ".join(str(first.get(tag) or "") for tag in ("Manufacturer", "ManufacturerModelName")).strip(),
        "contrast_agent": next((str(h.ContrastBolusAgent) for h in headers if h.get("ContrastBolusAgent")), ""),
    }
    return {name: text for name, text in found.items() if text}

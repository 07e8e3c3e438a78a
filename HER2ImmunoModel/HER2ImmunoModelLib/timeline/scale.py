"""Days along a line of pixels, and what stands at the axis: days, and weeks or dates below them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

STEPS = (1, 2, 7, 14, 21, 28, 42, 56, 84, 168, 364, 728, 1820)
"""Days between two labels: whole weeks from the third on, as cycles are."""
LEAST_SPAN_DAYS = 2.0
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEK = 7


@dataclass(frozen=True)
class DayScale:
    """A span of days on a line of pixels.

    Attributes
    ----------
    first, last : float
        Days at the ends.
    left, right : float
        Pixels at the ends.
    """

    first: float
    last: float
    left: float
    right: float

    @property
    def pixels_a_day(self) -> float:
        """Width of a day."""
        return (self.right - self.left) / (self.last - self.first)

    def x(self, day: float) -> float:
        """Pixel of a day."""
        return self.left + (day - self.first) * self.pixels_a_day

    def day(self, x: float) -> float:
        """Day at a pixel."""
        return self.first + (x - self.left) / self.pixels_a_day

    def shows(self, day: float) -> bool:
        """Whether a day is on the line."""
        return self.first <= day <= self.last


Span = tuple[float, float]


def zoomed(span: Span, whole: Span, at: float, factor: float) -> Span:
    """A span of days made longer or shorter about a day, never beyond the whole one."""
    longest = whole[1] - whole[0]
    length = max(factor * (span[1] - span[0]), LEAST_SPAN_DAYS)
    if length >= longest:
        return whole
    first = at - (at - span[0]) * length / (span[1] - span[0])
    first = min(max(first, whole[0]), whole[1] - length)
    return first, first + length


@dataclass(frozen=True)
class Mark:
    """A label of the axis.

    Attributes
    ----------
    day : float
    text, below : str
        The day, and its week or date.
    """

    day: float
    text: str
    below: str


def axis_marks(scale: DayScale, widest: float, day_zero: date | None = None) -> tuple[Mark, ...]:
    """Labels that stand apart from each other.

    Parameters
    ----------
    scale : DayScale
    widest : float
        Pixels that a label needs, with the space beside it.
    day_zero : date, optional
        Dates stand below where it is known, else weeks from 0.
    """
    return tuple(Mark(day, f"{day}", _below(day, day_zero)) for day in grid_days(scale, widest))


def grid_days(scale: DayScale, least: float) -> range:
    """Days at which a line is drawn, at least so many pixels apart."""
    step = _step(scale, least)
    return range(math.ceil(scale.first / step) * step, math.floor(scale.last) + 1, step)


def _step(scale: DayScale, pixels: float) -> int:
    return next((step for step in STEPS if step * scale.pixels_a_day >= pixels), STEPS[-1])


def _below(day: int, day_zero: date | None) -> str:
    if day_zero is not None:
        when = date_of_day(day, day_zero)
        return "" if when is None else f"{when.day} {MONTHS[when.month - 1]}"
    return f"{day // WEEK}" if day % WEEK == 0 else ""


def date_of_day(day: float, day_zero: date | None) -> date | None:
    """Date of a day; None where that of day 0 is not known, or no calendar has it."""
    if day_zero is None:
        return None
    try:
        return day_zero + timedelta(days=math.floor(day))
    except OverflowError:
        return None


def years_of(scale: DayScale, day_zero: date | None) -> str:
    """The years that a line shows: `2026`, or `2026/27`."""
    ends = [date_of_day(day, day_zero) for day in (scale.first, scale.last)]
    years = [when.year for when in ends if when is not None]
    if not years:
        return ""
    return f"{years[0]}" if years[0] == years[-1] else f"{years[0]}/{years[-1] % 100:02d}"

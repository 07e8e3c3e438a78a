"""What was measured of each quantity over the days, with its standard deviation: that of the table, or the assumed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np
from HER2ImmunoCommonLib.chart_spec import tick_step
from HER2ImmunoCommonLib.measurements import LABELS, MODEL_COLUMNS, Measurement, label_of

from ..calibration.observations import FRACTION_SD, VOLUME_CV, number_of
from .judging import SUSPICIOUS, Judged

SHARE_TOPS = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
HEADROOM = 0.05
ASSUMED = f"± sd, assumed: volume {100 * VOLUME_CV:g} %, fraction {FRACTION_SD:g}"
"""What the calibration takes where the table gives no standard deviation."""


@dataclass(frozen=True, eq=False)
class Curve:
    """One quantity at all visits.

    Attributes
    ----------
    column : str
    title : str
        For people, with the unit.
    day, value, low, high : array (visits,)
        The value with plus and minus one standard deviation; NaN where it was not measured, ends also where the
        standard deviation is not known.
    is_assumed, is_suspicious : bool array (visits,)
    said : tuple of str
        A line or more for each visit.
    """

    column: str
    title: str
    day: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    is_assumed: np.ndarray
    is_suspicious: np.ndarray
    said: tuple[str, ...]

    @property
    def is_missing(self) -> np.ndarray:
        """Visits at which it was not measured, bool array (visits,)."""
        return ~np.isfinite(self.value)

    @property
    def y_range(self) -> tuple[float, float]:
        """From zero, or below what is negative, to above the highest."""
        shown = np.concatenate([self.value, self.high, self.low])
        shown = shown[np.isfinite(shown)]
        low, high = min(0.0, float(shown.min())), float(shown.max())
        if self.column.endswith("_fraction"):
            return 0.0, next((top for top in SHARE_TOPS if high <= top), 1.0)
        high = high + HEADROOM * (high - low) if high > low else low + 1.0
        return (low and low - tick_step(low, high)), high


def curves_of(judged: Judged) -> tuple[Curve, ...]:
    """The quantities that any visit has: those of the model in their order, then those of the images."""
    columns = dict.fromkeys(name for visit in judged.visits for name in visit.values)
    known = [name for name in LABELS if name in columns]
    return tuple(_curve(judged, name) for name in dict.fromkeys((*known, *columns)))


def titled(column: str) -> str:
    """A column as the title of a chart."""
    label = label_of(column)
    return f"{label} (0 to 1)" if column.endswith("_fraction") else label


def _curve(judged: Judged, column: str) -> Curve:
    visits = judged.visits
    numbers = np.array([_with_ends(visit, column) for visit in visits]).reshape(-1, 3)
    is_assumed = np.array([column in v.values and column not in v.sd and column in MODEL_COLUMNS for v in visits])
    marks = [judged.of(row, column) for row in judged.rows]
    return Curve(
        column,
        titled(column),
        np.array([visit.day for visit in visits]),
        *numbers.T,
        is_assumed,
        np.array([any(mark.kind == SUSPICIOUS for mark in found) for found in marks]),
        tuple("\n".join(_said(visit, column, found)) for visit, found in zip(visits, marks, strict=True)),
    )


def _with_ends(visit: Measurement, column: str) -> tuple[float, float, float]:
    """A value and one standard deviation below and above it, as the calibration takes them."""
    value = visit.values.get(column, np.nan)
    if column in visit.values and column in MODEL_COLUMNS:
        middle, sd, is_logarithm = number_of(visit, column)
        ends = middle - sd, middle + sd
        return value, *(map(exp, ends) if is_logarithm else (max(ends[0], 0.0), min(ends[1], 1.0)))
    sd = visit.sd.get(column, np.nan)
    return value, value - sd, value + sd


def _said(visit: Measurement, column: str, marks: Sequence) -> Iterator[str]:
    at = f"{visit.visit}, day {visit.day:g}"
    if column not in visit.values:
        yield f"{at}: not measured" if not any(mark.kind != "missing" for mark in marks) else at
    else:
        sd = visit.sd.get(column)
        assumed = column in MODEL_COLUMNS and sd is None
        spread = " ± " + f"{sd:.3g}" if sd is not None else ""
        yield f"{at}: {visit.values[column]:.4g}{spread}{' (sd assumed)' if assumed else ''}"
    yield from (mark.reason for mark in marks if mark.kind != "missing")

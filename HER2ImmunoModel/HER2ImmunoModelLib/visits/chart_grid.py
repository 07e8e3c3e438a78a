"""Where the charts of all quantities go: small ones of one size with the same days, in one column or two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.chart_shapes import Axes, Box
from HER2ImmunoCommonLib.chart_spec import ticks

from ..timeline.scale import DayScale
from .curves import Curve

Measure = Callable[[str], float]
MARGIN, GAP = 6.0, 4.0
TWO_COLUMNS = 380.0
"""Width from which charts stand beside each other."""
BETWEEN = 14.0
CHART_LINES = 4.2
"""Height of the plot area, in lines of text."""
TITLE_GAP = 1.6
"""Height of a title above its plot area, in lines of text: half a number of the axis stands between them."""
ROOM = 0.04
"""Days beyond the first and last visit, as a share of their span."""
NEAR = 14.0
"""Pixels beside a visit in which it is told."""
SAMPLE = 16.0
Tick = tuple[float, str]


@dataclass(frozen=True, eq=False)
class ChartGrid:
    """Charts laid out in a picture of so many pixels.

    Attributes
    ----------
    curves : tuple of Curve
    axes : tuple of Axes
        Of each chart.
    y_ticks : tuple of tuple of (float, str)
        Of each chart.
    scales : tuple of DayScale
        Of each column of charts.
    legend : tuple of (str, float, float)
        Entries with their x and y.
    width, height, text : float
        Of the picture; height of a line of text.
    """

    curves: tuple[Curve, ...]
    axes: tuple[Axes, ...]
    y_ticks: tuple[tuple[Tick, ...], ...]
    scales: tuple[DayScale, ...]
    legend: tuple[tuple[str, float, float], ...]
    width: float
    height: float
    text: float

    def scale_of(self, number: int) -> DayScale:
        """Days of a chart."""
        return self.scales[number % len(self.scales)]

    def is_lowest(self, number: int) -> bool:
        """Whether the numbers of the days stand below a chart."""
        return number + len(self.scales) >= len(self.curves)

    def at(self, x: float, y: float) -> tuple[int, int] | None:
        """Chart and visit at a point; None where there is none."""
        for number, axes in enumerate(self.axes):
            if not (axes.box.y - self.text <= y <= axes.box.bottom + GAP):
                continue
            off = np.abs(axes.x_px(self.curves[number].day) - x)
            if off.size and off.min() <= NEAR:
                return number, int(off.argmin())
        return None


def lay_out_charts(
    curves: Sequence[Curve], legend: Sequence[str], width: float, text: float, measure: Measure
) -> ChartGrid:
    """Everything of the charts in a picture of a width.

    Parameters
    ----------
    curves : sequence of Curve
        Of the same visits.
    legend : sequence of str
        Entries, in order.
    width, text : float
        Pixels; height of a line of text.
    measure : callable
        Gives the width of a text, pixels.
    """
    entries, top = _legend(legend, width, text, measure)
    columns = 2 if width >= TWO_COLUMNS and len(curves) > 1 else 1
    high = CHART_LINES * text
    y_ticks = tuple(_y_ticks(curve, high, text) for curve in curves)
    labels = max((measure(said) for found in y_ticks for _value, said in found), default=0.0) + GAP
    each = (width - 2 * MARGIN - (columns - 1) * BETWEEN) / columns
    span = _span(curves)
    lefts = [MARGIN + n * (each + BETWEEN) + labels for n in range(columns)]
    scales = tuple(DayScale(*span, left, max(left + 1.0, left + each - labels)) for left in lefts)
    axes = []
    for number, curve in enumerate(curves):
        scale, row = scales[number % columns], number // columns
        y = top + row * (high + (TITLE_GAP + 0.7) * text) + TITLE_GAP * text
        axes.append(Axes(Box(scale.left, y, scale.right - scale.left, high), span, curve.y_range))
    bottom = max((each.box.bottom for each in axes), default=top)
    height = bottom + GAP + 2 * text + MARGIN
    return ChartGrid(tuple(curves), tuple(axes), y_ticks, scales, entries, width, height, text)


def _span(curves: Sequence[Curve]) -> tuple[float, float]:
    days = [day for curve in curves for day in curve.day]
    first, last = (min(days), max(days)) if days else (0.0, 1.0)
    room = ROOM * (last - first) or 1.0
    return first - room, last + room


def _y_ticks(curve: Curve, high: float, text: float) -> tuple[Tick, ...]:
    """Two at least, or nobody knows how high a number is."""
    low, top = curve.y_range
    for wanted in range(max(2, int(high / (2.2 * text))), 12):
        found = [tick for tick in ticks(low, top, wanted) if low <= tick[0] <= top]
        if len(found) > 1:
            break
    return tuple(found)


def _legend(entries: Sequence[str], width: float, text: float, measure: Measure):
    """Places of entries in rows, and where the charts begin."""
    x, y, placed = MARGIN, MARGIN, []
    for entry in entries:
        needed = SAMPLE + GAP + measure(entry)
        if x > MARGIN and x + needed > width - MARGIN:
            x, y = MARGIN, y + 1.1 * text
        placed.append((entry, x, y))
        x += needed + 3 * GAP
    return tuple(placed), y + 1.1 * text if placed else MARGIN

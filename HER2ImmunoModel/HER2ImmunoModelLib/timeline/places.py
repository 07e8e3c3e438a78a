"""Where all of a time line goes in a picture of so many pixels, and what is under a point of it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from HER2ImmunoCommonLib.chart_shapes import Axes, Box

from .lanes import Lane, PlacedDose, TimeLine
from .scale import DayScale, Span
from .strips import Strip

Measure = Callable[[str], float]
MARGIN, GAP, LABEL_GAP = 6.0, 4.0, 8.0
WIDEST_LABELS = 0.3
"""Share of the width that names of drugs take at most."""
LANE_LINES, STRIP_LINES, HEAD_LINES = 1.7, 5.5, 1.9
VISIT_HEIGHT = 12.0
NARROWEST, WIDEST_DOSE = 4.0, 11.0
SHORTEST_DOSE = 0.45
"""Height of the smallest dose of a lane, as a share of the largest one's."""
NEAR = 3.0
"""Pixels beside a dose or a visit in which it is taken."""


@dataclass(frozen=True)
class Place:
    """What is under a point.

    Attributes
    ----------
    kind : str
        `dose`, `lane`, `label`, `visit`, `strip`, `axis`, or empty for nothing.
    lane : int or None
    row : int or None
        Of the dose in the table.
    visit : int or None
    strip : int or None
    day : float
    """

    kind: str = ""
    lane: int | None = None
    row: int | None = None
    visit: int | None = None
    strip: int | None = None
    day: float = 0.0


@dataclass(frozen=True, eq=False)
class Places:
    """A laid out time line, in pixels.

    Attributes
    ----------
    line : TimeLine
    strips : tuple of Strip
    scale : DayScale
    width, text : float
        Of the picture; height of a line of text.
    lane_tops : tuple of float
    lane_height : float
    axes : tuple of Axes
        Of each strip.
    height : float
    """

    line: TimeLine
    strips: tuple[Strip, ...]
    scale: DayScale
    width: float
    text: float
    lane_tops: tuple[float, ...]
    lane_height: float
    axes: tuple[Axes, ...]
    height: float

    @property
    def days_top(self) -> float:
        """Top of the two lines of text of the axis."""
        return MARGIN

    @property
    def visits_top(self) -> float:
        """Top of the marks of visits."""
        return MARGIN + 2 * self.text + GAP

    @property
    def lanes_top(self) -> float:
        """Top of the first lane."""
        return self.visits_top + VISIT_HEIGHT

    @property
    def lanes_bottom(self) -> float:
        """Bottom of the last lane."""
        return self.lanes_top + len(self.lane_tops) * self.lane_height

    @cached_property
    def _days(self) -> tuple[tuple[float, ...], ...]:
        return tuple(tuple(dose.day for dose in lane.doses) for lane in self.line.lanes)

    @cached_property
    def _widths(self) -> tuple[float, ...]:
        return tuple(_dose_width(lane, self.scale) for lane in self.line.lanes)

    @cached_property
    def _largest(self) -> tuple[dict[str, float], ...]:
        """The largest dose of each unit in a lane."""
        found: list[dict[str, float]] = []
        for lane in self.line.lanes:
            found.append({})
            for dose in lane.doses:
                found[-1][dose.unit] = max(found[-1].get(dose.unit, 0.0), dose.size)
        return tuple(found)

    def dose_box(self, lane: int, dose: PlacedDose) -> Box:
        """Where a dose of a lane is drawn: the larger, the higher."""
        largest = self._largest[lane].get(dose.unit, dose.size)
        share = min(1.0, dose.size / largest) if largest > 0 else 0.0
        full = self.lane_height - 2 * GAP
        height = full * (SHORTEST_DOSE + (1 - SHORTEST_DOSE) * share)
        width = self._widths[lane]
        bottom = self.lane_tops[lane] + self.lane_height - GAP
        return Box(self.scale.x(dose.day) - width / 2, bottom - height, width, height)

    def box_of(self, row: int | None) -> Box | None:
        """Where the dose of a row is drawn; None without one."""
        for number, lane in enumerate(self.line.lanes):
            for dose in lane.doses:
                if dose.row == row:
                    return self.dose_box(number, dose)
        return None

    def lane_at(self, y: float) -> int | None:
        """The lane at a height."""
        number = int((y - self.lanes_top) // self.lane_height)
        return number if 0 <= number < len(self.lane_tops) else None

    def at(self, x: float, y: float) -> Place:
        """What is under a point."""
        day, lane = self.scale.day(x), self.lane_at(y)
        inside = self.scale.left <= x <= self.scale.right
        if lane is not None:
            if x < self.scale.left - NEAR:
                return Place("label", lane, day=day)
            dose = self._nearest(self.line.lanes[lane].doses, self._days[lane], day, self._widths[lane] / 2 + NEAR)
            if dose is not None:
                return Place("dose", lane, dose.row, day=day)
            return Place("lane", lane, day=day) if inside else Place(day=day)
        visits = self.line.visits
        strip = next((n for n, axes in enumerate(self.axes) if axes.box.y <= y <= axes.box.bottom), None)
        if self.visits_top - NEAR <= y < self.lanes_top or strip is not None:
            visit = self._nearest(visits, [visit.day for visit in visits], day, 2 * NEAR)
            if visit is not None:
                return Place("visit", visit=visits.index(visit), day=day)
        if strip is not None and inside:
            return Place("strip", strip=strip, day=day)
        return Place("axis" if inside and y < self.lanes_top else "", day=day)

    def _nearest(self, entries: Sequence, days: Sequence[float], day: float, pixels: float):
        """The entry nearest to a day, within pixels."""
        reach = pixels / self.scale.pixels_a_day
        found = range(bisect_left(days, day - reach), bisect_right(days, day + reach))
        nearest = min(found, key=lambda n: abs(days[n] - day), default=None)
        return None if nearest is None else entries[nearest]


def lay_out(
    line: TimeLine, strips: Sequence[Strip], width: float, text: float, measure: Measure, span: Span | None = None
) -> Places:
    """Everything of a time line in a picture of a width.

    Parameters
    ----------
    line : TimeLine
    strips : sequence of Strip
    width : float
        Pixels.
    text : float
        Height of a line of text, pixels.
    measure : callable
        Gives the width of a text, pixels.
    span : (float, float), optional
        Days shown; all if None.
    """
    labels = [lane.label for lane in line.lanes]
    widest = max((measure(label) for label in (*labels, "Week", "0.00")), default=0.0)
    left = MARGIN + min(widest, WIDEST_LABELS * width) + LABEL_GAP
    first, last = line.span if span is None else span
    scale = DayScale(first, last, left, max(left + 1.0, width - MARGIN))
    lane_height = round(LANE_LINES * text)
    top = MARGIN + 2 * text + GAP + VISIT_HEIGHT
    tops = tuple(top + n * lane_height for n in range(len(line.lanes)))
    axes, bottom = [], top + len(line.lanes) * lane_height + GAP
    for strip in strips:
        box = Box(scale.left, bottom + HEAD_LINES * text, scale.right - scale.left, STRIP_LINES * text)
        axes.append(Axes(box, (first, last), strip.y_range))
        bottom = box.bottom + GAP
    return Places(line, tuple(strips), scale, width, text, tops, lane_height, tuple(axes), bottom + MARGIN)


def _dose_width(lane: Lane, scale: DayScale) -> float:
    """As wide as the closest two doses allow."""
    days = [dose.day for dose in lane.doses]
    closest = min((after - before for before, after in pairwise(days)), default=0.0)
    if closest <= 0:
        return WIDEST_DOSE
    return min(max(0.7 * closest * scale.pixels_a_day, NARROWEST), WIDEST_DOSE)

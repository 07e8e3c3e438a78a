"""What a chart shows, apart from how it is drawn: in a report, a test picture or a Slicer plot view."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .provenance import plain

Colour = tuple[int, int, int]

INK: Colour = (45, 52, 64)
GRID: Colour = (226, 230, 236)
BLUE: Colour = (31, 102, 168)
ORANGE: Colour = (204, 102, 20)
GREEN: Colour = (36, 133, 95)
PURPLE: Colour = (122, 80, 160)
RED: Colour = (184, 50, 60)
GREY: Colour = (120, 128, 140)
ROOM = 0.03
"""Room beyond the last points, as a share of their spread."""
PALETTE = (BLUE, ORANGE, GREEN, PURPLE, RED, GREY)


@dataclass(frozen=True, eq=False)
class Line:
    """A curve; NaN breaks it."""

    x: np.ndarray
    y: np.ndarray
    label: str
    colour: Colour = BLUE
    width: float = 2.0
    dashed: bool = False


@dataclass(frozen=True, eq=False)
class Points:
    """Markers, with intervals along x or y where given (absolute ends, not lengths)."""

    x: np.ndarray
    y: np.ndarray
    label: str
    colour: Colour = INK
    y_interval: tuple[np.ndarray, np.ndarray] | None = None
    x_interval: tuple[np.ndarray, np.ndarray] | None = None


@dataclass(frozen=True, eq=False)
class Band:
    """The area between two curves."""

    x: np.ndarray
    low: np.ndarray
    high: np.ndarray
    label: str
    colour: Colour = BLUE


@dataclass(frozen=True, eq=False)
class Span:
    """A shaded stretch of x over the full height; it has no part in the ranges that are found from the items."""

    x_low: float
    x_high: float
    label: str
    colour: Colour = GREY


@dataclass(frozen=True, eq=False)
class Bars:
    """A histogram: one height between each two of the edges; a bar that is NaN is left out."""

    edges: np.ndarray
    heights: np.ndarray
    label: str
    colour: Colour = BLUE

    def steps(self) -> tuple[np.ndarray, np.ndarray]:
        """x and y of the outline: up, along and down again at each bar, from and to zero."""
        edges, heights = np.asarray(self.edges, float), np.asarray(self.heights, float)
        return np.repeat(edges, 2), np.concatenate([[0.0], np.repeat(heights, 2), [0.0]])


Item = Line | Points | Band | Span | Bars


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart with labelled axes.

    Attributes
    ----------
    title, x_label, y_label : str
        Labels carry the unit.
    items : tuple of Line, Points, Band, Span or Bars
        Drawn in this order.
    x_range, y_range : (float, float), optional
        Found from the items where not given.
    y_names : tuple of str, optional
        Names at y = 0, 1, 2 ... instead of numbers.
    legend : bool
    caption : str
        What it shows, in a sentence or two, for a report.
    log_axes : str
        Axes ("x", "y", "xy") along which items and ranges hold logarithms to the base of ten (`log_axes.on_log_axes`).
    """

    title: str
    x_label: str
    y_label: str
    items: tuple[Item, ...]
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    y_names: tuple[str, ...] = ()
    legend: bool = True
    caption: str = ""
    log_axes: str = ""


def extent(chart: Chart) -> tuple[tuple[float, float], tuple[float, float]]:
    """The ranges of x and y that show every item: x ends with the data, y begins at a round number below them."""
    xs, ys = [], []
    for item in chart.items:
        item_xs, item_ys = _values_of(item)
        xs += item_xs
        ys += item_ys
    room = 0.0 if _has_curve(chart) else ROOM
    x_range = chart.x_range or _range_of(xs, room)
    if chart.y_names:
        above = 0.3 if chart.legend else -0.4
        return x_range, (-0.6, len(chart.y_names) + above)
    low, high = _range_of(ys, room)
    step = tick_step(low, high)
    return x_range, chart.y_range or (step * math.floor(low / step + 1e-9), high)


def _values_of(item: Item) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """What an item has along x, and along y."""
    if isinstance(item, Span):
        return [], []
    if isinstance(item, Bars):
        return [item.edges], [item.heights, np.zeros(1)]
    if isinstance(item, Band):
        return [item.x], [item.low, item.high]
    if isinstance(item, Points):
        return [item.x, *(item.x_interval or ())], [item.y, *(item.y_interval or ())]
    return [item.x], [item.y]


def _has_curve(chart: Chart) -> bool:
    """Whether something goes on from end to end, so that nothing is cut where the axis ends with it."""
    drawn_through = [item for item in chart.items if isinstance(item, Line | Band)]
    return any(len(np.ravel(item.x)) > 1 for item in drawn_through) or any(isinstance(i, Bars) for i in chart.items)


def _range_of(arrays: list[np.ndarray], room: float) -> tuple[float, float]:
    """Least and largest of all values, with some room (a share of their spread) at both ends."""
    values = np.concatenate([np.ravel(np.asarray(array, float)) for array in arrays]) if arrays else np.empty(0)
    values = values[np.isfinite(values)]
    if values.size == 0:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    if low == high:
        margin = abs(low) / 2 or 1.0
        low, high = low - margin, high + margin
    bottom = low - room * (high - low)
    return (0.0 if bottom < 0.0 <= low else bottom), high + room * (high - low)


def emptiest_corner(chart: Chart, width: float = 0.45, height: float = 0.28) -> tuple[str, str]:
    """Where a legend hides least: ("left" or "right", "top" or "bottom").

    Parameters
    ----------
    chart : Chart
    width, height : float
        Size of the legend over that of the plot area.
    """
    x, y = _cloud(chart)
    hidden = {
        (side, end): np.count_nonzero(
            (x < width if side == "left" else x > 1 - width) & (y > 1 - height if end == "top" else y < height)
        )
        for end in ("top", "bottom")
        for side in ("right", "left")
    }
    return min(hidden, key=hidden.get)


def _cloud(chart: Chart) -> tuple[np.ndarray, np.ndarray]:
    """Points all over the items, as fractions of the plot area."""
    (x0, x1), (y0, y1) = extent(chart)
    clouds = [(np.empty(0), np.empty(0))]
    for item in chart.items:
        if isinstance(item, Span):
            continue
        if isinstance(item, Bars):
            across, tops = item.steps()
            clouds += [(across, share * tops) for share in np.linspace(0, 1, 9)]
            continue
        ends = [item.low, item.high] if isinstance(item, Band) else [item.y, item.y]
        if isinstance(item, Points) and item.y_interval is not None:
            ends = list(item.y_interval)
        low, high = (np.asarray(end, float) for end in ends)
        clouds += [(np.asarray(item.x, float), low + share * (high - low)) for share in np.linspace(0, 1, 9)]
    x, y = (np.concatenate(parts) for parts in zip(*clouds, strict=True))
    valid = np.isfinite(x) & np.isfinite(y)
    return (x[valid] - x0) / (x1 - x0), (y[valid] - y0) / (y1 - y0)


def tick_step(low: float, high: float, wanted: int = 6) -> float:
    """A step of 1, 2 or 5 times a power of ten that gives about `wanted` ticks."""
    raw = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= raw * (1 - 1e-9))


def ticks(low: float, high: float, wanted: int = 6) -> list[tuple[float, str]]:
    """Positions and labels of about `wanted` ticks of an axis from `low` to `high`."""
    step = tick_step(low, high, wanted)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return [(n * step, f"{n * step + 0.0:.{decimals}f}") for n in range(first, last + 1)]


def to_plain(chart: Chart) -> dict[str, object]:
    """The chart in JSON types, NaN as None; `from_plain` gives it back."""
    items = [{"kind": type(item).__name__, **plain(item)} for item in chart.items]
    return {**plain(dataclasses.replace(chart, items=())), "items": items}


def from_plain(values: Mapping[str, object]) -> Chart:
    """Inverse of `to_plain`."""
    known = dict(values)
    items = tuple(_item(dict(entry)) for entry in known.pop("items"))
    for name in ("x_range", "y_range", "y_names"):
        known[name] = None if known[name] is None else tuple(known[name])
    return Chart(items=items, **known)


def _item(values: dict[str, object]) -> Item:
    kind = {kind.__name__: kind for kind in (Line, Points, Band, Span, Bars)}[values.pop("kind")]
    for name in {"x", "y", "low", "high", "edges", "heights"} & set(values):
        values[name] = np.array(values[name], float)
    for name in {"x_low", "x_high"} & set(values):
        values[name] = math.nan if values[name] is None else float(values[name])
    for name in {"x_interval", "y_interval"} & set(values):
        values[name] = values[name] and tuple(np.array(end, float) for end in values[name])
    return kind(**values | {"colour": tuple(values["colour"])})

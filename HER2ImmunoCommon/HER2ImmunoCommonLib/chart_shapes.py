"""What a chart is drawn of: its items as lines, polygons and discs in pixels, in colours that can be seen."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np

from .chart_spec import Band, Bars, Colour, Item, Line, Points, Span, tick_step

DOT, CAP = 3.5, 3.0
BAND_OPACITY, BARS_OPACITY, SPAN_OPACITY = 0.25, 0.6, 0.2
FAR = 1e5
"""Pixels beyond which nothing is drawn: what draws counts in small numbers."""
MORE_DECIMALS, EXACT = 4, 0.01
LEAST_CONTRAST = 4.5
"""Of a curve with what is behind it (WCAG 2.1, 1.4.3: that of a text)."""


@dataclass(frozen=True)
class Text:
    """A line of text in a rectangle; `align` is left, centre or right."""

    text: str
    x: float
    y: float
    width: float
    height: float
    align: str = "left"
    bold: bool = False


@dataclass(frozen=True)
class Stroke:
    """Lines through points, in pieces of shape (n, 2)."""

    pieces: tuple[np.ndarray, ...]
    colour: Colour
    width: float = 2.0
    dashed: bool = False


@dataclass(frozen=True)
class Area:
    """Filled polygons, each of shape (n, 2)."""

    pieces: tuple[np.ndarray, ...]
    colour: Colour
    opacity: float

    @property
    def alpha(self) -> int:
        """Opacity from 0 to 255."""
        return round(255 * self.opacity)


@dataclass(frozen=True)
class Dots:
    """Discs around centres of shape (n, 2)."""

    centres: np.ndarray
    colour: Colour
    radius: float = DOT

    def boxes(self) -> list[list[float]]:
        """x, y, width and height around each disc."""
        corners = self.centres - self.radius
        return np.hstack([corners, np.full_like(corners, 2 * self.radius)]).tolist()


Shape = Stroke | Area | Dots


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels, y downwards."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def wider(self, by: float) -> Box:
        """This rectangle with some pixels more on every side."""
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)


@dataclass(frozen=True)
class Axes:
    """The plot area and the ranges that fill it."""

    box: Box
    x_range: tuple[float, float]
    y_range: tuple[float, float]

    def x_px(self, x) -> np.ndarray:
        """Pixels of values along x, never farther off than can be drawn; NaN where a value is not finite."""
        return _drawable(self.box.x + _share(x, self.x_range) * self.box.width)

    def y_px(self, y) -> np.ndarray:
        """Pixels of values along y."""
        return _drawable(self.box.bottom - _share(y, self.y_range) * self.box.height)

    @property
    def x_step(self) -> float:
        """A round step along x of at least a pixel."""
        low, high = self.x_range
        return tick_step(low, high, max(1, math.floor(self.box.width)))

    def rounded(self, x: float) -> float:
        """`x` at a whole number of steps, within the axis."""
        low, high = self.x_range
        return float(min(max(round(x / self.x_step) * self.x_step, low), high))

    def x_at(self, pixel: float) -> float:
        """The value at a pixel, at a whole number of steps, within the axis."""
        low, high = self.x_range
        return self.rounded(low + (pixel - self.box.x) / self.box.width * (high - low))

    def moved(self, x: float, steps: int) -> float:
        """`x` some steps to the right, or to the left."""
        return self.rounded(x + steps * self.x_step)

    def said(self, x: float) -> str:
        """`x` with the decimals of a step, or with more where it is not at a whole number of steps."""
        least = max(0, -math.floor(math.log10(self.x_step) + 1e-9))
        for decimals in range(least, least + MORE_DECIMALS):
            if abs(round(x, decimals) - x) < EXACT * self.x_step:
                break
        return f"{x + 0.0:.{decimals}f}"


def _share(values, ends: tuple[float, float]) -> np.ndarray:
    """How far along an axis values are; not a number where they are not finite."""
    values = np.asarray(values, float)
    return (np.where(np.isfinite(values), values, np.nan) - ends[0]) / (ends[1] - ends[0])


def _drawable(pixels: np.ndarray) -> np.ndarray:
    return np.clip(pixels, -FAR, FAR)


def shapes_of(item: Item, axes: Axes) -> list[Shape]:
    """What draws an item in the plot area."""
    if isinstance(item, Line):
        return [Stroke(_pieces(axes.x_px(item.x), axes.y_px(item.y)), item.colour, item.width, item.dashed)]
    if isinstance(item, Points):
        return _points(item, axes)
    if isinstance(item, Band):
        return [Area(_band(item, axes), item.colour, BAND_OPACITY)]
    if isinstance(item, Bars):
        return [Area(_bars(item, axes), item.colour, BARS_OPACITY)]
    ends = axes.x_px([item.x_low, item.x_high])
    whole = (rectangle(*ends, axes.box.y, axes.box.bottom),) if np.isfinite(ends).all() else ()
    return [Area(whole, item.colour, SPAN_OPACITY)]


def sample_of(item: Item, box: Box) -> list[Shape]:
    """What stands beside the name of an item in the legend."""
    middle = box.y + box.height / 2
    if isinstance(item, Line):
        across = np.array([[box.x, middle], [box.right, middle]])
        return [Stroke((across,), item.colour, item.width, item.dashed)]
    if isinstance(item, Points):
        return [Dots(np.array([[box.x + box.width / 2, middle]]), item.colour)]
    opacity = {Band: BAND_OPACITY, Bars: BARS_OPACITY, Span: SPAN_OPACITY}[type(item)]
    return [Area((rectangle(box.x, box.right, box.y, box.bottom),), item.colour, opacity)]


def _runs(valid: np.ndarray) -> list[np.ndarray]:
    """The stretches of indices that are valid."""
    runs = np.split(np.arange(valid.size), np.flatnonzero(np.diff(valid)) + 1)
    return [run for run in runs if run.size and valid[run[0]]]


def _pieces(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, ...]:
    """The unbroken stretches of a curve."""
    return tuple(_thinned(np.stack([x[run], y[run]], axis=-1)) for run in _runs(np.isfinite(x) & np.isfinite(y)))


def _thinned(piece: np.ndarray) -> np.ndarray:
    """Of many points in one column of pixels only the highest and the lowest: what is drawn stays as it is."""
    columns = np.floor(piece[:, 0])
    starts = np.flatnonzero(np.diff(columns, prepend=np.nan) != 0)
    if len(piece) <= 2 * starts.size:
        return piece
    number = np.repeat(np.arange(starts.size), np.diff(starts, append=len(piece)))
    by_height = np.lexsort((piece[:, 1], number))
    ends = np.append(starts[1:], len(piece)) - 1
    return piece[np.unique(np.concatenate([by_height[starts], by_height[ends], [0, len(piece) - 1]]))]


def _band(item: Band, axes: Axes) -> tuple[np.ndarray, ...]:
    x, low, high = axes.x_px(item.x), axes.y_px(item.low), axes.y_px(item.high)
    runs = _runs(np.isfinite(x) & np.isfinite(low) & np.isfinite(high))
    there = [np.stack([x[run], high[run]], axis=-1) for run in runs]
    back = [np.stack([x[run], low[run]], axis=-1)[::-1] for run in runs]
    return tuple(np.concatenate(ends) for ends in zip(there, back, strict=True))


def _bars(item: Bars, axes: Axes) -> tuple[np.ndarray, ...]:
    edges, tops, foot = axes.x_px(item.edges), axes.y_px(item.heights), float(axes.y_px(0.0))
    drawn = np.isfinite(tops) & np.isfinite(edges[:-1]) & np.isfinite(edges[1:])
    return tuple(rectangle(edges[n], edges[n + 1], tops[n], foot) for n in np.flatnonzero(drawn))


def _points(item: Points, axes: Axes) -> list[Shape]:
    x, y = axes.x_px(item.x), axes.y_px(item.y)
    whiskers = []
    if item.y_interval is not None:
        low, high = (axes.y_px(end) for end in item.y_interval)
        whiskers += _whiskers(x, low, high, upright=True)
    if item.x_interval is not None:
        low, high = (axes.x_px(end) for end in item.x_interval)
        whiskers += _whiskers(y, low, high, upright=False)
    valid = np.isfinite(x) & np.isfinite(y)
    return [Stroke(tuple(whiskers), item.colour, 1.5), Dots(np.stack([x, y], axis=-1)[valid], item.colour)]


def _whiskers(at: np.ndarray, low: np.ndarray, high: np.ndarray, *, upright: bool) -> list[np.ndarray]:
    """Lines from end to end of intervals, with a cap at each."""
    found = []
    for n in np.flatnonzero(np.isfinite(at) & np.isfinite(low) & np.isfinite(high)):
        lines = [[[at[n], low[n]], [at[n], high[n]]]]
        lines += [[[at[n] - CAP, end], [at[n] + CAP, end]] for end in (low[n], high[n])]
        found += [np.array(line) if upright else np.array(line)[:, ::-1] for line in lines]
    return found


def rectangle(left: float, right: float, top: float, bottom: float) -> np.ndarray:
    """The corners of a rectangle, shape (4, 2)."""
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], float)


@functools.cache
def readable(colour: Colour, background: Colour, least: float = LEAST_CONTRAST) -> Colour:
    """The colour, made lighter or darker until it stands out from what is behind it."""
    towards = 255.0 if _luminance(background) < 0.18 else 0.0
    for share in np.linspace(0.0, 1.0, 21):
        mixed = tuple(round(channel + share * (towards - channel)) for channel in colour)
        if contrast(mixed, background) >= least:
            break
    return mixed


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.1)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Colour) -> float:
    parts = [channel / 255.0 for channel in colour]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

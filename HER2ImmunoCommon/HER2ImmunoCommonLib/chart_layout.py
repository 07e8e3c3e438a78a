"""Where all of a chart goes in a picture of so many pixels: axes, ticks, legend, curves; nothing is drawn here."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .chart_shapes import DOT, Area, Axes, Box, Shape, Stroke, Text, rectangle, sample_of, shapes_of
from .chart_spec import INK, Chart, Item, extent
from .log_axes import Ticks, ticks_for

Measure = Callable[[str], float]
"""The width of a text, in pixels."""

MARGIN, GAP, TICK = 6.0, 4.0, 4.0
SWATCH, ENTRY_GAP = 18.0, 12.0
TICK_HEIGHT, TICK_SPACE = 28.0, 24.0
"""Height that each tick of the vertical axis wants, and space between the labels of the horizontal one."""
KNOB = 4.0
CLIP = DOT + 0.5
"""Pixels around the plot area in which a curve along its edge is still drawn whole."""
HEADROOM = 0.04
"""Room above the highest value, as a share of the range."""
LONGEST_TICK = 8
NEAR = 8.0
"""Pixels beside a handle in which it is taken."""
SHORTEST_PLOT, NAME_LINES = 7.0, 1.4
"""Height of the plot area at least, and of a named position in it, in lines of text."""


@dataclass(frozen=True)
class Layout:
    """All of a chart, in pixels.

    Attributes
    ----------
    axes : Axes
    grid, marks : tuple of array
        Lines of the grid, and the ticks with the axes.
    texts : tuple of Text
    shapes : tuple of Stroke, Area or Dots
        Of the items, in their order; to be cut off at the plot area.
    legend : tuple of Stroke, Area or Dots
        The samples beside the names, not to be cut off.
    """

    axes: Axes
    grid: tuple[np.ndarray, ...]
    marks: tuple[np.ndarray, ...]
    texts: tuple[Text, ...]
    shapes: tuple[Shape, ...]
    legend: tuple[Shape, ...]

    @property
    def clip(self) -> Box:
        """Where the shapes are drawn."""
        return self.axes.box.wider(CLIP)


def lay_out(chart: Chart, size: tuple[float, float], line: float, measure: Measure, has_handle: bool = False) -> Layout:
    """Everything of a chart in a picture of `size` (width, height) pixels.

    The legend stands above the plot area, where it hides nothing and stays where it is while curves change.

    Parameters
    ----------
    chart : Chart
    size : (float, float)
    line : float
        Height of a line of text, pixels.
    measure : callable
        Gives the width of a text, pixels.
    has_handle : bool
        Whether there is to be a line above the plot area for the text of a handle.
    """
    rows = _legend_rows(chart, size[0], measure)
    top = _top(chart, rows, line, has_handle)
    x_range, y_range = _ranges(chart)
    bottom = size[1] - MARGIN - 2 * line - TICK
    down = max(bottom - top, SHORTEST_PLOT * line)
    y_ticks = [(float(n), name) for n, name in enumerate(chart.y_names)] or _y_ticks(
        y_range, down, ticks_for(chart, "y")
    )
    left = MARGIN + max((measure(text) for _, text in y_ticks), default=0.0) + TICK + GAP
    x_ticks = _x_ticks(x_range, size[0] - left, measure, ticks_for(chart, "x"))
    right = size[0] - max(MARGIN, measure(x_ticks[-1][1]) / 2 if x_ticks else 0.0)
    axes = Axes(Box(left, top, max(1.0, right - left), down), x_range, y_range)
    x_ticks = [tick for tick in x_ticks if x_range[0] <= tick[0] <= x_range[1]]
    texts = [*_heads(chart, size[0], line), *_tick_texts(axes, x_ticks, y_ticks, line)]
    texts.append(Text(chart.x_label, left, axes.box.bottom + TICK + line, axes.box.width, line, "centre"))
    names, samples = _legend(rows, size[0], _heads_height(chart, line), line, measure)
    return Layout(
        axes,
        _grid(axes, x_ticks, y_ticks),
        _marks(axes, x_ticks, y_ticks),
        (*texts, *names),
        tuple(shape for item in chart.items for shape in shapes_of(item, axes)),
        samples,
    )


def height_for(chart: Chart | None, width: float, line: float, measure: Measure, has_handle: bool = False) -> int:
    """Height of the picture of a chart, in pixels; without one, that of a chart with one row of a legend."""
    above, named = MARGIN + 3.5 * line, 0.0
    if chart is not None:
        above = _top(chart, _legend_rows(chart, width, measure), line, has_handle)
        named = NAME_LINES * line * len(chart.y_names)
    return math.ceil(above + max(SHORTEST_PLOT * line, named) + 2 * line + TICK + MARGIN)


def _ranges(chart: Chart) -> tuple[tuple[float, float], tuple[float, float]]:
    """The ranges of the axes, with room above the highest value where none is asked for."""
    x_range, (low, high) = (_wide(*ends) for ends in extent(chart))
    free = chart.y_range is None and not chart.y_names
    return x_range, (low, high + HEADROOM * (high - low)) if free else (low, high)


def _wide(low: float, high: float) -> tuple[float, float]:
    """A range that has a width, whatever was asked for."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return 0.0, 1.0
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _y_ticks(ends: tuple[float, float], height: float, ticks: Ticks) -> list[tuple[float, str]]:
    """As many ticks as have room; two at least, or nobody knows how high a curve is."""
    room = max(2, math.floor(height / TICK_HEIGHT))
    for wanted in range(room, 4 * room):
        found = [tick for tick in _short(ticks(*ends, wanted=wanted)) if ends[0] <= tick[0] <= ends[1]]
        if len(found) > 1:
            break
    return found


def _x_ticks(ends: tuple[float, float], width: float, measure: Measure, ticks: Ticks) -> list[tuple[float, str]]:
    """As many ticks as have room for their labels."""
    for wanted in range(6, 0, -1):
        found = _short(ticks(*ends, wanted=wanted))
        if sum(measure(text) + TICK_SPACE for _, text in found) <= width:
            break
    return found


def _short(found: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Ticks whose labels have room: with a power of ten where the numbers are very large or small."""
    digits = 1
    if all(len(text) <= LONGEST_TICK for _, text in found):
        return found
    while digits < 17 and len({f"{value:.{digits}g}" for value, _ in found}) < len(found):
        digits += 1
    return [(value, f"{value:.{digits}g}") for value, _ in found]


def _heads(chart: Chart, width: float, line: float) -> list[Text]:
    across = width - 2 * MARGIN
    heads = [(chart.title, True), (chart.y_label, False)]
    heads = [(text, bold) for text, bold in heads if text]
    return [Text(text, MARGIN, MARGIN + n * line, across, line, "left", bold) for n, (text, bold) in enumerate(heads)]


def _heads_height(chart: Chart, line: float) -> float:
    return MARGIN + line * sum(bool(text) for text in (chart.title, chart.y_label))


def _top(chart: Chart, rows: Sequence, line: float, has_handle: bool) -> float:
    # Half the number of a tick stands above the plot area, where a handle has its text.
    return _heads_height(chart, line) + line * (len(rows) + has_handle) + (GAP if has_handle else line / 2)


def _legend_rows(chart: Chart, width: float, measure: Measure) -> list[list[Item]]:
    """Items with a name, in rows of the width."""
    rows, room = [], 0.0
    for item in chart.items if chart.legend else ():
        if not item.label:
            continue
        needed = SWATCH + GAP + measure(item.label) + ENTRY_GAP
        if not rows or needed > room:
            rows.append([])
            room = width - 2 * MARGIN + ENTRY_GAP
        rows[-1].append(item)
        room -= needed
    return rows


def _legend(
    rows: list[list[Item]], width: float, top: float, line: float, measure: Measure
) -> tuple[list[Text], tuple[Shape, ...]]:
    names, samples = [], []
    for number, row in enumerate(rows):
        x, y = MARGIN, top + number * line
        for item in row:
            samples += sample_of(item, Box(x, y + 0.15 * line, SWATCH, 0.7 * line))
            x += SWATCH + GAP
            names.append(Text(item.label, x, y, min(measure(item.label) + 1.0, width - MARGIN - x), line))
            x += measure(item.label) + ENTRY_GAP
    return names, tuple(samples)


def _tick_texts(axes: Axes, x_ticks, y_ticks, line: float) -> list[Text]:
    box, room = axes.box, 200.0
    below = box.bottom + TICK
    xs = [Text(text, float(axes.x_px(x)) - room / 2, below, room, line, "centre") for x, text in x_ticks]
    ys = [Text(text, 0.0, float(axes.y_px(y)) - line / 2, box.x - TICK - GAP, line, "right") for y, text in y_ticks]
    return [*xs, *ys]


def _grid(axes: Axes, x_ticks, y_ticks) -> tuple[np.ndarray, ...]:
    box = axes.box
    down = [np.array([[x, box.y], [x, box.bottom]]) for x in axes.x_px([x for x, _ in x_ticks])]
    across = [np.array([[box.x, y], [box.right, y]]) for y in axes.y_px([y for y, _ in y_ticks])]
    return (*down, *across)


def _marks(axes: Axes, x_ticks, y_ticks) -> tuple[np.ndarray, ...]:
    box = axes.box
    frame = np.array([[box.x, box.y], [box.x, box.bottom], [box.right, box.bottom]])
    below = [np.array([[x, box.bottom], [x, box.bottom + TICK]]) for x in axes.x_px([x for x, _ in x_ticks])]
    beside = [np.array([[box.x - TICK, y], [box.x, y]]) for y in axes.y_px([y for y, _ in y_ticks])]
    return (frame, *below, *beside)


@dataclass(frozen=True)
class Grip:
    """A handle: its line, what it is taken by, and its text at the side that has room."""

    line: Stroke
    knob: Area
    text: Text


def grip_of(axes: Axes, x: float, label: str, line: float, measure: Measure) -> Grip:
    """The handle at `x`; at an end of the axis where it would lie outside, with its value still told.

    `{x}` in the label stands for the value.
    """
    box = axes.box
    at = min(max(float(axes.x_px(x)), box.x), box.right)
    said = label.replace("{x}", axes.said(x))
    width, top = min(measure(said) + 1.0, box.width), box.y - line
    start = at + KNOB + GAP if at + KNOB + GAP + width <= box.right else max(box.x, at - KNOB - GAP - width)
    around = rectangle(at - KNOB, at + KNOB, top + 1.0, box.y)
    upright = np.array([[at, top + 1.0], [at, box.bottom]])
    return Grip(Stroke((upright,), INK, 2.0), Area((around,), INK, 1.0), Text(said, start, top, width, line))


def is_near(axes: Axes, x: float, pixel: float) -> bool:
    """Whether a pixel is close enough to the handle at `x` to take it."""
    at = min(max(float(axes.x_px(x)), axes.box.x), axes.box.right)
    return abs(at - pixel) <= NEAR

"""What the charts of the visits are drawn of: shapes and texts; nothing is painted here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from HER2ImmunoCommonLib.chart_shapes import Area, Axes, Box, Dots, Shape, Stroke, Text, rectangle, shapes_of
from HER2ImmunoCommonLib.chart_spec import BLUE, GREY, ORANGE, Line, Points

from ..timeline.drawing import BOLD, Drawing
from ..timeline.scale import axis_marks
from .chart_grid import GAP, MARGIN, SAMPLE, TITLE_GAP, ChartGrid, Measure
from .curves import ASSUMED, Curve

GRID_OPACITY = 0.16
DOT, RING, CROSS = 3.0, 6.5, 3.0
STATED, SUSPECTED, ABSENT = "± sd, of the table", "suspicious", "no value"
SPACE = 14.0
"""Between two labels of the days."""


def legend_of(curves: Sequence[Curve]) -> tuple[str, ...]:
    """The entries that the charts need."""
    has = {
        STATED: any((np.isfinite(curve.low) & ~curve.is_assumed).any() for curve in curves),
        SUSPECTED: any(curve.is_suspicious.any() for curve in curves),
        ABSENT: any(curve.is_missing.any() for curve in curves),
        ASSUMED: any(curve.is_assumed.any() for curve in curves),
    }
    return tuple(entry for entry, is_needed in has.items() if is_needed)


def draw_charts(grid: ChartGrid, measure: Measure) -> Drawing:
    """All of the charts."""
    drawing = Drawing()
    for entry, x, y in grid.legend:
        drawing.shapes += SAMPLES[entry](Box(x, y, SAMPLE, grid.text))
        drawing.faint.append(Text(entry, x + SAMPLE + GAP, y, grid.width - x - SAMPLE - GAP - MARGIN, grid.text))
    for number, (curve, axes) in enumerate(zip(grid.curves, grid.axes, strict=True)):
        _frame(grid, number, drawing, measure)
        drawing.clipped.append((axes.box.wider(RING + 1.0), _curve(curve, axes)))
    return drawing


def _frame(grid: ChartGrid, number: int, drawing: Drawing, measure: Measure) -> None:
    """Title, axes and grid of a chart."""
    curve, axes, text = grid.curves[number], grid.axes[number], grid.text
    box, start = axes.box, 0.0 if number % len(grid.scales) == 0 else grid.scales[0].right + GAP
    x = start + MARGIN
    drawing.texts.append(_title(curve.title, Box(x, box.y - TITLE_GAP * text, box.right - x, text), measure))
    frame = np.array([[box.x, box.y], [box.x, box.bottom], [box.right, box.bottom]])
    drawing.shapes.append(Stroke((frame,), GREY, 1.0))
    lines = []
    for value, said in grid.y_ticks[number]:
        y = float(axes.y_px(value))
        drawing.faint.append(Text(said, start, y - text / 2, box.x - GAP - start, text, "right"))
        lines.append(rectangle(box.x, box.right, round(y), round(y) + 1.0))
    scale = grid.scale_of(number)
    for mark in axis_marks(scale, measure("0000") + SPACE):
        at = scale.x(mark.day)
        lines.append(rectangle(round(at), round(at) + 1.0, box.y, box.bottom))
        if grid.is_lowest(number):
            wide = measure(mark.text) + 2.0
            drawing.faint.append(Text(mark.text, at - wide / 2, box.bottom + GAP, wide, text, "centre"))
    if grid.is_lowest(number):
        drawing.faint.append(Text("Day", box.x, box.bottom + GAP + text, box.width, text, "centre"))
    drawing.shapes.append(Area(tuple(lines), GREY, GRID_OPACITY))


def _title(title: str, place: Box, measure: Measure) -> Text:
    """A title in its place: bold where it has room, else plain; of one that is longer still, the unit stays."""
    is_bold = BOLD * measure(title) <= place.width
    name, bracket, unit = title.partition(" (")
    if measure(title) > place.width:
        while name and measure(f"{name}…{bracket}{unit}") > place.width:
            name = name[:-1]
        title = f"{name.rstrip()}…{bracket}{unit}"
    return Text(title, place.x, place.y, place.width, place.height, bold=is_bold)


def _curve(curve: Curve, axes: Axes) -> list[Shape]:
    """A quantity: a line that breaks where it was not measured, and what each visit has."""
    shapes = shapes_of(Line(curve.day, curve.value, "", BLUE, width=1.2), axes)
    stated = ~curve.is_assumed
    ends = tuple(np.where(stated, end, np.nan) for end in (curve.low, curve.high))
    shapes += shapes_of(Points(curve.day, np.full(curve.day.size, np.nan), "", BLUE, y_interval=ends), axes)[:1]
    x, y, low, high = axes.x_px(curve.day), *(axes.y_px(each) for each in (curve.value, curve.low, curve.high))
    uprights = tuple(_upright(x[n], low[n], high[n]) for n in np.flatnonzero(curve.is_assumed))
    shapes.append(Stroke(uprights, GREY, 1.4, dashed=True))
    there = np.isfinite(y)
    shapes.append(Dots(np.stack([x, y], axis=-1)[there], BLUE, DOT))
    shapes.append(Stroke(tuple(_ring(x[n], y[n]) for n in np.flatnonzero(curve.is_suspicious & there)), ORANGE, 2.0))
    foot = axes.box.bottom - CROSS - 1.5
    crosses = [piece for n in np.flatnonzero(curve.is_missing) for piece in _cross(x[n], foot)]
    return [*shapes, Stroke(tuple(crosses), GREY, 1.4)]


def _sample(draw: Callable[[float, float, Box], list[Shape]]) -> Callable[[Box], list[Shape]]:
    return lambda box: draw(box.x + box.width / 2, box.y + box.height / 2, box)


def _dot(x: float, y: float) -> Dots:
    return Dots(np.array([[x, y]]), BLUE, DOT)


def _stated(x: float, y: float, box: Box) -> list[Shape]:
    ends = [np.array([[x - CROSS, end], [x + CROSS, end]]) for end in (box.y + 1.5, box.bottom - 1.5)]
    return [Stroke((_upright(x, box.y + 1.5, box.bottom - 1.5), *ends), BLUE, 1.5), _dot(x, y)]


SAMPLES: dict[str, Callable[[Box], list[Shape]]] = {
    STATED: _sample(_stated),
    ASSUMED: _sample(lambda x, y, box: [Stroke((_upright(x, box.y, box.bottom),), GREY, 1.4, dashed=True), _dot(x, y)]),
    SUSPECTED: _sample(lambda x, y, _box: [_dot(x, y), Stroke((_ring(x, y),), ORANGE, 2.0)]),
    ABSENT: _sample(lambda x, y, _box: [Stroke(tuple(_cross(x, y)), GREY, 1.4)]),
}


def _upright(x: float, low: float, high: float) -> np.ndarray:
    return np.array([[x, low], [x, high]])


def _ring(x: float, y: float) -> np.ndarray:
    """A diamond: told from a dot by its shape, whatever the colours."""
    return np.array([[x, y - RING], [x + RING, y], [x, y + RING], [x - RING, y], [x, y - RING]])


def _cross(x: float, y: float) -> list[np.ndarray]:
    one = np.array([[x - CROSS, y - CROSS], [x + CROSS, y + CROSS]])
    return [one, np.stack([one[:, 0], one[::-1, 1]], axis=-1)]

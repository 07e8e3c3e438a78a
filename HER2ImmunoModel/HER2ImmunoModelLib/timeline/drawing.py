"""What a time line is drawn of: shapes and texts, in the order in which they are painted; nothing is painted here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from HER2ImmunoCommonLib.chart_shapes import Area, Box, Shape, Stroke, Text, rectangle, sample_of, shapes_of
from HER2ImmunoCommonLib.chart_spec import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    RED,
    Colour,
    Item,
    ticks,
)

from ..treatments.clinical_doses import RELATIVE
from .lanes import PlacedDose
from .places import GAP, MARGIN, Measure, Places
from .scale import axis_marks, grid_days, years_of
from .strips import Strip

COLOURS = (BLUE, ORANGE, GREEN, PURPLE, (0, 121, 140), (140, 96, 64))
"""Of lanes in turn; red is kept for what breaks a limit."""
GRID_OPACITY, LANE_OPACITY, PLANNED_OPACITY, SELECTED_OPACITY = 0.16, 0.07, 0.10, 0.22
GHOST_OPACITY = 0.45
LABEL_SPACE, GRID_SPACE = 14.0, 8.0
DIAMOND = 1.25
"""Width of what breaks a limit, over that of other doses at their widest."""
SIZE_SPACE = 6.0
MARK = 5.0
BOLD = 1.25
"""Width of a bold text over that of a plain one, at most."""
SWATCH = 16.0
LEGEND_LINES = 1.6
"""Above a strip, so that the number at its upper end has room below the title."""


@dataclass
class Drawing:
    """Shapes and texts; those of a box are cut off at it."""

    shapes: list[Shape] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    faint: list[Text] = field(default_factory=list)
    clipped: list[tuple[Box, list[Shape]]] = field(default_factory=list)


def draw(places: Places, measure: Measure) -> Drawing:
    """All of a time line but what is selected, under the mouse or dragged."""
    drawing = Drawing()
    _axis(places, drawing, measure)
    _visits(places, drawing, measure)
    _lanes(places, drawing, measure)
    _strips(places, drawing, measure)
    return drawing


def _axis(places: Places, drawing: Drawing, measure: Measure) -> None:
    scale, line, text = places.scale, places.line, places.text
    widest = measure("0000" if line.day_zero is None else "30 Sep") + LABEL_SPACE
    below = "Date" if line.day_zero else "Week"
    heads = ("Day", f"{below} {years_of(scale, line.day_zero)}".strip())
    room = scale.left - MARGIN - GAP
    for number, head in enumerate(heads):
        said = head if measure(head) <= room else below
        drawing.faint.append(Text(said, MARGIN, places.days_top + number * text, room, text))
    for mark in axis_marks(scale, widest, line.day_zero):
        for said, y, into in (
            (mark.text, places.days_top, drawing.texts),
            (mark.below, places.days_top + text, drawing.faint),
        ):
            width = measure(said) + 1.0
            x = min(max(scale.x(mark.day) - width / 2, scale.left - GAP), scale.right - width)
            into.append(Text(said, x, y, width, text, "centre"))
    days = [scale.x(day) for day in grid_days(scale, GRID_SPACE)]
    grid = [_thick(piece) for x in days for piece in _down(places, x, places.lanes_top)]
    drawing.shapes.append(Area(tuple(grid), GREY, GRID_OPACITY))


def _down(places: Places, x: float, top: float) -> list[np.ndarray]:
    """A line through lanes and strips, not through what is written between them."""
    pieces = [_upright(x, top, places.lanes_bottom)]
    return pieces + [_upright(x, axes.box.y, axes.box.bottom) for axes in places.axes]


def _lanes(places: Places, drawing: Drawing, measure: Measure) -> None:
    scale = places.scale
    for number, lane in enumerate(places.line.lanes):
        top = places.lane_tops[number]
        if number % 2 == 0:
            band = rectangle(0.0, places.width, top, top + places.lane_height)
            drawing.shapes.append(Area((band,), GREY, LANE_OPACITY))
        room = scale.left - MARGIN - GAP
        at = top + (places.lane_height - places.text) / 2
        drawing.texts.append(Text(lane.label, MARGIN, at, room, places.text))
        drawing.shapes += dose_shapes(places, number, lane.doses)
        _sizes(places, number, drawing, measure)


def dose_shapes(places: Places, lane: int, doses: Iterable[PlacedDose], opacity: float = 1.0) -> list[Shape]:
    """Doses of a lane: filled if given, outlined if planned; what breaks a limit is a red diamond."""
    kinds: dict[tuple[bool, bool], list[np.ndarray]] = {}
    for dose in doses:
        if places.scale.shows(dose.day):
            is_broken = bool(dose.broken)
            box = places.dose_box(lane, dose)
            outline = _diamond(places, lane, box) if is_broken else _bar(box)
            kinds.setdefault((is_broken, places.line.is_given(dose.day)), []).append(outline)
    shapes: list[Shape] = []
    for (is_broken, is_given), outlines in kinds.items():
        colour = RED if is_broken else COLOURS[lane % len(COLOURS)]
        fill = opacity if is_given else PLANNED_OPACITY
        shapes.append(Area(tuple(outlines), colour, fill))
        if not is_given:
            shapes.append(Stroke(tuple(map(_closed, outlines)), colour, 1.6))
    return shapes


def _sizes(places: Places, lane: int, drawing: Drawing, measure: Measure) -> None:
    """The size beside the first dose, and beside each that differs from the one before, where there is room."""
    doses, before = places.line.lanes[lane].doses, None
    for number, dose in enumerate(doses):
        said = dose.said if dose.unit not in RELATIVE else f"×{dose.size:.3g}"
        box = places.dose_box(lane, dose)
        room = places.scale.right - box.right - 2.0
        if number + 1 < len(doses):
            room = places.dose_box(lane, doses[number + 1]).x - box.right - SIZE_SPACE
        if said != before and measure(said) <= room and places.scale.shows(dose.day):
            y = places.lane_tops[lane] + (places.lane_height - places.text) / 2
            drawing.faint.append(Text(said, box.right + 3.0, y, measure(said) + 1.0, places.text))
        before = said


def _visits(places: Places, drawing: Drawing, measure: Measure) -> None:
    scale, top, line = places.scale, places.visits_top, places.line
    shown = [visit.day for visit in line.visits if scale.shows(visit.day)]
    marks = []
    for day in shown:
        x = scale.x(day)
        marks.append(np.array([[x - MARK, top + 1.0], [x + MARK, top + 1.0], [x, top + 9.0]]))
    if marks:
        drawing.shapes.append(Area(tuple(marks), INK, 1.0))
        room = scale.left - MARGIN - GAP
        drawing.faint.append(Text("Visits", MARGIN, top - GAP, room, places.text))
    last = line.last_visit
    if last is not None and scale.shows(last):
        drawing.shapes.append(Stroke(tuple(_down(places, scale.x(last), top + 9.0)), INK, 1.2))
    if line.today is not None and scale.shows(line.today):
        drawing.shapes.append(Stroke(tuple(_down(places, scale.x(line.today), top)), PURPLE, 1.2, dashed=True))
        _beside(places, "today", scale.x(line.today), top - GAP, drawing, measure)


def _beside(places: Places, said: str, x: float, y: float, drawing: Drawing, measure: Measure) -> None:
    width = measure(said) + 1.0
    at = x + GAP if x + GAP + width <= places.scale.right else x - GAP - width
    drawing.faint.append(Text(said, at, y, width, places.text))


def _strips(places: Places, drawing: Drawing, measure: Measure) -> None:
    for strip, axes in zip(places.strips, places.axes, strict=True):
        box = axes.box
        frame = np.array([[box.x, box.y], [box.x, box.bottom], [box.right, box.bottom]])
        drawing.shapes.append(Stroke((frame,), GREY, 1.0))
        for value, label in _y_ticks(strip, box, places.text):
            y = float(axes.y_px(value))
            drawing.faint.append(Text(label, 0.0, y - places.text / 2, box.x - GAP, places.text, "right"))
            drawing.shapes.append(Area((_thick_across(box.x, box.right, y),), GREY, GRID_OPACITY))
        shapes = [shape for item in strip.items for shape in shapes_of(item, axes)]
        if strip.marks_cytotoxic:
            shapes = [*_cytotoxic(places, box), *shapes]
        drawing.clipped.append((box.wider(3.0), shapes))
        _legend(places, strip, box, drawing, measure)


def _y_ticks(strip: Strip, box: Box, text: float) -> list[tuple[float, str]]:
    low, high = strip.y_range
    for wanted in range(max(2, int(box.height / (2.2 * text))), 12):
        found = [tick for tick in ticks(low, high, wanted) if low <= tick[0] <= high]
        if len(found) > 1:
            break
    return found


def _cytotoxic(places: Places, box: Box) -> list[Shape]:
    """Days of cytotoxic doses: where they fall in the window."""
    days = {dose.day for lane in places.line.lanes if lane.is_cytotoxic for dose in lane.doses}
    pieces = tuple(_upright(places.scale.x(day), box.y, box.bottom) for day in sorted(days) if places.scale.shows(day))
    return [Stroke(pieces, INK, 1.2, dashed=True)] if pieces else []


def _legend(places: Places, strip: Strip, box: Box, drawing: Drawing, measure: Measure) -> None:
    """The title above a strip, and the names of what is drawn where there is room for them."""
    text, y = places.text, box.y - LEGEND_LINES * places.text
    width = min(BOLD * measure(strip.title) + 2.0, places.width - 2 * MARGIN)
    drawing.texts.append(Text(strip.title, MARGIN, y, width, text, bold=True))
    x = MARGIN + width + 2 * GAP
    entries: list[tuple[str, Item | None]] = [(item.label, item) for item in strip.legend]
    if strip.marks_cytotoxic and _cytotoxic(places, box):
        entries.append(("chemotherapy", None))
    for label, item in entries:
        if x + SWATCH + GAP + measure(label) > places.scale.right:
            break
        at = Box(x, y + 0.15 * text, SWATCH, 0.7 * text)
        drawing.shapes += _sample_of(item, at)
        drawing.faint.append(Text(label, x + SWATCH + GAP, y, measure(label) + 1.0, text))
        x += SWATCH + GAP + measure(label) + 3 * GAP


def _sample_of(item: Item | None, box: Box) -> Sequence[Shape]:
    """What stands beside a name; that of doses of chemotherapy without an item."""
    if item is None:
        return [Stroke((_upright(box.x + box.width / 2, box.y, box.bottom),), INK, 1.2, dashed=True)]
    return sample_of(item, box)


def ghost(places: Places, lane: int, dose: PlacedDose, is_refused: bool) -> list[Shape]:
    """A dose while it is dragged; a red cross where it cannot be put."""
    shapes = dose_shapes(places, lane, [replace(dose, broken=())], GHOST_OPACITY)
    shapes.append(Stroke((_upright(places.scale.x(dose.day), places.lanes_top, places.lanes_bottom),), INK, 1.0))
    if is_refused:
        box = places.dose_box(lane, dose)
        cross = np.array([[box.x - 2, box.y], [box.right + 2, box.bottom]])
        shapes.append(Stroke((cross, _mirrored(cross)), RED, 2.5))
    return shapes


def ghost_label(places: Places, dose: PlacedDose, said: str, measure: Measure) -> Text:
    """What is said above a dose that is dragged: under the axis, where it hides no other dose."""
    width = measure(said) + 2 * GAP
    x = min(max(places.scale.x(dose.day) - width / 2, 0.0), places.width - width)
    return Text(said, x, places.visits_top - GAP, width, places.text, "centre")


def around(places: Places, row: int | None, colour: Colour = INK) -> list[Shape]:
    """A frame about a dose: it is selected."""
    box = places.box_of(row)
    if box is None:
        return []
    wide = box.wider(3.0)
    frame = rectangle(wide.x, wide.right, wide.y, wide.bottom)
    return [Area((frame,), colour, SELECTED_OPACITY), Stroke((_closed(frame),), colour, 1.4)]


def _mirrored(cross: np.ndarray) -> np.ndarray:
    return np.stack([cross[:, 0], cross[::-1, 1]], axis=-1)


def _bar(box: Box) -> np.ndarray:
    return rectangle(box.x, box.right, box.y, box.bottom)


def _diamond(places: Places, lane: int, box: Box) -> np.ndarray:
    """As wide as can be seen, over the whole lane."""
    x, half = box.x + box.width / 2, max(DIAMOND * box.width, 9.0) / 2
    top = places.lane_tops[lane] + GAP - 1.0
    bottom = places.lane_tops[lane] + places.lane_height - GAP + 1.0
    middle = (top + bottom) / 2
    return np.array([[x, top], [x + half, middle], [x, bottom], [x - half, middle]])


def _closed(outline: np.ndarray) -> np.ndarray:
    return np.vstack([outline, outline[:1]])


def _upright(x: float, top: float, bottom: float) -> np.ndarray:
    return np.array([[x, top], [x, bottom]])


def _thick(line: np.ndarray) -> np.ndarray:
    """A line of a pixel as an area, which may be faint."""
    (x, top), (_, bottom) = line
    return rectangle(round(x), round(x) + 1.0, top, bottom)


def _thick_across(left: float, right: float, y: float) -> np.ndarray:
    return rectangle(left, right, round(y), round(y) + 1.0)

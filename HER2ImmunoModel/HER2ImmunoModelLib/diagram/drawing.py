"""What the picture of a model is drawn of: shapes and texts, in the order in which they are painted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from HER2ImmunoCommonLib.chart_shapes import Area, Shape, Stroke, Text, rectangle
from HER2ImmunoCommonLib.chart_spec import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, Colour

from ..models.structure import EITHER, LOWERS, RAISES, Interplay
from .places import APART, PADDING, Measure, Node, Path, Places
from .words import LEGEND, ONLY_WITH, TOGETHER

COLOURS: dict[int, Colour] = {RAISES: GREEN, LOWERS: RED, EITHER: ORANGE}
HEAD, BAR = 8.0, 5.5
"""Length of a head, and half the width of a bar."""
MEASURED_OPACITY, DRUG_OPACITY = 0.16, 0.10
LINE, SAMPLE = 1.7, 26.0


@dataclass
class Drawing:
    """Shapes, and texts over them."""

    shapes: list[Shape] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    faint: list[Text] = field(default_factory=list)


def draw(places: Places, measure: Measure) -> Drawing:
    """All of the picture of a model."""
    drawing = Drawing()
    for path in places.paths:
        drawing.shapes += _arrow(path.points, path.arrow.sign, bool(path.arrow.only_with))
    for interplay in places.structure.interplays:
        drawing.shapes += _together(places, interplay)
    for node in places.nodes:
        _node(places, node, drawing, measure)
    _legend(places, drawing, measure)
    return drawing


def _arrow(points: np.ndarray, sign: int, dashed: bool = False, colour: Colour | None = None) -> list[Shape]:
    """A line with a triangle where it raises, a bar where it lowers, a diamond where that depends."""
    colour = colour or COLOURS[sign]
    end, before = points[-1], _before(points)
    along = (end - before) / np.hypot(*(end - before))
    side = np.array([-along[1], along[0]])
    line = _shortened(points, 2.0 if sign == LOWERS else HEAD)
    shapes: list[Shape] = [Stroke((line,), colour, LINE, dashed)]
    if sign == LOWERS:
        at = end - 2.0 * along
        return [*shapes, Stroke((np.stack([at - BAR * side, at + BAR * side]),), colour, 2.4)]
    back = end - HEAD * along
    corners = [end, back + 0.5 * HEAD * side, back, back - 0.5 * HEAD * side]
    if sign == EITHER:
        middle = end - HEAD * along
        corners = [end, middle + 0.5 * HEAD * side, end - 2 * HEAD * along, middle - 0.5 * HEAD * side]
    elif len(points) == 2:
        corners.pop(2)
    return [*shapes, Area((np.array(corners),), colour, 1.0)]


def _before(points: np.ndarray) -> np.ndarray:
    """A point of the line about the length of a head before its end."""
    far = np.hypot(*(points - points[-1]).T) >= HEAD
    return points[np.flatnonzero(far)[-1]] if far.any() else points[0]


def _shortened(points: np.ndarray, by: float) -> np.ndarray:
    """The line without what lies within some pixels of its end."""
    end = points[-1]
    kept = points[np.hypot(*(points - end).T) > by]
    kept = kept if len(kept) else points[:1]
    along = end - kept[-1]
    length = np.hypot(*along)
    return np.vstack([kept, kept[-1] + along * max(0.0, 1.0 - by / length)]) if length else points


def _together(places: Places, interplay: Interplay) -> list[Shape]:
    """An arrow from between two drugs to what they change together."""
    one, other = (places.node(name) for name in interplay.drugs)
    y = one.box.bottom + 2.5 * APART
    feet = [np.array([node.middle[0] + step, node.box.bottom]) for node, step in ((one, 0.0), (other, 0.0))]
    feet.sort(key=lambda foot: foot[0])
    join = np.array([(feet[0][0] + feet[1][0]) / 2, y])
    target = places.node(interplay.target)
    end = np.array([join[0] + np.clip(target.middle[0] - join[0], -20, 20), target.box.y])
    inward = np.array([14.0, 0.0])
    pieces = (np.stack([feet[0] + inward, join]), np.stack([feet[1] - inward, join]))
    return [Stroke(pieces, PURPLE, LINE), *_arrow(np.stack([join, end]), interplay.sign, colour=PURPLE)]


def _node(places: Places, node: Node, drawing: Drawing, measure: Measure) -> None:
    box = node.box
    frame = rectangle(box.x, box.right, box.y, box.bottom)
    closed = np.vstack([frame, frame[:1]])
    if node.is_drug:
        drawing.shapes.append(Stroke((closed,), PURPLE, 1.4))
        drawing.shapes.append(Area((frame,), PURPLE, DRUG_OPACITY))
        drawing.texts.append(Text(node.label, box.x, box.y + PADDING, box.width, places.text, "centre"))
        return
    if node.is_measured:
        drawing.shapes.append(Area((frame,), BLUE, MEASURED_OPACITY))
    drawing.shapes.append(Stroke((closed,), BLUE if node.is_measured else GREY, 2.0 if node.is_measured else 1.2))
    top = box.y + PADDING / 2
    drawing.texts.append(Text(node.label, box.x, top, box.width, places.text, "centre", bold=True))
    said = "measured" if node.is_measured else "not measured"
    drawing.faint.append(Text(said, box.x, top + places.text, box.width, places.text, "centre"))


def _legend(places: Places, drawing: Drawing, measure: Measure) -> None:
    """What the heads mean; only what there is in this picture."""
    arrows = places.structure.arrows
    entries = [(LEGEND[sign], sign, False, None) for sign in COLOURS if any(a.sign == sign for a in arrows)]
    if conditional := [a for a in arrows if a.only_with]:
        entries.append((ONLY_WITH, conditional[0].sign, True, None))
    entries += [(TOGETHER, LOWERS, False, PURPLE)] if places.structure.interplays else []
    x, y = 8.0, places.legend_y
    for said, sign, dashed, colour in entries:
        wide = SAMPLE + 5.0 + measure(said) + 14.0
        if x > 8.0 and x + wide > places.width:
            x, y = 8.0, y + places.text + 3.0
        middle = y + places.text / 2
        drawing.shapes += _arrow(np.array([[x, middle], [x + SAMPLE, middle]]), sign, dashed, colour)
        drawing.faint.append(Text(said, x + SAMPLE + 5.0, y, measure(said) + 2.0, places.text))
        x += wide


def path_shapes(path: Path) -> list[Shape]:
    """An arrow once more, to stand out from the others."""
    return _arrow(path.points, path.arrow.sign)

"""Shapes and texts of a picture, painted on a widget."""

from __future__ import annotations

from collections.abc import Iterable

import qt

from ..chart_shapes import Area, Dots, Shape, Stroke, Text, readable
from ..chart_spec import Colour

ALIGNED = {"left": qt.Qt.AlignLeft, "centre": qt.Qt.AlignHCenter, "right": qt.Qt.AlignRight}


def colourBehind(widget) -> Colour:
    """What a widget is filled with, for colours that are to stand out from it."""
    colour = widget.palette.color(qt.QPalette.Base)
    return colour.red(), colour.green(), colour.blue()


def paintShapes(painter, shapes: Iterable[Shape], background: Colour) -> None:
    """Paint shapes in their order, each in a colour that can be seen."""
    paintPrepared(painter, prepared(shapes, background))


def prepared(shapes: Iterable[Shape], background: Colour) -> list[tuple]:
    """Pen, brush and path of each shape, to be painted again and again at little cost."""
    return [_prepared(shape, background) for shape in shapes]


def paintPrepared(painter, pieces: Iterable[tuple]) -> None:
    """Paint what was prepared."""
    for pen, brush, path in pieces:
        painter.setPen(pen)
        painter.setBrush(brush)
        painter.drawPath(path)


def _prepared(shape: Shape, background: Colour) -> tuple:
    red, green, blue = readable(shape.colour, background)
    if isinstance(shape, Stroke):
        pen = qt.QPen(qt.QColor(red, green, blue, 255))
        pen.setWidthF(shape.width)
        pen.setStyle(qt.Qt.DashLine if shape.dashed else qt.Qt.SolidLine)
        return pen, qt.QBrush(), pathOf(shape.pieces)
    brush = qt.QBrush(qt.QColor(red, green, blue, shape.alpha if isinstance(shape, Area) else 255))
    path = _discs(shape) if isinstance(shape, Dots) else pathOf(shape.pieces, closed=True)
    return qt.QPen(qt.Qt.NoPen), brush, path


def ink(widget, alpha: int = 255):
    """The colour of texts of a widget."""
    colour = widget.palette.color(qt.QPalette.Text)
    return qt.QColor(colour.red(), colour.green(), colour.blue(), alpha)


def writeTexts(painter, texts: Iterable[Text], font) -> None:
    """Write texts in the present colour, each elided to its width."""
    for text in texts:
        font.setBold(text.bold)
        painter.setFont(font)
        said = text.text
        if painter.fontMetrics().horizontalAdvance(said) > text.width:
            said = painter.fontMetrics().elidedText(said, qt.Qt.ElideRight, int(text.width))
        writeText(painter, text, said)


def writeText(painter, text: Text, said: str) -> None:
    """Write `said` where a text stands."""
    place = qt.QRectF(text.x, text.y, text.width, text.height)
    painter.drawText(place, ALIGNED[text.align] | qt.Qt.AlignVCenter, said)


def pathOf(pieces, closed: bool = False):
    """Lines through points, as one path."""
    path = qt.QPainterPath()
    for piece in pieces:
        first, *others = piece.tolist()
        path.moveTo(*first)
        for x, y in others:
            path.lineTo(x, y)
        if closed:
            path.closeSubpath()
    return path


def _discs(dots: Dots):
    path = qt.QPainterPath()
    path.setFillRule(qt.Qt.WindingFill)
    for box in dots.boxes():
        path.addEllipse(qt.QRectF(*box))
    return path

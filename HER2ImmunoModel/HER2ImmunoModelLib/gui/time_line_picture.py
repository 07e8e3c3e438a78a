"""The time line painted: what does not move is prepared once, and painted again at each move of the mouse."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import qt
from HER2ImmunoCommonLib.chart_shapes import Shape, Text
from HER2ImmunoCommonLib.gui import colourBehind, ink, paintPrepared, paintShapes, prepared, writeTexts

from ..timeline import Drawing, Places, draw

FAINT = 190
"""Opacity of texts beside the main ones, of 255."""


class TimeLinePicture:
    """Paths and texts of a laid out time line, kept until the places or the colours change.

    Parameters
    ----------
    draw : callable
        Gives the `Drawing` of what is painted, from its places and what measures a text.
    """

    def __init__(self, draw: Callable[[Places, Callable[[str], float]], Drawing] = draw):
        self._draw = draw
        self._of, self._shapes, self._clipped, self._drawing = None, [], [], None

    def paint(self, painter, widget, places: Places, moving: Sequence[Shape], labels: Sequence[Text]) -> None:
        """Paint the whole widget.

        Parameters
        ----------
        painter : QPainter
        widget : QWidget
            Whose size, colours and font are taken.
        places : Places
        moving : sequence of Shape
            Painted over the doses.
        labels : sequence of Text
            Painted over everything.
        """
        background = colourBehind(widget)
        base = widget.palette.color(qt.QPalette.Base)
        self._prepare(places, background, widget.fontMetrics())
        painter.setRenderHint(qt.QPainter.Antialiasing, True)
        painter.fillRect(0, 0, widget.width, widget.height, base)
        paintPrepared(painter, self._shapes)
        for box, inside in self._clipped:
            painter.save()
            painter.setClipRect(qt.QRectF(box.x, box.y, box.width, box.height))
            paintPrepared(painter, inside)
            painter.restore()
        paintShapes(painter, moving, background)
        for texts, alpha in ((self._drawing.texts, 255), (self._drawing.faint, FAINT)):
            painter.setPen(qt.QPen(ink(widget, alpha)))
            writeTexts(painter, texts, widget.font)
        painter.setPen(qt.QPen(ink(widget)))
        for text in labels:
            painter.fillRect(qt.QRectF(text.x, text.y, text.width, text.height), base)
            writeTexts(painter, [text], widget.font)

    def _prepare(self, places: Places, background, metrics) -> None:
        if self._of is not None and self._of[0] is places and self._of[1] == background:
            return
        self._of, self._drawing = (places, background), self._draw(places, lambda text: metrics.horizontalAdvance(text))
        self._shapes = prepared(self._drawing.shapes, background)
        self._clipped = [(box, prepared(shapes, background)) for box, shapes in self._drawing.clipped]

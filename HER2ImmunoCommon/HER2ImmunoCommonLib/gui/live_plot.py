"""A chart that a panel paints itself, at once: for what changes while someone looks at it."""

from __future__ import annotations

from collections.abc import Callable

import qt
from slicer.i18n import tr as _

from ..chart_layout import Layout, grip_of, height_for, is_near, lay_out
from ..chart_spec import Chart
from .painting import colourBehind, ink, paintShapes, pathOf, writeText, writeTexts

LEAST_WIDTH = 300
GRID_ALPHA, MARK_ALPHA = 40, 150
HANDLE_TIP = _("Drag the line, or move it with the left and right keys (with Shift by ten steps)")
FAST = 10
"""Steps of the handle at a press of a key with Shift."""


class LivePlot(qt.QWidget):
    """A chart as wide as there is room, painted in well under a frame of a film; optionally with a handle.

    The handle is a vertical line with a grip, moved along x with the mouse or by the left and right keys (with Shift:
    ten steps), a step being a round number of at least one pixel.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        self._chart: Chart | None = None
        self._laid: Layout | None = None
        self._laidFor = None
        self._handle: tuple[float, str] | None = None
        self._onMoved: Callable[[float], None] | None = None
        self._isDragged = False
        self.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Fixed)
        self.setMinimumWidth(LEAST_WIDTH)
        self._takeHeight()

    def showChart(self, chart: Chart | None) -> None:
        """Show this chart now (None: an empty place)."""
        self._chart, self._laidFor = chart, None
        self.setAccessibleName("" if chart is None else chart.title)
        self._takeHeight()
        self.update()

    def setHandle(self, x: float | None, label: str = "", onMoved: Callable[[float], None] | None = None) -> None:
        """Show a handle at `x` (None: no handle); a handle that is being dragged stays in the hand.

        Parameters
        ----------
        x : float or None
        label : str
            What stands at the line; `{x}` in it is where the value is now, as in "arrival {x} s".
        onMoved : callable, optional
            Called with the new `x` when the mouse lets go, and at each press of a key.
        """
        if x is None:
            self._handle, self._isDragged = None, False
        elif not self._isDragged:
            self._handle = float(x), label
        self._onMoved, self._laidFor = onMoved, None
        self._takeHeight()
        self.setFocusPolicy(qt.Qt.NoFocus if x is None else qt.Qt.StrongFocus)
        self.setMouseTracking(x is not None)
        if self.toolTip in ("", HANDLE_TIP):
            self.setToolTip("" if x is None else HANDLE_TIP)
        if x is None:
            self.unsetCursor()
        self.update()

    @property
    def handleX(self) -> float | None:
        """Where the handle is; None without one."""
        return None if self._handle is None else self._handle[0]

    def resizeEvent(self, event) -> None:
        """Follow the width: a legend takes more rows where there is less of it."""
        self._takeHeight()

    def paintEvent(self, event) -> None:
        """Paint the chart and the handle."""
        if self._chart is None:
            return
        layout = self._layout()
        painter = qt.QPainter(self)
        try:
            painter.setRenderHint(qt.QPainter.Antialiasing, True)
            self._paintChart(painter, layout)
            if self._handle is not None:
                self._paintHandle(painter, layout)
        finally:
            painter.end()

    def mousePressEvent(self, event) -> None:
        """Take the handle."""
        if self._handle is None or self._chart is None or event.button() != qt.Qt.LeftButton:
            event.ignore()
            return
        self.setFocus()
        if is_near(self._layout().axes, self._handle[0], event.x()):
            self._isDragged = True

    def mouseMoveEvent(self, event) -> None:
        """Let the handle follow the mouse."""
        if self._handle is None or self._chart is None:
            return
        axes = self._layout().axes
        if self._isDragged:
            self._move(axes.x_at(event.x()))
        elif is_near(axes, self._handle[0], event.x()):
            self.setCursor(qt.QCursor(qt.Qt.SplitHCursor))
        else:
            self.unsetCursor()

    def mouseReleaseEvent(self, event) -> None:
        """Let go of the handle, and tell where it is."""
        if self._isDragged and event.button() == qt.Qt.LeftButton:
            self._isDragged = False
            self._tell()

    def keyPressEvent(self, event) -> None:
        """Move the handle by the left and right keys."""
        directions = {qt.Qt.Key_Left: -1, qt.Qt.Key_Right: 1}
        if self._handle is None or self._chart is None or event.key() not in directions:
            event.ignore()
            return
        steps = directions[event.key()] * (FAST if event.modifiers() & qt.Qt.ShiftModifier else 1)
        self._move(self._layout().axes.moved(self._handle[0], steps))
        self._tell()

    def focusInEvent(self, event) -> None:
        """Show that the keys move the handle."""
        self.update()

    def focusOutEvent(self, event) -> None:
        """Show that they do not."""
        self.update()

    def _move(self, x: float) -> None:
        self._handle = x, self._handle[1]
        self.update()

    def _tell(self) -> None:
        if self._onMoved is not None:
            self._onMoved(self._handle[0])

    def _measure(self, text: str) -> float:
        return self.fontMetrics().horizontalAdvance(text)

    def _takeHeight(self) -> None:
        line = self.fontMetrics().height()
        height = height_for(self._chart, self.width, line, self._measure, self._handle is not None)
        if (self.minimumHeight, self.maximumHeight) != (height, height):
            self.setMinimumHeight(height)
            self.setMaximumHeight(height)

    def _layout(self) -> Layout:
        size, line = (self.width, self.height), self.fontMetrics().height()
        if self._laidFor != (size, line):
            self._laid = lay_out(self._chart, size, line, self._measure, self._handle is not None)
            self._laidFor = size, line
        return self._laid

    def _paintChart(self, painter, layout: Layout) -> None:
        painter.fillRect(0, 0, self.width, self.height, self.palette.color(qt.QPalette.Base))
        for pieces, alpha in ((layout.grid, GRID_ALPHA), (layout.marks, MARK_ALPHA)):
            painter.setPen(qt.QPen(ink(self, alpha)))
            painter.drawPath(pathOf(pieces))
        box, background = layout.clip, colourBehind(self)
        painter.save()
        painter.setClipRect(qt.QRectF(box.x, box.y, box.width, box.height))
        paintShapes(painter, layout.shapes, background)
        painter.restore()
        paintShapes(painter, layout.legend, background)
        painter.setPen(qt.QPen(ink(self)))
        writeTexts(painter, layout.texts, self.font)

    def _paintHandle(self, painter, layout: Layout) -> None:
        x, label = self._handle
        grip = grip_of(layout.axes, x, label, self.fontMetrics().height(), self._measure)
        role = qt.QPalette.Highlight if self.hasFocus() or self._isDragged else qt.QPalette.Text
        colour = self.palette.color(role)
        pen = qt.QPen(colour)
        pen.setWidthF(grip.line.width)
        painter.setPen(pen)
        painter.drawPath(pathOf(grip.line.pieces))
        painter.setPen(qt.QPen(qt.Qt.NoPen))
        painter.setBrush(qt.QBrush(colour))
        painter.drawPath(pathOf(grip.knob.pieces, closed=True))
        painter.setFont(self.font)
        painter.setPen(qt.QPen(ink(self)))
        writeText(painter, grip.text, grip.text.text)

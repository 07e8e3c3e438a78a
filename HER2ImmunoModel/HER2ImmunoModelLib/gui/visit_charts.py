"""Small charts of all that was measured, on the same days: painted at once, so that they follow what is typed."""

from __future__ import annotations

from collections.abc import Sequence

import qt
from slicer.i18n import tr as _

from ..visits import ChartGrid, Curve, draw_charts, lay_out_charts, legend_of
from .time_line_picture import TimeLinePicture

LEAST_WIDTH = 300


class VisitCharts(qt.QWidget):
    """A chart a quantity; the tool tip tells the visit under the mouse. Hidden without anything to show.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        self.curves: tuple[Curve, ...] = ()
        self._grid, self._laidFor, self._picture = None, None, TimeLinePicture(draw_charts)
        self.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Fixed)
        self.setMinimumWidth(LEAST_WIDTH)
        self.setMouseTracking(True)
        self.setAccessibleName(_("Charts of what was measured"))
        self.setVisible(False)

    def showCurves(self, curves: Sequence[Curve]) -> None:
        """Show these now."""
        self.curves, self._laidFor = tuple(curves), None
        self.setVisible(bool(curves))
        self._takeHeight()
        self.update()

    @property
    def grid(self) -> ChartGrid:
        """Where everything is now."""
        key = self.width, self.fontMetrics().height()
        if self._laidFor != key:
            self._grid = lay_out_charts(self.curves, legend_of(self.curves), *key, self._measure)
            self._laidFor = key
        return self._grid

    def resizeEvent(self, event) -> None:
        """Follow the width."""
        self._takeHeight()

    def paintEvent(self, event) -> None:
        """Paint all charts."""
        painter = qt.QPainter(self)
        try:
            self._picture.paint(painter, self, self.grid, (), ())
        finally:
            painter.end()

    def mouseMoveEvent(self, event) -> None:
        """Say what was measured at the visit under the mouse."""
        found = self.grid.at(event.x(), event.y())
        self.setToolTip("" if found is None else self._said(*found))

    def _said(self, number: int, visit: int) -> str:
        curve = self.curves[number]
        return f"{curve.title}\n{curve.said[visit]}"

    def _measure(self, text: str) -> float:
        return self.fontMetrics().horizontalAdvance(text)

    def _takeHeight(self) -> None:
        height = round(self.grid.height)
        if (self.minimumHeight, self.maximumHeight) != (height, height):
            self.setMinimumHeight(height)
            self.setMaximumHeight(height)

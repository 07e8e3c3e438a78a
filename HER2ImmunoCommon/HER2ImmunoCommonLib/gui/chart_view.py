"""A chart drawn in a panel, beside the plot nodes that hold its numbers."""

from __future__ import annotations

import tempfile
from pathlib import Path

import qt

from .. import charts
from ..chart_spec import Chart

DRAWN = 600, 350
ROW, AROUND = 32, 80
"""Height of a named position, and of what lies above and below them."""
WIDTH = 440
"""Drawn larger and reduced, so that the labels of both axes have room."""


class ChartView(qt.QLabel):
    """The picture of a chart, as wide as there is room; hidden without one, or where nothing can be drawn."""

    def __init__(self, parent):
        qt.QLabel.__init__(self, parent)
        self._drawn: qt.QPixmap | None = None
        self.setAlignment(qt.Qt.AlignHCenter)
        self.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Fixed)
        self.setVisible(False)

    def showChart(self, chart: Chart | None) -> None:
        """Draw this chart (None: nothing)."""
        drawn = chart is not None and charts.can_draw()
        if drawn:
            with tempfile.TemporaryDirectory() as folder:
                height = max(DRAWN[1], ROW * len(chart.y_names) + AROUND)
                path = charts.write_png(chart, Path(folder) / "chart.png", (DRAWN[0], height))
                self._drawn = qt.QPixmap(str(path))
            self._fit()
        self.setVisible(drawn)

    def resizeEvent(self, event) -> None:
        """Draw the chart at the width that there is."""
        self._fit()

    def _fit(self) -> None:
        if self._drawn is not None:
            self.setPixmap(self._drawn.scaledToWidth(min(self.width, WIDTH), qt.Qt.SmoothTransformation))

"""The fit while it is being searched: what was measured, and the best course so far."""

from __future__ import annotations

import qt
from HER2ImmunoCommonLib.gui import LivePlot, PanelPart

from ..calibration.watching import Watching
from ..findings.watched import watched_charts

EVERY_MS = 100


class WatchView(PanelPart, qt.QWidget):
    """Charts that follow a `Watching` until it is let go of; hidden before its first course and afterwards.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self.plots = [LivePlot(self), LivePlot(self)]
        self.shown = 0
        self._watching: Watching | None = None
        self._timer = qt.QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.connect("timeout()", self._onTime)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for plot in self.plots:
            layout.addWidget(plot)
        self.setVisible(False)

    def begin(self, watching: Watching) -> None:
        """Follow this one."""
        self._watching, self.shown = watching, 0
        self._timer.start()

    def end(self) -> None:
        """Let go of it."""
        self._timer.stop()
        self._watching = None
        self.setVisible(False)

    def cleanup(self) -> None:
        """Let go of everything."""
        PanelPart.cleanup(self)
        self.end()

    def _onTime(self) -> None:
        sight = None if self._watching is None else self._watching.take()
        if sight is None:
            return
        charts = watched_charts(self._watching.model, self._watching.measurements, sight)
        for number, plot in enumerate(self.plots):
            there = number < len(charts)
            plot.setVisible(there)
            if there:
                plot.showChart(charts[number])
        self.shown += 1
        self.setVisible(True)

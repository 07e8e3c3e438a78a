"""The threshold sweep of the last run: a table and its chart."""

from __future__ import annotations

import qt
from HER2ImmunoCommonLib.chart_spec import Chart
from HER2ImmunoCommonLib.gui import LivePlot, ValuesTable, inTwoLines
from slicer.i18n import tr as _

from ..analysis import wording


class SweepView(qt.QWidget):
    """Hypoxic fraction, volume and burden at each threshold; hidden without a sweep."""

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        self.chart = LivePlot(self)
        header = _("Threshold"), _("Fraction (%)"), _("Volume (cm³)"), _("Burden (cm³)")
        self.table = ValuesTable(self, columns=len(header), sharing=range(len(header)))
        self.table.setHorizontalHeaderLabels([inTwoLines(heading) for heading in header])
        self.table.horizontalHeader().setVisible(True)
        self.chart.setToolTip(_("Hypoxic fraction of the tumour by threshold; the chosen one in red"))
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)
        layout.addWidget(self.chart)
        self.setVisible(False)

    def showSweep(self, steps: list[tuple[float, ...]], chart: Chart | None) -> None:
        """Show these steps (threshold, fraction, volume, burden) and their chart."""
        rows = wording.sweep_cells(steps)
        self.table.setRowCount(len(rows))
        for row, cells in enumerate(rows):
            for column, text in enumerate(cells):
                self.table.setItem(row, column, qt.QTableWidgetItem(text))
        self.table.resizeRowsToContents()
        self.table.setVisible(bool(rows))
        self.chart.showChart(chart)
        self.chart.setVisible(chart is not None)
        self.setVisible(bool(rows))

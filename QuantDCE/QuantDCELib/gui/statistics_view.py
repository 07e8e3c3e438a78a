"""The statistics of every map over the tumour, one line a map."""

from __future__ import annotations

import qt
from HER2ImmunoCommonLib.gui import compactRows, fitTable, smallerHeads
from slicer.i18n import tr as _

from ..scene.results import statistics_of
from ..scene.statistics_table import shown_line, shown_tip

TALLEST = 420


class StatisticsView(qt.QTableWidget):
    """A table to read and copy from; hidden without results. The tool tip of a line has all percentiles."""

    def __init__(self, parent):
        qt.QTableWidget.__init__(self, parent)
        heads = {
            _("Map"): _("Name with unit"),
            _("Median"): _("Half of the voxels have less"),
            _("25 to 75 %"): _("The middle half of the voxels"),
            _("Mean"): "",
            _("SD"): _("Standard deviation between voxels"),
            _("n/–/bound"): _("Voxels of the tumour / without a value / with a parameter at its bound"),
        }
        self.setColumnCount(len(heads))
        self.setHorizontalHeaderLabels(list(heads))
        for column, tip in enumerate(heads.values()):
            self.horizontalHeaderItem(column).setToolTip(tip)
        self.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
        self.setSelectionMode(qt.QAbstractItemView.ContiguousSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.verticalHeader().setVisible(False)
        self.horizontalHeader().setSectionResizeMode(qt.QHeaderView.ResizeToContents)
        self.horizontalHeader().setSectionResizeMode(0, qt.QHeaderView.Stretch)
        smallerHeads(self)
        compactRows(self)
        fitTable(self, TALLEST)
        self._shown = []
        self.setVisible(False)

    def showSeries(self, series) -> None:
        """Show the statistics of a series (None: nothing)."""
        shown = [(shown_line(each), shown_tip(each)) for each in statistics_of(series).maps]
        if shown == self._shown:
            return
        self._shown = shown
        self.setRowCount(len(shown))
        for row, (texts, tip) in enumerate(shown):
            for column, text in enumerate(texts):
                item = qt.QTableWidgetItem(text)
                item.setToolTip(tip)
                if column:
                    item.setTextAlignment(qt.Qt.AlignRight | qt.Qt.AlignVCenter)
                self.setItem(row, column, item)
        self.setVisible(bool(shown))

"""The statistics of every map over the tumour, one row a map."""

from __future__ import annotations

import qt
from HER2ImmunoCommonLib.gui import compactRows, fitTable, smallerHeads
from slicer.i18n import tr as _

from ..scene.results import statistics_of
from ..scene.statistics_table import shown_line, shown_tip


class StatisticsView(qt.QTableWidget):
    """A table to read and copy from; hidden without results. The tool tip of a row has all percentiles."""

    def __init__(self, parent):
        qt.QTableWidget.__init__(self, parent)
        heads = {
            _("Map\nunit"): _("What was measured, and its unit"),
            _("Median\n25 to 75 %"): _("Half of the voxels have less; below, the middle half of the voxels"),
            _("Mean\n± SD"): _("Mean over the voxels; below, the standard deviation between them"),
            _("Voxels\nfailed /\nat bound"): _(
                "Voxels of the tumour; below, how many of them have no value, and how many a parameter at its bound"
            ),
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
        compactRows(self, 2)
        fitTable(self)
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
                item.setTextAlignment(qt.Qt.AlignTop | (qt.Qt.AlignRight if column else qt.Qt.AlignLeft))
                self.setItem(row, column, item)
        self.setVisible(bool(shown))

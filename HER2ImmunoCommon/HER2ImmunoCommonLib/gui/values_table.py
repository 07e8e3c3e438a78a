"""A small table of results: what, value with unit."""

from __future__ import annotations

from collections.abc import Sequence

import qt


class ValuesTable(qt.QTableWidget):
    """Two columns of text as high as its rows; its cells can be selected and copied."""

    def __init__(self, parent):
        qt.QTableWidget.__init__(self, parent)
        self.setColumnCount(2)
        self.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setVerticalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff)
        self.horizontalHeader().setVisible(False)
        self.verticalHeader().setVisible(False)
        self.horizontalHeader().setStretchLastSection(True)
        self.setVisible(False)

    def showRows(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """Show (name, value with unit, tooltip) in each row; hidden without rows."""
        self.setRowCount(len(rows))
        for index, (name, value, tip) in enumerate(rows):
            for column, text in enumerate((name, value)):
                item = qt.QTableWidgetItem(text)
                item.setToolTip(tip or text)
                self.setItem(index, column, item)
        self.resizeColumnToContents(0)
        self.resizeRowsToContents()
        self.setFixedHeight(self.verticalHeader().length() + 2)
        self.setVisible(bool(rows))

"""A small table of results: what, value with unit."""

from __future__ import annotations

from collections.abc import Sequence

import qt

from .fitting import fitTable, wrapRows


class ValuesTable(qt.QTableWidget):
    """Columns of text, as high as their rows; cells can be selected and copied, and take the lines they need.

    Parameters
    ----------
    parent : QWidget
    columns : int
    sharing : sequence of int
        Columns that share the width that the others leave.
    """

    def __init__(self, parent, columns: int = 2, sharing: Sequence[int] = (1,)):
        qt.QTableWidget.__init__(self, parent)
        self.setColumnCount(columns)
        self.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.horizontalHeader().setVisible(False)
        self.verticalHeader().setVisible(False)
        self.horizontalHeader().setSectionResizeMode(qt.QHeaderView.ResizeToContents)
        for column in sharing:
            self.horizontalHeader().setSectionResizeMode(column, qt.QHeaderView.Stretch)
        fitTable(self)
        wrapRows(self)
        self.setVisible(False)

    def showRows(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """Show (name, value with unit, tooltip) in each row; hidden without rows."""
        self.setRowCount(len(rows))
        for index, (name, value, tip) in enumerate(rows):
            for column, text in enumerate((name, value)):
                item = qt.QTableWidgetItem(text)
                item.setToolTip(tip or text)
                self.setItem(index, column, item)
        self.resizeRowsToContents()
        self.setVisible(bool(rows))

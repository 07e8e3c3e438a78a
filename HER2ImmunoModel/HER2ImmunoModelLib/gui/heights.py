"""How high a table and its rows are."""

from __future__ import annotations

import qt

FRAME = 2
ROW_MARGIN = 8


def compactRows(table) -> None:
    """Give every row of a QTableWidget the height of one line."""
    table.setWordWrap(False)
    table.verticalHeader().setSectionResizeMode(qt.QHeaderView.Fixed)
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + ROW_MARGIN)


def wrapRows(table) -> None:
    """Give every row of a QTableWidget the lines that its longest cell needs."""
    table.resizeRowsToContents()
    for row in range(table.rowCount):
        table.setRowHeight(row, table.rowHeight(row) + ROW_MARGIN // 2)


def fitHeight(table, tallest: int | None = None) -> None:
    """Make a QTableWidget as high as its header and rows; beyond `tallest` it scrolls."""
    header = table.horizontalHeader().property("sizeHint").height()
    height = header + table.verticalHeader().length() + FRAME
    scrolls = tallest is not None and height > tallest
    table.setVerticalScrollBarPolicy(qt.Qt.ScrollBarAsNeeded if scrolls else qt.Qt.ScrollBarAlwaysOff)
    table.setFixedHeight(tallest if scrolls else height)

"""How high a table is."""

from __future__ import annotations

FRAME = 2


def fitHeight(table) -> None:
    """Make a QTableWidget as high as its header and rows."""
    header = table.horizontalHeader().property("sizeHint").height()
    table.setFixedHeight(header + table.verticalHeader().length() + FRAME)

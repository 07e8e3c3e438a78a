"""How cells of a table are marked: a tint or hatching behind them, and a sign that is told without colours."""

from __future__ import annotations

from collections.abc import Sequence

import qt
from HER2ImmunoCommonLib.gui import colourBehind, paintShapes

from ..visits import MISSING, SUSPICIOUS, WRONG, Mark, sign_of, tip_of

SIGN_SIZE = 10
TINTS = {WRONG: (200, 30, 40, 60), SUSPICIOUS: (240, 160, 0, 75), MISSING: (128, 128, 128, 120)}
"""Red, green, blue, opacity: seen on light and dark cells, with what is written in them."""


class CellMarks:
    """Marks the items of a table.

    Parameters
    ----------
    table : QTableWidget
    """

    def __init__(self, table):
        self._table, self._signs, self._behind = table, {}, None
        table.setIconSize(qt.QSize(SIGN_SIZE, SIGN_SIZE))

    def follow(self) -> bool:
        """Take the colours of the table; whether they are others than before, and all has to be marked again."""
        behind = colourBehind(self._table)
        isOther, self._behind = behind != self._behind, behind
        if isOther:
            self._signs = {}
        return isOther

    def mark(self, item, marks: Sequence[Mark]) -> None:
        """Show what is said of a cell; nothing without marks."""
        kind = marks[0].kind if marks else ""
        item.setBackground(_brush(kind))
        item.setIcon(self._sign(kind))
        if marks:
            item.setToolTip(tip_of(marks))

    def _sign(self, kind: str):
        if kind not in self._signs:
            shape = sign_of(kind, SIGN_SIZE)
            self._signs[kind] = qt.QIcon() if shape is None else qt.QIcon(_picture(shape, self._behind))
        return self._signs[kind]


def _brush(kind: str):
    if not kind:
        return qt.QBrush()
    style = qt.Qt.BDiagPattern if kind == MISSING else qt.Qt.SolidPattern
    return qt.QBrush(qt.QColor(*TINTS[kind]), style)


def _picture(shape, behind):
    picture = qt.QPixmap(SIGN_SIZE, SIGN_SIZE)
    picture.fill(qt.QColor(0, 0, 0, 0))
    painter = qt.QPainter(picture)
    painter.setRenderHint(qt.QPainter.Antialiasing, True)
    paintShapes(painter, [shape], behind)
    painter.end()
    return picture

"""What a PET header says, value by value, to be corrected in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import qt
from HER2ImmunoCommonLib.gui import ValuesTable
from slicer.i18n import tr as _

from ..analysis.wording import Fact

NAME, VALUE, SOURCE = range(3)


class HeaderTable(ValuesTable):
    """Facts with their tags; a value that may be corrected opens for writing at a double click.

    Parameters
    ----------
    parent : QWidget
    onEdited : callable
        Called with the fact's key and the text written over its value.
    """

    def __init__(self, parent, onEdited: Callable[[str, str], None]):
        ValuesTable.__init__(self, parent, columns=3, sharing=(VALUE, SOURCE))
        self._onEdited, self._facts, self._filling = onEdited, [], False
        self.setEditTriggers(
            qt.QAbstractItemView.DoubleClicked
            | qt.QAbstractItemView.EditKeyPressed
            | qt.QAbstractItemView.SelectedClicked
        )
        self.connect("cellChanged(int,int)", self._onCellChanged)

    def showFacts(self, facts: Sequence[Fact]) -> None:
        """Show these facts; hidden without any. Cells are kept, since one of them may be open for writing."""
        self._filling, self._facts = True, list(facts)
        self.setRowCount(len(facts))
        for row, fact in enumerate(facts):
            self._setCell(row, NAME, fact.name, fact)
            self._setCell(row, VALUE, fact.value, fact)
            self._setCell(row, SOURCE, fact.source, fact)
        self._filling = False
        self.resizeRowsToContents()
        self.setVisible(bool(facts))

    def _setCell(self, row: int, column: int, text: str, fact: Fact) -> None:
        item = self.item(row, column)
        if item is None:
            item = qt.QTableWidgetItem()
            self.setItem(row, column, item)
        item.setText(text)
        editable = fact.editable and column == VALUE
        item.setToolTip(_("Double-click to correct. From: {source}").format(source=fact.tip) if editable else fact.tip)
        flags = qt.Qt.ItemIsEnabled | qt.Qt.ItemIsSelectable
        item.setFlags(flags | qt.Qt.ItemIsEditable if editable else flags)
        font = item.font()
        font.setBold(fact.is_users and column != NAME)
        item.setFont(font)

    def _onCellChanged(self, row: int, column: int) -> None:
        if self._filling or column != VALUE:
            return
        fact, text = self._facts[row], self.item(row, column).text()
        if text.strip() == fact.value:
            return
        self._onEdited(fact.key, text)

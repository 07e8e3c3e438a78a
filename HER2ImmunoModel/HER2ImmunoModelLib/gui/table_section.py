"""A table node shown compactly, edited in place or loaded from a file; what is wrong with it stands below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import qt
import slicer
import vtk
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import PanelPart, PathRow, StatusLine, compactRows, fitTable, smallerHeads
from HER2ImmunoCommonLib.scene import add_row, read_cells, remove_row, set_cell
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from ..findings.wording import shortened
from ..scene.subjects import new_table


@dataclass(frozen=True)
class Column:
    """A column of the table node and how it is shown."""

    name: str
    heading: str
    toolTip: str


class TableSection(PanelPart, qt.QWidget):
    """Base of the two tables of the panel; a table node is kept in a field of the parameter node.

    A section overrides `check`, `load`, `newCells` and, for cells that are not typed, `showCell`. The path of the file
    is kept in the field `<field>File`. A table higher than `tallest` scrolls.

    Parameters
    ----------
    parent : QWidget
    onChanged : callable
        Called without arguments when the table or its content changed.
    """

    field = ""
    nodeName = ""
    rowName = ""
    fileHint = ""
    columns: Sequence[Column] = ()
    tallest: int | None = None

    def __init__(self, parent, onChanged: Callable[[], None]):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._onChanged = onChanged
        self._node, self._nodeObservation = None, VTKObservationMixin()
        self.file = PathRow(self, f"{self.field}File", _("Load"), self.loadFile, (_("Table (*.csv *.tsv *.txt)"),))
        self.file.setToolTip(self.fileHint)
        self.inner.append(self.file)
        self.table = qt.QTableWidget(self)
        self.addButton = qt.QPushButton(_("Add {row}").format(row=self.rowName), self)
        self.removeButton = qt.QPushButton(_("Remove {row}").format(row=self.rowName), self)
        self.status = StatusLine(self)
        self._lay()
        self.table.connect("cellChanged(int,int)", self._onCellChanged)
        self.addButton.connect("clicked()", self.addRow)
        self.removeButton.connect("clicked()", self.removeRow)
        self._show()

    def addRows(self, form) -> None:
        """Add choices below the line of the file."""

    def check(self, node) -> None:
        """Raise `InputError` if the table cannot be used."""

    def load(self, path: str, node) -> None:
        """Read a file into a new table node."""

    def newNode(self, name: str):
        """An empty table node."""
        return new_table(slicer.mrmlScene, name)

    def newCells(self) -> dict[str, str]:
        """Cells of a row that is added."""
        return {}

    def showCell(self, row: int, column: int, text: str) -> None:
        """Put one cell into the widget."""
        if self.table.item(row, column) is None:
            self.table.setItem(row, column, qt.QTableWidgetItem())
        item = self.table.item(row, column)
        item.setText(shortened(text))
        item.setToolTip(text)

    def problem(self) -> str:
        """Why the table cannot be used, as a sentence; empty if it can."""
        try:
            self.check(self._node)
        except InputError as error:
            return str(error)
        return ""

    def remark(self) -> str:
        """What a person must know of a table that can be used, as sentences; empty for nothing."""
        return ""

    def cellName(self, column: Column, header: Sequence[str]) -> str:
        """Name under which the table node has a column that is shown."""
        return column.name

    def loadFile(self, path: str) -> None:
        """Read a file into a new table node and choose it; what is wrong with the file is said below the table."""
        node = self.newNode(Path(path).stem)
        try:
            self.load(path, node)
        except InputError as error:
            slicer.mrmlScene.RemoveNode(node)
            self.status.say("error", str(error))
        else:
            self._choose(node)

    def addRow(self) -> None:
        """Add a row, in a new table if none is chosen."""
        if self._node is None:
            self._choose(self.newNode(self.nodeName))
        add_row(self._node, self.newCells())
        self.table.setCurrentCell(self.table.rowCount - 1, 0)

    def removeRow(self) -> None:
        """Take out the current row, or the last if none is current."""
        if self._node is not None and self.table.rowCount > 0:
            row = self.table.currentRow()
            remove_row(self._node, row if row >= 0 else self.table.rowCount - 1)

    def setCell(self, row: int, column: int, text: str) -> None:
        """Store one cell in the table node."""
        header, _lines = read_cells(self._node)
        set_cell(self._node, row, self.cellName(self.columns[column], header), text)

    def _lay(self) -> None:
        self.table.setColumnCount(len(self.columns))
        self.table.setHorizontalHeaderLabels([column.heading for column in self.columns])
        for number, column in enumerate(self.columns):
            self.table.horizontalHeaderItem(number).setToolTip(column.toolTip)
        self.table.horizontalHeader().setSectionResizeMode(qt.QHeaderView.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(0, qt.QHeaderView.Stretch)
        compactRows(self.table)
        fitTable(self.table, self.tallest)
        smallerHeads(self.table)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        form = qt.QFormLayout()
        layout.addLayout(form)
        form.addRow(_("CSV file:"), self.file)
        self.addRows(form)
        layout.addWidget(self.table)
        buttons = qt.QHBoxLayout()
        layout.addLayout(buttons)
        buttons.addWidget(self.addButton)
        buttons.addWidget(self.removeButton)
        buttons.addStretch(1)
        layout.addWidget(self.status)

    def _choose(self, node) -> None:
        if self._parameters is not None:
            setattr(self._parameters, self.field, node)

    def refresh(self) -> None:
        """Show the table that the parameter node refers to."""
        node = getattr(self._parameters, self.field) if self._parameters is not None else None
        if node is not self._node:
            self._nodeObservation.removeObservers()
            self._node = node
            if node is not None:
                self._nodeObservation.addObserver(node, vtk.vtkCommand.ModifiedEvent, self._onNode)
        self._show()

    def _onNode(self, caller=None, event=None) -> None:
        self._show()
        self._onChanged()

    def _show(self) -> None:
        header, lines = read_cells(self._node) if self._node is not None else ([], [])
        with self.filling():
            self.table.setRowCount(len(lines))
            for row, line in enumerate(lines):
                cells = dict(zip(header, line, strict=True))
                for number, column in enumerate(self.columns):
                    self.showCell(row, number, cells.get(self.cellName(column, header), ""))
        self.table.setVisible(bool(lines))
        self.removeButton.setEnabled(bool(lines))
        problem = self.problem() if self._node is not None else ""
        remark = self.remark() if self._node is not None and not problem else ""
        self.status.say("error" if problem else "warning" if remark else "plain", problem or remark)

    def _onCellChanged(self, row: int, column: int) -> None:
        if not self._isFilling:
            self.setCell(row, column, self.table.item(row, column).text())

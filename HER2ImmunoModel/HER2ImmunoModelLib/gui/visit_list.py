"""The visits of the scene by date: what each has, how it is aligned, what was given between; named and dated here."""

from __future__ import annotations

from collections.abc import Callable

import qt
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import PanelPart, StatusLine, fitTable, smallerHeads, wrapLabel, wrapRows
from HER2ImmunoCommonLib.scene import rename_visit, set_day, set_day_zero
from slicer.i18n import tr as _

from ..scene.visits_shown import ShownVisit, day_in, doubts_said, lines_of
from .scene_visits import SceneVisits

NAME, DAY, DATE, HAS, ALIGNED = range(5)
MARK = "⚠ "


class VisitList(PanelPart, qt.QWidget):
    """A line a visit; names and days are written into the cells, doses stand between.

    Parameters
    ----------
    parent : ctkCollapsibleButton
    visits : SceneVisits
    """

    def __init__(self, parent, visits: SceneVisits):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._visits, self.lines = visits, []
        self.empty = qt.QLabel(
            _(
                "The scene has no images of a visit. Load them with the module DICOM, or the virtual patient with "
                "Sample Data."
            ),
            self,
        )
        wrapLabel(self.empty)
        self.table = qt.QTableWidget(self)
        self.doubts = StatusLine(self)
        self.refusal = StatusLine(self)
        self.dayZeroButton = qt.QPushButton(_("Make day 0"), self)
        self.referenceButton = qt.QPushButton(_("Make reference"), self)
        self._lay()
        self.table.connect("cellChanged(int,int)", self._onCell)
        self.table.connect("currentCellChanged(int,int,int,int)", self._onCurrent)
        self.dayZeroButton.connect("clicked()", self._onDayZero)
        self.referenceButton.connect("clicked()", self._onReference)

    def refresh(self) -> None:
        """Show the visits that there are now."""
        if self._parameters is None:
            return
        self.lines = lines_of(self._visits.found, self._visits.reference, self._parameters)
        with self.filling():
            self._fill()
        self.doubts.say("warning", doubts_said(self._visits.found))
        self.table.setVisible(bool(self.lines))
        self.empty.setVisible(not self.lines)
        self._offerButtons()

    def _lay(self) -> None:
        heads = {
            _("Visit"): _("Name of the visit; write another into the cell"),
            _("Day"): _("Days since the start of observation; write another into the cell"),
            _("Date"): _("Date of the examination, from the header of its images"),
            _("Has"): _("What was acquired, drawn and computed; between visits, which drugs were given and how often"),
            _("Alignment"): _("How the visit is brought into the space of the reference visit"),
        }
        self.table.setColumnCount(len(heads))
        self.table.setHorizontalHeaderLabels(list(heads))
        for column, tip in enumerate(heads.values()):
            self.table.horizontalHeaderItem(column).setToolTip(tip)
        self.table.verticalHeader().setVisible(False)
        self.table.setSelectionBehavior(qt.QAbstractItemView.SelectRows)
        self.table.setSelectionMode(qt.QAbstractItemView.SingleSelection)
        self.table.horizontalHeader().setSectionResizeMode(qt.QHeaderView.ResizeToContents)
        for column in (HAS, NAME, ALIGNED):
            self.table.horizontalHeader().setSectionResizeMode(column, qt.QHeaderView.Stretch)
        fitTable(self.table)
        smallerHeads(self.table)
        wrapRows(self.table)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.empty, self.table):
            layout.addWidget(widget)
        buttons = qt.QHBoxLayout()
        layout.addLayout(buttons)
        for button in (self.dayZeroButton, self.referenceButton):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout.addWidget(self.refusal)
        layout.addWidget(self.doubts)

    def _fill(self) -> None:
        self.table.setRowCount(len(self.lines))
        for row, line in enumerate(self.lines):
            if line.visit is None:
                self._fillDoses(row, line)
            else:
                self._fillVisit(row, line)
        current = self._visits.current
        rows = [row for row, line in enumerate(self.lines) if line.visit is not None and line.visit is current]
        self.table.setCurrentCell(rows[0] if rows else -1, NAME)
        self.table.resizeRowsToContents()

    def _fillVisit(self, row: int, line: ShownVisit) -> None:
        isReference = self._visits.isReference(line.visit)
        for column, text in enumerate(_texts(line)):
            item = self._item(row, column, text, line)
            if column not in (NAME, DAY):
                item.setFlags(qt.Qt.ItemIsSelectable | qt.Qt.ItemIsEnabled)
            font = item.font()
            font.setBold(isReference)
            item.setFont(font)

    def _fillDoses(self, row: int, line: ShownVisit) -> None:
        for column, text in enumerate(_texts(line)):
            item = self._item(row, column, text, line)
            item.setFlags(qt.Qt.ItemIsEnabled)
            font = item.font()
            font.setItalic(True)
            item.setFont(font)

    def _item(self, row: int, column: int, text: str, line: ShownVisit):
        item = qt.QTableWidgetItem(text)
        item.setToolTip("\n".join((text, *line.doubts)))
        self.table.setItem(row, column, item)
        return item

    def _offerButtons(self) -> None:
        current = self._visits.current
        hasDate = current is not None and bool(current.date)
        self.dayZeroButton.setEnabled(hasDate)
        self.dayZeroButton.setToolTip(
            _("Make the date of the selected visit day 0, for the visits and for the treatments")
            if hasDate
            else _("Select a visit whose images have a date")
        )
        canRefer = current is not None and current.anatomy is not None and not self._visits.isReference(current)
        self.referenceButton.setEnabled(canRefer)
        self.referenceButton.setToolTip(
            _("Make the selected visit the one that the others are aligned to")
            if canRefer
            else _("Select another visit, one with images of the anatomy")
        )
        for button in (self.dayZeroButton, self.referenceButton):
            button.setVisible(bool(self.lines))

    def _onCurrent(self, row: int, *_others: int) -> None:
        if self.takesChoices and 0 <= row < len(self.lines) and self.lines[row].visit is not None:
            self._visits.choose(self.lines[row].visit)

    def _onCell(self, row: int, column: int) -> None:
        if not self.takesChoices or self.lines[row].visit is None:
            return
        visit, text = self.lines[row].visit, self.table.item(row, column).text()
        if column == NAME:
            self._try(lambda: rename_visit(self._visits.found, visit, text.removeprefix(MARK)))
        elif column == DAY:
            self._try(lambda: set_day(self._visits.found, visit, day_in(text, visit.name)))

    def _onDayZero(self) -> None:
        def change() -> None:
            self._parameters.dayZero = set_day_zero(self._visits.found, self._visits.current)

        self._try(change)

    def _onReference(self) -> None:
        self._visits.makeReference(self._visits.current)

    def _try(self, change: Callable[[], None]) -> None:
        """Do what a person asked; what stands in the way is said, and the table shows what is."""
        refusal = ""
        try:
            change()
        except InputError as error:
            refusal = str(error)
        self.refusal.say("error", refusal)
        self._visits.lookSoon()  # not now: a cell may be in the middle of its change


def _texts(line: ShownVisit) -> tuple[str, ...]:
    """What stands in the columns of a line."""
    mark = MARK if line.visit is not None and line.doubts else ""
    return mark + line.name, line.day, line.date, line.has, line.aligned

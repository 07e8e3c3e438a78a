"""The limits of treatment, held against the table and the regimen that is chosen; and the calendar of the doses."""

from __future__ import annotations

from collections.abc import Sequence

import ctk
import qt
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import Fold, PanelPart, StatusLine, compactRows, fitTable, smallerHeads, wrapRows
from slicer.i18n import tr as _

from ..limits.limit_table import LimitRow
from ..regimens.treatment_calendar import CalendarRow
from ..scene.limits import OF_A_MOUSE, Checked, calendar_of, checked_given, checked_plan, limits_in_use, table_is_wrong
from ..scene.regimens import holds_regimen

TALLEST = 270
MOST_LINES = 4
"""Broken limits that are said one by one; the tool tip has all."""


class LimitsSection(PanelPart, qt.QWidget):
    """Lines on the limits that doses keep or break; closed below, the limits with their sources, and the calendar.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self.given, self.without, self.planned = StatusLine(self), StatusLine(self), StatusLine(self)
        self.excepted = StatusLine(self)
        self.calendarSection, self.calendar = _tableFold(self, _("Calendar of the doses"))
        compactRows(self.calendar)
        self.limitSection, self.limits = _tableFold(self, _("Limits and their sources"))
        _setHeads(self.limits, [_("Limit"), _("Value"), _("Source")])
        wrapRows(self.limits)
        self.limits.horizontalHeader().setSectionResizeMode(qt.QHeaderView.Stretch)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        lines = (self.given, self.excepted, self.without, self.planned)
        for widget in (*lines, self.limitSection, self.calendarSection):
            layout.addWidget(widget)

    def refresh(self) -> None:
        """Check the doses anew."""
        if self._parameters is None:
            return
        self._sayGiven()
        self._sayPlanned()
        self._showLimits()
        self._showCalendar()

    def _sayGiven(self) -> None:
        for line in (self.given, self.excepted, self.without):
            line.say("plain", "")
            line.setToolTip("")
        if table_is_wrong(self._parameters):
            return
        try:
            checked = checked_given(self._parameters)
        except InputError as error:
            self.given.say("warning", _("The limits are not checked: {error}").format(error=error))
            return
        if not checked.doses:
            return
        if self._parameters.species != "human":
            self.given.say("plain", OF_A_MOUSE)
            return
        _sayChecked(self.given, checked, _("Given"))
        if checked.excepted:
            self.excepted.say("warning", _("As its trial gave it: {said}").format(said=_lines(checked.excepted, 1)))
            self.excepted.setToolTip(_lines(checked.excepted))
        self.without.say("plain", checked.not_known)

    def _sayPlanned(self) -> None:
        self.planned.say("plain", "")
        self.planned.setToolTip("")
        parameters = self._parameters
        if not parameters.regimen or parameters.species != "human" or holds_regimen(parameters):
            return
        try:
            checked = checked_plan(parameters)
        except InputError:  # which is said of the regimen, the table or the patient
            return
        _sayChecked(self.planned, checked, _("{regimen}, if added").format(regimen=parameters.regimen))

    def _showLimits(self) -> None:
        try:
            rows = limits_in_use(self._parameters)
        except InputError:
            rows = ()
        _fill(self.limits, [(_limit(row), row.value, row.source) for row in rows])
        self.limits.resizeRowsToContents()
        self.limitSection.setVisible(bool(rows))

    def _showCalendar(self) -> None:
        try:
            rows = calendar_of(self._parameters)
        except InputError:
            rows = ()
        isDated = any(row.date is not None for row in rows)
        date = [_("Date")] if isDated else []
        _setHeads(self.calendar, [_("Day"), *date, _("Cycle"), _("Drug"), _("Dose")])
        _fill(self.calendar, [_cells(row, isDated) for row in rows])
        self.calendarSection.setVisible(bool(rows))


def _sayChecked(line: StatusLine, checked: Checked, whose: str) -> None:
    """One line for each broken limit; where none is, what was checked."""
    if checked.broken:
        line.say("error", f"{whose}: {_lines(checked.broken, MOST_LINES)}")
        line.setToolTip(_lines(checked.broken))
    elif checked.drugs:
        line.say("ok", f"{whose}: {_kept(checked)}")
        unmeasured = ", ".join(checked.unmeasured)
        line.setToolTip(
            _("Not checked, as nothing was measured: {limits}").format(limits=unmeasured) if unmeasured else ""
        )


def _kept(checked: Checked) -> str:
    unmeasured = ", ".join(checked.unmeasured)
    return f"{checked.kept}; {_('not measured')}: {unmeasured}." if unmeasured else f"{checked.kept}."


def _lines(broken: Sequence, most: int | None = None) -> str:
    """Sentences, one a line; beyond `most` only how many more."""
    lines = [each.sentence for each in broken[:most]]
    left = len(broken) - len(lines)
    return "\n".join([*lines, *([_("And {count} more.").format(count=left)] if left else [])])


def _limit(row: LimitRow) -> str:
    return f"{row.drug}: {row.rule}" if row.drug else row.rule


def _cells(row: CalendarRow, isDated: bool) -> list[str]:
    date = [f"{row.weekday[:3]} {row.date}"] if isDated else []
    return [f"{row.day:g}", *date, f"{row.cycle} d{row.cycle_day}", row.drug, row.dose]


def _tableFold(parent, title: str):
    """A closed section with a table that is only read."""
    section = ctk.ctkCollapsibleButton(parent)
    inside = qt.QVBoxLayout(section)
    Fold(section, title)
    table = qt.QTableWidget(section)
    table.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
    table.verticalHeader().setVisible(False)
    fitTable(table, TALLEST)
    smallerHeads(table)
    inside.addWidget(table)
    return section, table


def _setHeads(table, heads: Sequence[str]) -> None:
    """Give a table its columns, of which the last but one takes the width that is left."""
    if table.columnCount == len(heads):
        return
    table.setColumnCount(len(heads))
    table.setHorizontalHeaderLabels(list(heads))
    table.horizontalHeader().setSectionResizeMode(qt.QHeaderView.ResizeToContents)
    table.horizontalHeader().setSectionResizeMode(len(heads) - 2, qt.QHeaderView.Stretch)


def _fill(table, rows: Sequence[Sequence[str]]) -> None:
    table.setRowCount(len(rows))
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            item = qt.QTableWidgetItem(text)
            item.setToolTip(text)
            table.setItem(number, column, item)

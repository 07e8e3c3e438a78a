"""What a piece of work found: the answer, the table behind it, what to distrust, and the charts."""

from __future__ import annotations

from collections.abc import Sequence

import ctk
import qt
import slicer
from HER2ImmunoCommonLib.gui import (
    ChartView,
    PanelPart,
    StatusLine,
    breakable,
    compactRows,
    fitTable,
    inTwoLines,
    narrowChoice,
    smallerHeads,
    tellWholeText,
    wrapLabel,
    wrapRows,
)
from HER2ImmunoCommonLib.scene import chart_from_node
from slicer.i18n import tr as _

from ..findings import burdens
from ..scene.results import Results, read_results

TALLEST = 270


class FindingsView(PanelPart, qt.QWidget):
    """Shows the results of a kind that the parameter node refers to, also those of a scene from a file.

    Parameters
    ----------
    parent : QWidget
    kind : str
        Of the request (`Request.kind`).
    wrapped : bool
        Whether long names take more lines instead of being cut.
    """

    def __init__(self, parent, kind: str, wrapped: bool = False):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self.kind, self._wrapped = kind, wrapped
        self._charts, self._shown = [], None
        self.stale, self.alarm, self.warnings = StatusLine(self), StatusLine(self), StatusLine(self)
        self.basis, self.failed = StatusLine(self), StatusLine(self)
        self.answer, self.notes = _label(self), _label(self)
        font = self.answer.font
        font.setBold(True)
        self.answer.setFont(font)
        self.table, self.costs = qt.QTableWidget(self), qt.QTableWidget(self)
        self.costsSaid = StatusLine(self)
        self.agreement, self.agreementSaid = qt.QTableWidget(self), StatusLine(self)
        self.chart, self.picture = ctk.ctkComboBox(self), ChartView(self)
        self.chart.connect("currentIndexChanged(int)", self._draw)
        self.showButton = qt.QPushButton(_("Show plot"), self)
        self.showButton.connect("clicked()", self.showPlot)
        self._lay()
        self.setVisible(False)

    def _lay(self) -> None:
        for table, wrapped in ((self.table, self._wrapped), (self.costs, True), (self.agreement, True)):
            table.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
            table.setSelectionBehavior(qt.QAbstractItemView.SelectRows)
            (wrapRows if wrapped else compactRows)(table)
            fitTable(table, TALLEST)
        for table in (self.costs, self.agreement):
            smallerHeads(table)
            table.verticalHeader().setVisible(False)
        narrowChoice(self.chart)
        tellWholeText(self.chart)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 0)
        tables = (self.table, self.costsSaid, self.costs)
        for part in (self.stale, self.alarm, self.basis, self.failed, self.answer, *tables, self.notes):
            layout.addWidget(part)
        for part in (self.agreementSaid, self.agreement, self.warnings):
            layout.addWidget(part)
        plots = qt.QHBoxLayout()
        layout.addLayout(plots)
        plots.addWidget(self.chart, 1)
        plots.addWidget(self.showButton)
        layout.addWidget(self.picture)

    def putBelowTable(self, widget) -> None:
        """Show a widget below the first table, above what schedules cost."""
        self.layout().insertWidget(self.layout().indexOf(self.table) + 1, widget)

    def results(self) -> Results | None:
        """What the parameter node refers to now."""
        return read_results(self._parameters.parameterNode, self.kind) if self._parameters is not None else None

    def refresh(self) -> None:
        """Show what the parameter node refers to now."""
        results = self.results()
        self.setVisible(results is not None)
        if results != self._shown:
            self._shown = results
            if results is not None:
                self._show(results)
        self._offerPlot()

    def compareWith(self, request: str) -> None:
        """Say so if the results were made from another request than this one (`Request.key()`)."""
        results = self.results()
        stale = results is not None and results.request != request
        self.stale.say("warning", _("The inputs have changed since these results; run again.") if stale else "")

    def showPlot(self) -> None:
        """Show the chosen plot in the layout."""
        if slicer.app.layoutManager() is not None and self._charts:
            slicer.modules.plots.logic().ShowChartInLayout(self._charts[self.chart.currentIndex])

    def chosenKey(self) -> str:
        """What the current row stands for; the first row's if none is current."""
        results, row = self.results(), max(self.table.currentRow(), 0)
        return results.keys[row] if results is not None and row < len(results.keys) else ""

    def _show(self, results: Results) -> None:
        self.alarm.say("error", results.alarm)
        self.basis.say("warning", results.basis)
        self.failed.say("warning", "\n⚠ ".join(results.failed))
        self.answer.setText(breakable(results.answer))
        _fill(self.table, results.header, results.cells, self._wrapped)
        self.table.setVisible(bool(results.cells))
        for column, tip in enumerate(results.header_tips):
            self.table.horizontalHeaderItem(column).setToolTip(tip)
        self._showCosts(results)
        self._showAgreement(results)
        self.notes.setText(breakable("\n".join(results.notes)))
        self.notes.setVisible(bool(results.notes))
        self.warnings.say("warning", "\n⚠ ".join(results.warnings))
        chosen, self._charts = self.chart.currentText, results.charts
        self.chart.clear()
        for name in _names([chart.GetTitle() for chart in results.charts]):
            self.chart.addItem(name)
        self.chart.setCurrentIndex(max(self.chart.findText(chosen), 0))

    def _offerPlot(self) -> None:
        hasViews = slicer.app.layoutManager() is not None
        self.showButton.setEnabled(bool(self._charts) and hasViews)
        self.showButton.setToolTip(
            _("Show it in the plot view; the layout changes to one that has a plot")
            if hasViews
            else _("There are no views to show a plot in")
        )

    def _draw(self, index: int) -> None:
        self.picture.showChart(chart_from_node(self._charts[index]) if 0 <= index < len(self._charts) else None)

    def _showCosts(self, results: Results) -> None:
        """A second table, where what schedules cost the patient was asked for."""
        self.costsSaid.say("plain", burdens.SAID if results.cost_cells else "")
        self.costs.setVisible(bool(results.cost_cells))
        _fill(self.costs, results.cost_header, results.cost_cells, True)

    def _showAgreement(self, results: Results) -> None:
        """How well measured numbers are told, where that was asked for."""
        self.agreementSaid.say("plain", results.agreement_said if results.agreement_cells else "")
        self.agreement.setVisible(bool(results.agreement_cells))
        _fill(self.agreement, results.agreement_header, results.agreement_cells, True)
        for column, tip in enumerate(results.agreement_tips):
            self.agreement.horizontalHeaderItem(column).setToolTip(tip)


def _names(titles: Sequence[str]) -> list[str]:
    """What charts are called in the list: what stands before the colon, of the first that begins so."""
    names: list[str] = []
    for title in titles:
        short = title.split(":")[0]
        names.append(title if short in names else short)
    return names


def _fill(table, header: Sequence[str], rows: Sequence[Sequence[str]], wrapped: bool) -> None:
    table.setColumnCount(len(header))
    table.setHorizontalHeaderLabels([inTwoLines(heading) for heading in header])
    table.setRowCount(len(rows))
    for row, cells in enumerate(rows):
        for column, text in enumerate(cells):
            item = qt.QTableWidgetItem(text)
            item.setToolTip(text)
            table.setItem(row, column, item)
    table.horizontalHeader().setSectionResizeMode(qt.QHeaderView.ResizeToContents)
    if header:
        table.horizontalHeader().setSectionResizeMode(0, qt.QHeaderView.Stretch)
    if wrapped:
        table.resizeRowsToContents()


def _label(parent) -> qt.QLabel:
    label = qt.QLabel(parent)
    wrapLabel(label)
    return label

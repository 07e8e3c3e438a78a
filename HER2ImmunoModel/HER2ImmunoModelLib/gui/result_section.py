"""The answer, the ranking behind it, what to distrust, and the plots."""

from __future__ import annotations

import qt
import slicer
import vtk
from HER2ImmunoCommonLib.gui.status_line import StatusLine
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from ..scene.results import Results, read_results
from .heights import compactRows, fitHeight

SCHEDULE = 0


class ResultSection(qt.QWidget):
    """Shows the results the parameter node refers to, also those of a scene from a file."""

    def __init__(self):
        qt.QWidget.__init__(self)
        self._parameters, self._charts = None, []
        self._observation = VTKObservationMixin()
        self.stale = StatusLine()
        self.answer = qt.QLabel()
        self.answer.setWordWrap(True)
        self.answer.setTextInteractionFlags(qt.Qt.TextSelectableByMouse)
        font = self.answer.font
        font.setBold(True)
        self.answer.setFont(font)
        self.ranking = qt.QTableWidget()
        self.notes = qt.QLabel()
        self.notes.setWordWrap(True)
        self.notes.setTextInteractionFlags(qt.Qt.TextSelectableByMouse)
        self.warnings = StatusLine()
        self.chart = qt.QComboBox()
        self.showButton = qt.QPushButton(_("Show plot"))
        self.showButton.connect("clicked()", self.showPlot)
        self._lay()
        self.setVisible(False)

    def _lay(self) -> None:
        self.ranking.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
        self.ranking.setSelectionBehavior(qt.QAbstractItemView.SelectRows)
        self.ranking.setHorizontalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff)
        self.ranking.setVerticalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff)
        compactRows(self.ranking)
        self.chart.setSizeAdjustPolicy(qt.QComboBox.AdjustToMinimumContentsLengthWithIcon)
        plots = qt.QHBoxLayout()
        plots.addWidget(self.chart, 1)
        plots.addWidget(self.showButton)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        for part in (self.stale, self.answer, self.ranking, self.notes, self.warnings):
            layout.addWidget(part)
        layout.addLayout(plots)

    def setMRMLScene(self, scene) -> None:
        """Nothing here needs the scene."""

    def setParameterNode(self, parameters) -> None:
        """Follow `parameters` (None: stop)."""
        self._observation.removeObservers()
        self._parameters = parameters
        if parameters is not None:
            self._observation.addObserver(parameters, vtk.vtkCommand.ModifiedEvent, self.refresh)
        self.refresh()

    def exit(self) -> None:
        """Nothing is held."""

    def cleanup(self) -> None:
        """Stop observing."""
        self.setParameterNode(None)

    def refresh(self, caller=None, event=None) -> None:
        """Show what the parameter node refers to now."""
        results = read_results(self._parameters.parameterNode) if self._parameters is not None else None
        self.setVisible(results is not None)
        if results is not None:
            self._show(results)

    def compareWith(self, request: str) -> None:
        """Say so if the results were made from another request than this one (`Request.key()`)."""
        results = read_results(self._parameters.parameterNode) if self._parameters is not None else None
        stale = results is not None and results.request != request
        self.stale.say("warning", _("The inputs have changed since these results; run again.") if stale else "")

    def showPlot(self) -> None:
        """Show the chosen plot in the layout."""
        if slicer.app.layoutManager() is not None and self._charts:
            slicer.modules.plots.logic().ShowChartInLayout(self._charts[self.chart.currentIndex])

    def _show(self, results: Results) -> None:
        self.answer.setText(results.answer)
        self._fillRanking(results)
        self.notes.setText("\n".join(results.notes))
        self.warnings.say("warning", "\n".join(results.warnings))
        self._charts = results.charts
        self.chart.clear()
        for chart in results.charts:
            self.chart.addItem(chart.GetTitle().split(":")[0])
        hasViews = slicer.app.layoutManager() is not None
        self.showButton.setEnabled(bool(results.charts) and hasViews)
        self.showButton.setToolTip(
            _("Show it in the plot view; the layout changes to one that has a plot")
            if hasViews
            else _("There are no views to show a plot in")
        )

    def _fillRanking(self, results: Results) -> None:
        table = self.ranking
        table.setColumnCount(len(results.header))
        table.setHorizontalHeaderLabels(list(results.header))
        table.setRowCount(len(results.cells))
        for row, cells in enumerate(results.cells):
            for column, text in enumerate(cells):
                item = qt.QTableWidgetItem(text)
                item.setToolTip(text)
                table.setItem(row, column, item)
        header = table.horizontalHeader()
        header.setSectionResizeMode(qt.QHeaderView.ResizeToContents)
        header.setSectionResizeMode(SCHEDULE, qt.QHeaderView.Stretch)
        fitHeight(table)

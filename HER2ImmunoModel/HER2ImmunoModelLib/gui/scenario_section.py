"""Scenarios: up to five named plans in colour, what is expected of each, and one of them on the time line."""

from __future__ import annotations

from collections.abc import Sequence

import qt
import slicer
from HER2ImmunoCommonLib.chart_spec import BLUE, GREY
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import (
    ChoiceBox,
    LivePlot,
    PanelPart,
    StatusLine,
    colourSquare,
    compactRows,
    fitTable,
    smallerHeads,
)
from slicer.i18n import tr as _

from ..findings import scenarios as findings
from ..findings.scenarios import Expected
from ..scene.chosen_model import shown_model
from ..scene.scenarios import (
    COLOURS,
    Scenario,
    add_scenario,
    keep_edits,
    planned_doses,
    remove_scenario,
    rename_scenario,
    scenarios_of,
    show_scenario,
    shown_place,
)
from ..scene.time_line import known_of
from ..treatments.clinical_doses import ClinicalDose
from .live_forecast import Expectations

NAME = 0
HINT = _(
    "A scenario keeps the doses that are planned after the last visit. Click on one to have it on the time line; what "
    "is changed there changes it. A double click on its name renames it."
)


class ScenarioSection(PanelPart, qt.QWidget):
    """A table of scenarios, buttons to keep and remove them, and a chart of one quantity under all of them.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._expected, self._shown, self._refused, self._hasOthers = Expectations(), (), "", False
        self.problem, self.hint, self.basis, self.failed = (StatusLine(self) for _line in range(4))
        self.headline, self.status = StatusLine(self), StatusLine(self)
        self.table = qt.QTableWidget(self)
        self.keepButton = qt.QPushButton(_("Keep as scenario"), self)
        self.keepButton.setToolTip(_("Keep the doses that are planned on the time line as a new scenario"))
        self.removeButton = qt.QPushButton(_("Remove"), self)
        self.removeButton.setToolTip(_("Remove the scenario that is on the time line; its doses stay there"))
        self.quantity = ChoiceBox(self, "scenarioQuantity", {}, _("What is drawn of every scenario"))
        self.plot = LivePlot(self)
        self.inner = [self.quantity]
        self._quantities = None
        self._lay()
        self.table.connect("cellClicked(int,int)", self._onClicked)
        self.table.connect("cellChanged(int,int)", self._onRenamed)
        self.keepButton.connect("clicked()", self.keep)
        self.removeButton.connect("clicked()", self.remove)

    def _lay(self) -> None:
        table = self.table
        table.setColumnCount(len(findings.HEADER))
        table.setHorizontalHeaderLabels(list(findings.HEADER))
        for column, tip in enumerate(findings.TIPS):
            table.horizontalHeaderItem(column).setToolTip(tip)
        table.setSelectionBehavior(qt.QAbstractItemView.SelectRows)
        table.setSelectionMode(qt.QAbstractItemView.SingleSelection)
        table.setEditTriggers(qt.QAbstractItemView.DoubleClicked | qt.QAbstractItemView.EditKeyPressed)
        table.verticalHeader().setVisible(False)
        table.horizontalHeader().setSectionResizeMode(qt.QHeaderView.ResizeToContents)
        table.horizontalHeader().setSectionResizeMode(NAME, qt.QHeaderView.Stretch)
        compactRows(table)
        smallerHeads(table)
        fitTable(table)
        font = self.headline.font
        font.setBold(True)
        self.headline.setFont(font)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.problem, self.failed, self.basis, self.headline, table):
            layout.addWidget(widget)
        buttons = qt.QHBoxLayout()
        layout.addLayout(buttons)
        for widget in (self.keepButton, self.removeButton):
            buttons.addWidget(widget)
        buttons.addStretch(1)
        for widget in (self.status, self.hint, self.quantity, self.plot):
            layout.addWidget(widget)

    def refresh(self) -> None:
        """Show the scenarios of the scene, and let the one on the time line have its doses."""
        parameters = self._parameters
        if parameters is None:
            return
        try:
            keep_edits(parameters)
            scenarios, planned = scenarios_of(parameters), planned_doses(parameters)
            problem = ""
        except InputError as error:
            scenarios, planned, problem = (), (), str(error)
        self._hasOthers = bool(planned) and shown_place(parameters) is None
        self._offerQuantities()
        self._fill(scenarios)
        self.problem.say("warning", problem or self._expected.problem)
        self.failed.say("error", self._expected.failed)
        self.basis.say("warning", self._expected.basis)
        self.hint.say("plain", HINT if len(scenarios) < 2 else "")
        self.status.say("warning", self._refused)
        self.keepButton.setEnabled(bool(planned) and len(scenarios) < len(COLOURS))
        self.removeButton.setEnabled(shown_place(parameters) is not None)
        self._draw()

    def showExpected(self, expected: Expectations) -> None:
        """Show what is expected of each scenario."""
        self._expected = expected
        self.refresh()

    def setLocked(self, locked: bool) -> None:
        """Let nothing be changed while work runs."""
        for widget in (self.table, self.keepButton, self.removeButton):
            widget.setEnabled(not locked)
        if not locked:
            self.refresh()

    def keep(self) -> None:
        """Keep what is planned as a new scenario, which is then on the time line."""
        parameters = self._parameters
        self._do(
            lambda: self._show(add_scenario(slicer.mrmlScene, parameters, self._newName(), planned_doses(parameters)))
        )

    def remove(self) -> None:
        """Remove the scenario that is on the time line."""
        self._do(lambda: remove_scenario(slicer.mrmlScene, self._parameters, shown_place(self._parameters)))

    def _add(self, doses: Sequence[ClinicalDose]) -> int:
        return add_scenario(slicer.mrmlScene, self._parameters, self._newName(), doses)

    def _show(self, place: int) -> None:
        show_scenario(slicer.mrmlScene, self._parameters, place)

    def _do(self, work) -> None:
        if self._parameters is None:
            return
        self._refused = ""
        try:
            work()
        except InputError as error:
            self._refused = str(error)
        self.refresh()

    def _newName(self) -> str:
        there = {scenario.name for scenario in scenarios_of(self._parameters)}
        names = (_("Scenario {letter}").format(letter=letter) for letter in "ABCDEFGHIJ")
        return next(name for name in names if name not in there)

    def _onClicked(self, row: int, _column: int) -> None:
        if row < len(self._shown) and shown_place(self._parameters) != self._shown[row].place:
            self._do(lambda: self._change(self._shown[row].place))

    def _change(self, place: int) -> None:
        """Show another scenario; doses that are in none are kept as one before."""
        parameters = self._parameters
        planned = planned_doses(parameters)
        if planned and shown_place(parameters) is None and planned not in [each.doses for each in self._shown]:
            self._add(planned)
        self._show(place)

    def _onRenamed(self, row: int, column: int) -> None:
        if self.takesChoices and column == NAME and row < len(self._shown):
            name = self.table.item(row, NAME).text()
            self._do(lambda: rename_scenario(self._parameters, self._shown[row].place, name))

    def _offerQuantities(self) -> None:
        offered = findings.quantities(self._model())
        if offered != self._quantities:
            self._quantities = offered
            self.quantity.setChoices(offered)

    def _model(self):
        return shown_model(self._parameters)

    def _compared(self) -> list[Expected]:
        """Every scenario that was followed as it is now, then doses that are in none, and no more doses."""
        expected, known = self._expected, dict(self._expected.scenarios)
        found = [Expected(each.name, each.colour, known[each]) for each in self._shown if each in known]
        if expected.nothing is None:
            return found
        if self._hasOthers:
            found.append(Expected(_("On the time line"), BLUE, expected.now))
        return [*found, Expected(_("No more doses"), GREY, expected.nothing)]

    def _fill(self, scenarios: Sequence[Scenario]) -> None:
        self._shown = tuple(scenarios)
        compared = self._compared()
        cells = iter(findings.cells(compared) if compared else [])
        known = dict(self._expected.scenarios)
        rows = [next(cells) if each in known else (each.name, "", "", "") for each in scenarios]
        rows += list(cells)
        places = [scenario.place for scenario in scenarios]
        colours = [*(scenario.colour for scenario in scenarios), *([BLUE] if self._hasOthers else []), GREY]
        with self.filling():
            self.table.setRowCount(len(rows))
            for row, texts in enumerate(rows):
                for column, text in enumerate(texts):
                    self._put(row, column, text, row < len(scenarios))
                self.table.item(row, NAME).setIcon(qt.QIcon(colourSquare(colours[row])))
            self.table.clearSelection()
            if (shown := shown_place(self._parameters)) in places:
                self.table.selectRow(places.index(shown))
        plans = [each for each in compared if each.colour != GREY]
        self.headline.say("plain", findings.headline(plans if len(plans) > 1 else compared))

    def _put(self, row: int, column: int, text: str, isScenario: bool) -> None:
        item = qt.QTableWidgetItem(text)
        item.setToolTip(text)
        flags = qt.Qt.ItemIsEnabled
        if isScenario:
            flags |= qt.Qt.ItemIsSelectable | (qt.Qt.ItemIsEditable if column == NAME else qt.Qt.NoItemFlags)
        item.setFlags(flags)
        self.table.setItem(row, column, item)

    def _draw(self) -> None:
        compared, parameters = self._compared(), self._parameters
        quantity = parameters.scenarioQuantity
        isShown = bool(compared) and quantity in (self._quantities or {})
        self.quantity.setVisible(bool(compared))
        self.plot.setVisible(isShown)
        if isShown:
            measured, onTimeLine = known_of(parameters).measured, COLOURS.get(shown_place(parameters))
            self.plot.showChart(findings.chart(compared, self._model(), quantity, measured, onTimeLine))

"""The parameters of the model: unit, default, prior and source of each, and whether it is free, fixed or follows."""

from __future__ import annotations

import ctk
import qt
from HER2ImmunoCommonLib.chart_shapes import readable
from HER2ImmunoCommonLib.chart_spec import RED
from HER2ImmunoCommonLib.gui import (
    Fold,
    PanelPart,
    StatusLine,
    breakable,
    colourBehind,
    fitTable,
    setTitle,
    smallerHeads,
    wrapLabel,
    wrapRows,
)
from slicer.i18n import tr as _

from ..findings.priors import default_in_words, prior_in_full, prior_in_words, source_mark, sources_of
from ..models.parameters import ASSUMED
from ..scene.parameter_choices import (
    FIXED,
    FOLLOWS,
    FREE,
    ParameterRow,
    choices_of,
    keep_choices,
    model_rows,
)
from .parameter_choice import ParameterChoice

TALLEST = 300
BESIDE = 10
"""Room beside the text of a cell, in pixels."""


class ParameterSection(PanelPart, qt.QWidget):
    """A closed section: a table with one row a parameter, and what is chosen for the row that is current.

    What is chosen in all is its title; what cannot be used is said below it, also while it is closed.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self.rows: tuple[ParameterRow, ...] = ()
        self.section = ctk.ctkCollapsibleButton(self)
        self.table = qt.QTableWidget(self.section)
        self.choice = ParameterChoice(self.section)
        self.problem, self.sources = StatusLine(self), qt.QLabel(self.section)
        self.freeButton = qt.QPushButton(_("Free all"), self.section)
        self.freeButton.setToolTip(_("Calibrate every parameter that has a prior: nothing is fixed, nothing follows"))
        self.inner.append(self.choice)
        self._lay()
        self.table.connect("currentCellChanged(int,int,int,int)", self._onCurrent)
        self.freeButton.connect("clicked()", self.freeAll)

    def _lay(self) -> None:
        heads = (_("Parameter"), _("Default\n[source]"), _("Prior\n(1 sd)"), _("In the fit"))
        tips = (
            _("What it is, with its symbol in the equations"),
            _("Value that the prior is about, with its unit, and where it is from; assumed: no publication gives it"),
            _("How far a standard deviation of the prior reaches: a factor up and down, or a range of a share"),
            _("Free: estimated. Fixed: held at a value. Follows: a + b x, x a number of the measurement table"),
        )
        table = self.table
        table.setColumnCount(len(heads))
        table.setHorizontalHeaderLabels(list(heads))
        for number, tip in enumerate(tips):
            table.horizontalHeaderItem(number).setToolTip(tip)
        table.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
        table.setSelectionBehavior(qt.QAbstractItemView.SelectRows)
        table.setSelectionMode(qt.QAbstractItemView.SingleSelection)
        table.verticalHeader().setVisible(False)
        head = table.horizontalHeader()
        head.setSectionResizeMode(0, qt.QHeaderView.Stretch)
        for column, text in enumerate(("per day per cm³", "factor 1.6 ", "fixed at 0.05 "), start=1):
            head.setSectionResizeMode(column, qt.QHeaderView.Fixed)
            head.resizeSection(column, table.fontMetrics().horizontalAdvance(text) + BESIDE)
        wrapRows(table)
        fitTable(table, TALLEST)
        smallerHeads(table)
        wrapLabel(self.sources)
        inside = qt.QVBoxLayout(self.section)
        Fold(self.section)
        for part in (table, self.choice):
            inside.addWidget(part)
        across = qt.QHBoxLayout()
        inside.addLayout(across)
        across.addWidget(self.freeButton)
        across.addStretch(1)
        inside.addWidget(self.sources)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.section)
        layout.addWidget(self.problem)

    def refresh(self) -> None:
        """Show the parameters of the model that is chosen, as they are chosen."""
        parameters = self._parameters
        rows = () if parameters is None else model_rows(parameters)
        if rows != self.rows:
            current = self.currentName
            self.rows = rows
            self._fill()
            self.select(current)
        self.choice.showRow(self._currentRow())

    @property
    def currentName(self) -> str:
        """Symbol of the parameter that is current; empty for none."""
        row = self._currentRow()
        return "" if row is None else row.parameter.name

    def select(self, name: str) -> None:
        """Make a parameter the current one, as a click on its row does; the first where there is none of that name."""
        names = [row.parameter.name for row in self.rows]
        if names:
            self.table.setCurrentCell(names.index(name) if name in names else 0, 0)

    def freeAll(self) -> None:
        """Take back what was chosen for the parameters of this model; what is kept of other models stays."""
        own = [row.parameter.name for row in self.rows]
        keep_choices(self._parameters, choices_of(self._parameters).without(own))

    def _currentRow(self) -> ParameterRow | None:
        at = self.table.currentRow()
        return self.rows[at] if 0 <= at < len(self.rows) else None

    def _fill(self) -> None:
        sources = sources_of(row.parameter for row in self.rows)
        with self.filling():
            self.table.setRowCount(len(self.rows))
            for at, row in enumerate(self.rows):
                self._fillRow(at, row, sources)
        self.table.resizeRowsToContents()
        self.sources.setText(breakable("\n".join(f"[{at}] {source}" for at, source in enumerate(sources, start=1))))
        self.sources.setVisible(bool(sources))
        count = {kind: sum(row.kind == kind for row in self.rows) for kind in (FREE, FIXED, FOLLOWS)}
        said = [_("{count} free").format(count=count[FREE])]
        said += [_("{count} fixed").format(count=count[FIXED])] if count[FIXED] else []
        said += [_("{count} following an image").format(count=count[FOLLOWS])] if count[FOLLOWS] else []
        setTitle(self.section, _("Parameters: {said}").format(said=", ".join(said)))
        self.freeButton.setEnabled(count[FIXED] + count[FOLLOWS] > 0)
        wrong = [row.parameter.label for row in self.rows if row.problem]
        said = _("Cannot be used as it is: {names}; its row says why.").format(names=", ".join(wrong)) if wrong else ""
        self.problem.say("error", said)

    def _fillRow(self, at: int, row: ParameterRow, sources: list[str]) -> None:
        parameter = row.parameter
        label = f"{parameter.label} ({parameter.name})" + (f"\n✗ {row.problem}" if row.problem else "")
        mark = _("assumed") if parameter.source == ASSUMED else source_mark(parameter, sources)
        cells = (
            (label, row.problem or parameter.label),
            (f"{default_in_words(parameter)}\n{mark}", parameter.source),
            (_("a + b x") if row.kind == FOLLOWS else prior_in_words(parameter), prior_in_full(parameter)),
            (row.said, row.said),
        )
        for column, (text, tip) in enumerate(cells):
            item = qt.QTableWidgetItem(breakable(text))
            item.setToolTip(tip)
            font = item.font()
            font.setBold(row.kind in (FIXED, FOLLOWS))
            item.setFont(font)
            if row.problem:
                item.setForeground(qt.QBrush(qt.QColor(*readable(RED, colourBehind(self.table)))))
            self.table.setItem(at, column, item)

    def _onCurrent(self, *_cells) -> None:
        if not self._isFilling:
            self.choice.showRow(self._currentRow())

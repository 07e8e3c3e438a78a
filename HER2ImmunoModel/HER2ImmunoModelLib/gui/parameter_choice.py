"""What is chosen for one parameter: it is free, fixed at a value, or follows a column of the measurement table."""

from __future__ import annotations

import ctk
import qt
from HER2ImmunoCommonLib.gui import PanelPart, narrowChoice, wrapLabel
from slicer.i18n import tr as _

from .. import models
from ..scene.parameter_choices import (
    FIRST_VISIT,
    FIXED,
    FOLLOWS,
    FREE,
    KNOWN,
    ParameterRow,
    columns_to_follow,
    keep_choice,
    readable_visits,
    visits_to_follow,
)


class ParameterChoice(PanelPart, qt.QWidget):
    """A line for the kind of choice, and the fields that it needs.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._row: ParameterRow | None = None
        self.heading = qt.QLabel(self)
        wrapLabel(self.heading)
        self.kind, self.column, self.visit = (ctk.ctkComboBox(self) for _number in range(3))
        self.value = qt.QLineEdit(self)
        self.value.setToolTip(_("Value at which the parameter is held, in the unit of its default"))
        self.column.setToolTip(_("Number of the measurement table that the parameter follows as a + b x"))
        self.visit.setToolTip(_("Visit whose number is meant"))
        for box in (self.kind, self.column, self.visit):
            narrowChoice(box)
        self._lay()
        self.kind.connect("currentIndexChanged(int)", self._onKind)
        self.column.connect("currentIndexChanged(int)", self._onFollowed)
        self.visit.connect("currentIndexChanged(int)", self._onFollowed)
        self.value.connect("editingFinished()", self._onValue)
        self.setVisible(False)

    def _lay(self) -> None:
        layout = qt.QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.heading, 0, 0)
        layout.addWidget(self.kind, 0, 1)
        layout.addWidget(self.value, 1, 0, 1, 2)
        layout.addWidget(self.column, 1, 0)
        layout.addWidget(self.visit, 1, 1)
        for column in range(2):
            layout.setColumnStretch(column, 1)

    def showRow(self, row: ParameterRow | None) -> None:
        """Show what is chosen for a parameter (None: for none)."""
        self._row = row
        self.setVisible(row is not None)
        if row is None:
            return
        visits = readable_visits(self._parameters)
        columns = columns_to_follow(models.get(self._parameters.model), visits)
        self.heading.setText(row.parameter.label)
        kinds = {FREE: _("is free")} if row.parameter.prior > 0 or row.kind == FOLLOWS else {KNOWN: _("is known")}
        kinds |= {FIXED: _("is fixed at")}
        kinds |= {FOLLOWS: _("follows")} if columns or row.kind == FOLLOWS else {}
        known = {FIRST_VISIT: _("at the first visit with it")}
        known |= {name: _("at {visit}").format(visit=name) for name in visits_to_follow(visits, row.column)}
        with self.filling():
            _offer(self.kind, kinds, row.kind)
            _offer(self.column, columns, row.column)
            _offer(self.visit, known, row.visit)
            if not self.value.hasFocus() or row.kind != FIXED:
                self.value.setText(row.text)
        self.value.setVisible(row.kind == FIXED)
        self.column.setVisible(row.kind == FOLLOWS)
        self.visit.setVisible(row.kind == FOLLOWS)

    def chooseFree(self) -> None:
        """As a person does."""
        self.kind.setCurrentIndex(0)

    def fixAt(self, text: str) -> None:
        """Fix it and write a value, as a person does."""
        self.kind.setCurrentIndex(self.kind.findData(FIXED))
        self.value.setText(text)
        self._onValue()

    def follow(self) -> None:
        """The parameter node has changed: what is shown follows with the row (`showRow`)."""

    def followColumn(self, column: str, visit: str = FIRST_VISIT) -> None:
        """Let it follow a column, as a person does."""
        self.kind.setCurrentIndex(self.kind.findData(FOLLOWS))
        self.column.setCurrentIndex(self.column.findData(column))
        self.visit.setCurrentIndex(self.visit.findData(visit))

    @property
    def _takes(self) -> bool:
        return self.takesChoices and self._row is not None

    def _onKind(self, index: int) -> None:
        if not self._takes or index < 0:
            return
        kind, text = self.kind.itemData(index), ""
        if kind == FIXED:
            text = f"{self._row.parameter.default:.6g}"
        elif kind == FOLLOWS:
            text = str(self.column.itemData(max(self.column.currentIndex, 0)))
        self._keep(kind, text)

    def _onFollowed(self, index: int) -> None:
        if self._takes and index >= 0 and self._row.kind == FOLLOWS:
            column = str(self.column.itemData(self.column.currentIndex))
            visit = str(self.visit.itemData(self.visit.currentIndex) or FIRST_VISIT)
            visit = visit if visit in visits_to_follow(readable_visits(self._parameters), column) else FIRST_VISIT
            self._keep(FOLLOWS, f"{column}@{visit}" if visit else column)

    def _onValue(self) -> None:
        text = self.value.text.strip()
        if self._takes and self._row.kind == FIXED and text != self._row.text:
            self._keep(FIXED, text)

    def _keep(self, kind: str, text: str) -> None:
        keep_choice(self._parameters, self._row.parameter.name, kind, text)


def _offer(box, choices: dict[str, str], chosen: str) -> None:
    """Put choices into a box, with what is chosen even where it is not among them."""
    box.clear()
    for value, label in choices.items():
        box.addItem(label, value)
    if box.findData(chosen) < 0 and chosen:
        box.addItem(chosen, chosen)
    box.setCurrentIndex(max(box.findData(chosen), 0))

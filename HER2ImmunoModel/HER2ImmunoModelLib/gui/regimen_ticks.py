"""The regimens of the library that are compared, to tick; those of the species are shown."""

from __future__ import annotations

import qt
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import PanelPart, TickRow
from slicer.i18n import tr as _

from ..scene.regimens_compared import NONE, PLANNED, TICKS, USUAL, tick_choices, ticked
from ..scene.scenarios import planned_doses


class RegimenTicks(PanelPart, qt.QWidget):
    """A list to tick for each species, of which one is shown: usual and ticked ones, the others at a click.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._tips = {species: {key: tip for key, (_label, tip) in tick_choices(species).items()} for species in TICKS}
        self.rows = {species: _row(self, species, field) for species, field in TICKS.items()}
        for row in self.rows.values():
            layout.addWidget(row)
        self.moreButton = qt.QPushButton(self)
        self.moreButton.setCheckable(True)
        self.moreButton.connect("toggled(bool)", lambda _on: self.refresh())
        layout.addWidget(self.moreButton)
        self.inner += self.rows.values()

    def refresh(self) -> None:
        """Show the list of the species; what is planned can be ticked where something is."""
        parameters = self._parameters
        if parameters is None:
            return
        species, isAll = parameters.species, self.moreButton.checked
        seen = {*USUAL[species], NONE, PLANNED, *ticked(parameters)}
        for each, row in self.rows.items():
            row.setVisible(each == species)
        for key, box in self.rows[species].boxes.items():
            box.setVisible(isAll or key in seen)
        self.moreButton.text = _("Fewer regimens") if isAll else _("More regimens")
        isPlanned, box = _hasPlanned(parameters), self.rows[species].boxes[PLANNED]
        box.setEnabled(isPlanned)
        box.setToolTip(self._tips[species][PLANNED] if isPlanned else _("Nothing is planned on the time line"))


def _row(parent, species: str, field: str) -> TickRow:
    choices = tick_choices(species)
    names = {key: label for key, (label, _tip) in choices.items()}
    return TickRow(parent, field, names, columns=1, tips={key: tip for key, (_label, tip) in choices.items()})


def _hasPlanned(parameters) -> bool:
    try:
        return bool(planned_doses(parameters))
    except InputError:  # which is said of the tables
        return False

"""What the last run found: measures with units, the sweep, warnings, and a button that shows the maps."""

from __future__ import annotations

import qt
from HER2ImmunoCommonLib.gui import PanelPart, StaleLine, StatusLine, ValuesTable, breakable, wrapLabel
from slicer.i18n import tr as _

from ..scene.inputs_key import is_stale
from ..scene.results import chart_of, examination_of, measures_of, notes_of, sweep_of, warnings_of
from ..scene.views import show_ratio
from .sweep_view import SweepView

REGIONS = ("segmentation", "referenceSegmentation")
SHOWN = ("suvVolume", "ratioVolume", "sweepChart")


class LookSection(PanelPart, qt.QWidget):
    """Shows the results that the parameter node references."""

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._state = None
        self.of = qt.QLabel(self)
        wrapLabel(self.of)
        self.showButton = qt.QPushButton(_("Show ratio map and sweep"), self)
        self.showButton.connect("clicked()", self._onShow)
        self.table, self.warnings, self.notes = ValuesTable(self), StatusLine(self), StatusLine(self)
        self.stale = StaleLine(self, REGIONS, is_stale)
        self.inner.append(self.stale)
        self.sweep = SweepView(self)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self.of, self.showButton, self.stale, self.warnings, self.table, self.sweep, self.notes):
            layout.addWidget(part)

    def refresh(self) -> None:
        """Show what the parameter node references now."""
        rows, warnings, notes, sweep, of, hasMaps = [], [], [], [], "", False
        if self._parameters is not None:
            rows, warnings, notes = (read(self._parameters) for read in (measures_of, warnings_of, notes_of))
            sweep = sweep_of(self._parameters)
            of = examination_of(self._parameters)
            hasMaps = all(getattr(self._parameters, name) is not None for name in SHOWN)
        state = rows, warnings, notes, sweep, of, hasMaps
        if state == self._state:
            return
        self._state = state
        self.of.setText(breakable(of) if rows else _("No results yet: measure hypoxia."))
        self.table.showRows([(name, f"{value} {unit}".strip(), "") for name, value, unit in rows])
        self.warnings.say("warning", "\n⚠ ".join(warnings))
        self.sweep.showSweep(sweep, chart_of(self._parameters) if sweep else None)
        self.notes.say("plain", " ".join(notes))
        self.showButton.setEnabled(hasMaps)
        tip = _("The ratio map in the slice views, the threshold sweep in a plot view")
        self.showButton.setToolTip(tip if hasMaps else _("There is no ratio map yet; measure hypoxia first."))

    def _onShow(self) -> None:
        show_ratio(self._parameters)
        self._parameters.parameterNode.Modified()  # that the map was seen is known to the map alone

"""What the last run found: measures with units, warnings, and a button that shows the maps."""

from __future__ import annotations

import ctk
import qt
from HER2ImmunoCommonLib.gui import PanelPart, StaleLine, StatusLine, ValuesTable, setTitle
from slicer.i18n import tr as _

from ..scene.inputs_key import is_stale
from ..scene.results import chart_of, examination_of, measures_of, notes_of, sweep_of, warnings_of
from ..scene.views import show_ratio
from .sweep_view import SweepView

REGIONS = ("segmentation", "referenceSegmentation")
SHOWN = ("suvVolume", "ratioVolume", "sweepChart")


class ResultsSection(PanelPart, ctk.ctkCollapsibleButton):
    """Shows the results that the parameter node references; hidden while there are none."""

    def __init__(self, parent):
        ctk.ctkCollapsibleButton.__init__(self, parent)
        PanelPart.__init__(self)
        self.text = _("Results")
        self._state = None
        self.table, self.warnings, self.notes = ValuesTable(self), StatusLine(self), StatusLine(self)
        self.stale = StaleLine(self, REGIONS, is_stale)
        self.inner.append(self.stale)
        self.sweep = SweepView(self)
        self.showButton = qt.QPushButton(_("Show ratio map and sweep"), self)
        self.showButton.toolTip = _("The ratio map in the slice views, the threshold sweep in a plot view")
        self.showButton.connect("clicked()", self._onShow)
        layout = qt.QVBoxLayout(self)
        for part in (self.stale, self.table, self.warnings, self.sweep, self.notes, self.showButton):
            layout.addWidget(part)
        self.setVisible(False)

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
        self.table.showRows([(name, f"{value} {unit}".strip(), "") for name, value, unit in rows])
        setTitle(self, _("Results: {of}").format(of=of))
        self.warnings.say("warning", "\n".join(warnings))
        self.sweep.showSweep(sweep, chart_of(self._parameters) if sweep else None)
        self.notes.say("plain", " ".join(notes))
        self.showButton.setEnabled(hasMaps)
        self.setVisible(bool(rows))

    def _onShow(self) -> None:
        show_ratio(self._parameters)

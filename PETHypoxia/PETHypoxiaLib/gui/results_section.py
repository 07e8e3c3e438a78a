"""What the last run found: measures with units, warnings, and a button that shows the maps."""

from __future__ import annotations

import ctk
import qt
from HER2ImmunoCommonLib.gui.status_line import StatusLine
from HER2ImmunoCommonLib.gui.values_table import ValuesTable
from slicer.i18n import tr as _

from PETHypoxiaLib import wording
from PETHypoxiaLib.scene.results import examination_of, measures_of, show_in_views, warnings_of

SHOWN = ("suvVolume", "ratioVolume", "sweepChart")


class ResultsSection(ctk.ctkCollapsibleButton):
    """Shows the results that the parameter node references; hidden while there are none."""

    def __init__(self):
        ctk.ctkCollapsibleButton.__init__(self)
        self.text = _("Results")
        self._parameters, self._state = None, None
        self.table, self.warnings, self.notes = ValuesTable(), StatusLine(), StatusLine()
        self.notes.say("plain", wording.NOTES)
        self.showButton = qt.QPushButton(_("Show ratio map and sweep"))
        self.showButton.toolTip = _("Ratio map over SUV in the slice views, threshold sweep in the plot view")
        self.showButton.connect("clicked()", self._onShow)
        layout = qt.QVBoxLayout(self)
        for part in (self.table, self.warnings, self.notes, self.showButton):
            layout.addWidget(part)
        self.setVisible(False)

    def setMRMLScene(self, scene) -> None:
        """Nothing here needs the scene."""

    def setParameterNode(self, parameters) -> None:
        """Show the results of `parameters` (None: none)."""
        self._parameters = parameters
        self.follow()

    def exit(self) -> None:
        """Nothing to let go of."""

    def cleanup(self) -> None:
        """Stop using the parameter node."""
        self._parameters = None

    def follow(self) -> None:
        """Show what the parameter node references now."""
        rows, warnings, of, hasMaps = [], [], "", False
        if self._parameters is not None:
            rows, warnings = measures_of(self._parameters), warnings_of(self._parameters)
            of = examination_of(self._parameters)
            hasMaps = all(getattr(self._parameters, name) is not None for name in SHOWN)
        if (rows, warnings, of, hasMaps) == self._state:
            return
        self._state = rows, warnings, of, hasMaps
        self.table.showRows([(name, f"{value} {unit}".strip(), "") for name, value, unit in rows])
        self.text = _("Results: {of}").format(of=of)
        self.warnings.say("warning", "\n".join(warnings))
        self.showButton.setEnabled(hasMaps)
        self.setVisible(bool(rows))

    def _onShow(self) -> None:
        show_in_views(self._parameters)

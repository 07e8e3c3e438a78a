"""What a person must know of the results of the series, and the values measured with how they were come by."""

from __future__ import annotations

import ctk
import qt
from HER2ImmunoCommonLib.gui import Fold, PanelPart, StaleLine, StatusLine, ValuesTable, setTitle
from slicer.i18n import tr as _

from ..scene.results import is_stale, maps_of, summary_of

REGIONS = ("segmentation", "arterySegmentation", "referenceSegmentation")
FIRST = 4
"""So many rows are always seen: the volume and what the model gives first."""


class ResultsSection(PanelPart, qt.QWidget):
    """Shows the results of the chosen series, also those of a loaded scene, and says when their inputs changed.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._shown = None
        self.stale, self.warnings = StaleLine(self, REGIONS, is_stale), StatusLine(self)
        self.headline = ValuesTable(self)
        self.section = ctk.ctkCollapsibleButton(self)
        self.fold = Fold(self.section, _("All values"))
        self.table = ValuesTable(self.section)
        inside = qt.QVBoxLayout(self.section)
        inside.addWidget(self.table)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.stale, self.headline, self.warnings, self.section):
            layout.addWidget(widget)
        self.inner.append(self.stale)

    def setParameterNode(self, parameters) -> None:
        """Show the results of the series in `parameters` (None: nothing)."""
        self._shown = None
        PanelPart.setParameterNode(self, parameters)

    def refresh(self) -> None:
        """Read the results of the chosen series from the scene."""
        series = None if self._parameters is None else self._parameters.dynamic
        summary = summary_of(series)
        key = [node.GetID() for node in maps_of(series)], summary.rows
        if key == self._shown:
            return
        self._shown = key
        setTitle(self.section, _("All values of {visit}, {series}").format(**vars(summary)))
        self.headline.showRows(summary.rows[:FIRST])
        self.table.showRows(summary.rows)
        self.warnings.say("warning", "\n⚠ ".join(summary.warnings))
        self.section.setVisible(bool(summary.rows))

"""The measured values, the warnings, and a way to see the maps and curves."""

from __future__ import annotations

import ctk
import qt
from HER2ImmunoCommonLib.gui import PanelPart, StatusLine, ValuesTable, tellWholeText
from slicer.i18n import tr as _

from ..scene.publishing import summary_of
from ..scene.show import show_result, shown_results


class ResultsSection(PanelPart, qt.QWidget):
    """Shows what the parameter node refers to, so that a loaded scene shows its results too."""

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self.section = ctk.ctkCollapsibleButton(self)
        self.section.text = _("Results")
        self._shown = None
        self.table = ValuesTable(self.section)
        self.warnings = StatusLine(self.section)
        self.empty = qt.QLabel(_("No results yet."), self.section)
        self.row = qt.QWidget(self.section)
        self.selector = ctk.ctkComboBox(self.row)
        self.selector.setToolTip(_("A map, shown over the images, or a curve"))
        tellWholeText(self.selector)
        self.button = qt.QPushButton(_("Show"), self.row)
        self.button.setToolTip(_("Show the chosen map in the slice views, or the chosen curve in a plot view"))
        self.button.connect("clicked()", self._onShow)
        row = qt.QHBoxLayout(self.row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.selector, 1)
        row.addWidget(self.button)
        outer = qt.QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.section)
        layout = qt.QVBoxLayout(self.section)
        for widget in (self.empty, self.table, self.warnings, self.row):
            layout.addWidget(widget)

    def setParameterNode(self, parameters) -> None:
        """Show the results `parameters` refers to (None: nothing)."""
        self._shown = None
        PanelPart.setParameterNode(self, parameters)

    def refresh(self) -> None:
        """Read the results from the scene."""
        node = None if self._parameters is None else self._parameters.parameterNode
        results = [] if node is None else shown_results(node)
        key = [result.GetID() for result in results]
        if key == self._shown:
            return
        self._shown = key
        summary = summary_of(node) if node is not None else None
        self.table.showRows(summary.rows if summary else ())
        self.warnings.say("warning", "\n⚠ ".join(summary.warnings) if summary else "")
        self.empty.setVisible(not results)
        self.row.setVisible(bool(results))
        self.selector.clear()
        for result in results:
            self.selector.addItem(result.GetName(), result.GetID())

    def _onShow(self) -> None:
        results = {result.GetID(): result for result in shown_results(self._parameters.parameterNode)}
        chosen = results.get(self.selector.currentData)
        if chosen is not None:
            show_result(chosen, self._parameters.dynamic)

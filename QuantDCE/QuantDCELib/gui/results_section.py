"""The measured values, the warnings, and a way to see the maps and curves."""

from __future__ import annotations

import ctk
import qt
from HER2ImmunoCommonLib.gui import PanelPart, StaleLine, StatusLine, ValuesTable, setTitle, tellWholeText
from slicer.i18n import tr as _

from ..scene.publishing import is_stale, summary_of
from ..scene.show import show_result, shown_results

REGIONS = ("segmentation", "arterySegmentation", "referenceSegmentation")


class ResultsSection(PanelPart, qt.QWidget):
    """Shows the results of the chosen series, also those of a loaded scene, and says when their inputs changed."""

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self.section = ctk.ctkCollapsibleButton(self)
        self.section.text = _("Results")
        self._shown = None
        self.table = ValuesTable(self.section)
        self.stale, self.warnings = StaleLine(self.section, REGIONS, is_stale), StatusLine(self.section)
        self.inner.append(self.stale)
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
        for widget in (self.empty, self.stale, self.table, self.warnings, self.row):
            layout.addWidget(widget)

    def setParameterNode(self, parameters) -> None:
        """Show the results of the series in `parameters` (None: nothing)."""
        self._shown = None
        PanelPart.setParameterNode(self, parameters)

    def refresh(self) -> None:
        """Read the results of the chosen series from the scene."""
        series = None if self._parameters is None else self._parameters.dynamic
        results = shown_results(series)
        key = [result.GetID() for result in results]
        if key == self._shown:
            return
        self._shown, summary = key, summary_of(series)
        of = _("Results: {visit}, {series}").format(**vars(summary)) if summary.visit else _("Results")
        setTitle(self.section, of)
        self.table.showRows(summary.rows)
        self.warnings.say("warning", "\n⚠ ".join(summary.warnings))
        self.empty.setVisible(not results)
        self.row.setVisible(bool(results))
        self.selector.clear()
        for result in results:
            self.selector.addItem(result.GetName().removeprefix(f"{summary.visit} "), result.GetID())

    def _onShow(self) -> None:
        results = {result.GetID(): result for result in shown_results(self._parameters.dynamic)}
        chosen = results.get(self.selector.currentData)
        if chosen is not None:
            show_result(chosen, self._parameters.dynamic)

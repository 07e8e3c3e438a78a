"""The exposure to each drug over time, of doses given and planned."""

from __future__ import annotations

import ctk
import qt
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import Fold, LivePlot, PanelPart, StatusLine, narrowChoice
from slicer.i18n import tr as _

from ..scene.exposure_charts import exposure_charts


class ExposurePlot(PanelPart, qt.QWidget):
    """A closed section with a choice of the drug and its course; hidden without a dose.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._charts = {}
        self.section = ctk.ctkCollapsibleButton(self)
        inside = qt.QVBoxLayout(self.section)
        Fold(self.section, _("Exposure to the drugs"))
        self.drug, self.plot, self.problem = ctk.ctkComboBox(self.section), LivePlot(self.section), StatusLine(self)
        self.drug.setToolTip(_("Drug whose course is drawn, with the doses given and those planned"))
        narrowChoice(self.drug)
        self.drug.connect("currentIndexChanged(int)", self._draw)
        self.section.connect("contentsCollapsed(bool)", self._draw)
        for widget in (self.drug, self.problem, self.plot):
            inside.addWidget(widget)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.section)
        self.setVisible(False)

    def refresh(self) -> None:
        """Offer the drugs that have doses now."""
        if self._parameters is None:
            return
        try:
            self._charts = exposure_charts(self._parameters)
        except InputError:  # which is said of the treatment table
            self._charts = {}
        self.setVisible(bool(self._charts))
        shown = [self.drug.itemText(number) for number in range(self.drug.count)]
        if shown != list(self._charts):
            chosen = self.drug.currentText
            with self.filling():
                self.drug.clear()
                self.drug.addItems(list(self._charts))
                self.drug.setCurrentIndex(max(self.drug.findText(chosen), 0))
        self.drug.setVisible(len(self._charts) > 1)
        self._draw()

    def _draw(self, *_change) -> None:
        make = self._charts.get(self.drug.currentText)
        if self._isFilling or make is None or self.section.collapsed:
            return
        chart = None
        try:
            chart = make()
            self.problem.say("plain", "")
        except InputError as error:
            self.problem.say("warning", _("It cannot be drawn: {reason}").format(reason=error))
        self.plot.setVisible(chart is not None)
        self.plot.showChart(chart)

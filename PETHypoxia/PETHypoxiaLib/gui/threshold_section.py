"""The threshold: hypoxic voxels and the hypoxic fraction while it moves, before anything is measured."""

from __future__ import annotations

from collections.abc import Callable

import qt
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import LivePlot, PanelPart, StatusLine
from slicer.i18n import tr as _

from ..analysis import wording
from ..analysis.sweep_chart import preview_chart
from ..hypoxia.preview import Preview
from ..scene.gathering import threshold_field
from ..scene.live import LiveRegions
from ..scene.overlay import hide_preview, show_preview

NAME = "threshold"
"""Of its step."""


class ThresholdSection(PanelPart, qt.QWidget):
    """Lies between the rows of its step that are in the form.

    Parameters
    ----------
    parent : QWidget
    ui : the named widgets of the form
    regions : LiveRegions
    isUniform : callable
        Says whether one factor holds for all slices, without which voxels on screen give no ratio.
    reason : callable
        Why there is no reference; empty if there is one.
    """

    def __init__(self, parent, ui, regions: LiveRegions, isUniform: Callable[[], bool], reason: Callable[[], str]):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._ui, self._regions, self._isUniform, self._reason = ui, regions, isUniform, reason
        self.preview, self.plot = StatusLine(self), LivePlot(self)
        self._charted = None
        self.plot.setFocusPolicy(qt.Qt.StrongFocus)  # it is only seen with a handle
        self.plot.setToolTip(_("Drag the line, or move it by the left and right keys, to choose the threshold"))
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        layout.addWidget(self.preview)

    def refresh(self) -> None:
        """Paint and chart what the present threshold would find."""
        parameters = self._parameters
        if parameters is None:
            return
        self._showRows(parameters.ratio.name)
        if not (parameters.livePreview or parameters.step == NAME):
            self._show(None, "")
            return
        try:
            preview, why = self._previewNow()
        except InputError as error:
            preview, why = None, str(error)
        self._show(preview, why)

    def _showRows(self, ratio: str) -> None:
        ui = self._ui
        rows = {"TMR": (ui.tmrSlider, ui.tmrSliderLabel), "TBR": (ui.tbrSlider, ui.tbrSliderLabel)}
        for name, widgets in rows.items():
            for widget in widgets:
                widget.setVisible(name == ratio)

    def _previewNow(self) -> tuple[Preview | None, str]:
        """The preview, or why there is none."""
        missing = _("Choose tumour and reference to see hypoxic voxels.")
        if self._reason():
            return None, missing
        if not self._isUniform():
            return None, _("Slices of this PET have SUV factors of their own (or none); measure to see hypoxic voxels.")
        preview = self._regions.preview(self._parameters)
        return preview, "" if preview is not None else missing

    def _show(self, preview: Preview | None, why: str) -> None:
        parameters = self._parameters
        self.plot.setVisible(preview is not None)
        if preview is None:
            hide_preview(parameters)
            self.preview.say("plain", why)
            return
        threshold = getattr(parameters, threshold_field(parameters))
        if parameters.livePreview:
            found = show_preview(parameters, preview, threshold)
        else:
            hide_preview(parameters)
            _mask, found = preview.hypoxic(threshold)
        self.preview.say("plain", wording.preview_text(found))
        self._chart(preview, threshold)

    def _chart(self, preview: Preview, threshold: float) -> None:
        ratio = self._parameters.ratio.name
        chart = preview_chart(ratio, preview, threshold)
        drawn = preview, ratio, chart.x_range
        if drawn != self._charted:
            self._charted = drawn
            self.plot.showChart(chart)
        self.plot.setHandle(threshold, f"{ratio} ≥ {{x}}", self._onMoved)

    def _onMoved(self, threshold: float) -> None:
        if self.takesChoices:
            slider = self._ui.tmrSlider if self._parameters.ratio.name == "TMR" else self._ui.tbrSlider
            slider.value = threshold

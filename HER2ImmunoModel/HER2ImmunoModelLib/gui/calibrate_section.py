"""Calibrate the model, and see first what the data set and what the priors set."""

from __future__ import annotations

from dataclasses import replace

from slicer.i18n import tr as _

from ..calibration.watching import Watching
from ..findings.calibrate import CalibrateRequest
from ..scene.inputs import gather_calibrate
from .watch_view import WatchView
from .work_section import WorkSection, runRequest


class CalibrateSection(WorkSection):
    """Button with progress, the fit while it is searched; then what the data set, every parameter, and the fit.

    Parameters
    ----------
    parent : QWidget
        With a layout, which takes this widget.
    before : QWidget
        In that layout, which this stands above.
    choices, logic, onRunning
        As `WorkSection`.
    """

    kind = CalibrateRequest.kind
    runText = _("Calibrate")
    wrapped = True

    def __init__(self, parent, before, choices, logic, onRunning):
        self._before = before
        WorkSection.__init__(self, parent, choices, logic, onRunning)
        self.watch = WatchView(self)
        self.inner.append(self.watch)
        self.layout().insertWidget(self.layout().indexOf(self.view), self.watch)

    def putInto(self, parent) -> None:
        layout = parent.layout()
        layout.insertWidget(layout.indexOf(self._before), self)

    def gather(self, parameters) -> CalibrateRequest:
        return gather_calibrate(parameters)

    def start(self) -> None:
        """Calibrate, the best course so far in sight while the mode is searched."""
        request = self.gather(self._parameters)
        watching = Watching(request.tumour_model, request.measurements, request.given)
        self.watch.begin(watching)
        try:
            runRequest(self._logic, self._parameters, replace(request, watch=watching), self.runBar)
        finally:
            self.watch.end()

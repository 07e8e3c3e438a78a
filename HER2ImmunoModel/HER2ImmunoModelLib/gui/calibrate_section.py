"""Calibrate the model, and see first what the data set and what the priors set."""

from __future__ import annotations

from slicer.i18n import tr as _

from ..findings.calibrate import CalibrateRequest
from ..scene.inputs import gather_calibrate
from .work_section import WorkSection


class CalibrateSection(WorkSection):
    """Button with progress; then what the data set, every parameter, and the fit of each measured state.

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

    def putInto(self, parent) -> None:
        layout = parent.layout()
        layout.insertWidget(layout.indexOf(self._before), self)

    def gather(self, parameters) -> CalibrateRequest:
        return gather_calibrate(parameters)

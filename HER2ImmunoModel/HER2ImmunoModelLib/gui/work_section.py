"""A section of the panel with a piece of work of its own: choices, button with progress, findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import qt
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import PanelPart, RunBar
from HER2ImmunoCommonLib.progress import Report, part
from slicer.i18n import tr as _

from ..findings.calibrate import CalibrateRequest
from ..findings.request import Request
from .findings_view import FindingsView
from .sampler import ensureSampler

FIRST_SHARE = 0.4
"""Share of the work that a calibration before it is."""


class WorkSection(PanelPart, qt.QWidget):
    """Below the choices of a section: the button that starts the work, and what it found.

    A section overrides `gather`, says its `kind` and `runText`, and appends its choices to `inner`.

    Parameters
    ----------
    parent : ctkCollapsibleButton
        The section, which takes this widget.
    choices : QWidget
        The choices of the section, which may not change while work runs.
    logic : HER2ImmunoModelLogic
    onRunning : callable
        Called with the section and True before its work, and False after it.
    """

    kind = ""
    runText = ""
    wrapped = False

    def __init__(self, parent, choices, logic, onRunning: Callable[[WorkSection, bool], None]):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self.section, self._choices, self._logic, self._onRunning = parent, choices, logic, onRunning
        choices.layout().setContentsMargins(0, 0, 0, 0)
        self.runBar = RunBar(self, self.runText, self.start, lambda running: self._onRunning(self, running))
        self.view = FindingsView(self, self.kind, self.wrapped)
        self.inner += [self.runBar, self.view]
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.runBar)
        layout.addWidget(self.view)
        self.more = qt.QVBoxLayout()
        layout.addLayout(self.more)
        self.putInto(parent)

    def putInto(self, parent) -> None:
        """Take a place in the layout of the parent."""
        parent.layout().addWidget(self)

    def gather(self, parameters) -> Request:
        """The request of this section; raises `InputError`."""
        raise NotImplementedError

    def check(self) -> None:
        """Say whether the work can start, and whether its results are of the present inputs."""
        try:
            request = self.gather(self._parameters)
        except InputError as error:
            self.runBar.setReady(False, str(error))
            self.view.compareWith("")
        else:
            self.runBar.setReady(True)
            self.view.compareWith(request.key())

    def lock(self, locked: bool, own: bool = False) -> None:
        """Take no input while work runs; its `own` can still be cancelled."""
        self._choices.setEnabled(not locked)
        self.runBar.setEnabled(own or not locked)

    def start(self) -> None:
        """Do the work."""
        runRequest(self._logic, self._parameters, self.gather(self._parameters), self.runBar)


def runRequest(logic, parameters, request: Request, runBar: RunBar, first: CalibrateRequest | None = None) -> None:
    """Do what a request asks for in a thread, then make its result nodes.

    Parameters
    ----------
    logic : HER2ImmunoModelLogic
    parameters : HER2ImmunoModelParameterNode
    request : Request
    runBar : RunBar
    first : CalibrateRequest, optional
        Done before it where there is no calibration yet, which `request` then takes over.
    """
    request = logic.prepared(parameters, request)
    if request.samples:
        ensureSampler()
    first = first if request.calibration is None else None

    def make(report: Report) -> list[tuple[Request, object]]:
        if first is None:
            return [(request, request.make(report))]
        found = first.make(part(report, 0.0, FIRST_SHARE))
        then = replace(request, calibration=found.calibration)
        return [(first, found), (then, then.make(part(report, FIRST_SHARE, 1.0)))]

    def done(made: list[tuple[Request, object]]) -> str:
        for each, found in made:
            logic.publish(parameters, each, found)
        return _("Done: see below.")

    runBar.run(make, done)

"""How good the forecast would have been."""

from __future__ import annotations

from slicer.i18n import tr as _

from ..findings.forecast import CheckRequest
from ..scene.inputs import gather_check
from .work_section import WorkSection


class CheckSection(WorkSection):
    """Hides the last visits and compares them with their forecast."""

    kind = CheckRequest.kind
    runText = _("Check the forecast")

    def __init__(self, parent, choices, logic, onRunning):
        WorkSection.__init__(self, parent, choices, logic, onRunning)

    def gather(self, parameters) -> CheckRequest:
        return gather_check(parameters)

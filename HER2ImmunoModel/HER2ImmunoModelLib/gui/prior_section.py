"""What the prior says before any data."""

from __future__ import annotations

from slicer.i18n import tr as _

from ..findings.prior_check import PriorRequest
from ..scene.inputs import gather_prior
from .tick_field import TickField
from .work_section import WorkSection


class PriorSection(WorkSection):
    """Follows draws of the prior, without a calibration, and shows what was measured among them."""

    kind = PriorRequest.kind
    runText = _("Show what the prior says")
    wrapped = True

    def __init__(self, parent, choices, logic, onRunning):
        WorkSection.__init__(self, parent, choices, logic, onRunning)
        tip = _(
            "Start at the size (cm³) and the fractions that the first visit measured, with their noise, instead of the "
            "priors of the start"
        )
        self.fromFirst = TickField(choices, "priorFromFirst", _("Start at what the first visit measured"), tip)
        self.inner.append(self.fromFirst)
        choices.layout().addRow(self.fromFirst)

    def gather(self, parameters) -> PriorRequest:
        return gather_prior(parameters)

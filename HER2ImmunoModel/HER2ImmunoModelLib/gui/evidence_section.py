"""What the data say of each parameter."""

from __future__ import annotations

from HER2ImmunoCommonLib.gui import ChoiceBox
from slicer.i18n import tr as _

from ..findings.evidence import EvidenceRequest
from ..scene.chosen_model import shown_model
from ..scene.inputs import gather_evidence
from .work_section import WorkSection


class EvidenceSection(WorkSection):
    """Table of the parameters, profile of a chosen one, Fisher spectrum."""

    kind = EvidenceRequest.kind
    runText = _("Show what the data say")
    wrapped = True

    def __init__(self, parent, choices, logic, onRunning):
        WorkSection.__init__(self, parent, choices, logic, onRunning)
        tip = _("Everything else is fitted again at each value of this parameter")
        self.parameter = ChoiceBox(choices, "profileParameter", {"": ""}, tip)
        self.inner.append(self.parameter)
        choices.layout().addRow(_("Profile of:"), self.parameter)
        self._known = None

    def gather(self, parameters) -> EvidenceRequest:
        return gather_evidence(parameters)

    def refresh(self) -> None:
        parameters = self._parameters
        if parameters is None:
            return
        known = {p.name: f"{p.label} ({p.name})" for p in shown_model(parameters).parameters if p.prior > 0}
        if known == self._known:
            return
        self._known = known
        if parameters.profileParameter not in known:
            parameters.profileParameter = ""
        best = {"": _("the parameter the data say most of")}
        self.parameter.setChoices(best | known)

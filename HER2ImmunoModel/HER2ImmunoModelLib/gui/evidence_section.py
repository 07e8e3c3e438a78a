"""What the data say of each parameter."""

from __future__ import annotations

from HER2ImmunoCommonLib.gui import ChoiceBox
from slicer.i18n import tr as _

from .. import models
from ..findings.evidence import EvidenceRequest
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
        self._model = None

    def gather(self, parameters) -> EvidenceRequest:
        return gather_evidence(parameters)

    def refresh(self) -> None:
        parameters = self._parameters
        if parameters is None or self._model == parameters.model:
            return
        self._model = parameters.model
        known = [entry for entry in models.get(parameters.model).parameters if entry.prior > 0]
        if parameters.profileParameter not in {entry.name for entry in known}:
            parameters.profileParameter = ""
        best = {"": _("the parameter the data say most of")}
        self.parameter.setChoices(best | {entry.name: f"{entry.label} ({entry.name})" for entry in known})

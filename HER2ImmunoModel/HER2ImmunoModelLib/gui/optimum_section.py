"""The best schedule within the limits."""

from __future__ import annotations

from HER2ImmunoCommonLib.gui import ChoiceBox
from slicer.i18n import tr as _

from ..findings.optimum import OptimumRequest
from ..scene.inputs import gather_optimum
from .work_section import WorkSection


class OptimumSection(WorkSection):
    """Searches days and doses, and the trade with the drugs they take."""

    kind = OptimumRequest.kind
    runText = _("Search the best schedule")

    def __init__(self, parent, choices, logic, onRunning):
        WorkSection.__init__(self, parent, choices, logic, onRunning)
        searches = {"days": _("Days and sizes of the doses"), "daily": _("A dose every allowed day")}
        risks = {"mean": _("Mean of all possible patients"), "cvar": _("Mean of the worst tenth (CVaR)")}
        trades = {"": _("Nothing"), "total_dose": _("Total dose"), "toxicity": _("Drug in the body over time")}
        tip = _("What the search may change; it begins with simple schedules of trastuzumab and chemotherapy")
        self.search = ChoiceBox(choices, "search", searches, tip)
        tip = _("The data leave many patients possible: judge a schedule by all of them, or by those it suits worst")
        self.risk = ChoiceBox(choices, "risk", risks, tip)
        self.against = ChoiceBox(
            choices,
            "against",
            trades,
            _("Also find what more of this buys: schedules that no other beats in outcome and in this (Pareto front)"),
        )
        self.inner += [self.search, self.risk, self.against]
        for row, (label, box) in enumerate(
            ((_("Change:"), self.search), (_("Outcome taken as:"), self.risk), (_("Weigh against:"), self.against))
        ):
            choices.layout().insertRow(row, label, box)

    def gather(self, parameters) -> OptimumRequest:
        return gather_optimum(parameters)

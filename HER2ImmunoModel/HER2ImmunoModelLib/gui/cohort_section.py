"""Several subjects of one file, calibrated at once; then one of them is gone on with."""

from __future__ import annotations

import qt
from HER2ImmunoCommonLib.gui import ChoiceBox, StatusLine
from slicer.i18n import tr as _

from ..findings.cohort_request import CohortRequest
from ..population.poolings import ALONE, HIERARCHICAL, POOLED
from ..scene.cohort import gather_cohort, problem_of_use
from .form_row import addRows, closedFold, formOf
from .subject_row import SubjectRow
from .tick_field import TickField
from .work_section import WorkSection


class CohortSection(WorkSection):
    """How they are calibrated, what was found of all of them, and the one that the other pages go on with.

    Parameters
    ----------
    parent : QWidget
        With a layout, which takes the section.
    before : QWidget
        In that layout, which it stands above.
    logic, onRunning
        As `WorkSection`.
    """

    kind = CohortRequest.kind
    runText = _("Calibrate all subjects")
    wrapped = True

    def __init__(self, parent, before, logic, onRunning):
        section, choices, form = closedFold(parent, _("Several subjects"))
        WorkSection.__init__(self, section, choices, logic, onRunning)
        kinds = {
            HIERARCHICAL: _("As a group (hierarchical)"),
            POOLED: _("Pooled (one set of rates)"),
            ALONE: _("Each alone"),
        }
        tips = {
            HIERARCHICAL: _(
                "Subjects differ about the mean of their group; a subject with few visits borrows from the others"
            ),
            POOLED: _("All subjects have the same rates, and each its own size at the start"),
            ALONE: _("No subject knows of another"),
        }
        tip = "\n".join(f"{kinds[kind]}: {text}." for kind, text in tips.items())
        self.how = ChoiceBox(choices, "cohortHow", kinds, tip)
        self.inner.append(self.how)
        addRows(form, ((_("Calibrated:"), self.how),))
        self._buildUse()
        parent.layout().insertWidget(parent.layout().indexOf(before), section)

    def _buildUse(self) -> None:
        """Below what was found: which subject to go on with, and by what."""
        self.use = qt.QWidget(self)
        self.subject = SubjectRow(self.use)
        tip = _(
            "What if, Choose, Report and Calibrate take the calibration of the subject from what was found here; "
            "without the tick they calibrate it alone. Forecast check and Choice of model are of the subject alone"
        )
        self.used = TickField(self.use, "cohortUsed", _("Go on with what was found here"), tip)
        self.usedSaid = StatusLine(self.use)
        form = formOf(self.use)
        addRows(form, ((_("Subject:"), self.subject),))
        form.addRow(self.used)
        form.addRow(self.usedSaid)
        self.inner += [self.subject, self.used]
        self.more.addWidget(self.use)

    def gather(self, parameters) -> CohortRequest:
        return gather_cohort(parameters)

    def refresh(self) -> None:
        self.use.setVisible(self.view.results() is not None)

    def check(self) -> None:
        """As `WorkSection.check`; and whether the subject that is chosen is among those that were calibrated."""
        WorkSection.check(self)
        found, used = self.view.results(), self._parameters.cohortUsed
        problem = problem_of_use(self._parameters) or (found.alarm if used and found is not None else "")
        self.usedSaid.say("warning" if problem else "plain", problem)

    def lock(self, locked: bool, own: bool = False) -> None:
        WorkSection.lock(self, locked, own)
        self.use.setEnabled(not locked)

    def start(self) -> None:
        """Calibrate; the other pages go on with what was found, if it can be trusted."""
        request = self.gather(self._parameters)
        WorkSection.start(self)
        found = self.view.results()
        if found is not None and found.request == request.key():
            self._parameters.cohortUsed = not found.alarm

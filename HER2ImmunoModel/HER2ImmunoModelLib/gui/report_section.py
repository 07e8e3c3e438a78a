"""The report of what was found: where to write it, and the button that does."""

from __future__ import annotations

from collections.abc import Callable

import qt
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import PanelPart, PathRow, RunBar
from slicer.i18n import tr as _

from ..report import SubjectReport, write_report
from ..scene.inputs import gather
from ..scene.report import gather_report, reason_not_to_report


class ReportSection(PanelPart, qt.QWidget):
    """A line for the file and the button that writes it, with its numbers beside it.

    Parameters
    ----------
    parent : QWidget
    onRunning : callable
        Called with the section and True before its work, and False after it.
    """

    def __init__(self, parent, onRunning: Callable[[ReportSection, bool], None]):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        tip = _(
            "HTML file with answer, visits, doses, fit, forecast, treatment window and ranking, without dates and "
            "identifiers; the numbers are written beside it as JSON and CSV"
        )
        self.pathRow = PathRow(self, "reportFile", files=("HTML (*.html)",), saves=True)
        self.pathRow.edit.setToolTip(tip)
        self.runBar = RunBar(self, _("Write report"), self.start, lambda running: onRunning(self, running))
        self.inner += [self.pathRow, self.runBar]
        choices = qt.QWidget(self)
        form = qt.QFormLayout(choices)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(qt.QFormLayout.AllNonFixedFieldsGrow)
        form.addRow(_("Report:"), self.pathRow)
        form.labelForField(self.pathRow).setToolTip(tip)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 0)
        layout.addWidget(choices)
        layout.addWidget(self.runBar)

    def check(self) -> None:
        """Say whether the report can be written, and if not, why not."""
        reason = self._reason()
        self.runBar.setReady(not reason, reason)

    def _reason(self) -> str:
        try:
            reason = reason_not_to_report(self._parameters, gather(self._parameters).key())
        except InputError as error:
            reason = str(error)
        return reason or ("" if self.pathRow.path else _("Name the file of the report first."))

    def lock(self, locked: bool, own: bool = False) -> None:
        """Take no input while work runs; its `own` can still be cancelled."""
        self.pathRow.setEnabled(not locked)
        self.runBar.setEnabled(own or not locked)

    def start(self) -> None:
        """Follow the schedules in a thread, then draw and write."""
        path, request = self.pathRow.path, gather_report(self._parameters)

        def done(made: SubjectReport) -> str:
            page, *beside = write_report(made, path)
            names = ", ".join(each.name for each in beside)
            return _("Wrote {page}, and beside it {names}.").format(page=page, names=names)

        self.runBar.run(request.make, done)

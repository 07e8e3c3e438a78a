"""The report of what was found: where to write it, and the button that does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import qt
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import PanelPart, PathRow, RunBar
from slicer.i18n import tr as _

from ..report import NO_BROWSER, SubjectReport, find_browser, page_of, print_page, write_report
from ..scene.inputs import gather
from ..scene.report import gather_report, reason_not_to_report
from .tick_field import TickField


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
        self.pathRow = PathRow(self, "reportFile", _("Open"), self.showPage, files=("HTML (*.html)",), saves=True)
        self.pathRow.edit.setToolTip(tip)
        self.canPrint = find_browser() is not None
        pdfTip = _("Print the report to a PDF beside it") if self.canPrint else NO_BROWSER
        self.pdf = TickField(self, "reportPdf", _("Also as PDF"), pdfTip)
        self.pdf.setEnabled(self.canPrint)
        self.runBar = RunBar(self, _("Write report"), self.start, lambda running: onRunning(self, running))
        self.inner += [self.pathRow, self.pdf, self.runBar]
        choices = qt.QWidget(self)
        form = qt.QFormLayout(choices)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(qt.QFormLayout.AllNonFixedFieldsGrow)
        form.addRow(_("Report:"), self.pathRow)
        form.labelForField(self.pathRow).setToolTip(tip)
        form.addRow("", self.pdf)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 0)
        layout.addWidget(choices)
        layout.addWidget(self.runBar)

    def check(self) -> None:
        """Say whether the report can be written, and if not, why not."""
        reason = self._reason()
        self.runBar.setReady(not reason, reason)
        self._offerPage()

    def _offerPage(self) -> None:
        """Let the page be opened once it is there."""
        path = self.pathRow.path
        isThere = bool(path) and page_of(path).is_file()
        self.pathRow.setReason("" if isThere or not path else _("There is no such report yet; write it first."))

    def showPage(self, path: str) -> None:
        """Show the page in the browser of the machine."""
        qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(str(page_of(path).absolute())))

    def _reason(self) -> str:
        try:
            reason = reason_not_to_report(self._parameters, gather(self._parameters).key())
        except InputError as error:
            reason = str(error)
        return reason or ("" if self.pathRow.path else _("Name the file of the report first."))

    def lock(self, locked: bool, own: bool = False) -> None:
        """Take no input while work runs; its `own` can still be cancelled."""
        self.pathRow.setEnabled(not locked)
        self.pdf.setEnabled(self.canPrint and not locked)
        self.runBar.setEnabled(own or not locked)

    def start(self) -> None:
        """Follow the schedules in a thread, then draw and write, and print in a thread again."""
        path, request, written = self.pathRow.path, gather_report(self._parameters), []
        printed = self.canPrint and self._parameters.reportPdf

        def done(made: SubjectReport) -> str:
            written.extend(write_report(made, path, printed=printed))
            return _wrote(written)

        if self.runBar.run(request.make, done) and printed:
            self.runBar.run(lambda report: print_page(written[0], report=report), lambda pdf: _wrote([*written, pdf]))
        self._offerPage()


def _wrote(paths: Sequence[Path]) -> str:
    page, *beside = paths
    names = ", ".join(each.name for each in beside)
    return _("Wrote {page}, and beside it {names}.").format(page=page, names=names)

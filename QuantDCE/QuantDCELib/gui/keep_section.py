"""What is kept of an examination: its row of the measurement table, files of numbers, pictures, a report."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import AddToVisit, PanelPart, PathRow, StatusLine, pictureOfViews
from slicer.i18n import tr as _

from ..scene.keeping import add_to_visit, claim_of, reason_not_to_keep, write_numbers
from ..scene.report import write_report
from ..scene.view_pictures import keep_picture
from .picture_list import PictureList
from .statistics_view import StatisticsView


class KeepSection(PanelPart, qt.QWidget):
    """Statistics of the tumour, and the buttons that keep them.

    Name and day of the visit and the measurement table are widgets of the form.

    Parameters
    ----------
    parent : QWidget
    onKept : callable
        Called without arguments when the row was written, to tick the step.
    """

    def __init__(self, parent, onKept: Callable[[], None]):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._onKept = onKept
        self.statistics = StatisticsView(self)
        self.toVisit = AddToVisit(self, self._addRow, reason_not_to_keep, claim_of)
        self.pictureButton = qt.QPushButton(_("Picture of the view"), self)
        self.pictureButton.connect("clicked()", self._onPicture)
        self.numbersRow = PathRow(
            self, "statisticsFile", _("Save CSV…"), self._onNumbers, files=("CSV (*.csv)",), saves=True
        )
        self.numbersRow.edit.setToolTip(
            _("CSV file of the statistics of every map; the row of the visit is written beside it")
        )
        self.reportRow = PathRow(
            self, "reportFile", _("Write report…"), self._onReport, files=("HTML (*.html)",), saves=True
        )
        self.reportRow.edit.setToolTip(
            _("HTML file with numbers, curves, pictures and settings, without name, dates and identifiers")
        )
        self.pictures = PictureList(self, self.refresh)
        self.status = StatusLine(self)
        self.inner += [self.toVisit, self.numbersRow, self.reportRow, self.pictures]
        self._layOut()

    def _layOut(self) -> None:
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.toVisit)  # below what it needs, which the form has
        layout.addWidget(self.statistics)
        layout.addWidget(self.pictureButton)
        layout.addWidget(self.pictures)
        files = qt.QFormLayout()
        layout.addLayout(files)
        files.addRow(_("Numbers:"), self.numbersRow)
        files.addRow(_("Report:"), self.reportRow)
        layout.addWidget(self.status)

    def setParameterNode(self, parameters) -> None:
        """Show what there is to keep of the series in `parameters` (None: nothing)."""
        self.status.say("plain", "")
        PanelPart.setParameterNode(self, parameters)

    def refresh(self) -> None:
        """Show the statistics of the chosen series, and what can be kept."""
        parameters = self._parameters
        reason = "" if parameters is None else reason_not_to_keep(parameters)
        self.statistics.showSeries(None if parameters is None else parameters.dynamic)
        self.pictureButton.setEnabled(parameters is not None and parameters.dynamic is not None)
        self.pictureButton.setToolTip(
            _("Keep what the views show now with this examination, for its report")
            if self.pictureButton.enabled
            else _("Choose the examination first.")
        )
        for row in (self.numbersRow, self.reportRow):
            row.setReason(reason)

    def _addRow(self, parameters) -> tuple[str, str]:
        added = add_to_visit(slicer.mrmlScene, parameters)
        self._onKept()
        told = _("Visit {visit} is in {table}.").format(visit=added.visit, table=added.table.GetName())
        remarks = [*added.doubts, *added.notes]
        return ("warning", "\n".join([told, *remarks])) if remarks else ("ok", told)

    def _onNumbers(self, path: str) -> None:
        self._keep(lambda: self._written(*write_numbers(path, self._parameters)))

    def _onReport(self, path: str) -> None:
        self._keep(lambda: self._written(write_report(path, self._parameters)))

    def _onPicture(self) -> None:
        self._keep(self._picture)

    def _picture(self) -> tuple[str, str]:
        kept = keep_picture(slicer.mrmlScene, self._parameters.dynamic, pictureOfViews())
        return "ok", _("Kept the picture: {shown}.").format(shown=kept.caption.shown)

    def _written(self, *paths) -> tuple[str, str]:
        return "ok", _("Wrote {paths}.").format(paths=", ".join(map(str, paths)))

    def _keep(self, work: Callable[[], tuple[str, str]]) -> None:
        """Do it and tell how it went."""
        if self._parameters is None:
            return
        with slicer.util.tryWithErrorDisplay(_("Nothing was kept, because of an unexpected error.")):
            try:
                outcome = work()
            except InputError as error:
                outcome = "error", str(error)
            self.refresh()
            self.pictures.refresh()
            self.status.say(*outcome)

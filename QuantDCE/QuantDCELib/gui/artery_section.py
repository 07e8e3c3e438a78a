"""The arterial input: candidates to accept or reject, the curve with its baseline and arrival, and what it is worth."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import ChoiceBox, LivePlot, PanelPart, StatusLine
from slicer.i18n import tr as _

from ..analysis.input_preview import InputPreview
from ..scene.artery_search import gather_search, reason_not_searched
from ..scene.candidates import name_anew, publish_candidates, reason_none_accepted
from ..scene.charts import has_arrival, preview_chart
from ..scene.input_preview import InputPreviews, preview_key
from . import labels
from .candidate_list import CandidateList


class ArterySection(PanelPart, qt.QWidget):
    """Candidates of the automatic search, the input there would be with the present choices, and a comparison.

    Parameters
    ----------
    parent : QWidget
    run : callable
        `run(work, done)`, as `ModulePanel.run`.
    """

    def __init__(self, parent, run: Callable[[Callable, Callable], bool]):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._run, self._previews, self._key = run, InputPreviews(), None
        self.findButton = qt.QPushButton(_("Find candidates"), self)
        self.findButton.connect("clicked()", self._onFind)
        self.candidates = CandidateList(self)
        self.refusal, self.note, self.comparison, self.warnings = (StatusLine(self) for _line in range(4))
        self.plot = LivePlot(self)
        tip = _(
            "Drag the line, or press the left and right keys, to give the arrival in s: a population input begins "
            "there, and IAUGC and the frames of SER are counted from it"
        )
        self.plot.setToolTip(tip)
        self.arrivalLabel = qt.QLabel(self)
        self.automaticButton = qt.QPushButton(_("Automatic"), self)
        self.automaticButton.connect("clicked()", self._onAutomatic)
        tip = _("Population input of the same dose and haematocrit that the measured curve is compared with")
        self.compared = ChoiceBox(self, "comparedInput", labels.populations(), tip)
        self.inner += [self.candidates, self.compared]
        self._lay()

    def _lay(self) -> None:
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.findButton)
        layout.addWidget(self.candidates)
        layout.addWidget(self.refusal)
        layout.addWidget(self.plot)
        self.arrivalRow, self.comparedRow = qt.QWidget(self), qt.QWidget(self)
        arrival, compared = qt.QHBoxLayout(self.arrivalRow), qt.QHBoxLayout(self.comparedRow)
        for row in (arrival, compared):
            row.setContentsMargins(0, 0, 0, 0)
        arrival.addWidget(self.arrivalLabel, 1)
        arrival.addWidget(self.automaticButton)
        compared.addWidget(qt.QLabel(_("Compared with:"), self.comparedRow))
        compared.addWidget(self.compared, 1)
        for widget in (self.arrivalRow, self.comparedRow, self.note, self.comparison, self.warnings):
            layout.addWidget(widget)

    def reason(self) -> str:
        """Why there is no artery although there are candidates, as a sentence; empty if there is one."""
        return reason_none_accepted(self._parameters)

    def setParameterNode(self, parameters) -> None:
        """Show the input of `parameters` (None: nothing)."""
        self._key = None
        PanelPart.setParameterNode(self, parameters)

    def refresh(self) -> None:
        """Show the input again where something it depends on has changed."""
        parameters = self._parameters
        if parameters is None or slicer.mrmlScene.IsImporting():
            return
        reason = reason_not_searched(parameters)
        self.findButton.setEnabled(not reason)
        tip = _("Look in the dynamic series for voxels that enhance early, strongly and for a short while: arteries")
        self.findButton.setToolTip(reason or tip)
        self.refusal.say("warning", self.reason())
        key = None if parameters.dynamic is None else preview_key(parameters)
        if key == self._key and key is not None:
            return
        self._key = key
        name_anew(parameters)
        self.candidates.refresh()
        self._show(self._previews.preview(parameters))

    def _show(self, preview: InputPreview | None) -> None:
        chart = None if preview is None else preview_chart(preview)
        self.plot.showChart(chart)
        self.plot.setVisible(chart is not None)
        self._showArrival(preview if chart is not None else None)
        measured = preview is not None and preview.comparison is not None
        self.comparedRow.setVisible(measured)
        if measured:
            isGood = preview.comparison.is_alike and not preview.doubt
            self.comparison.say("ok" if isGood else "warning", preview.comparison.sentence)
        else:
            self.comparison.say("plain", "")
        told = () if preview is None else (preview.reason, preview.remark)
        self.note.say("plain", " ".join(filter(None, told)))
        self.warnings.say("warning", "" if preview is None else "\n⚠ ".join(preview.warnings))

    def _showArrival(self, preview: InputPreview | None) -> None:
        isKnown = preview is not None and has_arrival(preview)
        self.arrivalRow.setVisible(isKnown)
        if not isKnown:
            self.plot.setHandle(None)
            return
        self.plot.setHandle(preview.arrival_s, _("arrival {x} s"), self._onArrival)
        isGiven = bool(self._parameters.arrivalS.strip())
        said = _("Arrival at {s:.1f} s, given by hand") if isGiven else _("Arrival at {s:.1f} s, found in the curve")
        self.arrivalLabel.setText(said.format(s=preview.arrival_s))
        self.automaticButton.setEnabled(isGiven)
        tip = _("Take the arrival that is found in the curve again")
        self.automaticButton.setToolTip(
            tip if isGiven else _("The arrival is the one found: drag its line to change it")
        )

    def _onArrival(self, x: float) -> None:
        if self.takesChoices:
            self._parameters.arrivalS = f"{x:.1f}"

    def _onAutomatic(self) -> None:
        if self.takesChoices:
            self._parameters.arrivalS = ""

    def _onFind(self) -> None:
        parameters = self._parameters
        if parameters is None:
            return
        try:
            search = gather_search(parameters)
        except InputError as error:
            self.refusal.say("error", str(error))
            return

        def done(found) -> str:
            return publish_candidates(slicer.mrmlScene, parameters, search, found)

        self._run(search.find, done)

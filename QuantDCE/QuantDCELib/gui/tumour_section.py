"""The tumour: suggested from a click, drawn or corrected by hand, with its size while it changes."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import PanelPart, PointPlacing, SegmentSection, StatusLine
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from ..scene.following import keep_point
from ..scene.suggestion import gather_suggestion, publish_suggestion, undo_suggestion
from ..scene.tumour_size import size_words

STEP = "tumour"
SETTLE_MS = 300
"""Between a change of the extent, or of what is drawn, and what follows from it."""
MOST_UNDONE = 10


class TumourSection(PanelPart, qt.QWidget):
    """A click suggests; everything else is an ordinary segment.

    Parameters
    ----------
    parent : QWidget
    ui : the named widgets of the form
        Of which the rows of `tumourSection` are taken in.
    run : callable
        `ModulePanel.run`.

    Attributes
    ----------
    extent : str
        Size of the chosen segment in words; empty without one.
    """

    def __init__(self, parent, ui, run: Callable):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._run, self.extent, self._undo, self._grown = run, "", [], None
        self._series, self._undone = None, {}
        self._observation, self._observed = VTKObservationMixin(), None
        self.suggestButton = qt.QPushButton(_("Suggest"), self)
        self.undoButton = qt.QPushButton(_("Undo"), self)
        self.undoButton.connect("clicked()", self._onUndo)
        self.placing = PointPlacing(self.suggestButton, "seed", _("Tumour click"), self._onPlaced, self._onWaiting)
        self.hint, self.sizeLine = StatusLine(self), StatusLine(self)
        self.segments = SegmentSection(self, "QuantDCE.SegmentEditor")
        self._growing, self._settling = self._timer(self._suggest), self._timer(self._showSize)
        self._lay(ui.tumourSection)
        self.inner += [self.placing, self.segments]

    def _timer(self, slot: Callable[[], None]):
        timer = qt.QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(SETTLE_MS)
        timer.connect("timeout()", slot)
        return timer

    def _lay(self, extent) -> None:
        row = qt.QWidget(self)
        buttons = qt.QHBoxLayout(row)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.addWidget(self.suggestButton, 1)
        buttons.addWidget(self.undoButton)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (row, self.hint, self.sizeLine, extent, self.segments):
            layout.addWidget(widget)

    def setParameterNode(self, parameters) -> None:
        """Show the tumour of `parameters` (None: nothing)."""
        self._growing.stop()
        self._undo, self._grown = [], None if parameters is None else _asked(parameters)
        self._series, self._undone = None, {}
        self._observation.removeObservers()
        self._observed = None
        PanelPart.setParameterNode(self, parameters)

    def refresh(self) -> None:
        """Say how large the chosen segment is, and grow again where the extent was changed."""
        parameters = self._parameters
        self._followSeries()
        canSuggest = parameters is not None and parameters.dynamic is not None
        self.suggestButton.setEnabled(canSuggest)
        tip = _("Click once in the tumour: what enhances like it is taken in, up to its edge. Esc ends it")
        self.suggestButton.setToolTip(tip if canSuggest else _("Choose the examination first"))
        self._showUndo()
        if parameters is None:
            return
        if parameters.step != STEP:
            self.placing.stop()
        if _asked(parameters) != self._grown:
            self._grown = _asked(parameters)
            if self._undo and self.placing.place is not None:
                self._growing.start()
        self._observe()

    def _followSeries(self) -> None:
        """What was suggested in a series can be undone there only, and nothing grows because another is chosen."""
        series = None if self._parameters is None else self._parameters.dynamic
        if series is self._series:
            return
        if self._series is not None:
            self._undone[self._series.GetID()] = self._undo
        self._growing.stop()
        self._series, self._undo = series, [] if series is None else self._undone.get(series.GetID(), [])
        self._grown = None if self._parameters is None else _asked(self._parameters)
        self.hint.say("plain", "")

    def exit(self) -> None:
        """Put the tools away: another module is opened."""
        self._growing.stop()
        self._settling.stop()
        PanelPart.exit(self)

    def cleanup(self) -> None:
        """Stop watching what is drawn."""
        self._growing.stop()
        self._settling.stop()
        self._observation.removeObservers()
        PanelPart.cleanup(self)

    def _showUndo(self) -> None:
        self.undoButton.setEnabled(bool(self._undo))
        tip = _("Give the segment back what it held before the last suggestion")
        self.undoButton.setToolTip(tip if self._undo else _("Nothing was suggested since this panel was opened"))

    def _onWaiting(self, waiting: bool) -> None:
        self.hint.say("plain", _("Click inside the bright part of the tumour, in any slice view.") if waiting else "")

    def _onPlaced(self, _ras) -> None:
        keep_point(self._parameters, "seed")
        self._suggest()

    def _suggest(self) -> None:
        parameters = self._parameters
        if parameters is None:
            return
        try:
            request = gather_suggestion(parameters)
        except InputError as error:
            self.hint.say("error", str(error))
            return
        self.hint.say("plain", "")

        def done(suggestion) -> tuple[str, str]:
            earlier = publish_suggestion(slicer.mrmlScene, parameters, request, suggestion)
            self._undo = [*self._undo, earlier][-MOST_UNDONE:]
            self.refresh()
            self._showSize()
            told = _("The tumour is suggested: go through its slices, and correct it where it is wrong.")
            return ("warning", " ".join(suggestion.remarks)) if suggestion.remarks else ("ok", told)

        begun = []

        def grow(report):
            begun.append(True)
            return request.grow(report)

        if not (self._run(grow, done) or begun):
            self._growing.start()  # other work runs: a moment later

    def _onUndo(self) -> None:
        if self._undo and not undo_suggestion(slicer.mrmlScene, self._undo.pop()):
            self.hint.say("warning", _("The segment is no longer there, so nothing was given back."))
        self._showUndo()
        self._showSize()

    def _observe(self) -> None:
        """Follow what is drawn of the chosen segment."""
        chosen = self._parameters.segmentation, self._parameters.segmentId, self._parameters.dynamic
        if chosen == self._observed:
            return
        self._observation.removeObservers()
        self._observed = chosen
        if chosen[0] is not None:
            event = slicer.vtkSegmentation.SourceRepresentationModified
            self._observation.addObserver(chosen[0].GetSegmentation(), event, self._onDrawn)
        self._showSize()

    def _onDrawn(self, caller=None, event=None) -> None:
        self._settling.start()

    def _showSize(self) -> None:
        """Volume and longest diameters of what is drawn now."""
        parameters = self._parameters
        if parameters is None:
            return
        try:
            said = size_words(parameters.segmentation, parameters.segmentId, parameters.dynamic)
        except InputError as error:
            self.extent = ""
            self.sizeLine.say("error", str(error))
            return
        self.extent = said.partition(",")[0]
        self.sizeLine.say("plain", said)


def _asked(parameters) -> tuple[float, float]:
    """What a suggestion follows besides the click."""
    return parameters.growth, parameters.seedRadiusMm

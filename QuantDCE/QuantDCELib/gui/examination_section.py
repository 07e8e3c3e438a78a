"""The chosen examination: what was understood of it in one line, what is doubtful, and a look through its frames."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import ExaminationBox, FollowedChoice, OpenQuestions, PanelPart, PathRow, StatusLine
from HER2ImmunoCommonLib.scene import Change, with_proposals
from slicer.i18n import tr as _

from ..scene.following import take_series
from ..scene.frames import time_axis_of
from ..scene.offered import offered_examinations
from ..scene.proposing import propose
from ..scene.results import adopt_results
from ..scene.series_nodes import flip_deg_of, tr_s_of, warnings_of
from ..scene.show import show_series
from ..scene.understanding import doubts, reason_of_t1, understood
from .frame_bar import FrameBar
from .rows import fitsNothing


class ExaminationSection(PanelPart, qt.QWidget):
    """Lies above the folds of its step, in which everything can be changed.

    Parameters
    ----------
    parent : QWidget
    ui : the named widgets of the form
    onLoad : callable
        Called with a folder, or the key of loaded images, to read.
    onAnswer : callable
        Called with the key of a question and the answer.
    onSettled : callable
        Called without arguments when a person has chosen an examination and what goes with it has followed, and when
        the last doubt was answered.
    """

    def __init__(
        self,
        parent,
        ui,
        onLoad: Callable[[str], None],
        onAnswer: Callable[[str, str], None],
        onSettled: Callable[[], None],
    ):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._ui, self._onSettled = ui, onSettled
        tip = _("Study or visit by its dynamic series; tumour, flip angles, maps and results follow")
        none = _("No dynamic series in the scene")
        offered = lambda: offered_examinations(slicer.mrmlScene)  # noqa: E731
        self.box = ExaminationBox(self, "dynamic", offered, none, tip, self._openFolder, onLoad)
        self.changes = FollowedChoice(self, "dynamic", _take, self._onTaken)
        self.timeLine, self.timeWarnings = StatusLine(self), StatusLine(self)
        self.questions = OpenQuestions(self, onAnswer, doubts, {"t10_s": _("for example 1.4")}, onSettled)
        self.frames = FrameBar(self)
        self.folderRow = PathRow(ui.inputSection, "dynamicFolder", _("Load"), onLoad)
        self.folderRow.setToolTip(_("Folder with the DICOM files of the dynamic series, in one series or one a phase"))
        ui.inputSection.layout().insertRow(1, _("DICOM folder:"), self.folderRow)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.box, self.timeLine, self.changes, self.timeWarnings, self.questions, self.frames):
            layout.addWidget(widget)
        self.inner += [self.changes, self.box, self.folderRow, self.questions, self.frames]

    def setParameterNode(self, parameters) -> None:
        """Follow the series of `parameters` (None: stop); what goes with it is as it was saved."""
        if parameters is not None and parameters.dynamic is not None:
            adopt_results(parameters.parameterNode, parameters.dynamic)
        PanelPart.setParameterNode(self, parameters)

    def refresh(self) -> None:
        """Look at what the parameter node holds now."""
        if self._parameters is not None:
            self._showUnderstood()
            self._showSequence()

    def _openFolder(self) -> None:
        self._ui.inputSection.collapsed = False
        self.folderRow.edit.setFocus()

    def _onTaken(self, _told) -> None:
        show_series(self._parameters.dynamic, self._parameters.segmentation)
        self._onSettled()

    def _showUnderstood(self) -> None:
        parameters = self._parameters
        self.timeWarnings.say("plain", "")
        if parameters.dynamic is None:
            self.timeLine.say("plain", "")
            return
        try:
            axis = time_axis_of(parameters.dynamic, parameters.timesText, parameters.frameIntervalS)
            self.timeLine.say("plain", understood(parameters, axis))
        except InputError as error:
            asked = bool(getattr(error, "questions", []))
            self.timeLine.say("error", "" if asked else str(error))
            return
        missing = reason_of_t1(parameters)
        told = (*axis.warnings, *warnings_of(parameters.dynamic), *([missing] if missing else []))
        self.timeWarnings.say("warning", "\n⚠ ".join(told))

    def _showSequence(self) -> None:
        """What the images say of TR and flip angle stands in the empty fields."""
        node = self._parameters.dynamic
        tr_s, flip_deg = (None, None) if node is None else (tr_s_of(node), flip_deg_of(node))
        optional = _("not needed; gives IAUGC too")
        missing = _("not in the images: enter it") if node is not None else _("from the images")
        if fitsNothing(self._parameters):
            missing = optional
        self._ui.t1Edit.placeholderText = optional if fitsNothing(self._parameters) else _("for example 1.4")
        self._ui.trEdit.placeholderText = missing if tr_s is None else f"{1000 * tr_s:g} (from the images)"
        self._ui.flipEdit.placeholderText = missing if flip_deg is None else f"{flip_deg:g} (from the images)"


def _take(parameters, earlier: slicer.vtkMRMLNode | None) -> list[Change]:
    """What belongs to the chosen series follows; what is still missing and can only be meant is proposed."""
    return with_proposals(take_series(parameters, earlier), propose(parameters))

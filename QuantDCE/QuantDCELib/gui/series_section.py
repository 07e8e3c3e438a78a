"""The dynamic series: where it comes from, what it is of, and what its images say of times, TR and flip angle."""

from __future__ import annotations

from collections.abc import Callable, Container

import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import PanelPart, PathRow, StatusLine, sayChanges
from HER2ImmunoCommonLib.scene import examination_of
from slicer.i18n import tr as _

from ..scene.following import take_series
from ..scene.frames import describe, time_axis_of
from ..scene.imported import DYNAMIC
from ..scene.publishing import adopt_results
from ..scene.series_nodes import flip_deg_of, tr_s_of, warnings_of
from ..scene.show import show_series
from .frame_bar import FrameBar
from .loaded_images_row import LoadedImagesRow
from .rows import fitsNothing


class SeriesSection(PanelPart):
    """Rows of the form's section of the dynamic series.

    Parameters
    ----------
    section : ctkCollapsibleButton
        With a form layout.
    ui : the named widgets of the form
    onLoad : callable
        Called with a folder, or the key of loaded images, to read.
    asked : callable
        Gives the keys of the questions that stand in the panel, which are not said here too.
    """

    def __init__(self, section, ui, onLoad: Callable[[str], None], asked: Callable[[], Container[str]]):
        PanelPart.__init__(self)
        self._ui, self._series, self._asked = ui, None, asked
        self.folderRow = PathRow(section, "dynamicFolder", _("Load"), onLoad)
        self.folderRow.setToolTip(_("Folder with the DICOM files of the dynamic series, in one series or one a phase"))
        self.loaded = LoadedImagesRow(section, DYNAMIC, onLoad)
        self.changes, self.timeLine, self.timeWarnings = (StatusLine(section) for _line in range(3))
        form = section.layout()
        form.insertRow(1, _("From DICOM module:"), self.loaded)
        form.insertRow(2, _("DICOM folder:"), self.folderRow)
        for row, line in enumerate((self.changes, self.timeLine, self.timeWarnings), start=3):
            form.insertRow(row, line)
        self.frames = FrameBar(section)
        form.insertRow(6, self.frames)
        self.inner += [self.folderRow, self.loaded, self.frames]

    def setParameterNode(self, parameters) -> None:
        """Follow the series of `parameters` (None: stop); what goes with it is as it was saved."""
        self._series = None if parameters is None else parameters.dynamic
        self.changes.say("plain", "")
        if self._series is not None:
            adopt_results(parameters.parameterNode, self._series)
        PanelPart.setParameterNode(self, parameters)

    def refresh(self) -> None:
        """Look at what the parameter node holds now."""
        if self._parameters is None:
            return
        self._followSeries()
        self._showTimes()
        self._showSequence()

    def _followSeries(self) -> None:
        """What belongs to one examination goes with the chosen series."""
        series = self._parameters.dynamic
        if series in (None, self._series) or slicer.mrmlScene.IsImporting():
            return
        earlier, self._series = self._series, series
        told = take_series(self._parameters, earlier)
        show_series(series, self._parameters.segmentation)
        sayChanges(self.changes, told)

    def _showTimes(self) -> None:
        parameters = self._parameters
        self.timeWarnings.say("plain", "")
        if parameters.dynamic is None:
            self.timeLine.say("plain", "")
            return
        try:
            axis = time_axis_of(parameters.dynamic, parameters.timesText, parameters.frameIntervalS)
        except InputError as error:
            questions = getattr(error, "questions", [])
            stands = bool(questions) and all(question.key in self._asked() for question in questions)
            self.timeLine.say("error", "" if stands else str(error))
            return
        date = examination_of(parameters.dynamic).date
        examined = _(" Examined on {date}.").format(date=date) if date else ""
        self.timeLine.say("plain", describe(axis) + examined)
        self.timeWarnings.say("warning", "\n⚠ ".join((*axis.warnings, *warnings_of(parameters.dynamic))))

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

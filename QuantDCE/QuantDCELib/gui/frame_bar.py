"""Looking through the frames of the dynamic series: a slider, the late frame, and late minus before."""

from __future__ import annotations

from collections.abc import Sequence

import qt
import slicer
import vtk
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import PanelPart, StatusLine
from HER2ImmunoCommonLib.scene import all_or_nothing, show_images, slice_views
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from ..scene.frames import time_axis_of
from ..scene.series_nodes import browser_of, shown_volume
from ..scene.time_frames import late_frame, show_frame, shown_frame, subtraction_volume

SECONDS_PER_MINUTE = 60


class FrameBar(PanelPart, qt.QWidget):
    """Shown while a dynamic series that slice views can show is chosen."""

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._observation, self._browser, self._time_s = VTKObservationMixin(), None, None
        self.label = qt.QLabel(self)
        self.slider = qt.QSlider(qt.Qt.Horizontal, self)
        self.slider.setToolTip(_("The frame that the slice views show"))
        self.slider.connect("valueChanged(int)", self._onSlider)
        self.lateButton = qt.QPushButton(_("Late frame"), self)
        self.lateButton.setToolTip(_("Show the frame two minutes after the contrast agent came, to draw a tumour on"))
        self.lateButton.connect("clicked()", self._onLate)
        self.subtractionButton = qt.QPushButton(_("Subtraction"), self)
        self.subtractionButton.setToolTip(_("Show the late frame minus the mean of those before contrast agent"))
        self.subtractionButton.connect("clicked()", self._onSubtraction)
        self.refusal = StatusLine(self)
        self._lay()
        self.setVisible(False)

    def _lay(self) -> None:
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.label)
        self.row = qt.QWidget(self)
        inside = qt.QHBoxLayout(self.row)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.slider, 1)
        inside.addWidget(self.lateButton)
        inside.addWidget(self.subtractionButton)
        layout.addWidget(self.row)
        layout.addWidget(self.refusal)

    def refresh(self) -> None:
        """Follow the chosen series and its browser."""
        series = None if self._parameters is None else self._parameters.dynamic
        browser = None if series is None else browser_of(series)
        if browser is not self._browser:
            self._observation.removeObservers()
            self._browser = browser
            if browser is not None:
                self._observation.addObserver(browser, vtk.vtkCommand.ModifiedEvent, self._onBrowser)
        self.refusal.say("plain", "")
        self.setVisible(browser is not None)
        if browser is not None:
            self._time_s = self._times(series)
            with self.filling():
                self.slider.setRange(0, series.GetNumberOfDataNodes() - 1)
            self._onBrowser()

    def cleanup(self) -> None:
        """Stop watching the browser."""
        self._observation.removeObservers()
        PanelPart.cleanup(self)

    def _times(self, series) -> Sequence[float] | None:
        parameters = self._parameters
        try:
            return time_axis_of(series, parameters.timesText, parameters.frameIntervalS).time_s
        except InputError:
            return None  # told below the series

    def _onBrowser(self, caller=None, event=None) -> None:
        """Say which frame is shown, whoever chose it."""
        if self._parameters is None or self._parameters.dynamic is None:
            return
        frame = shown_frame(self._parameters.dynamic)
        with self.filling():
            self.slider.value = frame
        said = _("Frame {n} of {count}").format(n=frame + 1, count=self.slider.maximum + 1)
        if self._time_s is not None and 0 <= frame < len(self._time_s):
            minutes, seconds = divmod(round(self._time_s[frame]), SECONDS_PER_MINUTE)
            said = _("{said}, {minutes}:{seconds:02d} min").format(said=said, minutes=minutes, seconds=seconds)
        self.label.setText(said)

    def _onSlider(self, frame: int) -> None:
        if self.takesChoices:
            self._showImages(lambda series: show_frame(series, frame))

    def _onLate(self) -> None:
        self._showImages(lambda series: show_frame(series, late_frame(series)))

    def _onSubtraction(self) -> None:
        series = self._parameters.dynamic
        try:
            with all_or_nothing(slicer.mrmlScene) as keep:
                volume = subtraction_volume(slicer.mrmlScene, series, keep)
        except InputError as error:
            self.refusal.say("error", str(error))
            return
        show_images(slicer.mrmlScene, volume, self._parameters.segmentation)

    def _showImages(self, choose) -> None:
        """Choose a frame, and show the series if something else was shown."""
        series = self._parameters.dynamic
        try:
            choose(series)
        except InputError as error:
            self.refusal.say("error", str(error))
            return
        images = shown_volume(series)
        if any(view.GetBackgroundVolumeID() != images.GetID() for view in slice_views(slicer.mrmlScene)):
            show_images(slicer.mrmlScene, images, self._parameters.segmentation)

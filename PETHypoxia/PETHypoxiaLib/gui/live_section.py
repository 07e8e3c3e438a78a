"""What is known of reference and threshold before the measurement: quality, sphere, painted hypoxic voxels."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import PanelPart, StatusLine
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from ..analysis import wording
from ..scene.live import LiveRegions
from ..scene.overlay import hide_preview, show_preview
from ..scene.placing import centre_of, is_placed, is_placing, is_reference, make_sphere, start_placing, stop_placing

SETTLE_MS = 200


class LiveSection(PanelPart):
    """Follows regions, sphere and threshold; its lines are put into the form by the panel.

    Parameters
    ----------
    parent : QWidget
        Of the lines until they are put elsewhere.
    isUniform : callable
        Says whether one factor holds for all slices, without which voxels on screen give no ratio.
    """

    def __init__(self, parent, isUniform: Callable[[], bool]):
        PanelPart.__init__(self)
        self._isUniform = isUniform
        self._regions, self._observation = LiveRegions(), VTKObservationMixin()
        self._observed, self._sphere, self._placing = (), None, False
        self._refusal: InputError | None = None
        self.quality, self.preview = StatusLine(parent), StatusLine(parent)
        self._timer = qt.QTimer(parent)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.connect("timeout()", self.follow)

    def setParameterNode(self, parameters) -> None:
        """Follow the regions of `parameters` (None: stop)."""
        self._timer.stop()
        self._observation.removeObservers()
        self._parameters, self._observed = parameters, ()
        self._sphere, self._refusal = self._wanted(), None
        PanelPart.setParameterNode(self, parameters)

    def exit(self) -> None:
        """Stop waiting for a click."""
        self._stopPlacing()

    def cleanup(self) -> None:
        """Stop observing."""
        self.setParameterNode(None)
        PanelPart.cleanup(self)

    def place(self) -> None:
        """Wait for a click that places the sphere."""
        try:
            start_placing(self._parameters)
        except InputError as error:
            self.quality.say("error", str(error))
            return
        self._placing = True
        self.quality.say("plain", _("Click into the reference tissue in a slice view."))

    def refresh(self) -> None:
        """Look at what the parameter node holds now."""
        if self._parameters is None:
            return
        self._observe()
        try:
            self._makeSphere()
            self._sayQuality()
            self._paint()
        except InputError as error:
            self.quality.say("error", str(error))
            self._stopPainting()

    def _wanted(self) -> tuple | None:
        """What the sphere is made of: its place and radius; None while there is none."""
        if self._parameters is None or not is_placed(self._parameters):
            return None
        return centre_of(self._parameters), self._parameters.sphereRadius

    def _makeSphere(self) -> None:
        """Make the sphere where a point was put or moved, or, while it is the reference, of another radius."""
        wanted, earlier = self._wanted(), self._sphere
        self._sphere = wanted
        if wanted != earlier:
            self._refusal = None
            moved = wanted is not None and (earlier is None or wanted[0] != earlier[0])
            if moved or (wanted is not None and is_reference(self._parameters)):
                self._placing = False
                try:
                    make_sphere(self._parameters)
                except InputError as error:
                    self._refusal = error
        if self._refusal is not None:
            raise self._refusal

    def _sayQuality(self) -> None:
        reference = self._regions.reference(self._parameters)
        self._placing = self._placing and is_placing()
        if self._placing:
            return
        if reference is None:
            self.quality.say("plain", "")
        else:
            self.quality.say("warning" if reference.warnings else "ok", wording.reference_text(reference))

    def _paint(self) -> None:
        parameters = self._parameters
        preview = self._regions.preview(parameters) if parameters.livePreview and self._isUniform() else None
        if preview is None:
            self._stopPainting()
            return
        isMuscle = parameters.ratio.name == "TMR"
        threshold = parameters.tmrThreshold if isMuscle else parameters.tbrThreshold
        self.preview.say("plain", wording.preview_text(show_preview(parameters, preview, threshold)))

    def _stopPainting(self) -> None:
        hide_preview(self._parameters)
        wants = self._parameters.livePreview
        why = _("Choose tumour and reference to see hypoxic voxels.")
        if not self._isUniform():
            why = _("Slices of this PET have SUV factors of their own (or none); measure to see hypoxic voxels.")
        self.preview.say("plain", why if wants else "")

    def _stopPlacing(self) -> None:
        if self._placing:
            self._placing = False
            stop_placing()

    def _observe(self) -> None:
        """Be told when a region is drawn or the point moved."""
        parameters = self._parameters
        nodes = parameters.segmentation, parameters.referenceSegmentation, parameters.spherePoint
        if nodes == self._observed:
            return
        self._observation.removeObservers()
        self._observed = nodes
        for segmentation in {node for node in nodes[:2] if node is not None}:
            event = slicer.vtkSegmentation.SourceRepresentationModified
            self._observation.addObserver(segmentation.GetSegmentation(), event, self._onChanged)
        if nodes[2] is not None:
            for event in (nodes[2].PointPositionDefinedEvent, nodes[2].PointModifiedEvent):
                self._observation.addObserver(nodes[2], event, self._onChanged)

    def _onChanged(self, caller=None, event=None) -> None:
        self._timer.start()

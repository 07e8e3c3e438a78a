"""Tells when a region was drawn, of which the parameter node does not know."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import qt
import slicer
from HER2ImmunoCommonLib.gui import PanelPart
from slicer.util import VTKObservationMixin

SETTLE_MS = 200


class RegionWatch(PanelPart, qt.QObject):
    """Waits until nothing more is drawn for a moment.

    Parameters
    ----------
    parent : QWidget
    fields : sequence of str
        Of the parameter node, for segmentations.
    onDrawn : callable
        Called without arguments.
    """

    def __init__(self, parent, fields: Sequence[str], onDrawn: Callable[[], None]):
        qt.QObject.__init__(self, parent)
        PanelPart.__init__(self)
        self._fields, self._observation, self._observed = fields, VTKObservationMixin(), ()
        self._settling = qt.QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLE_MS)
        self._settling.connect("timeout()", onDrawn)

    def refresh(self) -> None:
        """Watch what is chosen now."""
        nodes = () if self._parameters is None else tuple(getattr(self._parameters, name) for name in self._fields)
        if nodes == self._observed:
            return
        self._settling.stop()
        self._observation.removeObservers()
        self._observed = nodes
        for node in {each for each in nodes if each is not None}:
            event = slicer.vtkSegmentation.SourceRepresentationModified
            self._observation.addObserver(node.GetSegmentation(), event, self.touch)

    def touch(self, caller=None, event=None) -> None:
        """Something was drawn or moved."""
        self._settling.start()

    def cleanup(self) -> None:
        """Stop watching."""
        self.setParameterNode(None)
        PanelPart.cleanup(self)

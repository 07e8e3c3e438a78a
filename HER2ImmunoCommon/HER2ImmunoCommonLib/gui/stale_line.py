"""The line that says of results that their inputs have changed since."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import qt
import slicer
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from .panel_part import PanelPart
from .status_line import StatusLine

SETTLE_MS = 300


class StaleLine(PanelPart, StatusLine):
    """Looks anew after each change of the parameter node, and when one of the regions is drawn.

    Parameters
    ----------
    parent : QWidget
    regions : sequence of str
        Fields of the parameter node that hold segmentations.
    isStale : callable
        Says of the parameter node's wrapper whether what it refers to was made from other inputs.
    """

    def __init__(self, parent, regions: Sequence[str], isStale: Callable[[object], bool]):
        StatusLine.__init__(self, parent)
        PanelPart.__init__(self)
        self._regions, self._isStale = regions, isStale
        self._observation, self._observed = VTKObservationMixin(), ()
        self._settling = qt.QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLE_MS)
        self._settling.connect("timeout()", self.refresh)

    def refresh(self) -> None:
        """Compare the inputs of the results with those chosen now."""
        self._observe()
        isStale = self._parameters is not None and self._isStale(self._parameters)
        changed = _("The inputs have changed since these results were made; compute them again.")
        self.say("warning", changed if isStale else "")

    def cleanup(self) -> None:
        """Stop watching the regions."""
        PanelPart.cleanup(self)
        self._settling.stop()
        self._observation.removeObservers()

    def _observe(self) -> None:
        nodes = [] if self._parameters is None else [getattr(self._parameters, name) for name in self._regions]
        nodes = tuple(dict.fromkeys(node for node in nodes if node is not None))
        if nodes == self._observed:
            return
        self._observation.removeObservers()
        self._observed = nodes
        for node in nodes:
            event = slicer.vtkSegmentation.SourceRepresentationModified
            self._observation.addObserver(node.GetSegmentation(), event, self._onDrawn)

    def _onDrawn(self, caller=None, event=None) -> None:
        self._settling.start()

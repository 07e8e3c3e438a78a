"""Node selectors that list only what fits."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from slicer.util import VTKObservationMixin


class Offering(VTKObservationMixin):
    """Hides the nodes of the scene that a selector must not offer; the chosen node is never hidden.

    Parameters
    ----------
    parent : QWidget
        Owns the timer.
    """

    def __init__(self, parent):
        VTKObservationMixin.__init__(self)
        self._selectors: list[tuple[object, Callable]] = []
        self._others: list[Callable[[], None]] = []
        # Nodes are told of when they are added, and get what they are known by after that.
        self._timer = qt.QTimer(parent)
        self._timer.setSingleShot(True)
        self._timer.connect("timeout()", self.refresh)
        for event in (slicer.vtkMRMLScene.NodeAddedEvent, slicer.vtkMRMLScene.EndImportEvent):
            self.addObserver(slicer.mrmlScene, event, self._onScene)

    def only(self, selector, fits: Callable[[slicer.vtkMRMLNode], bool]) -> None:
        """Let this selector list the nodes that fit."""
        self._selectors.append((selector, fits))

    def also(self, refresh: Callable[[], None]) -> None:
        """Call this, too, when nodes have come."""
        self._others.append(refresh)

    def refresh(self) -> None:
        """Look at the scene anew."""
        for selector, fits in self._selectors:
            nodes = [node for kind in selector.nodeTypes for node in slicer.util.getNodesByClass(kind)]
            chosen = selector.currentNode()
            hidden = [node.GetID() for node in nodes if node is not chosen and not fits(node)]
            selector.sortFilterProxyModel().hiddenNodeIDs = hidden
        for refresh in self._others:
            refresh()

    def cleanup(self) -> None:
        """Stop watching."""
        self._timer.stop()
        self.removeObservers()

    def _onScene(self, caller=None, event=None) -> None:
        if not slicer.mrmlScene.IsBatchProcessing():
            self._timer.start(0)

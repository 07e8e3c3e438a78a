"""What a panel learns from the mouse in the views: where it is, and the point it places."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from slicer.util import VTKObservationMixin

from ..scene import (
    Ras,
    crosshair_of,
    cursor_place,
    keep_last,
    new_point,
    place_of,
    stop_waiting,
    wait_for_click,
    waits_for_click,
)
from .panel_part import PanelPart


class CursorWatch(PanelPart, qt.QObject):
    """Tells where the mouse is in the views, at most once in a turn of the event loop, however fast it moves.

    Nothing is observed while there is no parameter node (the panel is left, the scene closes) or the watch is off.

    Parameters
    ----------
    parent : QWidget
    onMoved : callable
        Called with the position (RAS, mm), or with None when the mouse has left the views.
    field : str, optional
        Field of the parameter node that says whether to watch; without it the watch is always on.
    """

    def __init__(self, parent, onMoved: Callable[[Ras | None], None], field: str = ""):
        qt.QObject.__init__(self, parent)
        PanelPart.__init__(self)
        self._onMoved, self._field = onMoved, field
        self._observation, self._crosshair, self._told = VTKObservationMixin(), None, None
        self._later = qt.QTimer(self)
        self._later.setSingleShot(True)
        self._later.connect("timeout()", self._tell)

    @property
    def isOn(self) -> bool:
        """Whether the mouse is followed now."""
        return self._crosshair is not None

    def refresh(self) -> None:
        """Begin or stop to follow the mouse, as the parameter node says."""
        wanted = self._parameters is not None and (not self._field or getattr(self._parameters, self._field))
        crosshair = crosshair_of(slicer.mrmlScene) if wanted else None
        if crosshair is self._crosshair:
            return
        self._later.stop()
        self._observation.removeObservers()
        self._crosshair, self._told = crosshair, None
        if crosshair is not None:
            self._observation.addObserver(crosshair, crosshair.CursorPositionModifiedEvent, self._onCursor)

    def exit(self) -> None:
        """Stop: another module is opened."""
        self.setParameterNode(None)

    def cleanup(self) -> None:
        """Stop for good."""
        self.setParameterNode(None)
        PanelPart.cleanup(self)

    def _onCursor(self, caller=None, event=None) -> None:
        if not self._later.active:
            self._later.start(0)

    def _tell(self) -> None:
        place = None if self._crosshair is None else cursor_place(self._crosshair)
        if place != self._told:
            self._told = place
            self._onMoved(place)


class PointPlacing(PanelPart, qt.QObject):
    """The work of a button that lets one point be placed by a click in a view.

    The button is down while the click is waited for; pressed again, by Escape, or when the panel is left, the waiting
    ends and an earlier point stays. A new point takes the place of the earlier one, and can be dragged.

    Parameters
    ----------
    button : QPushButton
        Made checkable.
    field : str
        Field of the parameter node for the vtkMRMLMarkupsFiducialNode, which is made when it is first needed.
    name : str
        Of that node.
    onPlaced : callable
        Called with the position (RAS, mm) when a point was placed or dragged.
    onWaiting : callable, optional
        Called with True when the waiting begins and with False when it ends, to say what is to be clicked.
    whileDragged : bool
        Whether `onPlaced` is called while the point is dragged, too, at most once in a turn of the event loop.
    """

    def __init__(
        self,
        button,
        field: str,
        name: str,
        onPlaced: Callable[[Ras], None],
        onWaiting: Callable[[bool], None] | None = None,
        whileDragged: bool = False,
    ):
        qt.QObject.__init__(self, button)
        PanelPart.__init__(self)
        self.button, self.nodeFields = button, (field,)
        self._field, self._name, self._onPlaced, self._onWaiting = field, name, onPlaced, onWaiting
        self._whileDragged, self._waiting, self._told = whileDragged, False, None
        self._point, self._pointEvents, self._modeEvents = None, VTKObservationMixin(), VTKObservationMixin()
        self._later = qt.QTimer(self)
        self._later.setSingleShot(True)
        self._later.connect("timeout()", self._tell)
        self._escape = qt.QShortcut(self.button)
        self._escape.setKey(qt.QKeySequence("Esc"))
        self._escape.setContext(qt.Qt.ApplicationShortcut)
        self._escape.setEnabled(False)
        for signal in ("activated()", "activatedAmbiguously()"):
            self._escape.connect(signal, self.stop)
        button.setCheckable(True)
        button.connect("clicked()", self._onClicked)

    @property
    def place(self) -> Ras | None:
        """Where the point is (RAS, mm); None while there is none."""
        return place_of(self._point)

    @property
    def waiting(self) -> bool:
        """Whether the next click in a view places the point."""
        return self._waiting

    def start(self) -> None:
        """Wait for a click."""
        if self._parameters is None:
            self._showWaiting()
            return
        if getattr(self._parameters, self._field) is None:
            setattr(self._parameters, self._field, new_point(slicer.mrmlScene, self._name))
        self._observe()
        interaction = slicer.app.applicationLogic().GetInteractionNode()
        wait_for_click(self._point)
        self._setWaiting(True)
        self._modeEvents.removeObservers()
        self._modeEvents.addObserver(interaction, interaction.InteractionModeChangedEvent, self._onModeChanged)

    def stop(self) -> None:
        """Do not wait any longer."""
        self._modeEvents.removeObservers()
        if self._waiting:
            stop_waiting(self._point)
        self._setWaiting(False)

    def refresh(self) -> None:
        """Follow the point that the parameter node has; stop waiting where there is none."""
        self._observe()
        if self._point is None:
            self.stop()
        self._showWaiting()

    def exit(self) -> None:
        """Stop: another module is opened."""
        self.setParameterNode(None)

    def cleanup(self) -> None:
        """Stop for good."""
        self.setParameterNode(None)
        PanelPart.cleanup(self)

    def _observe(self) -> None:
        point = None if self._parameters is None else getattr(self._parameters, self._field)
        if point is self._point:
            return
        self.stop()
        self._later.stop()
        self._pointEvents.removeObservers()
        self._point = point
        if point is None:
            return
        self._told = self.place
        for event in (point.PointPositionDefinedEvent, point.PointEndInteractionEvent):
            self._pointEvents.addObserver(point, event, self._onPoint)
        if self._whileDragged:
            self._pointEvents.addObserver(point, point.PointModifiedEvent, self._onDragged)

    def _onClicked(self) -> None:
        if self._waiting:
            self.stop()
        else:
            self.start()

    def _onPoint(self, caller=None, event=None) -> None:
        # The views are still at work on the point.
        if not self._later.active:
            self._later.start(0)

    def _onDragged(self, caller=None, event=None) -> None:
        if self.place != self._told:  # else it is the point that follows the mouse before the click
            self._onPoint()

    def _tell(self) -> None:
        if self._parameters is None or self.place is None:
            return
        keep_last(self._point)
        self._later.stop()
        self._told = self.place
        self._onPlaced(self._told)

    def _onModeChanged(self, caller=None, event=None) -> None:
        if not waits_for_click(self._point):
            self.stop()

    def _setWaiting(self, waiting: bool) -> None:
        changed, self._waiting = waiting != self._waiting, waiting
        self._escape.setEnabled(waiting)
        self._showWaiting()
        if changed and self._onWaiting is not None:
            self._onWaiting(waiting)

    def _showWaiting(self) -> None:
        self.button.setChecked(self._waiting)

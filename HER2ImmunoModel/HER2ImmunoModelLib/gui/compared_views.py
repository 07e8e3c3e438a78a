"""What is shown of the visits in one space, and the way back: columns, two in turn, a board of both, the Jacobian."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
import vtk
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import PanelPart
from HER2ImmunoCommonLib.scene import (
    VISITS,
    Look,
    SameWindow,
    SceneVisit,
    compare_visits,
    end_comparison,
    flicker,
    layout_node,
    overlays_of,
    placing_of,
    show_board,
    show_jacobian,
    show_pair,
    transform_to,
    tumour_of,
)
from slicer.util import VTKObservationMixin

from ..scene.visits_shown import overlay_chosen
from .scene_visits import SceneVisits

COLUMNS, FLICKER, BOARD, JACOBIAN = "columns", "flicker", "board", "jacobian"
FLICKER_MS = 600


class ComparedViews(PanelPart, qt.QObject):
    """The views that visits are compared in; of four ways one at a time, or none.

    Parameters
    ----------
    parent : QWidget
    visits : SceneVisits
    onChanged : callable
        Called without arguments when another way is shown, or none.

    Attributes
    ----------
    way : str
        What is shown; empty for none.
    notes : tuple of str
        What a person must know of it.
    """

    def __init__(self, parent, visits: SceneVisits, onChanged: Callable[[], None]):
        qt.QObject.__init__(self, parent)
        PanelPart.__init__(self)
        self._visits, self._onChanged = visits, onChanged
        self.way, self.notes, self._shown, self._isOpening = "", (), None, False
        self._window, self._observation = SameWindow(), VTKObservationMixin()
        self._timer = qt.QTimer(self)
        self._timer.setInterval(FLICKER_MS)
        self._timer.connect("timeout()", self._onTick)
        for event, slot in (("StartCloseEvent", self._onSceneCloses), ("EndImportEvent", self._onImported)):
            self._observation.addObserver(slicer.mrmlScene, getattr(slicer.vtkMRMLScene, event), slot)
        VISITS.register(slicer.mrmlScene)

    @property
    def canShow(self) -> bool:
        """Whether there are views."""
        return layout_node(slicer.mrmlScene) is not None

    def showColumns(self) -> None:
        """A view a visit; raises `InputError`."""
        visits = self._visits
        self._open(COLUMNS, lambda: compare_visits(slicer.mrmlScene, visits.reference, visits.ofPatient, self._look()))

    def showPair(self, visit: SceneVisit) -> None:
        """The reference and a visit in turn; raises `InputError`."""
        self._open(FLICKER, lambda: show_pair(slicer.mrmlScene, self._visits.reference, visit, self._look()))
        self._timer.start()

    def tryShow(self, show: Callable[[], None]) -> None:
        """Show one of these; where that cannot be, the layout of before comes back, and why is kept as a note."""
        try:
            show()
        except InputError as error:
            self.end()
            self.notes = (str(error),)
            self._onChanged()

    def showBoard(self, visit: SceneVisit, board) -> None:
        """Squares of the reference and of a visit."""
        self._open(BOARD, lambda: show_board(slicer.mrmlScene, self._visits.reference, visit, board, self._look()))

    def showJacobian(self, visit: SceneVisit, values) -> None:
        """How the transform of a visit changes volumes."""
        reference = self._visits.reference
        self._open(JACOBIAN, lambda: show_jacobian(slicer.mrmlScene, reference, visit, values, self._look()))

    def end(self) -> None:
        """Back to the layout of before."""
        end_comparison(slicer.mrmlScene)
        self._left()

    def refresh(self) -> None:
        """Show what was chosen, or is there, otherwise since; a picture that was worked out before goes."""
        if self._parameters is None or not self.way or self._isOpening or self._state() == self._shown:
            return
        current = self._visits.current
        if self.way == COLUMNS:
            self.tryShow(self.showColumns)
        elif self.way == FLICKER and current is not None and not self._visits.isReference(current):
            self.tryShow(lambda: self.showPair(current))
        else:
            self.end()

    def exit(self) -> None:
        """Nothing blinks while another module is open."""
        if self.way == FLICKER:
            self.end()

    def cleanup(self) -> None:
        """Leave the views alone."""
        self._timer.stop()
        self._window.leave()
        self._observation.removeObservers()
        PanelPart.cleanup(self)

    def _look(self) -> Look:
        parameters = self._parameters
        overlay = overlay_chosen(overlays_of(self._visits.ofPatient), parameters.compareMap)
        return Look(overlay, parameters.compareFrame, parameters.comparePlane, parameters.compareOpacity)

    def _state(self) -> object:
        """Equal while the same is to be shown."""
        reference, look = self._visits.reference, self._look()
        if reference is None:
            return None
        if self.way == COLUMNS:
            visits = [(visit.name, visit.day, visit.images, visit.maps) for visit in self._visits.ofPatient]
            places = [transform_to(visit, reference) for visit in self._visits.ofPatient]
            tumours = [_tumour(visit, reference) for visit in self._visits.ofPatient]
            return visits, places, tumours, reference.anchor, (look.overlay, look.frame, look.orientation)
        current = self._visits.current
        placing = placing_of(current)
        motion = None if placing is None or self.way == FLICKER else placing.motion
        return current.anchor, reference.anchor, transform_to(current, reference), motion, look.orientation, look.frame

    def _open(self, way: str, show: Callable[[], tuple[str, ...] | None]) -> None:
        self._timer.stop()
        self._isOpening = True
        try:
            self.notes = show() or ()
        finally:
            self._isOpening = False
        self.way, self._shown = way, self._state()
        self._window.follow(slicer.mrmlScene)
        self._followLayout()
        self._onChanged()

    def _left(self) -> None:
        self._timer.stop()
        self._window.leave()
        self.way, self.notes, self._shown = "", (), None
        self._onChanged()

    def _followLayout(self) -> None:
        """A person may choose another layout by other means."""
        layout, event = layout_node(slicer.mrmlScene), vtk.vtkCommand.ModifiedEvent
        if layout is not None and not self._observation.hasObserver(layout, event, self._onLayout):
            self._observation.addObserver(layout, event, self._onLayout)

    def _onLayout(self, caller=None, event=None) -> None:
        if self.way and not self._isOpening and not VISITS.count(slicer.mrmlScene):
            self.end()

    def _onTick(self) -> None:
        flicker(slicer.mrmlScene)

    def _onSceneCloses(self, caller=None, event=None) -> None:
        self.end()

    def _onImported(self, caller=None, event=None) -> None:
        """A scene that was saved while visits were compared opens in the layout of before."""
        VISITS.register(slicer.mrmlScene)
        if not self.way:
            end_comparison(slicer.mrmlScene)


def _tumour(visit: SceneVisit, reference: SceneVisit) -> str:
    tumour = tumour_of(visit, tumour_of(reference))
    return "" if tumour is None else tumour.key

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
    show_board,
    show_jacobian,
    show_pair,
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

    def tryPair(self, visit: SceneVisit) -> None:
        """The same; what stands in the way is kept as a note."""
        try:
            self.showPair(visit)
        except InputError as error:
            self.end()
            self.notes = (str(error),)

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
        """Show what was chosen otherwise since, if columns are shown."""
        if self._parameters is not None and self.way == COLUMNS and self._state() != self._shown:
            self._showAgain()

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
        visits = [(visit.name, visit.day, visit.images, visit.maps) for visit in self._visits.ofPatient]
        reference = self._visits.reference
        look = self._look()
        return visits, None if reference is None else reference.anchor, (look.overlay, look.frame, look.orientation)

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

    def _showAgain(self) -> None:
        """With what is there now; where nothing can be shown any more, the layout of before comes back."""
        try:
            self.showColumns()
        except InputError as error:
            self.end()
            self.notes = (str(error),)

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

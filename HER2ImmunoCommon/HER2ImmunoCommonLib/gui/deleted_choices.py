"""A chosen node that is deleted becomes no choice, although the application's selectors then take another node."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import qt
import slicer
import vtk
from slicer.util import VTKObservationMixin

FIRST = 1.0
"""Priority of an observer that is called before the selectors."""


class DeletedChoices(VTKObservationMixin):
    """Watches the scene for nodes that a parameter node refers to.

    A choice is taken out only when the node is gone: the application is not to be led elsewhere while it deletes.

    Parameters
    ----------
    parent : QWidget
        Owns the timer.
    fields : iterable of str
        Fields of the parameter node that a selector shows.
    parametersNow : callable
        Gives the parameter node's wrapper, or None.
    onDeleted : callable
        Called without arguments when a deleted choice has been taken out.
    """

    def __init__(
        self,
        parent,
        fields: Iterable[str],
        parametersNow: Callable[[], object],
        onDeleted: Callable[[], None],
    ):
        VTKObservationMixin.__init__(self)
        self._selected, self._parametersNow, self._onDeleted = frozenset(fields), parametersNow, onDeleted
        self._fields: list[str] = []
        self._timer = qt.QTimer(parent)
        self._timer.setSingleShot(True)
        self._timer.connect("timeout()", self._takeOut)
        going = slicer.vtkMRMLScene.NodeAboutToBeRemovedEvent
        self.addObserver(slicer.mrmlScene, going, self._onGoing, priority=FIRST)

    @property
    def going(self) -> bool:
        """Whether a choice is being deleted: what a selector says meanwhile is nobody's choice."""
        return bool(self._fields)

    def cleanup(self) -> None:
        """Stop watching."""
        self._timer.stop()
        self.removeObservers()

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _onGoing(self, caller, event, node) -> None:
        parameters = self._parametersNow()
        if parameters is None or node is None:
            return
        self._fields += [field for field in self._selected if getattr(parameters, field) is node]
        if self._fields:
            self._timer.start(0)

    def takeOut(self) -> None:
        """Take out what was deleted before now, so that what is chosen next is not taken out in its place."""
        if self._fields:
            self._timer.stop()
            self._takeOut()

    def _takeOut(self) -> None:
        fields, parameters = self._fields, self._parametersNow()
        if parameters is not None:
            with slicer.util.NodeModify(parameters):
                for field in fields:
                    setattr(parameters, field, None)
        self._fields = []
        self._onDeleted()

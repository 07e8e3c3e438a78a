"""A chosen node that is deleted becomes no choice, although the application's selectors then take another node."""

from __future__ import annotations

from collections.abc import Callable

import slicer
import vtk
from slicer.util import VTKObservationMixin

FIRST = 1.0
"""Priority of an observer that is called before the selectors."""


class DeletedChoices(VTKObservationMixin):
    """Watches the scene for nodes that a parameter node refers to.

    Parameters
    ----------
    parametersNow : callable
        Gives the parameter node's wrapper, or None.
    onDeleted : callable
        Called without arguments when a deleted choice has been taken out.
    """

    def __init__(self, parametersNow: Callable[[], object], onDeleted: Callable[[], None]):
        VTKObservationMixin.__init__(self)
        self._parametersNow, self._onDeleted = parametersNow, onDeleted
        self._fields: list[str] = []
        scene, kinds = slicer.mrmlScene, slicer.vtkMRMLScene
        self.addObserver(scene, kinds.NodeAboutToBeRemovedEvent, self._onGoing, priority=FIRST)
        self.addObserver(scene, kinds.NodeRemovedEvent, self._onGone)

    @property
    def going(self) -> bool:
        """Whether a choice is being deleted: what a selector says meanwhile is nobody's choice."""
        return bool(self._fields)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _onGoing(self, caller, event, node) -> None:
        parameters = self._parametersNow()
        if parameters is None or node is None:
            return
        owner = parameters.parameterNode
        roles = [owner.GetNthNodeReferenceRole(n) for n in range(owner.GetNumberOfNodeReferenceRoles())]
        fields = [role for role in roles if owner.GetNodeReference(role) is node and hasattr(parameters, role)]
        self._fields += fields

    def _onGone(self, caller, event) -> None:
        fields, parameters = self._fields, self._parametersNow()
        if not fields:
            return
        if parameters is not None:
            with slicer.util.NodeModify(parameters):
                for field in fields:
                    setattr(parameters, field, None)
        self._fields = []
        self._onDeleted()

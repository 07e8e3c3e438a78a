"""VTK observers that live no longer than a widget."""

from __future__ import annotations

import shiboken6
import vtk


class Observed:
    """Observes one VTK object for as long as the Qt object `owner` lives; `with_node` hands the event's node on."""

    def __init__(self, owner, events, callback, with_node: bool = False):
        self.owner, self.events, self.callback, self.with_node = owner, events, callback, with_node
        self.target, self.tags = None, []

    def __call__(self, target) -> None:
        """Observe `target` instead of what was observed; None: nothing."""
        for tag in self.tags:
            self.target.RemoveObserver(tag)
        self.target = target
        called = self._called_with_node if self.with_node else self._called
        self.tags = [] if target is None else [target.AddObserver(event, called) for event in self.events]

    def _called(self, caller, event) -> None:
        if self._lives():
            self.callback()

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _called_with_node(self, caller, event, node) -> None:
        if self._lives():
            self.callback(node)

    def _lives(self) -> bool:
        """Whether the owner lives; if not, observe nothing any more."""
        if not vars(self):
            return False  # the garbage collector takes it apart, and what it observes tells of its own end
        if shiboken6.isValid(self.owner):
            return True
        self(None)
        return False

"""The line that says what was changed with a chosen image, and the choice that it follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import slicer

from ..scene import Change
from .panel_part import PanelPart
from .status_line import StatusLine, sayChanges


class FollowedChoice(PanelPart, StatusLine):
    """Lets what belongs to one examination go with the image that a person chooses; a saved choice stays as it is.

    Parameters
    ----------
    parent : QWidget
    field : str
        Of the parameter node, for the image.
    take : callable
        Called with the parameter node's wrapper and the image chosen before (None: none) when a person has chosen
        another; gives what was changed.
    onTaken : callable, optional
        Called with these changes after they are told.
    """

    def __init__(
        self,
        parent,
        field: str,
        take: Callable[[object, slicer.vtkMRMLNode | None], Sequence[Change]],
        onTaken: Callable[[Sequence[Change]], None] = lambda told: None,
    ):
        StatusLine.__init__(self, parent)
        PanelPart.__init__(self)
        self._field, self._take, self._onTaken, self._chosen = field, take, onTaken, None

    def setParameterNode(self, parameters) -> None:
        """Take the choice of `parameters` as it is."""
        self._chosen = None if parameters is None else getattr(parameters, self._field)
        self.say("plain", "")
        PanelPart.setParameterNode(self, parameters)

    def refresh(self) -> None:
        """Follow, if another image was chosen."""
        chosen = None if self._parameters is None else getattr(self._parameters, self._field)
        if chosen in (None, self._chosen) or slicer.mrmlScene.IsImporting():
            return
        earlier, self._chosen = self._chosen, chosen
        told = self._take(self._parameters, earlier)
        sayChanges(self, told)
        self._onTaken(told)

"""What the parts of a panel share: they show what the parameter node holds, and keep in it what a person chooses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class PanelPart:
    """Base of a part of a `ModulePanel`, named before the part's Qt class: `class TickRow(PanelPart, qt.QWidget)`.

    The panel gives a part the scene and the parameter node, and tells it to `follow` after each change of that node.
    A part overrides `refresh`, fills its widgets within `self.filling()`, and keeps what they signal only while
    `self.takesChoices`. Both `__init__` are called, that of the Qt class first.

    Attributes
    ----------
    inner : list of PanelPart
        Parts inside this one, which are given and told the same, before it.
    nodeFields : tuple of str
        Fields of the parameter node whose node a person chooses in this part.
    """

    nodeFields: tuple[str, ...] = ()

    def __init__(self):
        self.inner, self._parameters, self._isFilling = [], None, False

    def refresh(self) -> None:
        """Show what `self._parameters` holds now; nothing where that is None."""

    def setMRMLScene(self, scene) -> None:
        """Give the widgets their scene."""
        for part in self.inner:
            part.setMRMLScene(scene)

    def setParameterNode(self, parameters) -> None:
        """Show and keep the choices of `parameters` (None: of none)."""
        self._parameters = parameters
        for part in self.inner:
            part.setParameterNode(parameters)
        self.refresh()

    def follow(self) -> None:
        """The parameter node has changed."""
        for part in self.inner:
            part.follow()
        self.refresh()

    def exit(self) -> None:
        """Let go of the views: another module is opened."""
        for part in self.inner:
            part.exit()

    def cleanup(self) -> None:
        """Let go of everything: the panel is going away."""
        self._parameters = None
        for part in self.inner:
            part.cleanup()

    @property
    def takesChoices(self) -> bool:
        """Whether what a widget signals now is a person's choice, and can be kept."""
        return self._parameters is not None and not self._isFilling

    @contextmanager
    def filling(self) -> Iterator[None]:
        """While widgets are filled, what they signal is nobody's choice."""
        earlier, self._isFilling = self._isFilling, True
        try:
            yield
        finally:
            self._isFilling = earlier


def nodeFieldsOf(parts: Iterable[PanelPart]) -> list[str]:
    """Fields of the parameter node whose node is chosen in these parts, or in parts inside them."""
    return [name for part in parts for name in (*part.nodeFields, *nodeFieldsOf(part.inner))]

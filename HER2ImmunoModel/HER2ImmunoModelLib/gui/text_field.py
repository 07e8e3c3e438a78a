"""A line of text that is kept in the parameter node when it is written, with what is taken where it is empty."""

from __future__ import annotations

from collections.abc import Callable

import qt
from HER2ImmunoCommonLib.gui import PanelPart


class TextField(PanelPart, qt.QLineEdit):
    """A field of the parameter node, of type str.

    Parameters
    ----------
    parent : QWidget
    name : str
        Field of the parameter node.
    tip : str
    onEdited : callable, optional
        Called without arguments after a person has changed the text.
    """

    def __init__(self, parent, name: str, tip: str, onEdited: Callable[[], None] | None = None):
        qt.QLineEdit.__init__(self, parent)
        PanelPart.__init__(self)
        self._name, self._onEditedToo, self._kept = name, onEdited, ""
        self.setToolTip(tip)
        self.connect("editingFinished()", self._onEdited)

    def refresh(self) -> None:
        """Show the text kept in the parameter node; what is being written stays until it is kept."""
        kept = getattr(self._parameters, self._name) if self._parameters is not None else ""
        if kept != self._kept:
            self._kept = kept
            self.setText(kept)

    def write(self, text: str) -> None:
        """Write as a person does."""
        self.setText(text)
        self._onEdited()

    def _onEdited(self) -> None:
        text = self.text.strip()
        if self.takesChoices and text != self._kept:
            self._kept = text
            setattr(self._parameters, self._name, text)
            if self._onEditedToo is not None:
                self._onEditedToo()

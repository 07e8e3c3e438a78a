"""A line for a folder or file, kept in the parameter node, with the button that reads it."""

from __future__ import annotations

from collections.abc import Callable

import ctk
import qt
from slicer.i18n import tr as _

from .panel_part import PanelPart


class PathRow(PanelPart, qt.QWidget):
    """A path and, if `text` is given, a button beside it.

    Parameters
    ----------
    parent : QWidget
    name : str
        Field of the parameter node, of type str.
    text : str, optional
        On the button.
    onClicked : callable, optional
        Called with the path when the button is clicked.
    files : sequence of str, optional
        Name filters; without them folders are chosen.
    saves : bool
        The path is of a file to write.
    """

    def __init__(
        self,
        parent,
        name: str,
        text: str = "",
        onClicked: Callable[[str], None] | None = None,
        files: tuple[str, ...] = (),
        saves: bool = False,
    ):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._name, self._onClicked, self._saves, self._reason = name, onClicked, saves, ""
        self.edit = ctk.ctkPathLineEdit(self)
        self.edit.filters = ctk.ctkPathLineEdit.Files if files else ctk.ctkPathLineEdit.Dirs
        if saves:
            self.edit.filters = ctk.ctkPathLineEdit.Files | ctk.ctkPathLineEdit.Writable
        if files:
            self.edit.nameFilters = list(files)
        self.edit.connect("currentPathChanged(QString)", self._onPath)
        layout = qt.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.edit, 1)
        self.button = qt.QPushButton(text, self)
        self.button.setVisible(bool(text))
        self.button.connect("clicked()", self._onButton)
        layout.addWidget(self.button)
        self._showReady()

    @property
    def path(self) -> str:
        """The path in the line."""
        return self.edit.currentPath

    def refresh(self) -> None:
        """Show the path kept in the parameter node."""
        if self._parameters is not None and getattr(self._parameters, self._name) != self.path:
            with self.filling():
                self.edit.currentPath = getattr(self._parameters, self._name)

    def _onPath(self, path: str) -> None:
        if self.takesChoices:
            setattr(self._parameters, self._name, path)
        self._showReady()

    def _onButton(self) -> None:
        if self._onClicked is not None:
            self._onClicked(self.path)

    def setReason(self, reason: str) -> None:
        """Say why the button cannot be used now, whatever the path; nothing if it can."""
        self._reason = reason
        self._showReady()

    def _showReady(self) -> None:
        reason = self._reason or ("" if self.path or not self._saves else _("Name the file first."))
        self.button.setEnabled(bool(self.path) and not reason)
        if self._saves:
            self.button.setToolTip(reason or self.button.text)

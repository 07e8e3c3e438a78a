"""A labelled frame where Slicer has a widget with drawing of its own."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from .mrml_widgets import qMRMLWidget


def inside(parent, child) -> None:
    layout = QVBoxLayout(parent)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(child)


class Placeholder(qMRMLWidget):
    """A frame that says which part of Slicer stands here."""

    def __init__(self, text, height, parent=None):
        super().__init__(parent)
        self._label = QLabel(text, self)
        self._label.setAlignment(Qt.AlignCenter)
        self._label.setWordWrap(True)
        self._label.setFrameStyle(QFrame.Shape.StyledPanel | QFrame.Shadow.Sunken)
        self._label.setMinimumHeight(height)
        inside(self, self._label)

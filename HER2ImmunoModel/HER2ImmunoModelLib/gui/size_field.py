"""A field over the time line, in which the size of a dose is written."""

from __future__ import annotations

from collections.abc import Callable

import qt

WIDTH = 72


class SizeField(qt.QLineEdit):
    """Opens over a dose; Enter or leaving it keeps what was written, Escape does not.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent):
        qt.QLineEdit.__init__(self, parent)
        self._view, self._onWritten, self._before, self._isOpen = parent, None, "", False
        self._escape = qt.QShortcut(self)
        self._escape.setKey(qt.QKeySequence("Esc"))
        self._escape.setContext(qt.Qt.WidgetShortcut)
        self._escape.connect("activated()", self.dismiss)
        self.connect("editingFinished()", self._onFinished)
        self.setVisible(False)

    def open(self, size: float, tip: str, place: tuple[float, float, float], onWritten: Callable[[str], None]) -> None:
        """Show the field over a dose (x, y, height); `onWritten` is called with a text that was changed."""
        self._before, self._onWritten, self._isOpen = f"{size:.6g}", onWritten, True
        self.setText(self._before)
        self.setToolTip(tip)
        height = self.property("sizeHint").height()
        x, y, high = place
        x = min(max(0.0, x - WIDTH / 2), self._view.width - WIDTH)
        self.setGeometry(round(x), max(0, round(y + (high - height) / 2)), WIDTH, height)
        self.setVisible(True)
        self.selectAll()
        self.setFocus()

    def write(self, text: str) -> None:
        """Write as a person does, with Enter."""
        self.setText(text)
        self._onFinished()

    def dismiss(self) -> None:
        """Close it and keep nothing."""
        self._isOpen, hadKeys = False, self.hasFocus()
        self.setVisible(False)
        if hadKeys:
            self._view.setFocus()

    def _onFinished(self) -> None:
        if not self._isOpen:  # hiding it takes the keys from it, which finishes once more
            return
        text = self.text.strip()
        self.dismiss()
        if text != self._before:
            self._onWritten(text)

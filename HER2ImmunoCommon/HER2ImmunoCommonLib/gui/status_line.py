"""One line that says how things stand: a mark, a sentence and a colour that reads on light and dark themes."""

from __future__ import annotations

from collections.abc import Sequence

import qt

from ..scene import Change
from .fitting import breakable, wrapLabel

MARKS = {"plain": "", "ok": "✓ ", "warning": "⚠ ", "error": "✗ "}
ON_LIGHT = {"ok": "#17652b", "warning": "#7a4f00", "error": "#a8201a"}
ON_DARK = {"ok": "#8fe0a1", "warning": "#f2c766", "error": "#ffa69e"}
HALF_LIGHT = 128


class StatusLine(qt.QLabel):
    """A wrapping label with the looks plain, ok, warning and error."""

    def __init__(self, parent):
        qt.QLabel.__init__(self, parent)
        wrapLabel(self)
        self.look, self._colourShown = "plain", None
        self.setForegroundRole(qt.QPalette.WindowText)  # inside a section it would be that of buttons
        self.setVisible(False)
        self.installEventFilter(self)

    def say(self, look: str, sentence: str) -> None:
        """Show `sentence`; nothing is shown for an empty one."""
        self.look = look
        self._colour()
        self.setText(MARKS[look] + breakable(sentence) if sentence else "")
        self.setVisible(bool(sentence))

    def eventFilter(self, watched, event) -> bool:
        """Follow the theme: what was said before it was changed is to be read, too."""
        if event.type() == qt.QEvent.PaletteChange:
            self._colour()
        return False

    def _colour(self) -> None:
        dark = self.palette.color(qt.QPalette.Window).lightness() < HALF_LIGHT
        colour = (ON_DARK if dark else ON_LIGHT).get(self.look)
        if colour == self._colourShown:
            return
        self._colourShown = colour
        # No style sheet: with one, a label is not told that the theme has changed.
        palette = qt.QPalette()
        if colour is not None:
            palette.setColor(qt.QPalette.WindowText, qt.QColor(colour))
        self.setPalette(palette)


def sayChanges(line: StatusLine, changes: Sequence[Change]) -> None:
    """Tell what was changed with a chosen series, first what asks for another choice."""
    asked = [change.text for change in changes if change.asks]
    others = [change.text for change in changes if not change.asks]
    line.say("warning" if asked else "plain", "\n".join([*asked, *others]))

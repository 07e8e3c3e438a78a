"""A choice among what the scene offers now, each by a key that tells it from the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ctk
from HER2ImmunoCommonLib.gui import narrowChoice, tellWholeText


class ListedChoice(ctk.ctkComboBox):
    """A box that is filled anew; only what a person chooses is told.

    Parameters
    ----------
    parent : QWidget
    tip : str
    onChosen : callable
        Called with the key of the line that a person chose.
    """

    def __init__(self, parent, tip: str, onChosen: Callable[[str], None]):
        ctk.ctkComboBox.__init__(self, parent)
        self._onChosen, self._isFilling, self._lines = onChosen, False, []
        narrowChoice(self)
        self.setToolTip(tip)
        tellWholeText(self)
        self.connect("currentIndexChanged(int)", self._onIndex)

    def offer(self, lines: Sequence[tuple[str, str]], chosen: str) -> None:
        """Offer these (label, key), and show the one that is chosen; the first where that is not among them."""
        self._isFilling = True
        try:
            if list(lines) != self._lines:
                self._lines = list(lines)
                self.clear()
                for label, key in lines:
                    self.addItem(label, key)
            self.setCurrentIndex(max(0, self.findData(chosen)) if self._lines else -1)
        finally:
            self._isFilling = False

    def choose(self, key: str) -> None:
        """Choose a line as a click would."""
        self.setCurrentIndex(self.findData(key))

    def _onIndex(self, index: int) -> None:
        if not self._isFilling and index >= 0:
            self._onChosen(self.itemData(index))

"""A box to tick that is kept in the parameter node."""

from __future__ import annotations

import qt
from HER2ImmunoCommonLib.gui import PanelPart


class TickField(PanelPart, qt.QCheckBox):
    """A field of the parameter node that is true or false, or one of two texts.

    Parameters
    ----------
    parent : QWidget
    name : str
        Field of the parameter node.
    text, tip : str
    values : (value, value)
        Kept while it is not ticked, and while it is.
    """

    def __init__(self, parent, name: str, text: str, tip: str, values: tuple = (False, True)):
        qt.QCheckBox.__init__(self, text, parent)
        PanelPart.__init__(self)
        self._name, self._values = name, values
        self.setToolTip(tip)
        self.connect("toggled(bool)", self._onToggled)

    def refresh(self) -> None:
        """Show what the parameter node holds."""
        with self.filling():
            self.checked = self._parameters is not None and getattr(self._parameters, self._name) == self._values[1]

    def _onToggled(self, checked: bool) -> None:
        if self.takesChoices:
            setattr(self._parameters, self._name, self._values[checked])

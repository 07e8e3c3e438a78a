"""A choice by name, shown by its label, kept in the parameter node."""

from __future__ import annotations

from collections.abc import Mapping

import ctk

from .fitting import narrowChoice, tellWholeText
from .panel_part import PanelPart


class ChoiceBox(PanelPart, ctk.ctkComboBox):
    """The values of a field of the parameter node, each with its label.

    Parameters
    ----------
    parent : QWidget
    name : str
        Field of the parameter node, of type str or int.
    choices : mapping of str or int to str
        Value to label; a value of the parameter node that is not listed is added as it is.
    tip : str
    """

    def __init__(self, parent, name: str, choices: Mapping[str | int, str], tip: str = ""):
        ctk.ctkComboBox.__init__(self, parent)
        PanelPart.__init__(self)
        self._name = name
        narrowChoice(self)
        self.setToolTip(tip)
        tellWholeText(self)
        self.setChoices(choices)
        self.connect("currentIndexChanged(int)", self._onChosen)

    def setChoices(self, choices: Mapping[str | int, str]) -> None:
        """Offer these instead; the choice kept in the parameter node stays."""
        with self.filling():
            self.clear()
            for value, label in choices.items():
                self.addItem(label, value)
        self.refresh()

    def choose(self, value: str | int) -> None:
        """Choose a value as a click would."""
        self.setCurrentIndex(self.findData(value))

    def refresh(self) -> None:
        """Show the value kept in the parameter node."""
        if self._parameters is None:
            return
        value = getattr(self._parameters, self._name)
        with self.filling():
            if self.findData(value) < 0:
                self.addItem(str(value), value)
            self.setCurrentIndex(self.findData(value))

    def _onChosen(self, index: int) -> None:
        if self.takesChoices and index >= 0:
            setattr(self._parameters, self._name, self.itemData(index))

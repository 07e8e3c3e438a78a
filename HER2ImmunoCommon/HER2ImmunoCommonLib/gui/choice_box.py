"""A choice by name, shown by its label, kept in the parameter node."""

from __future__ import annotations

from collections.abc import Mapping

import qt
import vtk
from slicer.util import VTKObservationMixin


class ChoiceBox(qt.QComboBox):
    """The values of a field of the parameter node, each with its label.

    Parameters
    ----------
    name : str
        Field of the parameter node, of type str or int.
    choices : mapping of str or int to str
        Value to label; a value of the parameter node that is not listed is added as it is.
    tip : str
    """

    def __init__(self, name: str, choices: Mapping[str | int, str], tip: str = ""):
        qt.QComboBox.__init__(self)
        self._name, self._parameters, self._updating = name, None, False
        self._observation = VTKObservationMixin()
        self.setSizeAdjustPolicy(qt.QComboBox.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.setToolTip(tip)
        self.setChoices(choices)
        self.connect("currentIndexChanged(int)", self._onChosen)

    def setChoices(self, choices: Mapping[str | int, str]) -> None:
        """Offer these instead; the choice kept in the parameter node stays."""
        self._updating = True
        self.clear()
        for value, label in choices.items():
            self.addItem(label, value)
        self._updating = False
        self._updateFromParameters()

    def choose(self, value: str | int) -> None:
        """Choose a value as a click would."""
        self.setCurrentIndex(self.findData(value))

    def setMRMLScene(self, scene) -> None:
        """Nothing here needs the scene."""

    def setParameterNode(self, parameters) -> None:
        """Show the choice kept in `parameters` (None: stop using it)."""
        self._observation.removeObservers()
        self._parameters = parameters
        if parameters is not None:
            self._observation.addObserver(parameters, vtk.vtkCommand.ModifiedEvent, self._updateFromParameters)
            self._updateFromParameters()

    def exit(self) -> None:
        """Nothing to let go of."""

    def cleanup(self) -> None:
        """Stop observing."""
        self.setParameterNode(None)

    def _onChosen(self, index: int) -> None:
        if self._parameters is not None and not self._updating and index >= 0:
            setattr(self._parameters, self._name, self.itemData(index))

    def _updateFromParameters(self, caller=None, event=None) -> None:
        if self._parameters is None:
            return
        value = getattr(self._parameters, self._name)
        self._updating = True
        if self.findData(value) < 0:
            self.addItem(str(value), value)
        self.setCurrentIndex(self.findData(value))
        self._updating = False

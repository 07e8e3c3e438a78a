"""A choice by name, shown by its label, kept in the parameter node."""

from __future__ import annotations

from collections.abc import Mapping

import qt
import vtk
from slicer.util import VTKObservationMixin


class ChoiceBox(qt.QComboBox):
    """The values of a text field of the parameter node, each with its label.

    Parameters
    ----------
    name : str
        Field of the parameter node, of type str.
    choices : mapping of str to str
        Value to label.
    tip : str
    """

    def __init__(self, name: str, choices: Mapping[str, str], tip: str = ""):
        qt.QComboBox.__init__(self)
        self._name, self._parameters = name, None
        self._observation = VTKObservationMixin()
        for value, label in choices.items():
            self.addItem(label, value)
        self.setSizeAdjustPolicy(qt.QComboBox.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.setToolTip(tip)
        self.connect("currentIndexChanged(int)", self._onChosen)

    def choose(self, value: str) -> None:
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
        if self._parameters is not None and index >= 0:
            setattr(self._parameters, self._name, self.itemData(index))

    def _updateFromParameters(self, caller=None, event=None) -> None:
        if self._parameters is not None:
            self.setCurrentIndex(self.findData(getattr(self._parameters, self._name)))

"""A combo box with titles for people, kept in the parameter node by name."""

from __future__ import annotations

from collections.abc import Sequence

import vtk
from slicer.util import VTKObservationMixin


class Choice:
    """Binds a combo box to a field of the parameter node.

    Parameters
    ----------
    combo : QComboBox
    field : str
        Field of the parameter node.
    entries : sequence of (value, title)
        `value` is what the field holds; one that is not listed is added as it is.
    """

    def __init__(self, combo, field: str, entries: Sequence[tuple[object, str]]):
        self.combo, self.field = combo, field
        self._values = [value for value, _title in entries]
        self._parameters, self._updating = None, False
        self._observation = VTKObservationMixin()
        for _value, title in entries:
            combo.addItem(title)
        combo.connect("currentIndexChanged(int)", self._onChosen)

    def setMRMLScene(self, scene) -> None:
        """Nothing here needs the scene."""

    def setParameterNode(self, parameters) -> None:
        """Follow `parameters` (None: stop)."""
        self._observation.removeObservers()
        self._parameters = parameters
        if parameters is not None:
            self._observation.addObserver(parameters, vtk.vtkCommand.ModifiedEvent, self._show)
            self._show()

    def exit(self) -> None:
        """Nothing is held."""

    def cleanup(self) -> None:
        """Stop observing."""
        self.setParameterNode(None)

    def _show(self, caller=None, event=None) -> None:
        value = getattr(self._parameters, self.field)
        self._updating = True
        if value not in self._values:
            self._values.append(value)
            self.combo.addItem(str(value))
        self.combo.setCurrentIndex(self._values.index(value))
        self._updating = False

    def _onChosen(self, index: int) -> None:
        if self._parameters is not None and not self._updating and index >= 0:
            setattr(self._parameters, self.field, self._values[index])

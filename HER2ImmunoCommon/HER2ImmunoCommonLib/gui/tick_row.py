"""Names to tick, kept in the parameter node as one text with commas."""

from __future__ import annotations

from collections.abc import Mapping

import qt
import vtk
from slicer.util import VTKObservationMixin


class TickRow(qt.QWidget):
    """A box for each name, in columns.

    Parameters
    ----------
    field : str
        Field of the parameter node, of type str.
    choices : mapping of str to str
        Name to label, in the order of the boxes and of the text.
    tip : str
    columns : int
    tips : mapping of str to str, optional
        Name to the tip of its own box.
    """

    def __init__(
        self,
        field: str,
        choices: Mapping[str, str],
        tip: str = "",
        columns: int = 2,
        tips: Mapping[str, str] | None = None,
    ):
        qt.QWidget.__init__(self)
        self._field, self._parameters, self._updating = field, None, False
        self._observation = VTKObservationMixin()
        self.boxes = {name: qt.QCheckBox(label) for name, label in choices.items()}
        layout = qt.QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for index, (name, box) in enumerate(self.boxes.items()):
            box.setToolTip((tips or {}).get(name, tip))
            box.connect("toggled(bool)", self._onToggled)
            layout.addWidget(box, index // columns, index % columns)

    def setMRMLScene(self, scene) -> None:
        """Nothing here needs the scene."""

    def setParameterNode(self, parameters) -> None:
        """Show the names kept in `parameters` (None: stop using it)."""
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

    def _onToggled(self, _checked: bool) -> None:
        if self._parameters is not None and not self._updating:
            setattr(self._parameters, self._field, ",".join(name for name, box in self.boxes.items() if box.checked))

    def _updateFromParameters(self, caller=None, event=None) -> None:
        if self._parameters is None:
            return
        ticked = getattr(self._parameters, self._field).split(",")
        self._updating = True
        for name, box in self.boxes.items():
            box.checked = name in ticked
        self._updating = False

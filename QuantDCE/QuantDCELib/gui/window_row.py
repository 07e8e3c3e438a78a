"""Window and colours of the map that is chosen: kept for its parameter, for every later run and visit."""

from __future__ import annotations

import ctk
import qt
import slicer
import vtk
from HER2ImmunoCommonLib.gui import PanelPart, narrowChoice, tellWholeText
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from ..scene.maps import UNIT_ATTRIBUTE
from ..scene.results import maps_of
from ..scene.windows import (
    Look,
    adopt_looks,
    colour_choices,
    entry_steps,
    forget_look,
    has_look,
    is_automatic,
    keep_look,
    look_of,
)

SETTLE_MS = 200
FAR = 1e9
LEAST_WIDTH = 80


class WindowRow(PanelPart, qt.QWidget):
    """Shown for a map of numbers; follows the mouse in the views and the module Volumes.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._observation, self._observed, self._node = VTKObservationMixin(), (), None
        self.label = qt.QLabel(self)
        self.low, self.high = (self._spinBox() for _end in ("low", "high"))
        self.low.setToolTip(_("Values up to this have the darkest colour; in the unit of the map"))
        self.high.setToolTip(_("Values from this on have the brightest colour; in the unit of the map"))
        self.colours = ctk.ctkComboBox(self)
        self.colours.setToolTip(_("Colours of this parameter, in all visits; equal steps look equal in each of these"))
        narrowChoice(self.colours)
        tellWholeText(self.colours)
        self.automatic = qt.QPushButton(_("Automatic"), self)
        self.low.connect("valueChanged(double)", self._onLow)
        self.high.connect("valueChanged(double)", self._onHigh)
        self.colours.connect("currentIndexChanged(int)", self._onColours)
        self.automatic.connect("clicked()", self._onAutomatic)
        self._settling = qt.QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLE_MS)
        self._settling.connect("timeout()", self._onSettled)
        self._lay()

    def _spinBox(self):
        box = qt.QDoubleSpinBox(self)
        box.setKeyboardTracking(False)
        box.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Fixed)  # not as wide as its range could need
        box.setMinimumWidth(LEAST_WIDTH)
        return box

    def _lay(self) -> None:
        grid = qt.QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        to = qt.QLabel(_("to"), self)
        for column, widget in enumerate((self.label, self.low, to, self.high)):
            grid.addWidget(widget, 0, column)
        grid.addWidget(qt.QLabel(_("Colours:"), self), 1, 0)
        row = qt.QWidget(self)
        grid.addWidget(row, 1, 1, 1, 3)
        second = qt.QHBoxLayout(row)
        second.setContentsMargins(0, 0, 0, 0)
        second.addWidget(self.colours, 1)
        second.addWidget(self.automatic)
        for column in (1, 3):
            grid.setColumnStretch(column, 1)

    def setParameterNode(self, parameters) -> None:
        """Follow another node; what was changed in another module meanwhile is kept first."""
        if parameters is not None:
            adopt_looks(parameters, maps_of(parameters.dynamic))
        PanelPart.setParameterNode(self, parameters)

    def showMap(self, node) -> None:
        """Show the window of this map (None, or one without a window: nothing)."""
        self._node = node if has_look(node) else None
        self.refresh()

    def refresh(self) -> None:
        """Show the window and colours that the map has."""
        self._observe()
        if self._parameters is None or self._node is None or self._node.GetScene() is None:
            self.setVisible(False)
            return
        look, unit = look_of(self._node), self._node.GetAttribute(UNIT_ATTRIBUTE)
        automatic = is_automatic(self._parameters, self._node)
        with self.filling():
            named = _("Window ({unit}):").format(unit=unit) if unit not in (None, "", "1") else _("Window:")
            self.label.setText(named)
            decimals, step = entry_steps(look)
            for box, value in ((self.low, look.low), (self.high, look.high)):
                box.setDecimals(decimals)
                box.setRange(-FAR, FAR)
                box.setSingleStep(step)
                box.setValue(value)
            self.colours.clear()
            for table, label in colour_choices(slicer.mrmlScene, look).items():
                self.colours.addItem(label, table)
            self.colours.setCurrentIndex(self.colours.findData(look.colours))
        self.automatic.setEnabled(not automatic)
        self.automatic.setToolTip(
            _("The window is automatic: from 0 to what few voxels of this map are above")
            if automatic
            else _("Give every map of this parameter its automatic window and colours back")
        )
        self.setVisible(True)

    def cleanup(self) -> None:
        """Stop watching the maps."""
        self._settling.stop()
        self._observation.removeObservers()
        PanelPart.cleanup(self)

    def _observe(self) -> None:
        maps = [] if self._parameters is None else maps_of(self._parameters.dynamic)
        displays = tuple(node.GetDisplayNode() for node in maps if has_look(node))
        if displays == self._observed:
            return
        self._observation.removeObservers()
        self._observed = displays
        for display in displays:
            self._observation.addObserver(display, vtk.vtkCommand.ModifiedEvent, self._onDisplay)

    def _onDisplay(self, caller=None, event=None) -> None:
        self._settling.start()

    def _onSettled(self) -> None:
        if self._parameters is not None:
            adopt_looks(self._parameters, maps_of(self._parameters.dynamic))
            self.refresh()

    def _onLow(self, value: float) -> None:
        if self.takesChoices:
            look = look_of(self._node)
            self._keep(Look(value, look.high, look.colours))

    def _onHigh(self, value: float) -> None:
        if self.takesChoices:
            look = look_of(self._node)
            self._keep(Look(look.low, value, look.colours))

    def _onColours(self, index: int) -> None:
        if self.takesChoices and index >= 0:
            look = look_of(self._node)
            self._keep(Look(look.low, look.high, self.colours.itemData(index)))

    def _keep(self, look: Look) -> None:
        if look.low < look.high:
            keep_look(self._parameters, self._node, look)
        self.refresh()

    def _onAutomatic(self) -> None:
        forget_look(self._parameters, self._node)
        self.refresh()

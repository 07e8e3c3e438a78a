"""Which maps are seen side by side: a box to tick for each that there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import qt
from HER2ImmunoCommonLib.gui import PanelPart
from HER2ImmunoCommonLib.scene import MOST_MAPS
from slicer.i18n import tr as _

from ..scene.maps import parameter, short_parameter

COLUMNS = 3


class MapTicks(PanelPart, qt.QWidget):
    """Keeps the names in the field `sideBySide`, also those that the present results do not have.

    Parameters
    ----------
    parent : QWidget
    onTicked : callable
        Called when a person has ticked another map, or taken a tick away.
    """

    def __init__(self, parent, onTicked: Callable[[], None]):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self.boxes: dict[str, object] = {}
        self._onTicked = onTicked
        self._grid = qt.QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)

    def offer(self, names: Sequence[str]) -> None:
        """Offer maps by name."""
        if list(names) != list(self.boxes):
            for box in self.boxes.values():
                self._grid.removeWidget(box)
                box.deleteLater()
            self.boxes = {name: qt.QCheckBox(short_parameter(name), self) for name in names}
            for index, box in enumerate(self.boxes.values()):
                box.connect("toggled(bool)", self._onToggled)
                self._grid.addWidget(box, index // COLUMNS, index % COLUMNS)
        self.refresh()

    def refresh(self) -> None:
        """Tick what the parameter node names; beyond as many as there are views for, no more can be ticked."""
        ticked = self._ticked()
        full = len([name for name in ticked if name in self.boxes]) >= MOST_MAPS
        with self.filling():
            for name, box in self.boxes.items():
                box.checked = name in ticked
                box.setEnabled(name in ticked or not full)
                refusal = _("There are {n} views; take the tick of another map away first").format(n=MOST_MAPS)
                tip = _("See {what} beside the others, in one linked view each").format(what=parameter(name))
                box.setToolTip(tip if box.isEnabled() else refusal)

    def _ticked(self) -> list[str]:
        return [] if self._parameters is None else [name for name in self._parameters.sideBySide.split(",") if name]

    def _onToggled(self, _checked: bool) -> None:
        if not self.takesChoices:
            return
        ticked = [name for name in self._ticked() if name not in self.boxes or self.boxes[name].checked]
        ticked += [name for name, box in self.boxes.items() if box.checked and name not in ticked]
        self._parameters.sideBySide = ",".join(ticked)
        self._onTicked()

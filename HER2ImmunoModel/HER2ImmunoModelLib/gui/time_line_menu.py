"""The menus of the time line: what can be done at a place, and drugs that have no lane yet."""

from __future__ import annotations

from collections.abc import Callable

import qt
from slicer.i18n import tr as _

from ..models.model import Model
from ..scene.treatment_tables import drug_choices
from ..timeline import Edit, Place, TimeLine, add, copy_cycle, delete, lane_key


class PlaceMenu(qt.QMenu):
    """What can be done to a dose, in a lane, or to all doses.

    Parameters
    ----------
    parent : QWidget
    onEdit : callable
        Called with the `Edit` that was chosen.
    onSize : callable
        Called with the row of a dose whose size is to be written.
    """

    def __init__(self, parent, onEdit: Callable[[Edit], None], onSize: Callable[[int], None]):
        qt.QMenu.__init__(self, parent)
        self._onEdit, self._onSize = onEdit, onSize

    def openAt(self, line: TimeLine, place: Place, where) -> None:
        """Open the menu of a place, if there is anything to do."""
        self.clear()
        self._fill(line, place)
        if not self.isEmpty():
            self.popup(where)

    def _fill(self, line: TimeLine, place: Place) -> None:
        if place.kind == "dose":
            self._offer(_("Edit size …"), lambda: self._onSize(place.row))
            self._offer(_("Delete"), lambda: self._onEdit(delete([place.row])))
            self.addSeparator()
        if place.lane is None:
            return
        lane = line.lanes[place.lane]
        if place.kind == "lane":
            self._offer(_("Add a dose here"), lambda: self._onEdit(add(line, lane, place.day)))
        if lane.doses:
            copy = _("Copy the last cycle of {drug}").format(drug=lane.label)
            self._offer(copy, lambda: self._onEdit(copy_cycle(line, lane)))
        if line.doses:
            self._offer(_("Copy the last cycle of all drugs"), lambda: self._onEdit(copy_cycle(line)))

    def _offer(self, text: str, do: Callable[[], None]) -> None:
        self.addAction(text).connect("triggered()", do)


class DrugMenu(qt.QMenu):
    """Drugs of the model and of the library that have no lane.

    Parameters
    ----------
    parent : QWidget
        Below which it opens.
    onChosen : callable
        Called with the name of a drug.
    """

    def __init__(self, parent, onChosen: Callable[[str], None]):
        qt.QMenu.__init__(self, parent)
        self._below, self._onChosen = parent, onChosen

    def openFor(self, line: TimeLine, model: Model) -> None:
        """Open it."""
        there = {lane_key(lane.drug, model) for lane in line.lanes}
        self.clear()
        for drug, label in drug_choices(model).items():
            if lane_key(drug, model) not in there:
                self.addAction(label).connect("triggered()", lambda name=drug: self._onChosen(name))
        self.popup(self._below.mapToGlobal(qt.QPoint(0, self._below.height)))

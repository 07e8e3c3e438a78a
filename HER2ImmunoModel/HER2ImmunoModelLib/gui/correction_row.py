"""A correction by hand of the transform of a visit: three shifts and three turns."""

from __future__ import annotations

from collections.abc import Callable

import qt
from HER2ImmunoCommonLib.gui import PanelPart
from HER2ImmunoCommonLib.scene import accept, correct_about_tumour, end_correction, motion_of, move, placing_of
from slicer.i18n import tr as _

from .scene_visits import SceneVisits

MOST_MM, MOST_DEGREES = 200.0, 180.0


class CorrectionRow(PanelPart, qt.QWidget):
    """Fields that move the current visit in the space of the reference, above the transform that was found.

    Parameters
    ----------
    parent : QWidget
    visits : SceneVisits
    onMoved : callable
        Called without arguments when a person moved the visit, or took the correction away.
    """

    def __init__(self, parent, visits: SceneVisits, onMoved: Callable[[], None]):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._visits, self._onMoved = visits, onMoved
        self.shifts = [
            self._field(MOST_MM, 0.5, " mm", _("How far the visit is moved toward {side}").format(side=side))
            for side in (_("right"), _("anterior"), _("superior"))
        ]
        self.turns = [
            self._field(
                MOST_DEGREES, 1.0, " °", _("How far the visit is turned about the {axis} axis").format(axis=axis)
            )
            for axis in (_("right-left"), _("anterior-posterior"), _("superior-inferior"))
        ]
        self.removeButton = qt.QPushButton(_("Remove correction"), self)
        self._lay()
        self.removeButton.connect("clicked()", self._onRemove)

    def refresh(self) -> None:
        """Show how the current visit is corrected."""
        if self._parameters is None:
            return
        placing = self._placing()
        correction = None if placing is None else placing.correction
        with self.filling():
            shift, turn = ([0.0] * 3, [0.0] * 3) if correction is None else motion_of(correction)
            for fields, values in ((self.shifts, shift), (self.turns, turn)):
                for field, value in zip(fields, values, strict=True):
                    field.setValue(value)
        for widget in (*self.shifts, *self.turns):
            widget.setEnabled(placing is not None)
        self.removeButton.setEnabled(correction is not None)
        self.removeButton.setToolTip(
            _("Take the correction away; the transform below it stays")
            if correction is not None
            else _("There is no correction")
        )

    def _field(self, most: float, step: float, unit: str, tip: str):
        field = qt.QDoubleSpinBox(self)
        field.setRange(-most, most)
        field.setDecimals(1)
        field.setSingleStep(step)
        field.setSuffix(unit)
        field.setToolTip(tip)
        field.setKeyboardTracking(False)
        field.connect("valueChanged(double)", self._onValue)
        return field

    def _lay(self) -> None:
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        grid = qt.QGridLayout()
        layout.addLayout(grid)
        for row, (label, fields) in enumerate(((_("Move R, A, S:"), self.shifts), (_("Turn:"), self.turns))):
            grid.addWidget(qt.QLabel(label, self), row, 0)
            for column, field in enumerate(fields, 1):
                grid.addWidget(field, row, column)
        layout.addWidget(self.removeButton)

    def _placing(self):
        visit = self._visits.current
        return None if visit is None else placing_of(visit)

    def _onValue(self, value: float) -> None:
        if self.takesChoices and self._placing() is not None:
            made = correct_about_tumour(self._visits.current, self._visits.reference)
            move(made, [field.value for field in self.shifts], [field.value for field in self.turns])
            accept(self._visits.current, False)  # what was accepted was another transform
            self._onMoved()

    def _onRemove(self) -> None:
        end_correction(self._visits.current)
        self._onMoved()

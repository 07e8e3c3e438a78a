"""Rows of forms that are only there while they are needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import qt


@dataclass(frozen=True)
class Place:
    """Where a field that was taken out of its form, and its label, had been."""

    row: int
    role: int
    label: Any


class FormRows:
    """Takes rows out of forms and puts them back: round a row that is only hidden, Qt 5 leaves the space of two.

    No row may be inserted into a form from which one is taken out.
    """

    def __init__(self):
        self._out: dict[Any, Place] = {}

    def show(self, form, field, wanted: bool) -> None:
        """Show the row of this field in a QFormLayout, or let it take no room.

        Parameters
        ----------
        form : QFormLayout
        field : QWidget
            Alone in its row, or with a label.
        wanted : bool
        """
        if wanted and field in self._out:
            place = self._out.pop(field)
            if place.label is not None:
                form.setWidget(place.row, qt.QFormLayout.LabelRole, place.label)
                place.label.setVisible(True)
            form.setWidget(place.row, place.role, field)
        elif not wanted and field not in self._out:
            self._out[field] = place = _placeOf(form, field)
            for widget in (place.label, field):
                if widget is not None:
                    form.removeWidget(widget)
                    widget.setVisible(False)
        field.setVisible(wanted)

    def labelOf(self, form, field):
        """The label of a field, also of one that is taken out; None without one."""
        return self._out[field].label if field in self._out else form.labelForField(field)


def _placeOf(form, field) -> Place:
    roles = qt.QFormLayout.SpanningRole, qt.QFormLayout.FieldRole
    places = ((row, role, form.itemAt(row, role)) for row in range(form.rowCount()) for role in roles)
    row, role = next((row, role) for row, role, item in places if item is not None and item.widget() == field)
    return Place(row, role, form.labelForField(field))

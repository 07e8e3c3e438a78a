"""A row of a form."""

from __future__ import annotations


def insertRow(form, at: int, label: str, field) -> None:
    """Put a field into a row of a QFormLayout, its label with the same tip."""
    form.insertRow(at, label, field)
    form.labelForField(field).setToolTip(field.toolTip)

"""Rows of a form, each label with the tip of its field."""

from __future__ import annotations

from collections.abc import Iterable

import ctk
import qt


def formOf(parent: qt.QWidget) -> qt.QFormLayout:
    """The form of a widget, without margins, whose fields take all the width."""
    form = qt.QFormLayout(parent)
    form.setContentsMargins(0, 0, 0, 0)
    form.setFieldGrowthPolicy(qt.QFormLayout.AllNonFixedFieldsGrow)
    return form


def formIn(layout: qt.QBoxLayout) -> qt.QFormLayout:
    """A form below what a layout has, whose fields take all the width."""
    form = qt.QFormLayout()
    layout.addLayout(form)
    form.setFieldGrowthPolicy(qt.QFormLayout.AllNonFixedFieldsGrow)
    return form


def addRows(form: qt.QFormLayout, rows: Iterable[tuple[str, qt.QWidget]]) -> None:
    """Put fields below what a form has, by label and field."""
    for label, field in rows:
        insertRow(form, form.rowCount(), label, field)


def insertRow(form: qt.QFormLayout, at: int, label: str, field: qt.QWidget) -> None:
    """Put a field into a row of a form."""
    form.insertRow(at, label, field)
    form.labelForField(field).setToolTip(field.toolTip)


def closedFold(parent, title: str):
    """A fold that is closed at first, and an empty widget with a form for the choices at its top."""
    section = ctk.ctkCollapsibleButton(parent)
    section.text = title
    section.collapsed = True
    choices = qt.QWidget(section)
    qt.QVBoxLayout(section).addWidget(choices)
    return section, choices, formOf(choices)

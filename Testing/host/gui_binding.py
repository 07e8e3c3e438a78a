"""Which widget can show which kind of parameter; the same pairs as Slicer's `guiConnectors`, by exact type."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import ctk
import qt
import slicer


@dataclass
class Binding:
    """Reads and writes the value of one widget."""

    widget: object
    signal: str | None
    read: Callable
    write: Callable
    slot: Callable | None = None

    def start(self, slot: Callable) -> None:
        self.slot = lambda: slot()
        if self.signal is not None:
            getattr(self.widget, self.signal).connect(self.slot)

    def stop(self) -> None:
        if self.signal is not None:
            getattr(self.widget, self.signal).disconnect(self.slot)


def _of_property(widget, name: str, signal: str | None, kind: type) -> Binding:
    return Binding(widget, signal, lambda: kind(getattr(widget, name)), lambda value: setattr(widget, name, value))


def _text_line(widget) -> Binding:
    def write(value):
        if value != widget.text:
            widget.text = value

    return Binding(widget, "textChanged", lambda: widget.text, write)


def _node_selector(widget, field) -> Binding:
    widget.nodeTypes = [field.kind.__name__]
    return Binding(widget, "currentNodeChanged", widget.currentNode, widget.setCurrentNode)


def _choices(widget, values: list, labels: list[str]) -> Binding:
    widget.clear()
    widget.addItems(labels)
    return Binding(
        widget,
        "currentIndexChanged",
        lambda: values[widget.currentIndex],
        lambda v: widget.setCurrentIndex(values.index(v)),
    )


def _number(widget, field) -> Binding:
    low, high = float("-inf"), float("inf")
    for rule in field.annotations:
        low, high = getattr(rule, "minimum", low), getattr(rule, "maximum", high)
    whole = isinstance(widget, (qt.QSpinBox, qt.QSlider))
    if isinstance(widget, ctk.ctkSliderWidget) and (low, high) == (float("-inf"), float("inf")):
        raise RuntimeError("Cannot have a connection to ctkSliderWidget where the float types is unbounded.")
    widget.minimum = max(low, -(2**31)) if whole else low
    widget.maximum = min(high, 2**31 - 1) if whole else high
    for rule in field.annotations:
        if type(rule).__name__ in ("Decimals", "SingleStep"):
            name = type(rule).__name__
            setattr(widget, name[0].lower() + name[1:], rule.value)
    return _of_property(widget, "value", "valueChanged", field.kind)


def bind(widget, field) -> Binding:
    """Binding of `widget` to a field; RuntimeError if Slicer has none for the pair."""
    kind, of = field.kind, type(widget)
    if of is slicer.qMRMLNodeComboBox and field.is_node:
        return _node_selector(widget, field)
    if kind is bool and of in (qt.QCheckBox, ctk.ctkCheckBox):
        return _of_property(widget, "checked", "stateChanged", bool)
    if kind is bool and of is qt.QPushButton:
        return _of_property(widget, "checked", "toggled", bool)
    numbers = (qt.QDoubleSpinBox, ctk.ctkSliderWidget, ctk.ctkDoubleSpinBox)
    if (kind in (int, float) and of in numbers) or (kind is int and of in (qt.QSpinBox, qt.QSlider)):
        return _number(widget, field)
    if of in (qt.QComboBox, ctk.ctkComboBox):
        choice = next((rule for rule in field.annotations if hasattr(rule, "choices")), None)
        if choice is not None:
            return _choices(widget, choice.choices, [str(each) for each in choice.choices])
        if issubclass(kind, enum.Enum):
            label = getattr(kind, "label", lambda each: each.name)
            return _choices(widget, list(kind), [label(each) for each in kind])
    if kind is str and of is qt.QLineEdit:
        return _text_line(widget)
    if kind is str and of is qt.QLabel:
        return _of_property(widget, "text", None, str)
    if kind is str and of is qt.QTextEdit:
        return Binding(widget, "textChanged", widget.toPlainText, widget.setPlainText)
    if isinstance(kind, type) and issubclass(kind, Path) and of is ctk.ctkPathLineEdit:
        return Binding(
            widget,
            "currentPathChanged",
            lambda: kind(widget.currentPath),
            lambda v: setattr(widget, "currentPath", str(v)),
        )
    raise RuntimeError(f"Unable to create GUI connector from datatype '{field.declared}' to widget type '{of}'.")

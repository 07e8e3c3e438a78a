"""What PySide6 has and the Qt 5.15 of Slicer 5.12 has not, as far as a panel may be tempted to use it."""

from __future__ import annotations

LATER = {
    "QColor": "fromString isValidColorName toTuple",
    "QComboBox": "setLabelDrawingMode",
    "QFontMetrics": "boundingRectChar horizontalAdvanceChar",
    "QFormLayout": "isRowVisible setRowVisible",
    "QHeaderView": "isSortIndicatorClearable setSortIndicatorClearable",
    "QImage": "deviceIndependentSize",
    "QLayout": "setHorizontalSizeConstraint setSizeConstraints setVerticalSizeConstraint unsetContentsMargins",
    "QPalette": "accent",
    "QPixmap": "deviceIndependentSize",
    "QTimer": "id intervalAsDuration remainingTimeAsDuration",
    "QWidget": "setAccessibleIdentifier",
}


def forget_later(named: dict[str, type]) -> None:
    """Take the members that came after Qt 5.15 from the classes in `named` (name to class)."""
    for name, members in LATER.items():
        for member in members.split():
            if member in vars(named[name]):
                delattr(named[name], member)

"""What PySide6 has and PythonQt on Qt 5.15 in Slicer 5.12 has not, as far as a panel may be tempted to use it."""

from __future__ import annotations

LATER = {
    "QColor": "fromString isValidColorName toTuple getHsv getHsvF getRgb getRgbF",
    "QComboBox": "setLabelDrawingMode",
    "QFontMetrics": "boundingRectChar horizontalAdvanceChar",
    "QFormLayout": "getWidgetPosition isRowVisible setRowVisible",
    "QGridLayout": "getItemPosition",
    "QHeaderView": "isSortIndicatorClearable setSortIndicatorClearable",
    "QImage": "deviceIndependentSize",
    "QKeyEvent": "keyCombination",
    "QLayout": "getContentsMargins setHorizontalSizeConstraint setSizeConstraints setVerticalSizeConstraint "
    "unsetContentsMargins",
    "QMouseEvent": "position globalPosition scenePosition",
    "QPalette": "accent",
    "QPixmap": "deviceIndependentSize",
    "QPoint": "toTuple",
    "QPointF": "toTuple",
    "QRect": "getCoords getRect",
    "QRectF": "getCoords getRect",
    "QSize": "toTuple",
    "QTimer": "id intervalAsDuration remainingTimeAsDuration",
    "QWheelEvent": "scenePosition",
    "QWidget": "setAccessibleIdentifier",
}

PLACES = LATER["QMouseEvent"].split()


def forget_later(named: dict[str, type]) -> None:
    """Take the members that came after Qt 5.15, or fill arguments, from the classes in `named` (name to class)."""
    for name, members in LATER.items():
        for member in members.split():
            if member in vars(named[name]):
                delattr(named[name], member)
            elif hasattr(named[name], member):
                setattr(named[name], member, _Absent(name, member))


def recall_earlier(named: dict[str, type]) -> None:
    """Give events of the mouse their places as in Qt 5, of which PySide6 warns."""
    here, there, inside = (getattr(named["QSinglePointEvent"], name) for name in PLACES)
    earlier = {
        "x": lambda event: here(event).toPoint().x(),
        "y": lambda event: here(event).toPoint().y(),
        "pos": lambda event: here(event).toPoint(),
        "localPos": here,
        "globalX": lambda event: there(event).toPoint().x(),
        "globalY": lambda event: there(event).toPoint().y(),
        "globalPos": lambda event: there(event).toPoint(),
        "screenPos": there,
        "windowPos": inside,
    }
    for name, place in earlier.items():
        setattr(named["QMouseEvent"], name, place)


class _Absent:
    """In place of a member that a class has from a base which keeps it: as a wheel's position, but not a mouse's."""

    def __init__(self, owner: str, member: str):
        self.sentence = f"'{owner}' object has no attribute '{member}'"

    def __get__(self, instance, owner=None):
        raise AttributeError(self.sentence)

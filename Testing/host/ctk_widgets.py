"""The widgets of CTK that panels use, on PySide6."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QSizePolicy,
    QSlider,
    QStyle,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QStylePainter,
    QToolButton,
    QWidget,
)

from .declared import with_properties
from .pythonqt import declared_by_host

HEADER_HEIGHT = 26
SLIDER_STEPS = 1000


@declared_by_host
class ctkCollapsibleButton(with_properties(QAbstractButton, collapsed=False, flat=False, collapsedHeight=14)):
    """A titled section whose children are hidden when it is collapsed."""

    contentsCollapsed = Signal(bool)

    def __init__(self, parent=None):
        if isinstance(parent, str):
            super().__init__(None)
            self.setText(parent)
        else:
            super().__init__(parent)
        self.setCheckable(True)
        self.setChecked(True)
        self.setSizePolicy(QSizePolicy.Preferred, QSizePolicy.Preferred)
        self.setContentsMargins(0, HEADER_HEIGHT, 0, 0)
        self.toggled.connect(self._follow)

    def _follow(self, checked):
        self.collapsed = not checked

    def _changed(self, name):
        if name != "collapsed":
            return
        self.setChecked(not self.collapsed)
        self._show_children()
        self.setMaximumHeight(HEADER_HEIGHT if self.collapsed else 16777215)
        self.contentsCollapsed.emit(self.collapsed)

    def _show_children(self):
        for child in self.children():
            if not child.isWidgetType() or child.isWindow():
                continue
            if self.collapsed and not child.isHidden():
                child.setProperty("_q_hidden_by_section", True)
                child.hide()
            elif not self.collapsed and child.property("_q_hidden_by_section"):
                child.setProperty("_q_hidden_by_section", None)
                child.show()

    def showEvent(self, event):
        self._show_children()
        super().showEvent(event)

    def sizeHint(self):
        hint = self.layout().sizeHint() if self.layout() else QSize(200, 0)
        return QSize(hint.width(), HEADER_HEIGHT + (0 if self.collapsed or not self.layout() else hint.height()))

    def minimumSizeHint(self):
        return QSize(0, HEADER_HEIGHT) if self.collapsed or not self.layout() else self.layout().minimumSize()

    def hitButton(self, position):
        return position.y() < HEADER_HEIGHT

    def paintEvent(self, event):
        painter, option = QStylePainter(self), QStyleOptionButton()
        option.initFrom(self)
        option.rect = QRect(0, 0, self.width, HEADER_HEIGHT)
        option.state |= QStyle.StateFlag.State_Raised
        painter.drawControl(QStyle.ControlElement.CE_PushButtonBevel, option)
        arrow = QStyle.PrimitiveElement.PE_IndicatorArrowRight if self.collapsed else None
        option.rect = QRect(6, (HEADER_HEIGHT - 12) // 2, 12, 12)
        painter.drawPrimitive(arrow or QStyle.PrimitiveElement.PE_IndicatorArrowDown, option)
        flags = Qt.AlignVCenter | Qt.AlignLeft | Qt.TextShowMnemonic
        painter.drawText(QRect(26, 0, self.width - 30, HEADER_HEIGHT), flags, self.text)


@declared_by_host
class ctkDoubleSpinBox(QDoubleSpinBox):
    """A spin box; CTK's has the same value, range, decimals and suffix."""


@declared_by_host
class ctkComboBox(with_properties(QComboBox, defaultText="", elideMode=Qt.TextElideMode.ElideNone.value)):
    """A combo box as wide as its longest text, unless its policy or its minimum contents length say otherwise.

    CTK's keeps the width it had when it was first laid out; this one follows, as after a panel is opened anew. A text
    that has no room is elided as `elideMode` says; the application's Qt cuts that of a QComboBox.
    """

    def initStyleOption(self, option):
        super().initStyleOption(option)
        combo, edit = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        field, mode = self.style().subControlRect(combo, option, edit, self), Qt.TextElideMode(self.elideMode)
        option.currentText = self.fontMetrics().elidedText(option.currentText, mode, field.width())

    def minimumSizeHint(self):
        return self._size(self.minimumContentsLength == 0)

    def sizeHint(self):
        return self._size(True)

    def _size(self, of_texts: bool) -> QSize:
        metrics = self.fontMetrics()
        texts = [self.itemText(row) for row in range(self.count)] if of_texts else []
        if self.sizeAdjustPolicy == QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon:
            width = self.iconSize.width() + 4
        else:
            width = max((metrics.horizontalAdvance(text) for text in texts), default=7 * metrics.horizontalAdvance("x"))
        width = max(width, self.minimumContentsLength * metrics.horizontalAdvance("x"))
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        size = QSize(width, max(metrics.height(), 14) + 2)
        return self.style().sizeFromContents(QStyle.ContentsType.CT_ComboBox, option, size, self)


@declared_by_host
class ctkCheckBox(QCheckBox):
    """A check box."""


@declared_by_host
class ctkMessageBox(QMessageBox):
    """A message box."""


@declared_by_host
class ctkSliderWidget(
    with_properties(
        QWidget,
        slots="value decimals",
        value=0.0,
        minimum=0.0,
        maximum=99.0,
        singleStep=1.0,
        decimals=2,
        suffix="",
        prefix="",
        tracking=True,
    )
):
    """A slider with its spin box."""

    valueChanged = Signal(float)

    def __init__(self, parent=None):
        super().__init__(parent)
        self._slider, self._spin = QSlider(Qt.Orientation.Horizontal, self), QDoubleSpinBox(self)
        self._slider.setRange(0, SLIDER_STEPS)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._slider)
        layout.addWidget(self._spin)
        self._changed("maximum")
        self._spin.valueChanged.connect(self.setValue)
        self._slider.sliderMoved.connect(
            lambda step: self.setValue(self.minimum + (self.maximum - self.minimum) * step / SLIDER_STEPS)
        )

    def _changed(self, name):
        if name != "value":
            for each in ("decimals", "minimum", "maximum", "singleStep", "suffix", "prefix"):
                self._spin.setProperty(each, self.property(each))
        bounded = min(max(self.value, self.minimum), self.maximum)
        if bounded != self.value:
            self.setValue(bounded)
            return
        span = (self.maximum - self.minimum) or 1.0
        self._slider.setValue(round((self.value - self.minimum) / span * SLIDER_STEPS))
        self._spin.setValue(self.value)
        if name == "value":
            self.valueChanged.emit(self.value)


@declared_by_host
class ctkRangeWidget(
    with_properties(
        QWidget,
        slots="minimumValue maximumValue decimals",
        minimum=0.0,
        maximum=99.0,
        minimumValue=0.0,
        maximumValue=99.0,
        singleStep=1.0,
        decimals=2,
        suffix="",
    )
):
    """Two spin boxes for the ends of a range."""

    valuesChanged = Signal(float, float)

    def __init__(self, parent=None):
        super().__init__(parent)
        self._low, self._high = QDoubleSpinBox(self), QDoubleSpinBox(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for spin in (self._low, self._high):
            layout.addWidget(spin)
        self._changed("maximum")
        self._low.valueChanged.connect(self.setMinimumValue)
        self._high.valueChanged.connect(self.setMaximumValue)

    def setRange(self, minimum, maximum):
        self.minimum, self.maximum = minimum, maximum

    def setValues(self, low, high):
        self.setMinimumValue(low)
        self.setMaximumValue(high)

    def _changed(self, name):
        for spin in (self._low, self._high):
            for each in ("decimals", "minimum", "maximum", "singleStep", "suffix"):
                spin.setProperty(each, self.property(each))
        self._low.setValue(self.minimumValue)
        self._high.setValue(self.maximumValue)
        if name in ("minimumValue", "maximumValue"):
            self.valuesChanged.emit(self.minimumValue, self.maximumValue)


@declared_by_host
class ctkPathLineEdit(
    with_properties(
        QWidget,
        slots="currentPath",
        currentPath="",
        settingKey="",
        nameFilters=[],
        filters=0,
        sizeAdjustPolicy=2,
        minimumContentsLength=0,
    )
):
    """A line for a file or folder, with a browse button."""

    currentPathChanged = Signal(str)
    Files, Dirs, Readable, Writable = 2, 1, 16, 32
    AdjustToContents, AdjustToContentsOnFirstShow, AdjustToMinimumContentsLength = 0, 1, 2

    def __init__(self, parent=None):
        super().__init__(parent)
        self._line, button = QLineEdit(self), QToolButton(self)
        button.setText("…")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._line)
        layout.addWidget(button)
        self._line.textChanged.connect(self.setCurrentPath)

    def addCurrentPathToHistory(self):
        """History is not kept here."""

    def _changed(self, name):
        if name == "currentPath":
            self._line.setText(self.currentPath)
            self.currentPathChanged.emit(self.currentPath)


@declared_by_host
class ctkDirectoryButton(with_properties(QPushButton, directory="")):
    """A button that shows and asks for a folder."""

    directoryChanged = Signal(str)

    def _changed(self, name):
        self.setText(self.directory)
        self.directoryChanged.emit(self.directory)


class ctkWidgetsUtils:
    """What CTK does with widgets."""

    @staticmethod
    def grabWidget(widget, place):
        """A part of a widget as a QImage."""
        return widget.grab(place).toImage()


def _named_only(name: str) -> type:
    """A class Slicer's `guiConnectors` names, that no panel here uses."""
    return type(name, (QWidget,), {"__module__": __name__})


WIDGETS = {
    cls.__name__: cls
    for cls in (
        ctkCollapsibleButton,
        ctkDoubleSpinBox,
        ctkComboBox,
        ctkCheckBox,
        ctkMessageBox,
        ctkSliderWidget,
        ctkRangeWidget,
        ctkPathLineEdit,
        ctkDirectoryButton,
        ctkWidgetsUtils,
    )
}
NAMES_ONLY = {
    name: _named_only(name)
    for name in ("ctkCheckablePushButton", "ctkDoubleSlider", "ctkDoubleRangeSlider", "ctkColorPickerButton")
}

"""The stand-in's `qt` behaves as PythonQt was measured to behave in Slicer 5.12 (one test a row of that table)."""

import gc

import pytest


@pytest.fixture
def qt(host):
    import qt

    return qt


@pytest.fixture
def button(qt):
    button = qt.QPushButton("Run")
    button.setObjectName("runButton")
    return button


def test_properties_are_values(qt, button):
    assert (button.text, button.enabled, button.visible) == ("Run", True, False)
    assert button.objectName == button.name == "runButton"
    spin = qt.QSpinBox()
    spin.setValue(7)
    assert spin.value == 7
    combo = qt.QComboBox()
    combo.addItem("one", 1)
    assert (combo.currentText, combo.currentData, combo.count) == ("one", 1, 1)
    assert qt.QTableWidget(3, 2).rowCount == 3


def test_calling_a_property_is_a_type_error(button):
    with pytest.raises(TypeError, match="'str' object is not callable"):
        button.text()


def test_setters_and_is_forms_are_methods(qt, button):
    button.setText("Stop")
    assert button.text == "Stop"
    assert button.isEnabled()
    assert not button.isVisible()
    combo = qt.QComboBox()
    combo.addItem("one", 1)
    assert combo.itemData(0) == 1
    assert qt.QVBoxLayout().count() == 0


def test_assigning_a_property_calls_its_setter(qt, button):
    button.text = "Stop"
    button.enabled = False
    button.name = "stopButton"
    assert (button.text, button.isEnabled(), button.objectName) == ("Stop", False, "stopButton")
    label = qt.QLabel()
    label.alignment = qt.Qt.AlignRight
    assert label.alignment == qt.Qt.AlignRight


def test_items_have_plain_methods(qt):
    table = qt.QTableWidget(1, 1)
    table.setItem(0, 0, qt.QTableWidgetItem("x"))
    assert table.item(0, 0).text() == "x"


def test_signals_connect_by_signature_and_by_name(button):
    heard = []
    assert button.connect("clicked(bool)", lambda checked: heard.append(checked)) is True
    assert button.connect("clicked()", lambda *arguments: heard.append(arguments)) is True
    assert button.clicked.connect(lambda: heard.append("none")) is True
    assert button.clicked.connect(lambda checked: heard.append(checked)) is True
    button.click()
    assert heard == [False, (), "none", False]


def test_signals_disconnect(button):
    heard = []

    def slot():
        heard.append(1)

    button.connect("clicked()", slot)
    assert button.disconnect("clicked()", slot) is True
    assert button.disconnect("clicked()", slot) is False
    button.clicked.connect(slot)
    assert button.clicked.disconnect(slot)
    button.click()
    assert heard == []


def test_a_connection_keeps_its_slot_alive(button):
    heard = []

    class Listener:
        def hear(self):
            heard.append(1)

    button.clicked.connect(Listener().hear)
    gc.collect()
    button.click()
    assert heard == [1]


def test_a_missing_signal_is_false_and_a_printed_line(button, capsys):
    assert button.connect("nosuch(int)", print) is False
    assert "nosuch(int)" in capsys.readouterr().out


def test_an_error_in_a_slot_is_printed_and_the_caller_goes_on(host, button, capsys):
    def slot():
        raise ValueError("in the slot")

    button.connect("clicked()", slot)
    button.click()
    assert "ValueError: in the slot" in capsys.readouterr().err
    assert [str(error) for error in host.slot_errors] == ["in the slot"]
    host.slot_errors.clear()


@pytest.mark.parametrize("kind", ["qt.QPushButton", "ctk.ctkSliderWidget", "slicer.qMRMLNodeComboBox"])
def test_a_widget_made_in_cpp_takes_no_new_attributes(host, kind):
    import ctk
    import qt
    import slicer

    widget = eval(kind, {"qt": qt, "ctk": ctk, "slicer": slicer})()
    with pytest.raises(AttributeError):
        widget.anything = 3
    widget.setProperty("marker", 5)
    assert widget.property("marker") == 5


def test_a_widget_made_in_python_takes_attributes(qt):
    class Mine(qt.QWidget):
        def __init__(self):
            qt.QWidget.__init__(self)
            self.anything = 3

    assert Mine().anything == 3


def test_enums_are_ints(qt):
    assert isinstance(qt.Qt.AlignLeft, int)
    assert qt.Qt.AlignLeft == 1
    assert qt.QSizePolicy.Expanding == 7
    assert isinstance(qt.Qt.AlignLeft | qt.Qt.AlignTop, int)


def test_events_can_be_handled_in_python(qt, host, tmp_path):
    painted, pressed = [], []

    class Mine(qt.QWidget):
        def paintEvent(self, event):
            painted.append(1)

        def mousePressEvent(self, event):
            pressed.append(event.button())

    widget = Mine()
    widget.show()
    host.application.processEvents()
    widget.grab()
    press = qt.QMouseEvent(
        qt.QEvent.MouseButtonPress,
        qt.QPointF(1, 1),
        qt.QPointF(1, 1),
        qt.Qt.LeftButton,
        qt.Qt.LeftButton,
        qt.Qt.NoModifier,
    )
    qt.QCoreApplication.sendEvent(widget, press)
    assert painted
    assert pressed == [qt.Qt.LeftButton]


def test_what_qt_has_and_has_not(qt):
    for name in ("QPrinter", "QTextDocument", "QSvgRenderer", "QSvgWidget", "QTimer", "QUiLoader", "QAction"):
        assert hasattr(qt, name), name
    for name in ("QChart", "Signal", "Slot", "Property"):
        assert not hasattr(qt, name), name


def test_what_is_a_property_of_one_selector_is_a_method_of_the_other(host):
    import slicer

    combo, segments = slicer.qMRMLNodeComboBox(), slicer.qMRMLSegmentSelectorWidget()
    assert combo.currentNodeID == ""
    assert segments.currentNodeID() == ""
    assert segments.currentSegmentID() == ""


def test_there_is_no_main_window(host):
    import slicer

    assert slicer.util.mainWindow() is None
    assert slicer.app.layoutManager() is None

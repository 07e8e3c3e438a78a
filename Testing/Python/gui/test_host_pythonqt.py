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


def test_the_margins_of_a_layout_are_a_method(qt):
    """A property only from Qt 6 on."""
    layout = qt.QVBoxLayout()
    layout.setContentsMargins(1, 2, 3, 4)
    assert layout.contentsMargins().top() == 2


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


def test_a_missing_signal_is_false_and_a_printed_line_that_fails_the_test(host, button, capsys):
    assert button.connect("nosuch(int)", print) is False
    assert "nosuch(int)" in capsys.readouterr().out
    assert ["nosuch(int)" in str(error) for error in host.slot_errors] == [True]
    host.slot_errors.clear()


def test_the_application_s_signals_are_as_strict(host):
    import slicer

    assert slicer.app.connect("startupComplete()", print) is False
    assert ["startupComplete()" in str(error) for error in host.slot_errors] == [True]
    host.slot_errors.clear()


@pytest.mark.parametrize("kind", ["QVBoxLayout", "QHBoxLayout", "QGridLayout", "QFormLayout", "QStackedLayout"])
def test_an_empty_layout_is_false(qt, kind):
    frame = qt.QWidget()
    layout = getattr(qt, kind)(frame)
    assert not layout
    assert layout is not None
    layout.addWidget(qt.QLabel(frame))
    assert layout


def test_what_is_null_empty_or_not_valid_is_false(qt):
    pixmap = qt.QPixmap(2, 2)
    for false in (qt.QPixmap(), qt.QImage(), qt.QIcon(), qt.QSize(), qt.QSize(0, 5), qt.QRect(), qt.QPoint(0, 0)):
        assert not false, false
    for false in (qt.QColor(), qt.QModelIndex(), qt.QUrl(), qt.QTextDocument(), qt.QMenu(), qt.QByteArray()):
        assert not false, false
    for true in (pixmap, pixmap.toImage(), qt.QIcon(pixmap), qt.QSize(1, 1), qt.QRect(0, 0, 1, 1), qt.QColor("red")):
        assert true, true


def test_a_widget_is_true_until_it_is_deleted(qt):
    import shiboken6

    label = qt.QLabel()
    table = qt.QTableWidget(0, 0)
    assert label
    assert table
    shiboken6.delete(label)
    assert not label


def test_a_form_with_an_empty_layout_has_no_entry_for_it(host, tmp_path):
    """Slicer's own `findChildren` skips what is False."""
    import slicer

    path = tmp_path / "Form.ui"
    path.write_text(
        '<ui version="4.0"><widget class="QWidget" name="Form"><layout class="QVBoxLayout" name="rows">'
        '<item><layout class="QFormLayout" name="empty"/></item>'
        '<item><layout class="QFormLayout" name="full"><item row="0" column="0"><widget class="QLabel" name="label"/>'
        "</item></layout></item></layout></widget></ui>"
    )
    ui = slicer.util.childWidgetVariables(slicer.util.loadUI(str(path)))
    assert ui.label
    assert ui.full
    with pytest.raises(AttributeError, match="empty"):
        _ = ui.empty


@pytest.mark.parametrize(
    ("kind", "setter"),
    [
        ("slicer.qMRMLNodeComboBox", "setNoneEnabled"),
        ("slicer.qMRMLNodeComboBox", "setNodeTypes"),
        ("slicer.qMRMLNodeComboBox", "nodes"),
        ("slicer.qMRMLSegmentSelectorWidget", "setNoneEnabled"),
        ("slicer.qMRMLSegmentEditorWidget", "setUnorderedEffectsVisible"),
        ("ctk.ctkCollapsibleButton", "setCollapsed"),
        ("ctk.ctkSliderWidget", "setMinimum"),
        ("ctk.ctkPathLineEdit", "setFilters"),
    ],
)
def test_of_slicer_s_widgets_only_slots_and_invokable_methods_are_there(host, kind, setter):
    import ctk
    import slicer

    widget = eval(kind, {"ctk": ctk, "slicer": slicer})()
    with pytest.raises(AttributeError, match=setter):
        getattr(widget, setter)


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


def test_a_list_that_is_a_property_is_a_tuple(host):
    import slicer

    selector = slicer.qMRMLNodeComboBox()
    selector.nodeTypes = ["vtkMRMLTableNode"]
    assert selector.nodeTypes == ("vtkMRMLTableNode",)


def test_a_widget_is_made_without_keywords(qt):
    for made in (lambda: qt.QPushButton("Load", parent=None), lambda: qt.QLabel(text="Load")):
        with pytest.raises(ValueError, match="keyword arguments"):
            made()


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


@pytest.mark.parametrize(
    ("kind", "member"),
    [
        ("QFormLayout", "setRowVisible"),
        ("QFormLayout", "getWidgetPosition"),
        ("QPixmap", "deviceIndependentSize"),
        ("QColor", "getRgbF"),
        ("QVBoxLayout", "getContentsMargins"),
    ],
)
def test_what_came_after_qt_5_or_fills_arguments_is_not_there(qt, kind, member):
    with pytest.raises(AttributeError, match=member):
        getattr(getattr(qt, kind)(), member)


def test_what_is_a_property_of_one_selector_is_a_method_of_the_other(host):
    import slicer

    combo, segments = slicer.qMRMLNodeComboBox(), slicer.qMRMLSegmentSelectorWidget()
    assert combo.currentNodeID == ""
    assert segments.currentNodeID() == ""
    assert segments.currentSegmentID() == ""


def test_the_application_takes_no_new_attributes(host):
    import slicer

    with pytest.raises(AttributeError, match="lastRun"):
        slicer.app.lastRun = 3


def test_there_is_no_main_window(host):
    import slicer

    assert slicer.util.mainWindow() is None
    assert slicer.app.layoutManager() is None


def test_a_method_of_qt_cannot_be_hidden_by_a_value(qt, host):
    """As in PythonQt: 'Slot 'window' can not be overwritten on Own object'."""

    class Own(qt.QWidget):
        pass

    own = Own()
    for name in ("window", "update", "layout"):
        with pytest.raises(AttributeError, match=f"Slot '{name}'"):
            setattr(own, name, 3)
    own.mine = 3
    assert own.mine == 3
    own.deleteLater()

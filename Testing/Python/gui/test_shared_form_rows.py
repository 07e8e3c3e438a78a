"""Rows that come and go in a form, and closed sections: what is not seen takes no room."""

import pytest
import slicer


@pytest.fixture
def form(frame):
    """A form with a row that stays, three that come and go, and one that stays."""
    import qt

    form = qt.QFormLayout(frame)
    fields = [qt.QLineEdit(frame) for _ in range(5)]
    for number, field in enumerate(fields):
        if number == 2:
            form.addRow(field)
        else:
            form.addRow(f"Row {number}:", field)
    frame.show()
    return form, fields


def settle():
    for _ in range(10):
        slicer.app.processEvents()


def height(frame):
    settle()
    return frame.property("sizeHint").height()


def test_a_row_that_is_taken_out_takes_no_room_and_comes_back_in_its_place(form, frame):
    import qt
    from HER2ImmunoCommonLib.gui import FormRows

    form, fields = form
    rows, whole = FormRows(), height(frame)
    pitch = fields[1].geometry.y() - fields[0].geometry.y()
    labels = [form.labelForField(field) for field in fields]
    for _again in range(2):
        for field in fields[1:4]:
            rows.show(form, field, False)
        assert height(frame) == whole - 3 * pitch
        assert fields[4].geometry.y() - fields[0].geometry.y() == pitch
        assert all(field.isHidden() for field in fields[1:4])
        assert labels[1].isHidden()
    for field in fields[1:4]:
        rows.show(form, field, True)
    assert height(frame) == whole
    assert [form.itemAt(row, qt.QFormLayout.FieldRole).widget() for row in range(5)] == fields
    assert form.labelForField(fields[3]) == labels[3]
    assert not any(widget.isHidden() for widget in (*fields, labels[1], labels[3]))


def test_the_label_of_a_row_is_known_while_it_is_out(form):
    from HER2ImmunoCommonLib.gui import FormRows

    form, fields = form
    rows, label = FormRows(), form.labelForField(fields[1])
    for wanted in (True, False, True):
        rows.show(form, fields[1], wanted)
        assert rows.labelOf(form, fields[1]) == label
    assert rows.labelOf(form, fields[2]) is None


def test_a_closed_section_is_as_high_as_its_header(frame):
    import ctk
    import qt
    from HER2ImmunoCommonLib.gui import wrapLabel
    from HER2ImmunoCommonLib.gui.fitting import narrow

    column = qt.QVBoxLayout(frame)
    section = ctk.ctkCollapsibleButton(frame)
    column.addWidget(section)
    column.addStretch(1)
    inside = qt.QVBoxLayout(section)
    label = qt.QLabel("A sentence that takes several lines where there is little room. " * 3, section)
    wrapLabel(label)
    inside.addWidget(label)
    margin = inside.contentsMargins().top()
    narrow(frame)
    section.collapsed = True
    frame.resize(300, 400)
    frame.show()
    settle()
    empty = ctk.ctkCollapsibleButton(frame)
    empty.collapsed, empty.collapsedHeight = True, 0
    assert section.property("sizeHint").height() == empty.property("sizeHint").height()
    assert section.height == empty.property("sizeHint").height()
    section.collapsed = False
    settle()
    assert inside.contentsMargins().top() == margin > 0
    assert label.height >= label.heightForWidth(label.width)

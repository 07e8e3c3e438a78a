"""A widget stays in sight at the top of a panel: while that is scrolled, left, opened again, and when it grows."""

import pytest
from layout_check import ModulePanel, faults

HIGH = 60


@pytest.fixture
def column(host, scene):
    """A column with a pinned label above a long text, in what the application puts around a module."""
    import qt
    from HER2ImmunoCommonLib.gui import Pinned
    from HER2ImmunoCommonLib.gui.column import Column

    module = qt.QWidget()
    layout = qt.QVBoxLayout(module)
    column = Column(module)
    layout.addWidget(column.area)
    column.label = qt.QLabel("On top", column.content)
    column.label.setMinimumHeight(HIGH)
    column.pinned = Pinned(column, column.label)
    column.text = qt.QLabel("\n".join(f"line {n}" for n in range(200)), column.content)
    column.layout.addWidget(column.text)
    column.around = ModulePanel(module, 480)
    yield column
    column.pinned.cleanup()
    column.around.area.deleteLater()


def seen_at(column):
    """Where the label is in what is seen of the panel."""
    import qt

    return column.label.mapTo(column.around.area.viewport(), qt.QPoint(0, 0)).y()


def scroll(column, to):
    column.around.area.verticalScrollBar().value = to
    column.around.settle()


def test_it_lies_above_the_rest_and_stays_there(column):
    assert seen_at(column) == 0
    assert column.label.geometry.bottom() < column.text.geometry.top()
    assert faults(column.around.module) == []
    scroll(column, 500)
    assert seen_at(column) == 0
    import qt

    place = column.label.mapTo(column.content, qt.QPoint(20, 10))
    assert column.content.childAt(place) is column.label, "what is scrolled lies over it"
    scroll(column, 0)
    assert column.label.geometry.bottom() < column.text.geometry.top()


def test_it_is_scrolled_away_where_it_would_take_too_much(column):
    column.label.setMinimumHeight(300)
    column.around.settle()
    assert column.text.geometry.top() > 300
    scroll(column, 100)
    assert seen_at(column) == -100
    column.around.area.resize(480, 800)
    column.around.settle()
    assert seen_at(column) == 0


def test_what_is_below_can_be_seen_from_its_beginning(column):
    scroll(column, 500)
    column.pinned.scrollToTop()
    column.around.settle()
    assert column.around.area.verticalScrollBar().value == 0
    assert seen_at(column) == 0


def test_it_stays_when_the_panel_was_left_and_opened_again(column):
    scroll(column, 500)
    column.around.leave()
    column.around.open()
    scroll(column, 300)
    assert seen_at(column) == 0
    assert column.label.height == HIGH


def test_after_the_end_the_scroll_bar_moves_nothing(column):
    column.pinned.cleanup()
    before = column.label.geometry.top()
    column.around.area.verticalScrollBar().value = 700
    assert column.label.geometry.top() == before

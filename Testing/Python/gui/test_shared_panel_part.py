"""The life of a part of a panel: it follows the parameter node, does not answer itself, and stops."""

import pytest


@pytest.fixture
def line(example):
    """A part of the example's panel with a part inside it; each writes down what it saw of the field `note`."""
    import qt
    from HER2ImmunoCommonLib.gui import PanelPart

    seen = []

    class Inner(PanelPart, qt.QWidget):
        def __init__(self, parent):
            qt.QWidget.__init__(self, parent)
            PanelPart.__init__(self)

        def refresh(self):
            seen.append(("inner", self._parameters and self._parameters.note))

    class Line(PanelPart, qt.QLineEdit):
        def __init__(self, parent):
            qt.QLineEdit.__init__(self, parent)
            PanelPart.__init__(self)
            self.seen = seen
            self.inner.append(Inner(self))
            self.connect("textChanged(QString)", self._onText)

        def refresh(self):
            self.seen.append(("outer", self._parameters and self._parameters.note))
            if self._parameters is not None:
                with self.filling():
                    self.text = self._parameters.note.upper()

        def _onText(self, text):
            if self.takesChoices:
                self._parameters.note = text

    part = Line(example.parent)
    example.panel.parts.append(part)
    example.panel.initializeParameterNode()
    seen.clear()
    return part


def test_a_part_shows_a_change_the_inner_parts_first(example, line):
    example.panel.parameters.note = "week 3"
    assert line.seen == [("inner", "week 3"), ("outer", "week 3")]
    assert line.text == "WEEK 3"


def test_filling_a_widget_is_no_choice(example, line):
    example.panel.parameters.note = "week 3"
    assert example.panel.parameters.note == "week 3"


def test_a_choice_is_kept(example, line):
    line.text = "week 4"
    assert example.panel.parameters.note == "week 4"


def test_filling_ends_with_an_error_too(line):
    with pytest.raises(ValueError, match="no text"), line.filling():
        raise ValueError("no text")
    assert line.takesChoices


def test_a_part_hears_nothing_once_the_module_is_left(example, line):
    parameters = example.panel.parameters
    example.panel.exit()
    assert line.seen == [("inner", None), ("outer", None)]
    line.seen.clear()
    parameters.note = "week 5"
    line.text = "week 6"
    assert (line.seen, parameters.note) == ([], "week 5")


def test_parts_are_told_before_the_panel(example, line, monkeypatch):
    monkeypatch.setattr(example.panel, "onParametersChanged", lambda: line.seen.append(("panel", "")))
    example.panel.parameters.note = "week 7"
    assert [who for who, _ in line.seen] == ["inner", "outer", "panel"]

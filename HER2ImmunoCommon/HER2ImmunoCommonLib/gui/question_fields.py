"""Fields for what only a person can answer, shown in the panel when the work asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import qt

from ..errors import Question
from .status_line import StatusLine


class QuestionFields(qt.QWidget):
    """One line to write in for each open question; hidden while there is none.

    Parameters
    ----------
    parent : QWidget
    onAnswer : callable
        Called with the question's key and the text, each time an answer was written.
    """

    def __init__(self, parent, onAnswer: Callable[[str, str], None]):
        qt.QWidget.__init__(self, parent)
        self._onAnswer = onAnswer
        self.fields: dict[str, qt.QLineEdit] = {}
        self._rows = []
        self._layout = qt.QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self.setVisible(False)

    def ask(self, questions: Sequence[Question]) -> None:
        """Show these questions in place of the earlier ones."""
        self.clear()
        for question in questions:
            label, field = StatusLine(self), qt.QLineEdit(self)
            label.say("warning", question.text)
            field.connect("editingFinished()", lambda key=question.key: self._answered(key))
            for widget in (label, field):
                self._layout.addWidget(widget)
                self._rows.append(widget)
            self.fields[question.key] = field
        self.setVisible(bool(questions))

    def clear(self) -> None:
        """Take the questions away."""
        for widget in self._rows:
            self._layout.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._rows = []
        self.fields = {}
        self.setVisible(False)

    def _answered(self, key: str) -> None:
        field = self.fields.get(key)
        if field is not None and field.text.strip():
            self._onAnswer(key, field.text.strip())

"""What only a person can say of the chosen images, asked one thing at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import qt

from ..errors import InputError, Question
from .panel_part import PanelPart
from .question_fields import QuestionFields
from .status_line import StatusLine


class OpenQuestions(PanelPart, qt.QWidget):
    """The first open question: of the work that could not go on, else of the chosen images.

    Parameters
    ----------
    parent : QWidget
    onAnswer : callable
        Called with the question's key and the text.
    doubts : callable
        Gives the open questions of the parameter node's wrapper, in the order in which they are asked; what it refuses
        (`InputError`) is said instead.
    hints : mapping of str to str, optional
        Key of a question to what stands in its empty field.
    onSettled : callable, optional
        Called without arguments when the last question was answered.
    """

    def __init__(
        self,
        parent,
        onAnswer: Callable[[str, str], None],
        doubts: Callable[[object], Sequence[Question]],
        hints: Mapping[str, str] | None = None,
        onSettled: Callable[[], None] = lambda: None,
    ):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._onAnswer, self._doubts, self._hints, self._onSettled = onAnswer, doubts, hints or {}, onSettled
        self._ofWork, self._asked = [], []
        self._questions, self.refusal = QuestionFields(self, self._answered), StatusLine(self)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._questions)
        layout.addWidget(self.refusal)

    @property
    def fields(self) -> dict[str, qt.QLineEdit]:
        """The line of the open question, by its key; none if nothing is open."""
        return self._questions.fields

    def ask(self, questions: Sequence[Question]) -> None:
        """Ask what the work needs to know, first of all."""
        self._ofWork, self._asked = list(questions), []
        self.refresh()

    def clear(self) -> None:
        """Forget what the work has asked: it begins anew."""
        self._ofWork = []
        self.refresh()

    def setParameterNode(self, parameters) -> None:
        """Ask of the images of `parameters`."""
        self._ofWork = []
        PanelPart.setParameterNode(self, parameters)

    def refresh(self) -> None:
        """Ask the first open question, unless it stands already."""
        try:
            ofImages = [] if self._parameters is None else self._doubts(self._parameters)
            self.refusal.say("error", "")
        except InputError as error:
            self.refusal.say("error", str(error))
            return
        first = [*self._ofWork, *ofImages][:1]
        if first == self._asked:
            return
        self._asked = first
        self._questions.ask(first)
        for key, field in self.fields.items():
            field.placeholderText = self._hints.get(key, "")

    def _answered(self, key: str, text: str) -> None:
        before = self._asked
        self._ofWork = [question for question in self._ofWork if question.key != key]
        self._onAnswer(key, text)
        self.refresh()
        if self._asked != before:
            for field in self.fields.values():
                field.setFocus()
            if not self._asked:
                self._onSettled()

"""The two ways in which an input is turned down."""

from __future__ import annotations

from dataclasses import dataclass


class InputError(ValueError):
    """An input that cannot be used. The message is one sentence for the user: what, where and what to do."""


@dataclass(frozen=True)
class Question:
    """Something only a person can answer before a number may be computed.

    Attributes
    ----------
    key : str
        Name under which the answer is given back (`--set key=value`).
    text : str
        The question, as a sentence, with what was found and the unit of the answer.
    """

    key: str
    text: str


class QuestionsError(InputError):
    """Work cannot go on before a person answers `questions`."""

    def __init__(self, questions: list[Question]):
        super().__init__(" ".join(question.text for question in questions))
        self.questions = questions

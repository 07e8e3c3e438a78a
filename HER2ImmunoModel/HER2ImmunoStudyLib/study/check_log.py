"""What a check finds, written down as it goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.privacy import shareable_text

from .answers import of_visit

OK, WARNING, ASK, ERROR = "ok", "warning", "question", "error"


@dataclass(frozen=True)
class Finding:
    """What was found out of one thing.

    Attributes
    ----------
    level : {"ok", "warning", "question", "error"}
    where : str
        Name of the visit; "study" for the whole.
    about : str
    text : str
        What it is, and what to do unless all is well.
    key : str
        Of a question, for its answer.
    """

    level: str
    where: str
    about: str
    text: str
    key: str = ""


class Log:
    """Findings of one visit, or of the whole."""

    def __init__(self, where: str, n_visits: int):
        self.where, self._n_visits = where, n_visits
        self.found: list[Finding] = []

    def add(self, level: str, about: str, text: str, key: str = "") -> None:
        self.found.append(Finding(level, self.where, about, text, key))

    def warn(self, about: str, texts: tuple[str, ...]) -> None:
        for text in dict.fromkeys(texts):
            self.add(WARNING, about, shareable_text(text))

    def tried(self, about: str, work: Callable[[], object]):
        """What the work gives; None, with the finding, where it is refused or asks."""
        try:
            return work()
        except QuestionsError as error:
            for asked in of_visit(error, self.where, self._n_visits).questions:
                self.add(ASK, about, asked.text, asked.key)
        except InputError as error:
            self.add(ERROR, about, str(error))
        return None

"""The button that writes the row of a visit, and the question whether values of another series may be replaced."""

from __future__ import annotations

from collections.abc import Callable

import qt
from slicer.i18n import tr as _

from ..errors import InputError, QuestionsError
from ..scene import YES
from .panel_part import PanelPart
from .question_fields import QuestionFields
from .run_bar import Told
from .status_line import StatusLine


class AddToVisit(PanelPart, qt.QWidget):
    """Writes when it is clicked, and never else.

    The parameter node has a field `replaceRow` for the row that a person allowed to be replaced.

    Parameters
    ----------
    parent : QWidget
    add : callable
        Writes the row for the parameter node's wrapper; gives what to say. May raise InputError and QuestionsError.
    reason : callable
        Why nothing can be written for the parameter node's wrapper now, as a sentence; empty if it can.
    claim : callable
        What an answer that allows the row to be replaced is kept as (`Source.claim`).
    """

    def __init__(
        self,
        parent,
        add: Callable[[object], Told],
        reason: Callable[[object], str],
        claim: Callable[[object], str],
    ):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._add, self._reason, self._claim, self._saidOf = add, reason, claim, None
        self.button = qt.QPushButton(_("Add to visit"), self)
        self.button.connect("clicked()", self.add)
        self.questions, self.status = QuestionFields(self, self._onAnswer), StatusLine(self)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self.button, self.questions, self.status):
            layout.addWidget(part)

    def refresh(self) -> None:
        """Say why nothing can be written; what was said of another visit or series goes."""
        state = self._state()
        if state == self._saidOf:
            return
        self._saidOf = state
        self.questions.clear()
        reason = "" if self._parameters is None else state[0]
        self.status.say("plain", reason)
        self.button.setEnabled(self._parameters is not None and not reason)
        self.button.setToolTip(reason or _("Write the values into the row of the visit in the measurement table"))

    def add(self) -> None:
        """Write the row, or ask, or say why not."""
        if self._parameters is None:
            return
        self.questions.clear()
        try:
            told = self._add(self._parameters)
            outcome = ("ok", told) if isinstance(told, str) else told
        except QuestionsError as error:
            self.questions.ask(error.questions)
            outcome = "warning", _("Answer the question above.")
        except InputError as error:
            outcome = "error", str(error)
        self._saidOf = self._state()
        self.status.say(*outcome)

    def _state(self) -> tuple[str, str] | None:
        if self._parameters is None:
            return None
        reason = self._reason(self._parameters)
        return reason, "" if reason else self._claim(self._parameters)

    def _onAnswer(self, key: str, text: str) -> None:
        if text.strip().casefold() in YES:
            self._parameters.replaceRow = self._claim(self._parameters)
            self.add()
        else:
            self.questions.clear()
            self.status.say("plain", _("Nothing was written. Give the visit another name to keep both."))

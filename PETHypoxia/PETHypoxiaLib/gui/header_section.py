"""What the header of the chosen PET says, value by value, and what a person gave in its place."""

from __future__ import annotations

import qt
from HER2ImmunoCommonLib.gui import PanelPart, breakable, wrapLabel
from slicer.i18n import tr as _

from ..analysis import wording
from ..scene.gathering import answers_of
from ..suv.verdict import SUVResult
from .header_table import HeaderTable


class HeaderSection(PanelPart, qt.QWidget):
    """Facts that can be corrected in place; answers and corrections belong to one examination."""

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self.facts = HeaderTable(self, self.correct)
        self.answers = qt.QLabel(self)
        wrapLabel(self.answers)
        self.forgetButton = qt.QPushButton(_("Forget answers"), self)
        self.forgetButton.toolTip = _("Take the values of the header again")
        self.forgetButton.connect("clicked()", lambda: self.forget())
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.facts)
        given = qt.QHBoxLayout()
        layout.addLayout(given)
        given.addWidget(self.answers, 1)
        given.addWidget(self.forgetButton)

    def showFacts(self, result: SUVResult | None, untouched: SUVResult | None = None) -> None:
        """Show what SUV rests on (None: nothing), and what it would be by the header alone."""
        rows = [] if result is None else [*wording.header_facts(result), wording.effect(result, untouched)]
        self.facts.showFacts(rows)
        self.refresh()

    def refresh(self) -> None:
        """Show what a person gave."""
        given = "" if self._parameters is None else wording.answer_text(answers_of(self._parameters))
        hint = _("Double-click a value to correct it.") if self.facts.rowCount else ""
        self.answers.setText(_("Your values: {given}").format(given=breakable(given)) if given else hint)
        self.answers.setVisible(bool(given or hint))
        self.forgetButton.setVisible(bool(given))

    def answer(self, key: str, text: str) -> None:
        """Keep an answer or correction."""
        answers = {**answers_of(self._parameters), key: text}
        self._parameters.answers = [f"{name}={value}" for name, value in answers.items()]

    def correct(self, key: str, text: str) -> None:
        """Take what was written over a value of the header; an empty text gives the header's value back."""
        if text.strip():
            self.answer(key, wording.answer_from(key, text))
        else:
            self.forget(key)

    def forget(self, key: str = "") -> None:
        """Drop the answer to `key`, or all answers and corrections."""
        if self._parameters is None:
            return
        kept = {name: value for name, value in answers_of(self._parameters).items() if key and name != key}
        self._parameters.answers = [f"{name}={value}" for name, value in kept.items()]

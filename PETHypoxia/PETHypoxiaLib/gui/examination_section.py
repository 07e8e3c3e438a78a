"""Choosing a PET examination: its folder, the verdict on its header, the header's facts, questions and answers."""

from __future__ import annotations

from collections.abc import Callable

import qt
from HER2ImmunoCommonLib.dicom import Series
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError
from HER2ImmunoCommonLib.gui import PanelPart, QuestionFields, StatusLine, breakable, wrapLabel
from slicer.i18n import tr as _

from ..analysis import wording
from ..scene.gathering import answers_of, header_answers
from ..scene.sources import FOLDER, identity, source_of
from ..suv.factor import suv_factor
from ..suv.verdict import SUVResult
from .header_reader import HeaderReader
from .header_table import HeaderTable


class ExaminationSection(PanelPart, qt.QWidget):
    """Says at once what the header of the chosen PET volume allows.

    Answers belong to one examination: they are forgotten when another volume is chosen.

    Parameters
    ----------
    parent : QWidget
    onChanged : callable
        Called without arguments when the verdict changed.
    """

    def __init__(self, parent, onChanged: Callable[[], None]):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._onChanged = onChanged
        self._series, self._seen, self._judged = None, None, None
        self.result: SUVResult | None = None
        self._reader = HeaderReader(self, self._onRead)
        self.reason = _("Choose the PET volume, or load it from its DICOM folder.")
        self.verdict = StatusLine(self)
        self.facts = HeaderTable(self, self.correct)
        self.questions = QuestionFields(self, self.answer)
        self.answers = qt.QLabel(self)
        wrapLabel(self.answers)
        self.forgetButton = qt.QPushButton(_("Forget answers"), self)
        self.forgetButton.toolTip = _("Take the values of the header again")
        self.forgetButton.connect("clicked()", lambda: self.forget())
        self._lay()

    def _lay(self) -> None:
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self.verdict, self.questions, self.facts):
            layout.addWidget(part)
        given = qt.QHBoxLayout()
        layout.addLayout(given)
        given.addWidget(self.answers, 1)
        given.addWidget(self.forgetButton)

    @property
    def reading(self) -> bool:
        """True while the header is read."""
        return self._reader.reading

    def isUniform(self) -> bool:
        """Whether the header gives one SUV factor for all slices."""
        return self.result is not None and wording.is_uniform(self.result)

    def setParameterNode(self, parameters) -> None:
        """Follow the volume and answers of `parameters` (None: stop)."""
        self._reader.cancel()
        self._series, self._seen, self._judged = None, None, None
        PanelPart.setParameterNode(self, parameters)

    def cleanup(self) -> None:
        """Stop reading."""
        self._reader.cleanup()
        PanelPart.cleanup(self)

    def refresh(self) -> None:
        """Look at what the parameter node holds now, and judge it if it is something else than before."""
        if self._parameters is None:
            self._say("plain", "")
            return
        volume = self._parameters.petVolume
        if self._parameters.answersFor != identity(volume) and volume is not None:
            self._parameters.answersFor = identity(volume)
            self._parameters.answers = []
        seen = None
        if volume is not None:
            seen = volume.GetID(), identity(volume), volume.GetAttribute(FOLDER)
        if seen != self._seen:
            self._seen, self._series, self._judged = seen, None, None
            self._read(volume)
        elif self._series is not None:
            self._judge()
        self._showAnswers()

    def answer(self, key: str, text: str) -> None:
        """Keep an answer or correction."""
        answers = {**answers_of(self._parameters), key: text}
        self._parameters.answers = [f"{name}={value}" for name, value in answers.items()]
        for field in list(self.questions.fields.values())[:1]:
            field.setFocus()

    def correct(self, key: str, text: str) -> None:
        """Take what was written over a value of the header; an empty text gives the header's value back."""
        if text.strip():
            self.answer(key, wording.answer_from(key, text))
        else:
            self.forget(key)

    def forget(self, key: str = "") -> None:
        """Drop the answer to `key`, or all answers and corrections."""
        kept = {name: value for name, value in answers_of(self._parameters).items() if key and name != key}
        self._parameters.answers = [f"{name}={value}" for name, value in kept.items()]

    def ask(self, questions: list[Question]) -> None:
        """Offer fields for questions, each with a hint at what to write."""
        self.questions.ask(questions)
        for key, field in self.questions.fields.items():
            field.placeholderText = wording.HINTS.get(key, "")

    def _read(self, volume) -> None:
        self._reader.cancel()
        self.questions.clear()
        self.facts.showFacts([])
        self.result = None
        if volume is None:
            self._say("plain", "", _("Choose the PET volume, or load it from its DICOM folder."))
            return
        try:
            source = source_of(volume)
        except InputError as error:
            self._say("warning", str(error), _("The DICOM files of the PET volume are needed; see above."))
            return
        self._say("plain", _("Reading the DICOM header…"), _("Reading the DICOM header…"))
        self._reader.read(source)

    def _onRead(self, series: Series | None, error: InputError | None) -> None:
        if self._parameters is None:
            return
        self._series = series
        if error is not None:
            asked = error.questions if isinstance(error, QuestionsError) else []
            sentence = wording.VERDICTS["ask"][1] if asked else str(error)
            self._say("error", sentence, _("The PET header cannot be used; see above."))
            self.ask(asked)
        else:
            self._judge()
            self._showAnswers()
        self._onChanged()

    def _judge(self) -> None:
        """Verdict on the header with the present answers and normalisation."""
        state = tuple(self._parameters.answers), self._parameters.norm
        if state == self._judged:
            return
        self._judged = state
        answers, norm = header_answers(self._parameters), self._parameters.norm.value
        try:
            result = suv_factor(self._series, overrides=answers, norm=norm)
        except InputError as error:
            self._say("error", str(error), _("An answer cannot be used; see above."))
            return
        self.result = result
        look, sentence = wording.verdict(result)
        reasons = {"ask": _("Answer the question on the PET header."), "error": _("No SUV can be made of this PET.")}
        self.ask(result.questions)
        untouched = suv_factor(self._series, norm=norm) if answers else None
        self.facts.showFacts([*wording.header_facts(result), wording.effect(result, untouched)])
        self._say(look, sentence, reasons.get(result.status, ""))

    def _showAnswers(self) -> None:
        given = wording.answer_text(answers_of(self._parameters))
        hint = _("Double-click a value to correct it.") if self.result is not None else ""
        self.answers.setText(_("Your values: {given}").format(given=breakable(given)) if given else hint)
        self.answers.setVisible(bool(given or hint))
        self.forgetButton.setVisible(bool(given))

    def _say(self, look: str, sentence: str, reason: str = "") -> None:
        self.reason = reason
        self.verdict.say(look, sentence)

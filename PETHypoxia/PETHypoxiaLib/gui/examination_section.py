"""The chosen PET examination: the verdict on its header, what it rests on in one line, and what is doubtful."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import qt
from HER2ImmunoCommonLib.dicom import Series
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError
from HER2ImmunoCommonLib.gui import ExaminationBox, FollowedChoice, OpenQuestions, PanelPart, PathRow, StatusLine
from HER2ImmunoCommonLib.scene import Change, examination_of
from slicer.i18n import tr as _

from ..analysis import wording
from ..scene.following import offered_pets, take_volume
from ..scene.gathering import header_answers
from ..scene.sources import FOLDER, identity, source_of
from ..scene.views import show_pet_volume
from ..suv.factor import suv_factor
from ..suv.verdict import SUVResult
from .header_reader import HeaderReader
from .header_section import HeaderSection

NOTHING_CHOSEN = _("Choose the PET volume, or load it from its DICOM folder.")
NOTHING_YET = ()
"""Not even that no volume is chosen, as after a scene was closed: what stands there is of the earlier one."""


class ExaminationSection(PanelPart, qt.QWidget):
    """Lies above the folds of its step, in which everything can be changed; judges at once what the header allows.

    Answers belong to one examination: they are forgotten when another volume is chosen.

    Parameters
    ----------
    parent : QWidget
    ui : the named widgets of the form
    onLoad : callable
        Called with a folder to read.
    onVerdict : callable
        Called without arguments when a header was read.
    onChosen : callable
        Called without arguments when a person has chosen an examination of which nothing is doubtful.
    """

    def __init__(
        self,
        parent,
        ui,
        onLoad: Callable[[str], None],
        onVerdict: Callable[[], None],
        onChosen: Callable[[], None],
    ):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._ui, self._onVerdict, self._onChosen = ui, onVerdict, onChosen
        self._series, self._seen, self._judged = None, NOTHING_YET, None
        self._open: list[Question] = []
        self._isNew, self.reason = False, NOTHING_CHOSEN
        self.result: SUVResult | None = None
        self._reader = HeaderReader(self, self._onRead)
        tip = _("PET by visit and day; tumour, reference, visit and results follow")
        none = _("No PET in the scene")
        self.box = ExaminationBox(self, "petVolume", offered_pets, none, tip, self._openFolder)
        self.verdict, self.understood = StatusLine(self), StatusLine(self)
        self.changes = FollowedChoice(self, "petVolume", _take, self._onTaken)
        self.header = HeaderSection(ui.petSection)
        self.questions = OpenQuestions(self, self.header.answer, lambda parameters: self._open, wording.HINTS)
        self.folderRow = PathRow(ui.petSection, "dicomFolder", _("Load PET"), onLoad)
        self.folderRow.edit.toolTip = _("Folder with the DICOM files of the PET; other series in it are passed over")
        self.folderRow.button.toolTip = _("Read the PET series of this folder into a volume in Bq/mL")
        self._lay()
        self.inner += [self.changes, self.box, self.folderRow, self.header, self.questions]

    def _lay(self) -> None:
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self.box, self.verdict, self.questions, self.understood, self.changes):
            layout.addWidget(part)
        form = self._ui.petSection.layout()
        form.insertRow(1, _("DICOM folder:"), self.folderRow)
        form.addRow(self.header)

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
        self._series, self._seen, self._judged, self._isNew = None, NOTHING_YET, None, False
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

    def ask(self, questions: list[Question]) -> None:
        """Ask what the work could not go on without."""
        self.questions.ask(questions)

    def _openFolder(self) -> None:
        self._ui.petSection.collapsed = False
        self.folderRow.edit.setFocus()

    def _onTaken(self, told: Sequence[Change]) -> None:
        """Go on to the next step after the verdict, unless something is to be read here."""
        self._isNew = not any(change.asks for change in told)

    def _read(self, volume) -> None:
        self._reader.cancel()
        self._open, self.result = [], None
        self.questions.clear()
        self.header.showFacts(None)
        if volume is None:
            self._say("plain", "", NOTHING_CHOSEN)
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
            self._open = list(error.questions) if isinstance(error, QuestionsError) else []
            sentence = wording.VERDICTS["ask"][1] if self._open else str(error)
            self._say("error", sentence, _("The PET header cannot be used; see above."))
            self.questions.refresh()
        else:
            self._judge()
        self._onVerdict()

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
        self.result, self._open = result, list(result.questions)
        look, sentence = wording.verdict(result)
        reasons = {"ask": _("Answer the question on the PET header."), "error": _("No SUV can be made of this PET.")}
        self.questions.refresh()
        self.header.showFacts(result, suv_factor(self._series, norm=norm) if answers else None)
        self._say(look, sentence, reasons.get(result.status, ""))
        self.understood.say("plain", wording.understood(result, examination_of(self._parameters.petVolume).date))
        self._goOn(look)

    def _goOn(self, look: str) -> None:
        isClear = look == "ok" and not self.reason
        if self._isNew and isClear and self._parameters.step == "examination":
            self._isNew = False
            self._onChosen()

    def _say(self, look: str, sentence: str, reason: str = "") -> None:
        self.reason = reason
        self.verdict.say(look, sentence)
        self.understood.say("plain", "")


def _take(parameters, earlier) -> list[Change]:
    """What belongs to one examination goes with the chosen PET, which is shown."""
    told = take_volume(parameters, earlier)
    show_pet_volume(parameters)
    return told

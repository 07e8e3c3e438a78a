"""The panel: dynamic series, tumour, T1, model and its input, visit; then the maps and measurements."""

from __future__ import annotations

from pathlib import Path

import qt
import slicer
from HER2ImmunoCommonLib.errors import InputError, Question
from HER2ImmunoCommonLib.gui import (
    ChoiceBox,
    ModulePanel,
    PathRow,
    QuestionFields,
    SegmentSection,
    StatusLine,
    TickRow,
    wrapLabel,
)
from slicer.i18n import tr as _

from ..analysis.settings import BEST_MODEL
from ..dicom.choice import Choice
from ..dicom.reading import read_dynamic, read_vfa
from ..scene.choices import TABLE
from ..scene.fields import optional_number
from ..scene.frames import describe, time_axis_of
from ..scene.gathering import gather
from ..scene.publishing import publish
from ..scene.series_nodes import flip_deg_of, node_from_dynamic, node_from_vfa, shown_volume, tr_s_of, warnings_of
from . import labels
from .results_section import ResultsSection
from .rows import fitsNothing, needsInput, needsReference, showRows

ANSWERS = {
    "tr_ms": "trMs",
    "flip_deg": "flipDeg",
    "t10_s": "t1S",
    "t10_blood_s": "bloodT1S",
    "vfa_tr_ms": "vfaTrMs",
    "frame_interval_s": "frameIntervalS",
    "series": "dynamicSeries",
    "kind": "dynamicKind",
    "vfa_series": "vfaSeries",
    "vfa_kind": "vfaKind",
}
DYNAMIC = ("dynamicChosenIn", "dynamicSeries", "dynamicKind")
FLIP_ANGLES = ("vfaChosenIn", "vfaSeries", "vfaKind")
"""The folder last read, and what was answered of its images, which is forgotten with it."""
NUMBERS = {"hematocrit": "hematocrit", "r1_per_mM_s": "relaxivity", "dose_mmol_per_kg": "dose"}
"""Fields of answers that hold numbers; the others hold text."""


class QuantDCEPanel(ModulePanel):
    """Form, sections, run bar and results."""

    runText = _("Compute maps")

    def build(self) -> None:
        self._buildInput()
        self._buildTumour()
        self._buildT1()
        self._buildInputFunction()
        self.questions = QuestionFields(self.ui.inputs, self._onAnswer)
        self.questions.layout().setContentsMargins(6, 0, 6, 0)
        self.ui.inputs.layout().addWidget(self.questions)
        self.resultsSection = ResultsSection(self.widget.parent)
        self.parts.append(self.resultsSection)

    def _buildInput(self) -> None:
        section = self.ui.inputSection
        self.folderRow = PathRow(section, "dynamicFolder", _("Load"), self._loadDynamic)
        self.folderRow.setToolTip(_("Folder with the DICOM files of the dynamic series, in one series or one a phase"))
        self.timeLine = StatusLine(section)
        self.timeWarnings = StatusLine(section)
        form = section.layout()
        form.insertRow(1, _("DICOM folder:"), self.folderRow)
        form.insertRow(2, self.timeLine)
        form.insertRow(3, self.timeWarnings)
        self.parts.append(self.folderRow)

    def _buildTumour(self) -> None:
        self.segments = SegmentSection(self.ui.tumourSection, "QuantDCE.SegmentEditor")
        self.ui.tumourSection.layout().addRow(self.segments)
        self.parts.append(self.segments)

    def _buildT1(self) -> None:
        section, advanced = self.ui.t1Section, self.ui.advancedSection
        tip = _("T1 turns signal into concentration; measured T1 is better than one value")
        self.t1Source = ChoiceBox(section, "t1Source", labels.T1_SOURCES, tip)
        self.vfaRow = PathRow(section, "vfaFolder", _("Load"), self._loadVfa)
        tip = _("How T1 is fitted to the flip angle series")
        self.t1Method = ChoiceBox(advanced, "t1Method", labels.t1Methods(), tip)
        form = section.layout()
        form.insertRow(0, _("T1 from:"), self.t1Source)
        form.insertRow(4, _("DICOM folder:"), self.vfaRow)
        tip = _("Its relaxivity at the field strength of the images is used, from measurements in plasma at 37 °C")
        self.agent = ChoiceBox(advanced, "agent", labels.agents(), tip)
        tip = _(
            "Equilibrium signal of each voxel; fitting it steadies the maps where few frames come before the agent, "
            "if the model is right"
        )
        self.m0 = ChoiceBox(advanced, "m0", labels.M0_SOURCES, tip)
        rows = advanced.layout()
        rows.insertRow(14, _("M0 from:"), self.m0)
        rows.insertRow(9, _("T1 fit:"), self.t1Method)
        rows.insertRow(0, _("Contrast agent:"), self.agent)
        self.parts += [self.t1Source, self.vfaRow, self.t1Method, self.agent, self.m0]

    def _buildInputFunction(self) -> None:
        section = self.ui.aifSection
        tip = _("Concentration in the blood that feeds the tumour: measured in these images, or of a population")
        self.aif = ChoiceBox(section, "aif", labels.inputs(), tip)
        tip = _("Model that is fitted to each voxel; none needs no T1 and no input")
        self.model = ChoiceBox(section, "model", labels.models(), tip)
        tip = _("Each voxel keeps the model with the lowest AICc")
        self.candidates = TickRow(section, "candidates", labels.candidates(), tip)
        self.artery = SegmentSection(
            section, "QuantDCE.ArteryEditor", ("arterySegmentation", "arterySegmentId"), _("artery")
        )
        self.reference = SegmentSection(
            section,
            "QuantDCE.ReferenceEditor",
            ("referenceSegmentation", "referenceSegmentId"),
            _("reference tissue"),
        )
        self.aifFile = PathRow(section, "aifFile", files=("CSV (*.csv)",))
        self.aifFile.setToolTip(_("Columns time_s and plasma_mM or blood_mM, on the clock of the frames"))
        form = section.layout()
        form.insertRow(0, _("Model:"), self.model)
        form.insertRow(1, _("Choose from:"), self.candidates)
        form.insertRow(2, _("Arterial input:"), self.aif)
        form.addRow(_("CSV file:"), self.aifFile)
        self.searchLine = qt.QLabel(_("Where to look for the artery (optional; else everywhere):"), section)
        wrapLabel(self.searchLine)
        form.addRow(self.searchLine)
        form.addRow(self.artery)
        form.addRow(self.reference)
        self.parts += [self.aif, self.aifFile, self.artery, self.reference, self.model, self.candidates]

    def setParameterNode(self, parameters) -> None:
        self._dynamic = None if parameters is None else parameters.dynamic
        ModulePanel.setParameterNode(self, parameters)

    def onParametersChanged(self) -> None:
        parameters = self.parameters
        self._forgetWhatWasOfAnotherSeries()
        showRows(self)
        self._showTimes()
        self._showSequence()
        for section in (self.segments, self.artery, self.reference):
            section.setSourceVolume(shown_volume(parameters.dynamic))

    def reasonNotReady(self) -> str:
        parameters = self.parameters
        if parameters.dynamic is None:
            return _("Choose the dynamic series, or load one from a DICOM folder.")
        if self.segments.reason():
            return self.segments.reason()
        if fitsNothing(parameters):
            return ""
        if parameters.t1Source == "map" and parameters.t1Map is None:
            return _("Choose the T1 map, or take T1 from another source.")
        if parameters.t1Source == "vfa" and parameters.vfa is None:
            return _("Choose the flip angle series, or load one from a DICOM folder.")
        return self._reasonWithoutInput()

    def _reasonWithoutInput(self) -> str:
        parameters = self.parameters
        if needsReference(parameters):
            return self.reference.reason()
        if parameters.model == BEST_MODEL and parameters.candidates.count(",") < 1:
            return _("Tick two or more models to choose from.")
        if needsInput(parameters) and parameters.aif == "roi":
            return self.artery.reason()
        if needsInput(parameters) and parameters.aif == "file" and not parameters.aifFile:
            return _("Choose the CSV file of the arterial input.")
        if needsInput(parameters) and parameters.aif == TABLE and parameters.aifTable is None:
            return _("Choose the table of the arterial input.")
        return ""

    def start(self) -> None:
        self.questions.clear()
        parameters = self.parameters
        request = gather(parameters)

        def done(result) -> str:
            publish(slicer.mrmlScene, parameters, request, result)
            return _("Maps are in the folder Quant DCE of the data tree; visit {visit} is in {table}.").format(
                visit=request.visit.visit, table=parameters.measurements.GetName()
            )

        self.run(request.analyse, done)

    def onQuestions(self, questions: list[Question]) -> None:
        self.questions.ask(questions)

    def _onAnswer(self, key: str, text: str) -> None:
        if key in NUMBERS:
            number = optional_number(text, key)
            if number is not None:
                setattr(self.parameters, NUMBERS[key], number)
        elif key == "tr_s":
            seconds = optional_number(text, "TR (s)")
            self.parameters.trMs = "" if seconds is None else f"{1000.0 * seconds:g}"
        else:
            setattr(self.parameters, ANSWERS[key], text)
        # Which images are meant is asked while they are read; the answer is all that was missing.
        if ANSWERS.get(key) in DYNAMIC:
            self._loadDynamic(self.parameters.dynamicChosenIn)
        elif ANSWERS.get(key) in FLIP_ANGLES:
            self._loadVfa(self.parameters.vfaChosenIn)

    def _choiceIn(self, folder: str, names: tuple[str, str, str], like: str = "") -> Choice:
        """What was answered about the images in this folder; answers about another one are forgotten."""
        parameters, (chosenIn, *answers) = self.parameters, names
        if folder != getattr(parameters, chosenIn):
            with slicer.util.NodeModify(parameters):
                for name in answers:
                    setattr(parameters, name, "")
                setattr(parameters, chosenIn, folder)
        return Choice(*(getattr(parameters, name) for name in answers), like=like)

    def _loadDynamic(self, folder: str) -> None:
        parameters = self.parameters
        # An interval given for another series must not go before the times of this one.
        isAsked = folder == parameters.dynamicChosenIn and "frame_interval_s" in self.questions.fields
        isAnswer = isAsked or parameters.dynamic is None
        choice = self._choiceIn(folder, DYNAMIC)
        self.questions.clear()

        def work(report):
            interval_s = optional_number(parameters.frameIntervalS, _("Frame interval (s)")) if isAnswer else None
            return read_dynamic(folder, frame_interval_s=interval_s, choice=choice, report=report)

        def done(images) -> str:
            node = node_from_dynamic(slicer.mrmlScene, images, Path(folder).name)
            parameters.dynamic = node
            hasViews = slicer.app.layoutManager() is not None
            slicer.util.setSliceViewerLayers(background=shown_volume(node), fit=hasViews)
            return self._loaded(node)

        self.run(work, done)

    def _loadVfa(self, folder: str) -> None:
        parameters = self.parameters

        def done(images) -> str:
            parameters.vfa = node_from_vfa(slicer.mrmlScene, images, Path(folder).name)
            return self._loaded(parameters.vfa)

        choice = self._choiceIn(folder, FLIP_ANGLES, like=parameters.dynamicKind)
        self.questions.clear()
        self.run(lambda report: read_vfa(folder, choice=choice, report=report), done)

    def _loaded(self, node) -> str:
        missing = "" if self.parameters is None else self.reasonNotReady()
        return f"{_('Loaded {name}.').format(name=node.GetName())} {missing}".strip()

    def _forgetWhatWasOfAnotherSeries(self) -> None:
        """Times, TR and flip angle given by hand belong to one series."""
        earlier, self._dynamic = self._dynamic, self.parameters.dynamic
        if earlier in (None, self._dynamic) or slicer.mrmlScene.IsImporting():
            return
        with slicer.util.NodeModify(self.parameters):
            for name in ("timesText", "frameIntervalS", "trMs", "flipDeg", "baselineFrames", "arrivalS", "serFrames"):
                setattr(self.parameters, name, "")

    def _showTimes(self) -> None:
        parameters = self.parameters
        self.timeWarnings.say("plain", "")
        if parameters.dynamic is None:
            self.timeLine.say("plain", "")
            return
        try:
            axis = time_axis_of(parameters.dynamic, parameters.timesText, parameters.frameIntervalS)
        except InputError as error:
            self.timeLine.say("error", str(error))
            return
        self.timeLine.say("plain", describe(axis))
        self.timeWarnings.say("warning", "\n⚠ ".join((*axis.warnings, *warnings_of(parameters.dynamic))))

    def _showSequence(self) -> None:
        """What the images say of TR and flip angle stands in the empty fields."""
        node = self.parameters.dynamic
        tr_s, flip_deg = (None, None) if node is None else (tr_s_of(node), flip_deg_of(node))
        optional = _("not needed; gives IAUGC too")
        missing = _("not in the images: enter it") if node is not None else _("from the images")
        if fitsNothing(self.parameters):
            missing = optional
        self.ui.t1Edit.placeholderText = optional if fitsNothing(self.parameters) else _("for example 1.4")
        self.ui.trEdit.placeholderText = missing if tr_s is None else f"{1000 * tr_s:g} (from the images)"
        self.ui.flipEdit.placeholderText = missing if flip_deg is None else f"{flip_deg:g} (from the images)"

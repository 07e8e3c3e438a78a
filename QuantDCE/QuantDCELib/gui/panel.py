"""The panel: dynamic series, tumour, T1, model and its input, visit; then the maps and measurements."""

from __future__ import annotations

import qt
import slicer
from HER2ImmunoCommonLib.errors import Question
from HER2ImmunoCommonLib.gui import ChoiceBox, ModulePanel, PathRow, QuestionFields, SegmentSection, TickRow, wrapLabel
from HER2ImmunoCommonLib.scene import FLIP_ANGLES, Source, is_measurement_table, is_still_image
from slicer.i18n import tr as _

from ..analysis.settings import BEST_MODEL
from ..scene.choices import TABLE
from ..scene.fields import optional_number
from ..scene.following import source_of
from ..scene.frame_kinds import fits_dynamic, fits_flip_angles, reason_no_dynamic
from ..scene.gathering import gather
from ..scene.input_table import is_input_table
from ..scene.maps import is_m0_map, is_t1_map
from ..scene.publishing import publish
from ..scene.series_nodes import shown_volume
from . import labels
from .loaded_images_row import LoadedImagesRow
from .results_section import ResultsSection
from .rows import fitsNothing, needsInput, needsReference, showRows
from .series_loading import SeriesLoading
from .series_section import SeriesSection

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
SELECTORS = {
    "dynamicSelector": fits_dynamic,
    "vfaSelector": fits_flip_angles,
    "t1MapSelector": is_t1_map,
    "b1MapSelector": is_still_image,
    "m0MapSelector": is_m0_map,
    "aifTableSelector": is_input_table,
    "measurementsSelector": is_measurement_table,
}
"""What each node selector lists."""
NUMBERS = {"hematocrit": "hematocrit", "r1_per_mM_s": "relaxivity", "dose_mmol_per_kg": "dose"}
"""Fields of answers that hold numbers; the others hold text."""


class QuantDCEPanel(ModulePanel):
    """Form, sections, run bar and results."""

    runText = _("Compute maps")

    def build(self) -> None:
        self._buildSeries()
        self._buildTumour()
        self._buildT1()
        self._buildInputFunction()
        self.questions = QuestionFields(self.ui.inputs, self._onAnswer)
        self.questions.layout().setContentsMargins(6, 0, 6, 0)
        self.ui.inputs.layout().addWidget(self.questions)
        self.resultsSection = ResultsSection(self.widget.parent)
        self.parts.append(self.resultsSection)

    def _buildSeries(self) -> None:
        t1, inputs = self.ui.t1Section, self.ui.inputSection
        self.loadedFlipAngles = LoadedImagesRow(t1, FLIP_ANGLES, lambda key: self.loading.flipAngles(key))
        self.series = SeriesSection(
            inputs, self.ui, lambda source: self.loading.dynamic(source), lambda: self.questions.fields
        )
        self.loading = SeriesLoading(self, self.series.loaded, self.loadedFlipAngles)
        self.parts.append(self.series)
        for name, fits in SELECTORS.items():
            self.offering.only(getattr(self.ui, name), fits)

    def _buildTumour(self) -> None:
        self.segments = SegmentSection(self.ui.tumourSection, "QuantDCE.SegmentEditor")
        self.ui.tumourSection.layout().addRow(self.segments)
        self.parts.append(self.segments)

    def _buildT1(self) -> None:
        section, advanced = self.ui.t1Section, self.ui.advancedSection
        tip = _("T1 turns signal into concentration; measured T1 is better than one value")
        self.t1Source = ChoiceBox(section, "t1Source", labels.T1_SOURCES, tip)
        self.vfaRow = PathRow(section, "vfaFolder", _("Load"), self.loading.flipAngles)
        tip = _("How T1 is fitted to the flip angle series")
        self.t1Method = ChoiceBox(advanced, "t1Method", labels.t1Methods(), tip)
        form = section.layout()
        form.insertRow(0, _("T1 from:"), self.t1Source)
        form.insertRow(4, _("DICOM folder:"), self.vfaRow)
        form.insertRow(4, _("From DICOM module:"), self.loadedFlipAngles)
        tip = _("Its relaxivity at the field strength of the images is used, from measurements in plasma at 37 °C")
        self.agent = ChoiceBox(section, "agent", labels.agents(), tip)
        form.insertRow(7, _("Contrast agent:"), self.agent)
        tip = _(
            "Equilibrium signal of each voxel; fitting it steadies the maps where few frames come before the agent, "
            "if the model is right"
        )
        self.m0 = ChoiceBox(advanced, "m0", labels.M0_SOURCES, tip)
        rows = advanced.layout()
        rows.insertRow(13, _("M0 from:"), self.m0)
        rows.insertRow(8, _("T1 fit:"), self.t1Method)
        self.parts += [self.t1Source, self.loadedFlipAngles, self.vfaRow, self.t1Method, self.agent, self.m0]

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

    def onParametersChanged(self) -> None:
        parameters = self.parameters
        showRows(self)
        for section in (self.segments, self.artery, self.reference):
            section.setSourceVolume(shown_volume(parameters.dynamic))

    def reasonNotReady(self) -> str:
        parameters = self.parameters
        if parameters.dynamic is None:
            return _("Choose the dynamic series, or load one from a DICOM folder.")
        if reason := reason_no_dynamic(parameters.dynamic):
            return reason
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

        def done(result) -> tuple[str, str]:
            publish(slicer.mrmlScene, parameters, request, result)
            told = _("Maps of {visit} are in its folder of the data tree, its row in {table}.").format(
                visit=request.visit.visit, table=parameters.measurements.GetName()
            )
            return ("warning", f"{result.doubts[0]} {told}") if result.doubts else ("ok", told)

        self.run(request.analyse, done)

    def rowSource(self) -> Source:
        return source_of(self.parameters.dynamic)

    def onQuestions(self, questions: list[Question]) -> None:
        self.questions.ask(questions)
        self.series.refresh()  # what is asked is not said there too

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
        self.loading.again(ANSWERS.get(key, ""))

    def loaded(self, node) -> str:
        """What to say when images have been loaded: their name, and what is still missing."""
        missing = "" if self.parameters is None else self.reasonNotReady()
        return f"{_('Loaded {name}.').format(name=node.GetName())} {missing}".strip()

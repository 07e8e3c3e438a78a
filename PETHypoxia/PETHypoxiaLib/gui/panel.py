"""The panel of PET Hypoxia: six steps from an examination to the row of its visit. This file only assembles them."""

from __future__ import annotations

import slicer
from HER2ImmunoCommonLib.errors import InputError, Question
from HER2ImmunoCommonLib.gui import AddToVisit, Fold, ModulePanel, StatusLine, Step, Steps
from HER2ImmunoCommonLib.scene import is_measurement_table, put_with_examination
from slicer.i18n import tr as _

from ..analysis import wording
from ..analysis.examination import measure
from ..scene.gathering import answers_of, gather
from ..scene.inputs_key import inputs_key
from ..scene.keeping import add_to_visit, claim_of, reason_not_to_keep
from ..scene.live import LiveRegions
from ..scene.publishing import publish
from ..scene.sources import is_anatomy, is_pet, show_pet
from ..scene.views import show_fusion, show_pet_volume
from ..suv.reading import read_pet
from .examination_section import ExaminationSection
from .look_section import LookSection
from .readiness import Readiness
from .reference_section import ReferenceSection
from .region_watch import RegionWatch
from .threshold_section import ThresholdSection
from .tumour_section import TumourSection

FOLDS = ("petSection", "anatomySection", "limitsSection")
REGIONS = ("segmentation", "referenceSegmentation")
SELECTORS = {"petSelector": is_pet, "anatomySelector": is_anatomy, "tableSelector": is_measurement_table}
"""What each node selector lists."""


class Panel(ModulePanel):
    """Examination, tumour, reference, threshold, look, keep."""

    runText = _("Measure hypoxia")

    def build(self) -> None:
        self.readiness, self.regions = Readiness(self), LiveRegions()
        self._buildSteps()
        self.watch = RegionWatch(self.form, REGIONS, self._onParametersModified)
        self._buildParts()
        self._buildFolds()
        self.parts += [self.watch, self.steps]
        for name, fits in SELECTORS.items():
            self.offering.only(getattr(self.ui, name), fits)
        self.offering.also(self.examination.box.refresh)

    def _buildSteps(self) -> None:
        ui, of = self.ui, self.readiness
        self.steps = Steps(
            [
                Step(ui.examinationStep, "examination", _("Examination"), of.examination, of.examinationSummary),
                Step(ui.tumourStep, "tumour", _("Tumour"), of.tumour, of.tumourSummary),
                Step(ui.referenceStep, "reference", _("Reference"), of.reference, of.referenceSummary),
                Step(ui.thresholdStep, "threshold", _("Threshold"), of.measured, of.thresholdSummary),
                Step(ui.lookStep, "look", _("Look"), of.looked, of.lookSummary, locked=False),
                Step(ui.keepStep, "keep", _("Keep"), of.kept, of.keepSummary),
            ]
        )

    def _buildParts(self) -> None:
        """The part of each step that is not in the form."""
        ui, bodies = self.ui, {step.name: step.body for step in self.steps.steps}
        self.examination = ExaminationSection(
            bodies["examination"], ui, self.load, self._onVerdict, self.steps.openFirstUndone
        )
        self.tumour = TumourSection(bodies["tumour"], self.regions)
        self.reference = ReferenceSection(bodies["reference"], ui, self.regions, self.watch.touch)
        self.threshold = ThresholdSection(
            bodies["threshold"], ui, self.regions, self.examination.isUniform, self.reference.reason
        )
        self.results = LookSection(bodies["look"])
        self.keep = AddToVisit(bodies["keep"], self._addToVisit, reason_not_to_keep, claim_of)
        self._add("examination", self.examination)
        self._add("tumour", self.tumour)
        self._add("reference", self.reference, 1)
        self._add("threshold", self.threshold, 1)
        self._add("look", self.results)
        self._add("keep", self.keep, 1)

    def _add(self, name: str, part, row: int = 0) -> None:
        """Put a part into a step."""
        step = self.steps.named(name)
        step.body.layout().insertWidget(row, part)
        step.inner.append(part)

    def _buildFolds(self) -> None:
        self.folds = []
        for section in (getattr(self.ui, name) for name in FOLDS):
            title, tip = section.text, section.toolTip
            self.folds.append(Fold(section, title))
            section.toolTip = tip
        self.fusion = StatusLine(self.ui.anatomySection)
        self.ui.anatomySection.layout().addRow(self.fusion)
        self.ui.fusionButton.connect("clicked()", self._onFusion)

    def _onVerdict(self) -> None:
        self.steps.follow()
        self.checkReady()

    def reasonNotReady(self) -> str:
        return self.readiness.reason()

    def onParametersChanged(self) -> None:
        self.steps.named("reference").title = wording.REFERENCE_TITLES[self.parameters.ratio.name]
        self.steps.named("reference").refresh()
        for section in (self.tumour, self.reference):
            section.segments.setSourceVolume(self.parameters.petVolume)

    def onQuestions(self, questions: list[Question]) -> None:
        self.examination.ask(questions)
        self.steps.open("examination")

    def load(self, folder: str) -> None:
        """Read the PET series of a folder into a volume and choose it."""
        parameters = self.parameters
        answers = answers_of(parameters)

        def done(pet):
            volume = show_pet(slicer.mrmlScene, pet, folder, parameters.petVolume)
            put_with_examination(slicer.mrmlScene, volume, volume.GetName())
            if volume is parameters.petVolume:
                show_pet_volume(parameters)  # another one is shown when it is chosen
            parameters.petVolume = volume
            self.examination.header.forget("series")
            self.examination.follow()
            return _("Loaded {n} slices of {name}.").format(n=len(pet.headers), name=pet.series.name)

        self.run(lambda report: read_pet(folder, overrides=answers, report=report), done)

    def start(self) -> None:
        self.examination.questions.clear()
        parameters = self.parameters
        request, key = gather(parameters), inputs_key(parameters)

        def done(result):
            told = publish(slicer.mrmlScene, parameters, request, result, key)
            self.steps.open("look")
            return told

        self.run(lambda report: measure(request, report), done)

    def _addToVisit(self, parameters) -> tuple[str, str]:
        told = add_to_visit(slicer.mrmlScene, parameters)
        parameters.parameterNode.Modified()  # the row is known to the table alone
        return told

    def _onFusion(self) -> None:
        try:
            over = show_fusion(self.parameters)
        except InputError as error:
            self.fusion.say("error", str(error))
            return
        self.fusion.say("plain", _("{over} is shown half transparent.").format(over=over))

"""The panel: six steps from an examination to measurements that are kept. This file only assembles them."""

from __future__ import annotations

from HER2ImmunoCommonLib.errors import Question
from HER2ImmunoCommonLib.gui import ModulePanel, Step, Steps
from HER2ImmunoCommonLib.scene import is_measurement_table, is_still_image
from slicer.i18n import tr as _

from ..scene.answers import store_answer
from ..scene.frame_kinds import fits_dynamic, fits_flip_angles
from ..scene.input_table import is_input_table
from ..scene.maps import is_m0_map, is_t1_map
from ..scene.series_nodes import shown_volume
from .artery_section import ArterySection
from .computation import Computation
from .compute_section import ComputeSection
from .examination_section import ExaminationSection
from .input_section import InputSection
from .keep_section import KeepSection
from .look_section import LookSection
from .motion_section import MotionSection
from .probe_view import ProbeView
from .readiness import Readiness
from .results_section import ResultsSection
from .rows import showRows
from .series_loading import SeriesLoading
from .t1_section import T1Section
from .tumour_section import TumourSection

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


class QuantDCEPanel(ModulePanel):
    """Examination, tumour, arterial input, compute, look, keep."""

    runText = _("Compute maps")
    computation = None

    def build(self) -> None:
        self.readiness, self.computation = Readiness(self), Computation(self)
        self._buildSteps()
        self._buildExamination()
        self._buildTumour()
        self._buildInput()
        self._buildCompute()
        self._buildLook()
        self._buildKeep()
        self.parts.append(self.steps)
        for name, fits in SELECTORS.items():
            self.offering.only(getattr(self.ui, name), fits)

    def _buildSteps(self) -> None:
        ui, of = self.ui, self.readiness
        self.steps = Steps(
            [
                Step(ui.examinationStep, "examination", _("Examination"), of.examination, of.examinationSummary),
                Step(ui.tumourStep, "tumour", _("Tumour"), of.tumour, of.tumourSummary),
                Step(ui.inputStep, "input", _("Arterial input"), of.input, of.inputSummary),
                Step(ui.computeStep, "compute", _("Compute"), of.computed, of.computeSummary),
                Step(ui.lookStep, "look", _("Look"), of.looked, of.lookSummary, locked=False),
                Step(ui.keepStep, "keep", _("Keep"), of.kept, of.keepSummary, locked=False),
            ]
        )

    def _add(self, name: str, part, row: int = 0) -> None:
        """Put a part into a step."""
        step = self.steps.named(name)
        step.body.layout().insertWidget(row, part)
        step.inner.append(part)

    def _buildExamination(self) -> None:
        step = self.steps.named("examination")
        self.t1 = T1Section(self.ui.t1Section, lambda source: self.loading.flipAngles(source))
        self.examination = ExaminationSection(
            step.body, self.ui, lambda source: self.loading.dynamic(source), self._onAnswer, self._advance
        )
        self.loading = SeriesLoading(self, self.examination.box, self.t1.loaded)
        self._add("examination", self.examination)
        self.motion = MotionSection(self, self.ui.motionSection)
        step.inner += [self.motion, self.t1]
        self.offering.also(self.examination.box.refresh)

    def _buildTumour(self) -> None:
        body = self.steps.named("tumour").body
        self.tumour = TumourSection(body, self.ui, self.run)
        self._add("tumour", self.tumour)

    def _buildInput(self) -> None:
        step = self.steps.named("input")
        self.arterial = InputSection(self.ui)
        self.artery = ArterySection(step.body, self.run)
        step.inner.append(self.arterial)
        self._add("input", self.artery, 1)

    def _buildCompute(self) -> None:
        step = self.steps.named("compute")
        self.compute = ComputeSection(step.body, self.ui, lambda: self.runBar.begin(self.computation.preview))
        self._add("compute", self.compute, 1)
        self.runBar.placeButton(self.compute, self.compute.previewButton)

    def _buildLook(self) -> None:
        body = self.steps.named("look").body
        self.results, self.look = ResultsSection(body), LookSection(body)
        self.probe = ProbeView(body, self.computation.probe)
        # The cut of the vascular fraction, which the form has, stands below the histogram.
        for row, part in ((0, self.results), (1, self.look), (3, self.probe)):
            self._add("look", part, row)

    def _buildKeep(self) -> None:
        step = self.steps.named("keep")
        self.keep = KeepSection(step.body, self.steps.follow)
        self._add("keep", self.keep, 1)

    def onParametersChanged(self) -> None:
        showRows(self)
        images = shown_volume(self.parameters.dynamic)
        for section in (self.tumour.segments, self.arterial.artery, self.compute.reference):
            section.setSourceVolume(images)

    def reasonNotReady(self) -> str:
        return self.readiness.reason()

    def start(self) -> None:
        self.computation.start()

    def setParameterNode(self, parameters) -> None:
        ModulePanel.setParameterNode(self, parameters)
        if parameters is None and self.computation is not None:
            self.computation.forget()

    def onQuestions(self, questions: list[Question]) -> None:
        self.examination.questions.ask(questions)
        self.steps.open("examination")

    def _onAnswer(self, key: str, text: str) -> None:
        self.loading.again(store_answer(self.parameters, key, text))

    def _advance(self) -> None:
        """Open the results of an examination that has some, else the first step that is not done."""
        self.results.follow()
        if self.readiness.computed(self.parameters):
            self.steps.open("look")
        else:
            self.steps.openFirstUndone()

    def loaded(self, node) -> str:
        """What to say when images have been loaded: their name, and what is still missing."""
        missing = "" if self.parameters is None else self.reasonNotReady()
        return f"{_('Loaded {name}.').format(name=node.GetName())} {missing}".strip()

"""The panel: a time line that stays, and five pages from the measurements of a patient to a report."""

from __future__ import annotations

import qt
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import ModulePanel, Page, Pages, Pinned
from HER2ImmunoCommonLib.scene import is_measurement_table
from slicer.i18n import tr as _

from ..findings.plan import PlanRequest
from ..scene.given import is_treatment_table
from ..scene.inputs import gather
from ..scene.scenarios import shown_place
from .align_section import AlignSection
from .calibrate_section import CalibrateSection
from .check_section import CheckSection
from .cohort_section import CohortSection
from .compare_section import CompareSection
from .compared_views import ComparedViews
from .cost_section import CostSection
from .evidence_section import EvidenceSection
from .exposure_plot import ExposurePlot
from .exposure_section import ExposureSection
from .findings_view import FindingsView
from .keep_row import KeepRow
from .limits_section import LimitsSection
from .live_forecast import LiveForecast, forecasts_of
from .measurement_section import MeasurementSection
from .model_form import ModelForm
from .model_picture import ModelPicture
from .model_section import ModelSection
from .next_scan_section import NextScanSection
from .noise_section import NoiseSection
from .optimum_section import OptimumSection
from .parameter_section import ParameterSection
from .patient_section import PatientSection
from .prior_section import PriorSection
from .regimen_section import RegimenSection
from .report_section import ReportSection
from .scenario_section import ScenarioSection
from .scene_visits import SceneVisits
from .schedule_form import ScheduleForm
from .time_line_section import TimeLineSection
from .treatment_section import TreatmentSection
from .visit_list import VisitList
from .work_section import runRequest


class Panel(ModulePanel):
    """Time line and tabs, which stay in sight, above the page that is open."""

    runText = _("Calibrate and rank")

    def build(self):
        self.locked = [getattr(self.ui, f"{name}Section") for name in LOCKED]
        self._buildTop()
        self._buildScene()
        self._buildVisits()
        self._buildCalibrate()
        self._buildWhatIf()
        self._buildChoose()
        self.report = ReportSection(self.ui.reportPage, self._onQuestionRunning)
        self.ui.reportPage.layout().addWidget(self.report)
        self.questions = [self.prior, self.evidence, self.check, self.choice, self.optimum]
        self.sections = [self.alignment, self.calibration, self.cohort, *self.questions, self.nextScan, self.report]
        self.parts += [self.sceneVisits, self.comparedViews, self.visitList, self.comparison]
        self.parts += [self.measurements, self.patient, self.treatments, self.regimens, self.limits]
        self.parts += [self.exposures, self.costs, self.results, self.modelForm, self.scheduleForm, *self.sections]
        self.parts += [self.keepRow, self.keepFound, self.modelPicture, self.parameterChoices, self.noise]
        self.parts += [self.timeLine, self.scenarios, self.curves, self.live, self.pages, self.pinned]

    def _buildTop(self):
        """What stays in sight."""
        self.top = qt.QWidget(self.column.content)
        self.live = LiveForecast(self.widget.parent, self._onExpected)
        self.timeLine = TimeLineSection(self.top, self.live.preview)
        self.pages = Pages(self.top, _pages(self.ui), "page", self._onPage)
        layout = qt.QVBoxLayout(self.top)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.timeLine)
        layout.addWidget(self.pages)
        self.pinned = Pinned(self.column, self.top)

    def _buildScene(self):
        """The visits whose images the scene holds."""
        ui = self.ui
        self.sceneVisits = SceneVisits(ui.visitsPage, self._onSceneVisits)
        self.comparedViews = ComparedViews(ui.visitsPage, self.sceneVisits, self._onSceneVisits)
        self.visitList = VisitList(ui.sceneVisitsSection, self.sceneVisits)
        given = self.sceneVisits, self.comparedViews
        self.alignment = AlignSection(ui.alignSection, *given, self._onQuestionRunning)
        self.comparison = CompareSection(ui.compareSection, *given)
        ui.sceneVisitsSection.layout().addWidget(self.visitList)
        ui.alignSection.layout().addWidget(self.alignment)
        ui.compareSection.layout().addWidget(self.comparison)

    def _buildVisits(self):
        ui = self.ui
        self.measurements = MeasurementSection(ui.measurementSection, self._onMeasurements)
        ui.measurementSection.layout().addWidget(self.measurements)
        self.patient = PatientSection(ui.patientSection)
        self.treatments = TreatmentSection(ui.treatmentSection, self._onTreatments)
        self.regimens = RegimenSection(ui.treatmentSection, self.checkReady)
        self.limits = LimitsSection(ui.treatmentSection)
        for part in (self.treatments, self.regimens, self.limits):
            ui.treatmentSection.layout().addWidget(part)
        self.offering.only(ui.measurementSelector, is_measurement_table)
        self.offering.only(ui.treatmentSelector, is_treatment_table)

    def _buildCalibrate(self):
        ui, given = self.ui, (self.logic, self._onQuestionRunning)
        self.modelForm, self.modelPicture = ModelForm(ui), ModelPicture(ui.modelSection)
        self.parameterChoices, self.noise = ParameterSection(ui.modelSection), NoiseSection(ui.modelSection)
        for part in (self.modelPicture, self.parameterChoices, self.noise):
            ui.modelSection.layout().addRow(part)
        self.prior = PriorSection(ui.priorSection, ui.priorChoices, *given)
        self.calibration = CalibrateSection(ui.calibratePage, ui.evidenceSection, self.parameterChoices, *given)
        self.cohort = CohortSection(ui.calibratePage, ui.evidenceSection, *given)
        self.evidence = EvidenceSection(ui.evidenceSection, ui.evidenceChoices, *given)
        self.check = CheckSection(ui.checkSection, ui.checkChoices, *given)
        self.choice = ModelSection(ui.choiceSection, ui.choiceChoices, *given)

    def _buildWhatIf(self):
        page = self.ui.whatIfPage
        self.scenarios, self.curves, self.exposures = ScenarioSection(page), ExposurePlot(page), ExposureSection(page)
        for part in (self.scenarios, self.curves, self.exposures):
            page.layout().addWidget(part)
        self.nextScan = NextScanSection(page, self.logic, self._onQuestionRunning)

    def _buildChoose(self):
        ui = self.ui
        self.scheduleForm = ScheduleForm(ui)
        weights = ("Neutrophils", "Heart", "Failure", "Visits", "Weeks")
        self.costs = CostSection(ui.costSection, [getattr(ui, f"weigh{name}SpinBox") for name in weights])
        self.results = FindingsView(ui.choosePage, PlanRequest.kind, wrapped=True)
        self.keepRow = KeepRow(self.results, self._onKept)
        self.optimum = OptimumSection(ui.optimumSection, ui.optimumChoices, self.logic, self._onQuestionRunning)
        self.keepFound = KeepRow(self.optimum.view, self._onKept)

    def layBelow(self):
        layout = self.ui.choosePage.layout()
        at = layout.indexOf(self.ui.optimumSection)
        layout.insertWidget(at, self.results)
        layout.insertWidget(at, self.runBar)

    def _onPage(self):
        """Another page was opened: it is seen from its top."""
        self.pinned.scrollToTop()

    def _onExpected(self, expected):
        """What is expected of planned doses is known anew."""
        if self.parameters is None or expected.now is None:
            self.timeLine.showExpected(None)
        else:
            self.timeLine.showExpected(*forecasts_of(expected, shown_place(self.parameters)))
        self.scenarios.showExpected(expected)

    def _onSceneVisits(self):
        """Images have come or gone, or something was said of a visit."""
        for part in (self.comparedViews, self.visitList, self.alignment, self.comparison):
            part.follow()

    def _onTreatments(self):
        """The treatment table was edited: regimens, limits, scenarios and the drug of a model of any one go by it."""
        for part in (self.regimens, self.limits, self.exposures, self.costs, self.timeLine):
            part.refresh()
        for part in (self.modelForm, self.modelPicture, self.parameterChoices, self.evidence):
            part.refresh()
        for part in (self.scenarios, self.curves, self.live):
            part.refresh()
        self.scheduleForm.follow()
        self.checkReady()

    def _onMeasurements(self):
        """The measurement table was edited: visits and what was measured at them are on the time line."""
        for part in (self.timeLine, self.modelPicture, self.parameterChoices, self.scenarios, self.live):
            part.refresh()
        self.scheduleForm.follow()
        self.checkReady()

    def _onKept(self):
        """A scenario was made of a row."""
        for part in (self.timeLine, self.scenarios, self.live):
            part.refresh()

    def reasonNotReady(self):
        return self.measurements.problem() or self.treatments.problem() or self._wrongSetting()

    def _wrongSetting(self):
        try:
            request = gather(self.parameters)
        except InputError as error:
            self.timeLine.compareWith("")
            return str(error)
        self.results.compareWith(request.key())
        self.timeLine.compareWith(request.key())
        return ""

    def checkReady(self):
        ModulePanel.checkReady(self)
        if self.parameters is not None:
            for section in self.sections:
                section.check()

    def onRunning(self, running):
        self._lockPlans(running)
        for section in self.sections:
            section.lock(running)

    def _lockPlans(self, locked):
        for part in (self.timeLine, self.scenarios):
            part.setLocked(locked)

    def start(self):
        self.timeLine.flush()
        first = self.calibration.gather(self.parameters)
        runRequest(self.logic, self.parameters, gather(self.parameters), self.runBar, first)

    def _onQuestionRunning(self, section, running):
        self.lock(running)
        self._lockPlans(running)
        self.runBar.setEnabled(not running)
        for other in self.sections:
            other.lock(running, other is section)
        if not running:
            self.checkReady()


LOCKED = (
    "sceneVisits",
    "measurement",
    "patient",
    "treatment",
    "model",
    "advanced",
    "schedule",
    "dose",
    "cost",
    "constraint",
)
"""Sections that nothing may be changed in while work runs."""


def _pages(ui) -> list[Page]:
    """The pages in the order in which a person needs them."""
    return [
        Page("visits", _("Visits"), _("What was measured, and what was given"), ui.visitsPage),
        Page("calibrate", _("Calibrate"), _("The model, and what the data say of it"), ui.calibratePage),
        Page("what_if", _("What if"), _("Scenarios: what the model expects of doses"), ui.whatIfPage),
        Page("choose", _("Choose"), _("Schedules against each other, within limits"), ui.choosePage),
        Page("report", _("Report"), _("Everything on one page, to show and to keep"), ui.reportPage),
    ]

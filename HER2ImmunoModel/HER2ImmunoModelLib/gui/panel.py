"""The panel: measurements and doses in; a calibrated model, ranked schedules and answers to more questions out."""

from __future__ import annotations

import qt
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import ChoiceBox, ModulePanel, Pinned
from HER2ImmunoCommonLib.scene import is_measurement_table
from slicer.i18n import tr as _

from ..findings import wording
from ..findings.plan import PlanRequest
from ..scene.clinical_rules import cytotoxic_choices
from ..scene.given import is_treatment_table
from ..scene.inputs import gather
from ..scene.patients import weekday_of_day_zero
from .check_section import CheckSection
from .cost_section import CostSection
from .evidence_section import EvidenceSection
from .exposure_section import ExposureSection
from .findings_view import FindingsView
from .limits_section import LimitsSection
from .measurement_section import MeasurementSection
from .model_section import ModelSection, modelTitles
from .optimum_section import OptimumSection
from .patient_section import PatientSection
from .regimen_section import RegimenSection
from .report_section import ReportSection
from .tick_field import TickField
from .time_line_section import TimeLineSection
from .treatment_section import TreatmentSection
from .work_section import runRequest


class Panel(ModulePanel):
    """Time line, form, the two tables, run bar, results, and the sections with more questions."""

    runText = _("Calibrate and rank")

    def build(self):
        ui = self.ui
        self.timeLine = TimeLineSection(self.column.content)
        self.pinned = Pinned(self.column, self.timeLine)
        self.measurements = MeasurementSection(ui.measurementSection, self._onMeasurements)
        ui.measurementSection.layout().addWidget(self.measurements)
        self.patient = PatientSection(ui.patientSection)
        self.treatments = TreatmentSection(ui.treatmentSection, self._onTreatments)
        self.regimens = RegimenSection(ui.treatmentSection, self.checkReady)
        self.limits = LimitsSection(ui.treatmentSection)
        self.exposures = ExposureSection(ui.treatmentSection)
        for part in (self.treatments, self.regimens, self.limits, self.exposures):
            ui.treatmentSection.layout().addWidget(part)
        weights = ("Neutrophils", "Heart", "Failure", "Visits", "Weeks")
        self.costs = CostSection(ui.costSection, [getattr(ui, f"weigh{name}SpinBox") for name in weights])
        self.offering.only(ui.measurementSelector, is_measurement_table)
        self.offering.only(ui.treatmentSelector, is_treatment_table)
        self.resultsSection = qt.QWidget(self.widget.parent)
        self._buildQuestions()
        self.results = FindingsView(self.resultsSection, PlanRequest.kind, wrapped=True)
        below = qt.QVBoxLayout(self.resultsSection)
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self.results)
        below.addWidget(ui.questions)
        below.addWidget(self.report)
        ui.questions.layout().setContentsMargins(0, 6, 0, 0)
        self.parts += [self.measurements, self.patient, self.treatments, self.regimens, self.limits]
        self.parts += [self.exposures, self.costs, self.results, *self._boxes(), *self.sections]
        self.parts += [self.timeLine, self.pinned]

    def _buildQuestions(self):
        ui, given = self.ui, (self.logic, self._onQuestionRunning)
        self.evidence = EvidenceSection(ui.evidenceSection, ui.evidenceChoices, *given)
        self.check = CheckSection(ui.checkSection, ui.checkChoices, *given)
        self.choice = ModelSection(ui.choiceSection, ui.choiceChoices, *given)
        self.optimum = OptimumSection(ui.optimumSection, ui.optimumChoices, *given)
        self.report = ReportSection(self.resultsSection, self._onQuestionRunning)
        self.questions = [self.evidence, self.check, self.choice, self.optimum]
        self.sections = [*self.questions, self.report]

    def _boxes(self):
        ui, days = self.ui, (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"))
        days = dict(enumerate((*days, _("Saturday"), _("Sunday"))))
        methods = {"map": _("Posterior mode (fast)"), "mcmc": _("Full posterior (MCMC)")}
        candidates = {"standard": _("Six standard schedules"), "order_gap_split": _("Every order, gap and split")}
        self.model = _row(ui.modelSection, 0, _("Model:"), "model", modelTitles(), _("Tumour model to calibrate"))
        tip = _("Whose default parameters and drug half-lives the calibration starts from")
        self.species = _row(
            ui.modelSection, 1, _("Species:"), "species", {"human": _("Human"), "mouse": _("Mouse")}, tip
        )
        tip = _("The full posterior takes about a minute and needs the package emcee, which is then asked for")
        self.method = _row(ui.modelSection, 2, _("Method:"), "method", methods, tip)
        tip = _(
            "Standard: trastuzumab then chemotherapy, the reverse, both together, each alone, none. Every order, gap "
            "and split: also the same totals with up to 14 days either way between the drugs, in more or fewer doses"
        )
        self.candidates = _row(ui.scheduleSection, 0, _("Compare:"), "candidates", candidates, tip)
        tip = _("What makes one schedule better than another")
        at = ui.scheduleSection.layout().rowCount() - 1
        self.objective = _row(ui.scheduleSection, at, _("Judge by:"), "objective", wording.OBJECTIVE_TITLES, tip)
        self._buildClinicalLimits(ui.constraintSection)
        tip = _("Day of the week of day 0, for the rule above")
        self.weekday = _row(ui.constraintSection, 1, _("Day 0 is a:"), "weekdayOfDayZero", days, tip)
        self._weekdayTip = tip
        return [
            self.clinicalLimits,
            self.cytotoxicIs,
            self.model,
            self.species,
            self.method,
            self.candidates,
            self.objective,
            self.weekday,
        ]

    def _buildClinicalLimits(self, section):
        """The limits of the clinic as a rule, and what the chemotherapy of the model is for them."""
        tip = _(
            "Leave out schedules that break a limit of the clinic for this patient: least interval, largest dose, "
            "anthracycline, heart, blood (Limits and their sources, under Treatments given)"
        )
        self.clinicalLimits, self._limitsTip = TickField(section, "clinicalLimits", "", tip), tip
        tip = _("Drug of the library whose limits hold for the chemotherapy of the model; without one it has none")
        choices = {"": _("not said: no limits")} | cytotoxic_choices()
        self.cytotoxicIs = ChoiceBox(section, "cytotoxicIs", choices, tip)
        rows = ((_("Limits of the clinic:"), self.clinicalLimits), (_("Chemotherapy is:"), self.cytotoxicIs))
        for label, field in rows:
            section.layout().addRow(label, field)
            section.layout().labelForField(field).setToolTip(field.toolTip)

    def _onTreatments(self):
        """The treatment table was edited: regimens and limits go by it."""
        for part in (self.regimens, self.limits, self.exposures, self.costs, self.timeLine):
            part.refresh()
        self.checkReady()

    def _onMeasurements(self):
        """The measurement table was edited: visits and what was measured at them are on the time line."""
        self.timeLine.refresh()
        self.checkReady()

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

    def onParametersChanged(self):
        parameters, ui = self.parameters, self.ui
        every = parameters.candidates == "order_gap_split"
        weighed = parameters.toxicityBudget > 0 or parameters.against == "toxicity"
        rows = (
            (ui.scheduleSection, ui.splitsEdit, every),
            (ui.scheduleSection, ui.intervalsEdit, every),
            (ui.scheduleSection, ui.levelSpinBox, parameters.objective == "probability_below"),
            (ui.constraintSection, self.weekday, parameters.weekdaysOnly),
            (ui.constraintSection, self.cytotoxicIs, parameters.clinicalLimits and parameters.species == "human"),
            *(
                (ui.constraintSection, field, weighed)
                for field in (ui.weightTrastuzumabSpinBox, ui.weightCytotoxicSpinBox)
            ),
            (ui.advancedSection, ui.mostStepsSpinBox, parameters.method == "mcmc"),
        )
        self._showWeekday()
        hasLimits = parameters.species == "human"
        self.clinicalLimits.setEnabled(hasLimits)
        self.clinicalLimits.setToolTip(self._limitsTip if hasLimits else _("Limits are those of patients, not of mice"))
        for section, field, wanted in rows:
            self.formRows.show(section.layout(), field, wanted)

    def _showWeekday(self):
        """Where the date of day 0 is known, so is its day of the week."""
        parameters = self.parameters
        isDated = bool(parameters.dayZero)
        try:
            parameters.weekdayOfDayZero = weekday_of_day_zero(parameters)
        except InputError:  # which is said of the treatment table
            isDated = False
        self.weekday.setEnabled(not isDated)
        self.weekday.setToolTip(_("As the date of day 0 says, under Treatments given") if isDated else self._weekdayTip)

    def onRunning(self, running):
        self.timeLine.setLocked(running)
        for section in self.sections:
            section.lock(running)

    def start(self):
        self.timeLine.flush()
        runRequest(self.logic, self.parameters, gather(self.parameters), self.runBar)

    def _onQuestionRunning(self, section, running):
        self.ui.inputs.enabled = not running
        self.timeLine.setLocked(running)
        self.runBar.setEnabled(not running)
        for other in self.sections:
            other.lock(running, other is section)
        if not running:
            self.checkReady()


def _row(section, at, label, name, choices, tip):
    """A choice in a row of a section, its label with the same tip."""
    box, form = ChoiceBox(section, name, choices, tip), section.layout()
    form.insertRow(at, label, box)
    form.labelForField(box).setToolTip(tip)
    return box

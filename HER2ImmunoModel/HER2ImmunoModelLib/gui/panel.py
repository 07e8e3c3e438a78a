"""The panel: measurements and doses in, a calibrated model and ranked schedules out."""

from __future__ import annotations

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui.module_panel import ModulePanel
from slicer.i18n import tr as _

from .. import models, wording
from ..scene.inputs import gather
from .choice import Choice
from .measurement_section import MeasurementSection
from .result_section import ResultSection
from .treatment_section import TreatmentSection


class Panel(ModulePanel):
    """Form, the two tables, run bar and results."""

    runText = _("Calibrate and rank")

    def build(self):
        self.measurements = MeasurementSection(self.checkReady)
        self.ui.measurementSection.layout().addWidget(self.measurements)
        self.treatments = TreatmentSection(self.checkReady)
        self.ui.treatmentSection.layout().addWidget(self.treatments)
        self.resultsSection = self.results = ResultSection()
        self.parts += [self.measurements, self.treatments, self.results, *self._choices()]

    def _choices(self):
        ui = self.ui
        days = [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")]
        return [
            Choice(ui.modelComboBox, "model", [(model.name, model.title) for model in _library()]),
            Choice(ui.speciesComboBox, "species", [("human", _("Human")), ("mouse", _("Mouse"))]),
            Choice(ui.objectiveComboBox, "objective", list(wording.OBJECTIVE_TITLES.items())),
            Choice(ui.weekdayComboBox, "weekdayOfDayZero", list(enumerate(days))),
        ]

    def reasonNotReady(self):
        return self.measurements.problem() or self.treatments.problem() or self._wrongSetting()

    def _wrongSetting(self):
        try:
            request = gather(self.parameters)
        except InputError as error:
            return str(error)
        self.results.compareWith(request.key())
        return ""

    def onParametersChanged(self):
        isLevel = self.parameters.objective == "probability_below"
        self.ui.levelSpinBox.setVisible(isLevel)
        self.ui.levelSpinBoxLabel.setVisible(isLevel)
        self.ui.weekdayComboBox.setEnabled(self.parameters.weekdaysOnly)
        self.ui.weekdayComboBoxLabel.setEnabled(self.parameters.weekdaysOnly)

    def start(self):
        request = gather(self.parameters)

        def done(plan):
            self.logic.publish(self.parameters, request, plan)
            return _("Schedules ranked: see below.")

        self.run(request.make, done)


def _library():
    """The models, those of this project first, then the families; fuller models of a kind first."""
    library = [models.get(name) for name in models.names()]
    return sorted(library, key=lambda model: (bool(model.family), model.family, -len(model.drugs)))

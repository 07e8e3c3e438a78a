"""The schedules that are compared, what they are judged by, and the limits that they must keep."""

from __future__ import annotations

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import ChoiceBox, FormRows, PanelPart, StatusLine
from slicer.i18n import tr as _

from ..findings.ranked_table import before_ranking
from ..findings.wording import OBJECTIVE_TITLES
from ..scene.clinical_rules import cytotoxic_choices
from ..scene.inputs import gather
from ..scene.patients import weekday_of_day_zero
from ..scene.regimens_compared import REGIMENS
from .form_row import insertRow
from .regimen_ticks import RegimenTicks
from .tick_field import TickField


class ScheduleForm(PanelPart):
    """Rows of the forms of schedules and limits, of which those are shown that present choices need.

    Parameters
    ----------
    ui : the named widgets of the form
    """

    def __init__(self, ui):
        PanelPart.__init__(self)
        self._ui, self._rows, self._regimens = ui, FormRows(), None
        self._buildSchedules(ui.scheduleSection)
        self._buildLimits(ui.constraintSection)
        self.inner = [self.clinicalLimits, self.cytotoxicIs, self.candidates, self.regimens, self.objective]
        self.inner += [self.weekday]

    def _buildSchedules(self, section) -> None:
        candidates = {
            REGIMENS: _("Regimens of the library"),
            "standard": _("Six simple schedules of two drugs"),
            "order_gap_split": _("Two drugs in every order, gap and split"),
        }
        tip = _(
            "Regimens: those ticked below, in doses for this patient. Six simple schedules: trastuzumab then "
            "chemotherapy, the reverse, both together, each alone, none. Every order, gap and split: also the same "
            "totals with up to 14 days either way between the drugs, in more or fewer doses"
        )
        self.candidates = ChoiceBox(section, "candidates", candidates, tip)
        self.regimens, self.compared = RegimenTicks(section), StatusLine(section)
        self.objective = ChoiceBox(
            section, "objective", OBJECTIVE_TITLES, _("What makes one schedule better than another")
        )
        form = section.layout()
        insertRow(form, 0, _("Compare:"), self.candidates)
        form.insertRow(1, self.regimens)
        insertRow(form, form.rowCount() - 1, _("Judge by:"), self.objective)
        form.addRow(self.compared)

    def _buildLimits(self, section) -> None:
        """The limits of the clinic as a rule, what the chemotherapy of the model is for them, and the first weekday."""
        self._limitsTip = _(
            "Leave out schedules that break a limit of the clinic for this patient: least interval, largest dose, "
            "anthracycline, heart, blood (Limits and their sources, under Treatments given)"
        )
        self.clinicalLimits = TickField(section, "clinicalLimits", "", self._limitsTip)
        tip = _("Drug of the library whose limits hold for the chemotherapy of the model; regimens name theirs")
        choices = {"": _("not said: no limits")} | cytotoxic_choices()
        self.cytotoxicIs = ChoiceBox(section, "cytotoxicIs", choices, tip)
        days = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
        self._weekdayTip = _("Day of the week of day 0, for the rule above")
        self.weekday = ChoiceBox(section, "weekdayOfDayZero", dict(enumerate(days)), self._weekdayTip)
        form = section.layout()
        insertRow(form, 1, _("Day 0 is a:"), self.weekday)
        insertRow(form, form.rowCount(), _("Limits of the clinic:"), self.clinicalLimits)
        insertRow(form, form.rowCount(), _("Chemotherapy is:"), self.cytotoxicIs)

    def refresh(self) -> None:
        """Show what present choices need."""
        parameters = self._parameters
        if parameters is None:
            return
        self._showWeekday()
        self._sayCompared()
        isHuman = parameters.species == "human"
        self.clinicalLimits.setEnabled(isHuman)
        self.clinicalLimits.setToolTip(self._limitsTip if isHuman else _("Limits are those of patients, not of mice"))
        for section, field, wanted in self._wanted():
            self._rows.show(section.layout(), field, wanted)

    def _wanted(self):
        """Section and field of each row that is not always there, and whether it is needed now."""
        parameters, ui = self._parameters, self._ui
        every, regimens = parameters.candidates == "order_gap_split", parameters.candidates == REGIMENS
        weighed = parameters.toxicityBudget > 0 or parameters.against == "toxicity"
        return (
            (ui.scheduleSection, self.regimens, regimens),
            (ui.doseSection, ui.splitsEdit, every),
            (ui.doseSection, ui.intervalsEdit, every),
            (ui.scheduleSection, ui.levelSpinBox, parameters.objective == "probability_below"),
            (ui.constraintSection, self.weekday, parameters.weekdaysOnly),
            (ui.constraintSection, self.cytotoxicIs, parameters.clinicalLimits and parameters.species == "human"),
            (ui.constraintSection, ui.weightTrastuzumabSpinBox, weighed),
            (ui.constraintSection, ui.weightCytotoxicSpinBox, weighed),
        )

    def _sayCompared(self) -> None:
        """The days that are left open, and with regimens what is compared on which day, and what cannot be."""
        regimens = self._parameters.candidates == REGIMENS
        first, last = self._ui.startDaySpinBox, self._ui.horizonDaySpinBox
        first.specialValueText = _("the day after the last visit") if regimens else _("last visit")
        last.specialValueText = _("when all are over: see below") if regimens else _("42 days after the first dose")
        if regimens != self._regimens:
            self._regimens = regimens
            self._ui.doseSection.collapsed = regimens
        self.compared.say("plain", "")
        if not regimens:
            return
        try:
            request = gather(self._parameters)
        except InputError:  # which is said of the button
            return
        look = "warning" if request.comparison.left_out else "plain"
        days = request.settings.start_day, request.settings.horizon_day
        self.compared.say(look, "\n".join(before_ranking(request.comparison, *days)))

    def _showWeekday(self) -> None:
        """Where the date of day 0 is known, so is its day of the week."""
        parameters = self._parameters
        isDated = bool(parameters.dayZero)
        try:
            parameters.weekdayOfDayZero = weekday_of_day_zero(parameters)
        except InputError:  # which is said of the treatment table
            isDated = False
        self.weekday.setEnabled(not isDated)
        self.weekday.setToolTip(_("As the date of day 0 says, under Treatments given") if isDated else self._weekdayTip)

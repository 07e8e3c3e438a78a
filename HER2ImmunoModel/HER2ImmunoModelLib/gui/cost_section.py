"""What schedules cost the patient, and how much that weighs in the order."""

from __future__ import annotations

import qt
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import ChoiceBox, PanelPart, StatusLine
from slicer.i18n import tr as _

from ..scene.clinical_rules import cytotoxic_choices, forecast_remarks, has_burdens
from ..scene.inputs import gather
from ..scene.regimens_compared import REGIMENS


class CostSection(PanelPart, qt.QWidget):
    """Beside the weights: what the chemotherapy is, what a weight means, and for what there is no forecast.

    The section is hidden where doses are not those of the clinic.

    Parameters
    ----------
    section : ctkCollapsibleButton
        Which takes this widget.
    weights : sequence of QDoubleSpinBox
        Whose unit is that of what schedules are judged by.
    """

    def __init__(self, section, weights):
        qt.QWidget.__init__(self, section)
        PanelPart.__init__(self)
        self.section, self._weights = section, weights
        self.meaning, self.remarks = StatusLine(self), StatusLine(self)
        tip = _("Drug of the library that neutrophils and heart are predicted for; regimens name theirs")
        choices = {"": _("not said: no forecast")} | cytotoxic_choices()
        self.cytotoxicIs = ChoiceBox(section, "cytotoxicIs", choices, tip)
        self.inner = [self.cytotoxicIs]
        form = section.layout()
        form.insertRow(0, _("Chemotherapy is:"), self.cytotoxicIs)
        form.labelForField(self.cytotoxicIs).setToolTip(tip)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.meaning)
        layout.addWidget(self.remarks)
        form.addRow(self)
        section.setVisible(False)

    def refresh(self) -> None:
        """Show the section where it is of use, with the unit of the weights."""
        parameters = self._parameters
        try:
            regimens = parameters is not None and parameters.candidates == REGIMENS
            shown = parameters is not None and has_burdens(parameters, regimens=regimens)
        except InputError:  # which is said of the treatment table
            shown = False
        self.section.setVisible(shown)
        if not shown:
            return
        unit = _units().get(parameters.objective, _("cm³"))
        for field in self._weights:
            field.suffix = f" {unit}" if unit else ""
        self.meaning.say("plain", _meaning(unit))
        self.remarks.say("warning", "\n⚠ ".join(self._remarks()))

    def _remarks(self) -> tuple[str, ...]:
        try:
            request = gather(self._parameters)
        except InputError:  # which is said of the button
            return ()
        is_told = request.penalties is None or request.comparison is not None  # then it is said with the results
        return () if is_told else forecast_remarks(request.penalties)


def _units() -> dict[str, str]:
    """Units of objectives that are no volumes."""
    return {"time_to_progression": _("days"), "probability_below": ""}


def _meaning(unit: str) -> str:
    said = _("0.1 for each visit means: a visit less is worth 0.1 {unit} of what schedules are judged by.")
    return said.format(unit=unit).replace("  ", " ")

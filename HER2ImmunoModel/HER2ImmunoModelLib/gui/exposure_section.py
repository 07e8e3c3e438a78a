"""How the chosen model takes doses in units of the clinic."""

from __future__ import annotations

import ctk
import qt
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import ChoiceBox, Fold, FormRows, PanelPart, StatusLine
from slicer.i18n import tr as _

from .. import models
from ..scene.given import SETS, given, has_doses_in_units, has_several_sets, set_choices, set_remarks
from .tick_field import TickField


class ExposureSection(PanelPart, qt.QWidget):
    """A closed section with the kinetics of drugs, and a line for each drug: its kind, its numbers and their source.

    Hidden while the treatment table is in full doses.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self.section = ctk.ctkCollapsibleButton(self)
        inside = qt.QVBoxLayout(self.section)
        Fold(self.section, _("How the model takes these doses"))
        choices = qt.QWidget(self.section)
        self._form, self._rows = qt.QFormLayout(choices), FormRows()
        self._form.setFieldGrowthPolicy(qt.QFormLayout.AllNonFixedFieldsGrow)
        self._form.setContentsMargins(0, 0, 0, 0)
        tip = _("Publication whose numbers the concentrations of the drug are computed with")
        self.sets = {drug: ChoiceBox(choices, field, set_choices(drug), tip) for field, drug in SETS.items()}
        tip = _(
            "Each draw has its own clearances and volumes, with the spread of patients; else all have those of this "
            "patient"
        )
        self.vary = TickField(choices, "bodiesVary", _("Bodies differ between draws"), tip)
        self.warning, self.lines = StatusLine(self.section), StatusLine(self.section)
        self.inner = [*self.sets.values(), self.vary]
        self._lay(choices, inside)

    def _lay(self, choices, inside) -> None:
        for drug, box in self.sets.items():
            self._form.addRow(_("Kinetics of {drug}:").format(drug=drug), box)
            self._form.labelForField(box).setToolTip(box.toolTip)
        self._form.addRow(self.vary)
        for widget in (choices, self.warning, self.lines):
            inside.addWidget(widget)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.section)
        self.section.setVisible(False)

    def refresh(self) -> None:
        """Show the exposures of the doses that are in the table now."""
        parameters = self._parameters
        if parameters is None:
            return
        exposures, error = None, ""
        try:
            if has_doses_in_units(parameters.treatments, parameters.species):
                exposures = given(parameters, models.get(parameters.model, parameters.species))[1]
        except InputError as raised:
            error = str(raised)
        followed = set() if exposures is None else set(exposures.model.agents)
        for drug, box in self.sets.items():
            self._rows.show(self._form, box, drug in followed and has_several_sets(drug, parameters.species))
        self.warning.say("warning", " ".join(set_remarks(parameters, followed)))
        said = "" if exposures is None else "\n".join(f"• {line}" for line in exposures.drugs)
        self.lines.say("error" if error else "plain", error or said)
        self.section.setVisible(bool(error or said))

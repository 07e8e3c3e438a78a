"""How the chosen model takes doses in units of the clinic."""

from __future__ import annotations

from collections.abc import Collection

import ctk
import qt
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import ChoiceBox, Fold, FormRows, PanelPart, StatusLine
from slicer.i18n import tr as _

from ..models.model import Model
from ..scene.chosen_model import shown_model
from ..scene.exposure_choices import ANTIBODIES, CHEMOTHERAPY, SETS, has_several_sets, set_choices, set_remarks
from ..scene.given import fields_of_kinds, given, has_doses_in_units
from .form_row import addRows
from .tick_field import TickField


class ExposureSection(PanelPart, qt.QWidget):
    """A closed section with kinds of exposure, the kinetics of drugs, and a line for each drug: its kind, its numbers
    and their source.

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
        self.kinds = {name: ChoiceBox(choices, name, kinds, tip) for name, (_label, kinds, tip) in _kinds().items()}
        tip = _("Publication whose numbers the concentrations of the drug are computed with")
        self.sets = {drug: ChoiceBox(choices, field, set_choices(drug), tip) for field, drug in SETS.items()}
        tip = _(
            "Each draw has its own clearances and volumes, with the spread of patients; else all have those of this "
            "patient"
        )
        self.vary = TickField(choices, "bodiesVary", _("Bodies differ between draws"), tip)
        self.warning, self.lines = StatusLine(self.section), StatusLine(self.section)
        self.inner = [*self.kinds.values(), *self.sets.values(), self.vary]
        self._lay(choices, inside)

    def _lay(self, choices, inside) -> None:
        rows = [(_kinds()[name][0], box) for name, box in self.kinds.items()]
        rows += [(_("Kinetics of {drug}:").format(drug=drug), box) for drug, box in self.sets.items()]
        addRows(self._form, rows)
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
        exposures, error, kinds = None, "", ()
        try:
            if has_doses_in_units(parameters.treatments, parameters.species):
                model = shown_model(parameters)
                kinds = fields_of_kinds(parameters, model)
                exposures = given(parameters, model)[1]
        except InputError as raised:
            error = str(raised)
        followed = None if exposures is None else exposures.model
        self._showRows(kinds, followed)
        said = "" if exposures is None else "\n".join(f"• {line}" for line in exposures.drugs)
        self.lines.say("error" if error else "plain", error or said)
        self.section.setVisible(bool(error or said))

    def _showRows(self, kinds: Collection[str], followed: Model | None) -> None:
        """The choices that the drugs have, also where what is chosen cannot be."""
        parameters, agents = self._parameters, set() if followed is None else set(followed.agents)
        for name, box in self.kinds.items():
            self._rows.show(self._form, box, name in kinds)
        for drug, box in self.sets.items():
            self._rows.show(self._form, box, drug in agents and has_several_sets(drug, parameters.species))
        self._rows.show(self._form, self.vary, bool(agents))
        self.warning.say("warning", " ".join(set_remarks(parameters, agents)))


def _kinds() -> dict[str, tuple[str, dict[str, str], str]]:
    """Label, choices and tip of each kind of exposure, by field of the parameter node."""
    usual, doses, stages = _("as suits the drug"), _("full doses (relative)"), _("area in {count} stages (chain)")
    return {
        ANTIBODIES: (
            _("Antibodies act by:"),
            {"": usual, "central": _("concentration (central)"), "relative": doses},
            _(
                "What the tumour is told of antibodies and conjugates: their concentration in plasma over time, by "
                "their kinetics in this patient; or the number of full doses, which fades at one rate. As suits the "
                "drug: the concentration, where kinetics and model allow it"
            ),
        ),
        CHEMOTHERAPY: (
            _("Chemotherapy acts by:"),
            {
                "": usual,
                "pulse": _("area at once (pulse)"),
                "chain 1": _("area in 1 stage (chain)"),
                **{f"chain {count}": stages.format(count=count) for count in (2, 3)},
                "relative": doses,
            },
            _(
                "What the tumour is told of chemotherapy: the area under its curve in this patient, which acts at once "
                "and fades; the same area, which passes 1 to 3 equal stages before it acts, so that the effect comes "
                "later; or the number of full doses. As suits the drug: the area at once, where the model allows it"
            ),
        ),
    }

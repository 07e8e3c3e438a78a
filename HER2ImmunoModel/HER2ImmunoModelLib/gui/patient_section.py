"""Whom the doses are for: numbers of the patient; an empty field is assumed, and says so."""

from __future__ import annotations

import ctk
import qt
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import ChoiceBox, Fold, FormRows, PanelPart, StatusLine, setTitle
from slicer.i18n import tr as _

from ..scene.patients import NUMBERS, WEIGHT_OF_MOUSE, Taken, patient_of, said_of_patient, taken_as
from .history_section import HistorySection
from .text_field import TextField
from .tick_field import TickField


class PatientSection(PanelPart, qt.QWidget):
    """Weight, height, age and what else doses and limits need; inside it, closed, the heart, the blood and the past.

    Parameters
    ----------
    parent : ctkCollapsibleButton
        The section, which takes this widget; its title says how much is known.
    """

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self.section = parent
        choices = qt.QWidget(self)
        self._form, self._rows = qt.QFormLayout(choices), FormRows()
        self._form.setFieldGrowthPolicy(qt.QFormLayout.AllNonFixedFieldsGrow)
        self._form.setContentsMargins(0, 0, 0, 0)
        self.fields = {name: TextField(choices, name, tip) for name, (_label, tip) in _numbers().items()}
        self.sex = ChoiceBox(
            choices,
            "sex",
            {"": _("not known"), "female": _("female"), "male": _("male")},
            _("Sex, which clearances and Cockcroft-Gault depend on; not known: no such factor, and a woman's GFR"),
        )
        self.liver = TickField(
            choices,
            "liverMetastases",
            _("Liver metastases"),
            _("They raise the clearance of trastuzumab by its kinetics q19; other kinetics leave them out"),
        )
        self._layRows()
        self.said = StatusLine(self)
        self.history = HistorySection(_fold(self, _("Heart, blood and earlier treatment")))
        self.inner = [*self.fields.values(), self.sex, self.liver, self.history]
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (choices, self.said, self.history.section):
            layout.addWidget(widget)
        parent.layout().addWidget(self)

    def _layRows(self) -> None:
        for name, (label, tip) in _numbers().items():
            self._form.addRow(label, self.fields[name])
            self._form.labelForField(self.fields[name]).setToolTip(tip)
            if name == "ageYears":
                self._form.addRow(_("Sex:"), self.sex)
                self._form.labelForField(self.sex).setToolTip(self.sex.toolTip)
        self._form.addRow(self.liver)

    def refresh(self) -> None:
        """Show what is known, what is assumed, and what is wrong."""
        parameters = self._parameters
        if parameters is None:
            return
        isMouse = parameters.species == "mouse"
        for name, field in self.fields.items():
            self._rows.show(self._form, field, isMouse == (name == WEIGHT_OF_MOUSE))
        for field in (self.sex, self.liver):
            self._rows.show(self._form, field, not isMouse)
        self.history.section.setVisible(not isMouse)
        for name, taken in taken_as(parameters).items():
            self.fields[name].placeholderText = _placeholder(taken)
        try:
            self.said.say("plain", said_of_patient(patient_of(parameters)))
        except InputError as error:
            self.said.say("error", str(error))
        self._title(isMouse)

    def _title(self, isMouse: bool) -> None:
        names = [WEIGHT_OF_MOUSE] if isMouse else list(NUMBERS)
        known = [name for name in names if getattr(self._parameters, name)]
        title = _("Mouse") if isMouse else _("Patient")
        said = _("typical, nothing known") if not known else _("{known} of {all} numbers known")
        wrong = f"{title}: {_('see what is wrong')}"
        said = f"{title}: {said.format(known=len(known), all=len(names))}"
        setTitle(self.section, wrong if self.said.look == "error" else said)


def _placeholder(taken: Taken) -> str:
    if taken.value is None:
        return _("not known")
    return _("{value:.4g} ({rule})").format(value=taken.value, rule=taken.rule or _("assumed"))


def _fold(parent, title: str):
    """A closed section inside a section."""
    section = ctk.ctkCollapsibleButton(parent)
    qt.QVBoxLayout(section)
    Fold(section, title)
    return section


def _numbers() -> dict[str, tuple[str, str]]:
    """Label with unit, and tip with unit and reason, of each field."""
    kg = _("Weight in kg, for doses in mg/kg, body surface, Cockcroft-Gault and the clearance of antibodies; 20 to 300")
    return {
        "weightKg": (_("Weight (kg):"), kg),
        WEIGHT_OF_MOUSE: (_("Weight (g):"), _("Weight in g, for doses in mg/kg; 10 to 60")),
        "heightCm": (
            _("Height (cm):"),
            _("Height in cm, for the body surface (Mosteller); without it 1.8 m² are assumed; 100 to 230"),
        ),
        "ageYears": (_("Age (years):"), _("Age in years, for Cockcroft-Gault; 18 to 110")),
        "creatinineMgPerDl": (
            _("Creatinine (mg/dL):"),
            _("Serum creatinine in mg/dL, for Cockcroft-Gault, where GFR is not given; 0.2 to 15"),
        ),
        "gfrMlPerMin": (
            _("GFR (mL/min):"),
            _("Glomerular filtration rate in mL/min, for carboplatin (Calvert, counted up to 125); 5 to 250"),
        ),
        "albuminGPerDl": (
            _("Albumin (g/dL):"),
            _("Serum albumin in g/dL, which the clearance of antibodies depends on; 1 to 6.5"),
        ),
        "astUPerL": (
            _("AST (U/L):"),
            _("Aspartate aminotransferase in U/L, for trastuzumab by its kinetics q19 only; 2 to 2000"),
        ),
    }

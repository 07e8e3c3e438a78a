"""What the limits count besides doses: heart, blood and earlier treatment."""

from __future__ import annotations

import qt
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import ChoiceBox, PanelPart, StatusLine
from slicer.i18n import tr as _

from ..scene.patients import history_of
from .text_field import TextField
from .tick_field import TickField


class HistorySection(PanelPart, qt.QWidget):
    """Optional measurements and the past, as fields and boxes to tick.

    Parameters
    ----------
    parent : ctkCollapsibleButton
        The section, which takes this widget.
    """

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self.section = parent
        rules = {"US": _("US label"), "EU": _("EU label")}
        tip = _("Whose label says when trastuzumab and pertuzumab are held for the heart")
        self.rule = ChoiceBox(self, "lvefRule", rules, tip)
        self.fields = {name: TextField(self, name, tip) for name, (_label, _empty, tip) in _lines().items()}
        self.ticks = {name: TickField(self, name, text, tip, values) for name, (text, tip, values) in _ticks().items()}
        self.status = StatusLine(self)
        self.inner = [*self.fields.values(), self.rule, *self.ticks.values()]
        self._lay()
        parent.layout().addWidget(self)

    def _lay(self) -> None:
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        form = qt.QFormLayout()
        layout.addLayout(form)
        form.setFieldGrowthPolicy(qt.QFormLayout.AllNonFixedFieldsGrow)
        for name, (label, empty, tip) in _lines().items():
            self.fields[name].placeholderText = empty
            form.addRow(label, self.fields[name])
            form.labelForField(self.fields[name]).setToolTip(tip)
            if name == "lvef":
                form.addRow(_("Rule for LVEF:"), self.rule)
                form.labelForField(self.rule).setToolTip(self.rule.toolTip)
        for tick in self.ticks.values():
            form.addRow(tick)
        layout.addWidget(self.status)

    def refresh(self) -> None:
        """Say what is wrong."""
        if self._parameters is None:
            return
        try:
            history_of(self._parameters)
        except InputError as error:
            self.status.say("error", str(error))
        else:
            self.status.say("plain", "")


def _lines() -> dict[str, tuple[str, str, str]]:
    """Label with unit, what stands in the empty field, and tip."""
    measured = _("not measured")
    counts = _("as day: value with commas between; a count speaks for doses of the week after it")
    return {
        "lvefAtEntry": (
            _("LVEF at entry (%):"),
            measured,
            _("Left ventricular ejection fraction before treatment, in %; trials ask for 55 or more"),
        ),
        "lvef": (
            _("LVEF measured (%):"),
            _("day: value, as 0: 62, 84: 55"),
            _(
                "Left ventricular ejection fraction in %, as day: value with commas between; labels ask for it every 3 "
                "months"
            ),
        ),
        "neutrophils": (
            _("Neutrophils (10⁹/L):"),
            _("day: value, as 0: 4.2, 7: 1.1"),
            _("Absolute neutrophil count in 10⁹/L, {how}").format(how=counts),
        ),
        "platelets": (
            _("Platelets (10⁹/L):"),
            _("day: value, as 0: 250, 7: 90"),
            _("Platelets in 10⁹/L, {how}").format(how=counts),
        ),
        "priorDoxorubicin": (
            _("Doxorubicin before (mg/m²):"),
            _("none"),
            _("Doxorubicin of earlier treatment in all, in mg/m²; it counts to the limit of a life"),
        ),
        "priorEpirubicin": (
            _("Epirubicin before (mg/m²):"),
            _("none"),
            _("Epirubicin of earlier treatment in all, in mg/m²; it counts to the limit of a life"),
        ),
    }


def _ticks() -> dict[str, tuple[str, str, tuple]]:
    """Text, tip, and the values that are kept."""
    plain = (False, True)
    return {
        "growthFactor": (
            _("Growth factor with each cycle"),
            _(
                "With growth factor (G-CSF), doxorubicin and cyclophosphamide may be given every 2 weeks; filling a "
                "regimen ticks it as the regimen has it"
            ),
            plain,
        ),
        "chestRadiotherapy": (
            _("Radiotherapy of the chest before"),
            _("Lowers the limit of doxorubicin in a life from 550 to 400 mg/m²"),
            plain,
        ),
        "otherCardiotoxic": (
            _("Other drugs that harm the heart before"),
            _("Lowers the limit of doxorubicin in a life from 550 to 400 mg/m²"),
            plain,
        ),
        "metastatic": (
            _("Metastatic disease"),
            _("The limit of epirubicin in a life is 900 mg/m² then, 720 in early disease"),
            plain,
        ),
        "exception": (
            _("As its trial: anthracycline with anti-HER2"),
            _(
                "For regimens whose trial gave anthracycline with anti-HER2 drugs, which labels advise against; "
                "filling a regimen ticks it as the regimen has it"
            ),
            ("", "trial"),
        ),
    }

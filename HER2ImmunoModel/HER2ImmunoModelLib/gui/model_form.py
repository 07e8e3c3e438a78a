"""The tumour model to calibrate, whose numbers it starts from, and how."""

from __future__ import annotations

from HER2ImmunoCommonLib.gui import ChoiceBox, FormRows, PanelPart, StatusLine
from slicer.i18n import tr as _

from ..findings.volume_laws import SYMBOLS, growth_choices, said_of_laws, treatment_choices
from ..models.volume_family import FAMILY, USUAL, name_of, parts_of
from ..scene.chosen_model import drug_problem
from .form_row import insertRow
from .listed_choice import ListedChoice
from .model_section import modelTitles


class ModelForm(PanelPart):
    """Rows of the form of the model, and those that go with them under Advanced.

    The members of the volume family are one line of the list of models: their law of growth and treatment term are
    chosen in two further rows.

    Parameters
    ----------
    ui : the named widgets of the form
    """

    def __init__(self, ui):
        PanelPart.__init__(self)
        self._ui, self._rows, self._form = ui, FormRows(), ui.modelSection.layout()
        section = ui.modelSection
        methods = {"map": _("Posterior mode (fast)"), "mcmc": _("Full posterior (MCMC)")}
        self.model = ListedChoice(section, _("Tumour model to calibrate"), self._onModel)
        tip = _("By what law the tumour grows without treatment")
        self.growth = ListedChoice(section, tip, lambda name: self._onLaw(growth=name))
        tip = _("What the treatment takes from the growth; its drug is the one of the treatment table")
        self.treatment = ListedChoice(section, tip, lambda name: self._onLaw(treatment=name))
        tip = _("Whose default parameters and drug half-lives the calibration starts from")
        self.species = ChoiceBox(section, "species", {"human": _("Human"), "mouse": _("Mouse")}, tip)
        tip = _("The full posterior takes about a minute and needs the package emcee, which is then asked for")
        self.method = ChoiceBox(section, "method", methods, tip)
        self.inner = [self.species, self.method]
        self.laws, self.problem = StatusLine(section), StatusLine(section)
        self.laws.setToolTip(SYMBOLS)
        self._lay()

    def _lay(self) -> None:
        fields = (self.model, self.growth, self.treatment, self.species, self.method)
        labels = (_("Model:"), _("Growth:"), _("Treatment:"), _("Species:"), _("Method:"))
        for at, (label, box) in enumerate(zip(labels, fields, strict=True)):
            insertRow(self._form, at, label, box)
        for at, line in ((3, self.laws), (1, self.problem)):
            self._form.insertRow(at, line)

    def refresh(self) -> None:
        """Show the model with the rows that it has, and ask for the steps of the sampler where it runs."""
        parameters = self._parameters
        if parameters is None:
            return
        parts = parts_of(parameters.model)
        self._offer(parameters.model, parts)
        self._showRow(self.laws, said_of_laws(*parts) if parts else "")
        self._showRow(self.problem, drug_problem(parameters), "error")
        samples = parameters.method == "mcmc"
        self._rows.show(self._ui.advancedSection.layout(), self._ui.mostStepsSpinBox, samples)

    def _offer(self, model: str, parts: tuple[str, str] | None) -> None:
        listed = modelTitles() | {FAMILY: _("Tumour volume, any one drug")}
        chosen = FAMILY if parts else model
        listed.setdefault(chosen, chosen)  # of a scene of another version
        self.model.offer(_lines(listed), chosen)
        laws = (self.growth, growth_choices()), (self.treatment, treatment_choices())
        for (box, choices), name in zip(laws, parts or USUAL, strict=True):
            box.offer(_lines(choices), name)
            self._rows.show(self._form, box, parts is not None)

    def _showRow(self, line: StatusLine, said: str, look: str = "plain") -> None:
        self._rows.show(self._form, line, bool(said))
        line.say(look, said)

    def _onModel(self, name: str) -> None:
        if self._parameters is not None:
            self._parameters.model = name_of(*USUAL) if name == FAMILY else name

    def _onLaw(self, growth: str = "", treatment: str = "") -> None:
        parts = None if self._parameters is None else parts_of(self._parameters.model)
        if parts is not None:
            self._parameters.model = name_of(growth or parts[0], treatment or parts[1])


def _lines(choices: dict[str, str]) -> list[tuple[str, str]]:
    """Label and key of each choice."""
    return [(label, key) for key, label in choices.items()]

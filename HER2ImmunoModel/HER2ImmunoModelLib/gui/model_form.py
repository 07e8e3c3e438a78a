"""The tumour model to calibrate, whose numbers it starts from, and how."""

from __future__ import annotations

from HER2ImmunoCommonLib.gui import ChoiceBox, FormRows, PanelPart
from slicer.i18n import tr as _

from .form_row import insertRow
from .model_section import modelTitles


class ModelForm(PanelPart):
    """Rows of the form of the model, and those that go with them under Advanced.

    Parameters
    ----------
    ui : the named widgets of the form
    """

    def __init__(self, ui):
        PanelPart.__init__(self)
        self._ui, self._rows = ui, FormRows()
        section = ui.modelSection
        methods = {"map": _("Posterior mode (fast)"), "mcmc": _("Full posterior (MCMC)")}
        self.model = ChoiceBox(section, "model", modelTitles(), _("Tumour model to calibrate"))
        tip = _("Whose default parameters and drug half-lives the calibration starts from")
        self.species = ChoiceBox(section, "species", {"human": _("Human"), "mouse": _("Mouse")}, tip)
        tip = _("The full posterior takes about a minute and needs the package emcee, which is then asked for")
        self.method = ChoiceBox(section, "method", methods, tip)
        self.inner = [self.model, self.species, self.method]
        labels = (_("Model:"), _("Species:"), _("Method:"))
        for at, (label, box) in enumerate(zip(labels, self.inner, strict=True)):
            insertRow(section.layout(), at, label, box)

    def refresh(self) -> None:
        """Ask for the steps of the sampler where it runs."""
        if self._parameters is not None:
            samples = self._parameters.method == "mcmc"
            self._rows.show(self._ui.advancedSection.layout(), self._ui.mostStepsSpinBox, samples)

"""Which model explains the measurements best."""

from __future__ import annotations

import qt
from HER2ImmunoCommonLib.gui import ChoiceBox, TickRow
from slicer.i18n import tr as _

from .. import models
from ..findings.choice import ChoiceRequest, chosen_of
from ..models.volume_family import FAMILY
from ..scene.inputs import GROWTHS, TERMS, TICKED, gather_choice
from .tick_field import TickField
from .work_section import WorkSection

LIST_HEIGHT = 140


class ModelSection(WorkSection):
    """Weighs a family of models, or those that are ticked; the one picked becomes the model of the panel."""

    kind = ChoiceRequest.kind
    runText = _("Weigh the models")
    wrapped = True

    def __init__(self, parent, choices, logic, onRunning):
        WorkSection.__init__(self, parent, choices, logic, onRunning)
        families = {
            GROWTHS: _("Tumour volume: each law of growth"),
            TERMS: _("Tumour volume: each treatment"),
            FAMILY: _("Tumour volume: all of both (minutes)"),
            "two_drug": _("Two drugs"),
            "immunotherapy": _("Immunotherapy"),
            TICKED: _("Models ticked below"),
        }
        self.family = ChoiceBox(
            choices,
            "family",
            families,
            _(
                "Models that are calibrated to the measurements and weighed. Of each law of growth the treatment is "
                "the one chosen above, of each treatment the growth; where another model is chosen, the usual ones"
            ),
        )
        tip = _(
            "Weigh each model with each of the five ways in which volumes may scatter (cm³, a share of the volume, "
            "...), all in one table; takes five times as long"
        )
        self.noises = TickField(choices, "weighNoises", _("With each scatter of volumes"), tip)
        titles = modelTitles()
        names = {name: name.replace("_", " ") for name in titles}
        self.list = qt.QScrollArea(choices)
        self.ticked = TickRow(self.list, "tickedModels", names, columns=1, tips=titles)
        self.list.setWidget(self.ticked)
        self.list.setWidgetResizable(True)
        self.list.setMinimumHeight(LIST_HEIGHT)
        self.list.setMaximumHeight(LIST_HEIGHT)
        self.useButton = qt.QPushButton(_("Use the chosen model"), self)
        self.useButton.setToolTip(_("Make the model of the current row (the best if none is) the model of this panel"))
        self.useButton.connect("clicked()", self.useChosen)
        self.inner += [self.family, self.ticked, self.noises]
        self.more.addWidget(self.useButton)
        choices.layout().addRow(_("Models:"), self.family)
        choices.layout().addRow(self.list)
        choices.layout().addRow(self.noises)

    def gather(self, parameters) -> ChoiceRequest:
        return gather_choice(parameters)

    def refresh(self) -> None:
        if self._parameters is not None:
            self.list.setVisible(self._parameters.family == TICKED)
            self.useButton.setVisible(bool(self.view.chosenKey()))

    def useChosen(self) -> None:
        """Make the model of the current row the model of the panel."""
        name, noise = chosen_of(self.view.chosenKey())
        if name and self._parameters is not None:
            self._parameters.model = name
            if noise:
                self._parameters.noise = noise


def modelTitles() -> dict[str, str]:
    """Name and title of the models: those of this project first, then the families; fuller models of a kind first."""
    library = [models.get(name) for name in models.names()]
    library.sort(key=lambda model: (bool(model.family), model.family, -len(model.drugs)))
    return {model.name: model.title for model in library}

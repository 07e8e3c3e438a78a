"""Which model explains the measurements best."""

from __future__ import annotations

import qt
from HER2ImmunoCommonLib.gui.choice_box import ChoiceBox
from slicer.i18n import tr as _

from .. import models
from ..scene.inputs import TICKED, gather_choice
from ..work.choosing import ChoiceRequest
from .work_section import WorkSection

LIST_HEIGHT = 140


class ModelSection(WorkSection):
    """Weighs a family of models, or those that are ticked; the one picked becomes the model of the panel."""

    kind = ChoiceRequest.kind
    runText = _("Weigh the models")
    wrapped = True

    def __init__(self, logic, ui, onRunning):
        WorkSection.__init__(self, logic, ui.choiceSection, ui.choiceChoices, onRunning)
        families = {"two_drug": _("Two drugs"), "immunotherapy": _("Immunotherapy"), TICKED: _("Models ticked below")}
        self.family = ChoiceBox("family", families, _("Models that are calibrated to the measurements and weighed"))
        self.ticked = qt.QListWidget()
        self.ticked.setFixedHeight(LIST_HEIGHT)
        for name, title in modelTitles().items():
            item = qt.QListWidgetItem(title)
            item.setToolTip(name)
            item.setData(qt.Qt.UserRole, name)
            item.setCheckState(qt.Qt.Unchecked)
            self.ticked.addItem(item)
        self.ticked.connect("itemChanged(QListWidgetItem*)", self._onTicked)
        self.useButton = qt.QPushButton(_("Use the chosen model"))
        self.useButton.setToolTip(_("Make the model of the current row (the best if none is) the model of this panel"))
        self.useButton.connect("clicked()", self.useChosen)
        self.more.addWidget(self.useButton)
        ui.choiceForm.addRow(_("Models:"), self.family)
        ui.choiceForm.addRow(self.ticked)
        self._updating = False

    def gather(self, parameters) -> ChoiceRequest:
        return gather_choice(parameters)

    def setParameterNode(self, parameters) -> None:
        WorkSection.setParameterNode(self, parameters)
        self.family.setParameterNode(parameters)

    def followParameters(self, parameters) -> None:
        ticked = set(parameters.tickedModels.split(","))
        self._updating = True
        for item in self._items():
            item.setCheckState(qt.Qt.Checked if item.data(qt.Qt.UserRole) in ticked else qt.Qt.Unchecked)
        self._updating = False
        self.ticked.setVisible(parameters.family == TICKED)
        self.useButton.setVisible(bool(self.view.chosenKey()))

    def useChosen(self) -> None:
        """Make the model of the current row the model of the panel."""
        name = self.view.chosenKey()
        if name and self._parameters is not None:
            self._parameters.model = name

    def _items(self) -> list:
        return [self.ticked.item(row) for row in range(self.ticked.count)]

    def _onTicked(self, item) -> None:
        if self._parameters is not None and not self._updating:
            ticked = [item.data(qt.Qt.UserRole) for item in self._items() if item.checkState() == qt.Qt.Checked]
            self._parameters.tickedModels = ",".join(ticked)


def modelTitles() -> dict[str, str]:
    """Name and title of the models: those of this project first, then the families; fuller models of a kind first."""
    library = [models.get(name) for name in models.names()]
    library.sort(key=lambda model: (bool(model.family), model.family, -len(model.drugs)))
    return {model.name: model.title for model in library}

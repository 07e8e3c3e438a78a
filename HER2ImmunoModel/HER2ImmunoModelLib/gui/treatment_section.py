"""Which doses were given: one row a dose, with the drugs of the chosen model."""

from __future__ import annotations

import ctk
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import narrowChoice
from slicer.i18n import tr as _

from .. import models
from ..calibration.volume_tables import header_of
from ..scene.animals import tables_of_groups, treatments_of_group
from ..scene.inputs import read_treatments, write_treatments
from ..treatments.schedule import FULL_DOSES, read_schedule
from .table_section import Column, TableSection

DRUG = 0


class TreatmentSection(TableSection):
    """The treatment table."""

    field = "treatments"
    nodeName = "Treatments"
    rowName = _("dose")
    fileHint = _("A treatment table: drug, day, dose; a full dose is 1")
    columns = (
        Column("drug", _("Drug"), _("Drug of the chosen model")),
        Column("day", _("Day"), _("Day it was given, in the days of the measurements")),
        Column("dose", _("Dose\nfull = 1"), _("Size of the dose, relative to the full dose")),
    )

    def check(self, node) -> None:
        read_treatments(node, self._model())

    def remark(self) -> str:
        return " ".join(read_treatments(self._node, self._model()).remarks)

    def cellName(self, column: Column, header) -> str:
        return FULL_DOSES if column.name == "dose" and FULL_DOSES in header else column.name

    def loadFile(self, path: str) -> None:
        """Read a treatment table; one of groups gives a table node a group, and that of the animal is chosen."""
        if "group" not in header_of(path):
            TableSection.loadFile(self, path)
            return
        try:
            nodes = tables_of_groups(slicer.mrmlScene, self._parameters.measurementsFile, path, self._model())
        except InputError as error:
            self.status.say("error", str(error))
            return
        self._choose(next(iter(nodes.values())))
        self._followAnimal()

    def setParameterNode(self, parameters) -> None:
        self._animal = None if parameters is None else parameters.measurements
        TableSection.setParameterNode(self, parameters)

    def refresh(self) -> None:
        if self._parameters is not None and self._parameters.measurements is not self._animal:
            self._animal = self._parameters.measurements
            self._followAnimal()
        TableSection.refresh(self)

    def _followAnimal(self) -> None:
        """Another animal may be of another group, which was given something else."""
        fitting = treatments_of_group(self._parameters.measurements, self._parameters.treatments)
        if fitting is not self._parameters.treatments:
            self._choose(fitting)

    def load(self, path: str, node) -> None:
        write_treatments(read_schedule(path), node)

    def newCells(self) -> dict[str, str]:
        drugs = self._model().drugs
        return {"drug": drugs[0].name if drugs else "", "day": "0.0", "dose": "1.0"}

    def showCell(self, row: int, column: int, text: str) -> None:
        if column != DRUG:
            super().showCell(row, column, text)
            return
        titles = {drug.name: drug.label for drug in self._model().drugs}
        names = list(titles) if text in titles else [*titles, text]
        combo = self.table.cellWidget(row, DRUG)
        if combo is None:
            combo = ctk.ctkComboBox(self.table)
            narrowChoice(combo)
            combo.connect("currentIndexChanged(int)", lambda index, row=row: self._onDrug(row, index))
            self.table.setCellWidget(row, DRUG, combo)
        combo.clear()
        for name in names:
            combo.addItem(titles.get(name, name))
        combo.setCurrentIndex(names.index(text))

    def _onDrug(self, row: int, index: int) -> None:
        drugs = self._model().drugs
        if not self._isFilling and 0 <= index < len(drugs):
            self.setCell(row, DRUG, drugs[index].name)

    def _model(self):
        parameters = self._parameters
        return models.get("tivnh_treated") if parameters is None else models.get(parameters.model, parameters.species)

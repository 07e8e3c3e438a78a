"""Which doses were given: one row a dose, with the drugs of the chosen model and of the library, and their units."""

from __future__ import annotations

from collections.abc import Mapping

import ctk
import qt
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import StatusLine, narrowChoice
from HER2ImmunoCommonLib.reading import names_subjects
from slicer.i18n import tr as _

from .. import models
from ..calibration.volume_tables import header_of, is_volume_table
from ..scene.animals import doses_tables_of_animals, tables_of_groups, treatments_of_group
from ..scene.chosen_model import added_drug
from ..scene.given import read_prescribed, write_treatments
from ..scene.one_drug import with_one_drug
from ..scene.patients import day_zero_of, patient_of
from ..scene.subjects import doses_tables_of_subjects, treatments_of_subject, whose_doses
from ..scene.treatment_tables import (
    dose_remarks,
    drug_choices,
    later_doses_remark,
    said_of_rows,
    set_drug,
    set_unit,
    spelled,
    unit_choices,
    unit_of_column,
)
from ..treatments.clinical_tables import read_clinical_schedule
from .table_section import Column, TableSection
from .text_field import TextField

DRUG, DAY, DOSE, UNIT = range(4)
UNIT_WIDTH = 9
"""Characters of the widest unit."""


class TreatmentSection(TableSection):
    """The treatment table, and what its current row is for the patient."""

    field = "treatments"
    nodeName = "Treatments"
    rowName = _("dose")
    tallest = 330
    fileHint = _("A treatment table: drug, day, dose, unit (mg, mg/kg, mg/m2, AUC); without a unit a full dose is 1")
    columns = (
        Column("drug", _("Drug"), _("Drug of the chosen model, or of the library")),
        Column("day", _("Day"), _("Day it was given, in the days of the measurements")),
        Column("dose", _("Dose"), _("Size of the dose in its unit; of full doses, 1 is the full dose")),
        Column("unit", _("Unit"), _("mg, mg/kg, mg/m2, AUC (mg min/mL); or full doses")),
    )

    def __init__(self, parent, onChanged):
        TableSection.__init__(self, parent, onChanged)
        self.layout().insertWidget(2, self.rowSaid)
        self.table.connect("currentCellChanged(int,int,int,int)", self._sayRow)

    def addRows(self, form) -> None:
        self._saidOfRows, self._choicesShown, self._names, self._drugs, self._unitOfAll = [], {}, {}, {}, None
        tip = _(
            "Date of day 0 of the measurements, as 2026-03-30: for the calendar, and for regimens that start on a date"
        )
        self.dayZero = TextField(self, "dayZero", tip)
        self.dayZero.placeholderText = _("not known; year-month-day")
        self.inner.append(self.dayZero)
        form.addRow(_("Date of day 0:"), self.dayZero)
        form.labelForField(self.dayZero).setToolTip(tip)
        self.rowSaid = StatusLine(self)

    def check(self, node) -> None:
        if self._parameters is not None:
            day_zero_of(self._parameters)
        with_one_drug(self._model(), self._read(node))

    def remark(self) -> str:
        prescribed = self._read(self._node)
        remarks = prescribed.as_schedule().remarks if prescribed.is_relative else ()
        if self._parameters is not None and not prescribed.is_relative:
            remarks = dose_remarks(prescribed, self._parameters)
        later = "" if self._parameters is None else later_doses_remark(prescribed, self._parameters)
        whose = "" if self._parameters is None else whose_doses(self._parameters.measurements, self._node)
        return " ".join(filter(None, (whose, *remarks, later)))

    def _read(self, node):
        model = self._model()
        return read_prescribed(node, model, model.species)

    def cellName(self, column: Column, header) -> str:
        return self._names.get(column.name, column.name)

    def loadFile(self, path: str) -> None:
        """Read a treatment table; one of groups or subjects gives each a table, and that of the visits is chosen."""
        isOfGroups, isOfSubjects = "group" in header_of(path), names_subjects(path)
        if not (isOfGroups or isOfSubjects):
            TableSection.loadFile(self, path)
            return
        try:
            nodes = self._tablesOf(path, isOfSubjects)
        except InputError as error:
            self.status.say("error", str(error))
            return
        self._choose(nodes[0])
        self._followAnimal()

    def _tablesOf(self, path: str, isOfSubjects: bool) -> list:
        """The table nodes of a file that gives doses of subjects, or of groups."""
        parameters, model, scene = self._parameters, self._model(), slicer.mrmlScene
        volumes = parameters.measurementsFile
        if not isOfSubjects:
            return list(tables_of_groups(scene, volumes, path, model).values())
        if is_volume_table(volumes):
            return doses_tables_of_animals(scene, parameters.measurements, volumes, path, model)
        return doses_tables_of_subjects(scene, parameters.measurements, path, model)

    def setParameterNode(self, parameters) -> None:
        self._animal = None if parameters is None else parameters.measurements
        TableSection.setParameterNode(self, parameters)

    def refresh(self) -> None:
        if self._parameters is not None and self._parameters.measurements is not self._animal:
            self._animal = self._parameters.measurements
            self._followAnimal()
        TableSection.refresh(self)

    def _followAnimal(self) -> None:
        """Another subject was given something else, or is of another group, which was."""
        measurements = self._parameters.measurements
        fitting = treatments_of_subject(measurements, self._parameters.treatments)
        fitting = treatments_of_group(measurements, fitting)
        if fitting is not self._parameters.treatments:
            self._choose(fitting)

    def load(self, path: str, node) -> None:
        write_treatments(read_clinical_schedule(path, species=self._model().species), node)

    def newCells(self) -> dict[str, str]:
        drug = "" if self._parameters is None else added_drug(self._parameters)
        return {"drug": drug, "day": "0.0", "dose": "1.0"}

    def _show(self) -> None:
        self._saidOfRows, self._drugs = self._sayRows(), drug_choices(self._model())
        self._names, self._unitOfAll = self._columns()
        TableSection._show(self)
        self._sayRow(self.table.currentRow())

    def _columns(self) -> tuple[dict[str, str], str | None]:
        """How the table spells its columns, and the unit of all its doses if one of them says it."""
        try:
            return ({}, None) if self._node is None else (spelled(self._node), unit_of_column(self._node))
        except InputError:  # which is said below
            return {}, None

    def _sayRows(self) -> list[str]:
        """What each row is for the patient; nothing while table or patient are wrong."""
        if self._parameters is None or self._node is None:
            return []
        try:
            return said_of_rows(self._node, self._model(), patient_of(self._parameters))
        except InputError:
            return []

    def _sayRow(self, row: int, *_others: int) -> None:
        """Say below the table what the current row is for the patient; the first one where none is current."""
        said = self._saidOfRows[max(row, 0)] if max(row, 0) < len(self._saidOfRows) else ""
        self.rowSaid.say("plain", _("Row {row}: {said}").format(row=max(row, 0) + 1, said=said) if said else "")

    def showCell(self, row: int, column: int, text: str) -> None:
        said = self._saidOfRows[row] if row < len(self._saidOfRows) else ""
        if column == DRUG:
            label = self._drugs.get(text, text)
            self._showChoice(row, column, text, self._drugs, "\n".join(filter(None, (label, said))))
        elif column == UNIT:
            self._showUnit(row, text, said)
        else:
            super().showCell(row, column, text)
            if said:
                self.table.item(row, column).setToolTip(said)

    def _showUnit(self, row: int, text: str, said: str) -> None:
        drug = self._drugOf(row)
        choices = {unit: unit or _("full dose") for unit in unit_choices(drug, self._model())}
        if text.lower() in ("", "rel"):
            choices.setdefault(text, _("full dose"))
        fixed = self._unitOfAll
        tip = said or _("In full doses, 1 being the full dose; choose a unit to give the dose as in the clinic")
        if fixed is not None:
            choices, text = {fixed: fixed}, fixed
            tip = _("The name of the column of doses gives the unit of every row; load a file to change that")
        combo = self._showChoice(row, UNIT, text, choices, tip)
        combo.setEnabled(fixed is None)

    def _drugOf(self, row: int) -> str:
        combo = self.table.cellWidget(row, DRUG)
        return (combo.itemData(combo.currentIndex) or "") if combo is not None else ""

    def _showChoice(self, row: int, column: int, text: str, choices: Mapping[str, str], tip: str):
        """Show a choice in a cell; what is not among the choices is added as it is."""
        combo = self.table.cellWidget(row, column)
        if combo is None:
            combo = ctk.ctkComboBox(self.table)
            narrowChoice(combo)
            if column == UNIT:
                combo.setMinimumContentsLength(UNIT_WIDTH)
            combo.setFocusPolicy(qt.Qt.StrongFocus)
            combo.installEventFilter(self)
            combo.connect("currentIndexChanged(int)", lambda index, at=(row, column): self._onChosen(*at, index))
            self.table.setCellWidget(row, column, combo)
            self._choicesShown.pop((row, column), None)
        shown = dict(choices) if text in choices else {**choices, text: text}
        if self._choicesShown.get((row, column)) != shown:
            self._choicesShown[row, column] = shown
            combo.clear()
            for value, label in shown.items():
                combo.addItem(label, value)
        combo.setCurrentIndex(list(shown).index(text))
        combo.setToolTip(tip)
        return combo

    def _onChosen(self, row: int, column: int, index: int) -> None:
        if self._isFilling or index < 0:
            return
        value = self.table.cellWidget(row, column).itemData(index)
        (set_drug if column == DRUG else set_unit)(self._node, row, value, self._model())

    def eventFilter(self, watched, event) -> bool:
        """Let the wheel scroll the table, not change what was given."""
        if event.type() != qt.QEvent.Wheel or watched.hasFocus():
            return False
        event.ignore()
        return True

    def _model(self):
        parameters = self._parameters
        return models.get("tivnh_treated") if parameters is None else models.get(parameters.model, parameters.species)

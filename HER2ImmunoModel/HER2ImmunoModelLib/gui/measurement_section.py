"""What was measured: one row a visit, doubtful cells marked, a chart a quantity; one subject of those in a file."""

from __future__ import annotations

import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.scene import MEASUREMENTS_ATTRIBUTE, read_cells, read_table
from slicer.i18n import tr as _

from ..calibration.volume_tables import is_volume_table
from ..scene.animals import tables_of_animals
from ..scene.subjects import tables_of_subjects
from ..visits import SUSPICIOUS, Judged, counted, curves_of, first_reason, judge
from .cell_marks import CellMarks
from .subject_row import SubjectRow
from .table_section import Column, TableSection
from .visit_charts import VisitCharts


class MeasurementSection(TableSection):
    """The measurement table; columns that are not shown stay as they are."""

    field = "measurements"
    nodeName = "Measurements"
    rowName = _("visit")
    tallest = 330
    fileHint = _(
        "A measurement table: visit, day, volume_cm3, vascular_fraction ...; a missing value is left empty; several "
        "subjects with a column subject. Or a table of volumes of animals: day, volume_cm3 or volume_mm3, sd, animal, "
        "group"
    )
    columns = (
        Column("visit", _("Visit"), _("Name of the visit")),
        Column("day", _("Day"), _("Days since the start of observation")),
        Column("volume_cm3", _("Volume\ncm³"), _("Tumour volume")),
        Column("vascular_fraction", _("Vascular\n0 to 1"), _("Well perfused share of the tumour, from DCE-MRI")),
        Column("necrotic_fraction", _("Necrotic\n0 to 1"), _("Necrotic share of the tumour, from DCE-MRI")),
        Column("hypoxic_fraction", _("Hypoxic\n0 to 1"), _("Hypoxic share of the tumour, from FMISO-PET")),
        Column("immune_fraction", _("Immune\n0 to 1"), _("Immune cells, from histology; often not measured")),
    )

    def addRows(self, form) -> None:
        self._form, self._judged, self._judgedOf = form, Judged(), None
        self.subjects, self.charts = SubjectRow(self), VisitCharts(self)
        self.inner.append(self.subjects)
        form.addRow(_("Subject:"), self.subjects)
        self._marks, self._cells = CellMarks(self.table), {}

    def __init__(self, parent, onChanged):
        TableSection.__init__(self, parent, onChanged)
        self.layout().addWidget(self.charts)

    def check(self, node) -> None:
        if node is None:
            raise InputError(_("Choose the measurement table, or load one from a CSV file."))
        if not read_table(node):
            raise InputError(_("{table} has no visits; add one row a visit.").format(table=node.GetName()))

    def remark(self) -> str:
        return " ".join(text for row in read_table(self._node) for text in row.remarks)

    def loadFile(self, path: str) -> None:
        """Read a measurement table or a volume table, with one table node a subject, of which the first is chosen."""
        tables = tables_of_animals if is_volume_table(path) else tables_of_subjects
        try:
            nodes = tables(slicer.mrmlScene, path)
        except InputError as error:
            self.status.say("error", str(error))
            return
        self._choose(nodes[0])
        if len(nodes) > 1:
            self._sayMarks(_("{count} subjects loaded; the first is shown.").format(count=len(nodes)))

    def newNode(self, name: str):
        node = super().newNode(name)
        node.SetAttribute(MEASUREMENTS_ATTRIBUTE, "1")
        return node

    def newCells(self) -> dict[str, str]:
        number = str(self.table.rowCount + 1)
        return {"visit": _("visit {number}").format(number=number), "day": ""}

    def showCell(self, row: int, column: int, text: str) -> None:
        marks = self._judged.of(row, self.columns[column].name)
        if self.table.item(row, column) is not None and self._cells.get((row, column)) == (text, marks):
            return
        super().showCell(row, column, text)
        self._marks.mark(self.table.item(row, column), marks)
        self._cells[row, column] = text, marks

    def _show(self) -> None:
        self._judge()
        if self._marks.follow():
            self._cells = {}
        TableSection._show(self)
        self._sayMarks()
        self.subjects.refresh()
        self.subjects.setVisible(self.subjects.isNeeded)
        self._form.labelForField(self.subjects).setVisible(self.subjects.isNeeded)

    def _judge(self) -> None:
        """Judge the table and draw its charts, if it is another than before."""
        header, lines = read_cells(self._node) if self._node is not None else ([], [])
        name = "" if self._node is None else self._node.GetName()
        species = "human" if self._parameters is None else self._parameters.species
        content = header, lines, name, species
        if content != self._judgedOf:
            self._judgedOf, self._judged = content, judge(*content)
            self.charts.showCurves(curves_of(self._judged))

    def _sayMarks(self, loaded: str = "") -> None:
        """Count the marks below the table, with the first reason, after what is said of the whole."""
        marked = counted(self._judged, [column.name for column in self.columns])
        if not marked and not loaded:
            return
        if problem := self.problem():
            self.status.say("error", f"{problem} {marked}".rstrip())
            return
        remark = self.remark()
        look = "warning" if remark or self._judged.count(SUSPICIOUS) else "plain" if marked else "ok"
        said = (loaded, remark, marked, first_reason(self._judged))
        self.status.say(look, " ".join(filter(None, said)))

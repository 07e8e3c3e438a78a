"""What was measured: one row a visit."""

from __future__ import annotations

import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import read_csv
from HER2ImmunoCommonLib.scene import MEASUREMENTS_ATTRIBUTE, read_table, write_table
from slicer.i18n import tr as _

from ..calibration.volume_tables import is_volume_table
from ..scene.animals import tables_of_animals
from .table_section import Column, TableSection


class MeasurementSection(TableSection):
    """The measurement table; columns that are not shown stay as they are."""

    field = "measurements"
    nodeName = "Measurements"
    rowName = _("visit")
    fileHint = _(
        "A measurement table: visit, day, volume_cm3, vascular_fraction ...; a missing value is left empty. Or a table "
        "of volumes of animals: day, volume_cm3 or volume_mm3, sd, animal, group"
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

    def check(self, node) -> None:
        if node is None:
            raise InputError(_("Choose the measurement table, or load one from a CSV file."))
        if not read_table(node):
            raise InputError(_("{table} has no visits; add one row a visit.").format(table=node.GetName()))

    def remark(self) -> str:
        return " ".join(text for row in read_table(self._node) for text in row.remarks)

    def loadFile(self, path: str) -> None:
        """Read a measurement table; or a volume table, with one table node an animal, of which the first is chosen."""
        if not is_volume_table(path):
            TableSection.loadFile(self, path)
            return
        try:
            nodes = tables_of_animals(slicer.mrmlScene, path)
        except InputError as error:
            self.status.say("error", str(error))
            return
        self._choose(nodes[0])
        if len(nodes) > 1:
            self.status.say("ok", _("{count} animals loaded; choose one under Table.").format(count=len(nodes)))

    def load(self, path: str, node) -> None:
        write_table(read_csv(path), node)

    def newNode(self, name: str):
        node = super().newNode(name)
        node.SetAttribute(MEASUREMENTS_ATTRIBUTE, "1")
        return node

    def newCells(self) -> dict[str, str]:
        number = str(self.table.rowCount + 1)
        return {"visit": _("visit {number}").format(number=number), "day": ""}

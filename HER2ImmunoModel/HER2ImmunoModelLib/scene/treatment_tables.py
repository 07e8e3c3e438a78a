"""Treatment tables as they are edited: which drugs and units a row may have, and what its dose is for the patient."""

from __future__ import annotations

import math
from collections.abc import Iterable

import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.scene import read_cells, read_table, write_cells

from ..drugs.drug import ClinicalDrug
from ..drugs.library import drug_names, find_drug
from ..drugs.patients import Patient
from ..models.given_drug import KNOWN, takes_any
from ..models.model import Model
from ..treatments.clinical_doses import RELATIVE, ClinicalDose, known_drug, remarks, resolve
from ..treatments.clinical_tables import UNIT_OF_COLUMN, ClinicalSchedule, clinical_cells, clinical_dose_of
from ..treatments.schedule import FULL_DOSES
from .given import clinical_table
from .patients import patient_of

FULL_DOSE = "1.0"


def drug_choices(model: Model) -> dict[str, str]:
    """Name and label of the drugs of the model, then of those of the library for its species.

    A model of any one drug offers those that other models know, too.
    """
    library = (find_drug(name, model.species) for name in drug_names(model.species))
    own = [known.drug for known in KNOWN] if takes_any(model) else []
    found = {drug.name: drug.label for drug in (*own, *model.drugs)}
    return found | {drug.name: drug.label for drug in library if drug.name not in found}


def unit_choices(drug: str, model: Model) -> tuple[str, ...]:
    """Units that a dose of a drug may have, "" for full doses; the usual one of the library first after that."""
    name = known_drug(drug, model.species)
    units = find_drug(name, model.species).units if name else ()
    return (("",) if model_has(drug, model) or not units else ()) + units


def model_has(drug: str, model: Model) -> bool:
    """Whether a model knows a drug, under whichever name."""
    try:
        model.drug(drug)
    except InputError:
        return False
    return True


def spelled(node: slicer.vtkMRMLTableNode) -> dict[str, str]:
    """Names of the columns that tables of doses have, and how this table spells them; errors as `read_prescribed`."""
    names = {column.name: column.spelled for column in clinical_table(node).columns}
    sizes = [names[name] for name in (FULL_DOSES, *UNIT_OF_COLUMN) if name in names]
    return names | ({"dose": sizes[0]} if sizes else {})


def unit_of_column(node: slicer.vtkMRMLTableNode) -> str | None:
    """The unit that the name of the column of doses says for every row; None where each row has its own."""
    names = spelled(node)
    return next((unit for name, unit in UNIT_OF_COLUMN.items() if name in names), None)


def said_of_rows(node: slicer.vtkMRMLTableNode, model: Model, patient: Patient) -> list[str]:
    """What the dose of each row is for the patient; empty for full doses, and for a row that is wrong."""
    return [_said(row, model, patient) for row in clinical_table(node).rows]


def _said(row, model: Model, patient: Patient) -> str:
    try:
        dose = clinical_dose_of(row, model, model.species)
        return "" if dose.is_relative else resolve([dose], patient, model.species)[0].said
    except InputError:  # which is said of the table
        return ""


def dose_remarks(prescribed: ClinicalSchedule, parameters) -> tuple[str, ...]:
    """What a person must know of the doses for the patient of the parameter node."""
    try:
        return remarks(prescribed.doses, patient_of(parameters))
    except InputError:  # which is said of the patient
        return ()


def later_doses_remark(prescribed: ClinicalSchedule, parameters) -> str:
    """What happens to doses after the last visit; empty without such."""
    try:
        visits = read_table(parameters.measurements) if parameters.measurements is not None else []
    except InputError:  # which is said of that table
        return ""
    last = max((visit.day for visit in visits), default=math.inf)
    count = sum(dose.day > last for dose in prescribed.doses)
    if not count:
        return ""
    said = "dose is planned: it is" if count == 1 else "doses are planned: they are"
    return (
        f"{count} {said} after the last visit (day {last:g}). The forecast of the time line has them; calibration and "
        "ranking do not, as the schedules that are compared are given instead."
    )


def set_drug(node: slicer.vtkMRMLTableNode, row: int, drug: str, model: Model) -> None:
    """Change the drug of a row; where it cannot have the unit of the row, it brings its usual dose."""
    lines = _Lines(node)
    lines.set(row, "drug", drug)
    if lines.unit(row) not in unit_choices(drug, model) and unit_of_column(node) is None:
        name = known_drug(drug, model.species)
        size, unit = (FULL_DOSE, "") if name is None else _usual(find_drug(name, model.species))
        lines.set(row, "dose", size)
        lines.set_unit(row, unit)
    lines.write()


def set_unit(node: slicer.vtkMRMLTableNode, row: int, unit: str, model: Model) -> None:
    """Change the unit of a row. From full doses or to them, the dose stays the same dose where that can be told."""
    lines = _Lines(node)
    before, name = lines.unit(row), known_drug(lines.get(row, "drug"), model.species)
    if name is not None and (before in RELATIVE) != (unit in RELATIVE):
        full = find_drug(name, model.species).full_dose
        if full.unit in (before, unit):
            lines.scale(row, full.size if before in RELATIVE else 1.0 / full.size)
    lines.set_unit(row, unit)
    lines.write()


def append_doses(node: slicer.vtkMRMLTableNode, doses: Iterable[ClinicalDose]) -> None:
    """Add doses below the rows that are there, which stay as they are."""
    lines = _Lines(node)
    header, cells = clinical_cells(doses)
    for line in cells:
        lines.append(dict(zip(header, line, strict=True)))
    lines.write()


def change_rows(
    node: slicer.vtkMRMLTableNode,
    days: Iterable[tuple[int, float]] = (),
    sizes: Iterable[tuple[int, float]] = (),
    removed: Iterable[int] = (),
    added: Iterable[ClinicalDose] = (),
) -> None:
    """Change days and sizes of rows, take rows out and add doses below; other rows and columns stay as they are.

    Parameters
    ----------
    node : vtkMRMLTableNode
        Told of the change once.
    days, sizes : iterable of (int, float)
        Row and its new value, in the unit of the row.
    removed : iterable of int
        Rows.
    added : iterable of ClinicalDose

    Raises
    ------
    InputError
        A dose in another unit than that of the column of doses; nothing is changed then.
    """
    lines, unit = _Lines(node), unit_of_column(node)
    for dose in added:
        lines.append(_cells_of(dose, unit))
    for name, values in (("day", days), ("dose", sizes)):
        for row, value in values:
            lines.set(row, name, repr(float(value)))
    lines.remove(removed)
    lines.write()


def _cells_of(dose: ClinicalDose, unit: str | None) -> dict[str, str]:
    """The cells of a dose that is added; without its unit where the column of doses says it."""
    header, (line,) = clinical_cells([dose])
    cells = dict(zip(header, line, strict=True))
    if unit is None:
        return cells
    if dose.unit != unit:
        raise InputError(
            f"The column of doses is in {unit} for every row, so that {dose.said} of {dose.drug} cannot be added; "
            "name the column dose and give each row its unit."
        )
    return cells | {"unit": ""}


def _usual(drug: ClinicalDrug) -> tuple[str, str]:
    dose = drug.plans[0].dose
    return repr(float(dose.size)), dose.unit


class _Lines:
    """Header and lines of a treatment table while they are changed; written back at once."""

    def __init__(self, node: slicer.vtkMRMLTableNode):
        self._node = node
        self.header, self.lines = read_cells(node)
        self._names = spelled(node)

    def get(self, row: int, name: str) -> str:
        return self.lines[row][self.header.index(self._names[name])] if name in self._names else ""

    def set(self, row: int, name: str, text: str) -> None:
        if name not in self._names:
            self._names[name] = name
            self.header.append(name)
            self.lines = [[*line, ""] for line in self.lines]
        self.lines[row][self.header.index(self._names[name])] = text

    def unit(self, row: int) -> str:
        return self.get(row, "unit").strip()

    def set_unit(self, row: int, unit: str) -> None:
        if unit and FULL_DOSES in self._names:  # a column that counts full doses has no units
            self.header[self.header.index(self._names.pop(FULL_DOSES))] = self._names["dose"] = "dose"
            for other in range(len(self.lines)):
                self.set(other, "unit", "rel")
        if unit or "unit" in self._names:
            self.set(row, "unit", unit)

    def scale(self, row: int, factor: float) -> None:
        """Multiply the dose, if it is a number."""
        try:
            size = float(self.get(row, "dose"))
        except ValueError:
            return
        self.set(row, "dose", repr(float(f"{size * factor:.12g}")))

    def append(self, cells: dict[str, str]) -> None:
        self.lines.append([""] * len(self.header))
        for name, text in cells.items():
            if name != "unit":
                self.set(len(self.lines) - 1, name, text)
        self.set_unit(len(self.lines) - 1, cells.get("unit", ""))

    def remove(self, rows: Iterable[int]) -> None:
        """Take rows out."""
        gone = set(rows)
        self.lines = [line for number, line in enumerate(self.lines) if number not in gone]

    def write(self) -> None:
        write_cells(self.header, self.lines, self._node)

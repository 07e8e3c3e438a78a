"""Tables of doses with units: `drug, day, dose, unit`, and `schedule` where there are several."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import check_day
from HER2ImmunoCommonLib.reading import (
    Names,
    Row,
    Table,
    by_subject,
    cells_of,
    named,
    only_subject,
    read_table_file,
    shown,
)

from ..drugs.drug import UNITS
from ..drugs.library import find_drug
from ..models.model import Model
from .clinical_doses import ClinicalDose, checked_drug
from .doses import Dose, Schedule
from .schedule import FULL_DOSES, LARGEST_UNSAID, ONE_SUBJECT, drug_of
from .schedule import NAMES as UNITLESS

COLUMNS = ("drug", "day", "dose", "unit")
UNIT_OF_COLUMN = {"dose_mg": "mg", "dose_mg_kg": "mg/kg", "dose_mg_m2": "mg/m2", "dose_auc": "AUC"}
"""Columns of doses that say their unit themselves."""
NAMES = Names(
    texts=(*UNITLESS.texts, "unit"),
    numbers=(*UNITLESS.numbers, *UNIT_OF_COLUMN),
    converted=dict.fromkeys(("units", "dose_unit", "dose_units"), ("unit", 1.0)),
    quoted=False,
    spellings=UNITLESS.spellings,
)
"""Names of the columns that `schedule` reads, and those of units."""
SPELLINGS = {
    "": "",
    "rel": "rel",
    "relative": "rel",
    "full dose": "rel",
    "full doses": "rel",
    "mg": "mg",
    "mg/kg": "mg/kg",
    "mg/m2": "mg/m2",
    "auc": "AUC",
}
"""Units as people write them, in lower case."""


@dataclass(frozen=True)
class ClinicalSchedule:
    """Prescribed doses in any order, and a name for people.

    Attributes
    ----------
    doses : tuple of ClinicalDose
    name : str
    exception : str
        `trial` for the regimen of a trial that broke a limit; as of `clinical_limits.check`.
    growth_factor : bool
        Whether growth factor belongs to it.
    """

    doses: tuple[ClinicalDose, ...] = ()
    name: str = ""
    exception: str = ""
    growth_factor: bool = False

    @property
    def is_relative(self) -> bool:
        """Whether every dose counts full doses, as in a table without units."""
        return all(dose.is_relative for dose in self.doses)

    def as_schedule(self) -> Schedule:
        """The same doses for the tumour models.

        Raises
        ------
        InputError
            If a dose has a unit.
        """
        for dose in self.doses:
            if not dose.is_relative:
                raise InputError(
                    f"The dose of {dose.drug} on day {dose.day:g} is {dose.said}, no number of full doses; resolve it "
                    "for a patient first."
                )
        return Schedule(tuple(Dose(dose.drug, dose.day, dose.size) for dose in self.doses), self.name)


def read_clinical_schedule(path: str | Path, model: Model | None = None, species: str = "human") -> ClinicalSchedule:
    """Read a table `drug, day, dose, unit` (CSV); the file's stem becomes the name.

    A row without a unit is read as `schedule.read_schedule` reads it.

    Parameters
    ----------
    path : path
        CSV file with a header row; any usual separator, encoding and decimal sign. Instead of `dose` and `unit`, a
        column `dose_mg`, `dose_mg_kg`, `dose_mg_m2` or `dose_auc` gives all doses in that unit.
    model : Model, optional
        Model whose drugs are allowed for doses without a unit.
    species : str
        Whose drugs doses with a unit may be of.

    Raises
    ------
    InputError
        As `read_schedule`; a drug that the library does not have, a unit that is not known or that the drug does not
        have; the message names row and column.
    """
    path = Path(path)
    return _schedule(_of_one(path), model, species, path.stem)


def read_clinical_subjects(
    path: str | Path, model: Model | None = None, species: str = "human"
) -> dict[str, ClinicalSchedule]:
    """Read the doses of each subject of one table, as `read_clinical_schedule`, by the name in the column `subject`.

    Returns
    -------
    dict of str to ClinicalSchedule
        Under "" where the table names no subject.
    """
    path = Path(path)
    rows = by_subject(_read(path))
    return {name: _schedule(own, model, species, name or path.stem) for name, own in rows.items()}


def _schedule(table: Table, model: Model | None, species: str, name: str) -> ClinicalSchedule:
    return ClinicalSchedule(tuple(clinical_dose_of(row, model, species) for row in table.rows), name)


def read_clinical_schedules(
    path: str | Path, model: Model | None = None, species: str = "human"
) -> list[ClinicalSchedule]:
    """Read several schedules of one table: as `read_clinical_schedule`, with a column `schedule` that names them."""
    path = Path(path)
    table = _of_one(path)
    if not table.has("schedule"):
        return [read_clinical_schedule(path, model, species)]
    kept: dict[str, list[ClinicalDose]] = {}
    for row in table.rows:
        if not row.text("schedule"):
            raise InputError(f"{row.where('schedule')} is empty; name the schedule of the dose.")
        kept.setdefault(row.text("schedule"), []).append(clinical_dose_of(row, model, species))
    return [ClinicalSchedule(tuple(doses), name) for name, doses in kept.items()]


def clinical_schedule_from_cells(
    header: Sequence[str],
    lines: Iterable[Sequence[str]],
    source: str,
    model: Model | None = None,
    species: str = "human",
    *,
    first_row: int = 1,
    name: str = "",
) -> ClinicalSchedule:
    """Doses from text cells; arguments as `schedule.schedule_from_cells`, errors as `read_clinical_schedule`."""
    table = _with_columns(named(cells_of(header, list(lines), source, first_row), source, NAMES))
    return _schedule(only_subject(table, ONE_SUBJECT), model, species, name)


def write_clinical_schedule(path: str | Path, schedule: ClinicalSchedule) -> None:
    """Write the doses as a table `drug, day, dose, unit` (CSV) that `read_clinical_schedule` reads back exactly."""
    files.write_csv(*clinical_cells(schedule.doses), path)


def clinical_cells(doses: Iterable[ClinicalDose]) -> tuple[tuple[str, ...], list[list[str]]]:
    """Header and rows of text; more than two full doses need their unit `rel` said."""
    return COLUMNS, [[dose.drug, repr(float(dose.day)), repr(float(dose.size)), _written_unit(dose)] for dose in doses]


def _written_unit(dose: ClinicalDose) -> str:
    return "rel" if dose.is_relative and dose.size > LARGEST_UNSAID else dose.unit


def clinical_dose_of(row: Row, model: Model | None, species: str) -> ClinicalDose:
    """The dose of a row.

    Raises
    ------
    InputError
        Naming the place and the reason.
    """
    column, unit = _column_and_unit(row)
    drug = _drug_of(row, species) if unit in UNITS else drug_of(row, model)
    size, day = row.number_in(column), row.number_in("day")
    if size < 0:
        raise InputError(f"{row.where(column)} is {size:g}; a dose is 0 or more.")
    if unit == "" and column != FULL_DOSES and size > LARGEST_UNSAID:
        raise InputError(
            f"{row.where(column)} is {size:g}, more than {LARGEST_UNSAID:g} full doses, and has no unit; give "
            f"{', '.join(UNITS)} in the column unit, or rel if it counts full doses."
        )
    check_day(day, row.where("day"))
    dose = ClinicalDose(drug, day, size, unit)
    if unit in UNITS:
        try:
            checked_drug(dose, species)
        except InputError as error:
            raise InputError(f"{row.where('unit' if column == 'dose' else column)}: {error}") from error
    return dose


def _drug_of(row: Row, species: str) -> str:
    try:
        return find_drug(drug_of(row, None), species).name
    except InputError as error:
        place = row.where("drug")
        raise error if str(error).startswith(place) else InputError(f"{place}: {error}") from error


def _column_and_unit(row: Row) -> tuple[str, str]:
    """The column of the dose, and its unit."""
    for column, unit in UNIT_OF_COLUMN.items():
        if row.table.has(column):
            return column, unit
    column = FULL_DOSES if row.table.has(FULL_DOSES) else "dose"
    text = row.text("unit") if row.has("unit") else ""
    plain = re.sub(r"\s*/\s*", "/", " ".join(text.lower().replace("²", "2").replace("^", "").split()))
    if plain not in SPELLINGS:
        raise InputError(f"{row.where('unit')} holds {shown(text)}; give {', '.join(UNITS)}, or rel for full doses.")
    if SPELLINGS[plain] in UNITS and column == FULL_DOSES:
        raise InputError(f"{row.where('unit')} holds {shown(text)}, but the column {FULL_DOSES} counts full doses.")
    return column, SPELLINGS[plain]


def _read(path: Path) -> Table:
    return _with_columns(read_table_file(path, "a schedule (CSV)", NAMES))


def _of_one(path: Path) -> Table:
    return only_subject(_read(path), ONE_SUBJECT)


def _with_columns(table: Table) -> Table:
    sizes = [name for name in ("dose", FULL_DOSES, *UNIT_OF_COLUMN) if table.has(name)]
    if len(sizes) > 1:
        raise InputError(f"{table.source}: the columns {' and '.join(sizes[:2])} both hold doses; keep one.")
    for name in COLUMNS[:3]:
        if not table.has(name) and not (name == "dose" and sizes):
            raise InputError(
                f"The schedule {table.source} lacks the column {name!r}; it needs {', '.join(COLUMNS)}"
                f"{table.why_missing(name)}."
            )
    if sizes[0] in UNIT_OF_COLUMN and any(row.has("unit") for row in table.rows):
        raise InputError(f"{table.source}: the column {sizes[0]} and the column unit both give units; keep one.")
    return table

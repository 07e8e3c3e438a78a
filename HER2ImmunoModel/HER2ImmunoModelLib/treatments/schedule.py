"""Treatment schedules: their tables (drug, day, dose) and the standard candidates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.limits import MOST, checked
from HER2ImmunoCommonLib.measurements import check_day
from HER2ImmunoCommonLib.reading import (
    SUBJECT,
    SUBJECT_SPELLINGS,
    Names,
    Row,
    Table,
    cells_of,
    named,
    only_subject,
    read_table_file,
)

from ..models.model import Model
from .doses import COLUMNS, Dose, Schedule

FULL_DOSES = "full_doses"
"""Name of the column of doses that says itself that 1 is a full dose, whatever its numbers."""
LARGEST_UNSAID = 2.0
"""Largest number of a column `dose` that is taken for full doses: loading doses stay below, mg and mg/kg above."""
OTHER_UNITS = ("mg", "mg_kg", "mg_m2", "g", "ug", "ug_kg", "iu", "units", "percent")
NAMES = Names(
    texts=("drug", "group", "schedule", SUBJECT),
    numbers=("day", "dose", FULL_DOSES),
    converted={f"dose_{unit}": (f"dose_{unit}", 1.0) for unit in OTHER_UNITS},
    quoted=False,
    spellings=dict.fromkeys(SUBJECT_SPELLINGS, SUBJECT),
)
ONE_SUBJECT = "keep the doses of one subject in a table"
WHAT_A_DOSE_IS = "divide by the drug's full dose, so that 1 is a full dose"


def read_schedule(path: str | Path, model: Model | None = None) -> Schedule:
    """Read a table `drug, day, dose` (CSV); the file's stem becomes the name.

    Parameters
    ----------
    path : path
        CSV file with a header row; any usual separator, encoding and decimal sign. Instead of `dose`, `full_doses`
        says that numbers above 2 are full doses as well.
    model : Model, optional
        Model whose drugs are allowed; any drug if None.

    Raises
    ------
    InputError
        A missing file or column, an unknown drug, a negative dose or one that is no number of full doses, a day that
        is a date, a cell that is not a finite number, doses of several subjects; the message names row and column.
    """
    path = Path(path)
    table = _read(path)
    return Schedule(tuple(dose_of(row, model) for row in table.rows), path.stem)


def read_schedules(path: str | Path, model: Model | None = None) -> list[Schedule]:
    """Read several schedules of one table: as `read_schedule`, with a column `schedule` that names them.

    A table without that column is one schedule. A dose of 0 makes a schedule without treatment.
    """
    path = Path(path)
    table = _read(path)
    if not table.has("schedule"):
        return [Schedule(tuple(dose_of(row, model) for row in table.rows), path.stem)]
    kept: dict[str, list[Dose]] = {}
    for row in table.rows:
        if not row.text("schedule"):
            raise InputError(f"{row.where('schedule')} is empty; name the schedule of the dose.")
        kept.setdefault(row.text("schedule"), []).append(dose_of(row, model))
    return [Schedule(tuple(doses), name) for name, doses in kept.items()]


def schedule_from_cells(
    header: Sequence[str],
    lines: Iterable[Sequence[str]],
    source: str,
    model: Model | None = None,
    *,
    first_row: int = 1,
    name: str = "",
) -> Schedule:
    """Doses from text cells; arguments and errors as `read_schedule`.

    Parameters
    ----------
    header : sequence of str
    lines : iterable of sequence of str
    source : str
        Name of the file or node, for messages.
    model : Model, optional
    first_row : int
        Number of the first of `lines`, for messages.
    name : str
        Name of the schedule.
    """
    table = _with_columns(named(cells_of(header, list(lines), source, first_row), source, NAMES), COLUMNS)
    return Schedule(tuple(dose_of(row, model) for row in table.rows), name)


def write_schedule(path: str | Path, schedule: Schedule) -> None:
    """Write the doses as a table `drug, day, dose` (CSV) that `read_schedule` reads back exactly."""
    files.write_csv(*schedule_cells(schedule), path)


def schedule_cells(schedule: Schedule) -> tuple[tuple[str, ...], list[list[str]]]:
    """Header and rows of text; a schedule with a dose above 2 says in its header that these are full doses."""
    large = any(dose.dose > LARGEST_UNSAID for dose in schedule.doses)
    header = (*COLUMNS[:2], FULL_DOSES if large else COLUMNS[2])
    return header, [[dose.drug, repr(float(dose.day)), repr(float(dose.dose))] for dose in schedule.doses]


def dose_of(row: Row, model: Model | None, *, full: float | None = None) -> Dose:
    """The dose of a row.

    Parameters
    ----------
    row : Row
    model : Model or None
        Model whose drugs are allowed.
    full : float, optional
        Size of a dose whose cell is empty or absent; refused if None.

    Raises
    ------
    InputError
        Naming the place and the reason.
    """
    drug = drug_of(row, model)
    size, day = _size(row, full), row.number_in("day")
    check_day(day, row.where("day"))
    return Dose(drug, day, size)


def drug_of(row: Row, model: Model | None) -> str:
    """The drug that a row names; errors as `dose_of`."""
    drug = row.text("drug")
    if not drug:
        raise InputError(f"{row.where('drug')} is empty; name the drug.")
    if model is not None:
        try:
            model.drug(drug)
        except InputError as error:
            raise InputError(f"{row.where('drug')}: {error}") from error
    return drug


def _size(row: Row, full: float | None) -> float:
    column = next((name for name in (FULL_DOSES, "dose") if row.table.has(name)), "dose")
    if full is not None and not row.has(column):
        return full
    size = row.number_in(column)
    if size < 0:
        raise InputError(f"{row.where(column)} is {size:g}; a dose is 0 or more.")
    if column == "dose" and size > LARGEST_UNSAID:
        raise InputError(
            f"{row.where(column)} is {size:g}, more than {LARGEST_UNSAID:g} full doses; {WHAT_A_DOSE_IS}, or name the "
            f"column {FULL_DOSES} if it is."
        )
    return size


def check_units(table: Table) -> None:
    """Refuse doses that the header says are in mg and the like, and a column of units.

    Raises
    ------
    InputError
    """
    for column in table.columns:
        if column.name in NAMES.converted and table.is_filled(column):
            raise InputError(
                f"{table.source}: the doses of the column {column.spelled!r} are no full doses; "
                f"{WHAT_A_DOSE_IS}, and name the column dose."
            )
        if column.name.lower() in ("unit", "units", "dose_unit", "dose_units") and table.is_filled(column):
            raise InputError(
                f"{table.source}: the column {column.spelled!r} gives doses a unit, but they are full "
                f"doses; {WHAT_A_DOSE_IS}, and leave the column out."
            )


def _read(path: Path) -> Table:
    return _with_columns(read_table_file(path, "a schedule (CSV)", NAMES), COLUMNS)


def _with_columns(table: Table, needed: Sequence[str]) -> Table:
    check_units(table)
    for name in needed:
        if not table.has(name) and not (name == "dose" and table.has(FULL_DOSES)):
            raise InputError(
                f"The schedule {table.source} lacks the column {name!r}; it needs {', '.join(COLUMNS)}"
                f"{table.why_missing(name)}."
            )
    return only_subject(table, ONE_SUBJECT)


def repeated(drug: str, days: Iterable[float], dose: float = 1.0) -> tuple[Dose, ...]:
    """The same dose of a drug on several days."""
    return tuple(Dose(drug, day, dose) for day in days)


def standard_candidates(
    drugs: Sequence[str] = ("trastuzumab", "cytotoxic"),
    *,
    start_day: float = 0.0,
    interval_day: float = 4.0,
    doses: int = 2,
    dose: float = 1.0,
) -> list[Schedule]:
    """The schedules everyone asks about: one drug then the other, the reverse, together, each alone, none.

    Every schedule that gives a drug gives the same doses of it.

    Parameters
    ----------
    drugs : two names
        The targeted drug and the chemotherapy.
    start_day, interval_day : float
        Day of the first dose and days between doses.
    doses : int
        Doses of each drug.
    dose : float
        Size of each dose (1 is the full dose).

    Returns
    -------
    list of Schedule
        Six schedules with readable names.
    """
    if len(drugs) != 2:
        raise InputError(f"Standard schedules compare two drugs, not {len(drugs)}; name the two.")
    checked("doses", doses, MOST["doses"], least=0)
    first, second = drugs
    early = [start_day + interval_day * i for i in range(doses)]
    late = [day + interval_day * doses for day in early]
    a, b = readable(first), readable(second)
    return [
        Schedule(repeated(first, early, dose) + repeated(second, late, dose), f"{a} then {b.lower()}"),
        Schedule(repeated(second, early, dose) + repeated(first, late, dose), f"{b} then {a.lower()}"),
        Schedule(repeated(first, early, dose) + repeated(second, early, dose), f"{a} and {b.lower()} together"),
        Schedule(repeated(first, early, dose), f"{a} alone"),
        Schedule(repeated(second, early, dose), f"{b} alone"),
        Schedule((), "No treatment"),
    ]


def readable(drug: str) -> str:
    """Name of a drug for people."""
    return "Chemotherapy" if drug == "cytotoxic" else drug.replace("_", " ").capitalize()

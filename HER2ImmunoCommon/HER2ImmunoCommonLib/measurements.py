"""The measurement table: one row a visit, the hand-over from the imaging modules to the tumour model."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date as date_type
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from . import files
from .errors import InputError
from .reading.cells import cells_of
from .reading.subjects import SPELLINGS, SUBJECT, by_subject, only_subject
from .reading.table import WHAT_A_DAY_IS, Names, Row, Table, named, read_table_file

MODEL_COLUMNS = ("volume_cm3", "vascular_fraction", "necrotic_fraction", "hypoxic_fraction", "immune_fraction")
KEY_COLUMNS = ("visit", "day")
SD_SUFFIX = "_sd"
CONVERTED = {"volume_mm3": ("volume_cm3", 1000.0)} | {
    other: (name, 100.0)
    for name in MODEL_COLUMNS[1:]
    for other in (f"{name}_percent", f"{name.removesuffix('_fraction')}_percent")
}
"""Columns in other units: the column of the model, and the divisor."""
NAMES = Names(
    texts=("visit", SUBJECT),
    numbers=("day", *(name + sd for name in MODEL_COLUMNS for sd in ("", SD_SUFFIX))),
    converted={
        other + sd: (name + sd, divisor) for other, (name, divisor) in CONVERTED.items() for sd in ("", SD_SUFFIX)
    },
    extra_numbers=True,
    spellings=dict.fromkeys(SPELLINGS, SUBJECT),
)
"""Columns of a measurement table; any other holds numbers of images."""
LABELS = {
    "volume_cm3": "Volume (cm³)",
    "vascular_fraction": "Vascular fraction",
    "necrotic_fraction": "Necrotic fraction",
    "hypoxic_fraction": "Hypoxic fraction",
    "immune_fraction": "Immune fraction",
    "ktrans_median_per_min": "Ktrans, median (1/min)",
    "ve_median": "ve, median",
    "vp_median": "vp, median",
    "iaugc60_median_mM_s": "IAUGC60, median (mM s)",
    "pe_median_percent": "Percent enhancement, median (%)",
    "ser_median": "SER, median",
    "ftv_cm3": "Functional tumour volume (cm³)",
    "suv_mean": "SUV, mean",
    "suv_peak": "SUV, peak",
    "tmr_max": "Tumour-to-muscle ratio, maximum",
    "tbr_max": "Tumour-to-blood ratio, maximum",
    "hypoxic_volume_cm3": "Hypoxic volume (cm³)",
}
"""Columns as people name them, with unit; those that are shown first."""
MORE_LABELS = {
    "suv_max": "SUV, maximum",
    "suv_median": "SUV, median",
    "suv90": "SUV, 90th percentile",
    "pet_tumour_volume_cm3": "Tumour volume in PET (cm³)",
    "tmr_mean": "Tumour-to-muscle ratio, mean",
    "tbr_mean": "Tumour-to-blood ratio, mean",
    "hypoxic_burden_cm3": "Hypoxic burden (cm³)",
    "kep_median_per_min": "kep, median (1/min)",
}

LARGEST_DAY = 20_000
"""Days after (or before) the start from which a number is no day of an observation; half a century."""
SPREADSHEET_DAYS = 80_000
"""Up to it, whole numbers are dates as spreadsheets count them, from the end of 1899."""


def label_of(column: str) -> str:
    """A column as people name it, with its unit where it is known."""
    return LABELS.get(column) or MORE_LABELS.get(column) or column.replace("_", " ")


def check_day(day: float, what: str) -> None:
    """Refuse a day that no observation has, above all a date that a spreadsheet wrote as a number.

    Raises
    ------
    InputError
        Beginning with `what`.
    """
    if abs(day) <= LARGEST_DAY:
        return
    is_date = day == int(day) and LARGEST_DAY < day <= SPREADSHEET_DAYS
    date = f" (the date {date_type(1899, 12, 30) + timedelta(int(day))} of a spreadsheet)" if is_date else ""
    raise InputError(f"{what} is {day:g}{date}, but {WHAT_A_DAY_IS}.")


@dataclass(frozen=True)
class Measurement:
    """What was measured at one visit.

    Attributes
    ----------
    visit : str
        Name of the visit, unique in a table.
    day : float
        Days since the start of observation.
    values : dict of str to float
        Column name to value; a missing measurement is absent.
    sd : dict of str to float
        Column name (without `_sd`) to standard deviation.
    remarks : tuple of str
        What a person must know of how the numbers were read, such as a unit that was converted.
    """

    visit: str
    day: float
    values: dict[str, float] = field(default_factory=dict)
    sd: dict[str, float] = field(default_factory=dict)
    remarks: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self):
        object.__setattr__(self, "remarks", tuple(self.remarks))
        for name, value in self.values.items():
            _check_value(f"visit {self.visit!r}, column {name!r}", name, value)
        for name, value in self.sd.items():
            where = f"visit {self.visit!r}, column {name + SD_SUFFIX!r}"
            if not (math.isfinite(value) and value >= 0):
                raise InputError(f"{where}: {value} is not a standard deviation; give one >= 0.")


def _check_value(where: str, name: str, value: float) -> None:
    if not math.isfinite(value):
        raise InputError(f"{where}: {value} is not a number; leave a missing value empty.")
    if name.endswith("_fraction") and not 0.0 <= value <= 1.0:
        percent = " (percent are converted if the column's name ends with a unit, as in 'hypoxic fraction (%)')"
        raise InputError(f"{where}: {value} is outside 0 to 1; give a fraction{percent if 1 < value <= 100 else ''}.")
    if name.endswith("_cm3") and value < 0.0:
        raise InputError(f"{where}: the volume {value} is negative; give cm3 >= 0.")


def column_names(rows: Sequence[Measurement]) -> list[str]:
    """Header of a table: keys, the model's columns each with its `_sd`, then imaging columns as they appear."""
    imaging = dict.fromkeys(name for row in rows for name in (*row.values, *row.sd) if name not in MODEL_COLUMNS)
    with_sd = {name for row in rows for name in row.sd}
    names = [*KEY_COLUMNS]
    for name in MODEL_COLUMNS:
        names += [name, name + SD_SUFFIX]
    for name in imaging:
        names += [name, name + SD_SUFFIX] if name in with_sd else [name]
    return names


def to_cells(rows: Sequence[Measurement]) -> tuple[list[str], list[list[str]]]:
    """The table as text: header and one list of cells a visit. Numbers read back exactly."""
    header = column_names(rows)
    return header, [[_cell(row, name) for name in header] for row in rows]


def _cell(row: Measurement, name: str) -> str:
    if name == "visit":
        return row.visit
    if name == "day":
        return repr(float(row.day))
    is_sd = name.endswith(SD_SUFFIX)
    value = row.sd.get(name.removesuffix(SD_SUFFIX)) if is_sd else row.values.get(name)
    return "" if value is None else repr(float(value))


def from_cells(
    header: Sequence[str], cells: Iterable[Sequence[str]], source: str, *, first_row: int = 1
) -> list[Measurement]:
    """Rows from text cells.

    Parameters
    ----------
    header : sequence of str
    cells : iterable of sequence of str
    source : str
        Name of the file or node, for messages.
    first_row : int
        Number of the first row of cells, for messages.

    Returns
    -------
    list of Measurement, ordered by day

    Raises
    ------
    InputError
        Naming the source, row, column and reason; rows of several subjects.
    """
    return _of_one(named(cells_of(header, list(cells), source, first_row), source, NAMES))


def _of_one(table: Table) -> list[Measurement]:
    return _of_table(only_subject(table, "keep the visits of one subject in a table"))


def _of_table(table: Table, subject: str = "") -> list[Measurement]:
    for name in KEY_COLUMNS:
        if not table.has(name):
            raise InputError(
                f"{table.source}: the column {name!r} is missing; a measurement table starts with visit, day"
                f"{table.why_missing(name)}."
            )
    rows = [_measurement(row) for row in table.rows]
    if not rows:
        raise InputError(f"{table.source} has no visits; add one row a visit.")
    rows[0] = replace(rows[0], remarks=table.remarks())
    return ordered(rows, f"{table.source}, {subject}" if subject else table.source)


def _measurement(row: Row) -> Measurement:
    visit, day = row.text("visit"), row.number_in("day")
    if not visit:
        raise InputError(f"{row.place}: the visit has no name; fill the column 'visit'.")
    values, sd = {}, {}
    for column in row.table.columns:
        if column.name in (*KEY_COLUMNS, SUBJECT) or (number := row.value(column.name)) is None:
            continue
        if column.name.endswith(SD_SUFFIX):
            sd[column.name.removesuffix(SD_SUFFIX)] = number
        else:
            values[column.name] = number
            _check_converted(row, column.name, number)
    try:
        return Measurement(visit, day, values, sd)
    except InputError as error:
        raise InputError(f"{row.place}: {error}") from error


def _check_converted(row: Row, name: str, number: float) -> None:
    """Refuse what the calibration would, under the name and in the unit of the file."""
    if name == "volume_cm3" and row.table.column(name).divisor != 1.0 and number <= 0:
        raise InputError(
            f"{row.where(name)} is {row.text(name)}; leave it empty or give the smallest volume that can be measured."
        )


def ordered(rows: Iterable[Measurement], source: str) -> list[Measurement]:
    """Rows sorted by day.

    Raises
    ------
    InputError
        If two rows have the same visit name or the same day.
    """
    rows = sorted(rows, key=lambda row: row.day)
    names = [row.visit for row in rows]
    for before, row in pairwise(rows):
        if before.day == row.day:
            raise InputError(
                f"{source}: visits {before.visit!r} and {row.visit!r} are both on day {row.day:g}; keep one row a day."
            )
    if doubled := [name for name in names if names.count(name) > 1]:
        raise InputError(f"{source}: the visit {doubled[0]!r} occurs twice; keep one row a visit.")
    return rows


def merge(rows: Sequence[Measurement], new: Measurement) -> list[Measurement]:
    """The table with `new` added; a row of the same visit keeps its other columns.

    Raises
    ------
    InputError
        If the visit is known with another day, or another visit has this day.
    """
    known = next((row for row in rows if row.visit == new.visit), None)
    if known is None:
        return ordered([*rows, new], "Measurement table")
    if known.day != new.day:
        raise InputError(
            f"Measurement table: visit {new.visit!r} is on day {known.day:g} and cannot also be on day {new.day:g}; "
            "use another visit name or correct the day."
        )
    # A value measured again without its sd must not keep the sd of the old one.
    kept_sd = {name: sd for name, sd in known.sd.items() if name not in new.values}
    joined = replace(known, values=known.values | new.values, sd=kept_sd | new.sd)
    return [joined if row.visit == new.visit else row for row in rows]


def read_csv(path: str | Path) -> list[Measurement]:
    """Read a measurement table.

    Raises
    ------
    InputError
        Naming the file, row, column and reason; rows of several subjects.
    """
    return _of_one(_read(path))


def read_subjects(path: str | Path) -> dict[str, list[Measurement]]:
    """Read a measurement table with a column `subject` (or `patient`, `animal`, `id`, ...): the visits of each subject.

    Rows of a subject may stand apart. Either every subject can be read, or none is.

    Returns
    -------
    dict of str to list of Measurement
        By name of the subject, in the order of the table; under "" where it names none.

    Raises
    ------
    InputError
        As `read_csv`; a row without a subject, or names that differ in capitals or spaces only.
    """
    return {name: _of_table(rows, name) for name, rows in by_subject(_read(path)).items()}


def _read(path: str | Path) -> Table:
    table = read_table_file(path, "a measurement table (CSV)", NAMES)
    if not table.columns:
        raise InputError(f"{table.source} is empty; a measurement table starts with the columns visit, day.")
    return table


def write_csv(rows: Sequence[Measurement], path: str | Path) -> Path:
    """Write a measurement table; `read_csv` gives the same rows back."""
    header, cells = to_cells(rows)
    return files.write_csv(header, cells, path)

"""The measurement table: one row a visit, the hand-over from the imaging modules to the tumour model."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from . import files
from .errors import InputError

MODEL_COLUMNS = ("volume_cm3", "vascular_fraction", "necrotic_fraction", "hypoxic_fraction", "immune_fraction")
KEY_COLUMNS = ("visit", "day")
SD_SUFFIX = "_sd"


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
    """

    visit: str
    day: float
    values: dict[str, float] = field(default_factory=dict)
    sd: dict[str, float] = field(default_factory=dict)

    def __post_init__(self):
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
        raise InputError(f"{where}: {value} is outside 0 to 1; give a fraction.")
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
        Naming the source, row, column and reason.
    """
    header = [name.strip() for name in header]
    for name in KEY_COLUMNS:
        if name not in header:
            raise InputError(f"{source}: the column {name!r} is missing; a measurement table starts with visit, day.")
    if doubled := sorted({name for name in header if header.count(name) > 1}):
        raise InputError(f"{source}: the column {doubled[0]!r} occurs twice; keep one.")
    rows = [
        _row(header, line, f"{source}, row {number}") for number, line in enumerate(cells, start=first_row) if any(line)
    ]
    if not rows:
        raise InputError(f"{source} has no visits; add one row a visit.")
    return ordered(rows, source)


def _row(header: list[str], line: Sequence[str], where: str) -> Measurement:
    if len(line) != len(header):
        raise InputError(f"{where}: {len(line)} cells where the header has {len(header)}; complete the row.")
    values, sd, day, visit = {}, {}, None, ""
    for name, text in zip(header, (cell.strip() for cell in line), strict=True):
        if name == "visit":
            visit = text
        elif name == "day":
            day = _number(text or "(empty)", f"{where}, column 'day'")
        elif text and name.endswith(SD_SUFFIX):
            sd[name.removesuffix(SD_SUFFIX)] = _number(text, f"{where}, column {name!r}")
        elif text:
            values[name] = _number(text, f"{where}, column {name!r}")
    if not visit:
        raise InputError(f"{where}: the visit has no name; fill the column 'visit'.")
    try:
        return Measurement(visit, day, values, sd)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error


def _number(text: str, where: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise InputError(f"{where}: {text!r} is not a number; correct it or leave the cell empty.") from None
    if not math.isfinite(number):
        raise InputError(f"{where}: {text!r} is not a finite number; leave a missing value empty.")
    return number


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
        Naming the file, row, column and reason.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; name a measurement table (CSV).") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} could not be read as text ({error}); save it as CSV in UTF-8.") from error
    lines = list(csv.reader(text.splitlines()))
    if not lines:
        raise InputError(f"{path.name} is empty; a measurement table starts with the columns visit, day.")
    return from_cells(lines[0], lines[1:], path.name, first_row=2)


def write_csv(rows: Sequence[Measurement], path: str | Path) -> Path:
    """Write a measurement table; `read_csv` gives the same rows back."""
    header, cells = to_cells(rows)
    return files.write_csv(header, cells, path)

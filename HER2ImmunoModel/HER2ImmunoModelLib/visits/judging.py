"""A measurement table judged cell by cell: what is missing, what is suspicious, what cannot be used."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import (
    KEY_COLUMNS,
    MODEL_COLUMNS,
    NAMES,
    SD_SUFFIX,
    Measurement,
    check_day,
)
from HER2ImmunoCommonLib.reading import SUBJECT, Row, cells_of, named

from ..calibration.observations import check_size, number_of
from .suspicions import find_suspicions, told_by_calibration

VISIT = KEY_COLUMNS[0]
MISSING, SUSPICIOUS, WRONG = "missing", "suspicious", "wrong"
KINDS = (WRONG, SUSPICIOUS, MISSING)
"""The gravest first."""


@dataclass(frozen=True)
class Mark:
    """What is said of a cell.

    Attributes
    ----------
    row : int
        Of the table, from 0.
    column : str
        Name of the quantity, `visit` or `day`; what is said of a standard deviation is said of its quantity.
    kind : {"missing", "suspicious", "wrong"}
    reason : str
        A sentence.
    """

    row: int
    column: str
    kind: str
    reason: str


@dataclass(frozen=True)
class Judged:
    """A table as far as it can be read, and what is said of its cells.

    Attributes
    ----------
    visits : tuple of Measurement
        With a day that can be read, by day; without what is wrong.
    rows : tuple of int
        Row of each visit in the table.
    marks : tuple of Mark
        The gravest first, then from top to bottom.
    """

    visits: tuple[Measurement, ...] = ()
    rows: tuple[int, ...] = ()
    marks: tuple[Mark, ...] = ()
    _names: dict[int, str] = field(default_factory=dict, compare=False)

    @cached_property
    def _by_cell(self) -> dict[tuple[int, str], tuple[Mark, ...]]:
        found: dict[tuple[int, str], tuple[Mark, ...]] = {}
        for mark in self.marks:
            found[mark.row, mark.column] = (*found.get((mark.row, mark.column), ()), mark)
        return found

    def of(self, row: int, column: str) -> tuple[Mark, ...]:
        """What is said of a cell, the gravest first."""
        return self._by_cell.get((row, column), ())

    def count(self, kind: str, columns: Collection[str] | None = None) -> int:
        """How many cells (of columns, where they are given) are of a kind, by the gravest that is said of each."""
        cells = self._by_cell.items()
        return sum(marks[0].kind == kind for (_, column), marks in cells if columns is None or column in columns)

    @property
    def first(self) -> Mark | None:
        """The gravest, uppermost mark."""
        return self.marks[0] if self.marks else None

    def visit_of(self, row: int) -> str:
        """Name of the visit of a row, as a sentence begins with it."""
        name = self._names.get(row, "")
        return f"Visit {name}" if name else f"Row {row + 1}"


def judge(header: Sequence[str], lines: Sequence[Sequence[str]], source: str, species: str) -> Judged:
    """Judge the cells of a measurement table.

    Parameters
    ----------
    header : sequence of str
    lines : sequence of sequence of str
        Cells as text.
    source : str
        Name of the table, for messages.
    species : str
        Whose tumour it is.
    """
    rows, marks = _rows(header, lines, source)
    read = {row.number - 1: _read(row, species) for row in rows}
    marks += [mark for _visit, found in read.values() for mark in found]
    marks += _order(rows, read)
    usable = [(number, visit) for number, (visit, _) in read.items() if visit is not None]
    usable.sort(key=lambda pair: pair[1].day)
    numbers, visits = [number for number, _ in usable], [visit for _, visit in usable]
    for found in (*told_by_calibration(visits, species), *find_suspicions(visits, species)):
        marks.append(Mark(numbers[found.visit], found.column, SUSPICIOUS, f"{_capital(found.reason)}."))
    taken = {(mark.row, mark.column) for mark in marks}
    marks += [mark for mark in _missing(rows) if (mark.row, mark.column) not in taken]
    marks.sort(key=lambda mark: (KINDS.index(mark.kind), mark.row))
    names = {row.number - 1: row.text("visit") for row in rows}
    return Judged(tuple(visits), tuple(numbers), tuple(dict.fromkeys(marks)), names)


def _rows(header: Sequence[str], lines: Sequence[Sequence[str]], source: str) -> tuple[list[Row], list[Mark]]:
    """Rows with named columns; where the table cannot be read whole, each for itself."""
    try:
        return named(cells_of(header, list(lines), source), source, NAMES).rows, []
    except InputError as error:
        said = str(error)
    try:
        columns = named(cells_of(header, [], source), source, NAMES).columns
    except InputError:  # of the header, which is said of the table
        return [], []
    names = {column.spelled: column.name for column in columns}
    numeric = [n for n, name in enumerate(header) if names.get(name.strip(), VISIT) not in (VISIT, SUBJECT)]
    mixed = _mixed(lines, numeric) if "decimal" in said else set()
    marks = [Mark(row, names[header[n].strip()].removesuffix(SD_SUFFIX), WRONG, said) for row, n in sorted(mixed)]
    rows = []
    for number, line in enumerate(lines):
        kept = ["" if (number, n) in mixed else text for n, text in enumerate(line)]
        try:
            rows += named(cells_of(header, [kept], source, number + 1), source, NAMES).rows
        except InputError:  # more cells than names, for instance, which is said of the table
            continue
    return rows, marks


def _mixed(lines: Sequence[Sequence[str]], numeric: Sequence[int]) -> set[tuple[int, int]]:
    """Row and column of the numbers whose decimal sign is not that of most."""
    found: dict[str, set[tuple[int, int]]] = {",": set(), ".": set()}
    for row, line in enumerate(lines):
        for n in numeric:
            for sign in (",", "."):
                if sign in line[n]:
                    found[sign].add((row, n))
                    break
    return min(found.values(), key=len)


def _read(row: Row, species: str) -> tuple[Measurement | None, list[Mark]]:
    """The visit of a row without what is wrong, None without a day; and what is wrong."""
    number, marks, name = row.number - 1, [], row.text("visit")
    day, said = _day(row)
    if said:
        marks.append(Mark(number, "day", WRONG, said))
    if not name:
        marks.append(Mark(number, "visit", WRONG, "The visit has no name; write one."))
    values, sd = {}, {}
    for column in row.table.columns:
        if column.name in (*KEY_COLUMNS, SUBJECT) or column.name.endswith(SD_SUFFIX) or not row.has(column.name):
            continue
        try:
            spread = row.value(column.name + SD_SUFFIX)
            value = _checked(row.number_in(column.name), spread, name, day or 0.0, column.name, species)
        except InputError as error:
            marks.append(Mark(number, column.name, WRONG, str(error)))
            continue
        values[column.name] = value
        if spread is not None:
            sd[column.name] = spread
    visit = None if day is None else Measurement(name or f"row {row.number}", day, values, sd)
    return visit, marks


def _checked(value: float, spread: float | None, visit: str, day: float, column: str, species: str) -> float:
    """A number that the calibration takes, or any of an image; errors as those of the table and the calibration."""
    one = Measurement(visit, day, {column: value}, {} if spread is None else {column: spread})
    if column in MODEL_COLUMNS:
        number_of(one, column)
        check_size(species, one, column)
    return value


def _day(row: Row) -> tuple[float | None, str]:
    try:
        day = row.number_in("day")
        check_day(day, row.where("day"))
    except InputError as error:
        return None, str(error)
    return day, ""


def _order(rows: Sequence[Row], read: dict[int, tuple[Measurement | None, list[Mark]]]) -> list[Mark]:
    """Two visits of a day or of a name, and a day before that of the row above."""
    marks, days, names, latest = [], {}, {}, None
    for row in rows:
        number, visit, name = row.number - 1, read[row.number - 1][0], row.text("visit")
        if name and (other := names.setdefault(name, number)) != number:
            marks.append(Mark(number, "visit", WRONG, f"Row {other + 1} has this name too; keep one row a visit."))
        if visit is None:
            continue
        if (other := days.setdefault(visit.day, number)) != number:
            marks.append(
                Mark(number, "day", WRONG, f"Row {other + 1} is on day {visit.day:g} too; keep one row a day.")
            )
        elif latest is not None and visit.day < latest:
            said = f"Before the row above it (day {latest:g}): is the day right? Rows are used in the order of days."
            marks.append(Mark(number, "day", SUSPICIOUS, said))
        latest = visit.day
    return marks


def _missing(rows: Sequence[Row]) -> list[Mark]:
    """Empty cells of quantities that other visits have."""
    if not rows:
        return []
    found = []
    for column in rows[0].table.columns:
        if column.name in (*KEY_COLUMNS, SUBJECT) or column.name.endswith(SD_SUFFIX):
            continue
        there = sum(row.has(column.name) for row in rows)
        said = f"Not measured at this visit; {there} of {len(rows)} have it."
        found += [
            Mark(row.number - 1, column.name, MISSING, said) for row in rows if there and not row.has(column.name)
        ]
    return found


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

"""Tables with named columns: each reader says which names it knows, and asks a row for text and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from ..errors import InputError
from .cells import SEPARATORS, Cells, read_table_cells
from .numbers import MixedSigns, NotANumber, decimal_sign, is_date, is_missing, number_of
from .spelling import nearest, shown

UNITS = {
    "%": "percent",
    "cc": "cm3",
    "ml": "cm3",
    "d": "",
    "day": "",
    "days": "",
    "mmol_l": "mm",
    "fraction": "",
    "full": "",
    "full_=_1": "",
}
"""Units of a header by other names; a day needs none."""
_UNIT_AT_END = re.compile(r"^(.*?)[ _]*[(\[]([^)\]]*)[)\]][ _]*$")
WHAT_A_DAY_IS = (
    "a day is the number of days since the start of observation (0 at the first visit, 7 a week later), from the same "
    "start in every table"
)


@dataclass(frozen=True)
class Names:
    """What a reader knows of its columns.

    Attributes
    ----------
    texts : tuple of str
        Columns of text.
    numbers : tuple of str
        Columns of numbers.
    converted : mapping of str to (str, float)
        Other name of a column of numbers: the name it is converted to, and the divisor.
    extra_numbers : bool
        Whether columns that are not known hold numbers as well, under the names they have in the file.
    quoted : bool
        Whether messages quote the names of columns.
    spellings : mapping of str to str
        Other names of columns; nothing is taken for a misspelt one of them.
    """

    texts: tuple[str, ...]
    numbers: tuple[str, ...]
    converted: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    extra_numbers: bool = False
    quoted: bool = True
    spellings: Mapping[str, str] = field(default_factory=dict)

    @property
    def known(self) -> tuple[str, ...]:
        return (*self.texts, *self.numbers, *self.converted)


@dataclass(frozen=True)
class Column:
    """A column: its name for the reader, the name in the file, and what its numbers are divided by."""

    name: str
    spelled: str
    divisor: float = 1.0


@dataclass(frozen=True)
class Row:
    """A row: its number in the file and its cells by the reader's names of the columns."""

    number: int
    cells: Mapping[str, str]
    table: Table

    @property
    def place(self) -> str:
        """Table and row, for messages."""
        return f"{self.table.source}, row {self.number}"

    def where(self, name: str) -> str:
        """Table, row and column as the file spells it, for messages."""
        return f"{self.place}, {self.table.called(name)}"

    def text(self, name: str) -> str:
        """Text of a cell; empty where there is no such column."""
        return self.cells.get(name, "")

    def has(self, name: str) -> bool:
        """Whether a cell holds a value."""
        return not is_missing(self.text(name))

    def value(self, name: str) -> float | None:
        """Number of a cell, None for a missing one; `InputError` with the cell's place if it is no number."""
        return self.number_in(name) if self.has(name) else None

    def number_in(self, name: str) -> float:
        """Number of a cell that must have one; `InputError` as `value`, or if it is missing."""
        text = self.text(name)
        if not text:
            raise InputError(f"{self.where(name)} is empty; give a number.")
        if is_missing(text):
            raise self._refused(name, text, "is not a finite number; correct the cell")
        if name == "day" and is_date(text):
            raise self._refused(name, text, "is a date")
        column = self.table.column(name)
        is_percent = text.endswith("%") and (column.divisor == 100 or name.endswith("_fraction"))
        try:
            value = number_of(text.removesuffix("%") if is_percent else text, self.table.decimal)
        except NotANumber as error:
            raise self._refused(name, text, str(error)) from None
        return value / (100.0 if is_percent else column.divisor)

    def _refused(self, name: str, text: str, reason: str) -> InputError:
        """The refusal of a cell for a reason that ends a sentence."""
        way_on = f": {WHAT_A_DAY_IS}" if name == "day" else ""
        if self.table.names.quoted:
            return InputError(f"{self.where(name)}: {shown(text)} {reason}{way_on}.")
        short = re.fullmatch(r"is not a (finite )?number; correct the cell", reason)
        said = f"; give a {short[1] or ''}number" if short else f", which {reason}"
        return InputError(f"{self.where(name)} holds {shown(text)}{said}{way_on}.")


@dataclass(frozen=True)
class Table:
    """A table whose columns are named.

    Attributes
    ----------
    source : str
        Name of the file or node, for messages.
    columns : tuple of Column
    decimal : str
        Decimal sign; empty where it could be either.
    names : Names
    cells : Cells
    """

    source: str
    columns: tuple[Column, ...]
    decimal: str
    names: Names
    cells: Cells

    @property
    def rows(self) -> list[Row]:
        names = [column.name for column in self.columns]
        return [Row(number, dict(zip(names, line, strict=True)), self) for number, line in self.cells.lines]

    def has(self, name: str) -> bool:
        """Whether there is a column of that name."""
        return any(column.name == name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name, as it would be if it is not there."""
        return next((column for column in self.columns if column.name == name), Column(name, name))

    def called(self, name: str) -> str:
        """A column as messages name it."""
        spelled = self.column(name).spelled
        return f"column {spelled!r}" if self.names.quoted or not spelled.isidentifier() else f"column {spelled}"

    def unknown(self) -> list[Column]:
        """Columns that the reader does not know."""
        return [column for column in self.columns if column.name not in self.names.known]

    def why_missing(self, name: str) -> str:
        """Why a column may be missing: a misspelt one, or a header that is not parted; empty if neither."""
        if near := next((c.spelled for c in self.unknown() if nearest(canonical(c.spelled), [name])), None):
            return f" (did you mean {near!r} to be it?)"
        if len(self.columns) == 1:
            others = ", ".join(SEPARATORS.values())
            return f" (the header is one cell, {shown(self.columns[0].spelled)}: part its columns with one of {others})"
        return ""

    def remarks(self) -> tuple[str, ...]:
        """What was made of the file that a person must know: units converted, an encoding guessed."""
        said = [
            f"{self.source}: the column {column.spelled!r} was converted to {column.name} (divided by "
            f"{column.divisor:g})."
            for column in self.columns
            if column.divisor != 1.0 and self.is_filled(column)
        ]
        if self.cells.guessed:
            said.append(
                f"{self.source} is not in UTF-8 and was read as {self.cells.guessed}; check names with accents."
            )
        return tuple(said)

    def is_filled(self, column: Column) -> bool:
        """Whether any cell of a column holds a value."""
        index = self.columns.index(column)
        return any(not is_missing(line[index]) for _, line in self.cells.lines)


def read_table_file(path: str | Path, what: str, names: Names) -> Table:
    """Read a CSV file and name its columns.

    Raises
    ------
    InputError
        As `read_table_cells` and `named`.
    """
    return named(read_table_cells(path, what), Path(path).name, names)


def named(cells: Cells, source: str, names: Names) -> Table:
    """Name the columns of a table: capitals, spaces and units in brackets do not matter.

    Raises
    ------
    InputError
        Two columns of one name, a column that is a known one misspelt, or numbers with two kinds of decimal signs.
    """
    columns = [_column(spelled, names) for spelled in cells.header]
    empty = [not any(not is_missing(line[n]) for _, line in cells.lines) for n in range(len(columns))]
    doubled = {column.name for column in columns if [other.name for other in columns].count(column.name) > 1}
    kept = [n for n, c in enumerate(columns) if not (empty[n] and c.name in doubled and _has_other(n, columns))]
    cells = Cells(
        tuple(cells.header[n] for n in kept),
        tuple((number, tuple(line[n] for n in kept)) for number, line in cells.lines),
        cells.separator,
        cells.guessed,
    )
    columns = [columns[n] for n in kept]
    _refuse_doubled(columns, source)
    table = Table(source, tuple(columns), ".", names, cells)
    _refuse_misspelt(table)
    return Table(source, tuple(columns), _decimal(table), names, cells)


@lru_cache(maxsize=1024)  # every table asks for the same known names
def canonical(spelled: str) -> str:
    """A name in small letters, its parts joined by underscores, with its unit at the end."""
    name, unit = spelled, None
    if match := _UNIT_AT_END.match(spelled):
        name, unit = match[1], match[2]
    name = _joined(name)
    if unit is not None:
        unit = _joined(unit)
        unit = UNITS.get(unit, unit)
        is_sd, name = name.endswith("_sd"), name.removesuffix("_sd")
        name = "_".join(filter(None, (name, unit, "sd" if is_sd else "")))
    for other in ("cc", "ml"):
        name = re.sub(rf"_{other}(?=$|_sd$)", "_cm3", name)
    return re.sub(r"^tumou?r_(?=volume)", "", name)


def _joined(text: str) -> str:
    text = text.strip().lower().replace("\u00b3", "3").replace("^", "")
    return "_".join(part for part in re.split(r"[\s_/\u00a0-]+", text) if part)


def _column(spelled: str, names: Names) -> Column:
    if spelled in names.converted:
        return Column(names.converted[spelled][0], spelled, names.converted[spelled][1])
    by_plain = {canonical(known): known for known in names.known}
    plain = canonical(spelled)
    known = names.spellings.get(plain) or by_plain.get(plain, spelled)
    name, divisor = names.converted.get(known, (known, 1.0))
    return Column(name, spelled, divisor)


def _has_other(n: int, columns: Sequence[Column]) -> bool:
    """Whether another column has the same name under another spelling."""
    return any(c.name == columns[n].name and c.spelled != columns[n].spelled for c in columns)


def _refuse_doubled(columns: Sequence[Column], source: str) -> None:
    first: dict[str, Column] = {}
    for column in columns:
        other = first.setdefault(column.name, column)
        if other is not column and other.spelled == column.spelled:
            raise InputError(f"{source}: the column {column.spelled!r} occurs twice; keep one.")
        if other is not column:
            raise InputError(
                f"{source}: the columns {other.spelled!r} and {column.spelled!r} are both {column.name}; keep one."
            )


def _refuse_misspelt(table: Table) -> None:
    there = {column.name for column in table.columns if table.is_filled(column)}
    absent = [name for name in table.names.known if table.names.converted.get(name, (name,))[0] not in there]
    for column in table.unknown():
        plain = canonical(column.spelled)
        begun = [name for name in absent if _is_begun(plain, name)]
        if not table.is_filled(column):
            continue
        if begun:
            raise InputError(
                f"{table.source}: the column {column.spelled!r} does not say what its numbers are; name it "
                f"{' or '.join(begun[:2])}."
            )
        if near := nearest(plain, absent):
            raise InputError(
                f"{table.source}: the column {column.spelled!r} is not known; did you mean {near!r}? Correct its name "
                "in the header."
            )


def _is_begun(plain: str, known: str) -> bool:
    """Whether a name is a known one without its unit, or a volume in a unit that is not known."""
    other_unit = known.startswith("volume_") and plain.count("_") == 1 and plain.startswith("volume_")
    return not known.endswith("_sd") and plain != "volume_sd" and (known.startswith(f"{plain}_") or other_unit)


def _decimal(table: Table) -> str:
    try:
        return decimal_sign((text for _, _, text in _numeric_cells(table)), table.cells.separator)
    except MixedSigns as error:
        row, name = next((row, name) for row, name, text in _numeric_cells(table) if text == error.cell)
        raise InputError(f"{row.where(name)} holds {error.cell!r}, but the table {error}.") from None


def _numeric_cells(table: Table) -> Iterable[tuple[Row, str, str]]:
    names = table.names
    numeric = [
        column.name
        for column in table.columns
        if column.name in names.numbers or (names.extra_numbers and column.name not in names.texts)
    ]
    return ((row, name, row.cells[name].removesuffix("%")) for row in table.rows for name in numeric)

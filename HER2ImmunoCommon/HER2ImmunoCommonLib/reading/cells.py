"""Tables as text: the header and rows of a CSV file of any program, and cells that no spreadsheet runs as formulas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from .text import read_text

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
MOST_COLUMNS = 2000
FORMULA_STARTS = "=+-@\t\r"
"""First characters by which a spreadsheet takes a text for a formula."""
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?,*$', re.IGNORECASE)


@dataclass(frozen=True)
class Cells:
    """A table as text.

    Attributes
    ----------
    header : tuple of str
    lines : tuple of (int, tuple of str)
        Number of each row, as a text editor counts it where no cell has several lines, and its cells; blank rows are
        left out, and cells are as many as in the header.
    separator : str
        Between the cells; empty for cells that were typed.
    guessed : str or None
        Encoding that was guessed.
    """

    header: tuple[str, ...]
    lines: tuple[tuple[int, tuple[str, ...]], ...]
    separator: str = ""
    guessed: str | None = None


def read_table_cells(path: str | Path, what: str) -> Cells:
    """Header and rows of a CSV file: any usual encoding, separator and line end.

    Parameters
    ----------
    path : path
    what : str
        What the file is, for messages, such as "a measurement table (CSV)".

    Raises
    ------
    InputError
        Naming the file, row and reason.
    """
    path = Path(path)
    found = read_text(path, what, kept_as="CSV in UTF-8")
    text, separator, skipped = _without_separator_line(found.text)
    separator = separator or _separator(text, path.name)
    lines = _split(text, separator, path.name, skipped)
    top = next((number for number, line in enumerate(lines) if any(cell.strip() for cell in line)), None)
    if top is None:
        return Cells((), ())
    return cells_of(lines[top], lines[top + 1 :], path.name, skipped + top + 2, separator, found.guessed)


def _without_separator_line(text: str) -> tuple[str, str, int]:
    """Text below a first line such as `sep=;`, its separator, and how many lines were taken off."""
    first, *rest = text.split("\n", 1) if "\n" in text else text.split("\r", 1)
    match = _SEPARATOR_LINE.match(first.strip("\r"))
    return (rest[0] if rest else "", match[1], 1) if match else (text, "", 0)


def cells_of(
    header: Sequence[str],
    lines: Sequence[Sequence[str]],
    source: str,
    first_row: int = 1,
    separator: str = "",
    guessed: str | None = None,
) -> Cells:
    """A table from text: without spaces about the cells, blank rows, and empty cells and columns at the end.

    Raises
    ------
    InputError
        A row with fewer or more cells than the header, or cells below no name.
    """
    names = [_clean(name) for name in header]
    rows = [(number, [_clean(cell) for cell in line]) for number, line in enumerate(lines, start=first_row)]
    rows = [(number, line) for number, line in rows if any(line)]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise InputError(f"{source} has {len(names)} columns, more than {MOST_COLUMNS}; is it a table of this kind?")
    kept = [(number, _fitted(line, names, f"{source}, row {number}", separator)) for number, line in rows]
    for column in [column for column, name in enumerate(names) if not name]:
        if number := next((number for number, line in kept if line[column]), None):
            raise InputError(
                f"{source}, row {number}: column {column + 1} has values but no name; name it in the header, or delete "
                "it (a row number that a program wrote, for instance)."
            )
    used = [column for column, name in enumerate(names) if name]
    return Cells(
        tuple(names[column] for column in used),
        tuple((number, tuple(line[column] for column in used)) for number, line in kept),
        separator,
        guessed,
    )


def escaped(cell: object) -> object:
    """A cell as a CSV file has it: a text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if not isinstance(cell, str) or not cell.lstrip("'")[:1] or cell.lstrip("'")[0] not in FORMULA_STARTS:
        return cell
    try:
        float(cell)
    except ValueError:
        return "'" + cell
    return cell


def _clean(cell: str) -> str:
    """Inverse of `escaped`, without the spaces about the cell."""
    cell = cell.strip().strip("\ufeff\u200b")
    return cell[1:] if cell.startswith("'") and cell.lstrip("'")[:1] in tuple(FORMULA_STARTS) else cell


def _fitted(line: list[str], names: list[str], where: str, separator: str) -> list[str]:
    while len(line) > len(names) and not line[-1]:
        line = line[:-1]
    if len(line) < len(names):
        raise InputError(
            f"{where}, column {names[len(line)]} is not there: {len(line)} cells where the header has {len(names)}; "
            "complete the row."
        )
    if len(line) > len(names):
        commas = " (decimal commas need another separator: save it with semicolons)" if separator == "," else ""
        raise InputError(f"{where}: {len(line)} cells where the header has {len(names)}; correct the row{commas}.")
    return line


def _separator(text: str, source: str) -> str:
    """The separator under which the rows have as many cells as the header, which is the most of them."""
    head = text.strip("\r\n").splitlines()[:1]
    if not head:
        return ","
    found = {}
    for sign in SEPARATORS:
        if sign in head[0]:
            lines = [line for line in _split(text, sign, source) if any(cell.strip() for cell in line)]
            found[sign] = sum(len(line) == len(lines[0]) for line in lines) / len(lines), len(lines[0])
    return max(found, key=found.get, default=",")


def _split(text: str, separator: str, source: str, skipped: int = 0) -> list[list[str]]:
    lines: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
    try:
        lines.extend(reader)
    except csv.Error as error:
        raise InputError(
            f"{source}, row {len(lines) + 1 + skipped}: the quotes or the length of a cell are not those of a table "
            f"({error}); correct the row."
        ) from None
    return lines

"""Whose a row of a table is: the column that names subjects, and the rows of each."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import InputError
from .cells import read_table_cells
from .spelling import shown
from .table import Table, canonical

SUBJECT = "subject"
SPELLINGS = (
    "subject_id",
    "subject_no",
    "subject_number",
    "patient",
    "patient_id",
    "patient_no",
    "patient_number",
    "participant",
    "participant_id",
    "case",
    "case_id",
    "pseudonym",
    "animal",
    "animal_id",
    "animal_no",
    "animal_number",
    "mouse",
    "mouse_id",
    "rat",
    "id",
)
"""Other names of the column `subject`; left unread, several subjects would be taken for one."""
FEW = 6
"""Names that a message lists."""


def by_subject(table: Table, column: str = SUBJECT) -> dict[str, Table]:
    """The rows of each subject, in the order in which the subjects first appear; wherever they stand in the table.

    Parameters
    ----------
    table : Table
    column : str
        That names the subjects.

    Returns
    -------
    dict of str to Table
        By name of the subject; all rows under "" where the column is not there, or empty from top to bottom.

    Raises
    ------
    InputError
        An empty cell in the column, or names that differ in capitals or spaces only.
    """
    if not table.has(column) or not table.is_filled(table.column(column)):
        return {"": table}
    lines: dict[str, list] = {}
    for row, line in zip(table.rows, table.cells.lines, strict=True):
        if not row.has(column):
            said = shown(row.text(column)) if row.text(column) else "empty"
            raise InputError(f"{row.where(column)} is {said}; name the {column} in every row.")
        lines.setdefault(" ".join(row.text(column).split()), []).append(line)
    refuse_alike(lines, table.source)
    return {name: replace(table, cells=replace(table.cells, lines=tuple(own))) for name, own in lines.items()}


def only_subject(table: Table, way_on: str) -> Table:
    """The table, if its rows are of one subject.

    Raises
    ------
    InputError
        As `by_subject`; several subjects, with the way on at the end of the sentence.
    """
    names = list(by_subject(table))
    if len(names) > 1:
        raise InputError(f"{table.source} holds {len(names)} subjects ({listed(names)}); {way_on}.")
    return table


def chosen_subject(name: str, names: Sequence[str], source: str) -> str:
    """The subject of that name.

    Raises
    ------
    InputError
        There is none, naming those that there are.
    """
    if name not in names:
        known = listed([each for each in names if each])
        way_on = f"it has {known}" if known else "no column of it names subjects"
        raise InputError(f"{source} has no subject {name!r}; {way_on}.")
    return name


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return ", ".join(names[:FEW]) + more


def refuse_alike(names: Iterable[str], source: str) -> None:
    """Refuse names that differ in capitals, spaces or the way of writing accents only: one would be taken for two.

    Raises
    ------
    InputError
    """
    seen: dict[str, str] = {}
    for name in names:
        plain = "".join(unicodedata.normalize("NFKC", name).casefold().split())
        other = seen.setdefault(plain, name)
        if other != name:
            raise InputError(f"{source}: {other!r} and {name!r} differ in capitals or spaces only; write one name.")


def names_subjects(path: str | Path) -> bool:
    """Whether a CSV file has a column that names subjects; False for one that cannot be read."""
    try:
        header = read_table_cells(path, "a table (CSV)").header
    except InputError:
        return False
    return any(canonical(name) in (SUBJECT, *SPELLINGS) for name in header)

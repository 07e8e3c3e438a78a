"""Columns of numbers beside the volumes of a table: not fitted, but a parameter may follow them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from HER2ImmunoCommonLib.measurements import CONVERTED, MODEL_COLUMNS, SD_SUFFIX, Measurement
from HER2ImmunoCommonLib.reading import Row, Table, canonical, holds_number, named, shown

_FITTED = {*MODEL_COLUMNS, *CONVERTED}


def with_further(table: Table) -> tuple[Table, tuple[str, ...]]:
    """The table whose other columns of numbers have names too, and these names, as the file spells them.

    Fractions that a model is fitted to are none: a table of volumes alone says nothing of them.

    Raises
    ------
    InputError
        Numbers with two kinds of decimal signs, or two columns of one name.
    """
    further = tuple(
        column.name
        for column in table.unknown()
        if canonical(column.spelled).removesuffix(SD_SUFFIX) not in _FITTED
        and table.is_filled(column)
        and all(holds_number(row.text(column.name)) for row in table.rows if row.has(column.name))
    )
    names = replace(table.names, numbers=(*table.names.numbers, *further))
    return (named(table.cells, table.source, names), further) if further else (table, ())


def numbers_of(row: Row, further: Iterable[str]) -> tuple[dict[str, float], dict[str, float]]:
    """Values and standard deviations (of a column `<name>_sd` beside `<name>`) of a row; errors as `Row.value`."""
    found = {name: value for name in further if (value := row.value(name)) is not None}
    of = {name: name.removesuffix(SD_SUFFIX) for name in found if name.removesuffix(SD_SUFFIX) in found}
    sd = {base: found[name] for name, base in of.items() if base != name}
    return {name: value for name, value in found.items() if of.get(name, name) == name}, sd


def joined_by_day(visits: Iterable[Measurement]) -> list[Measurement]:
    """The visits, those without a volume joined with another of the day that has none of their columns."""
    kept: list[Measurement] = []
    for visit in visits:
        at = next((i for i, other in enumerate(kept) if other.day == visit.day and _parted(other, visit)), None)
        if at is None:
            kept.append(visit)
        else:
            kept[at] = replace(kept[at], values=kept[at].values | visit.values, sd=kept[at].sd | visit.sd)
    return kept


def _parted(one: Measurement, other: Measurement) -> bool:
    both_measured = "volume_cm3" in one.values and "volume_cm3" in other.values
    return not both_measured and not set(one.values) & set(other.values)


def said_of_columns(table: Table, further: tuple[str, ...]) -> Iterator[str]:
    """What is said of columns that are not fitted."""
    if further:
        yield f"{table.source}: not fitted themselves, though a parameter may follow: {', '.join(further)}."
    if names := [_unused(table, c.name, c.spelled) for c in table.unknown() if table.is_filled(c)]:
        yield f"{table.source}: not used: {', '.join(names)}."


def _unused(table: Table, name: str, spelled: str) -> str:
    """A column that is not used; with the first cell that is no number, where most are."""
    filled = [row for row in table.rows if row.has(name)]
    other = [row for row in filled if not holds_number(row.text(name))]
    if not other or 2 * len(other) > len(filled):
        return spelled
    return f"{spelled} (row {other[0].number} holds {shown(other[0].text(name))}, no number)"

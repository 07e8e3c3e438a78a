"""Plain volume tables of several animals in groups, with the treatment days of each group: what most labs have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import SD_SUFFIX, Measurement, check_day, ordered
from HER2ImmunoCommonLib.reading import (
    SUBJECT,
    SUBJECT_SPELLINGS,
    Names,
    Row,
    Table,
    canonical,
    did_you_mean,
    read_table_cells,
    read_table_file,
    refuse_alike,
)

from ..models.model import Model
from ..treatments.doses import Dose, Schedule
from ..treatments.schedule import NAMES as TREATMENT_NAMES
from ..treatments.schedule import check_units, dose_of
from .further_columns import joined_by_day, numbers_of, said_of_columns, with_further
from .subjects import Subject

UNITS = {"volume_cm3": 1.0, "volume_mm3": 1000.0}
"""Names of the volume column, and how many of its unit are a cm3."""
NAMES = Names(
    texts=("animal", "group"),
    numbers=("day", *(volume + sd for volume in UNITS for sd in ("", SD_SUFFIX)), "sd"),
    quoted=False,
    spellings=dict.fromkeys((SUBJECT, *(name for name in SUBJECT_SPELLINGS if name != "animal")), "animal"),
)
WHAT = "a table of volumes (CSV)"
Key = tuple[str, str]
"""Group and animal; "" for none."""
GROUPS = ("treatment", "arm", "cohort", "treatment_group")
"""Other names of the column `group`; left unread, groups would be taken for one."""
UNTREATED = ("control", "untreated", "vehicle", "placebo", "pbs", "saline", "sham", "none", "no treatment")
"""Words in the name of a group that is meant to have no treatment."""


def read_volumes(path: str | Path, treatments: str | Path | None = None, model: Model | None = None) -> list[Subject]:
    """Read animals from a volume table and a treatment table (CSV with a header).

    Parameters
    ----------
    path : path
        Columns `day`, `volume_cm3` or `volume_mm3`; optional `sd` or `<volume>_sd` (of the same unit), `animal`,
        `group`. A row an animal and day, or a group and day where animals were averaged; a volume that was not measured
        is empty. Other columns of numbers, such as `suv_mean`, are kept under their names for parameters to follow.
    treatments : path, optional
        Columns `drug`, `day`; optional `dose` (1 if absent), `group` and `animal` (every one if absent or empty).
    model : Model, optional
        Model whose drugs are allowed; any drug if None.

    Returns
    -------
    list of Subject
        In the order of the table. What was assumed is in the remarks of each one's first visit.

    Raises
    ------
    InputError
        Naming the file, row, column and reason, and the animal where there is one.
    """
    path = Path(path)
    table = read_table_file(path, WHAT, NAMES)
    if not table.columns:
        raise InputError(f"{path.name} holds no rows; add a header and one row a measurement.")
    volume = _volume_column(table)
    if not table.rows:
        raise InputError(f"{path.name} holds no rows; add a header and one row a measurement.")
    table, further = with_further(table)
    animals: dict[Key, list[Measurement]] = {}
    for row in table.rows:
        key = _key(row)
        visits = animals.setdefault(key, [])
        if any(row.has(name) for name in (volume, *further)):
            visits.append(_visit(row, volume, further, " ".join(filter(None, key))))
    groups = list(dict.fromkeys(group for group, _ in animals))
    refuse_alike((" ".join(filter(None, key)) for key in animals), path.name)
    doses = _doses(Path(treatments), model, list(animals), path.name) if treatments else []
    remarks = (*table.remarks(), *said_of_columns(table, further))
    return [
        _subject(path, key, visits, doses, (*remarks, *_assumed(key, groups, doses, treatments)))
        for key, visits in animals.items()
    ]


def is_volume_table(path: str | Path) -> bool:
    """Whether a file is a table of volumes by day without the visits of a measurement table."""
    header = header_of(path)
    return "visit" not in header and bool({"day", "animal", "group"} & set(header))


def header_of(path: str | Path) -> list[str]:
    """Names of the columns of a CSV file, in lower case, units at the end; none of a file that cannot be read."""
    try:
        return [canonical(name) for name in read_table_cells(path, WHAT).header]
    except InputError:
        return []


def _volume_column(table: Table) -> str:
    found = [name for name in UNITS if table.has(name)]
    if table.has("day") and len(found) == 1:
        _refuse_other_names(table)
        return found[0]
    hint = table.why_missing("day") or next(filter(None, map(table.why_missing, UNITS)), "")
    raise InputError(f"{table.source}: a volume table needs a column day and one of volume_cm3 or volume_mm3{hint}.")


def _refuse_other_names(table: Table) -> None:
    for column in table.unknown():
        if canonical(column.spelled) in GROUPS and not table.has("group"):
            raise InputError(
                f"{table.source}: the column {column.spelled!r} is not known; name it 'group' if each group has its "
                "own, or delete it."
            )


def _key(row: Row) -> tuple[str, str]:
    """Group and animal of a row; an animal without a name is the average of its group, and there must be one."""
    key = row.text("group"), " ".join(row.text("animal").split())
    if not any(key) and row.table.has("animal") and row.table.is_filled(row.table.column("animal")):
        raise InputError(f"{row.where('animal')} is empty; name the animal in every row.")
    return key


def _visit(row: Row, column: str, further: tuple[str, ...], animal: str) -> Measurement:
    of = f" (of {animal})" if animal else ""
    try:
        day = row.number_in("day")
        check_day(day, row.where("day"))
        values, sd = numbers_of(row, further)
        if row.has(column):
            values, sd = {"volume_cm3": _volume(row, column)} | values, _spread(row, column) | sd
    except InputError as error:
        raise InputError(f"{str(error).removesuffix('.')}{of}.") from error
    try:
        return Measurement(f"day {day:g}", day, values, sd)
    except InputError as error:
        raise InputError(f"{row.place}: {str(error).removesuffix('.')}{of}.") from error


def _volume(row: Row, column: str) -> float:
    volume = row.number_in(column) / UNITS[column]
    if not volume > 0:
        raise InputError(
            f"{row.where(column)} is {row.text(column)}{', negative' if volume < 0 else ''}; leave it empty or "
            "give the smallest volume that can be measured."
        )
    return volume


def _spread(row: Row, column: str) -> dict[str, float]:
    spread = next((name for name in ("sd", column + SD_SUFFIX) if row.has(name)), None)
    return {"volume_cm3": row.number_in(spread) / UNITS[column]} if spread else {}


def _subject(
    path: Path,
    key: Key,
    visits: Sequence[Measurement],
    doses: Sequence[tuple[Key, Dose]],
    remarks: tuple[str, ...],
) -> Subject:
    group, name = key[0], " ".join(filter(None, key)) or path.stem
    rows = ordered(joined_by_day(visits), f"{path.name}, {name}")
    if rows:
        rows[0] = replace(rows[0], remarks=remarks)
    given = Schedule(tuple(dose for of, dose in doses if _is_of(of, key)), group)
    return Subject(name, tuple(rows), given, group)


def _is_of(wanted: Key, key: Key) -> bool:
    """Whether a dose of a group and an animal, each of them or "", is one of this animal."""
    return all(one in ("", other) for one, other in zip(wanted, key, strict=True))


def _doses(path: Path, model: Model | None, animals: Sequence[Key], volumes: str) -> list[tuple[Key, Dose]]:
    table = read_table_file(path, "a table of treatments (CSV)", TREATMENT_NAMES)
    check_units(table)
    if not (table.has("drug") and table.has("day")):
        hint = table.why_missing("drug") or table.why_missing("day")
        raise InputError(f"{path.name}: a treatment needs the columns drug and day{hint}.")
    doses = []
    for row in table.rows:
        wanted = row.text("group"), " ".join(row.text(SUBJECT).split())
        for number, (what, column) in enumerate((("group", "group"), ("animal", SUBJECT))):
            named = list(dict.fromkeys(key[number] for key in animals if key[number]))
            if wanted[number] and wanted[number] not in named:
                raise InputError(
                    f"{row.where(column)}: the {what} {wanted[number]!r} has no volumes in {volumes}; "
                    f"{did_you_mean(wanted[number], named)}"
                )
        doses.append((wanted, dose_of(row, model, full=1.0)))
    return doses


def _assumed(
    key: Key, groups: Sequence[str], doses: Sequence[tuple[Key, Dose]], treatments: str | Path | None
) -> Iterator[str]:
    """What is taken for granted of an animal's treatment, where the tables do not say it."""
    if not treatments:
        return
    name, (group, animal) = Path(treatments).name, key
    if any(of[1] for of, _ in doses) and not any(_is_of(of, key) for of, _ in doses):
        yield f"The animal {animal!r} has no dose in {name} and is taken as untreated."
    if len(groups) < 2:
        return
    is_control = any(word in group.lower() for word in UNTREATED)
    if is_control and any(of == ("", "") for of, _ in doses):
        yield f"{name} gives doses without a group, so that the group {group!r} is given them too."
    if not is_control and not any(of[0] in ("", group) for of, _ in doses):
        yield f"The group {group!r} has no dose in {name} and is taken as untreated."

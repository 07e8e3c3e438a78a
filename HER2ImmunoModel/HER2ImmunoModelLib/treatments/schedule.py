"""Treatment schedules: doses on days, their table and the standard candidates."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.files import atomic_path

from ..models.model import Model

COLUMNS = ("drug", "day", "dose")


@dataclass(frozen=True, order=True)
class Dose:
    """One dose: drug, day (days from the first visit's time zero) and size (1 is the drug's full dose)."""

    drug: str
    day: float
    dose: float = 1.0

    def __post_init__(self):
        if not math.isfinite(self.day):
            raise InputError(f"The day of a dose of {self.drug} is {self.day}; give a finite number of days.")
        if not math.isfinite(self.dose) or self.dose < 0:
            raise InputError(f"The dose of {self.drug} on day {self.day:g} is {self.dose}; give a number of 0 or more.")


@dataclass(frozen=True)
class Schedule:
    """Doses in any order, and a name for people."""

    doses: tuple[Dose, ...] = ()
    name: str = ""

    def __post_init__(self):
        object.__setattr__(self, "doses", tuple(self.doses))

    def __add__(self, other: Schedule) -> Schedule:
        """Doses of both, under the name of the second."""
        return Schedule(self.doses + other.doses, other.name or self.name)

    def before(self, day: float) -> Schedule:
        """The doses given before a day."""
        return replace(self, doses=tuple(dose for dose in self.doses if dose.day < day))

    def for_model(self, model: Model) -> Schedule:
        """The same doses under the model's own drug names, one row a drug and day, in order of day.

        Raises
        ------
        InputError
            A drug the model does not have.
        """
        sums: dict[tuple[float, str], list[float]] = {}
        for dose in self.doses:
            sums.setdefault((dose.day, model.drug(dose.drug).name), []).append(dose.dose)
        rows = (Dose(drug, day, math.fsum(sizes)) for (day, drug), sizes in sorted(sums.items()))
        return Schedule(tuple(row for row in rows if row.dose > 0), self.name)


def read_schedule(path: str | Path, model: Model | None = None) -> Schedule:
    """Read a table `drug, day, dose` (CSV); the file's stem becomes the name.

    Parameters
    ----------
    path : path
        CSV file with a header row.
    model : Model, optional
        Model whose drugs are allowed; any drug if None.

    Raises
    ------
    InputError
        A missing file or column, an unknown drug, a negative dose, a cell that is not a finite number; the
        message names row and column.
    """
    path = Path(path)
    header, lines = _lines(path)
    return schedule_from_cells(header, lines, path.name, model, first_row=2, name=path.stem)


def read_schedules(path: str | Path, model: Model | None = None) -> list[Schedule]:
    """Read several schedules of one table: as `read_schedule`, with a column `schedule` that names them.

    A table without that column is one schedule. A dose of 0 makes a schedule without treatment.
    """
    path = Path(path)
    header, lines = _lines(path)
    names = [column.strip().lower() for column in header]
    if "schedule" not in names:
        return [schedule_from_cells(header, lines, path.name, model, first_row=2, name=path.stem)]
    column = names.index("schedule")
    kept: dict[str, list[Sequence[str]]] = {}
    for number, line in enumerate(lines, start=2):
        if any(line):
            name = line[column].strip() if column < len(line) else ""
            if not name:
                raise InputError(f"{path.name}, row {number}, column schedule is empty; name the schedule of the dose.")
            kept.setdefault(name, [[]] * len(lines))[number - 2] = line
    return [schedule_from_cells(header, rows, path.name, model, first_row=2, name=name) for name, rows in kept.items()]


def _lines(path: Path) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a CSV file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The schedule {path} cannot be read: {error}.") from error
    lines = list(csv.reader(text.splitlines(), skipinitialspace=True))
    return (lines[0], lines[1:]) if lines else ([], [])


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
    header = [column.strip().lower() for column in header]
    if missing := [column for column in COLUMNS if column not in header]:
        raise InputError(f"The schedule {source} lacks the column {missing[0]!r}; it needs {', '.join(COLUMNS)}.")
    rows = [
        (f"{source}, row {number}", dict(zip_longest(header, line[: len(header)])))
        for number, line in enumerate(lines, start=first_row)
        if any(line)
    ]
    return Schedule(tuple(_dose(cells, where, model) for where, cells in rows), name)


def _dose(cells: dict[str, str | None], where: str, model: Model | None) -> Dose:
    drug = (cells["drug"] or "").strip()
    if not drug:
        raise InputError(f"{where}, column drug is empty; name the drug.")
    if model is not None:
        try:
            model.drug(drug)
        except InputError as error:
            raise InputError(f"{where}, column drug: {error}") from error
    dose = _number(cells["dose"], f"{where}, column dose")
    if dose < 0:
        raise InputError(f"{where}, column dose is {dose:g}; a dose is 0 or more.")
    return Dose(drug, _number(cells["day"], f"{where}, column day"), dose)


def _number(cell: str | None, where: str) -> float:
    try:
        value = float(cell or "")
    except ValueError as error:
        raise InputError(f"{where} holds {cell or ''!r}; give a number.") from error
    if not math.isfinite(value):
        raise InputError(f"{where} holds {cell!r}; give a finite number.")
    return value


def write_schedule(path: str | Path, schedule: Schedule) -> None:
    """Write the doses as a table `drug, day, dose` (CSV) that `read_schedule` reads back exactly."""
    with atomic_path(path) as temporary, Path(temporary).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((dose.drug, repr(float(dose.day)), repr(float(dose.dose))) for dose in schedule.doses)


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

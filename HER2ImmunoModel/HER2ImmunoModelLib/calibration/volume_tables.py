"""Plain volume tables of several animals in groups, with the treatment days of each group: what most labs have."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import SD_SUFFIX, Measurement, ordered

from ..models.model import Model
from ..treatments.schedule import Dose, Schedule
from .subjects import Subject

UNITS = {"volume_cm3": 1.0, "volume_mm3": 1e-3}
"""Names of the volume column and its unit in cm3."""


def read_volumes(path: str | Path, treatments: str | Path | None = None, model: Model | None = None) -> list[Subject]:
    """Read animals from a volume table and a treatment table (CSV with a header).

    Parameters
    ----------
    path : path
        Columns `day`, `volume_cm3` or `volume_mm3`; optional `sd` or `<volume>_sd` (of the same unit), `animal`,
        `group`. A row an animal and day, or a group and day where animals were averaged; a volume that was not measured
        is empty.
    treatments : path, optional
        Columns `drug`, `day`; optional `dose` (1 if absent) and `group` (every group if absent or empty).
    model : Model, optional
        Model whose drugs are allowed; any drug if None.

    Returns
    -------
    list of Subject
        In the order of the table.

    Raises
    ------
    InputError
        Naming the file, row, column and reason.
    """
    path = Path(path)
    rows = _rows(path)
    header = rows[0][1].keys()
    volume = [name for name in UNITS if name in header]
    if "day" not in header or len(volume) != 1:
        raise InputError(f"{path.name}: a volume table needs a column day and one of volume_cm3 or volume_mm3.")
    animals: dict[tuple[str, str], list[Measurement]] = {}
    for where, cells in rows:
        group, animal = cells.get("group", ""), cells.get("animal", "")
        visits = animals.setdefault((group, animal), [])
        if cells[volume[0]]:
            visits.append(_visit(cells, where, volume[0]))
    doses = _doses(Path(treatments), model) if treatments else []
    if strangers := sorted({group for group, _ in doses if group} - {group for group, _ in animals}):
        raise InputError(f"{Path(treatments).name}: the group {strangers[0]!r} has no volumes in {path.name}.")
    named = {key: " ".join(filter(None, key)) or path.stem for key in animals}
    return [
        Subject(
            named[group, animal],
            tuple(ordered(visits, f"{path.name}, {named[group, animal]}")),
            Schedule(tuple(dose for of, dose in doses if of in ("", group)), group),
            group,
        )
        for (group, animal), visits in animals.items()
    ]


def is_volume_table(path: str | Path) -> bool:
    """Whether a file is a table of volumes by day without the visits of a measurement table."""
    return "day" in (header := header_of(path)) and "visit" not in header


def header_of(path: str | Path) -> list[str]:
    """Names of the columns of a CSV file, in lower case; none of a file that cannot be read."""
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            return [name.strip().lower() for name in next(csv.reader(file, skipinitialspace=True), [])]
    except (OSError, UnicodeDecodeError):
        return []


def _rows(path: Path) -> list[tuple[str, dict[str, str]]]:
    try:
        lines = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines(), skipinitialspace=True))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The table {path} cannot be read ({error}); name a CSV file.") from error
    header = [name.strip().lower() for name in lines[0]] if lines else []
    if doubled := sorted({name for name in header if header.count(name) > 1}):
        raise InputError(f"{path.name}: the column {doubled[0]!r} occurs twice; keep one.")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if any(line):
            if len(line) != len(header):
                raise InputError(f"{path.name}, row {number}: {len(line)} cells where the header has {len(header)}.")
            cells = {name: cell.strip() for name, cell in zip(header, line, strict=True)}
            rows.append((f"{path.name}, row {number}", cells))
    if not rows:
        raise InputError(f"{path.name} holds no rows; add a header and one row a measurement.")
    return rows


def _visit(cells: dict[str, str], where: str, column: str) -> Measurement:
    day, unit = _number(cells["day"], f"{where}, column day"), UNITS[column]
    volume = _number(cells[column], f"{where}, column {column}") * unit
    named = next((name for name in ("sd", column + SD_SUFFIX) if cells.get(name)), None)
    sd = {"volume_cm3": _number(cells[named], f"{where}, column {named}") * unit} if named else {}
    try:
        return Measurement(f"day {day:g}", day, {"volume_cm3": volume}, sd)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error


def _doses(path: Path, model: Model | None) -> Sequence[tuple[str, Dose]]:
    doses = []
    for where, cells in _rows(path):
        if not cells.get("drug") or "day" not in cells:
            raise InputError(f"{where}: a treatment needs the columns drug and day.")
        try:
            if model is not None:
                model.drug(cells["drug"])
            size = _number(cells.get("dose") or "1", f"{where}, column dose")
            dose = Dose(cells["drug"], _number(cells["day"], f"{where}, column day"), size)
        except InputError as error:
            raise error if where in str(error) else InputError(f"{where}: {error}") from error
        doses.append((cells.get("group", ""), dose))
    return doses


def _number(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{where} holds {text!r}; give a number.")
    return value

"""What a study consists of: the visits with their images and regions, and the treatments given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.masks import split_choice

SPECIES = ("human", "mouse")


@dataclass(frozen=True)
class Visit:
    """One visit's images and regions of interest; what was not acquired is empty.

    Attributes
    ----------
    visit : str
    day : float
    dynamic : tuple of Path
        Folders of the dynamic MR series.
    vfa : tuple of Path
        Folders of the variable flip angle series.
    pet : Path or None
        Folder of the FMISO-PET series.
    tumour : Path
        Mask of the tumour, on any grid; of several labels or segments `FILE:NAME`, also for the others.
    vessel, muscle, blood : Path or None
        Masks of the arterial input and of the reference tissues of the PET ratios.
    """

    visit: str
    day: float
    tumour: Path
    dynamic: tuple[Path, ...] = ()
    vfa: tuple[Path, ...] = ()
    pet: Path | None = None
    vessel: Path | None = None
    muscle: Path | None = None
    blood: Path | None = None


@dataclass(frozen=True)
class Study:
    """A subject's visits and treatments, and the settings of each stage (plain values, checked by their stage)."""

    path: Path
    subject: str
    species: str
    visits: tuple[Visit, ...]
    treatments: Path | None = None
    dce: Mapping[str, object] = field(default_factory=dict)
    pet: Mapping[str, object] = field(default_factory=dict)
    model: Mapping[str, object] = field(default_factory=dict)


def read_study(path: str | Path) -> Study:
    """Read `study.json` (or the folder that holds it).

    Raises
    ------
    InputError
        Naming the entry at fault: missing, of a wrong kind, or a file that is not there.
    """
    path = Path(path)
    if path.is_dir():
        path = path / "study.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; name a study.json or the folder that holds it.") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is not a study description in JSON ({error}).") from error
    if not isinstance(content, dict) or not isinstance(content.get("visits"), list) or not content["visits"]:
        raise InputError(f"{path} lists no visits; see Docs for the layout of a study.json.")
    species = content.get("species", "human")
    if species not in SPECIES:
        raise InputError(f"{path}: the species {species!r} is not known; choose one of {', '.join(SPECIES)}.")
    visits = tuple(_visit(path, number, entry) for number, entry in enumerate(content["visits"], start=1))
    for attribute in ("visit", "day"):
        seen = [getattr(visit, attribute) for visit in visits]
        if doubled := [value for value in seen if seen.count(value) > 1]:
            raise InputError(f"{path}: two visits have the {attribute} {doubled[0]!r}; give each its own.")
    return Study(
        path=path,
        subject=str(content.get("subject") or "Subject"),
        species=species,
        visits=tuple(sorted(visits, key=lambda visit: visit.day)),
        treatments=_file(path, content, "treatments", "treatments"),
        **{stage: _settings(path, content, stage) for stage in ("dce", "pet", "model")},
    )


def _visit(path: Path, number: int, entry: object) -> Visit:
    where = f"visit {number}"
    if not isinstance(entry, dict):
        raise InputError(f"{path}, {where} is not a set of named entries; see Docs for the layout of a study.json.")
    name, day = entry.get("visit"), entry.get("day")
    if not isinstance(name, str) or not name:
        raise InputError(f"{path}, {where} has no name; fill its entry 'visit'.")
    if not isinstance(day, (int, float)) or isinstance(day, bool):
        raise InputError(f"{path}, {where} ({name}): 'day' is {day!r}; give the day as a number.")
    tumour = _file(path, entry, "tumour", where)
    if tumour is None:
        raise InputError(f"{path}, {where} ({name}) names no 'tumour' mask; segment the tumour and save it as NRRD.")
    masks = {key: _file(path, entry, key, where) for key in ("vessel", "muscle", "blood")}
    return Visit(
        visit=name,
        day=float(day),
        tumour=tumour,
        dynamic=_folders(path, entry, "dynamic", where),
        vfa=_folders(path, entry, "vfa", where),
        pet=_file(path, entry, "pet", where),
        **masks,
    )


def _file(path: Path, entry: Mapping[str, object], key: str, where: str) -> Path | None:
    value = entry.get(key)
    if value in (None, ""):
        return None
    if not isinstance(value, str):
        raise InputError(f"{path}, {where}: {key!r} is not the name of a file or folder.")
    found = path.parent / value
    if not split_choice(found)[0].exists():
        raise InputError(f"{path}, {where}: {key!r} names {value}, which does not exist.")
    return found


def _folders(path: Path, entry: Mapping[str, object], key: str, where: str) -> tuple[Path, ...]:
    value = entry.get(key) or []
    names = value if isinstance(value, list) else [value]
    return tuple(_file(path, {key: name}, key, where) for name in names)


def _settings(path: Path, content: Mapping[str, object], stage: str) -> Mapping[str, object]:
    value = content.get(stage, {})
    if not isinstance(value, dict):
        raise InputError(f"{path}: the settings {stage!r} are not a set of named values.")
    return value

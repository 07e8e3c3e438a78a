"""What a study consists of: the visits with their images and regions, and the treatments given."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from QuantDCELib import Choice

SPECIES = ("human", "mouse")
NO_CHOICE = Choice()
IMAGE_ANSWERS = ("series", "kind", "vfa_series", "vfa_kind", "frame_interval_s")
"""Answers that say which MR images of a visit are meant and when they were."""


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
        Mask (NRRD) of the tumour, on any grid.
    dynamic_choice, vfa_choice : Choice
        Series (`series`, `vfa_series`) and kind of image (`kind`, `vfa_kind`), where several could be meant.
    frame_interval_s : float or None
        Time between the frames of the dynamic, instead of the headers'.
    vessel, muscle, blood : Path or None
        Masks of the arterial input and of the reference tissues of the PET ratios.
    """

    visit: str
    day: float
    tumour: Path
    dynamic: tuple[Path, ...] = ()
    vfa: tuple[Path, ...] = ()
    dynamic_choice: Choice = NO_CHOICE
    vfa_choice: Choice = NO_CHOICE
    frame_interval_s: float | None = None
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
        subject=str(content.get("subject", path.parent.name)),
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
        dynamic_choice=Choice(*(_word(path, entry, key, where) for key in ("series", "kind"))),
        vfa_choice=Choice(*(_word(path, entry, key, where) for key in ("vfa_series", "vfa_kind"))),
        frame_interval_s=_seconds(path, entry, "frame_interval_s", where),
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
    if not found.exists():
        raise InputError(f"{path}, {where}: {key!r} names {value}, which does not exist.")
    return found


def answered(visit: Visit, answers: Mapping[str, str]) -> Visit:
    """The visit with what a person answered about its MR images, where its description does not say.

    Raises
    ------
    InputError
        If the interval is no number of seconds.
    """
    dynamic, vfa = visit.dynamic_choice, visit.vfa_choice
    interval_s = visit.frame_interval_s
    if interval_s is None and "frame_interval_s" in answers:
        text = answers["frame_interval_s"]
        try:
            interval_s = float(text)
        except ValueError:
            interval_s = math.nan
        if not 0 < interval_s < math.inf:
            raise InputError(f"The answer frame_interval_s is {text!r}; give a number of seconds above 0.")
    return replace(
        visit,
        dynamic_choice=Choice(dynamic.series or answers.get("series", ""), dynamic.kind or answers.get("kind", "")),
        vfa_choice=Choice(vfa.series or answers.get("vfa_series", ""), vfa.kind or answers.get("vfa_kind", "")),
        frame_interval_s=interval_s,
    )


def _word(path: Path, entry: Mapping[str, object], key: str, where: str) -> str:
    """A word or number of the headers as text; empty where there is none."""
    value = entry.get(key)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise InputError(f"{path}, {where}: {key!r} is {value!r}; give a number or a word.")
    return str(value)


def _seconds(path: Path, entry: Mapping[str, object], key: str, where: str) -> float | None:
    value = entry.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
        raise InputError(f"{path}, {where}: {key!r} is {value!r}; give a number of seconds above 0.")
    return float(value)


def _folders(path: Path, entry: Mapping[str, object], key: str, where: str) -> tuple[Path, ...]:
    value = entry.get(key) or []
    names = value if isinstance(value, list) else [value]
    return tuple(_file(path, {key: name}, key, where) for name in names)


def _settings(path: Path, content: Mapping[str, object], stage: str) -> Mapping[str, object]:
    value = content.get(stage, {})
    if not isinstance(value, dict):
        raise InputError(f"{path}: the settings {stage!r} are not a set of named values.")
    return value

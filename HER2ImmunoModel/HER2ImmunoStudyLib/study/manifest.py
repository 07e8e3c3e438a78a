"""What a study consists of: the visits with their images and regions, and the treatments given."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.masks import split_choice
from HER2ImmunoCommonLib.measurements import check_day
from HER2ImmunoCommonLib.reading import did_you_mean, read_json_object, shown
from QuantDCELib import Choice

SPECIES = ("human", "mouse")
STAGES = ("dce", "pet", "model")
KEYS = ("subject", "species", "treatments", "visits", *STAGES)
CHOICE_KEYS = ("series", "kind", "vfa_series", "vfa_kind")
IMAGE_KEYS = ("dynamic", "vfa", "pet", "frame_interval_s", *CHOICE_KEYS)
VISIT_KEYS = ("visit", "day", "tumour", "vessel", "muscle", "blood", *IMAGE_KEYS)
NO_CHOICE = Choice()


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
    dynamic_choice, vfa_choice : Choice
        Series (`series`, `vfa_series`) and kind of image (`kind`, `vfa_kind`), where several could be meant.
    frame_interval_s : float or None
        Time between the frames of the dynamic, instead of the headers'.
    vessel, muscle, blood : Path or None
        Masks of the arterial input and of the reference tissues of the PET ratios.
    remarks : tuple of str
        What will be missing from the results, and what is named but not used.
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
    remarks: tuple[str, ...] = ()


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
    content = read_json_object(path, "a study description", needs="it lists no visits")
    _know(path, content, KEYS, "")
    if not isinstance(content.get("visits"), list) or not content["visits"]:
        raise InputError(f"{path} lists no visits; see Docs for the layout of a study.json.")
    species = content.get("species", "human")
    if species not in SPECIES:
        raise InputError(f"{path}: the species {shown(species)} is not known; choose one of {', '.join(SPECIES)}.")
    subject = content.get("subject") or "Subject"
    if isinstance(subject, bool) or not isinstance(subject, (str, int, float)):
        raise InputError(f"{path}: the subject is {shown(subject)}; give a pseudonym as text.")
    settings = {stage: _settings(path, content, stage) for stage in STAGES}
    ratio = settings["pet"].get("ratio")
    visits = tuple(_visit(path, number, entry, ratio) for number, entry in enumerate(content["visits"], start=1))
    for attribute in ("visit", "day"):
        seen = [getattr(visit, attribute) for visit in visits]
        if doubled := [value for value in seen if seen.count(value) > 1]:
            raise InputError(f"{path}: two visits have the {attribute} {doubled[0]!r}; give each its own.")
    return Study(
        path=path,
        subject=str(subject),
        species=species,
        visits=tuple(sorted(visits, key=lambda visit: visit.day)),
        treatments=_file(path, content, "treatments", "treatments"),
        **settings,
    )


def _know(path: Path, entry: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    """Refuse keys that nothing reads."""
    for key in entry:
        if key not in known:
            raise InputError(f"{path}{where}: there is no entry {shown(key)}; {did_you_mean(key, known)}")


def _visit(path: Path, number: int, entry: object, ratio: object) -> Visit:
    where = f"visit {number}"
    if not isinstance(entry, dict):
        raise InputError(f"{path}, {where} is not a set of named entries; see Docs for the layout of a study.json.")
    _know(path, entry, VISIT_KEYS, f", {where}")
    name, day = entry.get("visit"), entry.get("day")
    if not isinstance(name, str) or not name.strip():
        raise InputError(f"{path}, {where} has no name; fill its entry 'visit'.")
    if not isinstance(day, (int, float)) or isinstance(day, bool) or not math.isfinite(day):
        raise InputError(
            f"{path}, {where} ({name}): 'day' is {shown(day)}; give the day as a number, counted from the start of "
            "observation."
        )
    check_day(float(day), f"{path}, {where} ({name}): 'day'")
    tumour = _file(path, entry, "tumour", where)
    if tumour is None:
        raise InputError(f"{path}, {where} ({name}) names no 'tumour' mask; segment the tumour and save it as NRRD.")
    masks = {key: _file(path, entry, key, where) for key in ("vessel", "muscle", "blood")}
    images = {
        "dynamic": _folders(path, entry, "dynamic", where),
        "vfa": _folders(path, entry, "vfa", where),
        "pet": _file(path, entry, "pet", where),
    }
    return Visit(
        visit=name,
        day=float(day),
        tumour=tumour,
        dynamic_choice=Choice(*(_word(path, entry, key, where) for key in ("series", "kind"))),
        vfa_choice=Choice(*(_word(path, entry, key, where) for key in ("vfa_series", "vfa_kind"))),
        frame_interval_s=_seconds(path, entry, "frame_interval_s", where),
        **images,
        **masks,
        remarks=tuple(_remarks({**images, **masks}, "blood" if ratio == "TBR" else "muscle")),
    )


def _remarks(found: Mapping[str, object], reference: str) -> Iterator[str]:
    """What the images and masks of a visit cannot give together; `reference` is the tissue of the PET ratio."""
    if found["pet"] and not found[reference]:
        yield (
            f"There is PET but no {reference!r} mask, so no ratio of uptake and no hypoxic fraction; draw the region "
            "and name its mask."
        )
    for key, needs in (("vessel", "dynamic"), ("vfa", "dynamic"), ("muscle", "pet"), ("blood", "pet")):
        if found[key] and not found[needs]:
            yield f"The entry {key!r} is not used, as the visit has no {needs!r}."


def _file(path: Path, entry: Mapping[str, object], key: str, where: str) -> Path | None:
    value = entry.get(key)
    if value in (None, ""):
        return None
    if not isinstance(value, str):
        raise InputError(f"{path}, {where}: {key!r} is not the name of a file or folder.")
    found = path.parent / value
    try:
        is_there = split_choice(found)[0].exists()
    except (OSError, ValueError):  # a name too long, or with a zero byte
        is_there = False
    if not is_there:
        raise InputError(f"{path}, {where}: {key!r} names {shown(value, 200)}, which does not exist.")
    return found


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

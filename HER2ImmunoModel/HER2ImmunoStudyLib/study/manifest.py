"""What a study consists of: the visits with their images and regions, and the treatments given."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import check_day
from HER2ImmunoCommonLib.reading import did_you_mean, read_json_object, shown
from HER2ImmunoCommonLib.tracking import checked_tracking_uid
from QuantDCELib import Choice

from .entries import file_entry, folders_entry, know_entries, seconds_entry, settings_entry, word_entry

SPECIES = ("human", "mouse")
STAGES = ("dce", "pet", "model")
SPACE_KEYS = ("reference_visit", "register", "tracking_uid")
KEYS = ("subject", "species", "treatments", "visits", *SPACE_KEYS, *STAGES)
CHOICE_KEYS = ("series", "kind", "vfa_series", "vfa_kind")
IMAGE_KEYS = ("dynamic", "vfa", "pet", "frame_interval_s", *CHOICE_KEYS)
OF_SPACE = ("transform", "landmarks", "pet_transform", "attenuation")
VISIT_KEYS = ("visit", "day", "tumour", "vessel", "muscle", "blood", *IMAGE_KEYS, *OF_SPACE)
NEEDS = {
    **dict.fromkeys(("vessel", "vfa", "transform", "landmarks"), ("dynamic",)),
    **dict.fromkeys(("muscle", "blood", "pet_transform"), ("pet",)),
    "attenuation": ("pet", "dynamic"),
}
"""Entries of a visit, and those without which they are of no use."""
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
    transform : Path or None
        File of the transform of points of the reference visit to points of this one, instead of a registration.
    landmarks : Path or None
        Table of pairs of points of the reference visit and this one.
    pet_transform : Path or None
        File of the transform of points of the MR to points of the PET.
    attenuation : Path or None
        Folder of the image (CT or MR) that the PET was corrected by, to which the MR is registered.
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
    transform: Path | None = None
    landmarks: Path | None = None
    pet_transform: Path | None = None
    attenuation: Path | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Study:
    """A subject's visits and treatments, and the settings of each stage (plain values, checked by their stage).

    Attributes
    ----------
    path : Path
    subject, species : str
    visits : tuple of Visit
        In order of days.
    treatments : Path or None
    dce, pet, model : mapping of str to object
    register : mapping of str to object, or None
        Settings of the registration of the visits to the reference; None for no registration.
    reference_visit : str
        Name of the visit in whose space the others are shown.
    tracking_uid : str
        Of the tumour; empty where the study leaves it to the results.
    """

    path: Path
    subject: str
    species: str
    visits: tuple[Visit, ...]
    treatments: Path | None = None
    dce: Mapping[str, object] = field(default_factory=dict)
    pet: Mapping[str, object] = field(default_factory=dict)
    model: Mapping[str, object] = field(default_factory=dict)
    register: Mapping[str, object] | None = None
    reference_visit: str = ""
    tracking_uid: str = ""

    @property
    def reference(self) -> Visit:
        """The visit in whose space the others are shown."""
        return next(visit for visit in self.visits if visit.visit == self.reference_visit)


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
    know_entries(path, content, KEYS, "")
    if not isinstance(content.get("visits"), list) or not content["visits"]:
        raise InputError(f"{path} lists no visits; see Docs for the layout of a study.json.")
    species = content.get("species", "human")
    if species not in SPECIES:
        raise InputError(f"{path}: the species {shown(species)} is not known; choose one of {', '.join(SPECIES)}.")
    subject = content.get("subject") or "Subject"
    if isinstance(subject, bool) or not isinstance(subject, (str, int, float)):
        raise InputError(f"{path}: the subject is {shown(subject)}; give a pseudonym as text.")
    settings = {stage: settings_entry(path, content, stage) for stage in STAGES}
    ratio = settings["pet"].get("ratio")
    visits = tuple(_visit(path, number, entry, ratio) for number, entry in enumerate(content["visits"], start=1))
    for attribute in ("visit", "day"):
        seen = [getattr(visit, attribute) for visit in visits]
        if doubled := [value for value in seen if seen.count(value) > 1]:
            raise InputError(f"{path}: two visits have the {attribute} {doubled[0]!r}; give each its own.")
    visits = tuple(sorted(visits, key=lambda visit: visit.day))
    register = _register(path, content)
    reference = _reference(path, content, visits)
    tracking = content.get("tracking_uid")
    return Study(
        path=path,
        subject=str(subject),
        species=species,
        visits=_with_uses(visits, register is not None),
        register=register,
        reference_visit=reference,
        tracking_uid="" if tracking is None else checked_tracking_uid(tracking, f"{path}: 'tracking_uid'"),
        treatments=file_entry(path, content, "treatments", "treatments"),
        **settings,
    )


def _register(path: Path, content: Mapping[str, object]) -> Mapping[str, object] | None:
    """The settings of the registration; None where none is wanted."""
    value = content.get("register", False)
    if not isinstance(value, (bool, dict)):
        raise InputError(f"{path}: 'register' is {shown(value)}; give true, false or its settings by name.")
    if isinstance(value, dict):
        return value
    return {} if value else None


def _reference(path: Path, content: Mapping[str, object], visits: Sequence[Visit]) -> str:
    """The name of the reference visit: the first with MR, unless the study names one."""
    name = content.get("reference_visit")
    names = [visit.visit for visit in visits]
    if name is None:
        name = next((visit.visit for visit in visits if visit.dynamic), names[0])
    if name not in names:
        near = did_you_mean(str(name), names)
        raise InputError(f"{path}: 'reference_visit' is {shown(name)}, which is none of the visits; {near}")
    for key in ("transform", "landmarks"):
        if getattr(visits[names.index(name)], key):
            raise InputError(
                f"{path}, visit {name}: {key!r} cannot be used, for this is the reference visit; name it at the visit "
                "that it belongs to."
            )
    return name


def _with_uses(visits: Sequence[Visit], is_registered: bool) -> tuple[Visit, ...]:
    """The visits, with a remark where points were marked for a registration that is not made."""
    unused = "The entry 'landmarks' is not used, as the visits are not registered and the visit has no 'transform'."
    return tuple(
        replace(visit, remarks=(*visit.remarks, unused))
        if visit.landmarks and not (is_registered or visit.transform)
        else visit
        for visit in visits
    )


def _visit(path: Path, number: int, entry: object, ratio: object) -> Visit:
    where = f"visit {number}"
    if not isinstance(entry, dict):
        raise InputError(f"{path}, {where} is not a set of named entries; see Docs for the layout of a study.json.")
    know_entries(path, entry, VISIT_KEYS, f", {where}")
    name, day = entry.get("visit"), entry.get("day")
    if not isinstance(name, str) or not name.strip():
        raise InputError(f"{path}, {where} has no name; fill its entry 'visit'.")
    if not isinstance(day, (int, float)) or isinstance(day, bool) or not math.isfinite(day):
        raise InputError(
            f"{path}, {where} ({name}): 'day' is {shown(day)}; give the day as a number, counted from the start of "
            "observation."
        )
    check_day(float(day), f"{path}, {where} ({name}): 'day'")
    tumour = file_entry(path, entry, "tumour", where)
    if tumour is None:
        raise InputError(f"{path}, {where} ({name}) names no 'tumour' mask; segment the tumour and save it as NRRD.")
    masks = {key: file_entry(path, entry, key, where) for key in ("vessel", "muscle", "blood")}
    spaces = {key: file_entry(path, entry, key, where) for key in OF_SPACE}
    images = {
        "dynamic": folders_entry(path, entry, "dynamic", where),
        "vfa": folders_entry(path, entry, "vfa", where),
        "pet": file_entry(path, entry, "pet", where),
    }
    return Visit(
        visit=name,
        day=float(day),
        tumour=tumour,
        dynamic_choice=Choice(*(word_entry(path, entry, key, where) for key in ("series", "kind"))),
        vfa_choice=Choice(*(word_entry(path, entry, key, where) for key in ("vfa_series", "vfa_kind"))),
        frame_interval_s=seconds_entry(path, entry, "frame_interval_s", where),
        **images,
        **masks,
        **spaces,
        remarks=tuple(_remarks({**images, **masks, **spaces}, "blood" if ratio == "TBR" else "muscle")),
    )


def _remarks(found: Mapping[str, object], reference: str) -> Iterator[str]:
    """What the images and masks of a visit cannot give together; `reference` is the tissue of the PET ratio."""
    if found["pet"] and not found[reference]:
        yield (
            f"There is PET but no {reference!r} mask, so no ratio of uptake and no hypoxic fraction; draw the region "
            "and name its mask."
        )
    for key, needs in NEEDS.items():
        for needed in needs:
            if found[key] and not found[needed]:
                yield f"The entry {key!r} is not used, as the visit has no {needed!r}."
    if found["pet"] and found["attenuation"] and found["pet_transform"]:
        yield "The entry 'attenuation' is not used, as 'pet_transform' says how the MR lies to the PET."

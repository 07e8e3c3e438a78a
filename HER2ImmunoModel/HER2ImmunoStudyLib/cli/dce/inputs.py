"""The files of a run of `her2immuno dce`, and the settings file that repeats it."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.reading import did_you_mean, read_json_object, shown
from HER2ImmunoCommonLib.settings import from_plain
from QuantDCELib import DceSettings
from QuantDCELib.motion import KINDS, NONE

CHOICES = ("series", "kind", "vfa_series", "vfa_kind", "motion")
"""Inputs that are words, not files."""
TIMES = ("times_s", "frame_interval_s")
"""Inputs that are numbers; those in neither list are paths."""
PLACES = ("t10_map", "b1_map", "m0_map", "mask", "artery", "aif_file", "reference")
"""Inputs that are one file each."""


@dataclass(frozen=True)
class Inputs:
    """Files and times of a run; None or empty where there is none.

    Attributes
    ----------
    dynamic, vfa : tuple of str
        Folders of the dynamic series and of the images at several flip angles.
    t10_map, b1_map, m0_map : str or None
        Volumes instead of what those images give.
    mask, artery, reference : str or None
        Regions of the tumour, the artery and the reference tissue.
    aif_file : str or None
        Arterial input as CSV.
    segments : mapping of str to str
        Which label or segment of a mask is meant: by tumour, artery, reference.
    times_s : tuple of float or None
        Times of the frames, instead of the headers'.
    frame_interval_s : float or None
        Time between frames, instead of the headers'.
    series, kind : str or None
        Which series (numbers or descriptions, separated by commas) and which kind of image the dynamic is, where
        several could be meant.
    vfa_series, vfa_kind : str or None
        The same of the flip angle images.
    motion : str or None
        As what the body is taken to move during the dynamic, whose frames are then put back: rigid or bspline.
    """

    dynamic: tuple[str, ...] = ()
    vfa: tuple[str, ...] = ()
    t10_map: str | None = None
    b1_map: str | None = None
    m0_map: str | None = None
    mask: str | None = None
    artery: str | None = None
    aif_file: str | None = None
    reference: str | None = None
    segments: Mapping[str, str] = field(default_factory=dict)
    times_s: tuple[float, ...] | None = None
    frame_interval_s: float | None = None
    series: str | None = None
    kind: str | None = None
    vfa_series: str | None = None
    vfa_kind: str | None = None
    motion: str | None = None


def inputs_of(values: Mapping[str, object]) -> Inputs:
    """Inputs from plain values, such as those of a settings file.

    Raises
    ------
    InputError
        A name that is no input, or a value that is no path or time.
    """
    known = [field.name for field in dataclasses.fields(Inputs)]
    for name in values:
        if name not in known:
            raise InputError(f"There is no input {shown(name)} of a run; {did_you_mean(name, known)}")
    segments = values.get("segments", {})
    if not isinstance(segments, Mapping):
        raise InputError(f"The segments of a run are {shown(segments)}; give a name or label by region.")
    values = {name: value for name, value in values.items() if name != "segments"}
    values |= {name: str(values[name]) for name in CHOICES if values.get(name) is not None}
    # A single folder may stand alone; as text with commas it would be taken for several.
    lists = {name: [values[name]] for name in ("dynamic", "vfa") if isinstance(values.get(name), str)}
    numbers = [name for name, value in values.items() if isinstance(value, (int, float)) and name not in TIMES]
    if numbers:
        raise InputError(f"The input {numbers[0]} of a run is {values[numbers[0]]!r}; give a path.")
    plain = {**values, **lists}
    found = from_plain(Inputs, {name: value for name, value in plain.items() if value is not None}, "input")
    for name in ("dynamic", "vfa", *PLACES):
        value = getattr(found, name)
        for path in value if isinstance(value, tuple) else (value,):
            _check_path(name, path)
    if found.frame_interval_s is not None and not found.frame_interval_s > 0:
        raise InputError(f"The input frame_interval_s of a run is {found.frame_interval_s:g}; give seconds above 0.")
    if found.motion not in (None, NONE, *KINDS):
        raise InputError(f"--motion {found.motion}: there is none such; choose one of {', '.join((*KINDS, NONE))}.")
    motion = None if found.motion == NONE else found.motion
    return dataclasses.replace(found, segments=dict(segments), motion=motion)


def to_file(inputs: Inputs, settings: DceSettings, folder: Path) -> dict:
    """What `--settings` reads: the run, with the places of its inputs as seen from the folder of the file."""
    plain = _placed(dataclasses.asdict(inputs), lambda path: _seen_from(folder, path))
    return {"inputs": plain, "settings": settings.to_dict()}


def places_of(inputs: Inputs) -> dict[str, object]:
    """The folders and files of a run, by input."""
    return {name: getattr(inputs, name) for name in ("dynamic", "vfa", *PLACES) if getattr(inputs, name)}


def _placed(inputs: Mapping[str, object], place: Callable[[str], str]) -> dict[str, object]:
    """The inputs with each path, alone or in a list, put through `place`."""
    found = dict(inputs)
    for name, value in found.items():
        if name in PLACES and isinstance(value, str):
            found[name] = place(value)
        elif name in ("dynamic", "vfa") and isinstance(value, (list, tuple)):
            found[name] = [place(entry) if isinstance(entry, str) else entry for entry in value]
    return found


def _check_path(name: str, path: str | None) -> None:
    """Refuse a text that cannot be the name of a file; whether the file is there is asked by its reader."""
    try:
        Path(path or "").exists()
    except (OSError, ValueError):
        raise InputError(f"The input {name} of a run is {shown(path)}, which is no path; correct it.") from None


def _seen_from(folder: Path, path: str) -> str:
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        # On another drive than the folder.
        return str(Path(path).absolute())


def read_file(path: Path) -> tuple[dict, dict]:
    """Inputs and settings of a run that was written; plain values, which are not judged here.

    Raises
    ------
    InputError
        No such file, or none of a run.
    """
    content = read_json_object(path, "the settings.json of a run", needs="it needs the parts inputs and settings")
    parts = [content.get(name, {}) for name in ("inputs", "settings")]
    if not all(isinstance(part, Mapping) for part in parts) or content.keys() - {"inputs", "settings"}:
        raise InputError(f"{path.name} is no settings file: it needs the parts inputs and settings only.")
    # Joined, an absolute path stays what it is.
    return _placed(parts[0], lambda name: str(path.parent / name)), dict(parts[1])

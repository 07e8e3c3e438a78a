"""The files of a run of `her2immuno dce`, and the settings file that repeats it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.json_file import read_json_object
from HER2ImmunoCommonLib.settings import from_plain
from HER2ImmunoCommonLib.spelling import did_you_mean, shown
from QuantDCELib import DceSettings

TIMES = ("times_s", "frame_interval_s")
"""Inputs that are numbers; all others are paths."""


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
    times_s : tuple of float or None
        Times of the frames, instead of the headers'.
    frame_interval_s : float or None
        Time between frames that carry none.
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
    times_s: tuple[float, ...] | None = None
    frame_interval_s: float | None = None


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
    # A single folder may stand alone; as text with commas it would be taken for several.
    lists = {name: [values[name]] for name in ("dynamic", "vfa") if isinstance(values.get(name), str)}
    numbers = [name for name, value in values.items() if isinstance(value, (int, float)) and name not in TIMES]
    if numbers:
        raise InputError(f"The input {numbers[0]} of a run is {values[numbers[0]]!r}; give a path.")
    plain = {**values, **lists}
    found = from_plain(Inputs, {name: value for name, value in plain.items() if value is not None}, "input")
    for name, value in dataclasses.asdict(found).items():
        for path in (value if isinstance(value, tuple) else (value,)) if name not in TIMES else ():
            _check_path(name, path)
    if found.frame_interval_s is not None and not found.frame_interval_s > 0:
        raise InputError(f"The input frame_interval_s of a run is {found.frame_interval_s:g}; give seconds above 0.")
    return found


def _check_path(name: str, path: str | None) -> None:
    """Refuse a text that cannot be the name of a file; whether the file is there is asked by its reader."""
    try:
        Path(path or "").exists()
    except (OSError, ValueError):
        raise InputError(f"The input {name} of a run is {shown(path)}, which is no path; correct it.") from None


def to_file(inputs: Inputs, settings: DceSettings) -> dict:
    """What `--settings` reads: the run with the places of its inputs made absolute."""
    plain = dataclasses.asdict(inputs)
    for name, value in plain.items():
        if isinstance(value, str):
            plain[name] = str(Path(value).absolute())
        elif name in ("dynamic", "vfa"):
            plain[name] = [str(Path(entry).absolute()) for entry in value]
    return {"inputs": plain, "settings": settings.to_dict()}


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
    return dict(parts[0]), dict(parts[1])

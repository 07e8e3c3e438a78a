"""The files of a run of `her2immuno dce`, and the settings file that repeats it."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from QuantDCELib import DceSettings

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
    segments: Mapping[str, str] = field(default_factory=dict)
    times_s: tuple[float, ...] | None = None
    frame_interval_s: float | None = None


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
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; name the settings.json of a run.") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(f"{path} could not be read as JSON ({error}); name the settings.json of a run.") from error
    parts = [content.get(name, {}) if isinstance(content, dict) else None for name in ("inputs", "settings")]
    if not all(isinstance(part, Mapping) for part in parts) or content.keys() - {"inputs", "settings"}:
        raise InputError(f"{path.name} is no settings file: it needs the parts inputs and settings only.")
    # Joined, an absolute path stays what it is.
    return _placed(parts[0], lambda name: str(path.parent / name)), dict(parts[1])

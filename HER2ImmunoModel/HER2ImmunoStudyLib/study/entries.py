"""One entry of a study description: the file, word, number or settings that it gives, or the fault by its place."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.masks import split_choice
from HER2ImmunoCommonLib.reading import did_you_mean, shown


def know_entries(path: Path, entry: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    """Refuse keys that nothing reads."""
    for key in entry:
        if key not in known:
            raise InputError(f"{path}{where}: there is no entry {shown(key)}; {did_you_mean(key, known)}")


def file_entry(path: Path, entry: Mapping[str, object], key: str, where: str) -> Path | None:
    """The file or folder that an entry names, relative to the study; None where there is none."""
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


def word_entry(path: Path, entry: Mapping[str, object], key: str, where: str) -> str:
    """A word or number of the headers as text; empty where there is none."""
    value = entry.get(key)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise InputError(f"{path}, {where}: {key!r} is {value!r}; give a number or a word.")
    return str(value)


def seconds_entry(path: Path, entry: Mapping[str, object], key: str, where: str) -> float | None:
    """A time above 0; None where there is none."""
    value = entry.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
        raise InputError(f"{path}, {where}: {key!r} is {value!r}; give a number of seconds above 0.")
    return float(value)


def folders_entry(path: Path, entry: Mapping[str, object], key: str, where: str) -> tuple[Path, ...]:
    """The folders of an entry that names one or a list of them."""
    value = entry.get(key) or []
    names = value if isinstance(value, list) else [value]
    return tuple(file_entry(path, {key: name}, key, where) for name in names)


def settings_entry(path: Path, content: Mapping[str, object], stage: str) -> Mapping[str, object]:
    """The settings of a stage, as they are written."""
    value = content.get(stage, {})
    if not isinstance(value, dict):
        raise InputError(f"{path}: the settings {stage!r} are not a set of named values.")
    return value

"""Settings dataclasses from plain values (JSON, command line) and back, the same for every stage."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import TypeVar

from .errors import InputError
from .reading.spelling import did_you_mean, shown

Settings = TypeVar("Settings")


def to_plain(settings: object) -> dict[str, object]:
    """The settings as JSON has them; `from_plain` gives the same settings back."""
    values = dataclasses.asdict(settings)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def from_plain(kind: type[Settings], values: Mapping[str, object], what: str) -> Settings:
    """Settings of a dataclass from plain values; what is not named keeps its default.

    Parameters
    ----------
    kind : type
        A dataclass whose fields are annotated, as text, with bool, int, float, str, a tuple of int, float or str, a
        mapping, or one of these or None.
    values : mapping of str to object
        Numbers may come as text; entries of a tuple as text with commas.
    what : str
        What the settings are of, for messages.

    Raises
    ------
    InputError
        For a name that is no setting, or a value of another kind.
    """
    kinds = {field.name: field.type for field in dataclasses.fields(kind)}
    read: dict[str, object] = {}
    for name, value in values.items():
        if name not in kinds:
            raise InputError(f"There is no {what} setting {shown(name)}; {did_you_mean(name, kinds)}")
        try:
            read[name] = _read(kinds[name], value)
        except (TypeError, ValueError, OverflowError):
            raise InputError(
                f"The {what} setting {name} cannot be {shown(value)}; give {_words(kinds[name])}."
            ) from None
    return kind(**read)


def named_numbers(option: str, texts: Sequence[str], example: str) -> dict[str, float]:
    """Numbers of an option written NAME=NUMBER any number of times.

    Raises
    ------
    InputError
        No name or number, or a name given twice.
    """
    found: dict[str, float] = {}
    for text in texts:
        name, _, number = (word.strip() for word in text.partition("="))
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if math.isnan(value):
            raise InputError(f"{option} {text}: write NAME=NUMBER and give a number, such as {example}.")
        if not name or name in found:
            raise InputError(f"{option} {text}: give each name once, such as {example}.")
        found[name] = value
    return found


def _words(kind: str) -> str:
    """What a setting of an annotated type is, in words."""
    one = {
        "bool": "true or false",
        "int": "a whole number",
        "float": "a number",
        "str": "a text",
        "Mapping": "an object",
    }
    many = {"tuple[int": "a list of whole numbers", "tuple[float": "a list of numbers", "tuple[str": "a list of texts"}
    found = next((words for start, words in (one | many).items() if kind.startswith(start)), "a value of its kind")
    number = kind.count(",") + 1 if kind.startswith("tuple") and "..." not in kind else 0
    return f"{found}{f' ({number} of them)' if number else ''}{', or none' if kind.endswith('None') else ''}"


def _read(kind: str, value: object) -> object:
    if value is None and kind.endswith("None"):
        return None
    if kind.startswith("Mapping"):
        if not isinstance(value, Mapping):
            raise TypeError
        return dict(value)
    if kind.startswith("tuple"):
        return _entries(kind, value)
    if kind.startswith("int"):
        if isinstance(value, bool) or int(value) != float(value):
            raise ValueError
        return int(value)
    if kind == "bool":
        value = {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
        if not isinstance(value, bool):
            raise TypeError
        return value
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise TypeError
    return _finite(value) if kind.startswith("float") else str(value)


def _finite(value: object) -> float:
    if isinstance(value, bool) or not math.isfinite(float(value)):
        raise ValueError
    return float(value)


def _entries(kind: str, value: object) -> tuple:
    if not isinstance(value, (str, list, tuple)):
        raise TypeError
    entries = value.split(",") if isinstance(value, str) else list(value)
    if any(isinstance(entry, (dict, list)) for entry in entries):
        raise TypeError
    if kind.startswith("tuple[str"):
        return tuple(str(entry).strip() for entry in entries)
    number = int if kind.startswith("tuple[int") else float
    if "..." not in kind and len(entries) != kind.count(number.__name__):
        raise ValueError
    read = tuple(_finite(entry) for entry in entries)
    if number is int and any(entry != int(entry) for entry in read):
        raise ValueError
    return tuple(map(number, read))

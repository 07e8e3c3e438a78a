"""What the words of an option mean: numbers, seeds, lists, pairs, and whole settings."""

from __future__ import annotations

import argparse
import dataclasses
import math
from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from HER2ImmunoCommonLib.errors import InputError

Settings = TypeVar("Settings")

OF_STUDY = "answer to a question, for every visit; VISIT:KEY=VALUE for one"
"""What `--set` is to a command that takes a study."""


def add_private_argument(parser: argparse.ArgumentParser) -> None:
    """The option for the one file that tells who and when."""
    parser.add_argument(
        "--private",
        action="store_true",
        help="also write private.json: dates, times, UIDs, weights and places of files, which no other result holds",
    )


def add_answers_argument(parser: argparse.ArgumentParser, text: str) -> None:
    """The option that answers questions, whose words `answers` reads."""
    parser.add_argument("--set", action="append", default=[], dest="answers", metavar="KEY=VALUE", help=text)


def finite(text: str) -> float:
    """A finite number, for argparse."""
    value = float(text)
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text} is not a finite number")
    return value


def seed(text: str) -> int:
    """A whole number of 0 or more, for argparse."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is below 0; a seed is a whole number of 0 or more")
    return value


def named_words(option: str, texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of an option written NAME=WORD any number of times.

    Raises
    ------
    InputError
        No name or word, or a name given twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, _, word = (part.strip() for part in text.partition("="))
        if not name or not word or name in found:
            raise InputError(f"{option} {text}: write NAME=WORD, and give each name once.")
        found[name] = word
    return tuple(found.items())


def words(text: str | None) -> list[str] | None:
    """Words of a list with commas; None stays None."""
    return None if text is None else [word.strip() for word in text.split(",") if word.strip()]


def answers(pairs: Sequence[str]) -> dict[str, str]:
    """The answers of `--set key=value`.

    Raises
    ------
    InputError
        If one has no value or is given twice.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not value.strip():
            raise InputError(f"--set {pair} has no value; write it as KEY=VALUE.")
        if key.strip() in found:
            raise InputError(f"--set {key.strip()} is given twice; keep one.")
        found[key.strip()] = value.strip()
    return found


def filled(kind: type[Settings], given: Mapping[str, object]) -> Settings:
    """A settings dataclass whose fields have the names of the parsed arguments; lists become tuples."""
    values = {field.name: given[field.name] for field in dataclasses.fields(kind)}
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


def record_of(settings: object, leave_out: Collection[str]) -> dict[str, object]:
    """The fields of a settings dataclass as a sidecar holds them, without those to leave out."""
    names = [field.name for field in dataclasses.fields(settings) if field.name not in leave_out]
    return {name: getattr(settings, name) for name in names}

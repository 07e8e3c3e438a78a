"""Options that the commands of the tumour model share: the model, numbers by name, days."""

from __future__ import annotations

import argparse
import dataclasses
import math
from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.models import Model, read_model
from HER2ImmunoModelLib.treatments import Schedule

SPECIES = ("human", "mouse")
LONGEST_DAYS = 3650.0

Settings = TypeVar("Settings")


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """The choice of one model."""
    parser.add_argument(
        "--model",
        default="tivnh_treated",
        metavar="NAME",
        help="a model of `her2immuno models`, or a FILE.json that it wrote (default tivnh_treated)",
    )
    add_species_argument(parser)


def add_species_argument(parser: argparse.ArgumentParser) -> None:
    """Whose defaults and priors."""
    parser.add_argument(
        "--species", choices=SPECIES, help="whose defaults and priors (default human; mouse for volumes of animals)"
    )


def model_of(name: str, species: str | None, otherwise: str = "human") -> Model:
    """Model of that name, or of a description in a JSON file, which brings its species.

    Raises
    ------
    InputError
        No such model or file, or a species that is not the file's.
    """
    if not name.lower().endswith(".json"):
        return models.get(name, species or otherwise)
    model = read_model(name)
    if species and species != model.species:
        raise InputError(f"The model {name} holds numbers of a {model.species}, not a {species}; leave out --species.")
    return model


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


def check_span(first_day: float, horizon_day: float) -> None:
    """Refuse a horizon that is not after the first day, or more than ten years after it."""
    if not horizon_day > first_day:
        raise InputError(
            f"The horizon (day {horizon_day:g}) is not after the start (day {first_day:g}); choose a later day."
        )
    if horizon_day - first_day > LONGEST_DAYS:
        raise InputError(f"The horizon (day {horizon_day:g}) is more than ten years ahead; choose an earlier day.")


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


def words(text: str | None) -> list[str] | None:
    """Words of a list with commas; None stays None."""
    return None if text is None else [word.strip() for word in text.split(",") if word.strip()]


def filled(kind: type[Settings], given: Mapping[str, object]) -> Settings:
    """A settings dataclass whose fields have the names of the options; lists become tuples."""
    values = {field.name: given[field.name] for field in dataclasses.fields(kind)}
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


def record_of(settings: object, leave_out: Collection[str]) -> dict[str, object]:
    """The fields of a settings dataclass as a sidecar holds them, without those to leave out."""
    names = [field.name for field in dataclasses.fields(settings) if field.name not in leave_out]
    return {name: getattr(settings, name) for name in names}


def without_effect(schedule: Schedule, last_day: float) -> tuple[str, ...]:
    """A warning for each dose after the last day."""
    return tuple(
        f"The dose of {dose.drug} on day {dose.day:g} is after the last day ({last_day:g}), without effect."
        for dose in schedule.doses
        if dose.day > last_day
    )

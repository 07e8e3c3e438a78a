"""What the commands of the tumour model share: the choice of the model, and the days they may ask for."""

from __future__ import annotations

import argparse

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.limits import LONGEST_DAYS
from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.models import Model, read_model
from HER2ImmunoModelLib.treatments import Schedule

SPECIES = ("human", "mouse")


DEFAULT_MODEL = "tivnh_treated"


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """The choice of one model."""
    parser.add_argument(
        "--model",
        default=DEFAULT_MODEL,
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


def check_span(first_day: float, horizon_day: float) -> None:
    """Refuse a horizon that is not after the first day, or more than ten years after it."""
    if not horizon_day > first_day:
        raise InputError(
            f"The horizon (day {horizon_day:g}) is not after the start (day {first_day:g}); choose a later day."
        )
    if horizon_day - first_day > LONGEST_DAYS:
        raise InputError(f"The horizon (day {horizon_day:g}) is more than ten years ahead; choose an earlier day.")


def without_effect(schedule: Schedule, last_day: float) -> tuple[str, ...]:
    """A warning for each dose after the last day."""
    return tuple(
        f"The dose of {dose.drug} on day {dose.day:g} is after the last day ({last_day:g}), without effect."
        for dose in schedule.doses
        if dose.day > last_day
    )

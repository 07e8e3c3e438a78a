"""The model library: every file beside this one that has `MODELS` adds those models."""

from __future__ import annotations

import pkgutil
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError

from . import volume_family
from .model import Model


@cache
def _library() -> dict[str, Model]:
    folder = Path(__file__).parent
    found = sorted(module.name for module in pkgutil.iter_modules([str(folder)]))
    modules = [import_module(f"{__package__}.{name}") for name in found]
    return {model.name: model for module in modules for model in getattr(module, "MODELS", ())}


def names() -> tuple[str, ...]:
    """Names of the models that lists show one by one.

    The members of the volume family, too many for a list, are not among them: they are chosen by their law of growth
    and treatment term (`volume_family.volume_model`), and `family("volume")` has them all.
    """
    return tuple(model.name for model in _library().values() if model.family != volume_family.FAMILY)


def has(name: str) -> bool:
    """Whether the library has a model of that name, listed or not."""
    return name in _library()


def family(name: str) -> tuple[str, ...]:
    """Names of the models of a family, such as `two_drug`.

    `volume_gompertz` or `volume_decaying` is the part of the volume family with that law of growth or treatment term.

    Raises
    ------
    InputError
        No such family.
    """
    members = tuple(model.name for model in _library().values() if model.family == name) or volume_family.part(name)
    if not name or not members:
        known = ", ".join(sorted({model.family for model in _library().values()} - {""}))
        raise InputError(f"There is no family of models {name!r}; choose one of {known}.")
    return members


def get(name: str | Model, species: str | None = None) -> Model:
    """Model of that name, with the defaults of a species.

    A name without a species gives the model's own, and results say whose that is (`Model.species_given`); a model
    without a species stays as it is.

    Raises
    ------
    InputError
        No such model, or no preset for the species.
    """
    if isinstance(name, str):
        if name not in _library():
            product = volume_family.name_of("<growth>", "<treatment>")
            raise InputError(f"There is no model {name!r}; choose one of {', '.join(names())} or {product}.")
        model = replace(_library()[name], species_given=False)
    else:
        model = name
    return model if species is None else model.for_species(species)

"""A model's description as JSON: everything but the right-hand side, which the library holds under the model's name."""

from __future__ import annotations

from dataclasses import asdict, replace
from math import inf, isfinite
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.files import write_json
from HER2ImmunoCommonLib.reading import read_json_object

from . import library
from .exposure_kinds import kind_from
from .given_drug import with_drugs
from .model import Covariate, Drug, Model
from .parameters import Parameter

FORMAT = "her2immuno-model-1"
OF_DRUGS_LATER = ("half", "exposure", "dose_half", "period", "delay", "is_open")
"""Parts of a drug that descriptions did not always have."""


def describe(model: Model) -> dict:
    """States, parameters, drugs and covariates of a model in JSON types; an infinite edge of a domain is None."""
    return {
        "format": FORMAT,
        "name": model.name,
        "title": model.title,
        "family": model.family,
        "reference": model.reference,
        "species": model.species,
        "states": [asdict(state) | {"domain": _closed(state.domain)} for state in model.states],
        "parameters": [asdict(p) | {"bounds": _closed(p.bounds)} for p in model.parameters],
        "drugs": [_drug(drug) for drug in model.drugs],
        "observables": dict(model.observables),
        "initial": dict(model.initial),
        "covariates": [asdict(covariate) for covariate in model.covariates],
    }


def in_full(model: Model) -> dict | None:
    """The description of a model of the library; None for another, whose equations no description can bring back."""
    return describe(model) if library.has(model.name) else None


def from_description(description: dict, source: str = "The description") -> Model:
    """The model of a description: equations from the library; parameters, kinds of exposure and covariates from it.

    Raises
    ------
    InputError
        Another format, a model the library does not have, states or drugs that differ from the library's, a
        parameter of the library that is missing, a default outside its bounds.
    """
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        raise InputError(f"{source} is not a model description ({FORMAT}); write one with write_model.")
    try:
        original = _of_drug(library.get(_text(description["name"])), description["drugs"])
        parameters = tuple(_parameter(row) for row in description["parameters"])
        covariates = tuple(_covariate(row) for row in description["covariates"])
        found = {part: description[part] for part in ("states", "drugs", "observables", "initial")}
        found["drugs"] = [_plain(row) for row in found["drugs"]]
        species = _text(description["species"])
    except InputError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{source} lacks or misspells a part of a model: {error}.") from error
    expected = describe(original)
    expected["drugs"] = [_plain(row) for row in expected["drugs"]]
    for part, value in found.items():
        if value != expected[part]:
            raise InputError(f"{source}: the {part} differ from those of {original.name}; only parameters may change.")
    try:
        drugs = tuple(_with_kind(*pair) for pair in zip(original.drugs, description["drugs"], strict=True))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{source} lacks or misspells a part of the exposure of a drug: {error}.") from error
    names = {p.name for p in parameters}
    needed = [p.name for p in original.parameters]
    needed += [name for c in covariates for name in (c.intercept, c.slope, c.measured, c.parameter)]
    needed += [name for drug in drugs for agent in drug.exposure.agents for name in agent.parameters]
    needed += [drug.exposure.rate for drug in drugs if drug.exposure.rate]
    if missing := [name for name in needed if name not in names]:
        raise InputError(f"{source} lacks the parameter {missing[0]!r} of {original.name}; add it.")
    if len(names) < len(parameters):
        raise InputError(f"{source} gives a parameter twice; keep one row a parameter.")
    for parameter in parameters:
        _check(parameter, source)
    changed = {"parameters": parameters, "drugs": drugs, "covariates": covariates, "species": species}
    return replace(original, **changed, species_given=True)


def _of_drug(model: Model, drugs: list[dict]) -> Model:
    """The model of the library with the drug of a description, where the model takes any."""
    found = with_drugs(model, [_text(row["name"]) for row in drugs])
    if found is model:
        return model
    (drug,), (row,) = found.drugs, drugs
    words = {"label": _text(row["label"]), "aliases": tuple(map(_text, row["aliases"]))}
    return replace(found, drugs=(replace(drug, **words),))


def _drug(drug: Drug) -> dict:
    row = asdict(drug)
    agents = [agent | {"aliases": list(agent["aliases"])} for agent in row["exposure"]["agents"]]
    return row | {"aliases": list(drug.aliases), "exposure": row["exposure"] | {"agents": agents}}


def _plain(row: dict) -> dict:
    """What of a drug must be as in the library."""
    return {part: value for part, value in dict(row).items() if part not in OF_DRUGS_LATER}


def _with_kind(drug: Drug, row: dict) -> Drug:
    """The drug with the kind of a description; relative where it says none."""
    return replace(drug, exposure=kind_from(row.get("exposure")))


def _covariate(row: dict) -> Covariate:
    """A covariate of a description, about 0 where an older file says nothing else; errors as `_parameter`."""
    centre = float(row.get("centre", 0.0))
    if not isfinite(centre):
        raise ValueError(f"the centre {centre} of a covariate")
    return Covariate(**row | {"centre": centre})


def _parameter(row: dict) -> Parameter:
    """A parameter of a description; TypeError or ValueError for a part of another kind."""
    words = {part: _text(row[part]) for part in ("name", "unit", "source", "label")}
    try:
        numbers = {part: float(row[part]) for part in ("default", "prior")}
        return Parameter(**row | words | numbers | {"bounds": _open(row["bounds"])})
    except (TypeError, ValueError) as error:
        raise ValueError(f"parameter {row['name']}, {error}") from error


def _check(parameter: Parameter, source: str) -> None:
    if not (isfinite(parameter.default) and parameter.holds(parameter.default)):
        raise InputError(f"{source}: the default {parameter.default} of {parameter.name} is outside its bounds.")
    if not 0 <= parameter.prior < inf:
        raise InputError(f"{source}: the prior sd {parameter.prior} of {parameter.name} is not a number of 0 or more.")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


def write_model(path: str | Path, model: Model) -> None:
    """Write a model's description as JSON."""
    write_json(describe(model), path)


def read_model(path: str | Path) -> Model:
    """Read a model's description; errors as `from_description`, or a file that cannot be read."""
    return from_description(read_json_object(path, "a model description (JSON)"), f"The model {path}")


def _closed(interval: tuple[float, float]) -> list[float | None]:
    return [None if abs(edge) == inf else edge for edge in interval]


def _open(interval: list[float | None]) -> tuple[float, float]:
    lower, upper = interval
    return (-inf if lower is None else float(lower), inf if upper is None else float(upper))

"""`her2immuno models`: the models there are, what each is made of, and their files."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report
from HER2ImmunoCommonLib.reading import read_json_object
from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.calibration import Calibration, read_calibration
from HER2ImmunoModelLib.models import Model, describe, write_model
from HER2ImmunoModelLib.simulation import write_sbml
from HER2ImmunoModelLib.treatments import Schedule, read_schedule

from .model_options import add_species_argument, model_of
from .values import filled

NAME = "models"


@dataclass(frozen=True)
class ModelsSettings:
    """What `her2immuno models` is asked.

    Attributes
    ----------
    model : str or None
        Name of a model or of a JSON file; None for the list.
    species, family : str or None
    schedule : Path or None
        Doses of an SBML file.
    out : Path or None
        File to write.
    """

    model: str | None
    species: str | None
    family: str | None
    schedule: Path | None
    out: Path | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model", nargs="?", metavar="NAME", help="a model, a FILE.json that this command wrote, or a calibration.json"
    )
    add_species_argument(parser)
    parser.add_argument(
        "--family",
        metavar="NAME",
        help="list this family only; a part of the volume family is volume_GROWTH or volume_TREATMENT",
    )
    parser.add_argument("--schedule", type=Path, metavar="CSV", help="doses of the SBML file: drug, day, dose")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the model: .json, or .xml for SBML Level 3")


def read(arguments: argparse.Namespace) -> ModelsSettings:
    if arguments.model is None and (arguments.out or arguments.schedule):
        raise InputError("No model is named, so there is none to write; name one before --out.")
    return filled(ModelsSettings, vars(arguments))


def run(settings: ModelsSettings, report: Report) -> dict:
    if settings.model is None:
        return _list(settings.family)
    calibration = _calibration(settings.model)
    model = calibration.model if calibration else model_of(settings.model, settings.species)
    summary = {**describe(model), "text": list(_text(model))}
    if settings.out is None:
        return summary
    _write(settings.out, model, calibration, settings.schedule)
    return {**summary, "files": {"model": settings.out}, "text": [f"{model.title}: {settings.out}"]}


def _list(family: str | None) -> dict:
    names = models.names() if family is None else models.family(family)
    chosen = [models.get(name) for name in names]
    width = max(len(name) for name in names)
    parts = {"growth": models.growths(), "treatment": models.treatments()} if family is None else {}
    return {
        "models": [{"name": m.name, "title": m.title, "family": m.family, "reference": m.reference} for m in chosen],
        **({"volume": parts} if parts else {}),
        "text": [*(f"{model.name:<{width}}  {model.title}" for model in chosen), *_table_of_volume(parts)],
    }


def _table_of_volume(parts: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """What the names of the members of the volume family are made of, which are too many for the list."""
    for number, (part, titles) in enumerate(parts.items()):
        yield f"{'volume_<growth>_<treatment>, each' if number == 0 else 'with each'} <{part}> of:"
        width = max(map(len, titles))
        yield from (f"  {name:<{width}}  {title}" for name, title in titles.items())


def _calibration(name: str) -> Calibration | None:
    """The calibration of a JSON file that holds one."""
    if not name.lower().endswith(".json"):
        return None
    content = read_json_object(name, "a model description or a calibration (JSON)", finite=False)
    return read_calibration(name) if "estimates" in content else None


def _write(out: Path, model: Model, calibration: Calibration | None, schedule: Path | None) -> None:
    kind = out.suffix.lower()
    if kind not in (".json", ".xml", ".sbml"):
        raise InputError(f"{out}: a model is written as .json or .xml; change the ending.")
    if kind == ".json":
        if schedule:
            raise InputError("A model as JSON holds no doses; leave out --schedule or write .xml.")
        write_model(out, model)
        return
    given = calibration.schedule if calibration else Schedule()
    write_sbml(
        out,
        model,
        values=calibration.best if calibration else None,
        schedule=read_schedule(schedule, model) if schedule else given,
        start_day=calibration.first_day if calibration else 0.0,
    )


def _text(model: Model) -> Iterator[str]:
    yield f"{model.name}: {model.title}"
    yield f"Source: {model.reference}"
    yield f"Numbers: {model.species}"
    yield "States:"
    for state in model.states:
        measured = model.observables.get(state.name, "")
        yield f"  {state.name:<14} {state.label} {state.unit}".rstrip() + (f", column {measured}" if measured else "")
    yield "Drugs:" if model.drugs else "Drugs: none"
    for drug in model.drugs:
        yield f"  {drug.name:<14} {drug.kind}; also {', '.join(drug.aliases) or 'no other name'}"
    yield "Parameters (default, prior sd, source):"
    for p in model.parameters:
        prior = f"{p.prior:g} ({p.space})" if p.prior else "known"
        yield f"  {p.name:<14} {p.default:<8.4g} {p.unit:<12} {prior:<12} {p.label} [{p.source}]"

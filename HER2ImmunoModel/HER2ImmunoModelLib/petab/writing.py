"""A problem as the files of PEtab 1 (Schmiester et al., PLoS Comput Biol 2021;17:e1008646)."""

from __future__ import annotations

import csv
import json
import re
from html import escape
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.files import atomic_path, same_length, writable_folder, write_text

from ..calibration.posterior import Posterior
from ..models.descriptions import in_full
from ..models.model import Model
from ..simulation.sbml import sbml_text
from ..simulation.sbml_doses import DoseSymbol, doses_of_symbols
from .doses import planned
from .estimated import replaced, symbol_of
from .problem import PetabProblem
from .symbols import is_symbol
from .tables import (
    Table,
    condition_table,
    measured,
    measurement_table,
    observable_table,
    observed_as,
    parameter_table,
)

PROBLEM = "problem.yaml"
FILES = {
    "model": "model.xml",
    "parameters": "parameters.tsv",
    "observables": "observables.tsv",
    "measurements": "measurements.tsv",
    "conditions": "conditions.tsv",
}
NAMESPACE = "https://github.com/HER2ImmunoImaging/SlicerHER2ImmunoImaging"


def write_petab(folder: str | Path, problem: PetabProblem) -> dict[str, Path]:
    """Write a problem as the files of PEtab 1, with `problem.yaml` that names the others.

    Time 0 is the first visit of each subject. Doses are sizes of each condition; what those before the first visit left
    is worked out in the SBML file. Numbers of the parameter table are on the scale of the prior, which is normal there.

    Parameters
    ----------
    folder : path
    problem : PetabProblem

    Returns
    -------
    dict of str to Path
        "problem", "model", "parameters", "observables", "measurements" and "conditions".

    Raises
    ------
    InputError
        python-libsbml is not installed, or what PEtab or SBML cannot hold.
    """
    targets, folder = problem.targets(), writable_folder(folder)
    _check(problem, targets)
    plan, numbers = planned(targets), measured(problem, targets)
    observables = observed_as(numbers)
    tables = {
        "parameters": parameter_table(problem, targets[0].fixed),
        "observables": observable_table(problem, numbers, observables),
        "measurements": measurement_table(problem, numbers, observables),
        "conditions": condition_table(problem, targets, plan),
    }
    text = model_text(problem, targets[0], plan)
    paths = {"problem": write_text(_yaml(), folder / PROBLEM), "model": write_text(text, folder / FILES["model"])}
    return paths | {name: _write_tsv(table, folder / FILES[name]) for name, table in tables.items()}


def model_text(problem: PetabProblem, target: Posterior, plan: tuple[DoseSymbol, ...]) -> str:
    """The SBML file."""
    model, values = problem.model, problem.model.defaults() | target.fixed
    for row in problem.estimated:
        if row.parameter.name in values:
            values[row.parameter.name] = float(row.parameter.from_free(row.free(problem.nominal_of(row))))
    doses = doses_of_symbols(model, plan)
    return sbml_text(model, values, doses, replaced(target.free, values), _annotation(model, plan))


def _annotation(model: Model, plan: tuple[DoseSymbol, ...]) -> str:
    """What lets this project know its own model again: its description, and which symbols are doses."""
    if (description := in_full(model)) is None:
        return ""
    content = {"model": description, "doses": [[dose.symbol, dose.drug, dose.time] for dose in plan]}
    return f'<her2immuno xmlns="{NAMESPACE}">{escape(json.dumps(content), quote=False)}</her2immuno>'


def _check(problem: PetabProblem, targets: list[Posterior]) -> None:
    if problem.noise.heavy_tails:
        raise InputError(
            "PEtab 1 has no t distribution, so that heavy tails cannot be written; calibrate without them."
        )
    names = {frozenset(subject.known) for subject in problem.subjects}
    if len(names) > 1:
        raise InputError("Different parameters are known of the subjects; give each the same ones.")
    if wrong := [p.name for p in problem.model.parameters if not is_symbol(p.name)]:
        raise InputError(f"The parameter {wrong[0]!r} of {problem.model.name} is no name in SBML; rename it.")
    names = [p.name for p in problem.model.parameters]
    for p in targets[0].free:
        if (symbol := symbol_of(p)) != p.name and symbol in names:
            raise InputError(
                f"{problem.model.name} has a parameter {symbol!r} already, which {p.name} needs; rename it."
            )


def _yaml() -> str:
    return f"""format_version: 1
parameter_file: {FILES["parameters"]}
problems:
- condition_files:
  - {FILES["conditions"]}
  measurement_files:
  - {FILES["measurements"]}
  observable_files:
  - {FILES["observables"]}
  sbml_files:
  - {FILES["model"]}
"""


def _write_tsv(table: Table, path: Path) -> Path:
    rows = same_length(table.header, table.rows)
    with atomic_path(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
        writer.writerow(table.header)
        writer.writerows([re.sub(r"\s+", " ", cell) for cell in row] for row in rows)
    return path

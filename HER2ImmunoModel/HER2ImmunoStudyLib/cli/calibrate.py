"""`her2immuno calibrate`: fit a tumour model to a patient's measurements, or to the volumes of several animals."""

from __future__ import annotations

import argparse
from pathlib import Path

from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import Provenance
from HER2ImmunoModelLib.calibration import METHODS

from .calibrate_fit import Fit, fit
from .calibrate_inputs import Inputs, read_inputs
from .calibrate_outputs import write_fit
from .model_options import add_model_arguments, finite, name_of, seed

NAME, HELP = "calibrate", "Calibrate a tumour model to a measurement table or to volumes of several animals"

NOT_SETTINGS = ("run", "json", "quiet", "out", "table", "schedule")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "table",
        type=Path,
        metavar="TABLE.csv",
        help="measurement table (visit, day, ...), or volumes of animals (day, volume_mm3 or _cm3, animal, group)",
    )
    parser.add_argument(
        "--schedule",
        "--treatments",
        type=Path,
        metavar="CSV",
        help="doses given: drug, day, dose; of a volume table also group",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the results")
    _add_model_choice(parser.add_argument_group("model"))
    _add_fit(parser.add_argument_group("fit"))
    _add_questions(parser.add_argument_group("what the data say"))


def _add_model_choice(group: argparse._ArgumentGroup) -> None:
    add_model_arguments(group)
    group.add_argument("--models", metavar="A,B,...", help="weigh these models and use the one with the best BIC")
    group.add_argument("--family", metavar="NAME", help="weigh a whole family, such as two_drug")
    group.add_argument("--free", metavar="A,B,...", help="parameters to calibrate (by default all that have a prior)")
    group.add_argument("--fix", action="append", default=[], metavar="NAME=VALUE", help="hold a parameter (repeatable)")
    group.add_argument(
        "--covariate",
        action="append",
        default=[],
        metavar="PARAMETER=COLUMN@VISIT",
        help="let a parameter follow an image, as a + b x (repeatable); without @VISIT the first that has the column",
    )


def _add_fit(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--pooled", action="store_true", help="one set of rates for all animals (default: each its own)")
    group.add_argument("--method", default="map", choices=METHODS, help="posterior mode, or draws of a sampler")
    group.add_argument("--prior-draws", type=int, metavar="N", help="starting points tried (default 2048, pooled 512)")
    group.add_argument("--walkers", type=int, default=64, help="walkers of the sampler (default 64)")
    group.add_argument("--steps", type=int, default=5000, help="most steps of the sampler (default 5000)")
    group.add_argument("--noise-scale", action="store_true", help="estimate a factor on every standard deviation")
    group.add_argument("--draws", type=int, default=200, help="posterior draws and trajectories written (default 200)")
    group.add_argument("--horizon", type=finite, metavar="DAY", help="last day of the forecast (28 days on by default)")
    group.add_argument("--seed", type=seed, default=0, help="seed of the random numbers")


def _add_questions(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--hide", type=int, default=0, metavar="VISITS", help="check the forecast of the last visits")
    group.add_argument(
        "--profile", action="append", default=[], metavar="NAME", help="profile a parameter, or all (repeatable)"
    )
    group.add_argument("--sobol", type=finite, metavar="DAY", help="which parameters decide a state on that day")
    group.add_argument("--sobol-state", default="T", metavar="STATE", help="that state (default T, the volume)")


def run(arguments: argparse.Namespace, report: Report) -> dict:
    _check(arguments)
    inputs = read_inputs(arguments)
    with files.staged_folder(arguments.out) as stage:
        found = fit(inputs, arguments, part(report, 0.0, 0.95))
        tell(report, 0.95, "Writing the results")
        written = write_fit(found, _provenance(arguments, inputs, found), stage, arguments.out)
    return {**found.summary(), "files": written, "text": [*found.text(), f"Results: {arguments.out}"]}


def _check(arguments: argparse.Namespace) -> None:
    if arguments.models and arguments.family:
        raise InputError("--models and --family both name the models to weigh; give one of them.")
    for option in ("draws", "walkers", "prior_draws"):
        value = getattr(arguments, option)
        if value is not None and value < 1:
            raise InputError(f"--{option.replace('_', '-')} is {value}; give 1 or more.")


def _provenance(arguments: argparse.Namespace, inputs: Inputs, found: Fit) -> Provenance:
    settings = {name: value for name, value in vars(arguments).items() if name not in NOT_SETTINGS}
    return Provenance(
        module="HER2ImmunoModel",
        settings={**settings, "model": found.model.name, "species": found.model.species},
        inputs={
            "measurements": arguments.table.name,
            "schedule": name_of(arguments.schedule),
            "subjects": len(inputs.subjects),
        },
        formulas=(found.model.reference,),
        warnings=found.warnings,
    )

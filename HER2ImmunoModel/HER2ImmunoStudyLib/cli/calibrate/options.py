"""Options of `her2immuno calibrate`, and the settings they make."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.limits import MOST, checked
from HER2ImmunoCommonLib.measurements import LARGEST_DAY
from HER2ImmunoModelLib.calibration import METHODS, MISSING, NOISE_KINDS
from HER2ImmunoModelLib.drugs import Patient

from ..clinical_options import add_exposure_argument
from ..model_options import add_model_arguments
from ..patient_options import add_patient_arguments, patient_of
from ..values import filled, finite, record_of, seed

STATED, CHOOSE = NOISE_KINDS[0], "choose"
"""Noise as the table states it, and that the data shall choose the kind."""
PLACES = ("table", "schedule", "out", "group")
"""Settings that are no choices: where files are."""


@dataclass(frozen=True)
class CalibrateSettings:
    """What `her2immuno calibrate` is asked; its fields have the names of the options, as its record does.

    Attributes
    ----------
    table : Path
        Measurement table, or volumes of animals.
    schedule : Path or None
        Doses given.
    subject : str or None
        Name of the one subject to take of the table; None for all of it.
    out : Path
        Folder of the results.
    model : str
        Name of a model or of a JSON file.
    species : str or None
    models : str or None
        Names of models to weigh, with commas.
    family : str or None
        Models to weigh, by the name of their family.
    free : str or None
        Names of parameters to calibrate, with commas; None for all that have a prior.
    fix : tuple of str
        Words NAME=VALUE of parameters to hold.
    covariate : tuple of str
        Words PARAMETER=COLUMN@VISIT of parameters that follow an image, or a number of each subject.
    missing_covariate : {"refuse", "mean"}
        What becomes of a subject without that number.
    pooled : bool
        Whether all subjects share one set of rates.
    method : {"map", "mcmc"}
    prior_draws : int or None
        Starting points tried.
    walkers, steps : int
        Of the sampler; the steps at the most.
    noise_scale : bool
        Whether to estimate a factor on every standard deviation.
    noise : str
        How volumes scatter, or "choose".
    heavy_tails : bool
        Whether outliers weigh little.
    draws : int
        Posterior draws written.
    horizon : float or None
        Last day of the forecast.
    seed : int
    hierarchical : bool
        Whether they differ about a group's means.
    individual : str or None
        Parameters that differ then, with commas; None for all.
    by : tuple of str
        Words PARAMETER~COLUMN or PARAMETER~group of means that follow a covariate.
    side_by_side : bool
        Whether each alone, pooled and hierarchical are compared.
    group : Path or None
        File of a group that the subjects join.
    hide : int
        Last visits whose forecast is checked.
    profile : tuple of str
        Parameters to profile, or "all".
    sobol : float or None
        Day on which the Sobol indices are asked.
    sobol_state : str
        State they are of.
    exposure : tuple of str
        Words NAME=KIND.
    patient : Patient
        Whom doses in units were for.
    """

    table: Path
    schedule: Path | None
    subject: str | None
    out: Path
    model: str
    species: str | None
    models: str | None
    family: str | None
    free: str | None
    fix: tuple[str, ...]
    covariate: tuple[str, ...]
    missing_covariate: str
    pooled: bool
    method: str
    prior_draws: int | None
    walkers: int
    steps: int
    noise_scale: bool
    noise: str
    heavy_tails: bool
    draws: int
    horizon: float | None
    seed: int
    hierarchical: bool
    individual: str | None
    by: tuple[str, ...]
    side_by_side: bool
    group: Path | None
    hide: int
    profile: tuple[str, ...]
    sobol: float | None
    sobol_state: str
    exposure: tuple[str, ...]
    patient: Patient

    def recorded(self) -> dict[str, object]:
        """Every choice, in the order of the options."""
        return record_of(self, leave_out=PLACES)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "table",
        type=Path,
        metavar="TABLE.csv",
        help="measurement table (visit, day, ...; with a column subject if it holds several), volumes of animals "
        "(day, volume_mm3 or _cm3, animal, group), or a problem of PEtab (problem.yaml)",
    )
    parser.add_argument(
        "--schedule",
        "--treatments",
        type=Path,
        metavar="CSV",
        help="doses given: drug, day, dose, unit, and subject if there are several; of a volume table drug, day, dose, "
        "group and animal",
    )
    parser.add_argument("--subject", metavar="NAME", help="take one subject of the table (default: each, or --pooled)")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the results")
    _add_model_choice(parser.add_argument_group("model"))
    _add_fit(parser.add_argument_group("fit"))
    _add_group(parser.add_argument_group("subjects as a group"))
    _add_questions(parser.add_argument_group("what the data say"))
    add_exposure_argument(parser.add_argument_group("doses in units"))
    add_patient_arguments(parser)


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
        metavar="PARAMETER=COLUMN[@VISIT]",
        help="let a parameter follow a column of the table, as a + b x, x each subject's own (repeatable); without "
        "@VISIT the first that has the column",
    )
    group.add_argument(
        "--missing-covariate",
        choices=MISSING,
        default=MISSING[0],
        help="a subject without that number: refused (default), or given the mean of its group",
    )


def _add_fit(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--pooled", action="store_true", help="one set of rates for all subjects (default: each its own)"
    )
    group.add_argument("--method", default="map", choices=METHODS, help="posterior mode, or draws of a sampler")
    group.add_argument("--prior-draws", type=int, metavar="N", help="starting points tried (default 2048, pooled 512)")
    group.add_argument("--walkers", type=int, default=64, help="walkers of the sampler (default 64)")
    group.add_argument("--steps", type=int, default=5000, help="most steps of the sampler (default 5000)")
    group.add_argument("--noise-scale", action="store_true", help="estimate a factor on every standard deviation")
    group.add_argument(
        "--noise",
        default=STATED,
        choices=(*NOISE_KINDS, CHOOSE),
        help="how volumes scatter about the model: by the standard deviations of the table (stated) or by estimated "
        "ones; choose weighs all by BIC, with every model where there are several",
    )
    group.add_argument("--heavy-tails", action="store_true", help="let outliers weigh little (t distribution)")
    group.add_argument("--draws", type=int, default=200, help="posterior draws and trajectories written (default 200)")
    group.add_argument("--horizon", type=finite, metavar="DAY", help="last day of the forecast (28 days on by default)")
    group.add_argument("--seed", type=seed, default=0, help="seed of the random numbers")


def _add_group(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--hierarchical", action="store_true", help="subjects differ about the means of a group")
    group.add_argument(
        "--individual", metavar="A,B,...", help="parameters that differ between subjects (default all); others do not"
    )
    group.add_argument(
        "--by",
        action="append",
        default=[],
        metavar="PARAMETER~COLUMN",
        help="let the mean of a parameter follow a column of the table, or group (repeatable)",
    )
    group.add_argument(
        "--side-by-side",
        action="store_true",
        help="also each alone and pooled: how well each fits and, with --hide, forecasts",
    )
    group.add_argument(
        "--group", type=Path, metavar="COHORT.json", help="the subjects are new ones of a group calibrated before"
    )


def _add_questions(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--hide", type=int, default=0, metavar="VISITS", help="check the forecast of the last visits")
    group.add_argument(
        "--profile", action="append", default=[], metavar="NAME", help="profile a parameter, or all (repeatable)"
    )
    group.add_argument("--sobol", type=finite, metavar="DAY", help="which parameters decide a state on that day")
    group.add_argument("--sobol-state", default="T", metavar="STATE", help="that state (default T, the volume)")


def read(arguments: argparse.Namespace) -> CalibrateSettings:
    if arguments.models and arguments.family:
        raise InputError("--models and --family both name the models to weigh; give one of them.")
    _check_group(arguments)
    limits = {"draws": "draws", "walkers": "walkers", "prior_draws": "prior_draws", "steps": "most_steps"}
    for option, limit in limits.items():
        if (value := getattr(arguments, option)) is not None:
            checked(f"--{option.replace('_', '-')}", value, MOST[limit])
    checked("--hide", arguments.hide, MOST["hidden"], least=0)
    if arguments.sobol is not None and not arguments.sobol <= LARGEST_DAY:
        raise InputError(f"--sobol {arguments.sobol:g} is no day of an observation; give an earlier one.")
    return filled(CalibrateSettings, {**vars(arguments), "patient": patient_of(vars(arguments))})


def _check_group(arguments: argparse.Namespace) -> None:
    """Refuse options that do not go with subjects as a group."""
    ways = [name for name in ("pooled", "hierarchical", "group") if getattr(arguments, name)]
    if len(ways) > 1:
        raise InputError(f"--{ways[0]} and --{ways[1]} are two ways to calibrate several subjects; give one of them.")
    for name in ("individual", "by", "side_by_side"):
        if getattr(arguments, name) and not arguments.hierarchical:
            raise InputError(
                f"--{name.replace('_', '-')} is of subjects that differ about a group; add --hierarchical."
            )
    if not (arguments.hierarchical or arguments.group):
        return
    way = "--hierarchical" if arguments.hierarchical else "--group"
    if arguments.method != METHODS[0]:
        raise InputError(f"{way} draws by a method of its own; leave out --method {arguments.method}.")
    if arguments.profile or arguments.sobol is not None:
        raise InputError(f"{way} does not profile or rank parameters; leave out --profile and --sobol.")
    if arguments.group and arguments.hide:
        raise InputError("--group forecasts new subjects of a group; leave out --hide.")

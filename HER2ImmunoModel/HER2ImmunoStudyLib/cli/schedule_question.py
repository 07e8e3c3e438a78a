"""What `rank` and `optimize` are asked: the calibration, the objective, the schedules and their rules."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report
from HER2ImmunoCommonLib.provenance import Provenance
from HER2ImmunoModelLib import objectives
from HER2ImmunoModelLib.calibration import Calibration, read_calibration
from HER2ImmunoModelLib.models import Model, targeted_and_cytotoxic
from HER2ImmunoModelLib.planning import HORIZON_DAYS, GapCurve, Objective, gap_curve, widest_gaps
from HER2ImmunoModelLib.treatments import (
    AllowedDays,
    Constraint,
    LargestDose,
    OneCytotoxicADay,
    Schedule,
    ShortestInterval,
    TotalDose,
    ToxicityBudget,
)

from .model_options import check_span, named_numbers
from .schedule_candidates import Doses, candidates, of_drugs

SPACING_DAYS = 4.0
NOT_SETTINGS = ("run", "json", "quiet", "out", "calibration", "candidate")


@dataclass(frozen=True)
class Question:
    """What `rank` and `optimize` ask, read from their options.

    Attributes
    ----------
    calibration : Calibration
    goal : Objective
    doses : Doses
        Drugs to give, from when on, how many and how large.
    weights : dict of str to float
        Weight of each drug in a toxicity.
    horizon : float
        Day judged.
    rules : tuple of Constraint
    candidates : tuple of Schedule
    """

    calibration: Calibration
    goal: Objective
    doses: Doses
    weights: dict[str, float]
    horizon: float
    rules: tuple[Constraint, ...]
    candidates: tuple[Schedule, ...]


def question(arguments: argparse.Namespace, *, one_cytotoxic: bool = True) -> Question:
    """Read the calibration and every option; `one_cytotoxic` forbids two cytotoxics on a day.

    Raises
    ------
    InputError
        A file that cannot be read, unknown names, options that do not go together.
    """
    calibration = read_calibration(arguments.calibration)
    model = calibration.model
    drugs = _drugs(arguments, model)
    start = calibration.last_day if arguments.start is None else arguments.start
    horizon = start + HORIZON_DAYS if arguments.horizon is None else arguments.horizon
    check_span(start, horizon)
    doses = _doses(arguments, model, drugs, start)
    weights = dict.fromkeys((drug.name for drug in model.drugs), 1.0)
    weights |= of_drugs(model, "--weight", arguments.weight)
    rules = [OneCytotoxicADay()] if one_cytotoxic else []
    rules += [LargestDose(drug, most) for drug, most in doses.largest.items()]
    rules += _rules(arguments, weights, horizon)
    found = tuple(candidates(arguments, model, doses))
    return Question(calibration, _goal(arguments), doses, weights, horizon, tuple(rules), found)


def _doses(arguments: argparse.Namespace, model: Model, drugs: tuple[str, ...], start: float) -> Doses:
    rests = named_numbers("--interval", arguments.interval, "cytotoxic=7").values()
    spacing = max([SPACING_DAYS, *rests]) if arguments.spacing is None else arguments.spacing
    if arguments.draws < 1 or arguments.doses < 1 or not spacing > 0:
        raise InputError("--draws, --doses and --spacing must be above 0; correct them.")
    return Doses(drugs, start, arguments.doses, spacing, _largest(arguments, model))


def _drugs(arguments: argparse.Namespace, model: Model) -> tuple[str, ...]:
    """Drugs named, or the first targeted and the first cytotoxic of the model, or its first drug."""
    if arguments.drugs:
        return tuple(dict.fromkeys(model.drug(name).name for name in arguments.drugs))
    if not model.drugs:
        raise InputError(f"{model.name} has no drug, so there is nothing to schedule; calibrate a treated model.")
    return tuple(name for name in targeted_and_cytotoxic(model.drugs) if name) or (model.drugs[0].name,)


def _largest(arguments: argparse.Namespace, model: Model) -> dict[str, float]:
    shared = [text for text in arguments.largest if "=" not in text]
    own = of_drugs(model, "--largest", [text for text in arguments.largest if "=" in text])
    if len(shared) > 1:
        raise InputError(f"--largest {shared[1]}: give one number for all drugs, or DRUG=DOSE for each.")
    most = named_numbers("--largest", [f"dose={shared[0]}"] if shared else [], "0.5").get("dose", 1.0)
    found = dict.fromkeys((drug.name for drug in model.drugs), most) | own
    if not all(value > 0 for value in found.values()):
        raise InputError("--largest must be above 0; leave out the drug instead.")
    return found


def _rules(arguments: argparse.Namespace, weights: dict[str, float], horizon: float) -> Iterator[Constraint]:
    for drug, most in named_numbers("--total", arguments.total, "cytotoxic=2").items():
        yield TotalDose(drug, most)
    for drug, days in named_numbers("--interval", arguments.interval, "cytotoxic=7").items():
        yield ShortestInterval(drug, days)
    if arguments.weekdays is not None:
        if not set(arguments.weekdays) <= set("0123456"):
            raise InputError(f"--weekdays {arguments.weekdays}: give digits from 0 (Monday) to 6 (Sunday), as 01234.")
        yield AllowedDays(frozenset(map(int, arguments.weekdays)), arguments.day_zero)
    if arguments.toxicity is not None:
        yield ToxicityBudget(tuple(weights.items()), arguments.toxicity, horizon)


def _goal(arguments: argparse.Namespace) -> Objective:
    goal = _named_goal(arguments.objective, arguments)
    if not arguments.plus:
        return goal
    ((name, weight),) = named_numbers("--plus", [arguments.plus], "mean_burden=0.5").items()
    return objectives.weighted_pair(goal, _named_goal(name, arguments), weight)


def _named_goal(name: str, arguments: argparse.Namespace) -> Objective:
    if name == "probability_below" and arguments.level is None:
        raise InputError("The objective probability_below needs a volume; give --level CM3.")
    return objectives.get(name, level_cm3=arguments.level)


def gap_curve_of(asked: Question, arguments: argparse.Namespace, report: Report | None) -> GapCurve | None:
    """Outcome against the gap between the first targeted and the first cytotoxic dose; None without such a pair.

    The rules are not applied to it.
    """
    model, doses = asked.calibration.model, asked.doses
    targeted, cytotoxic = targeted_and_cytotoxic(map(model.drug, doses.drugs))
    offsets = tuple(doses.spacing * i for i in range(doses.count))
    gaps = widest_gaps(doses.start, asked.horizon, offsets, arguments.gap_curve)
    if targeted is None or cytotoxic is None or not gaps:
        return None
    return gap_curve(
        asked.calibration,
        tuple(gaps),
        asked.goal,
        targeted=targeted,
        cytotoxic=cytotoxic,
        offsets=offsets,
        dose=doses.size,
        start_day=doses.start,
        horizon_day=asked.horizon,
        draws=arguments.draws,
        seed=arguments.seed,
        report=report,
    )


def provenance_of(asked: Question, arguments: argparse.Namespace, warnings: tuple[str, ...]) -> Provenance:
    """What made the files of a ranking or a search."""
    settings = {name: value for name, value in vars(arguments).items() if name not in NOT_SETTINGS}
    return Provenance(
        module="HER2ImmunoModel",
        settings={**settings, "drugs": asked.doses.drugs, "start": asked.doses.start, "horizon": asked.horizon},
        inputs={"calibration": arguments.calibration.name, "candidates": [path.name for path in arguments.candidate]},
        formulas=(asked.calibration.model.reference,),
        warnings=warnings,
    )

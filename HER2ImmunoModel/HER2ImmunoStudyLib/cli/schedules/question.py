"""What `rank` and `optimize` are asked: the calibration, the objective, the schedules and their rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.limits import MOST, checked
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

from ..model_options import check_span
from ..values import named_numbers
from .candidates import Doses, candidates, of_drugs
from .options import ScheduleSettings

SPACING_DAYS = 4.0


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


def question(settings: ScheduleSettings, *, one_cytotoxic: bool = True) -> Question:
    """Read the calibration and every option; `one_cytotoxic` forbids two cytotoxics on a day.

    Raises
    ------
    InputError
        A file that cannot be read, unknown names, options that do not go together.
    """
    calibration = read_calibration(settings.calibration)
    model = calibration.model
    drugs = _drugs(settings, model)
    start = calibration.last_day if settings.start is None else settings.start
    horizon = start + HORIZON_DAYS if settings.horizon is None else settings.horizon
    check_span(start, horizon)
    doses = _doses(settings, model, drugs, start)
    weights = dict.fromkeys((drug.name for drug in model.drugs), 1.0)
    weights |= of_drugs(model, "--weight", settings.weight)
    rules = [OneCytotoxicADay()] if one_cytotoxic else []
    rules += [LargestDose(drug, most) for drug, most in doses.largest.items()]
    rules += _rules(settings, weights, horizon)
    found = tuple(candidates(settings, model, doses))
    return Question(calibration, _goal(settings), doses, weights, horizon, tuple(rules), found)


def _doses(settings: ScheduleSettings, model: Model, drugs: tuple[str, ...], start: float) -> Doses:
    rests = named_numbers("--interval", settings.interval, "cytotoxic=7").values()
    spacing = max([SPACING_DAYS, *rests]) if settings.spacing is None else settings.spacing
    if settings.draws < 1 or settings.doses < 1 or not spacing > 0:
        raise InputError("--draws, --doses and --spacing must be above 0; correct them.")
    checked("--draws", settings.draws, MOST["draws"])
    checked("--doses", settings.doses, MOST["doses"])
    checked("--gap-curve", settings.gap_curve, MOST["gap_days"], least=0)
    return Doses(drugs, start, settings.doses, spacing, _largest(settings, model))


def _drugs(settings: ScheduleSettings, model: Model) -> tuple[str, ...]:
    """Drugs named, or the first targeted and the first cytotoxic of the model, or its first drug."""
    if settings.drugs:
        return tuple(dict.fromkeys(model.dose_name(name) for name in settings.drugs))
    if not model.drugs:
        raise InputError(f"{model.name} has no drug, so there is nothing to schedule; calibrate a treated model.")
    return tuple(name for name in targeted_and_cytotoxic(model.drugs) if name) or (model.drugs[0].name,)


def _largest(settings: ScheduleSettings, model: Model) -> dict[str, float]:
    shared = [text for text in settings.largest if "=" not in text]
    own = of_drugs(model, "--largest", [text for text in settings.largest if "=" in text])
    if len(shared) > 1:
        raise InputError(f"--largest {shared[1]}: give one number for all drugs, or DRUG=DOSE for each.")
    most = named_numbers("--largest", [f"dose={shared[0]}"] if shared else [], "0.5").get("dose", 1.0)
    found = dict.fromkeys((drug.name for drug in model.drugs), most) | own
    if not all(value > 0 for value in found.values()):
        raise InputError("--largest must be above 0; leave out the drug instead.")
    return found


def _rules(settings: ScheduleSettings, weights: dict[str, float], horizon: float) -> Iterator[Constraint]:
    for drug, most in named_numbers("--total", settings.total, "cytotoxic=2").items():
        yield TotalDose(drug, most)
    for drug, days in named_numbers("--interval", settings.interval, "cytotoxic=7").items():
        yield ShortestInterval(drug, days)
    if settings.weekdays is not None:
        if not set(settings.weekdays) <= set("0123456"):
            raise InputError(f"--weekdays {settings.weekdays}: give digits from 0 (Monday) to 6 (Sunday), as 01234.")
        yield AllowedDays(frozenset(map(int, settings.weekdays)), settings.day_zero)
    if settings.toxicity is not None:
        yield ToxicityBudget(tuple(weights.items()), settings.toxicity, horizon)


def _goal(settings: ScheduleSettings) -> Objective:
    goal = _named_goal(settings.objective, settings)
    if not settings.plus:
        return goal
    ((name, weight),) = named_numbers("--plus", [settings.plus], "mean_burden=0.5").items()
    return objectives.weighted_pair(goal, _named_goal(name, settings), weight)


def _named_goal(name: str, settings: ScheduleSettings) -> Objective:
    if name == "probability_below" and settings.level is None:
        raise InputError("The objective probability_below needs a volume; give --level CM3.")
    return objectives.get(name, level_cm3=settings.level)


def gap_curve_of(asked: Question, settings: ScheduleSettings, report: Report | None) -> GapCurve | None:
    """Outcome against the gap between the first targeted and the first cytotoxic dose; None without such a pair.

    The rules are not applied to it.
    """
    model, doses = asked.calibration.model, asked.doses
    targeted, cytotoxic = targeted_and_cytotoxic(map(model.drug, doses.drugs))
    offsets = tuple(doses.spacing * i for i in range(doses.count))
    gaps = widest_gaps(doses.start, asked.horizon, offsets, settings.gap_curve)
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
        draws=settings.draws,
        seed=settings.seed,
        report=report,
    )


def provenance_of(asked: Question, settings: ScheduleSettings, warnings: tuple[str, ...]) -> Provenance:
    """What made the files of a ranking or a search."""
    doses = asked.doses
    return Provenance(
        module="HER2ImmunoModel",
        settings={**settings.recorded(), "drugs": doses.drugs, "start": doses.start, "horizon": asked.horizon},
        inputs={"calibration": settings.calibration.name, "candidates": [path.name for path in settings.candidate]},
        formulas=(asked.calibration.model.reference,),
        warnings=warnings,
    )

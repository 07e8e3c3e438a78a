"""What `rank` and `optimize` are asked: the calibration, the objective, the schedules and their rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.limits import MOST, checked
from HER2ImmunoCommonLib.progress import Report
from HER2ImmunoCommonLib.provenance import Provenance
from HER2ImmunoCommonLib.settings import named_numbers
from HER2ImmunoModelLib import objectives
from HER2ImmunoModelLib.calibration import Calibration, read_calibration
from HER2ImmunoModelLib.models import Model, targeted_and_cytotoxic
from HER2ImmunoModelLib.planning import (
    HORIZON_DAYS,
    PARTS,
    GapCurve,
    Objective,
    Penalties,
    Weights,
    day_judged,
    gap_curve,
    widest_gaps,
)
from HER2ImmunoModelLib.treatments import (
    AllowedDays,
    ClinicalDose,
    ClinicalSchedule,
    Constraint,
    LargestDose,
    OneCytotoxicADay,
    Schedule,
    ShortestInterval,
    TotalDose,
    ToxicityBudget,
)

from ..clinic import Clinic, brought, clinic_of, decided, remarks, wanted_schedules
from ..clinical_summary import SaidDoses
from ..model_options import check_span
from .candidates import Doses, grid, of_drugs, standard_schedules
from .options import ScheduleSettings

SPACING_DAYS = 4.0


@dataclass(frozen=True)
class Question:
    """What `rank` and `optimize` ask, read from their options.

    Attributes
    ----------
    calibration : Calibration
        With the exposures of the candidates' drugs.
    goal : Objective
    doses : Doses
        Drugs to give, from when on, how many and how large.
    weights : dict of str to float
        Weight of each drug in a toxicity.
    horizon : float
        Day judged.
    rules : tuple of Constraint
    bounds : tuple of Constraint
        By which a search places doses.
    candidates : tuple of Schedule
    penalties : Penalties or None
        Burdens to show and to weigh; None for full doses without weights.
    clinic : Clinic
        Who is treated.
    exposures : tuple of str
        A line for each drug in clinical units.
    warnings : tuple of str
        About doses in clinical units.
    """

    calibration: Calibration
    goal: Objective
    doses: Doses
    weights: dict[str, float]
    horizon: float
    rules: tuple[Constraint, ...]
    bounds: tuple[Constraint, ...]
    candidates: tuple[Schedule, ...]
    penalties: Penalties | None
    clinic: Clinic
    exposures: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def said(self) -> SaidDoses:
        """What is said of the candidates' doses."""
        return SaidDoses(self.clinic, self.candidates, self.calibration.model, self.exposures)


def question(settings: ScheduleSettings, *, one_cytotoxic: bool = True) -> Question:
    """Read the calibration and every option; `one_cytotoxic` forbids two cytotoxics on a day.

    Raises
    ------
    InputError
        A file that cannot be read, unknown names, options that do not go together.
    """
    calibration = read_calibration(settings.calibration)
    start = calibration.last_day if settings.start is None else settings.start
    asked, model = settings.clinical, calibration.model
    clinic = clinic_of(asked, model, calibration.schedule, start)
    wanted = wanted_schedules(asked, settings.candidate, clinic, model, start)
    clinic = decided(clinic, asked, wanted)
    found = brought(calibration, wanted, clinic)
    doses, bounds = _doses(settings, found.calibration.model, clinic, start)
    more = [] if wanted else standard_schedules(doses)
    more = [_with_units(plan) for plan in (*more, *grid(settings, found.calibration.model, doses))]
    made = brought(found.calibration, more, clinic)
    model, wanted = made.calibration.model, [*wanted, *more]
    horizon = horizon_of(settings, start, clinic, wanted)
    weights = dict.fromkeys(_names(model), 1.0)
    weights |= _said_weights(settings, model)
    rules = [OneCytotoxicADay()] if one_cytotoxic else []
    is_plain = not clinic.limits and all(each.is_relative for each in wanted)
    # Limits and units say themselves how large a dose may be.
    largest = doses.largest if is_plain else _said_largest(settings, model)
    rules += [LargestDose(drug, most) for drug, most in largest.items()]
    rules += [*_rules(settings, weights, horizon), *clinic.rules]
    in_units = clinic.limits or bool(found.exposures or made.exposures)
    return Question(
        made.calibration,
        goal_of(settings),
        doses,
        weights,
        horizon,
        tuple(rules),
        bounds,
        (*found.schedules, *made.schedules),
        _penalties(settings, clinic, model, in_units=in_units, schedules=len(wanted)),
        clinic,
        tuple(dict.fromkeys((*found.exposures, *made.exposures))),
        (*found.warnings, *made.warnings, *remarks(clinic, wanted)),
    )


def _with_units(plan: Schedule) -> ClinicalSchedule:
    return ClinicalSchedule(tuple(ClinicalDose(dose.drug, dose.day, dose.dose) for dose in plan.doses), plan.name)


def horizon_of(settings: ScheduleSettings, start: float, clinic: Clinic, wanted: Sequence[ClinicalSchedule]) -> float:
    """The day judged: as asked, 42 days after the start, or in units not before 28 days after the last dose.

    Raises
    ------
    InputError
        A day that is not after the start, or more than ten years later.
    """
    horizon = start + HORIZON_DAYS if settings.horizon is None else settings.horizon
    if settings.horizon is None and (clinic.limits or not all(each.is_relative for each in wanted)):
        horizon = day_judged(wanted, start)
    check_span(start, horizon)
    return horizon


def _doses(
    settings: ScheduleSettings, model: Model, clinic: Clinic, start: float
) -> tuple[Doses, tuple[Constraint, ...]]:
    """Drugs to give, and the bounds of limits by which they are placed."""
    drugs = _drugs(settings, model)
    bounds = clinic.bounds(drugs, model)
    rests = [*named_numbers("--interval", settings.interval, "cytotoxic=7").values()]
    rests += [rule.days for rule in bounds if isinstance(rule, ShortestInterval)]
    spacing = max([SPACING_DAYS, *rests]) if settings.spacing is None else settings.spacing
    if settings.draws < 1 or settings.doses < 1 or not spacing > 0:
        raise InputError("--draws, --doses and --spacing must be above 0; correct them.")
    checked("--draws", settings.draws, MOST["draws"])
    checked("--doses", settings.doses, MOST["doses"])
    checked("--gap-curve", settings.gap_curve, MOST["gap_days"], least=0)
    largest = dict.fromkeys(_names(model), 1.0)
    largest |= {rule.drug: rule.most for rule in bounds if isinstance(rule, LargestDose)}
    largest |= _said_largest(settings, model)
    return Doses(drugs, start, settings.doses, spacing, largest), bounds


def _drugs(settings: ScheduleSettings, model: Model) -> tuple[str, ...]:
    """Drugs named, or the first targeted and the first cytotoxic of the model, or its first drug."""
    if settings.drugs:
        return tuple(dict.fromkeys(model.dose_name(name) for name in settings.drugs))
    if not model.drugs:
        raise InputError(f"{model.name} has no drug, so there is nothing to schedule; calibrate a treated model.")
    return tuple(name for name in targeted_and_cytotoxic(model.drugs) if name) or (model.drugs[0].name,)


def _names(model: Model) -> tuple[str, ...]:
    """Every name of a drug that doses may have."""
    return (*(drug.name for drug in model.drugs), *model.agents)


def _said_largest(settings: ScheduleSettings, model: Model) -> dict[str, float]:
    """The largest doses that were asked for, by the model's names of the drugs."""
    shared = [text for text in settings.largest if "=" not in text]
    own = of_drugs(model, "--largest", [text for text in settings.largest if "=" in text])
    if len(shared) > 1:
        raise InputError(f"--largest {shared[1]}: give one number for all drugs, or DRUG=DOSE for each.")
    most = named_numbers("--largest", [f"dose={shared[0]}"] if shared else [], "0.5")
    found = dict.fromkeys(_names(model), most["dose"]) if most else {}
    found |= own
    if not all(value > 0 for value in found.values()):
        raise InputError("--largest must be above 0; leave out the drug instead.")
    return found


def _said_weights(settings: ScheduleSettings, model: Model) -> dict[str, float]:
    for text in settings.weight:
        if "=" not in text:
            raise InputError(
                f"--weight {text}: write DRUG=WEIGHT, its weight in a toxicity; a patient's is --body-weight."
            )
    return of_drugs(model, "--weight", settings.weight)


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


def goal_of(settings: ScheduleSettings) -> Objective:
    """What is judged; errors as `objectives.get`."""
    goal = _named_goal(settings.objective, settings)
    if not settings.plus:
        return goal
    ((name, weight),) = named_numbers("--plus", [settings.plus], "mean_burden=0.5").items()
    return objectives.weighted_pair(goal, _named_goal(name, settings), weight)


def _penalties(
    settings: ScheduleSettings, clinic: Clinic, model: Model, *, in_units: bool, schedules: int
) -> Penalties | None:
    """Burdens with what they weigh; None where nothing weighs and none are to be shown."""
    weights = named_numbers("--weigh", settings.weigh, "neutrophils=0.1")
    for part in weights:
        if part not in PARTS:
            raise InputError(f"--weigh {part}: choose one of {', '.join(PARTS)}.")
    if not weights and not (in_units and clinic.patient.species == "human"):
        return None
    chosen = Weights(**{PARTS[part]: weight for part, weight in weights.items()})
    found = Penalties(chosen, clinic.patient, clinic.history, clinic.drugs, model=model)
    return found if weights else found.wanted(schedules)


def _named_goal(name: str, settings: ScheduleSettings) -> Objective:
    if name == "probability_below" and settings.level is None:
        raise InputError("The objective probability_below needs a volume; give --level CM3.")
    return objectives.get(name, level_cm3=settings.level)


def gap_curve_of(asked: Question, settings: ScheduleSettings, report: Report | None) -> GapCurve | None:
    """Outcome against the gap between the first targeted and the first cytotoxic dose; None without such a pair."""
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
        constraints=asked.rules,
        start_day=doses.start,
        horizon_day=asked.horizon,
        draws=settings.draws,
        seed=settings.seed,
        report=report,
    )


def provenance_of(asked: Question, settings: ScheduleSettings, warnings: tuple[str, ...]) -> Provenance:
    """What made the files of a ranking or a search."""
    doses = asked.doses
    inputs = {"calibration": settings.calibration.name, "candidates": [path.name for path in settings.candidate]}
    return Provenance(
        module="HER2ImmunoModel",
        settings={**settings.recorded(), "drugs": doses.drugs, "start": doses.start, "horizon": asked.horizon},
        inputs={**inputs, **asked.said.record},
        formulas=(asked.calibration.model.reference, *asked.exposures),
        warnings=warnings,
    )

"""What the user chose, taken out of the scene as plain values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.scene import read_table

from .. import models
from ..findings.calibrate import CalibrateRequest
from ..findings.choice import ChoiceRequest
from ..findings.evidence import EvidenceRequest
from ..findings.forecast import CheckRequest
from ..findings.optimum import OptimumRequest
from ..findings.plan import PlanRequest
from ..findings.prior_check import PriorRequest
from ..findings.request import Exposures
from ..models.given_drug import takes_any
from ..models.model import Model, targeted_and_cytotoxic
from ..models.volume_family import FAMILY, USUAL, parts_of
from ..planning.penalties import Penalties
from ..planning.plan import drug_pair
from ..planning.plan_settings import PlanSettings, with_days
from ..treatments.constraints import (
    AllowedDays,
    Constraint,
    LargestDose,
    OneCytotoxicADay,
    ShortestInterval,
    TotalDose,
    ToxicityBudget,
)
from ..treatments.schedule import Schedule
from .chosen_model import chosen_model
from .clinical_rules import bounds_of, clinical_rules, has_burdens, penalties_of
from .cohort_used import as_alone, used_cohort
from .given import given, has_doses_in_units, read_prescribed
from .one_drug import drug_of, with_one_drug
from .parameter_choices import chosen_rows, chosen_settings
from .patients import weekday_of_day_zero
from .regimens_compared import REGIMENS, comparison_of

AUTOMATIC = -1.0
"""Value of a day in the parameter node that is left to the model."""
TICKED = "ticked"
"""Value of `family` for models that are ticked one by one."""
GROWTHS, TERMS = "growths", "terms"
"""Values of `family` for the laws of growth, or the treatment terms, of the volume family; the other is as chosen."""
TOTALS = ("totalTrastuzumab", "totalCytotoxic")
LARGEST = ("largestTrastuzumab", "largestCytotoxic")
WEIGHTS = ("weightTrastuzumab", "weightCytotoxic")


def gather(parameters) -> PlanRequest:
    """Read the request to calibrate and rank from the module's parameter node.

    Raises
    ------
    InputError
        What is missing or wrong, with row and column of a table.
    """
    (measurements, schedule, settings), exposures = _subject(parameters)
    comparison = None
    if settings.candidates == REGIMENS:
        keeps_kinds = exposures is not None or not schedule.doses
        model, last = _model_of(parameters, exposures), max(visit.day for visit in measurements)
        comparison, settings = comparison_of(parameters, model, settings, last, schedule, keeps_kinds=keeps_kinds)
    subject = measurements, schedule, settings
    rules = _constraints(parameters, *subject, exposures, regimens=comparison is not None)
    penalties = _penalties(parameters, *subject, exposures, regimens=comparison is not None)
    return PlanRequest(*subject, rules, exposures=exposures, penalties=penalties, comparison=comparison)


def gather_calibrate(parameters) -> CalibrateRequest:
    """Read the request to calibrate alone; errors as `gather`, apart from schedules."""
    subject, exposures = _subject(parameters)
    return CalibrateRequest(*subject, exposures=exposures)


def gather_prior(parameters) -> PriorRequest:
    """Read the request for what the prior says before any data; errors as `gather`, apart from schedules."""
    subject, exposures = _subject(parameters)
    return as_alone(PriorRequest(*subject, from_first_visit=parameters.priorFromFirst, exposures=exposures))


def gather_evidence(parameters) -> EvidenceRequest:
    """Read the request for what the data say; errors as `gather`."""
    subject, exposures = _subject(parameters)
    request = EvidenceRequest(*subject, exposures=exposures)
    held = {text.partition("=")[0] for text in request.settings.fixed}
    free = {p.name for p in request.tumour_model.parameters if p.prior > 0 and p.name not in held}
    name = parameters.profileParameter if parameters.profileParameter in free else ""
    return replace(request, parameter=name)


def gather_check(parameters) -> CheckRequest:
    """Read the request to check the forecast; errors as `gather`."""
    subject, exposures = _subject(parameters)
    return as_alone(CheckRequest(*subject, hidden=parameters.hiddenVisits, exposures=exposures))


def gather_choice(parameters) -> ChoiceRequest:
    """Read the request to choose a model; errors as `gather`, and models that take doses in different ways."""
    names, each_noise = chosen_models(parameters), parameters.weighNoises
    _check_drug(parameters, names)
    if not has_doses_in_units(parameters.treatments, parameters.species):
        subject, _exposures = _subject(parameters, any_model=True)
        return as_alone(ChoiceRequest(*subject, models=names, each_noise=each_noise))
    measurements, settings = _measurements(parameters), _settings(parameters)
    is_given = _is_given(measurements, settings)
    taken = [given(parameters, models.get(name, settings.species), is_given) for name in names]
    one = taken[0][0] if taken else Schedule()
    if any(one.for_model(each.model) != schedule.for_model(each.model) for schedule, each in taken):
        raise InputError(
            "The models take doses in units in different ways, so that they cannot be weighed on one schedule; tick "
            "models of one family, or choose a table in full doses."
        )
    family = tuple(exposures.model for _schedule, exposures in taken)
    exposures = taken[0][1] if taken else None
    chosen = {"models": names, "each_noise": each_noise, "family": family, "exposures": exposures}
    return as_alone(ChoiceRequest(measurements, one, settings, **chosen))


def _check_drug(parameters, names: tuple[str, ...]) -> None:
    """Refuse several drugs where models of any one drug are weighed; errors as `with_one_drug`."""
    chosen = (models.get(name, parameters.species) for name in names)
    if (model := next(filter(takes_any, chosen), None)) is not None:
        with_one_drug(model, read_prescribed(parameters.treatments, model, parameters.species))


def gather_optimum(parameters) -> OptimumRequest:
    """Read the request for the best schedule; errors as `gather`."""
    subject, exposures = _subject(parameters)
    rules = _constraints(parameters, *subject, exposures)
    drugs = drug_pair(chosen_model(parameters))
    unlimited = [drug for drug, name in zip(drugs, LARGEST, strict=True) if getattr(parameters, name) == 0]
    if parameters.search == "daily":  # which knows one cytotoxic only, so that the rule says nothing
        rules = tuple(rule for rule in rules if not isinstance(rule, OneCytotoxicADay))
    return OptimumRequest(
        *subject,
        (*rules, *(LargestDose(drug, parameters.dose) for drug in unlimited)),
        search=parameters.search,
        risk=parameters.risk,
        against=parameters.against,
        iterations=parameters.iterations,
        largest=max(parameters.dose, parameters.largestTrastuzumab, parameters.largestCytotoxic),
        weights=_weights(parameters, drugs),
        bounds=bounds_of(parameters, _model_of(parameters, exposures), _past(*subject)),
        exposures=exposures,
        penalties=_penalties(parameters, *subject, exposures),
    )


def chosen_models(parameters) -> tuple[str, ...]:
    """Names of the models to choose among: a family, or those that are ticked."""
    if parameters.family in (GROWTHS, TERMS):
        growth, treatment = parts_of(parameters.model) or USUAL
        return models.family(f"{FAMILY}_{treatment if parameters.family == GROWTHS else growth}")
    if parameters.family != TICKED:
        return models.family(parameters.family)
    ticked = {name.strip() for name in parameters.tickedModels.split(",")}
    return tuple(name for name in models.names() if name in ticked)


def last_visit_day(parameters) -> float:
    """Day of the last visit; doses after it are planned.

    Raises
    ------
    InputError
        A measurement table that is missing, empty or wrong.
    """
    return max(visit.day for visit in _measurements(parameters))


Subject = tuple[tuple[Measurement, ...], Schedule, PlanSettings]


def _subject(parameters, *, any_model: bool = False) -> tuple[Subject, Exposures | None]:
    measurements, settings = _measurements(parameters), _settings(parameters)
    model = None if any_model else chosen_model(parameters)
    schedule, exposures = given(parameters, model, _is_given(measurements, settings))
    if model is not None:
        rows = chosen_rows(parameters, model if exposures is None else exposures.model, measurements)
        settings = replace(settings, drug=drug_of(model), **chosen_settings(rows))
    return (measurements, schedule, settings), exposures


def _is_given(measurements, settings: PlanSettings) -> Callable[[float], bool]:
    """Whether doses of a day were given, for the work: until the last visit, or before schedules that start later.

    What comes after is planned: it is followed by the forecast of the time line, and changes no calibration.
    """
    last = max(visit.day for visit in measurements)
    start = last if settings.start_day is None else settings.start_day
    return lambda day: day <= last or day < start


def _measurements(parameters) -> tuple[Measurement, ...]:
    if parameters.measurements is None:
        raise InputError("Choose the measurement table, or load one from a CSV file.")
    measurements = tuple(read_table(parameters.measurements))
    if not measurements:
        raise InputError(f"{parameters.measurements.GetName()} has no visits; add one row a visit.")
    return measurements


def _settings(parameters) -> PlanSettings:
    return PlanSettings(
        model=parameters.model,
        species=parameters.species,
        objective=parameters.objective,
        level_cm3=parameters.levelCm3 if parameters.objective == "probability_below" else None,
        start_day=None if parameters.startDay == AUTOMATIC else parameters.startDay,
        horizon_day=None if parameters.horizonDay == AUTOMATIC else parameters.horizonDay,
        interval_day=parameters.intervalDay,
        doses=parameters.doses,
        dose=parameters.dose,
        draws=parameters.draws,
        seed=parameters.seed,
        method=parameters.method,
        most_steps=parameters.mostSteps,
        noise_scale=parameters.noiseScale,
        noise=parameters.noise,
        heavy_tails=parameters.heavyTails,
        cohort=used_cohort(parameters),
        candidates=parameters.candidates,
        splits=tuple(int(number) for number in _numbers(parameters.splits, "Split into doses")),
        intervals=tuple(_numbers(parameters.intervals, "Intervals")),
    )


def _numbers(text: str, what: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if not numbers or not all(number >= 1 for number in numbers):
        raise InputError(f"{what}: {text!r} is not a list of numbers of 1 or more; write them with commas, as 1, 2, 4.")
    return numbers


def _model_of(parameters, exposures: Exposures | None) -> Model:
    return chosen_model(parameters) if exposures is None else exposures.model


def _constraints(
    parameters,
    measurements,
    schedule: Schedule,
    settings: PlanSettings,
    exposures: Exposures | None,
    *,
    regimens: bool = False,
) -> tuple[Constraint, ...]:
    model = _model_of(parameters, exposures)
    drugs, rules = targeted_and_cytotoxic(model.drugs) if regimens else drug_pair(model), []
    if parameters.weekdaysOnly:
        rules.append(AllowedDays(day_zero=weekday_of_day_zero(parameters)))
    if parameters.oneCytotoxicADay and not regimens:  # which give what belongs together on one day
        rules.append(OneCytotoxicADay())
    if parameters.shortestIntervalDay > 0:
        rules += [ShortestInterval(drug, parameters.shortestIntervalDay) for drug in drugs if drug]
    for kind, fields in ((TotalDose, TOTALS), (LargestDose, LARGEST)):
        limits = [(drug, getattr(parameters, name)) for drug, name in zip(drugs, fields, strict=True)]
        rules += [kind(drug, most) for drug, most in limits if drug and most > 0]
    last_day = max(visit.day for visit in measurements)
    if parameters.clinicalLimits:
        past = _past(measurements, schedule, settings)
        rules += clinical_rules(parameters, _model_of(parameters, exposures), past)
    if parameters.toxicityBudget > 0:
        weights = _weights(parameters, drugs)
        rules.append(ToxicityBudget(weights, parameters.toxicityBudget, with_days(settings, last_day).horizon_day))
    return tuple(rules)


def _penalties(
    parameters,
    measurements,
    schedule: Schedule,
    settings: PlanSettings,
    exposures: Exposures | None,
    *,
    regimens: bool = False,
) -> Penalties | None:
    if not has_burdens(parameters, regimens=regimens):
        return None
    return penalties_of(parameters, _model_of(parameters, exposures), _past(measurements, schedule, settings))


def _past(measurements, schedule: Schedule, settings: PlanSettings) -> Schedule:
    """The doses given before the schedules that are judged."""
    return schedule.before(with_days(settings, max(visit.day for visit in measurements)).start_day)


def _weights(parameters, drugs: tuple[str | None, str | None]) -> tuple[tuple[str, float], ...]:
    return tuple((drug, getattr(parameters, name)) for drug, name in zip(drugs, WEIGHTS, strict=True) if drug)

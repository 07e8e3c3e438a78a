"""What the user chose, taken out of the scene as plain values."""

from __future__ import annotations

import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.reading import Table, cells_of, named
from HER2ImmunoCommonLib.scene import MEASUREMENTS_ATTRIBUTE, is_result, read_cells, read_table, write_cells

from .. import models
from ..findings.choice import ChoiceRequest
from ..findings.evidence import EvidenceRequest
from ..findings.forecast import CheckRequest
from ..findings.optimum import OptimumRequest
from ..findings.plan import PlanRequest
from ..findings.request import Exposures
from ..models.model import Model
from ..planning.plan import PlanSettings, drug_pair, with_days
from ..treatments.clinical_doses import ClinicalDose, known_drug, resolve
from ..treatments.clinical_tables import (
    NAMES,
    UNIT_OF_COLUMN,
    ClinicalSchedule,
    clinical_cells,
    clinical_schedule_from_cells,
)
from ..treatments.constraints import (
    AllowedDays,
    Constraint,
    LargestDose,
    OneCytotoxicADay,
    ShortestInterval,
    TotalDose,
    ToxicityBudget,
)
from ..treatments.doses import Dose
from ..treatments.effects import clinical_model, model_schedule
from ..treatments.patients import Patient
from ..treatments.schedule import Schedule, schedule_cells, schedule_from_cells
from .patients import patient_of

AUTOMATIC = -1.0
"""Value of a day in the parameter node that is left to the model."""
TICKED = "ticked"
"""Value of `family` for models that are ticked one by one."""
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
    subject, exposures = _subject(parameters)
    return PlanRequest(*subject, _constraints(parameters, *subject), exposures=exposures)


def gather_evidence(parameters) -> EvidenceRequest:
    """Read the request for what the data say; errors as `gather`."""
    subject, exposures = _subject(parameters)
    model = exposures.model if exposures is not None else models.get(parameters.model, parameters.species)
    known = {parameter.name for parameter in model.parameters}
    name = parameters.profileParameter if parameters.profileParameter in known else ""
    return EvidenceRequest(*subject, parameter=name, exposures=exposures)


def gather_check(parameters) -> CheckRequest:
    """Read the request to check the forecast; errors as `gather`."""
    subject, exposures = _subject(parameters)
    return CheckRequest(*subject, hidden=parameters.hiddenVisits, exposures=exposures)


def gather_choice(parameters) -> ChoiceRequest:
    """Read the request to choose a model; errors as `gather`, and models that take doses in different ways."""
    names = chosen_models(parameters)
    if not has_doses_in_units(parameters.treatments, parameters.species):
        subject, _exposures = _subject(parameters, any_model=True)
        return ChoiceRequest(*subject, models=names)
    measurements, settings = _measurements(parameters), _settings(parameters)
    taken = [given(parameters, models.get(name, settings.species)) for name in names]
    one = taken[0][0] if taken else Schedule()
    if any(one.for_model(each.model) != schedule.for_model(each.model) for schedule, each in taken):
        raise InputError(
            "The models take doses in units in different ways, so that they cannot be weighed on one schedule; tick "
            "models of one family, or choose a table in full doses."
        )
    family = tuple(exposures.model for _schedule, exposures in taken)
    exposures = taken[0][1] if taken else None
    return ChoiceRequest(measurements, one, settings, models=names, family=family, exposures=exposures)


def gather_optimum(parameters) -> OptimumRequest:
    """Read the request for the best schedule; errors as `gather`."""
    subject, exposures = _subject(parameters)
    rules, drugs = _constraints(parameters, *subject), drug_pair(models.get(parameters.model, parameters.species))
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
        exposures=exposures,
    )


def chosen_models(parameters) -> tuple[str, ...]:
    """Names of the models to choose among: a family, or those that are ticked."""
    if parameters.family != TICKED:
        return models.family(parameters.family)
    ticked = {name.strip() for name in parameters.tickedModels.split(",")}
    return tuple(name for name in models.names() if name in ticked)


Subject = tuple[tuple[Measurement, ...], Schedule, PlanSettings]


def _subject(parameters, *, any_model: bool = False) -> tuple[Subject, Exposures | None]:
    measurements, settings = _measurements(parameters), _settings(parameters)
    model = None if any_model else models.get(settings.model, settings.species)
    schedule, exposures = given(parameters, model)
    return (measurements, schedule, settings), exposures


def _measurements(parameters) -> tuple[Measurement, ...]:
    if parameters.measurements is None:
        raise InputError("Choose the measurement table, or load one from a CSV file.")
    measurements = tuple(read_table(parameters.measurements))
    if not measurements:
        raise InputError(f"{parameters.measurements.GetName()} has no visits; add one row a visit.")
    return measurements


def given(parameters, model: Model | None) -> tuple[Schedule, Exposures | None]:
    """Doses given so far, as a model takes them; with their exposures where the table has units.

    Raises
    ------
    InputError
        A wrong table or patient; doses in units that the model has no place for.
    """
    prescribed = read_prescribed(parameters.treatments, model, parameters.species)
    if prescribed.is_relative:
        return prescribed.as_schedule(), None
    return exposed(prescribed, model, patient_of(parameters))


def exposed(prescribed: ClinicalSchedule, model: Model, patient: Patient) -> tuple[Schedule, Exposures]:
    """Doses in units as a model takes them for a patient.

    Drugs of the model that the library knows are followed in the same way where they are given later, as in the
    schedules that are compared.

    Raises
    ------
    InputError
        A drug that the model has no place for.
    """
    known = [dose for dose in prescribed.doses if known_drug(dose.drug, patient.species)]
    others = [dose for dose in prescribed.doses if not known_drug(dose.drug, patient.species)]
    resolved = resolve(known, patient, patient.species)
    own = [drug.name for drug in model.drugs if known_drug(drug.name, patient.species)]
    names = dict.fromkeys((*(dose.drug for dose in resolved), *own))
    treatment = model_schedule(resolved, clinical_model(model, list(names), patient=patient), patient=patient)
    doses = (*treatment.schedule.doses, *(Dose(dose.drug, dose.day, dose.size) for dose in others))
    lines = tuple(f"{dose.drug} on day {dose.day:g}: {dose.said}" for dose in resolved)
    return Schedule(doses, prescribed.name), Exposures(treatment.model, treatment.said, lines)


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


def _constraints(parameters, measurements, given, settings: PlanSettings) -> tuple[Constraint, ...]:
    model = models.get(settings.model, settings.species)
    drugs, rules = drug_pair(model), []
    if parameters.weekdaysOnly:
        rules.append(AllowedDays(day_zero=parameters.weekdayOfDayZero))
    if parameters.oneCytotoxicADay:
        rules.append(OneCytotoxicADay())
    if parameters.shortestIntervalDay > 0:
        rules += [ShortestInterval(drug, parameters.shortestIntervalDay) for drug in drugs]
    for kind, fields in ((TotalDose, TOTALS), (LargestDose, LARGEST)):
        limits = [(drug, getattr(parameters, name)) for drug, name in zip(drugs, fields, strict=True)]
        rules += [kind(drug, most) for drug, most in limits if most > 0]
    if parameters.toxicityBudget > 0:
        last_day = max(visit.day for visit in measurements)
        weights = _weights(parameters, drugs)
        rules.append(ToxicityBudget(weights, parameters.toxicityBudget, with_days(settings, last_day).horizon_day))
    return tuple(rules)


def _weights(parameters, drugs: tuple[str, str]) -> tuple[tuple[str, float], ...]:
    return tuple((drug, getattr(parameters, name)) for drug, name in zip(drugs, WEIGHTS, strict=True))


def read_treatments(node: slicer.vtkMRMLTableNode | None, model: Model | None = None) -> Schedule:
    """Doses of a table node in full doses; none for no node or an empty one.

    Raises
    ------
    InputError
        Naming the node, row, column and reason; a dose with a unit.
    """
    if node is None or has_units(node):
        return read_prescribed(node, model).as_schedule()
    header, lines = read_cells(node)
    return schedule_from_cells(header, lines, node.GetName(), model, name=node.GetName()) if lines else Schedule()


def read_prescribed(
    node: slicer.vtkMRMLTableNode | None, model: Model | None = None, species: str = "human"
) -> ClinicalSchedule:
    """Doses of a table node with their units, "" for full doses; none for no node or an empty one.

    Raises
    ------
    InputError
        Naming the node, row, column and reason.
    """
    if node is None:
        return ClinicalSchedule()
    if has_units(node):
        header, lines = read_cells(node)
        return clinical_schedule_from_cells(header, lines, node.GetName(), model, species, name=node.GetName())
    schedule = read_treatments(node, model)
    return ClinicalSchedule(
        tuple(ClinicalDose(dose.drug, dose.day, dose.dose) for dose in schedule.doses), node.GetName()
    )


def has_doses_in_units(node: slicer.vtkMRMLTableNode | None, species: str) -> bool:
    """Whether a dose of a table has a unit of the clinic; errors as `read_prescribed`."""
    return node is not None and has_units(node) and not read_prescribed(node, species=species).is_relative


def has_units(node: slicer.vtkMRMLTableNode) -> bool:
    """Whether a treatment table says units, row by row or in the name of the column of doses."""
    return bool(read_cells(node)[1]) and any(clinical_table(node).has(name) for name in ("unit", *UNIT_OF_COLUMN))


def clinical_table(node: slicer.vtkMRMLTableNode) -> Table:
    """The cells of a table node under the names that tables of doses have; errors as `read_prescribed`."""
    header, lines = read_cells(node)
    return named(cells_of(header, lines, node.GetName(), 1), node.GetName(), NAMES)


def is_treatment_table(node: slicer.vtkMRMLTableNode) -> bool:
    """Whether a table has, or may get, one row a dose."""
    header = {name.strip().casefold() for name in read_cells(node)[0]}
    empty = not header and not is_result(node) and not node.GetAttribute(MEASUREMENTS_ATTRIBUTE)
    return empty or header >= {"drug", "day"}


def write_treatments(schedule: Schedule | ClinicalSchedule, node: slicer.vtkMRMLTableNode) -> None:
    """Put the doses into a table node, one row a dose; with a column of units only if one has a unit."""
    if isinstance(schedule, ClinicalSchedule) and not schedule.is_relative:
        write_cells(*clinical_cells(schedule.doses), node)
        return
    write_cells(*schedule_cells(schedule.as_schedule() if isinstance(schedule, ClinicalSchedule) else schedule), node)

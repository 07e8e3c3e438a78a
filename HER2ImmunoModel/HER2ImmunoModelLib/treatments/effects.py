"""From doses of the clinic to what a tumour model is told: kinds of exposure, sizes in full doses, and where from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log1p, sqrt

from HER2ImmunoCommonLib.errors import InputError

from ..drugs.drug import ASSUMED, Basis, ClinicalDrug, ParameterSet
from ..drugs.exposures import mg_of, pulse_weight, reference_concentration
from ..drugs.individuals import individual, typical_patient
from ..drugs.kinetics import Kinetics
from ..drugs.library import find_drug
from ..drugs.patients import Patient
from ..models.choosing_kinds import Known, with_agent, with_own_kind
from ..models.exposure_kinds import CENTRAL, CHAIN, KINDS, PULSE, RELATIVE
from ..models.model import Drug, Model
from .clinical_doses import ResolvedDose
from .doses import Dose, Schedule

UNIT_WEIGHT = Known(1.0, ASSUMED)


@dataclass(frozen=True)
class ExposureChoice:
    """How exposures are computed, where it is not as usual.

    Attributes
    ----------
    kinds : mapping of str to str
        Drug of the library -> `relative`, `pulse`, `chain` or `central`; what suits the drug where none is named.
    sets : mapping of str to str
        Drug -> parameter set of its kinetics; its first where none is named.
    stages : int
        Of chains.
    stage_rate : Known or None
        Of chains, 1/day; the rate at which a pulse fades if None.
    weights : mapping of (str, str) to Known
        (Drug of the library, drug of the model) -> weight of a concentration beside that of others; 1 (assumed).
    varies : bool
        Whether clearances and volumes are parameters with the spread of patients, so that each draw of a calibration
        has its own body; they are held at those of the patient if not. Correlations between them are left out.
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    sets: Mapping[str, str] = field(default_factory=dict)
    stages: int = 3
    stage_rate: Known | None = None
    weights: Mapping[tuple[str, str], Known] = field(default_factory=dict)
    varies: bool = False

    def __post_init__(self):
        for drug, kind in self.kinds.items():
            if kind not in KINDS:
                raise InputError(f"{drug} is to be {kind!r}; choose {', '.join(KINDS)}.")


@dataclass(frozen=True)
class Treatment:
    """What a simulation takes of a clinical schedule.

    Attributes
    ----------
    model : Model
        With the kinds of its drugs, and the agents that are given.
    schedule : Schedule
        In full doses.
    said : tuple of str
        A line for each drug: its kind, its numbers and their basis.
    """

    model: Model
    schedule: Schedule
    said: tuple[str, ...]


def model_schedule(
    doses: Iterable[ResolvedDose],
    model: Model,
    choice: ExposureChoice | None = None,
    patient: Patient | None = None,
    *,
    name: str = "",
) -> Treatment:
    """The model with the exposures of the drugs given, and the schedule in its full doses.

    Parameters
    ----------
    doses : iterable of ResolvedDose
    model : Model
        Of the species that the doses are for. Agents that it has already stay as they are.
    choice : ExposureChoice, optional
    patient : Patient, optional
        A typical one if None.
    name : str
        Of the schedule.

    Returns
    -------
    Treatment

    Raises
    ------
    InputError
        A drug that the library or the model does not have, or one that cannot be of the kind chosen.
    """
    doses, choice = list(doses), choice or ExposureChoice()
    patient = patient or Patient(species=model.species)
    drugs = [find_drug(each, model.species) for each in dict.fromkeys(dose.drug for dose in doses)]
    model = clinical_model(model, [drug.name for drug in drugs], choice, patient)
    given = [dose for each in doses for dose in _in_full_doses(each, model, choice, patient)]
    said = tuple(_line(drug, model, choice) for drug in drugs)
    return Treatment(model, Schedule(tuple(given), name), said)


def clinical_model(
    model: Model, drugs: Sequence[str], choice: ExposureChoice | None = None, patient: Patient | None = None
) -> Model:
    """The model with the exposures of drugs of the library, whatever is given of them; arguments as `model_schedule`.

    For candidates that share one model, name all drugs of all of them.
    """
    choice, patient = choice or ExposureChoice(), patient or Patient(species=model.species)
    for drug in (find_drug(name, model.species) for name in drugs):
        kind = kind_of(drug, model, choice)
        for target in targets(drug, model):
            if kind == CENTRAL and drug.name not in {agent.name for agent in target.exposure.agents}:
                model = _with_concentration(model, drug, target, choice, patient)
            elif kind in (PULSE, CHAIN) and target.exposure.own == RELATIVE:
                model = _with_pulses(model, target, kind, choice)
    return model


def targets(drug: ClinicalDrug, model: Model) -> tuple[Drug, ...]:
    """Drugs of a model that a drug of the library acts as.

    Raises
    ------
    InputError
        If the model has none of them.
    """
    found: dict[str, Drug] = {}
    for name in drug.model_drugs:
        for target in model.drugs:
            if name == target.name or name in target.aliases:
                found[target.name] = target
    if not found:
        raise InputError(
            f"{model.name} has no drug that {drug.name} could act as; choose a model with "
            f"{' or '.join(drug.model_drugs)}."
        )
    return tuple(found.values())


def kind_of(drug: ClinicalDrug, model: Model, choice: ExposureChoice) -> str:
    """Kind of a drug's exposure: as chosen, else what suits it, as far as the model and its kinetics allow.

    Raises
    ------
    InputError
        A kind that was chosen and cannot be.
    """
    chosen = choice.kinds.get(drug.name)
    kind = chosen or drug.exposure
    reason = _why_not(drug, model, kind, choice)
    if reason is None:
        return kind
    if chosen:
        others = " or ".join(each for each in (RELATIVE, PULSE) if _why_not(drug, model, each, choice) is None)
        raise InputError(f"{drug.label} cannot be {kind} in {model.name}: {reason}; choose {others}.")
    return PULSE if drug.is_cytotoxic and kind != PULSE else RELATIVE


def _why_not(drug: ClinicalDrug, model: Model, kind: str, choice: ExposureChoice) -> str | None:
    acts_as = targets(drug, model)
    if kind != RELATIVE and any(target.state is not None for target in acts_as):
        return "the model integrates the drug itself"
    if kind in (CENTRAL, CHAIN) and any(target.decay is None for target in acts_as):
        return "the model never loses the drug"
    if kind in (CENTRAL, CHAIN) and any(target.has_own_course for target in acts_as):
        return "the model has a course of its own for each dose"
    if kind == CENTRAL:
        if not drug.sets:
            return "its kinetics are not known"
        kinetics = drug.set_named(choice.sets.get(drug.name, "")).kinetics
        if kinetics.uptake is not None or kinetics.fall is not None or kinetics.molar_mass is not None:
            return "its kinetics have more than compartments and one limit"
    return None


def _with_concentration(
    model: Model, drug: ClinicalDrug, target: Drug, choice: ExposureChoice, patient: Patient
) -> Model:
    chosen = drug.set_named(choice.sets.get(drug.name, ""))
    kinetics = individual(drug, patient, chosen.name)
    is_alone = drug.name == target.name or target.kind == "immune"
    weight = choice.weights.get((drug.name, target.name), None if is_alone else UNIT_WEIGHT)
    return with_agent(
        model,
        target.name,
        drug.name,
        _known(kinetics, chosen, choice.varies),
        full_dose_mg=mg_of(drug.full_dose, typical_patient(drug)),
        reference_mg_per_l=reference_concentration(drug),
        weight=weight,
        aliases=drug.aliases,
        basis=f"{chosen.name}, {chosen.basis.said}",
    )


def _known(kinetics: Kinetics, chosen: ParameterSet, varies: bool) -> dict[str, Known]:
    """The numbers of an agent with their sources, and their spread where they vary."""
    numbers = {"CL": kinetics.clearance, "V1": kinetics.volume}
    for place, other in enumerate(kinetics.others, start=2):
        numbers |= {f"Q{place}": other.exchange, f"V{place}": other.volume}
    if kinetics.elimination is not None:
        numbers |= {"Vmax": kinetics.elimination.most, "Km": kinetics.elimination.half}
    spread = {name: each.percent for each in chosen.spreads for name in each.parameters if varies}
    basis: Mapping[str, Basis] = chosen.exceptions
    return {
        name: Known(float(value), basis.get(name, chosen.basis).said, sqrt(log1p((spread.get(name, 0.0) / 100.0) ** 2)))
        for name, value in numbers.items()
    }


def _with_pulses(model: Model, target: Drug, kind: str, choice: ExposureChoice) -> Model:
    if kind == PULSE or choice.stage_rate is None:
        return with_own_kind(model, target.name, kind, stages=choice.stages)
    rate = choice.stage_rate
    return with_own_kind(model, target.name, kind, stages=choice.stages, per_day=rate.value, source=rate.source)


def _in_full_doses(dose: ResolvedDose, model: Model, choice: ExposureChoice, patient: Patient) -> Iterable[Dose]:
    drug = find_drug(dose.drug, model.species)
    kind = kind_of(drug, model, choice)
    if kind == CENTRAL:
        agent = model.agents[drug.name]
        yield Dose(drug.name, dose.day, dose.mg / agent.full_dose_mg)
        return
    size = _relative_size(drug, dose, patient) if kind == RELATIVE else pulse_size(drug, dose, choice, patient)
    for target in targets(drug, model):
        if target.name in model.agents:
            raise InputError(
                f"{model.name} follows the concentration of {target.name}, so {drug.name} cannot be {kind} beside it; "
                f"choose {CENTRAL} for both or {RELATIVE} for both."
            )
        yield Dose(target.name, dose.day, size * drug.model_drugs.get(target.name, 1.0))


def _relative_size(drug: ClinicalDrug, dose: ResolvedDose, patient: Patient) -> float:
    if dose.unit == "AUC":
        return dose.amount / drug.full_dose.size
    return dose.amount / mg_of(drug.full_dose, patient)


def pulse_size(drug: ClinicalDrug, dose: ResolvedDose, choice: ExposureChoice, patient: Patient) -> float:
    """Area under the curve of a dose over that of a full dose of the typical patient."""
    if dose.unit == "AUC":
        return dose.amount / drug.full_dose.size
    size = pulse_weight(drug, dose.amount)
    chosen = choice.sets.get(drug.name, "")
    if not drug.sets or not drug.set_named(chosen).kinetics.is_linear:
        return size
    typical = individual(drug, typical_patient(drug), chosen).clearance
    return size * (typical / individual(drug, patient, chosen).clearance)


def _line(drug: ClinicalDrug, model: Model, choice: ExposureChoice) -> str:
    kind, acts_as = kind_of(drug, model, choice), targets(drug, model)
    parts = []
    if kind != (usual := choice.kinds.get(drug.name, drug.exposure)):
        parts.append(f"not {usual}, as {_why_not(drug, model, usual, choice)}")
    if kind == CENTRAL:
        agent = model.agents[drug.name]
        full = f"{agent.full_dose_mg:.4g} mg and {agent.reference_mg_per_l:.3g} mg/L are 1"
        parts.append(f"{full}, kinetics {agent.basis}")
    if kind == CHAIN:
        stages = dict.fromkeys(each.exposure.stages for each in acts_as)
        parts.append(" and ".join(f"{count} stage{'' if count == 1 else 's'}" for count in stages))
    parts += [f"as {each.label.lower()}: {', '.join(_numbers(drug, kind, each, model))}" for each in acts_as]
    return f"{drug.label}: {kind}; {'; '.join(parts)}."


def _numbers(drug: ClinicalDrug, kind: str, target: Drug, model: Model) -> Iterable[str]:
    agent = next((each for each in target.exposure.agents if each.name == drug.name), None)
    names = [target.half]
    names += [agent.weight] if kind == CENTRAL and agent is not None else [target.decay, target.exposure.rate]
    for name in names:
        if name is not None:
            parameter = model.parameter(name)
            unit = f" {parameter.unit}" if parameter.unit else ""
            yield f"{name} {parameter.default:.3g}{unit} ({parameter.source})"

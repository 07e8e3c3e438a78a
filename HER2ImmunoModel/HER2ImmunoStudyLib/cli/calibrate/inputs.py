"""What `her2immuno calibrate` reads: subjects from either kind of table, and the models to fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from HER2ImmunoCommonLib import measurements
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.reading import chosen_subject
from HER2ImmunoCommonLib.settings import named_numbers
from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.calibration import Noise, Subject, header_of, is_volume_table, read_volumes
from HER2ImmunoModelLib.models import Model
from HER2ImmunoModelLib.petab import read_petab
from HER2ImmunoModelLib.treatments import Prescription, model_given

from ..model_options import check_span, model_of
from ..values import words
from .covariates import said_of_ties, tie
from .options import CHOOSE, CalibrateSettings
from .patients import read_patients

NOT_KEPT = (
    "The model is that of the problem's SBML file, so calibration.json cannot be given to rank, optimize or simulate."
)


@dataclass(frozen=True)
class Inputs:
    """Subjects, the models to weigh or the one to fit, and what is free.

    Attributes
    ----------
    subjects : tuple of Subject
    models : tuple of Model
        More than one where the data shall choose.
    left_out : tuple of str
        Why models of a family cannot be fitted to these data.
    free : list of str or None
    fixed : dict of str to float
    doses : tuple of str
        Where each dose in units comes from, beginning with the subject where there are several.
    exposures : tuple of str
        A line for each drug in units.
    notes : tuple of str
        What is said of how the subjects are fitted.
    noise : Noise or None
        That of a problem of PEtab; None for that of the settings.
    own : tuple of str or None
        Parameters that each subject has for itself, of a problem whose subjects are pooled; None for no such problem.
    """

    subjects: tuple[Subject, ...]
    models: tuple[Model, ...]
    left_out: tuple[str, ...]
    free: list[str] | None
    fixed: dict[str, float]
    doses: tuple[str, ...] = ()
    exposures: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    noise: Noise | None = None
    own: tuple[str, ...] | None = None


def read_inputs(settings: CalibrateSettings) -> Inputs:
    """Read the table, the doses and the choice of models.

    Raises
    ------
    InputError
        As the readers, or options that do not go together.
    """
    if settings.table.suffix.lower() in (".yaml", ".yml"):
        return _of_problem(settings)
    volumes = is_volume_table(settings.table)
    if volumes:
        _hold_no_fractions(settings)
    if volumes and not _species_is_known(settings):
        raise InputError(
            f"{settings.table.name} does not say whose volumes it holds; give --species human or --species mouse."
        )
    chosen, told = _models(settings, "mouse" if volumes else "human"), None
    if volumes:
        subjects = _animals(settings, chosen[0])
    else:
        subjects, told = read_patients(settings, chosen)
        chosen = [told.model] if told else chosen
    chosen = [model_given(model, [subject.schedule for subject in subjects]) for model in chosen]
    if (settings.pooled or settings.hierarchical) and len(subjects) == 1:
        way = "--pooled" if settings.pooled else "--hierarchical"
        raise InputError(f"{_what(settings)} one subject, so there is nothing to pool; leave out {way}.")
    chosen, subjects = tie(settings, chosen, subjects)
    fixed = named_numbers("--fix", settings.fix, "K=5")
    for model in chosen:
        _know(model, settings)
    for subject in subjects:
        if settings.horizon is not None and subject.measurements:
            check_span(subject.measurements[0].day, settings.horizon)
    reasons = {model.name: _reason(model, subjects) for model in chosen}
    usable = [model for model in chosen if not reasons[model.name]] or chosen[:1]
    left_out = [f"{name} is left out: {reason}." for name, reason in reasons.items() if reason]
    found = Inputs(
        tuple(subjects),
        tuple(usable),
        tuple(left_out),
        words(settings.free),
        fixed,
        notes=tuple(said_of_ties(settings, subjects)),
    )
    if told is None:
        return found
    return replace(found, doses=tuple(_dose_lines(found.subjects, told)), exposures=told.exposures)


def _of_problem(settings: CalibrateSettings) -> Inputs:
    """A problem of PEtab, which brings model, doses, priors and noise."""
    names = ("schedule", "subject", "species", "models", "family", "free", "fix", "covariate", "noise_scale")
    given = [name for name in (*names, "heavy_tails") if getattr(settings, name)]
    given += ["noise"] if settings.noise == CHOOSE else []
    if given:
        raise InputError(
            f"A problem of PEtab says itself what --{given[0].replace('_', '-')} would; change its tables instead."
        )
    problem = read_petab(settings.table)
    _know(problem.model, settings)
    several = len(problem.subjects) > 1
    foreign = () if models.has(problem.model.name) else (NOT_KEPT,)
    return Inputs(
        problem.subjects,
        (problem.model,),
        (),
        list(problem.free),
        problem.fixed,
        notes=(*problem.warnings, *foreign),
        noise=problem.noise,
        own=problem.own if several else None,
    )


def _dose_lines(subjects: Sequence[Subject], told: Prescription) -> Iterator[str]:
    for subject, schedule in zip(subjects, told.schedules, strict=True):
        whose = f"{subject.name}: " if len(subjects) > 1 else ""
        yield from (f"{whose}{dose.drug} on day {dose.day:g}: {dose.said}" for dose in schedule.prescribed)


def _animals(settings: CalibrateSettings, model: Model) -> list[Subject]:
    """The animals of a volume table, or the one that is named."""
    subjects = read_volumes(settings.table, settings.schedule, model)
    if settings.subject is None:
        return subjects
    wanted = chosen_subject(settings.subject, [subject.name for subject in subjects], settings.table.name)
    return [subject for subject in subjects if subject.name == wanted]


def _what(settings: CalibrateSettings) -> str:
    return f"{settings.table.name} holds" if settings.subject is None else "--subject names"


def _species_is_known(settings: CalibrateSettings) -> bool:
    """Whether the options, a model's file or the volume table itself tell the species."""
    from_file = settings.model.lower().endswith(".json") and not (settings.family or settings.models)
    of_animals = {"animal", "group", "volume_mm3"} & set(header_of(settings.table))
    return bool(settings.species or from_file or of_animals)


def _hold_no_fractions(settings: CalibrateSettings) -> None:
    """Refuse a measurement table whose visits have no names, as more than its volumes would be lost."""
    fractions = [name for name in header_of(settings.table) if name in measurements.MODEL_COLUMNS[1:]]
    if fractions:
        raise InputError(
            f"{settings.table.name} holds {fractions[0]} but the column 'visit' is missing; name each visit in it."
        )


def _reason(model: Model, subjects: Sequence[Subject]) -> str | None:
    """Why a model cannot be fitted: it integrates a drug that was given before the first visit."""
    integrated, columns = {drug.name for drug in model.drugs if drug.state}, set(model.observables.values())
    for subject in subjects if integrated else ():
        first = min((visit.day for visit in subject.measurements if columns & set(visit.values)), default=0.0)
        for dose in subject.schedule.for_model(model).doses:
            if dose.drug in integrated and dose.day < first:
                return f"it integrates {dose.drug}, given on day {dose.day:g} before the first visit of {subject.name}"
    return None


def _know(model: Model, settings: CalibrateSettings) -> None:
    """Refuse names that the model does not have before anything is fitted."""
    for name in settings.profile:
        if name != "all":
            model.parameter(name)
    names = [state.name for state in model.states]
    if settings.sobol is not None and settings.sobol_state not in names:
        raise InputError(f"--sobol-state {settings.sobol_state}: {model.name} has the states {', '.join(names)}.")


def _models(settings: CalibrateSettings, otherwise: str) -> list[Model]:
    names = list(models.family(settings.family)) if settings.family else words(settings.models)
    if names is None:
        names = [settings.model]
    if not names:
        raise InputError("--models names no model; give some with commas between them.")
    return [model_of(name, settings.species, otherwise) for name in dict.fromkeys(names)]

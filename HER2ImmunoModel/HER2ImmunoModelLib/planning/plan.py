"""From measurements and doses given to a ranking of what to give next: what panel, command and study call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import Provenance

from .. import models
from ..calibration.one_subject import calibrate
from ..calibration.result import Bands, Calibration
from ..calibration.watching import Watch
from ..models.covariates import with_covariates
from ..models.given_drug import with_drug
from ..models.model import Model, targeted_and_cytotoxic
from ..treatments.candidates import order_gap_split
from ..treatments.constraints import Constraint
from ..treatments.schedule import Schedule, standard_candidates
from .clinical_candidates import ClinicalCandidates
from .gap_curves import GAP_DAYS, GapCurve, gap_curve, widest_gaps
from .noise_choice import with_chosen_noise
from .penalties import Penalties
from .plan_settings import CHOOSE, PlanSettings, with_days
from .ranking import Ranking, rank_schedules
from .regimens_compared import Comparison

STEP_DAY = 0.5
NOT_OF_COHORT = (
    "The inputs have changed since all subjects were calibrated together; calibrate them again under Several subjects, "
    "or untick there to calibrate this one alone."
)
WEIGHED = 0.4
"""Share of the work that weighing kinds of noise is, where draws come after it."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What the model says of a subject.

    Attributes
    ----------
    settings : PlanSettings
        With the days that were chosen.
    calibration : Calibration
    bands : Bands
        Forecast from the first visit to the horizon if nothing more is given.
    ranking : Ranking
    gap : GapCurve or None
        None for a model without both drugs, where the horizon is too near, or where regimens are compared.
    provenance : Provenance
    brought : ClinicalCandidates or None
        Regimens as the calibration takes them, where such were compared.
    """

    settings: PlanSettings
    calibration: Calibration
    bands: Bands
    ranking: Ranking
    gap: GapCurve | None
    provenance: Provenance
    brought: ClinicalCandidates | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """Each warning once, in order."""
        doses = () if self.brought is None else self.brought.warnings
        return tuple(dict.fromkeys((*self.calibration.warnings, *self.ranking.warnings, *doses)))


def make_plan(
    measurements: Sequence[Measurement],
    settings: PlanSettings | None = None,
    *,
    given: Schedule | None = None,
    candidates: Sequence[Schedule] | None = None,
    constraints: Sequence[Constraint] = (),
    calibration: Calibration | None = None,
    model: Model | None = None,
    penalties: Penalties | None = None,
    comparison: Comparison | None = None,
    report: Report | None = None,
) -> Plan:
    """Calibrate the model and rank schedules.

    Parameters
    ----------
    measurements : sequence of Measurement
    settings : PlanSettings, optional
    given : Schedule, optional
        Doses given so far.
    candidates : sequence of Schedule, optional
        Those the settings name if None.
    constraints : sequence of Constraint
    calibration : Calibration, optional
        One of these measurements, doses and settings, to rank with; made if None.
    model : Model, optional
        That of the settings with other kinds of exposure, such as those of doses in units of the clinic.
    penalties : Penalties, optional
        As `rank_schedules`; without weights, burdens of few candidates only are shown.
    comparison : Comparison, optional
        Regimens, which are ranked in place of candidates.
    report : Report, optional

    Raises
    ------
    InputError
        As `calibrate` and `rank_schedules`.
    Cancelled
        From `report`.
    """
    settings = settings or PlanSettings()
    if settings.candidates == "regimens" and comparison is None and candidates is None:
        raise InputError("There are no regimens to compare; give a comparison, or choose other candidates.")
    given = given or Schedule()
    known = 0.8 if settings.method == "mcmc" and calibration is None else 0.3
    if calibration is None:
        calibration = calibrate_as(settings, measurements, given, part(report, 0.0, known), model)
    model, rest = calibration.model, part(report, known, 1.0)
    if comparison is not None:
        settings = comparison.with_horizon(settings, calibration.last_day)
    settings = with_days(settings, calibration.last_day)
    days = np.arange(calibration.first_day, settings.horizon_day + STEP_DAY / 2, STEP_DAY)
    bands = calibration.predict(days, n=settings.draws, report=part(rest, 0.0, 0.1))
    judged = {
        "objective": settings.objective,
        "level_cm3": settings.level_cm3,
        "start_day": settings.start_day,
        "horizon_day": settings.horizon_day,
        "draws": settings.draws,
        "seed": settings.seed,
    }
    shared = {"constraints": constraints, "judged": judged, "report": part(rest, 0.1, 1.0)}
    if comparison is None:
        candidates, brought = candidates_of(settings, model) if candidates is None else candidates, None
        ranking, gap = _ranked(calibration, candidates, settings, penalties=penalties, **shared)
    else:
        brought, gap = comparison.brought(calibration, settings.seed), None
        candidates = brought.schedules
        ranking = _ranked_regimens(comparison, brought, penalties=penalties, **shared)
    tell(report, 1.0, "Schedules ranked")
    provenance = Provenance(
        module="HER2ImmunoModel",
        settings=settings.to_dict(),
        inputs={
            "measurements": measurements,
            "given": given.doses,
            "candidates": candidates,
            "constraints": constraints,
        },
        formulas=(model.reference,),
        warnings=tuple(dict.fromkeys((*calibration.warnings, *ranking.warnings))),
    )
    return Plan(settings, calibration, bands, ranking, gap, provenance, brought)


def calibrate_as(
    settings: PlanSettings,
    measurements: Sequence[Measurement],
    given: Schedule,
    report: Report | None = None,
    model: Model | None = None,
    watch: Watch | None = None,
) -> Calibration:
    """Calibrate as the settings say, with their noise or the one that is chosen; arguments as `make_plan`.

    Raises
    ------
    InputError
        As `calibrate`; settings that take the calibration from that of several subjects, which is not made here.
    """
    if settings.cohort:
        raise InputError(NOT_OF_COHORT)
    model = followed_model(settings, measurements, model)
    if settings.noise == CHOOSE:
        settings, weighed = with_chosen_noise(settings, measurements, given, model, part(report, 0.0, WEIGHED))
        if settings.method == "map":
            return weighed[0].fit
        report = part(report, WEIGHED, 1.0)
    return calibrate(model, measurements, schedule=given, report=report, watch=watch, **settings.of_calibration())


def followed_model(settings: PlanSettings, measurements: Sequence[Measurement], model: Model | None = None) -> Model:
    """The model of the settings, or one with other kinds of exposure, its chosen parameters following an image.

    Raises
    ------
    InputError
        As `with_covariates`.
    """
    if model is None:
        model = models.get(settings.model, settings.species)
        model = with_drug(model, settings.drug) if settings.drug else model
    return with_covariates(model, "covariates", settings.covariates, measurements)


def drug_pair(model: Model) -> tuple[str, str]:
    """Names of the targeted and the cytotoxic drug of a model, whose schedules are compared.

    Raises
    ------
    InputError
        A model without one of them.
    """
    targeted, cytotoxic = targeted_and_cytotoxic(model.drugs)
    if targeted is None or cytotoxic is None:
        raise InputError(f"{model.title}: no treatment to compare; choose a model with trastuzumab and chemotherapy.")
    return targeted, cytotoxic


def candidates_of(settings: PlanSettings, model: Model) -> list[Schedule]:
    """The schedules that settings with their days compare, the standard ones first; these alone beside regimens."""
    drugs, start = drug_pair(model), settings.start_day
    standard = standard_candidates(
        drugs, start_day=start, interval_day=settings.interval_day, doses=settings.doses, dose=settings.dose
    )
    if settings.candidates != "order_gap_split":
        return standard
    total = settings.doses * settings.dose
    known = {frozenset(schedule.doses) for schedule in standard}
    every = order_gap_split(
        drugs,
        gaps=range(-GAP_DAYS, GAP_DAYS + 1),
        splits=settings.splits,
        intervals=settings.intervals,
        total=(total, total),
        start_day=start,
    )
    return standard + [schedule for schedule in every if frozenset(schedule.doses) not in known]


def _ranked(
    calibration: Calibration,
    candidates: Sequence[Schedule],
    settings: PlanSettings,
    *,
    constraints: Sequence[Constraint],
    penalties: Penalties | None,
    judged: Mapping[str, object],
    report: Report | None,
) -> tuple[Ranking, GapCurve | None]:
    burdens = None if penalties is None else penalties.wanted(len(candidates))
    shared, half = {"constraints": constraints, **judged}, part(report, 0.0, 0.6)
    ranking = rank_schedules(calibration, candidates, penalties=burdens, report=half, **shared)
    return ranking, _gap(settings, calibration, constraints, judged, part(report, 0.6, 1.0))


def _ranked_regimens(
    comparison: Comparison,
    brought: ClinicalCandidates,
    *,
    constraints: Sequence[Constraint],
    penalties: Penalties | None,
    judged: Mapping[str, object],
    report: Report | None,
) -> Ranking:
    """A ranking that says as well what could not be compared."""
    burdens = None if penalties is None else penalties.wanted(len(brought.schedules))
    ranking = rank_schedules(
        brought.calibration,
        brought.schedules,
        constraints=constraints,
        penalties=burdens,
        half_given=True,
        report=report,
        **judged,
    )
    left_out = tuple((Schedule((), name), reason) for name, reason in comparison.left_out)
    return replace(ranking, excluded=(*ranking.excluded, *left_out))


def _gap(
    settings: PlanSettings,
    calibration: Calibration,
    constraints: Sequence[Constraint],
    judged: Mapping[str, object],
    report: Report | None,
) -> GapCurve | None:
    offsets = settings.interval_day * np.arange(settings.doses)
    gaps = widest_gaps(settings.start_day, settings.horizon_day, offsets)
    targeted, cytotoxic = targeted_and_cytotoxic(calibration.model.drugs)
    if not gaps or targeted is None or cytotoxic is None:
        return None
    doses = {"offsets": tuple(offsets), "dose": settings.dose, "constraints": constraints}
    return gap_curve(calibration, gaps, targeted=targeted, cytotoxic=cytotoxic, report=report, **doses, **judged)

"""From measurements and doses given to a ranking of what to give next: what panel, command and study call."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.limits import LONGEST_DAYS, MOST, checked
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import Provenance
from HER2ImmunoCommonLib.settings import from_plain, to_plain

from .. import models
from ..calibration.one_subject import METHODS, calibrate
from ..calibration.result import Bands, Calibration
from ..models.model import Model, targeted_and_cytotoxic
from ..treatments.candidates import order_gap_split
from ..treatments.constraints import Constraint
from ..treatments.schedule import Schedule, standard_candidates
from . import objectives
from .courses import HORIZON_DAYS
from .gap_curves import GAP_DAYS, GapCurve, gap_curve, widest_gaps
from .penalties import Penalties
from .ranking import Ranking, rank_schedules

STEP_DAY = 0.5
CANDIDATES = ("standard", "order_gap_split")
MOST_FULL_DOSES = 10.0
"""Largest dose of a plan; larger numbers are in mg or mg/kg."""


@dataclass(frozen=True)
class PlanSettings:
    """Every choice that changes a calibration or a ranking; impossible ones raise `InputError` when made.

    Attributes
    ----------
    model, species : str
    objective : str
        What schedules are judged by (`objectives.names()`).
    level_cm3 : float or None
        Level of `probability_below`.
    start_day : float or None
        First day of the candidates; the last visit if None.
    horizon_day : float or None
        Day up to which they are judged; 42 days after the start if None.
    interval_day : float
        Days between the doses of a drug.
    doses : int
        Doses of each drug.
    dose : float
        Size of each dose (1 is the full dose).
    draws, seed : int
        Posterior draws and the seed of the random numbers.
    method : str
        Of the calibration: "map" or "mcmc".
    most_steps : int
        Steps of the sampler at most.
    noise_scale : bool
        Estimate one factor on all standard deviations of the measurements.
    candidates : str
        "standard": the standard six (`standard_candidates`); "order_gap_split": also every order, gap and split of the
        same totals (`order_gap_split`).
    splits : tuple of int
        Into how many doses each total is divided, for "order_gap_split".
    intervals : tuple of float
        Days between the doses of a drug, for "order_gap_split".
    """

    model: str = "tivnh_treated"
    species: str = "human"
    objective: str = "volume_at_horizon"
    level_cm3: float | None = None
    start_day: float | None = None
    horizon_day: float | None = None
    interval_day: float = 4.0
    doses: int = 2
    dose: float = 1.0
    draws: int = 500
    seed: int = 0
    method: str = "map"
    most_steps: int = 5000
    noise_scale: bool = False
    candidates: str = "standard"
    splits: tuple[int, ...] = (1, 2, 4)
    intervals: tuple[float, ...] = (1.0, 4.0, 7.0)

    def __post_init__(self):
        models.get(self.model, self.species)
        objectives.get(self.objective, level_cm3=self.level_cm3)
        for name, known in (("method", METHODS), ("candidates", CANDIDATES)):
            if getattr(self, name) not in known:
                raise InputError(f"{name} is {getattr(self, name)!r}; choose {' or '.join(known)}.")
        for name in ("doses", "draws", "most_steps"):
            if isinstance(value := getattr(self, name), int) and value > MOST[name]:
                checked(name, value, MOST[name])
        if isinstance(self.dose, (int, float)) and self.dose > MOST_FULL_DOSES:
            raise InputError(f"dose is {self.dose:g} full doses, more than {MOST_FULL_DOSES:g}; 1 is a full dose.")
        least_of = {"interval_day": 0.0, "doses": 1, "dose": 0.0, "draws": 10, "seed": 0, "most_steps": 100}
        for name, least in least_of.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value < math.inf:
                raise InputError(f"{name} is {value!r}; give a number of {least:g} or more.")

    def of_calibration(self) -> dict[str, object]:
        """Arguments of `calibrate`, apart from model and data."""
        sampler = {"most_steps": self.most_steps} if self.method == "mcmc" else {}
        return {"method": self.method, "seed": self.seed, "noise_scale": self.noise_scale, **sampler}

    def to_dict(self) -> dict[str, object]:
        """Plain values; `from_dict` gives the same settings back."""
        return to_plain(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> PlanSettings:
        """Settings from plain values; what is absent keeps its default.

        Raises
        ------
        InputError
            For an unknown name or an impossible value.
        """
        return from_plain(cls, values, "model")


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
        None for a model without both drugs, or where the horizon is too near.
    provenance : Provenance
    """

    settings: PlanSettings
    calibration: Calibration
    bands: Bands
    ranking: Ranking
    gap: GapCurve | None
    provenance: Provenance

    @property
    def warnings(self) -> tuple[str, ...]:
        """Each warning once, in order."""
        return tuple(dict.fromkeys((*self.calibration.warnings, *self.ranking.warnings)))


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
    report : Report, optional

    Raises
    ------
    InputError
        As `calibrate` and `rank_schedules`.
    Cancelled
        From `report`.
    """
    settings = settings or PlanSettings()
    given = given or Schedule()
    known = 0.8 if settings.method == "mcmc" and calibration is None else 0.3
    if calibration is None:
        calibration = calibrate_as(settings, measurements, given, part(report, 0.0, known), model)
    model, rest = calibration.model, part(report, known, 1.0)
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
    candidates = candidates_of(settings, model) if candidates is None else candidates
    burdens = None if penalties is None else penalties.wanted(len(candidates))
    ranking = rank_schedules(
        calibration, candidates, constraints=constraints, penalties=burdens, report=part(rest, 0.1, 0.6), **judged
    )
    gap = _gap(settings, calibration, constraints, judged, part(rest, 0.6, 1.0))
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
    return Plan(settings, calibration, bands, ranking, gap, provenance)


def calibrate_as(
    settings: PlanSettings,
    measurements: Sequence[Measurement],
    given: Schedule,
    report: Report | None = None,
    model: Model | None = None,
) -> Calibration:
    """Calibrate with the model, species, method and seed of the settings; arguments and errors as `make_plan`."""
    model = models.get(settings.model, settings.species) if model is None else model
    return calibrate(model, measurements, schedule=given, report=report, **settings.of_calibration())


def with_days(settings: PlanSettings, last_day: float) -> PlanSettings:
    """The settings with their start and horizon, where the last visit is on `last_day`."""
    start = last_day if settings.start_day is None else settings.start_day
    horizon = start + HORIZON_DAYS if settings.horizon_day is None else settings.horizon_day
    if not horizon > max(start, last_day):
        raise InputError(
            f"The horizon (day {horizon:g}) is not after the last visit (day {last_day:g}) and the start "
            f"(day {start:g}); choose a later day."
        )
    if not horizon - min(start, last_day) <= LONGEST_DAYS:
        raise InputError(f"The horizon (day {horizon:g}) is more than ten years ahead; choose an earlier day.")
    return replace(settings, start_day=start, horizon_day=horizon)


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
    """The schedules that settings with their days compare, the standard ones first."""
    drugs, start = drug_pair(model), settings.start_day
    standard = standard_candidates(
        drugs, start_day=start, interval_day=settings.interval_day, doses=settings.doses, dose=settings.dose
    )
    if settings.candidates == "standard":
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

"""From measurements and doses given to a ranking of what to give next: what panel, command and study call."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import Provenance
from HER2ImmunoCommonLib.settings import from_plain, to_plain

from HER2ImmunoModelLib import models, objectives
from HER2ImmunoModelLib.calibration import calibrate
from HER2ImmunoModelLib.calibration_result import Bands, Calibration
from HER2ImmunoModelLib.constraints import Constraint
from HER2ImmunoModelLib.courses import HORIZON_DAYS
from HER2ImmunoModelLib.gap_curves import GapCurve, gap_curve
from HER2ImmunoModelLib.ranking import Ranking, rank_schedules
from HER2ImmunoModelLib.schedule import Schedule, standard_candidates

STEP_DAY = 0.5
GAP_DAYS = 14


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

    def __post_init__(self):
        models.get(self.model, self.species)
        objectives.get(self.objective, level_cm3=self.level_cm3)
        for name, least in (("interval_day", 0.0), ("doses", 1), ("dose", 0.0), ("draws", 10), ("seed", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value < math.inf:
                raise InputError(f"{name} is {value!r}; give a number of {least:g} or more.")

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
        The standard six (`standard_candidates`) if None.
    constraints : sequence of Constraint
    report : Report, optional

    Raises
    ------
    InputError
        As `calibrate` and `rank_schedules`.
    Cancelled
        From `report`.
    """
    settings = settings or PlanSettings()
    model = models.get(settings.model, settings.species)
    given = given or Schedule()
    calibration = calibrate(model, measurements, schedule=given, seed=settings.seed, report=part(report, 0.0, 0.3))
    settings = _with_days(settings, calibration)
    days = np.arange(calibration.first_day, settings.horizon_day + STEP_DAY / 2, STEP_DAY)
    bands = calibration.predict(days, n=settings.draws, report=part(report, 0.3, 0.4))
    judged = {
        "objective": settings.objective,
        "level_cm3": settings.level_cm3,
        "start_day": settings.start_day,
        "horizon_day": settings.horizon_day,
        "draws": settings.draws,
        "seed": settings.seed,
    }
    candidates = _standard(settings) if candidates is None else candidates
    ranking = rank_schedules(calibration, candidates, constraints=constraints, report=part(report, 0.4, 0.6), **judged)
    gap = _gap(settings, model, calibration, judged, part(report, 0.6, 1.0))
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


def _with_days(settings: PlanSettings, calibration: Calibration) -> PlanSettings:
    start = calibration.last_day if settings.start_day is None else settings.start_day
    horizon = start + HORIZON_DAYS if settings.horizon_day is None else settings.horizon_day
    if not horizon > max(start, calibration.last_day):
        raise InputError(
            f"The horizon (day {horizon:g}) is not after the last visit (day {calibration.last_day:g}) and the start "
            f"(day {start:g}); choose a later day."
        )
    return replace(settings, start_day=start, horizon_day=horizon)


def _standard(settings: PlanSettings) -> list[Schedule]:
    return standard_candidates(
        start_day=settings.start_day, interval_day=settings.interval_day, doses=settings.doses, dose=settings.dose
    )


def _gap(settings: PlanSettings, model, calibration: Calibration, judged, report: Report | None) -> GapCurve | None:
    offsets = settings.interval_day * np.arange(settings.doses)
    widest = min(GAP_DAYS, math.floor(settings.horizon_day - settings.start_day - offsets[-1]))
    if widest < 1 or not {"trastuzumab", "cytotoxic"} <= {drug.name for drug in model.drugs}:
        return None
    gaps = range(-widest, widest + 1)
    return gap_curve(calibration, tuple(gaps), offsets=tuple(offsets), dose=settings.dose, report=report, **judged)

"""The choices that change a calibration or a ranking."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.limits import LONGEST_DAYS, MOST, checked
from HER2ImmunoCommonLib.settings import from_plain, named_numbers, to_plain

from .. import models
from ..calibration.noise_kinds import KINDS, STATED
from ..calibration.one_subject import METHODS
from ..models.covariates import tied
from . import objectives
from .courses import HORIZON_DAYS

CHOOSE = "choose"
"""Noise whose kind the data choose."""
CANDIDATES = ("regimens", "standard", "order_gap_split")
MOST_FULL_DOSES = 10.0
"""Largest dose of a plan; larger numbers are in mg or mg/kg."""


@dataclass(frozen=True)
class PlanSettings:
    """Every choice that changes a calibration or a ranking; impossible ones raise `InputError` when made.

    Attributes
    ----------
    model, species : str
    drug : str
        Which drug a model of any one drug is given (`with_drug`); that of the doses if empty.
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
    noise : str
        How volumes scatter, one of `noise_kinds.KINDS`, or `CHOOSE` (`with_chosen_noise`).
    heavy_tails : bool
        Whether outliers weigh little.
    fixed : tuple of str
        Parameters held at a value, as `K=5`.
    covariates : tuple of str
        Parameters that follow an image, as `phi=suv_mean@baseline`; without a visit the first that has the column.
    cohort : str
        The calibration of several subjects that this one's is taken from; empty where it is calibrated alone.
    candidates : str
        "regimens": those of a `Comparison`; "standard": the standard six (`standard_candidates`); "order_gap_split":
        also every order, gap and split of the same totals (`order_gap_split`).
    splits : tuple of int
        Into how many doses each total is divided, for "order_gap_split".
    intervals : tuple of float
        Days between the doses of a drug, for "order_gap_split".
    """

    model: str = "tivnh_treated"
    species: str = "human"
    drug: str = ""
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
    noise: str = STATED
    heavy_tails: bool = False
    fixed: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    cohort: str = ""
    candidates: str = "standard"
    splits: tuple[int, ...] = (1, 2, 4)
    intervals: tuple[float, ...] = (1.0, 4.0, 7.0)

    def __post_init__(self):
        models.get(self.model, self.species)
        objectives.get(self.objective, level_cm3=self.level_cm3)
        for name, known in (("method", METHODS), ("noise", (*KINDS, CHOOSE)), ("candidates", CANDIDATES)):
            if getattr(self, name) not in known:
                raise InputError(f"{name} is {getattr(self, name)!r}; choose {' or '.join(known)}.")
        for name in ("doses", "draws", "most_steps"):
            if isinstance(value := getattr(self, name), int) and value > MOST[name]:
                checked(name, value, MOST[name])
        if isinstance(self.dose, (int, float)) and self.dose > MOST_FULL_DOSES:
            raise InputError(f"dose is {self.dose:g} full doses, more than {MOST_FULL_DOSES:g}; 1 is a full dose.")
        named_numbers("fixed", self.fixed, "K=5")
        for text in self.covariates:
            tied("covariates", text)
        least_of = {"interval_day": 0.0, "doses": 1, "dose": 0.0, "draws": 10, "seed": 0, "most_steps": 100}
        for name, least in least_of.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value < math.inf:
                raise InputError(f"{name} is {value!r}; give a number of {least:g} or more.")

    def of_calibration(self) -> dict[str, object]:
        """Arguments of `calibrate`, apart from model and data; a kind of noise must be chosen before."""
        sampler = {"most_steps": self.most_steps} if self.method == "mcmc" else {}
        fixed = {"fixed": named_numbers("fixed", self.fixed, "K=5")} if self.fixed else {}
        scatter = {"noise_scale": self.noise_scale, "noise": self.noise, "heavy_tails": self.heavy_tails}
        return {"method": self.method, "seed": self.seed, **scatter, **fixed, **sampler}

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

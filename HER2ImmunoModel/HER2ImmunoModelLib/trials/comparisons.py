"""What virtual trials predict: differences within trials, each beside the published one with its pass criterion."""

from __future__ import annotations

import math
from dataclasses import dataclass

from HER2ImmunoCommonLib.errors import InputError

from ..drugs.drug import DERIVED, PAPER, Basis
from .arms import CALIBRATE, TrialArm, find_arm
from .endpoints import check_comparable

Z95 = 1.96
WITHIN, WITHIN_CHECKPOINT = 8.0, 3.0
"""Points of pCR that a predicted difference may be off the published one; 3 for the checkpoint inhibitor without AC."""


@dataclass(frozen=True)
class Comparison:
    """The difference of two arms of one trial.

    Attributes
    ----------
    first, second : TrialArm
        The difference is the first minus the second.
    within : float
        Points that the prediction may be off.
    interval : (float, float) or None
        Published 95 % interval; from the patients of both arms where there is none.
    reported : float or None
        Published difference, points, where it is not that of the arms' rates, such as a stratified one.
    target : float or None
        Difference that a prediction is held to instead of the published one.

    Raises
    ------
    InputError
        Arms of different trials or definitions of pCR.
    """

    first: TrialArm
    second: TrialArm
    within: float = WITHIN
    interval: tuple[float, float] | None = None
    reported: float | None = None
    target: float | None = None

    def __post_init__(self):
        check_comparable(self.first.definition, self.second.definition)
        if self.first.trial != self.second.trial:
            raise InputError(
                f"{self.first.label} and {self.second.label} are of two trials, whose levels differ; compare arms of "
                "one trial."
            )

    @property
    def label(self) -> str:
        """Trial, first and second arm."""
        return f"{self.first.trial}: {self.first.name} against {self.second.name}"

    @property
    def published(self) -> float:
        """Published difference, points of pCR."""
        if self.reported is not None:
            return self.reported
        return self.first.pcr_percent - self.second.pcr_percent

    @property
    def aim(self) -> float:
        """What the prediction is held to, points."""
        return self.published if self.target is None else self.target

    @property
    def is_fitted(self) -> bool:
        """Whether one of its arms was fitted, so that only the other one is predicted."""
        return CALIBRATE in (self.first.use, self.second.use)

    @property
    def published_interval(self) -> tuple[float, float] | None:
        """95 % interval; None where the patients of an arm are not known."""
        if self.interval is not None:
            return self.interval
        if self.first.patients is None or self.second.patients is None:
            return None
        shares = [(arm.pcr_percent / 100.0, arm.patients) for arm in (self.first, self.second)]
        half = 100.0 * Z95 * math.sqrt(sum(share * (1.0 - share) / patients for share, patients in shares))
        return self.published - half, self.published + half

    @property
    def interval_basis(self) -> Basis:
        """Whether the interval is the paper's or computed from the patients."""
        return Basis(PAPER, self.first.source) if self.interval is not None else Basis(DERIVED, "normal, two shares")

    @property
    def needs_sign(self) -> bool:
        """Whether the published interval excludes 0, so that the sign must be right."""
        interval = self.published_interval
        return interval is not None and (interval[0] > 0 or interval[1] < 0)


@dataclass(frozen=True)
class Prediction:
    """A predicted difference and whether it passes.

    Attributes
    ----------
    comparison : Comparison
    difference : float
        Points of pCR at the default v0.
    lower, upper : float
        Band: the range over v0 and v0 times and over 10, wider by twice its standard error.
    log_reduction : (float, float)
        Median ln(volume at entry / at surgery) of the first and the second arm.
    pcr_percent : (float, float)
        Simulated, of the first and the second arm.
    """

    comparison: Comparison
    difference: float
    lower: float
    upper: float
    log_reduction: tuple[float, float]
    pcr_percent: tuple[float, float]

    @property
    def is_close(self) -> bool:
        """Whether the difference is within the points it may be off."""
        return abs(self.difference - self.comparison.aim) <= self.comparison.within

    @property
    def has_sign(self) -> bool:
        """Whether the sign is right, or need not be."""
        return not self.comparison.needs_sign or self.difference * self.comparison.published > 0

    @property
    def passes(self) -> bool:
        """Whether it passes every criterion."""
        return self.is_close and self.has_sign


def _of(trial: str, first: str, second: str, **more) -> Comparison:
    return Comparison(find_arm(trial, first), find_arm(trial, second), **more)


COMPARISONS: tuple[Comparison, ...] = (
    _of("IMpassion050", "atezolizumab", "placebo", within=WITHIN_CHECKPOINT, interval=(-9.2, 8.6)),
    _of("APTneo", "HPCT + atezolizumab", "HPCT", within=WITHIN_CHECKPOINT),
    _of("APTneo", "AC + atezolizumab, HPCT", "HPCT"),
    _of("DESTINY-Breast11", "T-DXd-THP", "ddAC-THP", interval=(4.0, 18.3), reported=11.2),
    _of("TRAIN-2", "no anthracycline", "FEC first"),
    _of("TRYPHAENA", "A", "B", target=0.0),
    _of("TRYPHAENA", "C", "B", target=0.0),
    _of("TRYPHAENA", "C", "A", target=0.0),
    _of("KRISTINE", "T-DM1 + P", "TCHP"),
)
"""Section 5's predictions; those of TRYPHAENA are to be within 8 points of each other."""

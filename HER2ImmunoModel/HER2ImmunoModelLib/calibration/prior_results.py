"""What a prior says before any data, as numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..models.model import Model
from ..treatments.schedule import Schedule


@dataclass(frozen=True)
class PriorNumber:
    """One measured number among what the prior says of it.

    Attributes
    ----------
    subject, visit, column : str
    day, measured : float
    below : float
        Share of the draws, with the noise of the measurement, that lies below it.
    first : bool
        Whether it is of the visit at which the simulation starts.
    """

    subject: str
    visit: str
    day: float
    column: str
    measured: float
    below: float
    first: bool

    @property
    def outside(self) -> bool:
        """Whether it lies outside the 90 % band."""
        return not 0.05 <= self.below <= 0.95

    @property
    def tail(self) -> float:
        """Share of the draws as far out as it, on its side."""
        return min(self.below, 1.0 - self.below)


@dataclass(frozen=True)
class PriorArm:
    """What the prior says of subjects with the same doses and the same first day.

    Attributes
    ----------
    name : str
        Group or subject; empty where there is one arm.
    subjects : tuple of str
    schedule : Schedule
    day : array (days,)
    bands : dict of str to array (5, days)
        Quantiles `SHARES` (5, 25, 50, 75, 95 %) of each state over the draws that could be followed.
    exploded, failed : float
        Shares of the draws whose volume passes what no tumour has, and that could not be simulated.
    doubling_day : array (5,) or None
        Quantiles of the doubling time at the start without treatment, infinite for a tumour that shrinks; None for a
        model without a volume.
    from_parameter : tuple of (str, float)
        Parameters by the share of the variance of the logarithm of the volume on the last day that each tells alone.
    numbers : tuple of PriorNumber
    """

    name: str
    subjects: tuple[str, ...]
    schedule: Schedule
    day: np.ndarray
    bands: dict[str, np.ndarray]
    exploded: float
    failed: float
    doubling_day: np.ndarray | None
    from_parameter: tuple[tuple[str, float], ...]
    numbers: tuple[PriorNumber, ...]


@dataclass(frozen=True)
class PriorPredictive:
    """What a prior says before any data, for each arm.

    Attributes
    ----------
    model : Model
    draws : int
    arms : tuple of PriorArm
    from_first_visit : bool
        Whether initial states are those that the first visits measured, instead of their priors.
    warnings : tuple of str
    """

    model: Model
    draws: int
    arms: tuple[PriorArm, ...]
    from_first_visit: bool
    warnings: tuple[str, ...]

    @property
    def numbers(self) -> tuple[PriorNumber, ...]:
        """The measured numbers of all arms."""
        return tuple(number for arm in self.arms for number in arm.numbers)

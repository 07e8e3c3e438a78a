"""An arm of a trial simulated: the volume of every virtual patient at surgery, and the pCR that follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from ..simulation.batch import simulate_schedules
from .arms import TrialArm
from .endpoints import check_comparable
from .virtual_model import schedule_of, virtual_model
from .virtual_population import Response, VirtualPopulation

SURGERY_DAYS = 28.0
"""From the last dose to surgery (assumed)."""
CLEARED_CM3 = 1e-3
"""v0: volume of about a million cells, at which the chance of a pCR is 1/e (assumed)."""
TOLERANCE = 1e-3
"""Relative tolerance of the courses; pCR changes by less than 0.001 % of a point below it."""


@dataclass(frozen=True, eq=False)
class ArmResult:
    """A simulated arm.

    Attributes
    ----------
    arm : TrialArm
    chance : array (subjects,)
        Of a pCR, `exp(-volume at surgery / v0)`; NaN for a course that failed.
    log_reduction : float
        Median over the subjects of ln(volume at entry / at surgery).
    surgery_day : float
    """

    arm: TrialArm
    chance: np.ndarray
    log_reduction: float
    surgery_day: float

    @property
    def pcr_percent(self) -> float:
        """Mean over the subjects."""
        return float(100.0 * np.nanmean(self.chance))

    @property
    def failed(self) -> int:
        """Subjects whose course could not be simulated."""
        return int(np.isnan(self.chance).sum())


def simulate_arm(
    arm: TrialArm, response: Response, population: VirtualPopulation, cleared_cm3: float = CLEARED_CM3
) -> ArmResult:
    """The subjects of a population under an arm.

    Parameters
    ----------
    arm : TrialArm
        With a regimen.
    response : Response
    population : VirtualPopulation
    cleared_cm3 : float
        v0.

    Raises
    ------
    InputError
        An arm whose doses are not known, a volume that is not above 0.
    """
    if not arm.regimen:
        raise InputError(f"The doses of {arm.label} are not known here; choose an arm that names a regimen.")
    if not cleared_cm3 > 0:
        raise InputError(f"The volume that counts as cleared is {cleared_cm3:g} cm3; give one above 0.")
    schedule = schedule_of(arm)
    last = max(dose.day for dose in schedule.doses) + SURGERY_DAYS
    states, _ = simulate_schedules(
        virtual_model(), population.parameters(arm, response), [0.0, last], [schedule], keep=("T",), tolerance=TOLERANCE
    )
    left = states[0, 0, :, -1]
    with np.errstate(divide="ignore"):
        reduction = np.log(population.start_cm3 / np.maximum(left, 0.0))
    return ArmResult(arm, np.exp(-left / cleared_cm3), float(np.nanmedian(reduction)), last)


def difference(first: ArmResult, second: ArmResult) -> tuple[float, float]:
    """pCR of the first arm minus that of the second, in points, and its standard error over the same subjects.

    Raises
    ------
    InputError
        Arms of different definitions of pCR.
    """
    check_comparable(first.arm.definition, second.arm.definition)
    each = 100.0 * (first.chance - second.chance)
    known = each[np.isfinite(each)]
    return float(known.mean()), float(known.std() / np.sqrt(known.size))

"""All of the virtual trials: the response fitted for three v0, every other arm predicted with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from HER2ImmunoCommonLib.progress import Report, part, tell

from ..models.parameters import ASSUMED
from .arms import ARMS, TrialArm
from .comparisons import COMPARISONS, Comparison, Prediction
from .virtual_calibration import FittedResponse, fit_response
from .virtual_model import WEIGHTS, virtual_model
from .virtual_population import (
    CYTOTOXIC_PERCENT,
    HR_SHIFT,
    START_CM3,
    START_LOG_SD,
    SUBJECTS,
    VirtualPopulation,
    draw_population,
)
from .virtual_trial import CLEARED_CM3, SURGERY_DAYS, ArmResult, difference, simulate_arm

CLEARED = (CLEARED_CM3, 10.0 * CLEARED_CM3, 0.1 * CLEARED_CM3)
"""v0, and those that show how much it matters; the first is the default."""
TWICE = 2.0
FITTED = ("k_P", "e_A", *WEIGHTS.values())


@dataclass(frozen=True)
class SimulatedArm:
    """An arm as published and as simulated.

    Attributes
    ----------
    arm : TrialArm
    pcr_percent : tuple of float
        For each v0 of `CLEARED`.
    log_reduction : float
        Median ln(volume at entry / at surgery), at the default v0.
    failed : int
        Subjects whose course could not be simulated, at the default v0.
    """

    arm: TrialArm
    pcr_percent: tuple[float, ...]
    log_reduction: float
    failed: int


@dataclass(frozen=True)
class VirtualTrials:
    """What the virtual trials gave.

    Attributes
    ----------
    subjects, seed : int
    fits : tuple of FittedResponse
        One for each v0.
    arms : tuple of SimulatedArm
    predictions : tuple of Prediction
    """

    subjects: int
    seed: int
    fits: tuple[FittedResponse, ...]
    arms: tuple[SimulatedArm, ...]
    predictions: tuple[Prediction, ...]


def run_virtual_trials(subjects: int = SUBJECTS, seed: int = 0, report: Report | None = None) -> VirtualTrials:
    """Fit the arms that are there for it and predict the others, for every v0.

    Parameters
    ----------
    subjects, seed : int
    report : Report, optional

    Raises
    ------
    InputError
        A number of subjects that is none.
    Cancelled
        From `report`.
    """
    population = draw_population(subjects, seed)
    fits: list[FittedResponse] = []
    results: list[dict[str, ArmResult]] = []
    for number, cleared_cm3 in enumerate(CLEARED):
        share = part(report, number / len(CLEARED), (number + 1) / len(CLEARED))
        start = fits[0].response if fits else None
        fits.append(fit_response(population, cleared_cm3, start, part(share, 0.0, 0.8)))
        results.append(_simulated(population, fits[-1], part(share, 0.8, 1.0)))
    arms = tuple(
        SimulatedArm(
            result.arm,
            tuple(each[label].pcr_percent for each in results),
            result.log_reduction,
            result.failed,
        )
        for label, result in results[0].items()
    )
    return VirtualTrials(subjects, seed, tuple(fits), arms, tuple(predicted(c, results) for c in COMPARISONS))


def predicted(comparison: Comparison, results: Sequence[dict[str, ArmResult]]) -> Prediction:
    """A difference from the arms simulated for every v0, the default first."""
    pairs = [(each[comparison.first.label], each[comparison.second.label]) for each in results]
    found = [difference(first, second) for first, second in pairs]
    ends = [value + side * TWICE * error for value, error in found for side in (-1.0, 1.0)]
    first, second = pairs[0]
    return Prediction(
        comparison,
        found[0][0],
        min(ends),
        max(ends),
        (first.log_reduction, second.log_reduction),
        (first.pcr_percent, second.pcr_percent),
    )


def _simulated(population: VirtualPopulation, fit: FittedResponse, report: Report | None) -> dict[str, ArmResult]:
    arms = [arm for arm in ARMS if arm.regimen]
    found = {}
    for number, arm in enumerate(arms):
        tell(report, number / len(arms), f"Simulating {arm.label}")
        found[arm.label] = simulate_arm(arm, fit.response, population, fit.cleared_cm3)
    return found


def assumptions() -> list[tuple[str, float, str]]:
    """Name, value and unit of all that is assumed of patients and tumours, to be shown with every result."""
    of_patients = [
        ("volume at entry, median", START_CM3, "cm3"),
        ("volume at entry, sd of its logarithm", START_LOG_SD, ""),
        ("shift of log k_P and logit e_A with hormone receptors", HR_SHIFT, ""),
        ("spread of the area of chemotherapy", CYTOTOXIC_PERCENT, "%"),
        ("from the last dose to surgery", SURGERY_DAYS, "day"),
    ]
    return of_patients + [
        (f"{parameter.name}: {parameter.label}", parameter.default, parameter.unit)
        for parameter in virtual_model().parameters
        if parameter.source.startswith(ASSUMED) and parameter.name not in (*FITTED, "T0")
    ]

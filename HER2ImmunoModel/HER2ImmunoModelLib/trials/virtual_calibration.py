"""The response of virtual patients fitted on the arms that are there for it: as many numbers as arms, each arm once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.progress import Report, part, tell

from .arms import TrialArm, check_fitted, find_arm
from .virtual_population import Response, VirtualPopulation
from .virtual_trial import simulate_arm

FOUR_ARMS = ("TH", "THP", "HP", "TP")
"""Of NeoSphere: they set k_P, e_A, the weight of pertuzumab and the spread."""
CONJUGATE_ARMS = (("DESTINY-Breast11", "T-DXd x8", "t-dxd"), ("KRISTINE", "T-DM1 + P", "t-dm1"))
"""One arm sets the weight of one conjugate as chemotherapy."""
LOWER, UPPER = np.log([0.01, 0.02, 0.02, 0.05]), np.log([50.0, 50.0, 1.0, 2.0])
"""Of k_P (1/day), the odds of e_A, the weight of pertuzumab (a share) and the spread, in logarithms."""
WEIGHT_LIMITS = (1e-3, 1e2)
CLOSE = 0.05
"""Points of pCR within which an arm is met."""
STEP, LONGEST_STEP, MOST_RUNS, MOST_HALVINGS = 0.05, 1.0, 40, 20


@dataclass(frozen=True)
class Misfit:
    """A fitted arm: its pCR as published and as simulated, per cent."""

    arm: TrialArm
    published: float
    simulated: float

    @property
    def is_met(self) -> bool:
        """Whether the two agree within a tenth of a point."""
        return abs(self.published - self.simulated) < 2 * CLOSE


@dataclass(frozen=True)
class FittedResponse:
    """A response with the arms it was fitted on; `cleared_cm3` is the v0 that it holds for."""

    response: Response
    cleared_cm3: float
    misfits: tuple[Misfit, ...]


def fit_response(
    population: VirtualPopulation, cleared_cm3: float, start: Response | None = None, report: Report | None = None
) -> FittedResponse:
    """Fit NeoSphere's four arms, then the weight of each conjugate on its one arm.

    A form that cannot meet all four leaves a misfit, which is told and not tuned away.

    Parameters
    ----------
    population : VirtualPopulation
    cleared_cm3 : float
        v0.
    start : Response, optional
        Where to begin.
    report : Report, optional

    Raises
    ------
    Cancelled
        From `report`.
    """
    response, four = _fit_four(population, cleared_cm3, start or Response(), part(report, 0.0, 0.7))
    misfits = list(four)
    for number, (trial, name, drug) in enumerate(CONJUGATE_ARMS):
        tell(report, 0.7 + 0.15 * number, f"Fitting the weight of {drug}")
        response, misfit = _fit_weight(population, cleared_cm3, response, find_arm(trial, name), drug)
        misfits.append(misfit)
    return FittedResponse(response, cleared_cm3, tuple(misfits))


def _fit_four(
    population: VirtualPopulation, cleared_cm3: float, start: Response, report: Report | None
) -> tuple[Response, list[Misfit]]:
    arms = [find_arm("NeoSphere", name) for name in FOUR_ARMS]
    for arm in arms:
        check_fitted(arm)
    published = np.array([arm.pcr_percent for arm in arms])
    runs = 0

    def residual(place: np.ndarray) -> np.ndarray:
        nonlocal runs
        tell(report, min(1.0, runs / MOST_RUNS), "Fitting the four arms of NeoSphere")
        runs += 1
        response = _response(place, start)
        return np.array([simulate_arm(arm, response, population, cleared_cm3).pcr_percent for arm in arms]) - published

    place, left = _meet(residual, _place(start))
    misfits = [
        Misfit(arm, float(value), float(value + rest)) for arm, value, rest in zip(arms, published, left, strict=True)
    ]
    return _response(place, start), misfits


def _place(response: Response) -> np.ndarray:
    odds = response.stopped_share / (1.0 - response.stopped_share)
    return np.log([response.kill_per_day, odds, response.weights["pertuzumab"], response.spread])


def _response(place: np.ndarray, start: Response) -> Response:
    kill, odds, weight, spread = np.exp(place).tolist()
    return Response(kill, odds / (1.0 + odds), spread, {**start.weights, "pertuzumab": weight})


def _meet(residual: Callable[[np.ndarray], np.ndarray], start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least squares within the limits by damped Gauss-Newton steps, the Jacobian kept up by Broyden's rule."""
    place, left = start, residual(start)
    jacobian = _jacobian(residual, place, left)
    runs, damping, is_fresh = 1 + place.size, 1e-3, True
    while runs < MOST_RUNS and np.abs(left).max() > CLOSE:
        step = _step(jacobian, left, damping)
        there = np.clip(place + np.clip(step, -LONGEST_STEP, LONGEST_STEP), LOWER, UPPER)
        moved = there - place
        if not moved.any():
            break
        found, runs = residual(there), runs + 1
        jacobian = jacobian + np.outer(found - left - jacobian @ moved, moved) / (moved @ moved)
        if found @ found < left @ left:
            place, left, damping, is_fresh = there, found, 0.1 * damping, False
        elif is_fresh:
            damping *= 10.0
        else:
            jacobian, runs, is_fresh = _jacobian(residual, place, left), runs + place.size, True
    return place, left


def _step(jacobian: np.ndarray, left: np.ndarray, damping: float) -> np.ndarray:
    square = jacobian.T @ jacobian
    return -np.linalg.solve(square + damping * np.diag(np.maximum(np.diag(square), 1e-9)), jacobian.T @ left)


def _jacobian(residual: Callable[[np.ndarray], np.ndarray], place: np.ndarray, left: np.ndarray) -> np.ndarray:
    columns = []
    for number in range(place.size):
        moved = place.copy()
        moved[number] += STEP if place[number] + STEP <= UPPER[number] else -STEP
        columns.append((residual(moved) - left) / (moved[number] - place[number]))
    return np.column_stack(columns)


def _fit_weight(
    population: VirtualPopulation, cleared_cm3: float, response: Response, arm: TrialArm, drug: str
) -> tuple[Response, Misfit]:
    """The weight of a conjugate as chemotherapy with which its arm is met, or the limit that comes closest."""
    check_fitted(arm)

    def simulated(weight: float) -> tuple[Response, float]:
        found = replace(response, weights={**response.weights, drug: weight})
        return found, simulate_arm(arm, found, population, cleared_cm3).pcr_percent

    low, high = WEIGHT_LIMITS
    for limit, is_beyond in ((low, lambda pcr: pcr >= arm.pcr_percent), (high, lambda pcr: pcr <= arm.pcr_percent)):
        found, pcr = simulated(limit)
        if is_beyond(pcr):
            return found, Misfit(arm, arm.pcr_percent, pcr)
    for _ in range(MOST_HALVINGS):
        found, pcr = simulated(float(np.sqrt(low * high)))
        if abs(pcr - arm.pcr_percent) < CLOSE:
            break
        low, high = (found.weights[drug], high) if pcr < arm.pcr_percent else (low, found.weights[drug])
    return found, Misfit(arm, arm.pcr_percent, pcr)


def fitted_numbers(fitted: Sequence[FittedResponse]) -> list[tuple[str, str, list[float]]]:
    """Name, unit and value (one a fit) of every number that was fitted."""
    each = [fit.response for fit in fitted]
    rows = [
        ("k_P", "1/day", [response.kill_per_day for response in each]),
        ("e_A", "", [response.stopped_share for response in each]),
        ("spread of log k_P and logit e_A", "", [response.spread for response in each]),
    ]
    return rows + [(f"weight of {drug}", "", [r.weights[drug] for r in each]) for drug in each[0].weights]

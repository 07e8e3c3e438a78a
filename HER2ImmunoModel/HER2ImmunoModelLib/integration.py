"""Integration of one chunk of samples, with a step that suits its hardest sample."""

from __future__ import annotations

from itertools import pairwise
from math import ceil

import numpy as np

from HER2ImmunoModelLib.model import Model
from HER2ImmunoModelLib.pharmacokinetics import Amounts
from HER2ImmunoModelLib.runge_kutta import DormandPrince

SHORTEST_STEP_DAY = 5e-3
FIRST_STEP_DAY = 0.5
HARD = 100.0
"""A row is hard, and left for a chunk of its own, when its error is so many times that of nine rows in ten."""
MOST_HARD = 0.25
"""Largest share of a chunk that is left for later."""
LOCAL_SHARE = 1.0
"""Error allowed in one step, as a share of the tolerance on the whole."""
FLOOR = {True: 1e-3, False: 1e-6}
"""Size below which a fraction (True) or another state (False) is resolved absolutely."""


class ChunkIntegrator:
    """Integrates the rows of a chunk over the same days; a row that cannot go on becomes NaN and is marked.

    Parameters
    ----------
    model : Model
    parameters : mapping of str to float or array (rows,)
    amounts : Amounts
    y : array (n_states, rows)
        Initial states.
    tolerance : float
        Relative tolerance of the states.
    shortest_step_day : float
        A row that needs a shorter step fails.

    Attributes
    ----------
    failed, deferred : bool array (rows,)
        Rows that failed, and rows left for a chunk of their own; the states of both are NaN.
    """

    def __init__(
        self,
        model: Model,
        parameters,
        amounts: Amounts,
        y: np.ndarray,
        *,
        tolerance: float,
        shortest_step_day: float = SHORTEST_STEP_DAY,
    ):
        self._model = model
        self._parameters = parameters
        self._amounts = amounts
        self._tolerance = tolerance
        self._allowed = LOCAL_SHARE * tolerance
        self._lower, self._upper = (np.array(edge)[:, None] for edge in np.transpose([s.domain for s in model.states]))
        floor = np.array([[FLOOR[bool(np.isfinite(s.domain[1]))]] for s in model.states])
        self._solver = DormandPrince(self._derivative, y, floor)
        self._step = FIRST_STEP_DAY
        self._shortest = shortest_step_day
        self.failed = np.zeros(y.shape[1], dtype=bool)
        self.deferred = np.zeros(y.shape[1], dtype=bool)

    def run(self, day: np.ndarray) -> np.ndarray:
        """States on the given days, array (n_states, rows, days); the first is the day of the initial state."""
        dose_days = {d for d in self._amounts.days if day[0] < d <= day[-1]}
        stops = sorted(dose_days.union(day.tolist()))
        column = {d: i for i, d in enumerate(day.tolist())}
        states = np.empty((*self._solver.y.shape, len(day)))
        states[..., 0] = self._solver.y
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # a row that overflows is marked below
            self._solver.restart()
            for start, stop in pairwise(stops):
                self._advance(stop - start)
                self._keep_domain()
                if stop in column:
                    states[..., column[stop]] = self._solver.y
                if stop in dose_days:
                    self._amounts.give(stop, self._solver.y)
                    self._solver.restart()
        self.failed &= ~self.deferred
        states[:, self.failed | self.deferred] = np.nan
        return states

    def _derivative(self, stage: int, y: np.ndarray, out: np.ndarray) -> None:
        self._model.rhs(y, self._parameters, self._amounts.at_stage[stage], out)

    def _advance(self, length: float) -> None:
        remaining, worst, parts = length, 0.0, ceil(length / self._step - 1e-9)
        while parts:
            step = remaining / parts
            self._amounts.spread(step)
            error = self._solver.attempt(step)
            ratio = self._worst(error)
            if ratio > 1.0:
                self._defer(error)
                ratio = self._worst(error)
            if ratio <= 1.0:
                self._solver.accept()
                self._amounts.pass_time(step)
                remaining, parts, worst = remaining - step, parts - 1, max(worst, ratio)
                grown = step * _growth(ratio)
                if grown > 1.5 * step:
                    parts = min(parts, ceil(remaining / grown - 1e-9))
            else:
                parts = ceil(remaining / self._shorter(step, error) - 1e-9)
        self._step = step * _growth(worst)

    def _worst(self, error: np.ndarray) -> float:
        """Largest error of the rows still followed, as a multiple of the allowed one; infinite for an overflow."""
        error[self.failed | self.deferred] = 0.0
        worst = error.max() / self._allowed
        return worst if np.isfinite(worst) else np.inf

    def _defer(self, error: np.ndarray) -> None:
        """Leave the few rows that are far harder than the others for a chunk of their own."""
        typical = np.partition(error, int(0.9 * error.size))[int(0.9 * error.size)]
        hard = ~(error <= max(self._allowed, HARD * typical))
        if np.count_nonzero(hard | self.deferred) <= MOST_HARD * error.size:
            self.deferred |= hard

    def _shorter(self, step: float, error: np.ndarray) -> float:
        """Step to try next; a row that would need less than the shortest one fails."""
        shorter = step * _growth(self._worst(error))
        if shorter < self._shortest:
            self.failed |= ~(error <= self._allowed)
            return step
        return shorter

    def _keep_domain(self) -> None:
        """Mark rows outside the domain; what lies within the tolerance of its edge is round-off and set to it."""
        y = self._solver.y
        slack = 10 * self._tolerance
        outside = (y < self._lower - slack) | (y > self._upper + slack)
        if outside.any():
            self.failed |= outside.any(axis=0)
        np.clip(y, self._lower, self._upper, out=y)


def _growth(ratio: float) -> float:
    """Factor on the step for an error of `ratio` times the allowed one (order 5)."""
    return float(np.clip(0.9 * max(ratio, 1e-10) ** -0.2, 0.2, 4.0))

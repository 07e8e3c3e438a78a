"""One step of the explicit Runge-Kutta method of Dormand and Prince of order 8, each row of a batch with its own step.

Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I, 2nd edition, sections II.5 and II.6 (DOP853). The
coefficients are those of `scipy.integrate.DOP853`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

ORDER = 8
LEAST_OF_THIRD = 0.3
"""The error is at least the square of the estimate of order 3 times this, which is of order 8, too.

The estimate of order 5 vanishes where a step is 5.65 over the rate at which a state settles, though the true error is
then as large as what is left to settle; after a long rest a dose finds steps of that length.
"""

_STATE = -1
_STORE = (2, 1, _STATE, 0, *range(3, 16))
"""What lies at each place of the store: the state, or the derivative at a stage; a stage then combines neighbours."""
_PLACE = {what: place for place, what in enumerate(_STORE)}


def _sum(coefficients: np.ndarray, state: float) -> tuple[slice, np.ndarray]:
    """Places of the store that a weighted sum runs over, and their weights."""
    weight = dict(enumerate(coefficients.tolist())) | {_STATE: state}
    row = np.array([weight.get(what, 0.0) for what in _STORE])
    used = np.flatnonzero(row)
    places = slice(used[0], used[-1] + 1)
    return places, row[places]


Terms = tuple[slice, np.ndarray]


@dataclass(frozen=True)
class Tableau:
    """Coefficients of the method.

    Attributes
    ----------
    nodes : tuple of float
        Share of the step at each stage; the last stage is at the state after the step.
    nodes_within : tuple of float
        Share of the step at each further stage, which only states inside the step need.
    stages, stages_within : tuple of Terms
        What the state at each of those stages is made of.
    errors : tuple of Terms
        The two estimates of the error.
    within : tuple of Terms
        The interpolant.
    """

    nodes: tuple[float, ...]
    nodes_within: tuple[float, ...]
    stages: tuple[Terms, ...]
    stages_within: tuple[Terms, ...]
    errors: tuple[Terms, ...]
    within: tuple[Terms, ...]


@cache
def tableau() -> Tableau:
    """The coefficients, from scipy."""
    from scipy.integrate import DOP853  # slow to load

    return Tableau(
        nodes=(*DOP853.C.tolist(), 1.0),
        nodes_within=tuple(DOP853.C_EXTRA.tolist()),
        stages=tuple(_sum(row, 1.0) for row in (*DOP853.A[1:], DOP853.B)),
        stages_within=tuple(_sum(row, 1.0) for row in DOP853.A_EXTRA),
        errors=tuple(_sum(row, 0.0) for row in (DOP853.E5, DOP853.E3)),
        within=tuple(_sum(row, 0.0) for row in DOP853.D),
    )


Derivative = Callable[[int, np.ndarray, np.ndarray], None]
"""`derivative(number, y, out)` writes dy/dt at a stage into `out`; stages after the first are numbered from 0."""


class DormandPrince:
    """Steps of order 8; the last stage is the first of the next step.

    Buffers are kept, so that a batch stays in cache; what a method returns is valid until the next attempt.

    Parameters
    ----------
    floor : array (n_states, 1)
        Size below which a state is no longer resolved relatively.
    """

    def __init__(self, floor: np.ndarray):
        self._floor = floor
        self._buffer = np.empty(0)

    def attempt(
        self, derivative: Derivative, y: np.ndarray, slope: np.ndarray, step: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Try a step of each row.

        Parameters
        ----------
        derivative : Derivative
        y, slope : array (n_states, rows)
            Present state and its derivative.
        step : array (rows,)

        Returns
        -------
        trial, slope : array (n_states, rows)
            State after the step and its derivative.
        error : array (rows,)
            Largest relative error of the row.
        """
        size = (len(_STORE) + 4) * y.size
        if size > self._buffer.size:
            self._buffer = np.empty(size)
        work = self._buffer[:size].reshape(-1, *y.shape)
        store, (trial, after, scale, part) = work[: len(_STORE)], work[len(_STORE) :]
        self._store, self._trial = store, trial
        store[_PLACE[_STATE]] = y
        np.multiply(slope, step, out=store[_PLACE[0]])
        method = tableau()
        stages = method.stages
        for stage, terms in enumerate(stages[:-1], start=1):
            _combine(terms, store, trial)
            out = store[_PLACE[stage]]
            derivative(stage - 1, trial, out)
            out *= step
        _combine(stages[-1], store, trial)
        derivative(len(stages) - 1, trial, after)
        np.multiply(after, step, out=store[_PLACE[len(stages)]])
        np.maximum(np.abs(trial, out=scale), self._floor, out=scale)
        fifth, third = (_largest(terms, store, scale, part) for terms in method.errors)
        error = fifth / np.sqrt(1.0 + 0.01 * np.square(third / np.maximum(fifth, 1e-300)))
        return trial, after, np.maximum(error, LEAST_OF_THIRD * np.square(third))

    def within(
        self, derivative: Derivative, step: np.ndarray, states: np.ndarray, rows: np.ndarray | None
    ) -> np.ndarray:
        """Course of some states inside the step last tried, to order 7.

        Parameters
        ----------
        derivative : Derivative
            Of these rows.
        step : array (m,)
        states : int array (n,)
        rows : int array (m,) or None
            None for all of them, without a copy.

        Returns
        -------
        array (8, n, m)
            For `at_share`.
        """
        method, store, trial = tableau(), self._store, self._trial
        last_stage = len(method.stages)
        if rows is not None:
            store, trial = np.take(store, rows, axis=-1), np.take(trial, rows, axis=-1)
        point = np.empty_like(trial)
        for number, terms in enumerate(method.stages_within):
            _combine(terms, store, point)
            out = store[_PLACE[last_stage + 1 + number]]
            derivative(number, point, out)
            out *= step
        course = np.empty((8, states.size, step.size))
        for i, state in enumerate(states):
            y, first, last = (store[_PLACE[what], state] for what in (_STATE, 0, last_stage))
            change = trial[state] - y
            course[0, i], course[1, i], course[2, i] = y, change, first - change
            course[3, i] = change - last - course[2, i]
            for (places, weights), out in zip(method.within, course[4:, i], strict=True):
                np.einsum("s,sm->m", weights, store[places, state], out=out)
        return course


def at_share(course: np.ndarray, share: np.ndarray) -> np.ndarray:
    """State (n_states, m) at a share (m,) of the step, from `DormandPrince.within`."""
    y, left = course[7] * share, 1.0 - share
    for i in range(6, 0, -1):
        y += course[i]
        y *= left if i % 2 == 0 else share
    return y + course[0]


def _combine(terms: tuple[slice, np.ndarray], store: np.ndarray, out: np.ndarray) -> None:
    places, weights = terms
    np.einsum("s,sm->m", weights, store[places].reshape(weights.size, -1), out=out.reshape(-1))


def _largest(terms: tuple[slice, np.ndarray], store: np.ndarray, scale: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Largest of a weighted sum over the states, each relative to its scale."""
    _combine(terms, store, part)
    part /= scale
    return np.abs(part, out=part).max(axis=0)

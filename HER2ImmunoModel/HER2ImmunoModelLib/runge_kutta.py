"""One step of the explicit Runge-Kutta pair of Dormand and Prince for a batch of rows, each with its own step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

NODES = (0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0)

_STAGES = tuple(
    np.array(row)
    for row in (
        (1 / 5,),
        (3 / 40, 9 / 40),
        (44 / 45, -56 / 15, 32 / 9),
        (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
        (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
        (35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
    )
)
_ERROR = np.array((71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40))
_WITHIN = np.array(
    (
        (1, -8048581381 / 2820520608, 8663915743 / 2820520608, -12715105075 / 11282082432),
        (0, 0, 0, 0),
        (0, 131558114200 / 32700410799, -68118460800 / 10900136933, 87487479700 / 32700410799),
        (0, -1754552775 / 470086768, 14199869525 / 1410260304, -10690763975 / 1880347072),
        (0, 127303824393 / 49829197408, -318862633887 / 49829197408, 701980252875 / 199316789632),
        (0, -282668133 / 205662961, 2019193451 / 616988883, -1453857185 / 822651844),
        (0, 40617522 / 29380423, -110615467 / 29380423, 69997945 / 29380423),
    )
)
"""Weight of each stage inside a step, as a polynomial in the share of the step (Shampine, Math Comput 1986;46:135)."""

Derivative = Callable[[int, np.ndarray, np.ndarray], None]
"""`derivative(stage, y, out)` writes dy/dt at node `stage` of the step into `out`."""


class DormandPrince:
    """Order 5 with an order 4 estimate of the error; the last stage is the first of the next step.

    Buffers are kept, so that a batch stays in cache. Dormand and Prince, J Comput Appl Math 1980;6:19-26.

    Parameters
    ----------
    floor : array (n_states, 1)
        Size below which a state is no longer resolved relatively.
    rows : int
        Most rows of a batch.
    """

    def __init__(self, floor: np.ndarray, rows: int):
        self._floor = floor
        self._buffer = np.empty(9 * len(floor) * rows)

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
        trial : array (n_states, rows)
            State after the step; valid until the next attempt, as are the slopes.
        slopes : array (7, n_states, rows)
            Derivative at every stage; the last is that of `trial`.
        error : array (rows,)
            Largest relative error of the row.
        """
        work = self._buffer[: 9 * y.size].reshape(9, *y.shape)
        slopes, trial, error = work[:7], work[7], work[8]
        slopes[0] = slope
        for stage, weights in enumerate(_STAGES, start=1):
            _combine(weights, slopes, trial)
            trial *= step
            trial += y
            derivative(stage, trial, slopes[stage])
        _combine(_ERROR, slopes, error)
        error *= step
        np.abs(error, out=error)
        scale = np.abs(trial)
        np.maximum(scale, self._floor, out=scale)
        error /= scale
        return trial, slopes, error.max(axis=0)


def within(y: np.ndarray, slopes: np.ndarray, step: np.ndarray, share: np.ndarray) -> np.ndarray:
    """State inside a step, to order 4.

    Parameters
    ----------
    y : array (n_states, rows)
        State at the start of the step.
    slopes : array (7, n_states, rows)
    step, share : array (rows,)
        Length of the step and the share of it (0 to 1) asked for.

    Returns
    -------
    array (n_states, rows)
    """
    weights = np.multiply.outer(_WITHIN[:, -1], share)
    for power in (2, 1, 0):
        weights += _WITHIN[:, power, None]
        weights *= share
    change = weights[0] * slopes[0]
    for weight, slope in zip(weights[1:], slopes[1:], strict=True):
        change += weight * slope
    return y + step * change


def _combine(weights: np.ndarray, slopes: np.ndarray, out: np.ndarray) -> None:
    used = slopes[: len(weights)].reshape(len(weights), -1)
    np.einsum("s,sm->m", weights, used, out=out.reshape(-1))

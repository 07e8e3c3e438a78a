"""One step of the explicit Runge-Kutta pair of Dormand and Prince, for a batch of samples at once."""

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

Derivative = Callable[[int, np.ndarray, np.ndarray], None]
"""`derivative(stage, y, out)` writes dy/dt at node `stage` of the step into `out`."""


class DormandPrince:
    """Order 5 with an order 4 estimate of the error; the last stage is the first of the next step.

    Buffers are kept, so that a batch stays in cache. Dormand and Prince, J Comput Appl Math 1980;6:19-26.

    Parameters
    ----------
    derivative : Derivative
        Batched right-hand side.
    y : array (n_states, samples)
        Initial state.
    floor : array (n_states, 1)
        Size below which a state is no longer resolved relatively.
    """

    def __init__(self, derivative: Derivative, y: np.ndarray, floor: np.ndarray):
        self.y = y.copy()
        self._derivative = derivative
        self._floor = floor
        self._slopes = np.empty((7, *y.shape))
        self._trial = np.empty_like(self.y)
        self._error = np.empty_like(self.y)

    def restart(self) -> None:
        """Evaluate the first stage; needed at the start and after a dose."""
        self._derivative(0, self.y, self._slopes[0])

    def attempt(self, step: float) -> np.ndarray:
        """Try a step; returns each sample's largest relative error, array (samples,)."""
        for stage, weights in enumerate(_STAGES, start=1):
            self._combine(weights * step, self._trial)
            self._trial += self.y
            self._derivative(stage, self._trial, self._slopes[stage])
        self._combine(_ERROR * step, self._error)
        np.abs(self._error, out=self._error)
        scale = np.abs(self._trial)
        np.maximum(scale, self._floor, out=scale)
        self._error /= scale
        return self._error.max(axis=0)

    def accept(self) -> None:
        """Make the tried step the present state."""
        self.y, self._trial = self._trial, self.y
        self._slopes[0] = self._slopes[6]

    def _combine(self, weights: np.ndarray, out: np.ndarray) -> None:
        slopes = self._slopes[: len(weights)].reshape(len(weights), -1)
        np.einsum("s,sm->m", weights, slopes, out=out.reshape(-1))

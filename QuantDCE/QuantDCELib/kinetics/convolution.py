"""Exact convolution of a piecewise linear input with exponentials.

References
----------
Flouri, Lesnic, Mayrovitz, Comput Methods Programs Biomed 136:47 (2016).
"""

from __future__ import annotations

import numpy as np

SERIES_BELOW = 0.1
SERIES_TERMS = 10


def convolve_exponential(
    input_time: np.ndarray, input_value: np.ndarray, rate: np.ndarray | float, time: np.ndarray
) -> np.ndarray:
    """`y(t) = int_0^t c(u) exp(-k (t - u)) du` for the input `c` linear between its samples.

    Parameters
    ----------
    input_time, input_value : ndarray, shape (n,)
        Strictly increasing times. Before the first the input is 0, after the last it keeps its last value.
    rate : ndarray, shape (m,), or float
        k in 1/unit of time, 0 included.
    time : ndarray, shape (t,)
        Increasing times of the answer; need not coincide with the input's.

    Returns
    -------
    ndarray, shape (m, t), or (t,) for one rate given as a number
    """
    rates = np.atleast_1d(np.asarray(rate, dtype=np.float64))
    input_time, time = np.asarray(input_time, dtype=np.float64), np.asarray(time, dtype=np.float64)
    nodes = np.union1d(input_time, time[time > input_time[0]])
    values = np.interp(nodes, input_time, input_value)
    steps, which = np.unique(np.diff(nodes), return_inverse=True)
    decay, first, last = (weights[which] for weights in step_weights(rates, steps[:, None]))
    driven = first * values[:-1, None] + last * values[1:, None]
    states = np.zeros((nodes.size, rates.size))
    if rates.size == 1:
        states[1:, 0] = _recursion(decay[:, 0], driven[:, 0])
    else:
        for index in range(nodes.size - 1):
            np.multiply(decay[index], states[index], out=states[index + 1])
            states[index + 1] += driven[index]
    answer = np.zeros((rates.size, time.size))
    after = time > input_time[0]
    answer[:, after] = states[np.searchsorted(nodes, time[after])].T
    return answer if np.ndim(rate) else answer[0]


def _recursion(decay: np.ndarray, driven: np.ndarray) -> list[float]:
    state, states = 0.0, []
    for factor, added in zip(decay.tolist(), driven.tolist(), strict=True):
        state = factor * state + added
        states.append(state)
    return states


def step_weights(rates: np.ndarray, step: np.ndarray | float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What an interval does to the convolution: factor of the old state, weights of the input at both ends."""
    x = rates * step
    minus = np.expm1(-x)
    safe = np.where(x < SERIES_BELOW, 1.0, x)
    mean_decay = np.where(x < SERIES_BELOW, _series(x, 1), -minus / safe)
    last = np.where(x < SERIES_BELOW, _series(x, 2), (safe + minus) / safe**2)
    return 1.0 + minus, step * (mean_decay - last), step * last


def _series(x: np.ndarray, order: int) -> np.ndarray:
    """`sum (-x)^n / (n + order)!`, exact to rounding for x < SERIES_BELOW."""
    term = np.ones_like(x) if order == 1 else np.full_like(x, 0.5)
    total = term.copy()
    for n in range(1, SERIES_TERMS):
        term = term * (-x) / (n + order)
        total += term
    return total

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
    answer = np.zeros((rates.size, time.size))
    column = np.searchsorted(time, nodes)
    state = np.zeros(rates.size)
    known: dict[float, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    for index in range(nodes.size):
        if index:
            step = float(nodes[index] - nodes[index - 1])
            if step not in known:
                known[step] = step_weights(rates, step)
            decay, first, last = known[step]
            state = decay * state + first * values[index - 1] + last * values[index]
        if column[index] < time.size and time[column[index]] == nodes[index]:
            answer[:, column[index]] = state
    return answer if np.ndim(rate) else answer[0]


def step_weights(rates: np.ndarray, step: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What one interval does to the convolution: factor of the old state, weights of the input at both ends."""
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

"""Fit of any model, with or without a delay: the best of a grid, then bounded least squares from there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from . import levenberg
from .basis import make_basis
from .convolution import convolve_exponential
from .estimates import Estimates, estimates_at
from .kernels import DelayedKernel, Kernel, compressed_kernel
from .responses import RESPONSES, Response, predict
from .rows import matmul_rows
from .starts import Best, Dictionary, best_entries, make_dictionary

RATES = {"tofts": 64, "extended_tofts": 64, "patlak": 0, "2cum": 64, "2cxm": 32}
"""Rates on the grid of the start."""
START_LOG_K = (np.log(1e-3), np.log(300.0))
DELAY_STEP_MINUTES = 1.0 / 60.0
FULL_UPTAKE = 20.0
DELAYED_CURVES = 60
"""Arrays of a curve's length that a fit with delay holds at a time: neighbours on the grid of rates above all."""


@dataclass(frozen=True, eq=False)
class Refiner:
    """A model with what its fit needs, for one input and one time axis.

    Attributes
    ----------
    response : Response
    bounds : tuple of (low, high)
        Of each coordinate; the last is the delay in minutes where it is fitted.
    kernel : Kernel
    directions : ndarray, shape (rank, t)
        Orthonormal rows in which curves are compared; without delay they span what the model can be.
    start : callable
        Curves in those directions (n, rank) to coordinates near the best.
    voxel_bytes : int
        Working memory of a voxel.
    """

    response: Response
    bounds: tuple[tuple[float, float], ...]
    kernel: Kernel
    directions: np.ndarray
    start: Callable[[np.ndarray], np.ndarray]
    voxel_bytes: int

    @property
    def with_delay(self) -> bool:
        return len(self.bounds) > len(self.response.bounds)

    def model(self, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Curves (n, rank) and Jacobian (n, p, rank) at coordinates (n, p)."""
        return predict(self.response, at, self.kernel, with_delay=self.with_delay)

    def coordinates(self, y: np.ndarray) -> np.ndarray:
        """Coordinates (n, p) that fit the compressed curves (n, rank) best."""
        return levenberg.minimise(self.model, y, self.start(y), self.bounds)

    def compress(self, curves: np.ndarray) -> np.ndarray:
        """Curves (n, t) in the directions of the model."""
        return curves if self.with_delay else matmul_rows(curves, np.ascontiguousarray(self.directions.T))

    def __call__(self, curves: np.ndarray) -> Estimates:
        """Fit curves (n, t)."""
        y, unexplained = self.compress(curves), np.zeros(len(curves))
        if not self.with_delay:
            rest = curves - matmul_rows(y, self.directions)
            unexplained = np.einsum("nt,nt->n", rest, rest)
        at = self.coordinates(y)
        curve, jacobian = self.model(at)
        residual = y - curve
        rss = np.einsum("nr,nr->n", residual, residual) + unexplained
        return estimates_at(self.reported, self.bounds, at, jacobian, rss, curves.shape[1] - at.shape[1])

    def reported(self, at: np.ndarray) -> dict[str, np.ndarray]:
        """Reported parameters (n,) at coordinates, which may be complex."""
        values = self.response.report(at)
        return values | {"delay_s": 60.0 * at[:, len(self.bounds) - 1]} if self.with_delay else values


def make_refiner(
    name: str,
    minutes: np.ndarray,
    aif_minutes: np.ndarray,
    aif: np.ndarray,
    delay_bounds: tuple[float, float] | None,
) -> Refiner:
    """Prepare a model.

    Parameters
    ----------
    name : str
        Model.
    minutes, aif_minutes, aif : ndarray
    delay_bounds : tuple of float, or None
        Minutes; None if there is no delay.
    """
    response = RESPONSES[name]
    if delay_bounds is not None:
        kernel: Kernel = DelayedKernel(aif_minutes, aif, minutes, delay_bounds)
        bounds = (*response.bounds, delay_bounds)
        steps = max(2, int(np.ceil((delay_bounds[1] - delay_bounds[0]) / DELAY_STEP_MINUTES)) + 1)
        delays = np.linspace(*delay_bounds, steps)
        directions = np.eye(minutes.size)
    else:
        basis = make_basis(aif_minutes, aif, minutes, with_plasma=True, with_integral=True)
        kernel = compressed_kernel(basis, convolve_exponential(aif_minutes, aif, 0.0, minutes))
        bounds, delays, directions = response.bounds, np.zeros(1), basis.directions
    log_k = np.linspace(*START_LOG_K, RATES[name])
    dictionaries = _dictionaries(name, log_k, delays, (minutes, aif_minutes, aif), directions)

    def start(y: np.ndarray) -> np.ndarray:
        best = best_entries(y, dictionaries)
        at = STARTS[name](best, log_k)
        return at if delay_bounds is None else np.column_stack([at, delays[best.dictionary]])

    scores = 3 * max(entries.pairs.shape[1] for entries in dictionaries)
    curves = (DELAYED_CURVES if delay_bounds is not None else 12) * (len(directions) + 2)
    return Refiner(response, bounds, kernel, directions, start, 8 * (scores + curves + 2 * minutes.size))


def _dictionaries(
    name: str,
    log_k: np.ndarray,
    delays: np.ndarray,
    input_curve: tuple[np.ndarray, np.ndarray, np.ndarray],
    directions: np.ndarray,
) -> list[Dictionary]:
    """For each delay the curves of the grid of rates, then integral and plasma, as the model pairs them."""
    minutes, aif_minutes, aif = input_curve
    shifted = minutes[None] - delays[:, None]
    times, inverse = np.unique(shifted, return_inverse=True)
    k = np.exp(log_k)
    curves = np.vstack(
        [
            k[:, None] * convolve_exponential(aif_minutes, aif, k, times),
            convolve_exponential(aif_minutes, aif, 0.0, times),
            np.interp(times, aif_minutes, aif, left=0.0),
        ]
    )[:, inverse.reshape(shifted.shape)]
    m = log_k.size
    of_model = {"tofts": [], "extended_tofts": [m + 1], "patlak": [m, m + 1], "2cum": [m], "2cxm": []}[name]
    used = np.array([*range(m), *of_model])
    if name == "2cxm":
        pairs = np.array(list(combinations(range(m), 2))).T
    elif name == "patlak":
        pairs = np.array([[0], [1]])
    elif name == "tofts":
        pairs = np.empty((2, 0), int)
    else:
        pairs = np.array([np.arange(m), np.full(m, m)])
    return [
        make_dictionary(np.einsum("mt,rt->mr", curves[used, index], directions), pairs) for index in range(delays.size)
    ]


def _rates(best: Best, log_k: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """ln k of the exponential, its coefficient and that of the other curve."""
    first, second = best.curves.T
    lone_other = first >= log_k.size
    a, b = best.coefficients.T
    rate = log_k[np.where(lone_other, log_k.size - 1, first)]
    return rate, np.where(lone_other, 0.0, a), np.where(lone_other, a, np.where(second >= 0, b, 0.0))


def _start_tofts(best: Best, log_k: np.ndarray) -> np.ndarray:
    rate, a, _ = _rates(best, log_k)
    return np.column_stack([a, rate])


def _start_extended(best: Best, log_k: np.ndarray) -> np.ndarray:
    rate, a, b = _rates(best, log_k)
    return np.column_stack([a, rate, b])


def _start_patlak(best: Best, log_k: np.ndarray) -> np.ndarray:
    a, b = best.coefficients.T
    plasma_alone = best.curves[:, 0] == 1
    return np.column_stack([np.where(plasma_alone, 0.0, a), np.where(plasma_alone, a, b)])


def _start_uptake(best: Best, log_k: np.ndarray) -> np.ndarray:
    """vp, E and k from the coefficients vp (1 - E)^2 and k vp E (1 - E)."""
    rate, a, b = _rates(best, log_k)
    fast = a <= 0
    # Uptake without a vascular phase: nearly all that arrives is extracted from a full plasma volume.
    rate = np.where(fast, np.maximum(np.log(FULL_UPTAKE * np.maximum(b, 1e-6)), log_k[0]), rate)
    k = np.exp(rate)
    ratio = np.where(fast, FULL_UPTAKE, b / (k * np.where(fast, 1.0, a)))
    return np.column_stack([np.where(fast, 1.0, a * (1 + ratio) ** 2), ratio / (1 + ratio), rate])


def _start_exchange(best: Best, log_k: np.ndarray) -> np.ndarray:
    first, second = best.curves.T
    slow, fast = best.coefficients.T
    alone = second < 0
    volume = slow + np.where(alone, 0.0, fast)
    share = slow / np.where(volume > 0, volume, 1.0)
    return np.column_stack([volume, share, log_k[np.where(alone, log_k.size - 1, second)], log_k[first]])


STARTS: dict[str, Callable[[Best, np.ndarray], np.ndarray]] = {
    "tofts": _start_tofts,
    "extended_tofts": _start_extended,
    "patlak": _start_patlak,
    "2cum": _start_uptake,
    "2cxm": _start_exchange,
}

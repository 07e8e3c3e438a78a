"""The curves a model is made of, for a rate and an arrival delay of each voxel, with their slopes.

All are in units of volume: `k exp(-k t) * cp` tends to cp for a fast rate, so that a coefficient is a volume fraction
whatever the rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .basis import Basis, curves_at, grid_position, interpolation, log_grid, window
from .convolution import convolve_exponential, step_weights

Curve = tuple[np.ndarray, np.ndarray | None, np.ndarray | None]
"""Curves (n, r), or (r,) if all voxels share one, and their slopes by ln k and by the delay in minutes."""


class Kernel(Protocol):
    """Where the curves come from: the compressed basis without delay, the exact input with it."""

    def exponential(self, log_k: np.ndarray, delay: np.ndarray | None) -> Curve: ...

    def plasma(self, delay: np.ndarray | None) -> Curve: ...

    def integral(self, delay: np.ndarray | None) -> Curve: ...


@dataclass(frozen=True, eq=False)
class CompressedKernel:
    """Curves without delay in the compressed space of a basis.

    Attributes
    ----------
    basis : Basis
        Made with the plasma curve.
    integrated : ndarray, shape (rank,)
        Integral of cp, mM min.
    """

    basis: Basis
    integrated: np.ndarray

    def exponential(self, log_k: np.ndarray, delay: np.ndarray | None) -> Curve:
        index, offset = grid_position(log_k)
        curve, slope = curves_at(self.basis, index, offset)
        k = np.exp(log_k)[:, None]
        return k * curve, k * (curve + slope), None

    def plasma(self, delay: np.ndarray | None) -> Curve:
        return self.basis.plasma, None, None

    def integral(self, delay: np.ndarray | None) -> Curve:
        return self.integrated, None, None


class DelayedKernel:
    """Curves at the frames for an input that comes later by a delay of each voxel.

    The convolution up to each sample of the input is tabulated on the grid of rates; from the last sample to the
    frame it is completed in closed form.
    """

    def __init__(
        self, aif_minutes: np.ndarray, aif_mM: np.ndarray, minutes: np.ndarray, bounds: tuple[float, float]
    ) -> None:
        """Tabulate for delays (minutes) within `bounds`."""
        beyond = max(aif_minutes[-1], minutes[-1] - bounds[0]) + 1.0
        self.minutes = minutes
        self.nodes = np.append(aif_minutes, beyond)
        self.values = np.append(aif_mM, aif_mM[-1])
        self.states = np.ascontiguousarray(
            convolve_exponential(self.nodes, self.values, np.exp(log_grid()), self.nodes).T
        )
        self.integrals = convolve_exponential(self.nodes, self.values, 0.0, self.nodes)

    def exponential(self, log_k: np.ndarray, delay: np.ndarray) -> Curve:
        """See `Kernel`; shapes (n, t)."""
        node, rest, now = self._place(delay)
        index, offset = grid_position(log_k)
        value, rise = interpolation(offset)
        weights = np.stack([value, rise / (log_grid()[1] - log_grid()[0])], axis=2)
        near = self.states[np.maximum(node, 0)[:, :, None], window(index)[:, None, :]]
        state, slope = np.moveaxis(near @ weights, 2, 0)
        k = np.exp(log_k)[:, None]
        x = k * rest
        decay, first, last = step_weights(k, rest)
        before = self.values[node]
        curve = decay * state + first * before + last * now
        # With p1 = (1 - exp(-x)) / x and p2 = (1 - p1) / x: x p1' = exp(-x) - p1 and x p2' = p1 - 2 p2.
        rest_p2, rest_p1 = last, first + last
        d_last = rest_p1 - 2 * rest_p2
        d_first = rest * decay - rest_p1 - d_last
        slope = decay * (slope - x * state) + d_first * before + d_last * now
        started = node >= 0
        curve, slope, now = (np.where(started, values, 0.0) for values in (curve, slope, now))
        return k * curve, k * (curve + slope), k * (k * curve - now)

    def plasma(self, delay: np.ndarray) -> Curve:
        """See `Kernel`; shapes (n, t)."""
        node, _, now = self._place(delay)
        rise = np.diff(self.values) / np.diff(self.nodes)
        started = node >= 0
        return np.where(started, now, 0.0), None, np.where(started, -rise[node], 0.0)

    def integral(self, delay: np.ndarray) -> Curve:
        """See `Kernel`; shapes (n, t)."""
        node, rest, now = self._place(delay)
        total = self.integrals[node] + 0.5 * rest * (self.values[node] + now)
        started = node >= 0
        return np.where(started, total, 0.0), None, np.where(started, -now, 0.0)

    def _place(self, delay: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Last sample before each frame (-1: none), time since, and the input at the frame."""
        time = self.minutes - delay[:, None]
        node = np.minimum(np.searchsorted(self.nodes, time, side="right") - 1, self.nodes.size - 2)
        rest = time - self.nodes[node]
        rise = np.diff(self.values) / np.diff(self.nodes)
        return node, np.where(node >= 0, rest, 0.0), self.values[node] + rise[node] * rest


def compressed_kernel(basis: Basis, integral: np.ndarray) -> CompressedKernel:
    """Kernel of a basis; `integral` (t,) is that of cp at the frames."""
    return CompressedKernel(basis, basis.directions @ integral)

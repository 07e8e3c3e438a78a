"""A map that bends a standard distribution into a posterior whose ridges are curved, learned from weighted points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST_BENT = 40
"""Most axes that bend, the narrowest: the terms grow with the square of how many."""
POINTS_AN_AXIS = 4.0
"""Independent points, times the square of how many axes bend, that a map is learned from at least."""
PENALTY = 30.0
"""Points' worth of belief that a coefficient is zero: with few points the map hardly bends."""
LOG_SPREAD = (-3.0, 1.0)
"""Range of the logarithm of an axis' spread, in its standard deviations: far from the points a line leads anywhere."""
FAR = 4.0
"""Standard deviations along an axis from which the axes after it no longer follow it."""
NARROWEST = 1e-10
"""Variance of the narrowest axis, as a share of that of the widest."""
NEWTON_STEPS = 4


@dataclass(frozen=True)
class Bend:
    """Axes from the widest to the narrowest, each of the last few with a mean and a spread that the ones before set.

    A tumour's measurements hold some combinations of parameters tightly, and those depend in curves on the loose ones.
    The mean of an axis is a polynomial of degree 2 in the bending axes before it, the logarithm of its spread one of
    degree 1: a triangular (Knothe-Rosenblatt) map (Parno and Marzouk, SIAM/ASA J Uncertain 2018;6:645).

    Attributes
    ----------
    mean : array (p,)
    axes, inverse : arrays (p, p)
        Columns are the axes, each as long as its standard deviation; and their inverse.
    level, slope, curve : arrays (b,), (b, b), (b, b, b)
        Polynomial of the mean of each axis that bends.
    log_spread, log_slope : arrays (b,), (b, b)
        Logarithm of its spread.
    middle, sides : arrays (b,), (b, 2)
        Median of what is left, in spreads, and how wide that is below and above it.
    """

    mean: np.ndarray
    axes: np.ndarray
    inverse: np.ndarray
    level: np.ndarray
    slope: np.ndarray
    curve: np.ndarray
    log_spread: np.ndarray
    log_slope: np.ndarray
    middle: np.ndarray
    sides: np.ndarray

    def bent(self, straight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points (m, p) that straight ones (m, p) map to, and the logarithm of how much the map swells there (m,)."""
        along, swelling = straight.copy(), np.full(len(straight), self._log_volume)
        bending = self._bending(along)
        for axis in range(self.level.size):
            mean, log_spread = self._normal(bending[:, :axis], axis)
            side = self.sides[axis, (bending[:, axis] > 0).astype(int)]
            bending[:, axis] = mean + np.exp(log_spread) * (self.middle[axis] + side * bending[:, axis])
            swelling += log_spread + np.log(side)
        return self.mean + along @ self.axes.T, swelling

    def straightened(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Inverse of `bent`: straight points, and the same swelling."""
        along, swelling = (points - self.mean) @ self.inverse.T, np.full(len(points), self._log_volume)
        before, bending = self._bending(along).copy(), self._bending(along)
        for axis in range(self.level.size):
            mean, log_spread = self._normal(before[:, :axis], axis)
            off = (before[:, axis] - mean) * np.exp(-log_spread) - self.middle[axis]
            side = self.sides[axis, (off > 0).astype(int)]
            bending[:, axis] = off / side
            swelling += log_spread + np.log(side)
        return along, swelling

    def _bending(self, along: np.ndarray) -> np.ndarray:
        return along[:, along.shape[1] - self.level.size :]

    @property
    def _log_volume(self) -> float:
        return float(np.linalg.slogdet(self.axes)[1])

    def _normal(self, before: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
        """Mean and logarithm of the spread of an axis, from those before it (m, axis)."""
        before = np.clip(before, -FAR, FAR)
        curved = np.sum((before @ self.curve[axis, :axis, :axis]) * before, axis=1)
        mean = self.level[axis] + before @ self.slope[axis, :axis] + curved
        return mean, np.clip(self.log_spread[axis] + before @ self.log_slope[axis, :axis], *LOG_SPREAD)


def straight(mean: np.ndarray, covariance: np.ndarray) -> Bend:
    """The map of a normal distribution, without bends."""
    spread, axes = np.linalg.eigh(covariance)
    axes = (axes * np.sqrt(np.maximum(spread, NARROWEST * spread.max())))[:, ::-1]
    none = np.zeros(0)
    return Bend(
        mean,
        axes,
        np.linalg.inv(axes),
        none,
        none[:, None],
        none[:, None, None],
        none,
        none[:, None],
        none,
        none[:, None],
    )


def bend_to(points: np.ndarray, weight: np.ndarray, known: float) -> Bend:
    """Learn the map from points.

    Parameters
    ----------
    points : array (m, p)
    weight : array (m,)
        How much each counts.
    known : float
        How many independent points they are worth.
    """
    from scipy.linalg import cho_solve  # slow to load

    weight = weight / weight.sum()
    mean = weight @ points
    away = points - mean
    plain = straight(mean, (away * weight[:, None]).T @ away)
    b = int(np.clip(np.sqrt(known / POINTS_AN_AXIS), 1, min(MOST_BENT, mean.size)))
    along = (away @ plain.inverse.T)[:, -b:]
    lines = np.hstack([np.ones((len(along), 1)), np.clip(along, -FAR, FAR)])
    # Terms are ordered by axis: those before an axis are the first ones, and so is the root of their products.
    second, first = np.tril_indices(b + 1)
    terms = lines[:, first] * lines[:, second]
    weighted = terms * weight[:, None]
    root = np.linalg.cholesky(weighted.T @ terms + _held(first.size, PENALTY / known))
    moments = weighted.T @ along
    polynomial, log_lines = np.zeros((b, b + 1, b + 1)), np.zeros((b, b + 1))
    middle, sides = np.zeros(b), np.ones((b, 2))
    for axis in range(b):
        used = (axis + 1) * (axis + 2) // 2
        found = cho_solve((root[:used, :used], True), moments[:used, axis])
        polynomial[axis, first[:used], second[:used]] = found
        missed, line = along[:, axis] - terms[:, :used] @ found, lines[:, : axis + 1]
        log_lines[axis, : axis + 1] = _log_spread(line, weight, np.square(missed), PENALTY / known)
        log_spread = np.clip(line @ log_lines[axis, : axis + 1], *LOG_SPREAD)
        middle[axis], sides[axis] = _sides(missed * np.exp(-log_spread), weight)
    return Bend(
        mean=mean,
        axes=plain.axes,
        inverse=plain.inverse,
        level=polynomial[:, 0, 0],
        slope=polynomial[:, 0, 1:],
        curve=polynomial[:, 1:, 1:],
        log_spread=log_lines[:, 0],
        log_slope=log_lines[:, 1:],
        middle=middle,
        sides=sides,
    )


def _sides(left: np.ndarray, weight: np.ndarray) -> tuple[float, np.ndarray]:
    """Weighted median of numbers, and their spread below and above it."""
    order = np.argsort(left)
    middle = left[order[np.searchsorted(np.cumsum(weight[order]), 0.5)]]
    off, above = np.square(left - middle), left > middle
    return float(middle), np.sqrt([weight[side] @ off[side] / weight[side].sum() for side in (~above, above)])


def _held(n: int, penalty: float) -> np.ndarray:
    """Penalty matrix of n coefficients, all but the first."""
    return np.diag(np.concatenate([[0.0], np.full(n - 1, penalty)]))


def _log_spread(terms: np.ndarray, weight: np.ndarray, missed: np.ndarray, penalty: float) -> np.ndarray:
    """Line (n,) of the logarithm of a spread in some terms (m, n), from squared misses (m,): Newton's method."""
    line, held = np.zeros(terms.shape[1]), _held(terms.shape[1], penalty)
    line[0] = 0.5 * np.log(weight @ missed)
    curvature = 2 * (terms * weight[:, None]).T @ terms + held
    for _ in range(NEWTON_STEPS):
        ratio = missed * np.exp(-2 * np.clip(terms @ line, *LOG_SPREAD))
        line = line + np.linalg.solve(curvature, terms.T @ (weight * (ratio - 1)) - held @ line)
    return line

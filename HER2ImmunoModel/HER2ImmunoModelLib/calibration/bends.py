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
AT_ONCE = 1024
"""Points bent together: few enough for the cache."""


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
    polynomial : array (b, b + 1, b + 1)
        Coefficients of the mean of each axis that bends, by the two factors of a term, the later one first: 1 and the
        axes before it.
    log_line : array (b, b + 1)
        Those of the logarithm of its spread.
    middle, sides : arrays (b,), (b, 2)
        Median of what is left, in spreads, and how wide that is below and above it.
    """

    mean: np.ndarray
    axes: np.ndarray
    inverse: np.ndarray
    polynomial: np.ndarray
    log_line: np.ndarray
    middle: np.ndarray
    sides: np.ndarray

    def bent(self, straight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points (m, p) that straight ones (m, p) map to, and the logarithm of how much the map swells there (m,)."""
        along, swelling = self._followed(straight, inverse=False)
        return self.mean + along @ self.axes.T, swelling

    def straightened(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Inverse of `bent`: straight points, and the same swelling."""
        return self._followed((points - self.mean) @ self.inverse.T, inverse=True)

    def _followed(self, points: np.ndarray, *, inverse: bool) -> tuple[np.ndarray, np.ndarray]:
        """Points along the axes from straight ones, or the other way about, and how much the map swells."""
        moved, swelling = points.copy(), np.full(len(points), np.linalg.slogdet(self.axes)[1])
        for first in range(0, len(points) if self.middle.size else 0, AT_ONCE):
            some = slice(first, first + AT_ONCE)
            bending = points[some, points.shape[1] - self.middle.size :].T
            values, swells = self._bent_axes(bending, inverse)
            moved[some, points.shape[1] - self.middle.size :] = values.T
            swelling[some] += swells
        return moved, swelling

    def _bent_axes(self, bending: np.ndarray, inverse: bool) -> tuple[np.ndarray, np.ndarray]:
        """The axes that bend (b, m), one after another, and the logarithm of their spreads (m,)."""
        b, m = bending.shape
        mean, log_spread = np.repeat(self.polynomial[:, 0, :1], m, axis=1), np.repeat(self.log_line[:, :1], m, axis=1)
        found, swelling, lines = np.empty((b, m)), np.zeros(m), np.ones((b + 1, m))
        for axis in range(b):
            log_width = np.clip(log_spread[axis], *LOG_SPREAD)
            if inverse:
                off = (bending[axis] - mean[axis]) * np.exp(-log_width) - self.middle[axis]
                side = np.where(off > 0, self.sides[axis, 1], self.sides[axis, 0])
                found[axis], value = off / side, bending[axis]
            else:
                side = np.where(bending[axis] > 0, self.sides[axis, 1], self.sides[axis, 0])
                value = mean[axis] + np.exp(log_width) * (self.middle[axis] + side * bending[axis])
                found[axis] = value
            swelling += log_width + np.log(side)
            # The axes after it follow this one, at most so far.
            lines[axis + 1] = np.clip(value, -FAR, FAR)
            after = slice(axis + 1, b)
            mean[after] += self.polynomial[after, axis + 1, : axis + 2] @ (lines[: axis + 2] * lines[axis + 1])
            log_spread[after] += np.multiply.outer(self.log_line[after, axis + 1], lines[axis + 1])
        return found, swelling


def straight(mean: np.ndarray, covariance: np.ndarray) -> Bend:
    """The map of a normal distribution, without bends."""
    spread, axes = np.linalg.eigh(covariance)
    axes = (axes * np.sqrt(np.maximum(spread, NARROWEST * spread.max())))[:, ::-1]
    nothing = np.zeros((0, 1, 1))
    return Bend(mean, axes, np.linalg.inv(axes), nothing, nothing[..., 0], nothing[:, 0, 0], nothing[..., 0])


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
    weight = weight / weight.sum()
    mean = weight @ points
    away = points - mean
    plain = straight(mean, (away * weight[:, None]).T @ away)
    b = int(np.clip(np.sqrt(known / POINTS_AN_AXIS), 1, min(MOST_BENT, mean.size)))
    along = np.ascontiguousarray((away @ plain.inverse.T)[:, -b:].T)
    lines = np.vstack([np.ones((1, len(points))), np.clip(along, -FAR, FAR)])
    polynomial, missed = _polynomials(along, lines, weight, PENALTY / known)
    log_line, middle, sides = np.zeros((b, b + 1)), np.zeros(b), np.ones((b, 2))
    for axis in range(b):
        line = lines[: axis + 1]
        log_line[axis, : axis + 1] = _log_spread(line, weight, np.square(missed[axis]), PENALTY / known)
        log_spread = np.clip(log_line[axis, : axis + 1] @ line, *LOG_SPREAD)
        middle[axis], sides[axis] = _sides(missed[axis] * np.exp(-log_spread), weight)
    return Bend(mean, plain.axes, plain.inverse, polynomial, log_line, middle, sides)


def _polynomials(along: np.ndarray, lines: np.ndarray, weight: np.ndarray, penalty: float):
    """Polynomials of the means of axes (b, m), array (b, b + 1, b + 1), and what they miss (b, m)."""
    from scipy.linalg import cho_solve  # slow to load

    b, m = along.shape
    # Terms are ordered by axis: those before an axis are the first ones, and so is the root of their products.
    later, first = np.tril_indices(b + 1)
    terms = np.empty((first.size, m))
    for axis in range(b + 1):
        np.multiply(lines[: axis + 1], lines[axis], out=terms[axis * (axis + 1) // 2 :][: axis + 1])
    moments = terms @ (along * weight).T
    weighted = terms * np.sqrt(weight)
    # A matrix times itself takes half the work of two matrices.
    root = np.linalg.cholesky(weighted @ weighted.T + _held(first.size, penalty))
    found = np.zeros((b, first.size))
    for axis in range(b):
        used = (axis + 1) * (axis + 2) // 2
        found[axis, :used] = cho_solve((root[:used, :used], True), moments[:used, axis], check_finite=False)
    polynomial = np.zeros((b, b + 1, b + 1))
    polynomial[:, later, first] = found
    return polynomial, along - found @ terms


def _sides(left: np.ndarray, weight: np.ndarray) -> tuple[float, np.ndarray]:
    """Weighted median of numbers, and their spread below and above it."""
    order = np.argsort(left)
    middle = left[order[np.searchsorted(np.cumsum(weight[order]), 0.5)]]
    off, above = np.square(left - middle), left > middle
    return float(middle), np.sqrt([weight[side] @ off[side] / weight[side].sum() for side in (~above, above)])


def _held(n: int, penalty: float) -> np.ndarray:
    """Penalty matrix of n coefficients, all but the first."""
    return np.diag(np.concatenate([[0.0], np.full(n - 1, penalty)]))


def _log_spread(lines: np.ndarray, weight: np.ndarray, missed: np.ndarray, penalty: float) -> np.ndarray:
    """Line (n,) of the logarithm of a spread in some terms (n, m), from squared misses (m,): Newton's method."""
    found, held = np.zeros(len(lines)), _held(len(lines), penalty)
    found[0] = 0.5 * np.log(weight @ missed)
    curvature = 2 * (lines * weight) @ lines.T + held
    for _ in range(NEWTON_STEPS):
        ratio = missed * np.exp(-2 * np.clip(found @ lines, *LOG_SPREAD))
        found = found + np.linalg.solve(curvature, lines @ (weight * (ratio - 1)) - held @ found)
    return found

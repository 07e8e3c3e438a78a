"""Where the refinement starts: the best of all pairs of curves on a grid, with coefficients that are not negative."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .rows import matmul_rows

COLLINEAR = 1e-7


@dataclass(frozen=True, eq=False)
class Dictionary:
    """Curves and which pairs of them make a model.

    Attributes
    ----------
    lengths : ndarray, shape (m,)
    single : ndarray, shape (rank, m)
        Curves of unit length.
    pairs : ndarray of int, shape (2, q)
        Indices of both curves.
    sine : ndarray, shape (q,)
        Of the angle between them.
    second, first : ndarray, shape (rank, q)
        Unit part of the second curve that is orthogonal to the first, and the other way round.
    """

    lengths: np.ndarray
    single: np.ndarray
    pairs: np.ndarray
    sine: np.ndarray
    second: np.ndarray
    first: np.ndarray


@dataclass(eq=False)
class Best:
    """Best entry of each voxel.

    Attributes
    ----------
    score : ndarray, shape (n,)
        Squared length of the voxel's curve that it explains.
    dictionary : ndarray of int
        Which dictionary it is of.
    curves : ndarray of int, shape (n, 2)
        Indices of both curves; the second is -1 where one curve is best alone.
    coefficients : ndarray, shape (n, 2)
    """

    score: np.ndarray
    dictionary: np.ndarray
    curves: np.ndarray
    coefficients: np.ndarray


def make_dictionary(curves: np.ndarray, pairs: np.ndarray) -> Dictionary:
    """Prepare curves (m, rank) and pairs of their indices (2, q); collinear pairs are left out."""
    lengths = np.linalg.norm(curves, axis=1)
    unit = curves / np.where(lengths > 0, lengths, 1.0)[:, None]
    a, b = unit[pairs[0]], unit[pairs[1]]
    cosine = np.einsum("qr,qr->q", a, b)[:, None]
    second, first = b - cosine * a, a - cosine * b
    sine = np.linalg.norm(second, axis=1)
    usable = (sine > COLLINEAR) & (lengths[pairs] > 0).all(axis=0)
    second, first, sine = second[usable], first[usable], sine[usable]
    return Dictionary(
        np.where(lengths > 0, lengths, 1.0),
        np.ascontiguousarray(unit.T),
        pairs[:, usable],
        sine,
        np.ascontiguousarray((second / sine[:, None]).T),
        np.ascontiguousarray((first / sine[:, None]).T),
    )


def best_entries(y: np.ndarray, dictionaries: Iterable[Dictionary]) -> Best:
    """Best single curve or pair for each row of `y` (n, rank)."""
    n = len(y)
    best = Best(np.zeros(n), np.zeros(n, int), np.tile([0, -1], (n, 1)), np.zeros((n, 2)))
    row = np.arange(n)
    for number, entries in enumerate(dictionaries):
        along = matmul_rows(y, entries.single)
        chosen = np.argmax(along, axis=1)
        value = along[row, chosen]
        none = np.full(n, -1)
        zero = np.zeros(n)
        _take(best, np.maximum(value, 0) ** 2, number, (chosen, none), (value / entries.lengths[chosen], zero))
        if entries.pairs.shape[1]:
            _take_pairs(y, along, entries, number, best)
    return best


def _take_pairs(y: np.ndarray, along: np.ndarray, entries: Dictionary, number: int, best: Best) -> None:
    by_second, by_first = matmul_rows(y, entries.second), matmul_rows(y, entries.first)
    score = along[:, entries.pairs[0]] ** 2 + by_second**2
    score[(by_second <= 0) | (by_first <= 0)] = -1.0
    pair = np.argmax(score, axis=1)
    row = np.arange(len(y))
    a, b = entries.pairs[:, pair]
    sine = entries.sine[pair]
    coefficients = (
        by_first[row, pair] / (sine * entries.lengths[a]),
        by_second[row, pair] / (sine * entries.lengths[b]),
    )
    _take(best, score[row, pair], number, (a, b), coefficients)


def _take(
    best: Best,
    score: np.ndarray,
    number: int,
    curves: tuple[np.ndarray, np.ndarray],
    coefficients: tuple[np.ndarray, np.ndarray],
) -> None:
    better = score > best.score
    best.score[better] = score[better]
    best.dictionary[better] = number
    best.curves[better] = np.stack(curves, axis=1)[better]
    best.coefficients[better] = np.stack(coefficients, axis=1)[better]

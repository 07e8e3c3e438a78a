"""Draws weighed by measurements that were not made yet: what each truth among them would teach of the others.

Every draw is the truth once; its measurement, with noise, weighs all others. A draw never weighs in on its own
measurement, which it explains too well. Sums are kept by group of draws, so that whatever is estimated from them can be
estimated again without each group, which gives its Monte Carlo error (the jackknife).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

GROUPS = 20
"""Groups of draws that are left out in turn."""
TRUTHS_AT_ONCE = 256
"""Truths whose weights are held at once: with a thousand draws, a megabyte a column."""
MOST_TRUTHS = 2000
"""Draws that are the truth in turn; of more draws the others weigh in only."""
SOME = 100
"""Truths under which effective numbers and the spread of an answer are found, at least, if there are as many."""
ENDS = (0.05, 0.95)


class Foreseen(Protocol):
    """Measurements of one column on a day to come."""

    def log_likelihood(self, truths: slice) -> np.ndarray:
        """Of the measurements of some truths under every slot of a draw, up to a constant, array (slots, truths)."""


@dataclass(frozen=True, eq=False)
class Pool:
    """Distinct draws, in groups.

    Attributes
    ----------
    share : array (n,)
        Weight of each; they sum to 1. More than 1/n for a draw that a sampler returned several times.
    """

    share: np.ndarray

    @property
    def n(self) -> int:
        """How many draws there are."""
        return self.share.size

    @property
    def truths(self) -> int:
        """How many of them, the first, are the truth in turn."""
        return min(self.n, MOST_TRUTHS)

    @property
    def size(self) -> int:
        """Draws of a group; some have one fewer."""
        return -(-self.n // GROUPS)

    @property
    def group(self) -> np.ndarray:
        """Group of each draw, int array (n,)."""
        return np.arange(self.n) % GROUPS

    @property
    def slot(self) -> np.ndarray:
        """Place of each draw where groups follow each other, int array (n,)."""
        return self.group * self.size + np.arange(self.n) // GROUPS

    def padded(self, values: np.ndarray) -> np.ndarray:
        """Values (..., n) in their slots, with zeros in those that are empty, array (..., groups * size)."""
        whole = np.zeros((*values.shape[:-1], GROUPS * self.size))
        whole[..., self.slot] = values
        return whole

    def grouped(self, rows: np.ndarray) -> np.ndarray:
        """Rows (rows, n) by group, array (groups, rows, size)."""
        return self.padded(rows).reshape(len(rows), GROUPS, self.size).transpose(1, 0, 2)


@dataclass(frozen=True, eq=False)
class Learned:
    """What one measurement would teach.

    Attributes
    ----------
    sums : array (1 + rows, groups, truths)
        Sums over the draws of their weights, and of their weights times each row.
    concentration : array (some truths,)
        Sum of the squared weights over the square of their sum: one over the effective number of draws.
    ends : int array (2, some truths)
        Places of the ends of the 90 % interval in the order that was asked for; none without an order.
    """

    sums: np.ndarray
    concentration: np.ndarray
    ends: np.ndarray

    @property
    def effective(self) -> float:
        """Draws that the measurement leaves, on average."""
        return float(1.0 / self.concentration.mean())

    def without_each(self) -> np.ndarray:
        """The sums without each group, of that shape; added up from both sides, as a difference would cancel."""
        before, after = np.zeros_like(self.sums), np.zeros_like(self.sums)
        np.cumsum(self.sums[:, :-1], axis=1, out=before[:, 1:])
        after[:, :-1] = np.cumsum(self.sums[:, :0:-1], axis=1)[:, ::-1]
        return before + after


def learned(
    pool: Pool,
    rows: np.ndarray,
    foreseen: Mapping[str, Foreseen],
    bundles: Sequence[Sequence[str]],
    order: np.ndarray | None = None,
) -> Iterator[Learned]:
    """What measurements of each bundle of columns on one day would teach.

    Parameters
    ----------
    pool : Pool
    rows : array (rows, n)
        What is averaged over the draws.
    foreseen : mapping of str to Foreseen
        Each column, with the draws in their slots (`Pool.padded`).
    bundles : sequence of sequence of str
        Columns that are measured together.
    order : int array (n,), optional
        The draws in the order of an answer whose spread is wanted.

    Yields
    ------
    Learned
        Of each bundle, in that order.
    """
    grouped = pool.grouped(np.concatenate([np.ones((1, pool.n)), rows])).astype(np.float32)
    blocks = [slice(i, min(i + TRUTHS_AT_ONCE, pool.truths)) for i in range(0, pool.truths, TRUTHS_AT_ONCE)]
    each = [[_summed(pool, grouped, w, order) for w in _weights(pool, foreseen, bundles, block)] for block in blocks]
    for parts in zip(*each, strict=True):
        yield Learned(*(np.concatenate(arrays, axis=-1) for arrays in zip(*parts, strict=True)))


def _weights(
    pool: Pool, foreseen: Mapping[str, Foreseen], bundles: Sequence[Sequence[str]], block: slice
) -> Iterator[np.ndarray]:
    """Weights of all draws by the measurements of some truths, array (slots, truths), for each bundle."""
    wanted = {column for bundle in bundles for column in bundle}
    apart = {column: foreseen[column].log_likelihood(block) for column in wanted}
    with np.errstate(divide="ignore"):
        share = np.log(pool.padded(pool.share)).astype(np.float32)[:, None]
    own = pool.slot[block]
    for bundle in bundles:
        weight = share + apart[bundle[0]]
        for column in bundle[1:]:
            weight += apart[column]
        weight[own, np.arange(own.size)] = -np.inf
        weight -= weight.max(axis=0)
        yield np.exp(weight, out=weight)


def _summed(
    pool: Pool, grouped: np.ndarray, weight: np.ndarray, order: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Parts of `Learned`, of one block."""
    truths = weight.shape[1]
    sums = np.matmul(grouped, weight.reshape(GROUPS, pool.size, truths)).transpose(1, 0, 2).astype(float)
    some = weight[:, :: max(1, pool.truths // SOME)]
    concentration = np.square(some).sum(axis=0) / np.square(some.sum(axis=0))
    if order is None:
        return sums, concentration, np.empty((2, 0), dtype=int)
    return sums, concentration, places(np.cumsum(some[pool.slot[order]], axis=0, dtype=np.float64))


def places(cumulated: np.ndarray) -> np.ndarray:
    """Places of the ends of the 90 % interval along cumulated weights (n, ...), int array (2, ...)."""
    return np.array([np.count_nonzero(cumulated < end * cumulated[-1], axis=0) for end in ENDS])

"""How much an answer is sharpened, of a number or of a choice, with its Monte Carlo error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .scan_weights import GROUPS, Learned, Pool, places


@dataclass(frozen=True, eq=False)
class Estimate:
    """Something estimated from all draws, and again without each group of them.

    Attributes
    ----------
    value : float
    without : array (groups,)
        NaN for a group that is empty.
    """

    value: float
    without: np.ndarray

    @property
    def error(self) -> float:
        """Monte Carlo standard error: of the jackknife over groups (Efron and Stein, Ann Stat 1981;9:586-596)."""
        kept = self.without[np.isfinite(self.without)]
        return float(np.sqrt((kept.size - 1) * kept.var())) if kept.size > 1 else float("nan")

    def less(self, other: Estimate) -> Estimate:
        """The difference, whose error knows that both are from the same draws."""
        return Estimate(self.value - other.value, self.without - other.without)

    def over(self, other: Estimate) -> Estimate:
        """The ratio; NaN without a group where the other is nothing then."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return Estimate(self.value / other.value, self.without / other.without)


NOTHING = Estimate(0.0, np.zeros(GROUPS))
"""Where there is nothing to be gained."""


@dataclass(frozen=True, eq=False)
class Gain:
    """What one measurement is worth.

    Attributes
    ----------
    share : Estimate
        Of the variance that it removes, or of the value of knowing the truth that it brings.
    after : float
        Width of the 90 % interval to expect, or probability that the choice is the best.
    worth : Estimate or None
        Expected improvement of the objective, of a choice.
    effective : float
        Draws that the measurement leaves on average.
    """

    share: Estimate
    after: float
    worth: Estimate | None
    effective: float


class Number:
    """A number whose variance is to be reduced.

    Parameters
    ----------
    pool : Pool
    value : array (n,)
        In the scale in which its variance counts.
    shown : array (n,), optional
        The same in the scale in which widths are told.
    """

    def __init__(self, pool: Pool, value: np.ndarray, shown: np.ndarray | None = None):
        self._pool = pool
        shown = value if shown is None else shown
        middle = float(pool.share @ value)
        spread = float(np.sqrt(pool.share @ np.square(value - middle)))
        self.is_known = not spread > 0
        self._value = (value - middle) / (spread or 1.0)
        self.rows = np.stack([self._value, np.square(self._value)])
        self.order = np.argsort(shown, kind="stable")
        self._sorted = shown[self.order]
        cumulated = np.cumsum(pool.share[self.order])
        self.lower, self.upper = self._sorted[places(cumulated).clip(max=pool.n - 1)].tolist()
        self.middle = float(self._sorted[np.searchsorted(cumulated, 0.5).clip(max=pool.n - 1)])
        self._before = self._variance()

    @property
    def before(self) -> float:
        """Width of its 90 % interval now."""
        return self.upper - self.lower

    def gain(self, learned: Learned) -> Gain:
        """What a measurement is worth.

        The variance that is left is the mean of two estimates: that of the weighted draws, which is too small by the
        inverse of their effective number, and the square by which their mean misses the truth, which is too large by
        as much (Strong et al., Med Decis Making 2015;35:570-583, weigh draws in the same way).
        """
        sums, truth, pool = learned.sums, self._value[: self._pool.truths], self._pool
        share = pool.share[: pool.truths]
        group = pool.group[: pool.truths]
        left = _left(sums.sum(axis=1), truth)
        without = _left(learned.without_each(), truth)
        others = np.arange(GROUPS)[:, None] != group
        mean = Estimate(_mean(left, share), _mean(without, share * others))
        removed = NOTHING if self.is_known else Estimate(1.0, np.ones(GROUPS)).less(mean.over(self._before))
        ends = self._sorted[learned.ends.clip(max=pool.n - 1)]
        return Gain(removed, float((ends[1] - ends[0]).mean()), None, learned.effective)

    def _variance(self) -> Estimate:
        """Variance of the value before, without bias, from all draws."""
        sums = np.stack([np.ones(self._pool.n), *self.rows, self._pool.share]) * self._pool.share
        by_group = self._pool.grouped(sums).sum(axis=2)
        rest = by_group.sum(axis=0) - by_group
        return Estimate(float(_unbiased(by_group.sum(axis=0)[:, None])[0]), _unbiased(rest.T))


def _left(sums: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Variance that is left under each truth, from sums of weights, values and squares (3, ..., truths)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = sums[1] / sums[0]
        return 0.5 * (sums[2] / sums[0] - np.square(mean) + np.square(truth - mean))


def _unbiased(sums: np.ndarray) -> np.ndarray:
    """Variances from sums of shares, of shares times values and squares, and of squared shares (4, k), array (k,)."""
    total, first, second, squares = sums
    with np.errstate(divide="ignore", invalid="ignore"):
        return (second / total - np.square(first / total)) / (1.0 - squares / np.square(total))


def _mean(values: np.ndarray, share: np.ndarray):
    """Mean over truths by their shares, of those that have a value; along the last axis."""
    share = np.where(np.isfinite(values), share, 0.0)
    total = share.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(np.isfinite(values), values * share, 0.0).sum(axis=-1) / total
    return float(mean) if mean.ndim == 0 else mean


class Choice:
    """A choice among schedules that is to be made better.

    Parameters
    ----------
    pool : Pool
    loss : array (schedules, n)
        Of every schedule under every draw.
    """

    order = None

    def __init__(self, pool: Pool, loss: np.ndarray):
        self._pool = pool
        best = loss == loss.min(axis=0)
        self._best = best / best.sum(axis=0)
        self.chosen = int(np.argmin(loss @ pool.share))
        # Against what is chosen now: what all schedules have in common says nothing of the choice.
        self._loss = loss - loss[self.chosen]
        self._scale = float(np.abs(self._loss).max()) or 1.0
        self.rows = np.concatenate([self._loss / self._scale, self._best])
        self.perfect = self._perfect()

    @property
    def before(self) -> float:
        """Probability that what is chosen now is the best."""
        return float(self._best[self.chosen] @ self._pool.share)

    @property
    def is_known(self) -> bool:
        """Whether the same schedule is the best of every draw."""
        return not self.perfect.value > 0

    def gain(self, learned: Learned) -> Gain:
        """What a measurement is worth: the loss that choosing after it avoids (Raiffa and Schlaifer 1961).

        What is best after a measurement is chosen by the draws outside a group and judged by those inside, for each
        group: judged by the same draws, chance would make the choice look better than it is.
        """
        sums, count = learned.sums, len(self._loss)
        chosen = np.argmin(learned.without_each()[1 : 1 + count], axis=0)
        avoided = -np.take_along_axis(sums[1 : 1 + count], chosen[None], axis=0)[0] * self._scale
        right = np.take_along_axis(sums[1 + count :], chosen[None], axis=0)[0]
        worth = self._over_truths(avoided, sums[0])
        after = self._over_truths(right, sums[0])
        share = NOTHING if self.is_known else worth.over(self.perfect)
        return Gain(share, after.value, worth, learned.effective)

    def _over_truths(self, values: np.ndarray, weights: np.ndarray) -> Estimate:
        """Mean over the truths of sums (groups, truths) over their weights, from all groups and without each."""
        pool = self._pool
        share, group = pool.share[: pool.truths], pool.group[: pool.truths]
        others = np.arange(GROUPS)[:, None] != group
        with np.errstate(divide="ignore", invalid="ignore"):
            all_ = values.sum(axis=0) / weights.sum(axis=0)
            rest = _rest(values) / _rest(weights)
        return Estimate(_mean(all_, share), _mean(rest, share * others))

    def _perfect(self) -> Estimate:
        """What knowing the truth would be worth: the least loss of each draw against that of what is chosen now."""
        avoided = -self._loss.min(axis=0) * self._pool.share
        by_group = self._pool.grouped(np.stack([avoided, self._pool.share])).sum(axis=2)
        total = by_group.sum(axis=0)
        return Estimate(float(total[0] / total[1]), (total[0] - by_group[:, 0]) / (total[1] - by_group[:, 1]))


def _rest(values: np.ndarray) -> np.ndarray:
    """Sums over all groups but each, from those of each (groups, truths)."""
    return np.stack([np.delete(values, group, axis=0).sum(axis=0) for group in range(len(values))])

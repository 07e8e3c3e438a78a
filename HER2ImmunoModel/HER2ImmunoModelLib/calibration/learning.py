"""Learning the shape of a posterior by rounds of importance sampling, each from what the rounds before it found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.progress import Report, tell

from .bends import Bend, bend_to
from .proposals import draw_guarded, log_guarded

LogDensity = Callable[[np.ndarray], np.ndarray]
"""`log_density(theta)`: points (m, p) to log densities (m,), minus infinity where one cannot be simulated."""

POINTS = 8192
"""Points of a round: a large batch is cheap."""
ROUNDS = 14
"""Most rounds."""
GOOD_SHARE = 0.1
"""Share of the points of a round that are effective, from which another round is not worth its while."""
WIDTH = 1.1
"""Width of a round's points over what was learned: too wide costs points, too narrow misses tails."""
CLIPPED = 50
"""How many of the heaviest points count alike: one that happens to be heavy must not be all that counts."""
FEWEST = 500.0
"""Effective points a round, at most `ENOUGH` in all, that weights are flattened to leave."""
LEAST_WEIGHT = 0.02
"""Share of the mean weight below which a point is forgotten."""
LEARNED_FROM = 8000
"""Points, drawn by their weights, that a map is learned from."""
ENOUGH = 2000.0
"""Effective points of all rounds that a good map needs."""


def learn(
    log_density: LogDensity, bend: Bend, random: np.random.RandomState, report: Report | None = None
) -> tuple[Bend, np.ndarray]:
    """Map of a density, and points spread as it is, roughly.

    Adaptive importance sampling (Cappe et al., Stat Comput 2008;18:447) with weights that are clipped and flattened
    where few points have them all (Koblents and Miguez, Stat Comput 2015;25:407). What it learns only helps a sampler,
    which stays right however poor it is.

    Parameters
    ----------
    log_density : LogDensity
    bend : Bend
        First guess.
    random : RandomState
    report : Report, optional

    Returns
    -------
    bend : Bend
    points : array (m, p)
        Empty where no point could be simulated.
    """
    rounds: list[_Round] = []
    picked = np.empty((0, bend.mean.size))
    for number in range(ROUNDS):
        tell(report, number / ROUNDS, f"Learning the shape of the posterior, round {number + 1}")
        rounds = _joined(rounds, log_density, bend, random)
        if rounds[-1].effective == 0:
            return bend, picked
        log_weight = np.concatenate([one.log_weight for one in rounds])
        good = rounds[-1].effective >= GOOD_SHARE * POINTS and effective(log_weight) >= ENOUGH
        points = np.concatenate([one.points for one in rounds])
        log_weight = np.minimum(log_weight, _heavy(log_weight))
        log_weight = _flattened(log_weight, min(FEWEST * (number + 1), ENOUGH))
        weight = np.exp(log_weight - log_weight.max())
        picked = points[random.choice(len(points), LEARNED_FROM, p=weight / weight.sum())]
        once, times = np.unique(picked, axis=0, return_counts=True)
        bend = bend_to(once, times.astype(float), effective(log_weight))
        if good:
            break
    return bend, picked


@dataclass
class _Round:
    """Points (m, p) drawn by a map, their log densities (m,), and log densities (m,) of being drawn by each map."""

    bend: Bend
    points: np.ndarray
    density: np.ndarray
    drawn: list[np.ndarray]
    effective: float

    @property
    def log_weight(self) -> np.ndarray:
        """Weights over the mixture of all rounds."""
        return self.density - np.logaddexp.reduce(self.drawn, axis=0)

    def select(self, kept: np.ndarray) -> None:
        """Keep some of the points."""
        self.points, self.density = self.points[kept], self.density[kept]
        self.drawn = [drawn[kept] for drawn in self.drawn]


def _joined(rounds: list[_Round], log_density: LogDensity, bend: Bend, random: np.random.RandomState) -> list[_Round]:
    """The rounds with a new one, each point weighed over all of them; points that weigh nothing are left out."""
    straight = WIDTH * draw_guarded(POINTS, bend.mean.size, random)
    points, swelling = bend.bent(straight)
    new = _Round(bend, points, log_density(points), [_log_drawn(straight, swelling)], 0.0)
    if not np.isfinite(new.density).any():
        return [*rounds, new]
    new.effective = effective(new.log_weight)
    new.select(_matter(new.log_weight))
    new.drawn += [_log_drawn(*one.bend.straightened(new.points)) for one in rounds]
    for one in rounds:
        one.drawn = [*one.drawn, _log_drawn(*bend.straightened(one.points))]
    for one in (*rounds, new):
        one.select(_matter(one.log_weight))
    return [*rounds, new]


def _matter(log_weight: np.ndarray) -> np.ndarray:
    """Which weights are not small against their mean, or the heaviest; more maps can only make them smaller."""
    most = log_weight.max()
    least = most + np.log(LEAST_WEIGHT * np.exp(log_weight - most).mean())
    return np.isfinite(log_weight) & (log_weight >= min(least, _heavy(log_weight)))


def _heavy(log_weight: np.ndarray) -> float:
    """The least of the heaviest weights."""
    return float(np.sort(log_weight)[-CLIPPED:][0])


def _log_drawn(straight: np.ndarray, swelling: np.ndarray) -> np.ndarray:
    """Log density of a round's points, up to what all rounds share."""
    return log_guarded(straight / WIDTH) - swelling


def effective(log_weight: np.ndarray) -> float:
    """Effective number of points with these weights (Kish)."""
    weight = np.exp(log_weight - log_weight.max())
    return float(weight.sum() ** 2 / np.square(weight).sum())


def _flattened(log_weight: np.ndarray, least: float) -> np.ndarray:
    """Weights to the largest power, at most 1, that leaves `least` of them effective."""
    if effective(log_weight) >= least:
        return log_weight
    low, high = 0.0, 1.0
    for _ in range(12):
        power = 0.5 * (low + high)
        low, high = (power, high) if effective(_power(log_weight, power)) >= least else (low, power)
    return _power(log_weight, low)


def _power(log_weight: np.ndarray, power: float) -> np.ndarray:
    """Weights to a power; nothing stays nothing."""
    return np.where(np.isfinite(log_weight), power * log_weight, -np.inf)

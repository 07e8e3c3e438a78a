"""Draws from a posterior by importance sampling from a map that was learned, where its weights can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.progress import Report, tell

from .bends import Bend
from .diagnostics import ENOUGH_DRAWS, Sampling, judge_weights, smoothed
from .learning import POINTS, WIDTH, LogDensity
from .proposals import draw_guarded, log_guarded

MOST_ROUNDS = 32
"""Most rounds of points: what does not suffice after these is left to the sampler."""
TRIED_ROUNDS = 4
"""Rounds after which it is foretold whether the most rounds will suffice."""
BATCHES_A_ROUND = 4
"""Independent batches a round is split into, which must agree."""


@dataclass(frozen=True)
class Weighted:
    """Points (m, p), their log densities (m,), smoothed weights (m,) that sum to 1, and how far they can be trusted.

    `heaviest` is the logarithm of their largest weight, as `log_weight_of` has it.
    """

    points: np.ndarray
    density: np.ndarray
    weight: np.ndarray
    sampling: Sampling
    heaviest: float

    def picked(self, n: int, random: np.random.RandomState) -> np.ndarray:
        """Indices (n,) of points drawn by their weights, as evenly as can be, in random order."""
        places = (np.arange(n) + random.uniform()) / n
        found = np.searchsorted(np.cumsum(self.weight), places).clip(max=self.weight.size - 1)
        return random.permutation(found)


def weigh(
    log_density: LogDensity,
    bend: Bend,
    names: tuple[str, ...],
    random: np.random.RandomState,
    report: Report | None = None,
) -> Weighted:
    """Weigh independent points of a bent t distribution, and some that look for tails, until enough are effective.

    Weights are Pareto-smoothed (Vehtari et al., J Mach Learn Res 2024;25:72); their tail says whether to trust them.

    Parameters
    ----------
    log_density : LogDensity
    bend : Bend
    names : tuple of str
        Parameters, in order.
    random : RandomState
    report : Report, optional
    """
    rounds: list[tuple[np.ndarray, ...]] = []
    for number in range(1, MOST_ROUNDS + 1):
        tell(report, number / (MOST_ROUNDS + 1), f"Weighing points of the posterior, round {number}")
        rounds.append(_round(log_density, bend, random))
        points, density, log_weight = (np.concatenate(parts) for parts in zip(*rounds, strict=True))
        weight, tail = smoothed(log_weight)
        sampling = judge_weights(points, weight, tail, names, BATCHES_A_ROUND * number)
        if sampling.converged:
            break
        if number >= TRIED_ROUNDS and min(sampling.effective.values()) * MOST_ROUNDS < ENOUGH_DRAWS * number:
            break
    return Weighted(points, density, weight, sampling, float(log_weight.max()))


def log_weight_of(bend: Bend, points: np.ndarray, density: np.ndarray) -> np.ndarray:
    """Log weights (m,) that points (m, p) of some log densities (m,) would have, had they been drawn to be weighed."""
    straight, swelling = bend.straightened(points)
    return density + swelling - log_guarded(straight / WIDTH)


def _round(log_density: LogDensity, bend: Bend, random: np.random.RandomState) -> tuple[np.ndarray, ...]:
    """Points (m, p), log densities (m,) and log weights (m,)."""
    straight = draw_guarded(POINTS, bend.mean.size, random)
    points, swelling = bend.bent(WIDTH * straight)
    density = log_density(points)
    return points, density, density + swelling - log_guarded(straight)

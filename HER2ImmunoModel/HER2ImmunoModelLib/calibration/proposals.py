"""A move of an ensemble sampler that offers every walker many points at once."""

from __future__ import annotations

from math import lgamma, log

import numpy as np

from .bends import Bend

BOLDNESS = (0.35, 0.7, 1.0, 1.0)
"""Shares of a fresh draw in a proposal; 1 forgets where the walker was."""
FREEDOM = 20.0
"""Degrees of freedom of the t distribution proposals keep to: tails heavier than normal, or walkers stick in them."""
FAR_OUT = 3.0
"""Factor on an axis of the points that look for tails a map does not know."""
HEAVY_FREEDOM = 2.0
"""Degrees of freedom of those that look along all axes."""
GUARDS = (0.85, 0.1, 0.05)
"""Shares of points that do not look for tails, that do along one axis, and along all."""
TRIES = 32
"""Points offered to each walker: a large batch costs little more than a small one."""


class ManyTries:
    """Crank-Nicolson proposals that keep a bent t distribution, many at once (a move of `emcee.EnsembleSampler`).

    Everything happens in the straight space of a map (`bends.Bend`). From a walker goes a Crank-Nicolson step to a
    hidden point, and from there many to the points offered. Each step keeps the t distribution and is reversible in
    it, so to stay or go to any of them with a chance in proportion to density over t distribution leaves the density
    invariant. Cotter et al., Stat Sci 2013;28:424; Tjelmeland, NTNU Statistics preprint 4/2004; Calderhead, PNAS
    2014;111:17408; t distribution in a learned space: Grumitt et al., arXiv:2207.05652.

    Parameters
    ----------
    bend : Bend
        Any map is valid, one that bends the t distribution near the density moves fast.
    width : float
        Factor on the width of the t distribution.
    tries : int
    """

    def __init__(self, bend: Bend, width: float = 1.0, tries: int = TRIES):
        self._width, self._tries = width, tries
        self.refer(bend)

    def refer(self, bend: Bend) -> None:
        """Take another map; the steps before it must not be kept."""
        self._bend = bend

    def propose(self, model, state):
        """Move every walker (the interface of an emcee move); returns the state and which walkers moved."""
        walkers, size = state.coords.shape
        random = model.random
        share = random.choice(BOLDNESS, size=(walkers, 1, 1))
        straight, swelling = self._bend.straightened(state.coords)
        before = straight[:, None] / self._width
        hidden = _crank_nicolson(before, share, random)
        after = _crank_nicolson(np.repeat(hidden, self._tries, axis=1), share, random)
        points, swellings = self._bend.bent(self._width * after.reshape(-1, size))
        found, _ = model.compute_log_prob_fn(points)
        density = np.concatenate([state.log_prob[:, None], found.reshape(walkers, -1)], axis=1)
        swelling = np.concatenate([swelling[:, None], swellings.reshape(walkers, -1)], axis=1)
        weight = density + swelling - log_t(np.concatenate([before, after], axis=1))
        # The largest of log weights with Gumbel noise is a draw in proportion to the weights.
        chosen = np.argmax(weight + random.gumbel(size=weight.shape), axis=1)
        moved = chosen > 0
        state.coords[moved] = points.reshape(walkers, -1, size)[moved, chosen[moved] - 1]
        state.log_prob[moved] = density[moved, chosen[moved]]
        return state, moved


def draw_t(shape: tuple[int, ...], random: np.random.RandomState, freedom: float = FREEDOM) -> np.ndarray:
    """Draws (..., p) of the t distribution."""
    width = 1 / np.sqrt(random.gamma(0.5 * freedom, 2 / freedom, size=(*shape[:-1], 1)))
    return width * random.standard_normal(shape)


def log_t(points: np.ndarray) -> np.ndarray:
    """Log density of the t distribution at straight points (..., p), up to a constant."""
    return _log_t_of(np.square(points).sum(axis=-1), points.shape[-1])


def draw_guarded(n: int, size: int, random: np.random.RandomState) -> np.ndarray:
    """Draws (n, p) of the t distribution, some of them far out along one axis or all."""
    points = draw_t((n, size), random)
    kind = random.choice(len(GUARDS), n, p=GUARDS)
    along = kind == 1
    points[along, random.randint(size, size=n)[along]] *= FAR_OUT
    points[kind == 2] = draw_t((np.count_nonzero(kind == 2), size), random, HEAVY_FREEDOM)
    return points


def log_guarded(points: np.ndarray) -> np.ndarray:
    """Log density of `draw_guarded` at points (n, p), up to the constant of `log_t`."""
    size = points.shape[1]
    radius = np.square(points).sum(axis=1)
    shorter = np.maximum(radius[:, None] - (1 - FAR_OUT**-2) * np.square(points), 0.0)
    base = FREEDOM + radius
    # Sums of exponentials of ratios, which a processor takes many of at once; none is below 1.
    nearer = -0.5 * (size + FREEDOM) * np.log((FREEDOM + shorter) / base[:, None])
    most = nearer.max(axis=1)
    one = most + np.log(np.exp(nearer - most[:, None]).mean(axis=1)) + _log_t_of(radius, size) - np.log(FAR_OUT)
    every = _log_t_of(radius, size, HEAVY_FREEDOM) + _constant(size, HEAVY_FREEDOM) - _constant(size, FREEDOM)
    parts = [_log_t_of(radius, size), one, every]
    return np.logaddexp.reduce([part + np.log(share) for part, share in zip(parts, GUARDS, strict=True)], axis=0)


def _log_t_of(radius: np.ndarray, size: int, freedom: float = FREEDOM) -> np.ndarray:
    """Log density of the t distribution from the squared radius, up to its constant."""
    return -0.5 * (size + freedom) * np.log1p(radius / freedom)


def _constant(size: int, freedom: float) -> float:
    return lgamma(0.5 * (freedom + size)) - lgamma(0.5 * freedom) - 0.5 * size * log(freedom)


def _crank_nicolson(points: np.ndarray, share: np.ndarray, random: np.random.RandomState) -> np.ndarray:
    """Step of straight points (walkers, n, p) that keeps the t distribution."""
    size = points.shape[-1]
    radius = np.square(points).sum(axis=-1)
    width = 1 / np.sqrt(random.gamma(0.5 * (size + FREEDOM), 2 / (FREEDOM + radius)))
    return np.sqrt(1 - share**2) * points + share * width[..., None] * random.standard_normal(points.shape)

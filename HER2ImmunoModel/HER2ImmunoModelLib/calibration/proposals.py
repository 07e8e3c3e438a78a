"""A move of an ensemble sampler that offers every walker many points at once."""

from __future__ import annotations

import numpy as np

BOLDNESS = (0.35, 0.7, 1.0, 1.0)
"""Shares of a fresh draw in a proposal; 1 forgets where the walker was."""
FREEDOM = 20.0
"""Degrees of freedom of the t distribution proposals keep to: tails heavier than normal, or walkers stick in them."""
TRIES = 32
"""Points offered to each walker: a large batch costs little more than a small one."""


class ManyTries:
    """Crank-Nicolson proposals that keep a t distribution, many at once (a move of `emcee.EnsembleSampler`).

    From a walker goes a Crank-Nicolson step to a hidden point, and from there many to the points offered. Each step
    keeps the t distribution and is reversible in it, so to stay or go to any of them with a chance in proportion to
    density over t distribution leaves the density invariant. Cotter et al., Stat Sci 2013;28:424; Tjelmeland, NTNU
    Statistics preprint 4/2004; Calderhead, PNAS 2014;111:17408; t distribution: Grumitt et al., arXiv:2207.05652.

    Parameters
    ----------
    mode, covariance : arrays (p,), (p, p)
        Of the t distribution: any pair is valid, one near the density moves fast.
    width : float
        Factor on the width of the t distribution.
    tries : int
    """

    def __init__(self, mode: np.ndarray, covariance: np.ndarray, width: float = 1.0, tries: int = TRIES):
        self._width, self._tries = width, tries
        self.refer(mode, covariance)

    def refer(self, mode: np.ndarray, covariance: np.ndarray) -> None:
        """Take another t distribution; the steps before it must not be kept."""
        self._mode, self._root = mode, self._width * root_of(covariance)
        self._whitening = np.linalg.inv(self._root)

    def propose(self, model, state):
        """Move every walker (the interface of an emcee move); returns the state and which walkers moved."""
        walkers, size = state.coords.shape
        random = model.random
        share = random.choice(BOLDNESS, size=(walkers, 1, 1))
        before = ((state.coords - self._mode) @ self._whitening.T)[:, None]
        hidden = _crank_nicolson(before, share, random)
        after = _crank_nicolson(np.repeat(hidden, self._tries, axis=1), share, random)
        points = self._mode + after @ self._root.T
        found, _ = model.compute_log_prob_fn(points.reshape(-1, size))
        density = np.concatenate([state.log_prob[:, None], found.reshape(walkers, -1)], axis=1)
        weight = density - _log_t(np.concatenate([before, after], axis=1))
        # The largest of log weights with Gumbel noise is a draw in proportion to the weights.
        chosen = np.argmax(weight + random.gumbel(size=weight.shape), axis=1)
        moved = chosen > 0
        state.coords[moved] = points[moved, chosen[moved] - 1]
        state.log_prob[moved] = density[moved, chosen[moved]]
        return state, moved


def root_of(covariance: np.ndarray) -> np.ndarray:
    """Symmetric directions of a covariance; one that hardly varies keeps a little width."""
    spread, axes = np.linalg.eigh(covariance)
    return axes * np.sqrt(np.maximum(spread, 1e-10 * spread.max()))


def _crank_nicolson(points: np.ndarray, share: np.ndarray, random: np.random.RandomState) -> np.ndarray:
    """Step of whitened points (walkers, n, p) that keeps the t distribution."""
    size = points.shape[-1]
    radius = np.square(points).sum(axis=-1)
    width = 1 / np.sqrt(random.gamma(0.5 * (size + FREEDOM), 2 / (FREEDOM + radius)))
    return np.sqrt(1 - share**2) * points + share * width[..., None] * random.standard_normal(points.shape)


def _log_t(points: np.ndarray) -> np.ndarray:
    """Log density of the t distribution at whitened points (walkers, n, p), up to a constant."""
    return -0.5 * (points.shape[-1] + FREEDOM) * np.log1p(np.square(points).sum(axis=-1) / FREEDOM)

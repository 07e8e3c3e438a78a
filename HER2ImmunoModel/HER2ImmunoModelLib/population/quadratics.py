"""Likelihoods of subjects that are normal in their parameters: what a group's law makes of them in closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .law import Points

MOST_NUMBERS = 4e6
"""Of matrices at once."""


@dataclass(frozen=True)
class Quadratics:
    """Squared misfit of each subject as a quadratic about a point: c + 2 b d + d A d, d = theta - point.

    Attributes
    ----------
    point : array (subjects, p)
    c, b, a : arrays (subjects,), (subjects, p), (subjects, p, p)
    n : int array (subjects,)
        How many numbers each has.
    """

    point: np.ndarray
    c: np.ndarray
    b: np.ndarray
    a: np.ndarray
    n: np.ndarray

    @classmethod
    def of(cls, point: np.ndarray, residuals: np.ndarray, slope: np.ndarray, n: np.ndarray) -> Quadratics:
        """From residuals (subjects, n) and their Jacobian (subjects, n, p) at points."""
        turned = np.swapaxes(slope, 1, 2)
        return cls(point, np.square(residuals).sum(1), (turned @ residuals[..., None])[..., 0], turned @ slope, n)

    def log_marginal(self, at: Points) -> np.ndarray:
        """Log likelihood of each subject, its parameters integrated over the group's law, array (h, subjects).

        Up to `Observations.log_norm`.
        """
        rows = max(1, int(MOST_NUMBERS / self.a.size))
        parts = [self._log_marginal(at[i : i + rows]) for i in range(0, len(at.log_noise), rows)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.n)))

    def _log_marginal(self, at: Points) -> np.ndarray:
        root, middle, away = self._solved(at)
        moved = (self.a @ away[..., None])[..., 0]
        misfit = self.c + ((2 * self.b + moved) * away).sum(-1)
        shrunk = np.exp(-2 * at.log_noise)[:, None]
        gained = np.square((np.swapaxes(root, -1, -2) @ middle[..., None])[..., 0]).sum(-1)
        log_root = np.log(np.diagonal(root, axis1=-2, axis2=-1)).sum(-1)
        return -self.n * at.log_noise[:, None] - 0.5 * shrunk * misfit + 0.5 * gained - log_root

    def _solved(self, at: Points) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Cholesky root (h, subjects, p, p) of the precision of eta = (theta - expected) / spread, its mean, and
        expected - point."""
        shrunk, away = np.exp(-2 * at.log_noise)[:, None, None], at.expected - self.point
        spread = at.spread[:, None]
        precision = shrunk[..., None] * spread[..., None] * self.a * spread[..., None, :]
        precision += np.eye(self.a.shape[1])
        pull = -shrunk * spread * (self.b + (self.a @ away[..., None])[..., 0])
        return np.linalg.cholesky(precision), np.linalg.solve(precision, pull[..., None])[..., 0], away

    def conditional(self, at: Points) -> tuple[np.ndarray, np.ndarray]:
        """Mean (h, subjects, p) of eta and a root (h, subjects, p, p) of its covariance, given the group's law."""
        root, middle, _ = self._solved(at)
        return middle, np.swapaxes(np.linalg.inv(root), -1, -2)

"""Likelihoods of subjects with courses that are linear in the parameters, and what a group's law makes of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .designs import Designs
from .law import Points

MOST_NUMBERS = 4e6
"""Of matrices at once."""


@dataclass(frozen=True)
class Quadratics:
    """Log likelihood of each subject about a point: what it is there, and its quadratic by Fisher's information.

    Attributes
    ----------
    designs : Designs
    point : array (subjects, p)
    simulated, slope : arrays (subjects, n), (subjects, n, p)
        Numbers simulated there and their slopes.
    """

    designs: Designs
    point: np.ndarray
    simulated: np.ndarray
    slope: np.ndarray

    def log_marginal(self, at: Points) -> np.ndarray:
        """Log likelihood of each subject, its parameters integrated over the group's law, array (h, subjects)."""
        rows = max(1, int(MOST_NUMBERS / (self.slope.size * self.point.shape[1])))
        parts = [self._log_marginal(at[i : i + rows]) for i in range(0, len(at.mean), rows)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.point)))

    def _log_marginal(self, at: Points) -> np.ndarray:
        level, pull, bend = self._terms(at.log_noise)
        away = at.expected - self.point
        turned = _times(bend, away)
        root = np.linalg.cholesky(_precision(bend, at))
        middle = np.linalg.solve(root, (at.spread[:, None] * (pull - turned))[..., None])[..., 0]
        log_root = np.log(np.diagonal(root, axis1=-2, axis2=-1)).sum(-1)
        return level + ((pull - 0.5 * turned) * away).sum(-1) + 0.5 * np.square(middle).sum(-1) - log_root

    def conditional(self, at: Points) -> tuple[np.ndarray, np.ndarray]:
        """Mean (h, subjects, p) of eta = (theta - expected) / spread and a root of its covariance, given the law."""
        _, pull, bend = self._terms(at.log_noise)
        gradient = at.spread[:, None] * (pull - _times(bend, at.expected - self.point))
        precision = _precision(bend, at)
        middle = np.linalg.solve(precision, gradient[..., None])[..., 0]
        return middle, np.swapaxes(np.linalg.inv(np.linalg.cholesky(precision)), -1, -2)

    def _terms(self, log_noise: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Level, slope and bend of the log likelihood at the point under noises (h, k), by h and subject."""
        noises = log_noise if log_noise.shape[1] else log_noise[:1]
        h, subjects = len(noises), len(self.point)
        of = np.tile(np.arange(subjects), h)
        simulated, noise = np.tile(self.simulated, (h, 1)), np.repeat(noises, subjects, axis=0)
        level = self.designs.log_likelihood(simulated, of, noise).reshape(h, subjects)
        score, information = (rows.reshape(h, subjects, -1) for rows in self.designs.scored(simulated, of, noise))
        turned = np.swapaxes(self.slope, 1, 2)
        pull = _times(turned, score)
        return level, pull, turned @ (information[..., None] * self.slope)


def _times(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    return (matrix @ vector[..., None])[..., 0]


def _precision(bend: np.ndarray, at: Points) -> np.ndarray:
    """Precision (h, subjects, p, p) of eta."""
    spread = at.spread[:, None]
    return spread[..., None] * bend * spread[..., None, :] + np.eye(bend.shape[-1])

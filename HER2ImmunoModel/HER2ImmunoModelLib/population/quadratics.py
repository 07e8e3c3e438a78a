"""Likelihoods of subjects with courses that are linear in the parameters, and what a group's law makes of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .designs import Designs
from .law import Points
from .surface import quadratic_terms

RIDGE = 3e-3
"""Share of all weight that holds each coefficient of a correction to 0."""
ENOUGH = 10.0
"""Effective draws for each coefficient of a correction, without which there is none."""
FLATTEST = 0.05
"""Least eigenvalue of a precision of eta; a likelihood that bends upwards would make it negative."""
MOST_NUMBERS = 4e6
"""Of matrices at once."""


@dataclass(frozen=True)
class Correction:
    """What is added to the level, slope and bend of each log likelihood."""

    level: np.ndarray
    pull: np.ndarray
    bend: np.ndarray


@dataclass(frozen=True)
class Quadratics:
    """Log likelihood of each subject about a point: what it is there, and its quadratic by Fisher's information.

    Attributes
    ----------
    designs : Designs
    point : array (subjects, p)
    simulated, slope : arrays (subjects, n), (subjects, n, p)
        Numbers simulated there and their slopes.
    correction : Correction or None
        What was learned from draws of what this misses.
    """

    designs: Designs
    point: np.ndarray
    simulated: np.ndarray
    slope: np.ndarray
    correction: Correction | None = None

    def log_marginal(self, at: Points) -> np.ndarray:
        """Log likelihood of each subject, its parameters integrated over the group's law, array (h, subjects)."""
        rows = max(1, int(MOST_NUMBERS / (self.slope.size * self.point.shape[1])))
        parts = [self._log_marginal(at[i : i + rows]) for i in range(0, len(at.mean), rows)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.point)))

    def _log_marginal(self, at: Points) -> np.ndarray:
        level, pull, bend = self._terms(at.log_noise)
        away = at.expected - self.point
        turned = _times(bend, away)
        root = _root(_precision(bend, at))
        middle = np.linalg.solve(root, (at.spread[:, None] * (pull - turned))[..., None])[..., 0]
        log_root = np.log(np.diagonal(root, axis1=-2, axis2=-1)).sum(-1)
        return level + ((pull - 0.5 * turned) * away).sum(-1) + 0.5 * np.square(middle).sum(-1) - log_root

    def conditional(self, at: Points) -> tuple[np.ndarray, np.ndarray]:
        """Mean (h, subjects, p) of eta = (theta - expected) / spread and a root of its covariance, given the law."""
        _, pull, bend = self._terms(at.log_noise)
        gradient = at.spread[:, None] * (pull - _times(bend, at.expected - self.point))
        precision = _precision(bend, at)
        root = _root(precision)
        half = np.linalg.solve(root, gradient[..., None])
        middle = np.linalg.solve(np.swapaxes(root, -1, -2), half)[..., 0]
        return middle, np.swapaxes(np.linalg.inv(root), -1, -2)

    def _terms(self, log_noise: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Level, slope and bend of the log likelihood at the point under noises (h, k), by h and subject."""
        noises = log_noise if log_noise.shape[1] else log_noise[:1]
        h, subjects = len(noises), len(self.point)
        of = np.tile(np.arange(subjects), h)
        simulated, noise = np.tile(self.simulated, (h, 1)), np.repeat(noises, subjects, axis=0)
        level = self.designs.log_likelihood(simulated, of, noise).reshape(h, subjects)
        score, information = (rows.reshape(h, subjects, -1) for rows in self.designs.scored(simulated, of, noise))
        turned = np.swapaxes(self.slope, 1, 2)
        pull, bend = _times(turned, score), turned @ (information[..., None] * self.slope)
        added = self.correction
        return (level, pull, bend) if added is None else (level + added.level, pull + added.pull, bend + added.bend)

    def log_likelihood(self, theta: np.ndarray, log_noise: np.ndarray) -> np.ndarray:
        """Log likelihood of draws (h, subjects, draws, p) under noises (h, k), array (h, subjects, draws)."""
        level, pull, bend = self._terms(log_noise)
        away = theta - self.point[:, None]
        return level[..., None] + ((pull[:, :, None] - 0.5 * away @ bend) * away).sum(-1)

    def learned(
        self, theta: np.ndarray, likelihood: np.ndarray, share: np.ndarray, log_noise: np.ndarray
    ) -> Quadratics:
        """The same, corrected by what it misses of the log likelihood where draws lie.

        Parameters
        ----------
        theta : array (h, subjects, draws, p)
        likelihood, share : arrays (h, subjects, draws)
            Log likelihood of each draw by the course as it is, and how much it counts.
        log_noise : array (h, k)
        """
        plain = replace(self, correction=None)
        missed = likelihood - plain.log_likelihood(theta, log_noise)
        usual = plain._terms(log_noise.mean(axis=0, keepdims=True))[2][0]
        parts = []
        for i, bend in enumerate(usual):
            counted = (share[:, i] > 0) & np.isfinite(missed[:, i])
            away = theta[:, i][counted] - self.point[i]
            parts.append(_learned(away, missed[:, i][counted], share[:, i][counted], bend))
        return replace(self, correction=Correction(*(np.array(each) for each in zip(*parts, strict=True))))


def _times(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    return (matrix @ vector[..., None])[..., 0]


def _precision(bend: np.ndarray, at: Points) -> np.ndarray:
    """Precision (h, subjects, p, p) of eta."""
    spread = at.spread[:, None]
    return spread[..., None] * bend * spread[..., None, :] + np.eye(bend.shape[-1])


def _root(precision: np.ndarray) -> np.ndarray:
    """Cholesky root of precisions (..., p, p); those that are none are made so."""
    try:
        return np.linalg.cholesky(precision)
    except np.linalg.LinAlgError:
        width, axes = np.linalg.eigh(precision)
        return np.linalg.cholesky((axes * np.maximum(width, FLATTEST)[..., None, :]) @ np.swapaxes(axes, -1, -2))


def _learned(away: np.ndarray, missed: np.ndarray, weight: np.ndarray, usual: np.ndarray) -> tuple:
    """Level, pull (p,) and bend (p, p) of a quadratic of draws (n, p), which with the usual bend bends downwards."""
    size = away.shape[1]
    weight = weight / weight.sum() if len(weight) else weight
    if not len(weight) or 1 / np.square(weight).sum() < ENOUGH * (1 + size) * (2 + size) / 2:
        return 0.0, np.zeros(size), np.zeros((size, size))
    middle = weight @ away
    width = np.sqrt(weight @ np.square(away - middle)) + 1e-9
    x = (away - middle) / width
    terms = quadratic_terms(x)
    held = RIDGE * np.eye(terms.shape[1])
    found = np.linalg.solve(terms.T @ (weight[:, None] * terms) + held, terms.T @ (weight * missed))
    bend = np.zeros((size, size))
    bend[np.triu_indices(size)] = -found[1 + size :]
    bend = (bend + bend.T) / np.outer(width, width)
    eigenvalue, axes = np.linalg.eigh(usual + bend)
    bend = (axes * np.maximum(eigenvalue, 0.0)) @ axes.T - usual
    slope = found[1 : 1 + size] / width
    # From about the middle to about the point.
    return found[0] - slope @ middle - 0.5 * middle @ bend @ middle, slope + bend @ middle, bend

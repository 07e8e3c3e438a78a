"""How subjects of a group are taken to differ: the numbers of the group, their priors and what each subject expects.

A subject's parameters theta are normal about M + beta x with standard deviation tau in each parameter's transformed
space, and M is normal about the prior's mean m with variance s^2 - tau^2, where s is the prior's standard deviation. So
a subject of which nothing is known has the prior N(m, s^2) whatever tau is, which only says how much subjects tell of
each other: tau = 0 is one value for all with the prior once (pooled), tau = s is each alone with its own prior.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..calibration.noise_kinds import PLAIN, Noise
from ..models.parameters import Parameter

USUAL_SPREAD = 0.5
"""Scale of the half-normal prior of a spread of logarithms or logits, cut off at the prior's standard deviation.

Animals of one strain then seldom differ by more than a factor e. Half-normal, as it leaves a spread of 0 possible and
large ones improbable where few subjects tell of it (Gelman, Bayesian Anal 2006;1:515)."""
FARTHEST = 12.0
"""Of the logit of a spread over its largest: beyond, it is 0 or that to all that can be computed."""


@dataclass(frozen=True)
class Effect:
    """What a covariate does to a parameter: the mean of subject i is moved by beta times x[i].

    Attributes
    ----------
    parameter : int
        Column of the free parameters.
    name : str
        Of the covariate.
    x : array (subjects,)
        Standardised over the subjects, or 0 and 1 for a group.
    middle, width : float
        What the covariate is where x is 0, and how much of it x = 1 is.
    """

    parameter: int
    name: str
    x: np.ndarray
    middle: float
    width: float


@dataclass(frozen=True)
class Points:
    """What points of a group's law (h,) say of its subjects.

    Attributes
    ----------
    mean : array (h, p)
        M.
    spread : array (h, p)
        tau; 0 where all share a value.
    log_noise : array (h, k)
        Logarithms of the values of the noise.
    expected : array (h, subjects, p)
        M + beta x.
    """

    mean: np.ndarray
    spread: np.ndarray
    log_noise: np.ndarray
    expected: np.ndarray

    def __getitem__(self, index) -> Points:
        return Points(self.mean[index], self.spread[index], self.log_noise[index], self.expected[index])


@dataclass(frozen=True)
class Law:
    """The group's numbers as one vector: means, effects, logits of spreads over their largest, logs of the noise.

    Attributes
    ----------
    free : tuple of Parameter
    held : array (p,)
        Spreads that are not estimated; NaN for those that are.
    effects : tuple of Effect
    subjects : int
    noise : Noise
        Of all subjects; its values are estimated.
    """

    free: tuple[Parameter, ...]
    held: np.ndarray
    effects: tuple[Effect, ...]
    subjects: int
    noise: Noise = PLAIN

    @cached_property
    def prior_mean(self) -> np.ndarray:
        """m, array (p,)."""
        return np.array([float(p.to_free(p.default)) for p in self.free])

    @cached_property
    def prior_sd(self) -> np.ndarray:
        """s, array (p,)."""
        return np.array([p.prior for p in self.free])

    @cached_property
    def usual(self) -> np.ndarray:
        """Scale of the prior of each spread, array (p,)."""
        return np.array([USUAL_SPREAD if p.space != "linear" else p.prior for p in self.free])

    @cached_property
    def grouped(self) -> np.ndarray:
        """Columns of parameters whose mean the group has: all but each subject's own."""
        return np.flatnonzero(~(self.held >= self.prior_sd))

    @cached_property
    def spreading(self) -> np.ndarray:
        """Columns of parameters whose spread is estimated."""
        return np.flatnonzero(np.isnan(self.held))

    @cached_property
    def active(self) -> np.ndarray:
        """Columns in which subjects may differ from what is expected of them."""
        return np.flatnonzero(~(self.held == 0))

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return self.grouped.size + len(self.effects) + self.spreading.size + len(self.noise.names)

    @property
    def _ends(self) -> np.ndarray:
        return np.cumsum([self.grouped.size, len(self.effects), self.spreading.size])

    def parts(self, h: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Means (n, grouped), effects (n, effects), spreads (n, spreading), log noise (n, k) of points (n, size)."""
        mean, effect, logit, noise = np.split(h, self._ends, axis=1)
        spread = self.prior_sd[self.spreading] / (1 + np.exp(-np.clip(logit, -FARTHEST, FARTHEST)))
        return mean, effect, spread, noise

    def at(self, h: np.ndarray) -> Points:
        """What points (n, size) say of the subjects."""
        means, effects, spreads, noise = self.parts(h)
        mean = np.tile(self.prior_mean, (len(h), 1))
        mean[:, self.grouped] = means
        spread = np.tile(np.minimum(self.held, self.prior_sd), (len(h), 1))
        spread[:, self.spreading] = spreads
        expected = np.repeat(mean[:, None], self.subjects, axis=1)
        for number, effect in enumerate(self.effects):
            expected[:, :, effect.parameter] += effects[:, number, None] * effect.x
        return Points(mean, spread, noise, expected)

    def log_prior(self, h: np.ndarray) -> np.ndarray:
        """Log prior density of points (n, size), array (n,), up to a constant."""
        _, effects, spreads, noise = self.parts(h)
        at, largest = self.at(h), self.prior_sd[self.spreading]
        variance = np.maximum(self.prior_sd**2 - at.spread**2, 1e-12 * self.prior_sd**2)[:, self.grouped]
        away = (at.mean - self.prior_mean)[:, self.grouped]
        found = -0.5 * (away**2 / variance + np.log(variance)).sum(axis=1)
        widths = self.prior_sd[[effect.parameter for effect in self.effects]]
        found -= 0.5 * np.square(effects / widths).sum(axis=1)
        # The last two terms are the Jacobian of the logit.
        found += (-0.5 * (spreads / self.usual[self.spreading]) ** 2 + np.log(spreads * (1 - spreads / largest))).sum(1)
        return found + self.noise.log_prior(noise)

    def start(self) -> np.ndarray:
        """A point (size,) to begin with: the prior's means, no effects, spreads of half their usual ones."""
        share = 0.5 * np.minimum(self.usual / self.prior_sd, 1.0)[self.spreading]
        logits = np.log(share / (1 - share))
        return np.concatenate(
            [self.prior_mean[self.grouped], np.zeros(len(self.effects)), logits, self.noise.prior_mean]
        )

    def middle_of(self, parameter: int) -> np.ndarray:
        """Mean of each effect's covariate over the subjects (effects,); 0 of effects on other parameters."""
        return np.array([effect.x.mean() * (effect.parameter == parameter) for effect in self.effects])

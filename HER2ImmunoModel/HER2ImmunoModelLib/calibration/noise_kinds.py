"""How measurements scatter about a model: the kinds of noise of a volume, their values and priors, and heavy tails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import lgamma, log, pi

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from ..models.parameters import ASSUMED, Parameter, rate

STATED, LOGNORMAL, ADDITIVE, PROPORTIONAL, COMBINED = "stated", "lognormal", "additive", "proportional", "combined"
KINDS = (STATED, LOGNORMAL, ADDITIVE, PROPORTIONAL, COMBINED)
"""Kinds of noise of a volume; a fraction scatters normally by its stated standard deviation under each."""
NOISE = rate("noise_scale", 1.0, ASSUMED, "Scatter of the measurements over their stated standard deviations", unit="")
SHARE = rate("noise_share", 0.15, ASSUMED, "Standard deviation of a volume over the volume", unit="", prior=1.0)
"""Also the coefficient of variation of log-normal noise."""
SD = "noise_sd_cm3"
"""Name of the part of the standard deviation that all volumes share; its prior's median is `SHARE` of the volumes'."""
FINEST = 0.005
"""Share of a volume below which nothing measures: 0.02 mm of a diameter of 10 mm.

It is always part of the standard deviation, so that data without noise do not drive its estimate to 0.
"""
DEGREES = 4.0
"""Degrees of freedom of heavy tails (Lange, Little, Taylor, J Am Stat Assoc 1989;84:881-896)."""
Z90, T90 = 1.6448536269514722, 2.1318467863266495
"""Half widths of 90 % intervals of the normal distribution and of that of heavy tails, in standard deviations."""
_T_NORM = log(DEGREES / 2.0) + 2.0 * (lgamma(DEGREES / 2.0) - lgamma((DEGREES + 1.0) / 2.0))


@dataclass(frozen=True)
class Noise:
    """Noise of measurements.

    Attributes
    ----------
    kind : str
        Of volumes, one of `KINDS`: "stated", log-normal with the standard deviations of the table; "lognormal" with
        one coefficient of variation; "additive", normal with one standard deviation in cm3; "proportional", normal
        with a share of the simulated volume; "combined", the root of the sum of squares of these two.
    heavy_tails : bool
        A t distribution with 4 degrees of freedom instead of a normal one; its scale is what is called the standard
        deviation everywhere.
    parameters : tuple of Parameter
        Values that are estimated, with their priors.
    log_values : tuple of float
        Their logarithms.
    size_cm3 : float
        Median of the volumes, which says what is small.
    """

    kind: str = STATED
    heavy_tails: bool = False
    parameters: tuple[Parameter, ...] = ()
    log_values: tuple[float, ...] = ()
    size_cm3: float = 1.0

    @property
    def is_plain(self) -> bool:
        """Whether every standard deviation is that of the table, times a factor, and tails are normal."""
        return self.kind == STATED and not self.heavy_tails

    @property
    def is_logarithmic(self) -> bool:
        """Whether it is the logarithm of a volume that scatters evenly about the model's."""
        return self.kind in (STATED, LOGNORMAL)

    @property
    def follows_model(self) -> bool:
        """Whether a standard deviation depends on what is simulated."""
        return self.kind in (PROPORTIONAL, COMBINED)

    @property
    def half_width_90(self) -> float:
        """Half width of the 90 % interval of a measurement, in standard deviations."""
        return T90 if self.heavy_tails else Z90

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the estimated values."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def prior_mean(self) -> np.ndarray:
        """Means of the priors of the logarithms, array (k,)."""
        return np.log([parameter.default for parameter in self.parameters])

    @property
    def prior_sd(self) -> np.ndarray:
        """Standard deviations of the priors of the logarithms, array (k,)."""
        return np.array([parameter.prior for parameter in self.parameters])

    def at(self, log_values: Sequence[float] | np.ndarray) -> Noise:
        """The same with other logarithms of its values."""
        return replace(self, log_values=tuple(float(value) for value in log_values))

    def deviates(self, rng: np.random.Generator, shape: int | tuple[int, ...]) -> np.ndarray:
        """Random deviations of measurements, in standard deviations."""
        return rng.standard_t(DEGREES, shape) if self.heavy_tails else rng.standard_normal(shape)

    def log_prior(self, log_values: np.ndarray) -> np.ndarray:
        """Log density of the priors up to a constant at logarithms (m, k), array (m,)."""
        return -0.5 * np.square((log_values - self.prior_mean) / self.prior_sd).sum(axis=-1)

    def values(self, log_values: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """Values by name, each array (m, 1); those that are held where none are given."""
        rows = np.atleast_2d(np.array(self.log_values) if log_values is None else log_values)
        return {name: np.exp(rows[:, i, None]) for i, name in enumerate(self.names)}

    def volume_sd(self, volume: np.ndarray, log_values: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Standard deviation of simulated volumes (m, n) in cm3, of their logarithm if log-normal, and its slope.

        The slope is the derivative by the simulated volume. Not of the kind "stated".
        """
        given = self.values(log_values)
        share = np.square(given.get(SHARE.name, 0.0)) + FINEST**2
        if self.kind == LOGNORMAL:
            return np.sqrt(np.log1p(share)) + 0.0 * volume, np.zeros_like(volume)
        same = np.square(given.get(SD, 0.0)) + (FINEST * self.size_cm3) ** 2
        share, same = {ADDITIVE: (0.0, same), PROPORTIONAL: (share, 0.0)}.get(self.kind, (share, same))
        sd = np.sqrt(same + share * np.square(volume))
        with np.errstate(invalid="ignore", divide="ignore"):
            return sd, share * volume / sd


PLAIN = Noise()
"""Every number scatters by its stated standard deviation."""


def noise_of(kind: str, volumes_cm3: np.ndarray, *, heavy_tails: bool = False, scale: bool = False) -> Noise:
    """Noise of a kind with the medians of its priors.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    volumes_cm3 : array (n,)
        Measured volumes of all subjects, whose median says what is small.
    heavy_tails : bool
    scale : bool
        Whether a factor on the stated standard deviations is estimated; of fractions, where `kind` is not "stated".

    Raises
    ------
    InputError
        No such kind.
    """
    if kind not in KINDS:
        raise InputError(f"There is no noise {kind!r}; choose {', '.join(KINDS[:-1])} or {KINDS[-1]}.")
    size = float(np.median(volumes_cm3)) if len(volumes_cm3) else 1.0
    same = rate(
        SD, SHARE.default * size, ASSUMED, "Standard deviation that all volumes share", unit="cm3", prior=SHARE.prior
    )
    of_volumes = {LOGNORMAL: (SHARE,), ADDITIVE: (same,), PROPORTIONAL: (SHARE,), COMBINED: (same, SHARE)}
    estimated = (*((NOISE,) if scale else ()), *of_volumes.get(kind, ()))
    return Noise(kind, heavy_tails, estimated, tuple(float(np.log(one.default)) for one in estimated), size)


def with_values(kind: str, heavy_tails: bool, size_cm3: float, values: Mapping[str, float]) -> Noise:
    """Noise with values that were estimated before, by name."""
    known = noise_of(kind, np.array([size_cm3]), heavy_tails=heavy_tails, scale=NOISE.name in values)
    return known.at([np.log(values[name]) for name in known.names])


def bent(residuals: np.ndarray) -> np.ndarray:
    """Residuals whose half square is minus the log density of the t distribution, as `Noise.heavy_tails` has it."""
    return np.sign(residuals) * np.sqrt((DEGREES + 1.0) * np.log1p(np.square(residuals) / DEGREES))


def weight_of(residuals: np.ndarray) -> np.ndarray:
    """Weight of residuals under heavy tails: at the best scale their weighted squares have a mean of 1."""
    return (DEGREES + 1.0) / (DEGREES + np.square(residuals))


def log_norm(heavy_tails: bool) -> float:
    """Twice minus the log density at the middle, for a standard deviation of 1."""
    return log(2.0 * pi) + (_T_NORM if heavy_tails else 0.0)


def information(heavy_tails: bool) -> tuple[float, float]:
    """Fisher information of the middle, and of the logarithm of the standard deviation, for one of 1."""
    if not heavy_tails:
        return 1.0, 2.0
    return (DEGREES + 1.0) / (DEGREES + 3.0), 2.0 * DEGREES / (DEGREES + 3.0)

"""Measurements as the calibration sees them: one row a number, in the space where its noise is normal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf, log1p, sqrt

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement, check_day

from .. import models
from ..models.model import Model
from .noise_kinds import NOISE, PLAIN, STATED, Noise, bent, information, log_norm, noise_of, weight_of

VOLUME_CV = 0.15
"""Coefficient of variation of a volume whose table gives no standard deviation."""
FRACTION_SD = 0.05
"""Standard deviation of a fraction whose table gives none."""
LARGEST_CM3 = {"human": 2000.0, "mouse": 100.0}
"""Volumes that no tumour of the species has (two litres, four whole mice): they are in mm3, or of another species."""
DOUBTFUL_CM3 = {"human": 200.0, "mouse": 4.0}
"""Volumes that are told, as tumours of the species seldom have them."""
HUGE = 1.0
"""Relative standard deviation of a volume (or absolute of a fraction) from which a measurement says next to nothing."""


@dataclass(frozen=True)
class Observations:
    """The measured numbers.

    Attributes
    ----------
    day : array (days,)
        Days of the visits, increasing.
    state, visit : int arrays (n,)
        Row of the model's state and index into `day` of each number.
    number, stated : arrays (n,)
        Number as it was measured (cm3, or a fraction) and the standard deviation that the table states or implies; of
        the logarithm of a volume.
    volume : bool array (n,)
    warnings : tuple of str
    noise : Noise
        How the numbers scatter.
    reference : array (n,) or None
        Simulated numbers near which a standard deviation follows the model, if that of `noise` does; where there are
        none, it is that of the measured number.
    """

    day: np.ndarray
    state: np.ndarray
    visit: np.ndarray
    number: np.ndarray
    stated: np.ndarray
    volume: np.ndarray
    warnings: tuple[str, ...]
    noise: Noise = PLAIN
    reference: np.ndarray | None = None

    @property
    def n(self) -> int:
        """How many numbers there are."""
        return self.number.size

    @cached_property
    def logarithmic(self) -> np.ndarray:
        """Which numbers scatter by their logarithm, bool array (n,)."""
        return self.volume & self.noise.is_logarithmic

    @cached_property
    def value(self) -> np.ndarray:
        """Numbers in the space in which they scatter, array (n,)."""
        return self.spaced(self.number)

    @cached_property
    def sd(self) -> np.ndarray:
        """Standard deviation in that space, array (n,); of the reference or the measured number if it follows those."""
        return self.spread((self.number if self.reference is None else self.reference)[None])[0][0]

    def with_noise(self, noise: Noise) -> Observations:
        """The same numbers with another noise."""
        return replace(self, noise=noise)

    def with_reference(self, simulated: np.ndarray | None) -> Observations:
        """The same with simulated numbers (n,) near which standard deviations follow the model."""
        return replace(self, reference=simulated if self.noise.follows_model else None)

    def simulated(self, states: np.ndarray) -> np.ndarray:
        """Simulated numbers, array (samples, n), from states (n_states, samples, days)."""
        return states[self.state, :, self.visit].T

    def residuals(self, states: np.ndarray) -> np.ndarray:
        """What a search makes small, array (samples, n or 2 n), from states (n_states, samples, days).

        Measured minus simulated over sd, bent where tails are heavy. Where the standard deviations follow the model a
        second part has their logarithms: with it the square rises and falls as twice minus the log likelihood does,
        and the curvature at the reference is the Fisher information.
        """
        simulated = self.simulated(states)
        sd = self.sd if self.reference is None else self.spread(simulated)[0]
        with np.errstate(divide="ignore", invalid="ignore"):
            misfit = (self.value - self.spaced(simulated)) / sd
            misfit = bent(misfit) if self.noise.heavy_tails else misfit
            if self.reference is None:
                return misfit
            return np.hstack([misfit, np.sqrt(np.maximum(1.0 + 2.0 * np.log(sd / self.sd), 0.0))])

    def standardised(self, simulated: np.ndarray) -> np.ndarray:
        """Measured minus simulated numbers (m, n) over the standard deviation that these have, array (m, n)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return (self.value - self.spaced(simulated)) / self.spread(simulated)[0]

    def log_likelihood(self, simulated: np.ndarray, log_noise: np.ndarray | None = None) -> np.ndarray:
        """Log likelihood of the measured numbers, array (m,), from simulated ones (m, n); as `log_likelihoods`."""
        found = self.log_likelihoods(simulated, log_noise).sum(axis=1)
        return np.where(np.isfinite(found), found, -np.inf)

    def log_likelihoods(self, simulated: np.ndarray, log_noise: np.ndarray | None = None) -> np.ndarray:
        """Log likelihood of each measured number, array (m, n), from simulated ones (m, n).

        Of the numbers themselves (cm3, fractions), not of their logarithms, so that kinds of noise can be compared.

        Parameters
        ----------
        simulated : array (m, n)
        log_noise : array (m, k) or (k,), optional
            Logarithms of the values of the noise; those it has if None.
        """
        sd = self.spread(simulated, log_noise)[0]
        with np.errstate(invalid="ignore", divide="ignore"):
            misfit = (self.value - self.spaced(simulated)) / sd
            misfit = bent(misfit) if self.noise.heavy_tails else misfit
            found = np.square(misfit) + 2.0 * np.log(sd) + log_norm(self.noise.heavy_tails)
        return -0.5 * found - np.where(self.logarithmic, self.value, 0.0)

    def information(self, simulated: np.ndarray, slope: np.ndarray, log_noise: np.ndarray | None = None) -> np.ndarray:
        """Fisher information (p, p) of parameters by which simulated numbers (n,) have slopes (n, p)."""
        _, of_each = self.scored(simulated[None], log_noise)
        return slope.T @ (of_each[0][:, None] * slope)

    def score(self, simulated: np.ndarray) -> np.ndarray:
        """Slope (n,) of the log likelihood by simulated numbers (n,)."""
        return self.scored(simulated[None])[0][0]

    def scored(self, simulated: np.ndarray, log_noise: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Slopes of the log likelihood by simulated numbers (m, n), and the Fisher information of each, arrays (m, n).

        Both are 0 where a course near 0 says no slope.
        """
        of_middle, of_sd = information(self.noise.heavy_tails)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            sd, sd_slope = self.spread(simulated, log_noise)
            misfit = (self.value - self.spaced(simulated)) / sd
            pull = misfit * weight_of(misfit) if self.noise.heavy_tails else misfit
            space = np.where(self.logarithmic, simulated, 1.0) * sd
            score = pull / space + (pull * misfit - 1.0) * sd_slope / sd
            of_each = of_middle / np.square(space) + of_sd * np.square(sd_slope / sd)
        known = np.isfinite(score) & np.isfinite(of_each)
        return np.where(known, score, 0.0), np.where(known, of_each, 0.0)

    def foretold(self, simulated: np.ndarray, shares: Sequence[float], rng: np.random.Generator) -> np.ndarray:
        """Quantiles (shares, n) of what would be measured where draws simulate numbers (m, n)."""
        simulated = np.maximum(simulated, 1e-300)
        scatter = self.noise.deviates(rng, simulated.T.shape).T
        return self.unspaced(np.quantile(self.spaced(simulated) + self.spread(simulated)[0] * scatter, shares, axis=0))

    def spaced(self, numbers: np.ndarray) -> np.ndarray:
        """Numbers in the space in which they scatter."""
        with np.errstate(divide="ignore"):
            return np.where(self.logarithmic, np.log(np.maximum(numbers, 0.0)), numbers)

    def unspaced(self, values: np.ndarray) -> np.ndarray:
        """Inverse of `spaced`; a volume that noise brought below nothing is nothing."""
        numbers = np.where(self.volume, np.maximum(values, 0.0), values)
        return np.where(self.logarithmic, np.exp(np.where(self.logarithmic, values, 0.0)), numbers)

    def spread(self, simulated: np.ndarray, log_noise: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Standard deviations of simulated numbers (m, n) and their slopes by these, arrays (m, n)."""
        scale = self.noise.values(log_noise).get(NOISE.name, 1.0)
        sd, slope = scale * self.stated + np.zeros((len(simulated), 1)), np.zeros(simulated.shape)
        if self.noise.kind != STATED:
            columns = np.flatnonzero(self.volume)
            sd[:, columns], slope[:, columns] = self.noise.volume_sd(simulated[:, columns], log_noise)
        return sd, slope


def joined(parts: Sequence[Observations]) -> Observations:
    """The numbers of several subjects as one, for likelihoods of simulated numbers; days and states mean nothing."""
    first, columns = parts[0], ("state", "visit", "number", "stated", "volume")
    return replace(
        first,
        **{name: np.concatenate([getattr(one, name) for one in parts]) for name in columns},
        warnings=tuple(text for one in parts for text in one.warnings),
        reference=None if first.reference is None else np.concatenate([one.reference for one in parts]),
    )


def with_kind(parts: Sequence[Observations], kind: str | Noise, heavy_tails: bool, scale: bool) -> list[Observations]:
    """The numbers of each subject with one noise for all, its values at the medians of their priors.

    Parameters
    ----------
    parts : sequence of Observations
    kind : str or Noise
        Of volumes, one of `noise_kinds.KINDS`; or a noise with priors of its own, which is taken as it is.
    heavy_tails, scale : bool
        As `noise_kinds.noise_of`; nothing is scaled where nothing is stated.

    Raises
    ------
    InputError
        No such kind, or no volume for one that is estimated from volumes.
    """
    if isinstance(kind, Noise):
        return [one.with_noise(kind) for one in parts]
    volumes = np.concatenate([one.number[one.volume] for one in parts])
    fractions = sum(one.n for one in parts) > volumes.size
    noise = noise_of(kind, volumes, heavy_tails=heavy_tails, scale=scale and (kind == STATED or fractions))
    if kind != STATED and not volumes.size:
        raise InputError(f"The noise {kind!r} is of volumes, and none was measured; choose {STATED!r}.")
    return [one.with_noise(noise) for one in parts]


def observe(model: Model, measurements: Sequence[Measurement], noise: Noise = PLAIN) -> Observations:
    """Collect the numbers a model can be compared with.

    Parameters
    ----------
    model : Model
    measurements : sequence of Measurement
    noise : Noise, optional
        How they scatter; by the stated standard deviations if left out.

    Raises
    ------
    InputError
        No number at all, a standard deviation of 0, a volume of 0 or less or that no tumour of the species has, a
        fraction outside 0 to 1, a day that is a date.
    """
    visits = sorted(measurements, key=lambda visit: visit.day)
    for visit in visits:
        check_day(visit.day, f"The day of visit {visit.visit}")
    rows = [
        (model.index(state), visit, column)
        for visit in visits
        for state, column in model.observables.items()
        if column in visit.values
    ]
    if not rows:
        columns = ", ".join(model.observables.values())
        raise InputError(f"The measurement table holds no number of {model.name}; fill at least one of {columns}.")
    day = np.unique([float(visit.day) for _, visit, _ in rows])
    if model.start_day is not None:
        day = np.unique([model.start_day, *day])
    if models.has(model.name):  # a model from elsewhere may be of anything
        for _, visit, column in rows:
            check_size(model.species, visit, column)
    numbers = [number_of(visit, column, model.quantities) for _, visit, column in rows]
    return Observations(
        day=day,
        state=np.array([state for state, _, _ in rows]),
        visit=np.searchsorted(day, [visit.day for _, visit, _ in rows]),
        number=np.array([float(visit.values[column]) for _, visit, column in rows]),
        stated=np.array([sd for _, sd, _ in numbers]),
        volume=np.array([logarithmic for _, _, logarithmic in numbers]),
        warnings=tuple(dict.fromkeys((*_remarks(model, visits), *_warnings(model, rows, day)))),
        noise=noise,
    )


def check_size(species: str, visit: Measurement, column: str) -> None:
    """Refuse a volume that no tumour of a species has.

    Raises
    ------
    InputError
    """
    largest = LARGEST_CM3.get(species, inf)
    if column == "volume_cm3" and visit.values[column] > largest:
        raise InputError(
            f"Visit {visit.visit} (day {visit.day:g}), column {column} is {visit.values[column]:g} cm3, more than a "
            f"tumour of a {species} has ({largest:g} cm3); if it is in mm3, name the column volume_mm3."
        )


def doubtful_size(species: str, visit: Measurement) -> str:
    """What is said of a volume that tumours of a species seldom have; empty for nothing."""
    volume = visit.values.get("volume_cm3", 0.0)
    if volume <= DOUBTFUL_CM3.get(species, max(DOUBTFUL_CM3.values())):
        return ""
    return (
        f"Visit {visit.visit}: a volume of {volume:g} cm3 is seldom seen in a {species}; check that it is not in mm3."
    )


def says_little(visit: Measurement, column: str) -> str:
    """What is said of a standard deviation that leaves nothing of its measurement; empty for nothing."""
    sd, value = visit.sd.get(column, 0.0), visit.values[column]
    if sd < HUGE * (value if column == "volume_cm3" else 1.0):
        return ""
    return f"Visit {visit.visit}, {column}: the standard deviation {sd:g} is so large that it says little."


def _remarks(model: Model, visits: Sequence[Measurement]):
    """What is known of the numbers before they are compared."""
    yield from model.remarks
    yield from (text for visit in visits for text in visit.remarks)
    yield from filter(None, (doubtful_size(model.species, visit) for visit in visits))


def number_of(
    visit: Measurement, column: str, quantities: Mapping[str, bool] | None = None
) -> tuple[float, float, bool]:
    """Value and standard deviation in the space of the noise, and whether that is the logarithm.

    `quantities` are columns that are neither a volume nor a fraction, as of `Model`.

    Raises
    ------
    InputError
        As `observe`.
    """
    where = f"Visit {visit.visit} (day {visit.day:g}), column {column}"
    value, sd = float(visit.values[column]), visit.sd.get(column)
    if sd is not None and not (np.isfinite(sd) and sd > 0):
        raise InputError(f"{where}_sd is {sd:g}; leave it empty or give the measurement's standard deviation.")
    is_quantity, is_logarithm = column in (quantities or {}), (quantities or {}).get(column, column == "volume_cm3")
    if is_quantity and sd is None:
        raise InputError(f"{where} has no standard deviation, and none is known of that quantity; give {column}_sd.")
    if not is_logarithm:
        if not (is_quantity or 0.0 <= value <= 1.0):
            raise InputError(f"{where} is {value:g}; a fraction lies between 0 and 1.")
        return value, FRACTION_SD if sd is None else sd, False
    if not (np.isfinite(value) and value > 0):
        raise InputError(f"{where} is {value:g}; leave it empty or give the smallest volume that can be measured.")
    return np.log(value), sqrt(log1p((VOLUME_CV if sd is None else sd / value) ** 2)), True


def _warnings(model: Model, rows: list[tuple[int, Measurement, str]], day: np.ndarray):
    if len({visit.day for _, visit, _ in rows}) == 1:
        yield "There is one visit: it sets the starting state only; every rate is set by its prior."
    if {column for _, _, column in rows} == {"volume_cm3"} and len(model.observables) > 1:
        yield "Only volumes were measured: the vascular, necrotic, hypoxic and immune states are set by their priors."
    yield from filter(None, (says_little(visit, column) for _, visit, column in rows if column not in model.quantities))
    yield from _contradictions(rows, model.quantities)


def _contradictions(rows: list[tuple[int, Measurement, str]], quantities: Mapping[str, bool]):
    seen: dict[tuple[float, str], tuple[float, float, bool]] = {}
    for _, visit, column in rows:
        value, sd, logarithmic = number_of(visit, column, quantities)
        other = seen.setdefault((visit.day, column), (value, sd, logarithmic))
        if abs(other[0] - value) > 3 * np.hypot(other[1], sd):
            yield f"Day {visit.day:g}, {column}: two visits of that day contradict each other."

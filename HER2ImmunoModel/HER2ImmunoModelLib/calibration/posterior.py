"""The target of a calibration: free parameters in their transformed space, prior and likelihood as residuals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report

from ..models.model import Model
from ..models.parameters import Parameter
from ..simulation.batch import simulate_schedules
from ..treatments.schedule import Schedule
from .noise_kinds import Noise
from .observations import Observations, observe
from .result import Calibration

TOLERANCE = 1e-6
SAMPLING_TOLERANCE = 1e-3
"""Tolerance for a density that is not differentiated: moves it by less than 0.01 where samples lie."""
FARTHEST = 20.0
"""Prior standard deviations beyond which no parameter is simulated."""
SEARCH_SHORTEST_STEP_DAY = 0.01
"""Shortest step (days) while searching: a point that needs shorter ones is far from any tumour."""
SHORTEST_SHARE = 1e-5
"""The same of a model from elsewhere, over all its time."""


@dataclass(frozen=True)
class Posterior:
    """Posterior of the free parameters given the observations.

    Attributes
    ----------
    model : Model
    observations : Observations
    schedule : Schedule
        Doses given.
    free : tuple of Parameter
    fixed : dict of str to float
        Every other parameter.
    """

    model: Model
    observations: Observations
    schedule: Schedule
    free: tuple[Parameter, ...]
    fixed: dict[str, float]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is said of the observations and the doses before anything is fitted."""
        return (*self.observations.warnings, *self.schedule.remarks)

    @property
    def noise(self) -> Noise:
        """How the observations scatter."""
        return self.observations.noise

    @property
    def prior_mean(self) -> np.ndarray:
        """Mean of the prior in the transformed space, array (p,)."""
        return np.array([float(p.to_free(p.default)) for p in self.free])

    @property
    def prior_sd(self) -> np.ndarray:
        """Standard deviation of the prior in the transformed space, array (p,)."""
        return np.array([p.prior for p in self.free])

    def values(self, theta: np.ndarray) -> dict[str, np.ndarray | float]:
        """Every parameter of the model at points (m, p)."""
        return self.fixed | {p.name: p.from_free(theta[:, i]) for i, p in enumerate(self.free)}

    def simulated(
        self,
        theta: np.ndarray,
        report: Report | None = None,
        *,
        tolerance: float = TOLERANCE,
        shortest_step_day: float | None = None,
    ) -> np.ndarray:
        """Simulated numbers, in the order and the units of the measured ones, at points (m, p), array (m, n).

        A point that needs shorter steps than `shortest_step_day` (that of a search if None) fails.
        """
        return self.observations.simulated(self._states(theta, report, tolerance, shortest_step_day))

    def data_residuals(
        self, theta: np.ndarray, report: Report | None = None, *, tolerance: float = TOLERANCE
    ) -> np.ndarray:
        """Standardised misfit to the observations at points (m, p), array (m, n); NaN where it cannot be simulated.

        `Observations.residuals` says what more there is, and what its squares are, for other noise than the stated.
        """
        return self.observations.residuals(self._states(theta, report, tolerance))

    def _states(
        self, theta: np.ndarray, report: Report | None, tolerance: float, shortest_step_day: float | None = None
    ) -> np.ndarray:
        values = {name: np.broadcast_to(value, len(theta)) for name, value in self.values(theta).items()}
        states, _ = simulate_schedules(
            self.model,
            values,
            self.observations.day,
            [self.schedule],
            tolerance=tolerance,
            shortest_step_day=shortest_step_day or self._shortest_step_day,
            report=report,
        )
        return states[:, 0]

    @property
    def _shortest_step_day(self) -> float:
        """Of a model from elsewhere, whose days may be seconds, a share of all its time."""
        if self.model.start_day is None:
            return SEARCH_SHORTEST_STEP_DAY
        return min(SEARCH_SHORTEST_STEP_DAY, SHORTEST_SHARE * float(np.ptp(self.observations.day)))

    def residuals(self, theta: np.ndarray, report: Report | None = None) -> np.ndarray:
        """Misfit to the observations, then to the prior, array (m, n + p); half its square is minus the log density."""
        return np.hstack([self.data_residuals(theta, report), (theta - self.prior_mean) / self.prior_sd])

    @property
    def n_data(self) -> int:
        """How many numbers there are."""
        return self.observations.n

    def with_noise(self, noise: Noise) -> Posterior:
        """The same with another noise, or other values of it."""
        return replace(self, observations=self.observations.with_noise(noise))

    def with_reference(self, simulated: np.ndarray | None) -> Posterior:
        """The same with simulated numbers (n,) near which standard deviations follow the model."""
        return replace(self, observations=self.observations.with_reference(simulated))

    def log_likelihood(
        self, theta: np.ndarray, log_noise: np.ndarray | None = None, *, tolerance: float = SAMPLING_TOLERANCE
    ) -> np.ndarray:
        """Log likelihood of the measured numbers themselves, for samplers.

        Parameters
        ----------
        theta : array (m, p)
            Points in the transformed space.
        log_noise : array (m, k) or (k,), optional
            Logarithms of the values of the noise (`observations.noise.parameters`, whose priors are not in it); those
            the observations have if None.
        tolerance : float
            Of the simulation.

        Returns
        -------
        array (m,)
            Minus infinity where a point cannot be simulated.
        """
        return self.observations.log_likelihood(self.simulated(theta, tolerance=tolerance), log_noise)

    def log_density(self, theta: np.ndarray, log_noise: np.ndarray | None = None) -> np.ndarray:
        """Log posterior density up to a constant at points (m, p), array (m,); minus infinity where it fails.

        `log_noise` as `log_likelihood`; with it, the priors of the noise count too.
        """
        return density_of(self, theta, log_noise)

    def starts(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Points (n, p) from the prior, initial states from what the first visit measured of them."""
        mean, sd = self.prior_mean, self.prior_sd
        observed = self.observations
        by_parameter = {self.model.initial[s.name]: i for i, s in enumerate(self.model.states)}
        for column, parameter in enumerate(self.free):
            rows = (observed.visit == 0) & (observed.state == by_parameter.get(parameter.name, -1))
            if rows.any():
                row = np.flatnonzero(rows)[0]
                measured, is_linear = observed.number[row], parameter.space == "linear"
                highest = 0.999 if parameter.space == "logit" else None
                mean[column] = measured if is_linear else parameter.to_free(np.clip(measured, 1e-3, highest))
                sd[column] = min(sd[column], 0.3 * (abs(measured) or 1.0) if is_linear else 0.3)
        return mean + sd * rng.standard_normal((n, mean.size))


def held(target, theta: np.ndarray) -> np.ndarray:
    """Points (m, p) no farther from the prior's mean than can be simulated: beyond, the prior leaves no density."""
    return np.clip(
        theta, target.prior_mean - FARTHEST * target.prior_sd, target.prior_mean + FARTHEST * target.prior_sd
    )


def density_of(target, theta: np.ndarray, log_noise: np.ndarray | None) -> np.ndarray:
    """Log posterior density of a target at points (m, p); minus infinity where that is not finite."""
    prior = -0.5 * np.square((theta - target.prior_mean) / target.prior_sd).sum(axis=1)
    if log_noise is not None:
        prior = prior + target.noise.log_prior(log_noise)
    density = target.log_likelihood(held(target, theta), log_noise) + prior
    return np.where(np.isfinite(density), density, -np.inf)


def posterior_of(calibration: Calibration) -> Posterior:
    """The target a calibration was made with."""
    observed = observe(calibration.model, calibration.measurements, calibration.scatter.noise)
    fixed = calibration.fixed
    target = posterior(calibration.model, observed, calibration.schedule, calibration.free, fixed)
    return referred(target, calibration.mode)


def referred(target, mode: np.ndarray):
    """A target whose standard deviations follow the model from a point (p,) on, if those of its noise do."""
    return target.with_reference(target.simulated(mode[None])[0]) if target.noise.follows_model else target


def posterior(
    model: Model,
    observations: Observations,
    schedule: Schedule,
    free: Sequence[str] | None,
    fixed: Mapping[str, float] | None,
) -> Posterior:
    """The target of observations, with the parameters of `chosen_parameters`; errors as it."""
    chosen, held = chosen_parameters(model, free, fixed)
    return Posterior(model, observations, schedule.for_model(model), chosen, held)


def chosen_parameters(
    model: Model, free: Sequence[str] | None = None, fixed: Mapping[str, float] | None = None
) -> tuple[tuple[Parameter, ...], dict[str, float]]:
    """Decide which parameters are free: those named, or all that have a prior and are not fixed; and hold the others.

    Raises
    ------
    InputError
        A parameter the model does not have, one both free and fixed, a fixed value outside its domain, none free.
    """
    fixed = dict(fixed or {})
    for name, value in fixed.items():
        if not model.parameter(name).holds(value):
            raise InputError(f"The fixed parameter {name} is {value}, outside its domain; give another value.")
    names = [p.name for p in model.parameters if p.prior > 0 and p.name not in fixed] if free is None else list(free)
    chosen = tuple(model.parameter(name) for name in dict.fromkeys(names))
    for parameter in chosen:
        if parameter.name in fixed:
            raise InputError(f"Parameter {parameter.name} is both free and fixed; choose one.")
        if not np.isfinite(parameter.to_free(parameter.default)) or parameter.prior <= 0:
            raise InputError(f"Parameter {parameter.name} has no prior about its default; fix it instead.")
    if not chosen:
        raise InputError("No parameter is free; leave at least one to calibrate.")
    known = model.defaults() | fixed
    held = {name: float(value) for name, value in known.items() if name not in {p.name for p in chosen}}
    return chosen, held

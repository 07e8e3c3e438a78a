"""Calibration of several subjects: each alone, or all with the same rates and their own starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report, part, tell

from .. import models
from ..models.model import Model
from ..models.parameters import Parameter
from ..treatments.doses import Schedule, model_given
from .diagnostics import Sampling, warnings_of
from .estimates import estimates_of_laplace, estimates_of_samples
from .fitting import Drawn, Fit, chi_square, criteria, draw, fit
from .mcmc import WALKERS
from .noise import noise_warnings
from .noise_kinds import STATED, Noise
from .observations import Observations, joined, observe, with_kind
from .one_subject import METHODS, calibrate, chance_of, check_effort
from .posterior import SAMPLING_TOLERANCE, TOLERANCE, Posterior, density_of, posterior
from .result import Calibration
from .scatter import AS_STATED, Estimate, Scatter


@dataclass(frozen=True)
class Subject:
    """One patient or animal.

    Attributes
    ----------
    name : str
    measurements : tuple of Measurement
    schedule : Schedule
        Doses given.
    group : str
    known : mapping of str to float
        Parameters whose value is this subject's own and not fitted, such as `phi_measured` (`with_covariate_over`).
    """

    name: str
    measurements: tuple[Measurement, ...]
    schedule: Schedule = field(default_factory=Schedule)
    group: str = ""
    known: Mapping[str, float] = field(default_factory=dict)

    def held(self, fixed: Mapping[str, float] | None = None) -> dict[str, float]:
        """Every parameter that is not fitted: those that are this subject's own, and those fixed for all.

        Raises
        ------
        InputError
            One that is both.
        """
        if both := sorted(set(self.known) & set(fixed or {})):
            raise InputError(f"Parameter {both[0]} is known of each subject and cannot be fixed too; choose one.")
        return {**self.known, **(fixed or {})}


@dataclass(frozen=True)
class PooledCalibration:
    """Posterior of the rates that all subjects share and of each subject's own parameters.

    Attributes
    ----------
    model : Model
    shared : dict of str to Estimate
    subjects : dict of str to Calibration
        Each subject's view: shared and own parameters, to forecast and rank with.
    n_data, effective_parameters, chi2, aicc, bic
        As `Calibration`, over all subjects.
    warnings : tuple of str
    sampling : Sampling or None
        How the sampler ran; a parameter of each subject is numbered in the order of the subjects.
    scatter : Scatter
        How the measurements of all subjects scatter.
    """

    model: Model
    shared: dict[str, Estimate]
    subjects: dict[str, Calibration]
    n_data: int
    effective_parameters: float
    chi2: float
    aicc: float
    bic: float
    warnings: tuple[str, ...]
    sampling: Sampling | None = None
    scatter: Scatter = AS_STATED

    @property
    def noise(self) -> Estimate | None:
        """Factor on the stated standard deviations of all subjects; None if it was not estimated."""
        return self.scatter.scale


def calibrate_each(
    model: Model | str,
    subjects: Sequence[Subject],
    *,
    fixed: Mapping[str, float] | None = None,
    report: Report | None = None,
    **settings: object,
) -> dict[str, Calibration]:
    """Calibrate every subject alone (`settings` and errors of `calibrate`; a message names the subject).

    What is known of a subject is held at its value.
    """
    check_subjects(subjects)
    found = {}
    for i, subject in enumerate(subjects):
        share = part(report, i / len(subjects), (i + 1) / len(subjects))
        try:
            found[subject.name] = calibrate(
                model,
                subject.measurements,
                schedule=subject.schedule,
                fixed=subject.held(fixed),
                report=share,
                **settings,
            )
        except InputError as error:
            raise InputError(f"Subject {subject.name}: {error}") from error
    return found


def calibrate_pooled(
    model: Model | str,
    subjects: Sequence[Subject],
    *,
    method: str = "map",
    own: Sequence[str] | None = None,
    free: Sequence[str] | None = None,
    fixed: Mapping[str, float] | None = None,
    seed: int = 0,
    prior_draws: int = 512,
    walkers: int = WALKERS,
    most_steps: int = 5000,
    noise_scale: bool = False,
    noise: str | Noise = STATED,
    heavy_tails: bool = False,
    species: str | None = None,
    report: Report | None = None,
) -> PooledCalibration:
    """Calibrate all subjects together: the posterior mode, then its Laplace approximation or draws of a sampler.

    Parameters
    ----------
    model : Model or str
    subjects : sequence of Subject
    own : sequence of str, optional
        Parameters each subject has for itself; the initial states that any subject measured if None.
    method, free, fixed, seed, prior_draws, walkers, most_steps, noise_scale, noise, heavy_tails, species, report
        As `calibrate`; one noise, with its values, for all subjects. What is known of a subject is held at its value.

    Raises
    ------
    InputError
        As `calibrate`, no subject, two of one name, or subjects of which different parameters are known.
    Cancelled
        From `report`.
    """
    check_subjects(subjects)
    if method not in METHODS:
        raise InputError(f"There is no calibration method {method!r}; choose {' or '.join(METHODS)}.")
    check_effort(prior_draws, walkers, most_steps)
    model = model_given(models.get(model, species), [subject.schedule for subject in subjects])
    check_known(subjects)
    parts = [part_of(model, subject, free, fixed) for subject in subjects]
    observations = with_kind([one.observations for one in parts], noise, heavy_tails, noise_scale)
    parts = [replace(one, observations=each) for one, each in zip(parts, observations, strict=True)]
    target = _Pooled(model, parts, own_of(model, parts, own))
    whole = 1.0 if method == "map" else 0.1
    found, drawn = fit(target, prior_draws, seed, part(report, 0.0, whole)), None
    if method == "mcmc":
        drawn = draw(found, part(report, whole, 1.0), walkers=walkers, most_steps=most_steps, seed=seed)
    tell(report, 1.0, "Splitting the posterior by subject")
    return _split(found, drawn, subjects, seed)


def check_subjects(subjects: Sequence[Subject]) -> None:
    """Refuse no subject, and two of one name."""
    if not subjects:
        raise InputError("There is no subject to calibrate; give at least one.")
    names = [subject.name for subject in subjects]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"Two subjects are named {doubled[0]!r}; give each its own name.")


def check_known(subjects: Sequence[Subject]) -> None:
    """Refuse subjects of which different parameters are known: the rates they share would not be the same ones."""
    names = dict.fromkeys(name for subject in subjects for name in subject.known)
    for name in names:
        if without := [subject.name for subject in subjects if name not in subject.known]:
            raise InputError(f"{name} is not known of {without[0]}, but of others; give it, or leave the subject out.")


def part_of(model: Model, subject: Subject, free, fixed) -> Posterior:
    """The target of one subject (arguments and errors as `calibrate`; a message names the subject)."""
    try:
        return posterior(model, observe(model, subject.measurements), subject.schedule, free, subject.held(fixed))
    except InputError as error:
        raise InputError(f"Subject {subject.name}: {error}") from error


def own_of(model: Model, parts: Sequence[Posterior], own: Sequence[str] | None) -> set[str]:
    """Parameters that each subject has for itself: those named, or the initial states that any subject measured."""
    free = {parameter.name for parameter in parts[0].free}
    if own is not None:
        if unknown := sorted(set(own) - free):
            raise InputError(f"Parameter {unknown[0]!r} is not free and cannot be each subject's own.")
        return set(own)
    measured = {model.states[row].name for part_ in parts for row in part_.observations.state.tolist()}
    return {model.initial[state] for state in measured if model.initial[state] in free}


class _Pooled:
    """Posterior of shared parameters followed by each subject's own ones, as `Posterior` for one subject."""

    def __init__(self, model: Model, parts: Sequence[Posterior], own: set[str]):
        self.model, self.parts, self._own = model, parts, own
        free = parts[0].free
        self.shared = [i for i, parameter in enumerate(free) if parameter.name not in own]
        self.own = [i for i, parameter in enumerate(free) if parameter.name in own]
        self.free: tuple[Parameter, ...] = tuple(free[i] for i in self.shared + self.own * len(parts))
        self.prior_mean = np.array([float(p.to_free(p.default)) for p in self.free])
        self.prior_sd = np.array([p.prior for p in self.free])

    def columns(self, subject: int) -> np.ndarray:
        """Columns of a pooled point that are the free parameters of a subject, in their order."""
        columns = np.empty(len(self.shared) + len(self.own), dtype=int)
        columns[self.shared] = np.arange(len(self.shared))
        columns[self.own] = len(self.shared) + len(self.own) * subject + np.arange(len(self.own))
        return columns

    @cached_property
    def observations(self) -> Observations:
        """The numbers of all subjects."""
        return joined([one.observations for one in self.parts])

    @property
    def noise(self) -> Noise:
        return self.observations.noise

    @property
    def n_data(self) -> int:
        return self.observations.n

    def with_noise(self, noise: Noise) -> _Pooled:
        return _Pooled(self.model, [one.with_noise(noise) for one in self.parts], self._own)

    def with_reference(self, simulated: np.ndarray | None) -> _Pooled:
        ends = np.cumsum([one.n_data for one in self.parts])[:-1]
        each = [None] * len(self.parts) if simulated is None else np.split(simulated, ends)
        parts = [one.with_reference(row) for one, row in zip(self.parts, each, strict=True)]
        return _Pooled(self.model, parts, self._own)

    def simulated(self, theta: np.ndarray, report: Report | None = None, *, tolerance: float = TOLERANCE) -> np.ndarray:
        return self._of_parts(Posterior.simulated, theta, report, tolerance)

    def data_residuals(
        self, theta: np.ndarray, report: Report | None = None, *, tolerance: float = TOLERANCE
    ) -> np.ndarray:
        return self._of_parts(Posterior.data_residuals, theta, report, tolerance)

    def _of_parts(self, what, theta: np.ndarray, report: Report | None, tolerance: float) -> np.ndarray:
        n = len(self.parts)
        return np.hstack(
            [
                what(one, theta[:, self.columns(i)], part(report, i / n, (i + 1) / n), tolerance=tolerance)
                for i, one in enumerate(self.parts)
            ]
        )

    def log_likelihood(
        self, theta: np.ndarray, log_noise: np.ndarray | None = None, *, tolerance: float = SAMPLING_TOLERANCE
    ) -> np.ndarray:
        """As `Posterior.log_likelihood`, of the numbers of all subjects."""
        return self.observations.log_likelihood(self.simulated(theta, tolerance=tolerance), log_noise)

    def log_density(self, theta: np.ndarray, log_noise: np.ndarray | None = None) -> np.ndarray:
        return density_of(self, theta, log_noise)

    def residuals(self, theta: np.ndarray, report: Report | None = None) -> np.ndarray:
        return np.hstack([self.data_residuals(theta, report), (theta - self.prior_mean) / self.prior_sd])

    def starts(self, n: int, rng: np.random.Generator) -> np.ndarray:
        points = np.empty((n, self.prior_mean.size))
        for i, one in enumerate(self.parts):
            points[:, self.columns(i)] = one.starts(n, rng)
        return points


def _split(found: Fit, drawn: Drawn | None, subjects: Sequence[Subject], seed: int) -> PooledCalibration:
    target, effective = found.target, found.effective
    split = [_view(found, drawn, i, subject, effective / len(subjects), seed) for i, subject in enumerate(subjects)]
    views = {subject.name: view for subject, (view, _) in zip(subjects, split, strict=True)}
    n, chi2 = target.n_data, sum(view.chi2 for view in views.values())
    aicc, bic = criteria(-2.0 * sum(likelihood for _, likelihood in split), effective, n)
    first, scatter = next(iter(views.values())), found.scatter if drawn is None else drawn.scatter
    shared = {target.parts[0].free[i].name: first.estimates[target.parts[0].free[i].name] for i in target.shared}
    notes = [f"{name}: {text}" for name, view in views.items() for text in view.warnings]
    if chi2 > chance_of(n):
        notes.append(f"One set of rates does not fit all subjects: chi-square {chi2:.1f} for {n} numbers.")
    sampling = None if drawn is None else drawn.sampling
    notes += [*noise_warnings(scatter), *(warnings_of(sampling) if sampling else ())]
    return PooledCalibration(
        target.model, shared, views, n, effective, chi2, aicc, bic, tuple(notes), sampling=sampling, scatter=scatter
    )


def _view(
    found: Fit, drawn: Drawn | None, i: int, subject: Subject, effective: float, seed: int
) -> tuple[Calibration, float]:
    """One subject's share of a pooled posterior, and the log likelihood of its numbers."""
    one, columns = found.target.parts[i], found.target.columns(i)
    mode, covariance = found.mode[columns], found.covariance[np.ix_(columns, columns)]
    simulated = one.simulated(mode[None])
    chi2 = chi_square(one.observations.standardised(simulated)[0], one.noise)
    likelihood = float(one.observations.log_likelihood(simulated)[0])
    aicc, bic = criteria(-2.0 * likelihood, effective, one.n_data)
    samples = None if drawn is None else drawn.samples[:, columns]
    laplace = estimates_of_laplace(one.free, mode, covariance)
    view = Calibration(
        model=found.target.model,
        estimates=laplace if samples is None else estimates_of_samples(one.free, samples),
        free=tuple(p.name for p in one.free),
        mode=mode,
        covariance=covariance,
        fixed=one.fixed,
        schedule=one.schedule,
        measurements=tuple(sorted(subject.measurements, key=lambda visit: visit.day)),
        method="pooled",
        seed=seed,
        n_data=one.n_data,
        effective_parameters=effective,
        chi2=chi2,
        aicc=aicc,
        bic=bic,
        warnings=one.warnings,
        samples=samples,
        sampling=None if drawn is None else drawn.sampling,
        scatter=found.scatter if drawn is None else drawn.scatter,
    )
    return view, likelihood

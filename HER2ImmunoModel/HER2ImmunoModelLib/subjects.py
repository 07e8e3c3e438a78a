"""Calibration of several subjects: each alone, or all with the same rates and their own starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report, part, tell

from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.calibration import calibrate, laplace
from HER2ImmunoModelLib.calibration_result import Calibration, Estimate
from HER2ImmunoModelLib.estimates import estimates_of_laplace
from HER2ImmunoModelLib.model import Model
from HER2ImmunoModelLib.observations import observe
from HER2ImmunoModelLib.parameters import Parameter
from HER2ImmunoModelLib.posterior import Posterior, posterior
from HER2ImmunoModelLib.schedule import Schedule


@dataclass(frozen=True)
class Subject:
    """One patient or animal: name, group, measurements and the doses given."""

    name: str
    measurements: tuple[Measurement, ...]
    schedule: Schedule = field(default_factory=Schedule)
    group: str = ""


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


def calibrate_each(
    model: Model | str, subjects: Sequence[Subject], *, report: Report | None = None, **settings: object
) -> dict[str, Calibration]:
    """Calibrate every subject alone (`settings` and errors of `calibrate`; a message names the subject)."""
    _check(subjects)
    found = {}
    for i, subject in enumerate(subjects):
        share = part(report, i / len(subjects), (i + 1) / len(subjects))
        try:
            found[subject.name] = calibrate(
                model, subject.measurements, schedule=subject.schedule, report=share, **settings
            )
        except InputError as error:
            raise InputError(f"Subject {subject.name}: {error}") from error
    return found


def calibrate_pooled(
    model: Model | str,
    subjects: Sequence[Subject],
    *,
    own: Sequence[str] | None = None,
    free: Sequence[str] | None = None,
    fixed: Mapping[str, float] | None = None,
    seed: int = 0,
    prior_draws: int = 512,
    report: Report | None = None,
) -> PooledCalibration:
    """Calibrate all subjects together: the posterior mode and its Laplace approximation.

    Parameters
    ----------
    model : Model or str
    subjects : sequence of Subject
    own : sequence of str, optional
        Parameters each subject has for itself; the initial states that any subject measured if None.
    free, fixed, seed, prior_draws, report
        As `calibrate`.

    Raises
    ------
    InputError
        As `calibrate`, no subject, or two of one name.
    Cancelled
        From `report`.
    """
    _check(subjects)
    model = models.get(model)
    parts = [_part(model, subject, free, fixed) for subject in subjects]
    target = _Pooled(model, parts, _own(model, parts, own))
    mode, covariance, effective = laplace(target, prior_draws, seed, report)
    tell(report, 1.0, "Splitting the posterior by subject")
    return _split(target, subjects, mode, covariance, effective, seed)


def _check(subjects: Sequence[Subject]) -> None:
    if not subjects:
        raise InputError("There is no subject to calibrate; give at least one.")
    names = [subject.name for subject in subjects]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"Two subjects are named {doubled[0]!r}; give each its own name.")


def _part(model: Model, subject: Subject, free, fixed) -> Posterior:
    try:
        return posterior(model, observe(model, subject.measurements), subject.schedule, free, fixed)
    except InputError as error:
        raise InputError(f"Subject {subject.name}: {error}") from error


def _own(model: Model, parts: Sequence[Posterior], own: Sequence[str] | None) -> set[str]:
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
        self.model, self.parts = model, parts
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

    def data_residuals(self, theta: np.ndarray, report: Report | None = None) -> np.ndarray:
        n = len(self.parts)
        return np.hstack(
            [
                one.data_residuals(theta[:, self.columns(i)], part(report, i / n, (i + 1) / n))
                for i, one in enumerate(self.parts)
            ]
        )

    def residuals(self, theta: np.ndarray, report: Report | None = None) -> np.ndarray:
        return np.hstack([self.data_residuals(theta, report), (theta - self.prior_mean) / self.prior_sd])

    def starts(self, n: int, rng: np.random.Generator) -> np.ndarray:
        points = np.empty((n, self.prior_mean.size))
        for i, one in enumerate(self.parts):
            points[:, self.columns(i)] = one.starts(n, rng)
        return points


def _split(target: _Pooled, subjects, mode, covariance, effective: float, seed: int) -> PooledCalibration:
    chi2_of, norm_of, views = [], [], {}
    for i, (one, subject) in enumerate(zip(target.parts, subjects, strict=True)):
        columns = target.columns(i)
        own_mode, own_covariance = mode[columns], covariance[np.ix_(columns, columns)]
        chi2_of.append(float(np.square(one.data_residuals(own_mode[None])).sum()))
        norm_of.append(float(np.log(2 * np.pi * one.observations.sd**2).sum()))
        deviance, n = chi2_of[-1] + norm_of[-1], one.observations.n
        aicc, bic = criteria(deviance, effective / len(subjects), n)
        views[subject.name] = Calibration(
            model=target.model,
            estimates=estimates_of_laplace(one.free, own_mode, own_covariance),
            free=tuple(p.name for p in one.free),
            mode=own_mode,
            covariance=own_covariance,
            fixed=one.fixed,
            schedule=one.schedule,
            measurements=tuple(sorted(subject.measurements, key=lambda visit: visit.day)),
            method="pooled",
            seed=seed,
            n_data=n,
            effective_parameters=effective / len(subjects),
            chi2=chi2_of[-1],
            aicc=aicc,
            bic=bic,
            warnings=one.observations.warnings,
        )
    n = sum(view.n_data for view in views.values())
    aicc, bic = criteria(sum(chi2_of) + sum(norm_of), effective, n)
    first = next(iter(views.values()))
    shared = {target.parts[0].free[i].name: first.estimates[target.parts[0].free[i].name] for i in target.shared}
    notes = [f"{name}: {text}" for name, view in views.items() for text in view.warnings]
    if sum(chi2_of) > n + 3 * np.sqrt(2 * n):
        notes.append(f"One set of rates does not fit all subjects: chi-square {sum(chi2_of):.1f} for {n} numbers.")
    return PooledCalibration(target.model, shared, views, n, effective, sum(chi2_of), aicc, bic, tuple(notes))


def criteria(deviance: float, parameters: float, n: int) -> tuple[float, float]:
    """AICc (infinite for too few data) and BIC."""
    spare = n - parameters - 1
    aicc = deviance + 2 * parameters * n / spare if spare > 0 else np.inf
    return aicc, deviance + parameters * np.log(n)

"""The result of a hierarchical calibration from what was found: estimates, shrinkage, each subject's view, warnings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..calibration.estimates import SET_BY_DATA, estimates_of_samples
from ..calibration.fitting import chi_square, criteria
from ..calibration.noise import noise_warnings, scatter_of_samples
from ..calibration.one_subject import misfit_said
from ..calibration.posterior import Posterior
from ..calibration.result import Calibration
from ..calibration.scatter import Estimate, Scatter
from ..calibration.subjects import Subject
from ..models.model import Model
from ..models.parameters import Parameter
from .alternating import Settled
from .designs import Designs
from .draws import LAPLACE, MOST_OF_LAW, MOST_WEIGHED, GroupDraws
from .law import Law, Points
from .result import INDIVIDUAL, SHARED, CohortCalibration, Covariate, Diagnostics, Draws, GroupEstimate

FEW = 5
"""Subjects below which a spread is said to be uncertain."""
FAR_OFF, FAR_FROM_OTHERS = 2.0, 4.0
"""Spreads from what is expected, and robust standard deviations of all subjects, beyond both of which one is told.

The first alone cannot tell one of few subjects, as it widens the spread that it is measured by."""
NORMAL_MAD = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""
METHOD = "hierarchical"
NOT_AT_REST = "The group did NOT come to rest; trust neither its means nor its spreads, and hold some parameters."
"""Warning of a group whose numbers still moved when the turns ended."""


@dataclass(frozen=True)
class Found:
    """All that the stages of a hierarchical calibration found."""

    model: Model
    subjects: tuple[Subject, ...]
    designs: Designs
    law: Law
    settled: Settled
    drawn: GroupDraws
    seed: int

    @property
    def at(self) -> Points:
        """What the draws of the law say of the subjects."""
        return self.law.at(self.drawn.h)


def result(found: Found) -> CohortCalibration:
    """Estimates, criteria and warnings of what was found."""
    law, drawn, at = found.law, found.drawn, found.at
    scatter = scatter_of_samples(law.noise, at.log_noise)
    views = {subject.name: _view(found, i, scatter) for i, subject in enumerate(found.subjects)}
    shrinkage, pulled = _shrunk(found)
    n, deviance = int(found.designs.n.sum()), -2 * drawn.log_likelihood
    aicc, _ = criteria(deviance, law.size, n)
    effects, known = law.parts(drawn.h)[1], tuple(found.subjects[0].known)
    return CohortCalibration(
        model=found.model,
        group={law.free[i].name: _group(law, at, effects, i, shrinkage[i]) for i in law.grouped},
        own=tuple(p.name for i, p in enumerate(law.free) if i not in law.grouped),
        fixed={name: value for name, value in found.designs.parts[0].fixed.items() if name not in known},
        known=known,
        subjects=views,
        pulled=pulled,
        covariates=tuple(Covariate(law.free[e.parameter].name, e.name, e.middle, e.width) for e in law.effects),
        draws=Draws(tuple(p.name for p in law.free), at.mean, at.spread, effects, at.log_noise),
        n_data=n,
        n_subjects=len(views),
        n_group=law.size,
        log_likelihood=drawn.log_likelihood,
        aicc=aicc,
        bic=deviance + _penalty(law, n),
        warnings=tuple(_warnings(found, views, scatter)),
        diagnostics=_diagnostics(found),
        scatter=scatter,
    )


def _penalty(law: Law, n: int) -> float:
    """Numbers of individual parameters times log(subjects), others times log(n)."""
    of_subjects = np.isin(law.grouped, law.active).sum() + law.spreading.size
    of_subjects += sum(effect.parameter in law.active for effect in law.effects)
    return float(of_subjects * np.log(law.subjects) + (law.size - of_subjects) * np.log(n))


def _diagnostics(found: Found) -> Diagnostics:
    drawn, weighed = found.drawn, found.drawn.method != LAPLACE
    return Diagnostics(
        drawn.method,
        found.settled.turns,
        found.settled.stands,
        drawn.rounds,
        drawn.effective_points if weighed else None,
        drawn.tail if weighed else None,
        dict(zip(found.designs.names, drawn.effective.tolist(), strict=True)) if weighed else {},
    )


def _group(law: Law, at: Points, effects: np.ndarray, i: int, shrinkage: float) -> GroupEstimate:
    """Estimate of the group's parameter in column `i`."""
    parameter = law.free[i]
    middle = law.middle_of(i)
    mean = estimates_of_samples([parameter], at.mean[:, i : i + 1] + effects @ middle[:, None])[parameter.name]
    moved = {
        effect.name: _plain(effects[:, number], parameter.prior)
        for number, effect in enumerate(law.effects)
        if effect.parameter == i
    }
    varies = i in law.active
    spread = _plain(at.spread[:, i], _prior_sd_of_spread(law, i)) if varies else None
    kind = INDIVIDUAL if varies else SHARED
    return GroupEstimate(parameter.name, parameter.unit, parameter.space, kind, mean, spread, moved, float(shrinkage))


def _plain(draws: np.ndarray, prior_sd: float) -> Estimate:
    """Estimate of a number in the transformed space."""
    lower, median, upper = (float(end) for end in np.quantile(draws, [0.05, 0.5, 0.95]))
    shrinkage = float(np.clip(1 - (draws.std() / prior_sd) ** 2, 0.0, 1.0)) if prior_sd > 0 else 1.0
    return Estimate(median, lower, upper, shrinkage, "data" if shrinkage >= SET_BY_DATA else "prior")


def _prior_sd_of_spread(law: Law, i: int) -> float:
    """Standard deviation of the prior of a spread; 0 of one that is held."""
    if i not in law.spreading:
        return 0.0
    grid = np.linspace(0.0, law.prior_sd[i], 400)
    weight = np.exp(-0.5 * np.square(grid / law.usual[i]))
    weight /= weight.sum()
    return float(np.sqrt(weight @ np.square(grid - weight @ grid)))


def _shrunk(found: Found) -> tuple[np.ndarray, dict[str, dict[str, float]]]:
    """Shrinkage of each parameter (p,), and how much the group set each subject's."""
    law, eta = found.law, found.drawn.eta
    shrinkage, pulled = np.full(len(law.free), np.nan), {name: {} for name in found.designs.names}
    for i in np.intersect1d(law.grouped, law.active):
        shrinkage[i] = 1 - eta[:, :, i].mean(axis=1).std(ddof=1)
        for name, variance in zip(found.designs.names, eta[:, :, i].var(axis=1).tolist(), strict=True):
            pulled[name][law.free[i].name] = min(variance, 1.0)
    return shrinkage, pulled


def _view(found: Found, i: int, scatter: Scatter) -> Calibration:
    """One subject's share of the posterior, with what the group says of it as its prior."""
    of_group = with_priors(found.model, grouped_free(found.law, found.at, i))
    known = {"seed": found.seed, "scatter": scatter, "effective": _determined(found, i)}
    posterior_draws = found.settled.theta[i], found.drawn.theta[i]
    return view_of(of_group, found.designs.parts[i], found.subjects[i], posterior_draws, **known)


def view_of(
    model: Model,
    one: Posterior,
    subject: Subject,
    found: tuple[np.ndarray, np.ndarray],
    *,
    effective: float,
    scatter: Scatter,
    seed: int,
) -> Calibration:
    """The calibration of a subject of a group.

    Parameters
    ----------
    model : Model
        With what the group says of the subject as the priors.
    one : Posterior
        Of its data.
    subject : Subject
    found : array (p,), array (draws, p)
        Its mode, and draws of its posterior.
    effective : float
        Parameters that its own data determine.
    scatter : Scatter
        Of all subjects.
    seed : int
    """
    mode, samples = found
    observed, simulated = one.observations.with_noise(scatter.noise), one.simulated(mode[None])
    chi2, n = chi_square(observed.standardised(simulated)[0], observed.noise), one.n_data
    aicc, bic = criteria(-2.0 * float(observed.log_likelihood(simulated)[0]), effective, n)
    free = tuple(model.parameter(parameter.name) for parameter in one.free)
    return Calibration(
        model=model,
        estimates=estimates_of_samples(free, samples),
        free=tuple(parameter.name for parameter in free),
        mode=mode,
        covariance=np.cov(samples.T).reshape(mode.size, mode.size),
        fixed=one.fixed,
        schedule=one.schedule,
        measurements=tuple(sorted(subject.measurements, key=lambda visit: visit.day)),
        method=METHOD,
        seed=seed,
        n_data=n,
        effective_parameters=effective,
        chi2=chi2,
        aicc=aicc,
        bic=bic,
        warnings=(*one.warnings, *misfit_said(chi2, n)),
        samples=samples,
        scatter=scatter,
    )


def _determined(found: Found, i: int) -> float:
    """How many parameters of a subject its own data determine, given the group."""
    at = found.law.at(found.settled.h[None])
    _, root = found.settled.quadratics.conditional(at)
    return float(len(found.law.free) - np.square(root[0, i]).sum())


def grouped_free(law: Law, at: Points, i: int) -> tuple[Parameter, ...]:
    """The free parameters with what the group says of a subject before its own data as their priors."""
    source = f"group of {law.subjects} subjects"
    return with_group_priors(law.free, law.grouped, at.expected[:, i], at.spread, source)


def with_group_priors(
    free: tuple[Parameter, ...], grouped: np.ndarray, expected: np.ndarray, spread: np.ndarray, source: str
) -> tuple[Parameter, ...]:
    """Parameters in some columns with the mean and the spread of draws (draws, p) of a group as their priors."""
    mean, sd = expected.mean(axis=0), np.sqrt(expected.var(axis=0) + np.square(spread).mean(axis=0))
    return tuple(
        replace(p, default=float(p.from_free(mean[k])), prior=float(sd[k]), source=source) if k in grouped else p
        for k, p in enumerate(free)
    )


def with_priors(model: Model, free: tuple[Parameter, ...]) -> Model:
    """The model with other parameters of the same names."""
    changed = {p.name: p for p in free}
    return replace(model, parameters=tuple(changed.get(p.name, p) for p in model.parameters))


def _warnings(found: Found, views: dict[str, Calibration], scatter: Scatter) -> Iterator[str]:
    yield from (f"{name}: {text}" for name, view in views.items() for text in view.warnings)
    if len(views) < FEW:
        yield f"{len(views)} subjects say little of how far subjects differ: see the intervals of the spreads."
    if not found.settled.stands:
        yield NOT_AT_REST
    yield from _of_method(found)
    yield from _of_spreads(found)
    yield from _of_outliers(found)
    yield from noise_warnings(scatter)


def _of_method(found: Found) -> Iterator[str]:
    law = found.law
    if found.drawn.method != LAPLACE:
        return
    if law.active.size > MOST_WEIGHED or law.size > MOST_OF_LAW:
        why = f"{law.active.size} parameters a subject are too many to weigh draws"
    else:
        why = "weights of draws cannot be trusted here"
    yield f"Intervals are of linear courses (Laplace), as {why}: they may be too narrow; let fewer parameters differ."


def _of_spreads(found: Found) -> Iterator[str]:
    law = found.law
    for i in law.spreading:
        if np.mean(found.at.spread[:, i] > 0.9 * law.prior_sd[i]) > 0.5:
            yield (
                f"Subjects differ in {law.free[i].name} as much as its prior allows (a standard deviation of "
                f"{law.prior_sd[i]:g}), so the group says little of it; check its prior."
            )


def _of_outliers(found: Found) -> Iterator[str]:
    law, middle = found.law, found.drawn.eta.mean(axis=1)
    for i in np.intersect1d(law.grouped, law.active):
        usual = NORMAL_MAD * np.median(np.abs(middle[:, i] - np.median(middle[:, i])))
        for subject in np.flatnonzero(np.abs(middle[:, i]) > max(FAR_OFF, FAR_FROM_OTHERS * usual)):
            yield (
                f"{found.designs.names[subject]} lies {abs(middle[subject, i]):.1f} spreads from what the group "
                f"expects of {law.free[i].name}; check its numbers, as one such subject widens the spread."
            )

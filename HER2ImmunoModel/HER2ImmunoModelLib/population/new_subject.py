"""A new subject of a group: what the group says of it, sharpened by the visits it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report, part

from ..calibration.diagnostics import HEAVIEST_TAIL, smoothed
from ..calibration.posterior import SAMPLING_TOLERANCE, Posterior
from ..calibration.result import Calibration
from ..calibration.subjects import Subject, part_of
from ..treatments.schedule import Schedule
from .conclusions import view_of, with_group_priors, with_priors
from .covariates import GROUP, value_of
from .designs import Designs
from .draws import KEPT, TRUSTED_DRAWS
from .law import Law
from .modes import modes_alone, quadratics_at
from .result import CohortCalibration
from .weighing import drawn_about, evenly

TRIED, ROUNDS = 8192, 2
"""Draws that are weighed in a round; the second draws from what the first found."""
PRIOR_DRAWS = 512
SMOOTHED = 0.3
"""Width of the normal distribution about each draw of a shared value, over the spread of these draws."""


@dataclass(frozen=True)
class Expected:
    """What a group says of a subject: normal distributions of equal weight, arrays (draws, p)."""

    mean: np.ndarray
    sd: np.ndarray

    def log_density(self, theta: np.ndarray) -> np.ndarray:
        """Log density (n,) at points (n, p), up to a constant."""
        level = -np.log(self.sd).sum(axis=1)
        found = np.empty(len(theta))
        for i, point in enumerate(theta):
            found[i] = np.logaddexp.reduce(level - 0.5 * np.square((point - self.mean) / self.sd).sum(axis=1))
        return found


def forecast_new(
    cohort: CohortCalibration,
    measurements: Sequence[Measurement],
    *,
    schedule: Schedule | None = None,
    known: Mapping[str, float] | None = None,
    group: str = "",
    name: str = "new subject",
    seed: int = 0,
    report: Report | None = None,
) -> Calibration:
    """Calibrate a new subject with a group as its prior; one visit is enough to forecast with.

    Draws about the mode are weighed by the likelihood of its visits and the density that the draws of the group give.
    The noise is that of the group.

    Parameters
    ----------
    cohort : CohortCalibration
    measurements : sequence of Measurement
        One or more visits, with the columns of the group's covariates.
    schedule : Schedule, optional
        Doses given.
    known : mapping of str to float, optional
        Of parameters that are known of each subject.
    group : str
        That the subject is in, where it is a covariate.
    name : str
    seed : int
    report : Report, optional

    Raises
    ------
    InputError
        No number of the model, a covariate that is missing, a parameter that is known of the others but not of it.
    Cancelled
        From `report`.
    """
    subject = Subject(name, tuple(measurements), schedule or Schedule(), group, dict(known or {}))
    _check_known(cohort, subject)
    expected = expected_of(cohort, subject)
    one = part_of(cohort.model, subject, cohort.draws.free, cohort.fixed).with_noise(cohort.scatter.noise)
    one = replace(one, free=_priors(cohort, one, expected))
    designs = Designs((name,), (one,))
    alone = Law(one.free, np.full(len(one.free), np.inf), (), 1)
    mode = modes_alone(designs, alone, PRIOR_DRAWS, seed, part(report, 0.0, 0.5))
    samples, effective, told = _weighed(designs, alone, mode, expected, seed)
    found = view_of(
        with_priors(cohort.model, one.free),
        one,
        subject,
        (mode[0], samples),
        effective=effective,
        scatter=cohort.scatter,
        seed=seed,
    )
    return replace(found, warnings=(*found.warnings, *told))


def expected_of(cohort: CohortCalibration, subject: Subject) -> Expected:
    """What a group says of a subject before its own data.

    Raises
    ------
    InputError
        A covariate that is missing.
    """
    free, draws = list(cohort.draws.free), cohort.draws
    mean, sd = draws.mean.copy(), draws.spread.copy()
    for number, covariate in enumerate(cohort.covariates):
        x = (_covariate(covariate.name, subject) - covariate.middle) / covariate.width
        mean[:, free.index(covariate.parameter)] += x * draws.effects[:, number]
    # A shared value is known by its draws alone; each stands for values about it.
    width = SMOOTHED * mean.std(axis=0)
    narrow = sd.max(axis=0) < width
    middle = mean.mean(axis=0)
    mean[:, narrow] = (middle + np.sqrt(1 - SMOOTHED**2) * (mean - middle))[:, narrow]
    return Expected(mean, np.maximum(np.where(narrow, width, sd), 1e-6))


def _covariate(name: str, subject: Subject) -> float:
    if name.startswith(f"{GROUP}="):
        return float(subject.group == name.partition("=")[2])
    return value_of(subject, name)


def _check_known(cohort: CohortCalibration, subject: Subject) -> None:
    if missing := [name for name in cohort.known if name not in subject.known]:
        raise InputError(f"{missing[0]} is known of the subjects of the group but not of {subject.name}; give it.")


def _priors(cohort: CohortCalibration, one: Posterior, expected: Expected):
    """The free parameters with what the group says of the subject as their priors."""
    grouped = np.array([i for i, p in enumerate(one.free) if p.name not in cohort.own], dtype=int)
    return with_group_priors(one.free, grouped, expected.mean, expected.sd, f"group of {cohort.n_subjects} subjects")


def _weighed(
    designs: Designs, alone: Law, mode: np.ndarray, expected: Expected, seed: int
) -> tuple[np.ndarray, float, tuple[str, ...]]:
    """Draws (n, p), how many parameters the subject's own data determine, and what is said of the weights."""
    rng, at, quadratics = np.random.default_rng(seed), alone.at(alone.start()[None]), quadratics_at(designs, mode)
    determined = float(mode.shape[1] - np.square(quadratics.conditional(at)[1]).sum())
    of, noise = np.zeros(TRIED, dtype=int), np.repeat(at.log_noise, TRIED, axis=0)
    for _ in range(ROUNDS):
        eta, log_drawn = drawn_about(quadratics, at, alone.active, TRIED, rng)
        theta = at.expected[0, 0] + at.spread[0] * eta[0, 0]
        likelihood = designs.log_likelihood(designs.simulated(theta, of, tolerance=SAMPLING_TOLERANCE), of, noise)
        log_weight = likelihood + expected.log_density(theta) - log_drawn[0, 0]
        weight, tail = smoothed(np.where(np.isfinite(log_weight), log_weight, -np.inf))
        told_by = theta[None, None], likelihood[None, None], weight[None, None]
        quadratics = quadratics.learned(*told_by, at.log_noise)
    told = ()
    if tail > HEAVIEST_TAIL or 1 / np.square(weight).sum() < TRUSTED_DRAWS:
        told = ("Weights of draws cannot be trusted here: intervals may be too narrow.",)
    return theta[evenly(weight, KEPT, rng)], determined, told

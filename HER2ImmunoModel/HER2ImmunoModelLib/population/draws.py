"""Draws of a group's numbers and of each subject's parameters: weighed where that can be trusted, else by Laplace."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.progress import Report, part

from ..calibration.diagnostics import HEAVIEST_TAIL, smoothed
from .alternating import LogDensity, Settled, density_of
from .designs import Designs
from .law import Law
from .quadratics import Quadratics
from .surface import fit_surface
from .weighing import LEAST, Weighed, evenly, picked_points, weigh

WEIGHED, LAPLACE = "weighed", "laplace"
POINTS = (256, 512, 512, 512)
"""Points of the law in each round."""
COURSES = 1_200_000
"""Courses that each round but the first weighs, about; that a third."""
MOST_DRAWS = 96
"""Of a subject at a point."""
FEWEST_DRAWS = 8
ALONE_POINTS, MOST_DRAWS_ALONE = 8, 1024
"""Where the group has no numbers."""
MOST_WEIGHED, MOST_OF_LAW = 12, 30
"""Parameters of a subject, and numbers of a law, beyond which weights are not tried."""
ENOUGH_POINTS = 250.0
"""Effective points with which rounds end."""
TRUSTED_POINTS, TRUSTED_DRAWS = 40.0, 100.0
"""Effective points, and draws of a subject, below which weights are not trusted."""
LEAST_VARIETY = 20.0
"""Candidates that must count among those that points are picked from: fewer, and a correction of the density has run
away to where no draw was."""
FLATTENED_SHARE = 0.65
"""Share of the effective points that a wider density to draw from may cost."""
KEPT = 1000
"""Draws of each subject that are kept."""
KEPT_POINTS = 400
"""Points of the law that are kept."""


@dataclass(frozen=True)
class GroupDraws:
    """Draws of equal weight.

    Attributes
    ----------
    method : str
        "weighed" or "laplace".
    h : array (points, size)
        Of the law.
    theta, eta : arrays (subjects, draws, p)
        Each subject's parameters, and (theta - expected) / spread.
    log_likelihood : float
        Of all data, the subjects' parameters integrated, at the middle of the law's points.
    effective_points, tail : float
        Of the weighed points of the law, and the Pareto shape of their weights; NaN for "laplace".
    effective, tails : arrays (subjects,)
        The same of each subject's draws.
    rounds : int
    """

    method: str
    h: np.ndarray
    theta: np.ndarray
    eta: np.ndarray
    log_likelihood: float
    effective_points: float
    tail: float
    effective: np.ndarray
    tails: np.ndarray
    rounds: int

    @property
    def is_trusted(self) -> bool:
        """Whether the weights hold."""
        law = self.h.shape[1] == 0 or (self.effective_points >= TRUSTED_POINTS and self.tail <= HEAVIEST_TAIL)
        return law and bool((self.effective >= TRUSTED_DRAWS).all())


def draw_group(
    designs: Designs, law: Law, settled: Settled, seed: int, courses: int = COURSES, report: Report | None = None
) -> GroupDraws:
    """Draws by weighing, or by Laplace's approximation where there are too many parameters or the weights do not hold.

    Raises
    ------
    Cancelled
        From `report`.
    """
    rng = np.random.default_rng(seed)
    if law.active.size <= MOST_WEIGHED and law.size <= MOST_OF_LAW:
        found = _weighed(designs, law, settled, courses, rng, report)
        if found.is_trusted:
            return found
    return _laplace(law, settled, rng)


def _weighed(designs: Designs, law: Law, settled: Settled, courses: int, rng, report) -> GroupDraws:
    """Rounds of weighing, each from likelihoods and a density that those before it have corrected."""
    quadratics, middle, covariance = settled.quadratics, settled.h, settled.covariance
    density, kept = density_of(law, quadratics), []
    rounds, before = len(POINTS) if law.size else 2, (quadratics, density, middle, covariance)
    for number in range(1, rounds + 1):
        share = part(report, (number - 1) / rounds, number / rounds)
        drawn_from, points = flattened(density, law.size), POINTS[number - 1] if law.size else ALONE_POINTS
        h, variety = picked_points(drawn_from, middle, covariance, points, rng)
        if variety < LEAST_VARIETY and kept:
            quadratics, density, middle, covariance = before
            drawn_from = flattened(density, law.size)
            h, _ = picked_points(drawn_from, middle, covariance, points, rng)
        found = weigh(designs, law, h, quadratics, _draws(law, len(h), number, courses), rng, share)
        kept.append(Judged.of(found, law.log_prior(h) + found.estimated - drawn_from(h)))
        if kept[-1].worth == 0 or number == rounds or (number > 1 and sum(one.worth for one in kept) >= ENOUGH_POINTS):
            break
        before = quadratics, density, middle, covariance
        quadratics = settled.quadratics.learned(found.theta, found.likelihood, found.share, law.at(h).log_noise)
        density = _refined(law, quadratics, kept)
        middle, covariance = _moments(found.h, kept[-1].weight)
    at_middle = (kept[-1].weight @ found.h)[None]
    log_likelihood = float(density(at_middle)[0] - law.log_prior(at_middle)[0])
    return _picked(law, kept if law.size else kept[-1:], log_likelihood, rng)


def _draws(law: Law, points: int, number: int, courses: int) -> int:
    """Draws of each subject at each point in a round."""
    most = MOST_DRAWS if law.size else MOST_DRAWS_ALONE
    return int(np.clip(courses / (3 if number == 1 else 1) / (points * law.subjects), FEWEST_DRAWS, most))


def _refined(law: Law, quadratics: Quadratics, kept: list[Judged]) -> LogDensity:
    """The density of corrected likelihoods, with what they miss of all rounds as a surface."""
    if not law.size:
        return density_of(law, quadratics)
    h, linear = np.vstack([one.found.h for one in kept]), density_of(law, quadratics)
    missed = np.concatenate([one.found.estimated for one in kept]) + law.log_prior(h) - linear(h)
    return corrected(linear, fit_surface(h, missed))


@dataclass(frozen=True)
class Judged:
    """A round with the smoothed weights of its points, their tail and how many points it is worth."""

    found: Weighed
    weight: np.ndarray
    tail: float
    worth: float

    @classmethod
    def of(cls, found: Weighed, log_weight: np.ndarray) -> Judged:
        """From the logarithms of the weights of the points."""
        if not found.h.shape[1]:
            return cls(found, np.full(len(found.h), 1 / len(found.h)), 0.0, np.inf)
        log_weight = np.where(np.isfinite(log_weight), log_weight, -np.inf)
        if not np.isfinite(log_weight).any():
            return cls(found, np.full(len(found.h), 1 / len(found.h)), np.inf, 0.0)
        weight, tail = smoothed(np.maximum(log_weight - log_weight.max(), LEAST))
        # A round of which the tail is too heavy is worth little, however many points seem effective.
        return cls(found, weight, tail, _worth(found.h, weight) if tail <= HEAVIEST_TAIL else 1.0)


def _worth(h: np.ndarray, weight: np.ndarray) -> float:
    """Effective number of different points; a point that was picked several times counts once."""
    _, of = np.unique(h, axis=0, return_inverse=True)
    return float(1 / np.square(np.bincount(of.reshape(-1), weight)).sum())


def _moments(h: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of weighed points, every point counting a little: few may have all the weight."""
    weight = 0.8 * weight + 0.2 / weight.size
    middle = weight @ h
    away = h - middle
    return middle, (away * weight[:, None]).T @ away + 1e-9 * np.eye(h.shape[1])


def corrected(linear: LogDensity, surface: LogDensity) -> LogDensity:
    """The density of linear courses with what they miss."""
    return lambda h: linear(h) + surface(h)


def flattened(density: LogDensity, size: int) -> LogDensity:
    """A density to draw from that is wider in all directions, as one that is too narrow misses tails.

    To the power t, a normal density costs (t (2 - t))^(size / 2) of the effective draws.
    """
    power = 1 - np.sqrt(1 - FLATTENED_SHARE ** (2 / size)) if size else 1.0
    return lambda h: power * density(h)


def _picked(law: Law, kept: list[Judged], log_likelihood: float, rng) -> GroupDraws:
    """Draws of equal weight from all rounds, each counted by what it is worth."""
    trusted = [one for one in kept if one.worth > 1.0]
    kept = trusted or kept[-1:]
    worth = np.maximum([one.worth for one in kept], 1e-9)
    counted = np.where(np.isinf(worth), 1.0, worth) / np.where(np.isinf(worth), 1.0, worth).sum()
    best = kept[int(worth.argmax())]
    subjects, p = best.found.theta.shape[1], best.found.theta.shape[3]
    theta, eta = np.empty((2, subjects, KEPT, p))
    effective, tails = np.empty((2, subjects))
    numbers = rng.multinomial(KEPT, counted)
    for subject in range(subjects):
        parts = [_of_subject(law, one, subject, n, rng) for one, n in zip(kept, numbers, strict=True)]
        theta[subject], eta[subject] = (np.concatenate([part_[k] for part_ in parts]) for k in (0, 1))
        effective[subject], tails[subject] = sum(part_[2] for part_ in parts), parts[int(worth.argmax())][3]
    numbers = rng.multinomial(KEPT_POINTS, counted)
    h = [one.found.h[evenly(one.weight, n, rng)] for one, n in zip(kept, numbers, strict=True)]
    total = float(worth.sum()) if law.size else np.nan
    return GroupDraws(
        WEIGHED, np.concatenate(h), theta, eta, float(log_likelihood), total, best.tail, effective, tails, len(kept)
    )


def _of_subject(law: Law, one: Judged, subject: int, n: int, rng) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Draws (n, p) of a subject's parameters and etas from one round, their effective number and tail."""
    found, at = one.found, law.at(one.found.h)
    joint = (one.weight[:, None] * found.share[:, subject]).reshape(-1)
    if not joint.any():  # none of its draws can be simulated at a point that counts
        joint = np.full(joint.size, 1 / joint.size)
        tail, lost = np.inf, True
    else:
        joint = joint / joint.sum()
        with np.errstate(divide="ignore"):
            tail, lost = smoothed(np.log(joint))[1], False
    chosen = evenly(joint, n, rng)
    of, theta = chosen // found.share.shape[2], found.theta[:, subject].reshape(-1, found.theta.shape[3])[chosen]
    eta = (theta - at.expected[of, subject]) / np.where(at.spread > 0, at.spread, np.inf)[of]
    return theta, eta, 0.0 if lost else float(1 / np.square(joint).sum()), tail


def _laplace(law: Law, settled: Settled, rng) -> GroupDraws:
    """Draws of the density of linear courses."""
    linear = density_of(law, settled.quadratics)
    if law.size <= MOST_OF_LAW:
        h, _ = picked_points(linear, settled.h, settled.covariance, KEPT, rng)
    else:
        root = np.linalg.cholesky(settled.covariance)
        h = settled.h + rng.standard_normal((KEPT, law.size)) @ root.T
    at, active = law.at(h), law.active
    middle, root = settled.quadratics.conditional(at)
    eta = np.zeros(middle.shape)
    normal = rng.standard_normal((*middle.shape[:2], active.size, 1))
    eta[..., active] = middle[..., active] + (root[..., active[:, None], active] @ normal)[..., 0]
    theta = at.expected + at.spread[:, None] * eta
    log_likelihood = float(settled.quadratics.log_marginal(law.at(settled.h[None])).sum())
    unknown = np.full(law.subjects, np.nan)
    kept = evenly(np.full(KEPT, 1 / KEPT), KEPT_POINTS, rng)
    theta, eta = (np.moveaxis(one, 1, 0) for one in (theta, eta))
    return GroupDraws(LAPLACE, h[kept], theta, eta, log_likelihood, np.nan, np.nan, unknown, unknown, 0)

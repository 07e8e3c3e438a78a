"""What a prior says before any data: courses of its draws, and where the measured numbers lie among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.limits import MOST, checked
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report, part

from .. import models
from ..models.model import Model
from ..treatments.schedule import Schedule
from .observations import Observations, observe
from .prior_draws import VOLUME, FollowedDraws, PriorDraws, follow_draws, prior_draws
from .prior_results import PriorArm, PriorNumber, PriorPredictive
from .result import SHARES
from .subjects import Subject

DAYS = 60
"""Days between the first and the last visit on which bands are found, where none are asked for."""
START_DAY = 0.1
"""Over how many days the growth at the start is measured."""
BEYOND = 1e300
"""What stands for infinity while quantiles are found."""


@dataclass(frozen=True)
class _Course:
    """Draws followed for one subject, and its numbers among them."""

    followed: FollowedDraws
    doubling_rate: np.ndarray | None
    numbers: tuple[PriorNumber, ...]


def prior_predictive(
    model: Model | str,
    day: Sequence[float] | np.ndarray | None = None,
    *,
    schedule: Schedule | None = None,
    measurements: Sequence[Measurement] | None = None,
    subjects: Sequence[Subject] | None = None,
    draws: int = 1000,
    seed: int = 0,
    free: Sequence[str] | None = None,
    fixed: Mapping[str, float] | None = None,
    from_first_visit: bool = False,
    species: str | None = None,
    report: Report | None = None,
) -> PriorPredictive:
    """Draw the parameters that a calibration would fit from their priors, and follow them.

    The prior is the one that `calibrate` weighs the data with: that of an initial state is about its default, too,
    although the search for the mode starts at what the first visit measured.

    Parameters
    ----------
    model : Model or str
    day : array (days,), optional
        Increasing days. Without measurements the first is that of the initial state; with them the simulation starts at
        each one's first visit, and days from the first to the last visit are taken if None.
    schedule : Schedule, optional
        Doses, where there are no subjects.
    measurements : sequence of Measurement, optional
        Of one subject.
    subjects : sequence of Subject, optional
        Instead of measurements; each brings its schedule and what is known of it.
    draws, seed : int
    free, fixed
        As `calibrate`.
    from_first_visit : bool
        Start at the sizes (and fractions) that each first visit measured, with its noise, instead of their priors.
    species : str, optional
        As `calibrate`.
    report : Report, optional

    Raises
    ------
    InputError
        As `calibrate`; neither days nor measurements; both a schedule and subjects; no draw that can be simulated.
    Cancelled
        From `report`.
    """
    checked("draws", draws, MOST["draws"])
    model = models.get(model, species)
    asked = _asked(model, day, schedule, measurements, subjects)
    drawn = prior_draws(model, draws, seed, free, fixed)
    arms = _arms(asked)
    names = _names(arms)
    found = []
    for i, (key, members) in enumerate(arms.items()):
        share = part(report, i / len(arms), (i + 1) / len(arms))
        found.append(_arm(model, names[i], key[0], members, drawn, fixed, from_first_visit, seed, day, share))
    return PriorPredictive(model, draws, tuple(found), from_first_visit, _warnings(model, asked))


_Asked = tuple[Subject, Observations | None]


def _asked(model, day, schedule, measurements, subjects) -> list[_Asked]:
    if subjects is not None and (measurements is not None or schedule is not None):
        raise InputError("Each subject brings its measurements and its schedule; leave those out.")
    if subjects is None:
        subjects = [Subject("", tuple(measurements or ()), schedule or Schedule())]
    if not subjects:
        raise InputError("There is no subject; give at least one, or leave them out.")
    asked = []
    for subject in subjects:
        try:
            asked.append((subject, observe(model, subject.measurements) if subject.measurements else None))
        except InputError as error:
            raise InputError(f"Subject {subject.name}: {error}" if subject.name else str(error)) from error
    if day is None and any(observed is None for _, observed in asked):
        raise InputError("There are neither days nor measurements; say up to which day the prior is to be followed.")
    return asked


def _warnings(model: Model, asked: Sequence[_Asked]) -> tuple[str, ...]:
    """Each warning of the measurements once, with the names of the subjects it is about if it is not about all."""
    about: dict[str, list[str]] = {text: [] for text in model.remarks}
    for subject, observed in asked:
        for text in observed.warnings if observed else ():
            about.setdefault(text, []).append(subject.name)
    return tuple(
        text if len(names) in (0, len(asked)) else f"{', '.join(names)}: {text}" for text, names in about.items()
    )


def _arms(asked: Sequence[_Asked]) -> dict[tuple, list[_Asked]]:
    """The subjects by first day (None without measurements) and doses."""
    arms: dict[tuple, list[_Asked]] = {}
    for subject, observed in asked:
        start = None if observed is None else float(observed.day[0])
        doses = tuple(sorted((dose.drug, dose.day, dose.dose) for dose in subject.schedule.doses))
        arms.setdefault((start, doses), []).append((subject, observed))
    return arms


def _names(arms: Mapping[tuple, Sequence[_Asked]]) -> list[str]:
    """A name for each arm: of its group, or of its subjects; numbered where two would have the same."""
    if len(arms) == 1:
        return [""]
    names = []
    for members in arms.values():
        groups = dict.fromkeys(subject.group for subject, _ in members)
        one = members[0][0].name if len(members) == 1 else f"{members[0][0].name} and {len(members) - 1} more"
        name = next(iter(groups)) if len(groups) == 1 and all(groups) else one
        names.append(name)
    return [f"{name} ({names[: i + 1].count(name)})" if names.count(name) > 1 else name for i, name in enumerate(names)]


def _arm(model, name, start, members, drawn, fixed, from_first, seed, day, report) -> PriorArm:
    days = _days(start, [observed for _, observed in members if observed is not None], day)
    alike = not from_first and all(subject.known == members[0][0].known for subject, _ in members)
    courses, followed = [], None
    for i, (subject, observed) in enumerate(members):
        share = part(report, i / len(members), (i + 1) / len(members))
        if followed is None or not alike:
            values = _values(model, drawn, subject, observed, fixed, from_first, seed + i)
            followed = follow_draws(model, values, days, subject.schedule.for_model(model), share)
            rate = _growth(model, values, days[0])
        courses.append(_Course(followed, rate, _numbers(model, subject, observed, followed, days)))
    kept = courses[:1] if alike else courses
    states = np.concatenate([one.followed.states for one in kept], axis=1)
    if not np.isfinite(states[:, :, 0]).any():
        raise InputError(f"None of {states.shape[1]} draws of the prior of {model.name} can be simulated; check it.")
    rates = None if kept[0].doubling_rate is None else np.concatenate([one.doubling_rate for one in kept])
    return PriorArm(
        name,
        tuple(subject.name for subject, _ in members),
        members[0][0].schedule,
        days,
        {state.name: _quantiles(states[row]) for row, state in enumerate(model.states)},
        float(np.mean([one.followed.exploded for one in kept])),
        float(np.mean([one.followed.failed for one in kept])),
        None if rates is None else _doubling(rates),
        _decided_by(model, drawn, kept),
        tuple(number for one in courses for number in one.numbers),
    )


def _days(start: float | None, observed: Sequence[Observations], day) -> np.ndarray:
    measured = np.concatenate([one.day for one in observed]) if observed else np.empty(0)
    if day is None:
        day = np.linspace(measured.min(), measured.max(), DAYS + 1) if np.ptp(measured) > 0 else measured
    day = np.asarray(day, dtype=float)
    return np.union1d(day if start is None else day[day >= start], measured)


def _values(model, drawn: PriorDraws, subject, observed, fixed, from_first: bool, seed: int) -> dict[str, np.ndarray]:
    """The parameters of the draws with what is known of a subject, and its first visit if it shall start there."""
    n = len(drawn.theta)
    own = {name: np.full(n, value) for name, value in subject.held(fixed).items()}
    values = drawn.values | own
    if not from_first or observed is None:
        return values
    rng = np.random.default_rng(seed)
    for i in np.flatnonzero(observed.visit == 0):
        parameter = model.initial[model.states[observed.state[i]].name]
        seen = observed.value[i] + observed.sd[i] * rng.standard_normal(n)
        if isinstance(parameter, str) and parameter in {one.name for one in drawn.free}:
            values[parameter] = np.exp(seen) if observed.logarithmic[i] else np.clip(seen, 0.0, 1.0)
    return values


def _numbers(model, subject, observed: Observations | None, followed: FollowedDraws, days) -> tuple[PriorNumber, ...]:
    if observed is None:
        return ()
    from scipy.special import ndtr  # slow to load

    at = np.searchsorted(days, observed.day)
    simulated = observed.simulated(followed.states[:, :, at])
    with np.errstate(invalid="ignore"):
        below = np.nanmean(ndtr(observed.standardised(simulated)), axis=0)
    columns = {model.index(state): column for state, column in model.observables.items()}
    visits = {float(visit.day): visit.visit for visit in subject.measurements}
    found = []
    for i in range(observed.n):
        day = float(observed.day[observed.visit[i]])
        column, number = columns[int(observed.state[i])], float(observed.number[i])
        first = bool(observed.visit[i] == 0)
        found.append(PriorNumber(subject.name, visits[day], day, column, number, float(below[i]), first))
    return tuple(found)


def _quantiles(values: np.ndarray) -> np.ndarray:
    """Quantiles `SHARES` (5, days) of draws (draws, days), NaN left out and infinity as the largest of all."""
    found, known = np.full((len(SHARES), values.shape[1]), np.nan), ~np.isnan(values).all(axis=0)
    found[:, known] = np.nanquantile(np.minimum(values[:, known], BEYOND), SHARES, axis=0)
    return np.where(found > np.sqrt(BEYOND), np.inf, found)


def _volume(model: Model) -> str | None:
    return next((state for state, column in model.observables.items() if column == VOLUME), None)


def _growth(model: Model, values: Mapping[str, np.ndarray], start: float) -> np.ndarray | None:
    """Relative growth rate (1/day) of the volume of each draw at the start, without treatment."""
    state = _volume(model)
    if state is None:
        return None
    followed = follow_draws(model, values, np.array([start, start + START_DAY]), Schedule())
    volume = followed.states[model.index(state)]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(volume[:, 1] / volume[:, 0]) / START_DAY


def _doubling(rate: np.ndarray) -> np.ndarray:
    """Quantiles `SHARES` of the doubling time (days), infinite where the tumour shrinks."""
    slowest_first = np.nanquantile(np.minimum(rate, BEYOND), SHARES[::-1])
    with np.errstate(divide="ignore"):
        return np.where(slowest_first > 0, np.log(2.0) / slowest_first, np.inf)


def _decided_by(model: Model, drawn: PriorDraws, kept: Sequence[_Course]) -> tuple[tuple[str, float], ...]:
    state = _volume(model)
    if state is None:
        return ()
    theta = np.tile(drawn.theta, (len(kept), 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.log(np.concatenate([one.followed.states[model.index(state), :, -1] for one in kept]))
    good = np.isfinite(size)
    if good.sum() < 3 or not size[good].std() > 0:
        return ()
    shares = [np.corrcoef(column, size[good])[0, 1] ** 2 for column in theta[good].T]
    order = np.argsort(shares)[::-1]
    return tuple((drawn.free[i].name, float(shares[i])) for i in order)

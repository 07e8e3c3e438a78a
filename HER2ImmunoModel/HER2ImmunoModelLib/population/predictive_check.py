"""Visual predictive check: cohorts simulated from a group, with the designs of the real one, and what was measured.

With prediction correction (Bergstrand, Hooker, Wallin, Karlsson, AAPS J 2011;13:143) a volume is multiplied by the
median of what is expected in its bin over what is expected of it, so that subjects with other doses or starts can be
compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.limits import MOST, checked
from HER2ImmunoCommonLib.progress import Report, tell

from ..calibration.observations import Observations
from ..calibration.posterior import SAMPLING_TOLERANCE
from ..calibration.subjects import Subject, part_of
from .designs import Designs
from .new_subject import expected_of
from .result import CohortCalibration

SHARES = (0.05, 0.5, 0.95)
"""Percentiles that are compared."""
MOST_BINS, FEWEST = 10, 5
"""Bins of days, and the numbers a bin has at least."""
VOLUME = "volume_cm3"


@dataclass(frozen=True)
class ColumnCheck:
    """One column over time.

    Attributes
    ----------
    day : array (bins,)
        Median day of each bin.
    n : int array (bins,)
        Numbers measured in it.
    observed : array (3, bins)
        Their 5th, 50th and 95th percentile.
    lower, median, upper : arrays (3, bins)
        Of these percentiles in simulated cohorts: median and ends of the 90 % interval.
    points_day, points : arrays (n,)
        Every number.
    corrected : bool
        Whether numbers are prediction-corrected.
    """

    day: np.ndarray
    n: np.ndarray
    observed: np.ndarray
    lower: np.ndarray
    median: np.ndarray
    upper: np.ndarray
    points_day: np.ndarray
    points: np.ndarray
    corrected: bool

    @property
    def inside(self) -> float:
        """Share of the observed percentiles within their interval."""
        return float(np.mean((self.observed >= self.lower) & (self.observed <= self.upper)))


@dataclass(frozen=True)
class PredictiveCheck:
    """Every measured column, how many cohorts were simulated, and the share of their numbers that failed."""

    columns: Mapping[str, ColumnCheck]
    replicates: int
    failed: float


def visual_predictive_check(
    cohort: CohortCalibration,
    subjects: tuple[Subject, ...],
    *,
    replicates: int = 300,
    corrected: bool = True,
    seed: int = 0,
    report: Report | None = None,
) -> PredictiveCheck:
    """Simulate cohorts of new subjects with the days and doses of the real ones, and compare percentiles over time.

    Each cohort has a draw of the group, subjects drawn about it and measurement noise. What each subject has for
    itself, such as its start, is drawn from its own posterior.

    Parameters
    ----------
    cohort : CohortCalibration
    subjects : sequence of Subject
        Those it was calibrated to.
    replicates : int
        Cohorts.
    corrected : bool
        Correct volumes for what is expected of each.
    seed : int
    report : Report, optional

    Raises
    ------
    InputError
        Subjects that are not those of the cohort.
    Cancelled
        From `report`.
    """
    checked("replicates", replicates, MOST["draws"])
    if [subject.name for subject in subjects] != list(cohort.subjects):
        raise InputError("The subjects are not those of the cohort; give the ones that it was calibrated to.")
    rng, designs = np.random.default_rng(seed), _designs(cohort, subjects)
    tell(report, 0.0, f"Simulating {replicates} cohorts")
    typical, drawn, noise = _parameters(cohort, subjects, replicates, rng)
    n, of = len(subjects), np.arange(len(subjects))
    expected = designs.simulated(typical, of)
    simulated = designs.simulated(
        drawn.reshape(replicates * n, -1), np.tile(of, replicates), tolerance=SAMPLING_TOLERANCE, report=report
    ).reshape(replicates, n, -1)
    parts = [one.observations for one in designs.parts]
    measured = [_measured(data, simulated[:, i, : data.n], noise, rng) for i, data in enumerate(parts)]
    numbers = np.hstack(measured)
    whole = np.concatenate([expected[i, : data.n] for i, data in enumerate(parts)])
    columns = {
        column: _column(cohort, parts, (whole, numbers), state, corrected and column == VOLUME)
        for state, column in cohort.model.observables.items()
    }
    found = {column: check for column, check in columns.items() if check is not None}
    return PredictiveCheck(found, replicates, float(np.isnan(numbers).mean()))


def _designs(cohort: CohortCalibration, subjects: tuple[Subject, ...]) -> Designs:
    parts = [part_of(cohort.model, subject, cohort.draws.free, cohort.fixed) for subject in subjects]
    noise = cohort.scatter.noise
    return Designs(tuple(subject.name for subject in subjects), tuple(one.with_noise(noise) for one in parts))


def _parameters(
    cohort: CohortCalibration, subjects: tuple[Subject, ...], replicates: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Typical parameters (subjects, p), those of simulated cohorts (replicates, subjects, p), their noise."""
    chosen = rng.integers(len(cohort.draws.mean), size=replicates)
    own = np.array([name in cohort.own for name in cohort.draws.free])
    typical, drawn = [], []
    for subject in subjects:
        law, samples = expected_of(cohort, subject), cohort.subjects[subject.name].samples
        new = law.mean[chosen] + law.sd[chosen] * rng.standard_normal((replicates, own.size))
        drawn.append(np.where(own, samples[rng.integers(len(samples), size=replicates)], new))
        typical.append(np.where(own, np.median(samples, axis=0), law.mean.mean(axis=0)))
    return np.array(typical), np.stack(drawn, axis=1), cohort.draws.log_noise[chosen]


def _measured(data: Observations, simulated: np.ndarray, log_noise: np.ndarray, rng) -> np.ndarray:
    """What would be measured (replicates, n) of simulated numbers."""
    simulated = np.maximum(simulated, 1e-300)
    scatter = data.noise.deviates(rng, simulated.shape)
    found = data.unspaced(data.spaced(simulated) + data.spread(simulated, log_noise)[0] * scatter)
    return np.maximum(found, 0.0)


def _column(
    cohort: CohortCalibration, parts: list[Observations], known, state: str, corrected: bool
) -> ColumnCheck | None:
    """The check of one state; None where it was not measured."""
    expected, simulated = known
    rows = np.concatenate([data.state for data in parts]) == cohort.model.index(state)
    if not rows.any():
        return None
    day = np.concatenate([data.day[data.visit] for data in parts])[rows]
    number = np.concatenate([data.number for data in parts])[rows]
    expected, simulated = expected[rows], simulated[:, rows]
    bins = _bins(day)
    factor = np.ones(day.size)
    if corrected:
        for one in np.unique(bins):
            factor[bins == one] = np.nanmedian(expected[bins == one]) / expected[bins == one]
    number, simulated = number * factor, simulated * factor
    observed, ends = [], []
    for one in np.unique(bins):
        observed.append(np.quantile(number[bins == one], SHARES))
        found = np.nanquantile(simulated[:, bins == one], SHARES, axis=1)
        ends.append(np.nanquantile(found, SHARES, axis=1))
    lower, median, upper = np.moveaxis(np.array(ends), 0, 2)
    days = np.array([np.median(day[bins == one]) for one in np.unique(bins)])
    n = np.unique(bins, return_counts=True)[1]
    return ColumnCheck(days, n, np.array(observed).T, lower, median, upper, day, number, corrected)


def _bins(day: np.ndarray) -> np.ndarray:
    """Number of the bin of each day: days of many visits alone, others joined until a bin has enough numbers."""
    days, count = np.unique(day, return_counts=True)
    least = max(FEWEST, 0 if days.size <= MOST_BINS else day.size / MOST_BINS)
    bins, filled = np.zeros(days.size, dtype=int), 0
    for i in range(1, days.size):
        filled += count[i - 1]
        full = filled >= least and count[i:].sum() >= least
        bins[i] = bins[i - 1] + full
        filled = 0 if full else filled
    return bins[np.searchsorted(days, day)]

"""The subjects of a cohort simulated together: those with the same doses and days are one batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from HER2ImmunoCommonLib.progress import Report, part

from ..calibration.observations import Observations
from ..calibration.posterior import SEARCH_SHORTEST_STEP_DAY, TOLERANCE, Posterior
from ..simulation.batch import simulate_schedules
from ..treatments.schedule import Schedule

DIGITS = 9
"""Decimals of a day since the first visit: two that differ by less are one."""


@dataclass(frozen=True)
class Design:
    """Subjects with the same doses and the same last visit, counted from the first one.

    Attributes
    ----------
    subjects : tuple of int
    day : array (days,)
        Days since the first visit on which any of them was measured.
    schedule : Schedule
        Doses up to the last, on such days too.
    visit : tuple of int arrays
        Of each subject, the index into `day` of each of its numbers.
    """

    subjects: tuple[int, ...]
    day: np.ndarray
    schedule: Schedule
    visit: tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Designs:
    """The posteriors of the subjects, simulated in as few batches as their designs allow.

    Attributes
    ----------
    names : tuple of str
        Of the subjects.
    parts : tuple of Posterior
        Of each subject, with the same free parameters.
    """

    names: tuple[str, ...]
    parts: tuple[Posterior, ...]

    @cached_property
    def n(self) -> np.ndarray:
        """How many numbers each subject has, array (subjects,)."""
        return np.array([one.n_data for one in self.parts])

    @cached_property
    def designs(self) -> tuple[Design, ...]:
        """The batches."""
        alike: dict[tuple, list[int]] = {}
        for subject, one in enumerate(self.parts):
            alike.setdefault(_key(one), []).append(subject)
        return tuple(_design(self.parts, subjects) for subjects in alike.values())

    def simulated(
        self, theta: np.ndarray, of: np.ndarray, *, tolerance: float = TOLERANCE, report: Report | None = None
    ) -> np.ndarray:
        """Simulated numbers of points, each of a subject.

        Parameters
        ----------
        theta : array (m, p)
            In the transformed space.
        of : int array (m,)
            The subject of each point.
        tolerance : float
            Of the simulation.
        report : Report, optional

        Returns
        -------
        array (m, n)
            `n` is the most numbers of a subject; 1 beyond those of its own, NaN where it cannot be simulated.
        """
        found = np.ones((len(theta), int(self.n.max())))
        wanted = [design for design in self.designs if np.isin(of, design.subjects).any()]
        for number, design in enumerate(wanted):
            share = part(report, number / len(wanted), (number + 1) / len(wanted))
            self._fill(found, design, theta, of, tolerance, share)
        return found

    def _fill(self, found, design: Design, theta, of, tolerance: float, report: Report | None) -> None:
        rows = np.flatnonzero(np.isin(of, design.subjects))
        states, _ = simulate_schedules(
            self.parts[0].model,
            self._values(theta[rows], of[rows]),
            design.day,
            [design.schedule],
            tolerance=tolerance,
            shortest_step_day=SEARCH_SHORTEST_STEP_DAY,
            report=report,
        )
        for subject, visit in zip(design.subjects, design.visit, strict=True):
            mine = np.flatnonzero(of[rows] == subject)
            data = replace(self.parts[subject].observations, visit=visit)
            found[rows[mine], : data.n] = data.simulated(states[:, 0, mine])

    def log_likelihood(self, simulated: np.ndarray, of: np.ndarray, log_noise: np.ndarray) -> np.ndarray:
        """Log likelihood (m,) of the data of a subject each, from simulated numbers (m, n) and noise (m, k)."""
        found = np.empty(len(of))
        for subject, rows, data in self._by_subject(of):
            found[rows] = data.log_likelihood(simulated[rows, : self.n[subject]], log_noise[rows])
        return found

    def scored(self, simulated: np.ndarray, of: np.ndarray, log_noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Slopes of the log likelihood by simulated numbers and the Fisher information of these, arrays (m, n)."""
        score, information = np.zeros((2, *simulated.shape))
        for subject, rows, data in self._by_subject(of):
            own = (rows, slice(self.n[subject]))
            score[own], information[own] = data.scored(simulated[own], log_noise[rows])
        return score, information

    def _by_subject(self, of: np.ndarray) -> Iterator[tuple[int, np.ndarray, Observations]]:
        order = np.argsort(of, kind="stable")
        subjects, first = np.unique(of[order], return_index=True)
        for subject, rows in zip(subjects.tolist(), np.split(order, first[1:]), strict=True):
            yield subject, rows, self.parts[subject].observations

    def _values(self, theta: np.ndarray, of: np.ndarray) -> dict[str, np.ndarray]:
        """Every parameter of the model at points of several subjects, arrays (m,)."""
        free = {p.name: p.from_free(theta[:, i]) for i, p in enumerate(self.parts[0].free)}
        fixed = {name: np.array([one.fixed[name] for one in self.parts])[of] for name in self.parts[0].fixed}
        return fixed | free


def _since(one: Posterior) -> np.ndarray:
    """Days of the visits since the first."""
    return np.round(one.observations.day - one.observations.day[0], DIGITS)


def _doses(one: Posterior) -> tuple:
    """Doses that the visits can see, on days since the first visit."""
    first, last = one.observations.day[0], _since(one)[-1]
    later = (replace(dose, day=round(dose.day - first, DIGITS)) for dose in one.schedule.doses)
    return tuple(sorted((dose for dose in later if dose.day < last), key=lambda dose: (dose.day, dose.drug, dose.dose)))


def _key(one: Posterior) -> tuple:
    return _since(one)[-1], _doses(one)


def _design(parts: Sequence[Posterior], subjects: Sequence[int]) -> Design:
    since = [_since(parts[subject]) for subject in subjects]
    day = np.unique(np.concatenate(since))
    visit = tuple(
        np.searchsorted(day, days)[parts[subject].observations.visit]
        for subject, days in zip(subjects, since, strict=True)
    )
    return Design(tuple(subjects), day, Schedule(_doses(parts[subjects[0]])), visit)

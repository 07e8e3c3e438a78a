"""Which courses of an agent schedules need: doses that have the same before them are followed once for all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..treatments.pharmacokinetics import DoseTable


@dataclass(frozen=True)
class Generation:
    """Courses after equally many doses within the simulation that differ in what goes before or in the dose.

    Attributes
    ----------
    origin : int array (courses,)
        Course of the generation before that each goes on from; for the first, the doses given until the first day.
    after : array (courses,)
        Days from the start of that one.
    dose : array (courses,)
        At the start.
    days : array (courses,)
        How long each lasts: until the last of the next doses, or the last day.
    """

    origin: np.ndarray
    after: np.ndarray
    dose: np.ndarray
    days: np.ndarray


NO_COURSES = Generation(np.zeros(0, dtype=int), np.zeros(0), np.zeros(0), np.zeros(0))


@dataclass(frozen=True)
class AgentCourses:
    """The courses of one agent.

    Attributes
    ----------
    first_day : float
    early_days : array (early,)
        Days until the first on which any schedule gives a dose.
    early : array (patterns, early)
        Doses on those days that differ.
    generations : tuple of Generation
    number : int array (schedules, stops)
        The course that a schedule follows after so many stops of any drug, counted through all generations.
    since : array (schedules, stops)
        Day on which it began.
    """

    first_day: float
    early_days: np.ndarray
    early: np.ndarray
    generations: tuple[Generation, ...]
    number: np.ndarray
    since: np.ndarray


def agent_courses(doses: DoseTable, agent: str, first_day: float) -> AgentCourses:
    """The courses of an agent under some schedules, from the first day on."""
    interval, stop, given = _own_stops(doses.stop, doses.size[agent])
    since = np.column_stack([np.full(len(stop), first_day), stop[:, :-1]])
    columns = np.stack([np.zeros(len(stop)), *(size for _, size in doses.before[agent])], axis=1)
    early, origin = np.unique(columns, axis=0, return_inverse=True)
    found = list(_generations(interval[:, -1], stop - since, given, origin.reshape(-1), early.any(axis=1)))
    firsts = np.cumsum([0, *(len(generation.days) for generation, _ in found)])
    number = np.stack([first + of for first, (_, of) in zip(firsts, found, strict=False)], axis=1)
    return AgentCourses(
        first_day,
        np.array([day for day, _ in doses.before[agent]]),
        early[:, 1:],
        tuple(generation for generation, _ in found),
        np.take_along_axis(number, interval, axis=1),
        np.take_along_axis(since, interval, axis=1),
    )


def _generations(
    most: np.ndarray, days: np.ndarray, given: np.ndarray, origin: np.ndarray, is_given: np.ndarray
) -> Iterator[tuple[Generation, np.ndarray]]:
    """Each generation, and the course in it of each schedule, int array (schedules,), of those that come so far."""
    for before in range(int(most.max(initial=0)) + 1):
        there = np.flatnonzero(most >= before)
        dose = given[there, before - 1] if before else np.zeros(there.size)
        # Days in which nothing is in the body make no difference.
        after = days[there, before - 1] * is_given[origin[there]] if before else np.zeros(there.size)
        unlike, which = np.unique(np.column_stack([origin[there], after, dose]), axis=0, return_inverse=True)
        which = which.reshape(-1)
        lasting = np.zeros(len(unlike))
        np.maximum.at(lasting, which, days[there, before])
        is_given = np.ones(len(unlike), dtype=bool) if before else is_given[unlike[:, 0].astype(int)]
        origin = np.zeros(len(most), dtype=int)
        origin[there] = which
        yield Generation(unlike[:, 0].astype(int), unlike[:, 1], unlike[:, 2], lasting), origin


def _own_stops(stop: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The stops at which an agent is given, of stops of any drug and its doses at them.

    Returns
    -------
    interval : int array (schedules, stops)
        How many doses of the agent there were after so many stops of any drug: the interval between its doses.
    stop : array (schedules, intervals)
        End of each interval.
    given : array (schedules, intervals - 1)
        Dose at the end of each.
    """
    interval = np.pad(np.cumsum(size > 0, axis=1), ((0, 0), (1, 0)))
    most = int(interval[:, -1].max())
    own, given = np.repeat(stop[:, -1:], most + 1, axis=1), np.zeros((len(stop), most))
    schedule, column = np.nonzero(size > 0)
    own[schedule, interval[schedule, column]] = stop[schedule, column]
    given[schedule, interval[schedule, column]] = size[schedule, column]
    return interval, own, given

"""The tree of schedules: those that begin alike are followed as one until the first dose or stop in which they differ.

A course depends on the doses before it and on the stop that lies ahead only, so that what branches off goes on with the
very numbers that it would have come to alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..treatments.pharmacokinetics import DoseTable


@dataclass(frozen=True)
class Branches:
    """Where schedules leave the course of another.

    Attributes
    ----------
    leader : int array (schedules,)
        Schedule whose course each is on at first; -1 for one that is followed from the first day.
    stop : int array (schedules,)
        How many stops that has met when it meets the one at which the other leaves; the last day for equal schedules.
    heirs : int array (schedules, stops + 1)
        How many schedules still leave the course of each, and theirs, once it has met so many stops.
    """

    leader: np.ndarray
    stop: np.ndarray
    heirs: np.ndarray

    @cached_property
    def roots(self) -> np.ndarray:
        """Schedules that are followed from the first day."""
        return np.flatnonzero(self.leader < 0)

    @cached_property
    def _order(self) -> tuple[np.ndarray, np.ndarray]:
        """Schedules that leave another, by whom and where, and how many come before each of these places."""
        width = self.heirs.shape[1]
        place = np.where(self.leader < 0, -1, self.leader * width + self.stop)
        order = np.argsort(place, kind="stable")
        return order, np.searchsorted(place[order], np.arange(self.leader.size * width + 1))

    def leaving(self, schedule: np.ndarray, stops_met: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Who leaves rows (rows,) that come to a stop: the place of the row, and the schedule that leaves it there."""
        order, before = self._order
        place = schedule * self.heirs.shape[1] + stops_met
        number = before[place + 1] - before[place]
        row = np.repeat(np.arange(schedule.size), number)
        nth = np.arange(row.size) - np.repeat(np.cumsum(number) - number, number)
        return row, order[before[place][row] + nth]

    def expected(self, schedule: np.ndarray, stops_met: np.ndarray) -> int:
        """How many rows come of rows that are under way, themselves included."""
        return schedule.size + int(self.heirs[schedule, stops_met].sum())


def branches(doses: DoseTable, start: np.ndarray) -> Branches:
    """The tree of the schedules of a table; `start` (schedules,) is equal where they start from the same states."""
    schedules, stops = doses.stop.shape
    level = _levels(doses, start)
    order = np.lexsort([column for columns in reversed(level) for column in columns.T])
    unlike = np.array([(columns[order[1:]] != columns[order[:-1]]).any(axis=1) for columns in level])
    own_stops = (doses.stop < doses.stop[:, -1:]).sum(axis=1)
    leader, stop = np.full(schedules, -1), np.full(schedules, -1)
    last = order[0] if schedules else -1
    for schedule, differs in zip(order[1:].tolist(), unlike.T, strict=True):
        at = int(differs.argmax()) - 1 if differs.any() else int(own_stops[schedule])
        # One that left its leader there or later is not yet on a course of its own.
        while last >= 0 and stop[last] >= at:
            last = leader[last]
        leader[schedule], stop[schedule], last = last if at >= 0 else -1, at, schedule
    heirs = np.zeros((schedules, stops + 1), dtype=int)
    for schedule in order[::-1].tolist():
        if leader[schedule] >= 0:
            heirs[leader[schedule], : stop[schedule] + 1] += 1 + heirs[schedule, 0]
    return Branches(leader, stop, heirs)


def _levels(doses: DoseTable, start: np.ndarray) -> list[np.ndarray]:
    """What tells schedules apart until the first stop, and then from stop to stop, arrays (schedules, numbers)."""
    before = [size for given in doses.before.values() for _, size in given]
    first = [np.stack([start, *before, doses.stop[:, 0]], axis=1)]
    sizes = np.stack([*doses.size.values(), doses.stop[:, 1:]], axis=2) if doses.size else doses.stop[:, 1:, None]
    return first + [sizes[:, stop] for stop in range(sizes.shape[1])]

"""The best course so far, for who looks on while the posterior mode is searched."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np
from HER2ImmunoCommonLib.measurements import Measurement

from ..models.model import Model
from ..simulation.batch import simulate
from ..treatments.schedule import Schedule

Watch = Callable[[Mapping[str, float]], None]
"""Called in the thread of a search with every parameter at the best point so far, often several times a second."""
SECONDS_BETWEEN = 0.1
DAYS = 60
"""Days of a course; it is drawn, not calculated with."""


@dataclass(frozen=True, eq=False)
class Sight:
    """The course at one moment of a search: days, and each state on them."""

    day: np.ndarray
    states: Mapping[str, np.ndarray]


class Watching:
    """A `Watch` that simulates the course at most ten times a second, and keeps the latest for another thread.

    Parameters
    ----------
    model : Model
    measurements : sequence of Measurement
    schedule : Schedule
        Doses given.
    clock : callable, optional
        Seconds since any moment.
    """

    def __init__(
        self,
        model: Model,
        measurements: Sequence[Measurement],
        schedule: Schedule,
        clock: Callable[[], float] = monotonic,
    ):
        self.model, self.measurements, self._schedule, self._clock = model, tuple(measurements), schedule, clock
        columns = set(model.observables.values())
        days = [float(visit.day) for visit in measurements if columns & set(visit.values)] or [0.0]
        self._day = np.linspace(min(days), max(max(days), min(days) + 1.0), DAYS)
        self._told, self._latest = -np.inf, None

    def __call__(self, values: Mapping[str, float]) -> None:
        """Take the best point so far; one that cannot be simulated is not shown."""
        now = self._clock()
        if now - self._told < SECONDS_BETWEEN:
            return
        self._told = now
        course = simulate(self.model, values, self._day, schedule=self._schedule, tolerance=1e-3)
        if not course.failed.any():
            self._latest = Sight(self._day, {name: course_[0] for name, course_ in course.states.items()})

    def take(self) -> Sight | None:
        """The latest course, once; None where there is none since it was last taken."""
        latest, self._latest = self._latest, None
        return latest

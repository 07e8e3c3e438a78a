"""Forecasts that follow the edits of a schedule: only what comes after the first change is simulated anew."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..calibration.result import SHARES
from ..simulation.batch import simulate_schedules
from ..treatments.schedule import Dose, Schedule
from .courses import Ensemble

TOLERANCE = 1e-5
"""Relative tolerance of the courses, every state of which is shown on every day; coarser is no faster."""
KEPT = 16
"""Schedules whose courses are kept: the scenarios that are shown, and what they were before the last edits."""


@dataclass(frozen=True, eq=False)
class Forecast:
    """States of every draw on every day, under one schedule.

    Attributes
    ----------
    day : array (days,)
    states : dict of str to array (draws, days)
        NaN in every day of a draw that failed.
    """

    day: np.ndarray
    states: dict[str, np.ndarray]

    @property
    def failed(self) -> np.ndarray:
        """Draws that could not be simulated, bool array (draws,)."""
        return np.isnan(next(iter(self.states.values()))[:, -1])

    def band(self, state: str, shares: Sequence[float] = SHARES) -> np.ndarray:
        """Quantiles of a state over the draws that could be simulated, array (shares, days)."""
        return np.quantile(self.states[state][~self.failed], shares, axis=0)


class WhatIf:
    """Forecasts under schedules that differ little from one to the next.

    A course is kept with its schedule. Another schedule starts from the kept one that is the same for longest, on the
    last day before they differ, so that an edit costs as much as what comes after it.

    Parameters
    ----------
    drawn : Ensemble
        Draws on the start day; `planning.courses.ensemble`.
    tolerance : float
        Relative tolerance of the courses.
    """

    def __init__(self, drawn: Ensemble, tolerance: float = TOLERANCE):
        self._drawn, self._tolerance = drawn, tolerance
        self._kept: OrderedDict[Schedule, Forecast] = OrderedDict()

    def forecast(self, schedule: Schedule) -> Forecast:
        """The courses of all draws under a schedule; as `forecasts`."""
        return self.forecasts([schedule])[0]

    def forecasts(self, schedules: Sequence[Schedule]) -> list[Forecast]:
        """The courses of all draws under some schedules, after the doses of the past.

        Those that start on the same day are simulated together, which takes little longer than one of them.

        Parameters
        ----------
        schedules : sequence of Schedule
            Doses from the start day on.

        Raises
        ------
        InputError
            A drug that the model does not have.
        """
        wanted = [schedule.for_model(self._drawn.model) for schedule in schedules]
        starts: dict[int, list[tuple[Schedule, Forecast | None]]] = {}
        for schedule in dict.fromkeys(each for each in wanted if each not in self._kept):
            place, known = self._nearest(schedule)
            starts.setdefault(place, []).append((schedule, known))
        found = {schedule: self._kept[schedule] for schedule in wanted if schedule in self._kept}
        for place, group in starts.items():
            found.update(self._simulated(group, place))
        for schedule in wanted:
            self._kept[schedule] = found[schedule]
            self._kept.move_to_end(schedule)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return [found[schedule] for schedule in wanted]

    def _simulated(self, group: Sequence[tuple[Schedule, Forecast | None]], place: int) -> dict[Schedule, Forecast]:
        """Forecasts under schedules that are each as a known one until the day of a place, or from the start (0)."""
        drawn, wanted = self._drawn, [schedule for schedule, _ in group]
        # A draw that failed under a known schedule has no course to go on from.
        anew = np.any([known is None or known.failed for _, known in group], axis=0) | np.full(drawn.draws, place == 0)
        names = [state.name for state in drawn.model.states]
        states = np.empty((len(names), len(group), drawn.draws, drawn.day.size))
        if anew.any():
            first = None if drawn.initial is None else {name: values[anew] for name, values in drawn.initial.items()}
            states[:, :, anew] = self._courses(wanted, first, anew, 0)
        if not anew.all():
            before = np.stack([[known.states[name][~anew, : place + 1] for _, known in group] for name in names])
            start = dict(zip(names, before[..., -1], strict=True))
            later = self._courses(wanted, start, ~anew, place)
            states[:, :, ~anew, :place] = np.where(np.isnan(later[..., -1:]), np.nan, before[..., :-1])
            states[:, :, ~anew, place:] = later
        each = [dict(zip(names, states[:, i], strict=True)) for i in range(len(group))]
        return {schedule: Forecast(drawn.day, found) for schedule, found in zip(wanted, each, strict=True)}

    def _nearest(self, wanted: Schedule) -> tuple[int, Forecast | None]:
        """The place of the last day until which a kept forecast is the same, for the longest, and that one."""
        days = [(_first_difference(wanted, other), found) for other, found in self._kept.items()]
        until, found = max(days, key=lambda each: each[0], default=(-np.inf, None))
        return max(int(np.searchsorted(self._drawn.day, until, side="right")) - 1, 0), found

    def _courses(
        self, wanted: Sequence[Schedule], initial: Mapping | None, draws: np.ndarray, place: int
    ) -> np.ndarray:
        """States of some draws from a day on, where they are `initial`; array (states, schedules, draws, days)."""
        drawn = self._drawn
        values = {name: each[draws] for name, each in drawn.parameters.items()}
        whole = [drawn.past + schedule for schedule in wanted]
        return simulate_schedules(
            drawn.model, values, drawn.day[place:], whole, initial=initial, tolerance=self._tolerance
        )[0]


def _first_difference(first: Schedule, second: Schedule) -> float:
    """Day of the first dose that only one of two schedules has; infinite if none."""
    unlike: set[Dose] = set(first.doses) ^ set(second.doses)
    return min((dose.day for dose in unlike), default=np.inf)

"""Forecasts that follow the edits of a schedule: only what comes after the first change is simulated anew."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..calibration.result import SHARES
from ..simulation.batch import simulate
from ..treatments.schedule import Dose, Schedule
from .courses import TOLERANCE, Ensemble

KEPT = 8
"""Schedules whose courses are kept: the scenarios that are shown, and the last states of the one that is edited."""


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
        """The courses of all draws under a schedule, after the doses of the past.

        Parameters
        ----------
        schedule : Schedule
            Doses from the start day on.

        Raises
        ------
        InputError
            A drug that the model does not have.
        """
        wanted = schedule.for_model(self._drawn.model)
        found = self._kept.get(wanted)
        if found is None:
            found = self._simulated(wanted)
            self._kept[wanted] = found
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(wanted)
        return found

    def _simulated(self, wanted: Schedule) -> Forecast:
        day, (place, known) = self._drawn.day, self._nearest(wanted)
        if known is None or place == 0 or known.failed.all():
            return Forecast(day, self._courses(wanted, self._drawn.initial, slice(None), 0))
        again = ~known.failed
        states = {name: values.copy() for name, values in known.states.items()}
        start = {name: values[again, place] for name, values in known.states.items()}
        later = self._courses(wanted, start, again, place)
        # A draw that failed under the other schedule has no course to go on from.
        first = {} if again.all() else self._courses(wanted, self._initial_of(~again), ~again, 0)
        for name, values in states.items():
            values[again, place:] = later[name]
            values[again] = np.where(np.isnan(values[again, -1:]), np.nan, values[again])
            if first:
                values[~again] = first[name]
        return Forecast(day, states)

    def _nearest(self, wanted: Schedule) -> tuple[int, Forecast | None]:
        """The kept forecast that is the same for longest, and the place of the last day until which it is."""
        days = [(_first_difference(wanted, other), found) for other, found in self._kept.items()]
        until, found = max(days, key=lambda each: each[0], default=(-np.inf, None))
        return max(int(np.searchsorted(self._drawn.day, until, side="right")) - 1, 0), found

    def _initial_of(self, which: np.ndarray) -> dict[str, np.ndarray] | None:
        initial = self._drawn.initial
        return None if initial is None else {name: values[which] for name, values in initial.items()}

    def _courses(self, wanted: Schedule, initial: dict | None, which: np.ndarray | slice, place: int) -> dict:
        """States of some draws from a day on, dict of str to array (draws, days)."""
        drawn = self._drawn
        values = {name: each[which] for name, each in drawn.parameters.items()}
        whole, day = drawn.past + wanted, drawn.day[place:]
        if day.size == 1:
            return {name: each[:, None] for name, each in initial.items()}
        return simulate(drawn.model, values, day, schedule=whole, initial=initial, tolerance=self._tolerance).states


def _first_difference(first: Schedule, second: Schedule) -> float:
    """Day of the first dose that only one of two schedules has; infinite if none."""
    unlike: set[Dose] = set(first.doses) ^ set(second.doses)
    return min((dose.day for dose in unlike), default=np.inf)

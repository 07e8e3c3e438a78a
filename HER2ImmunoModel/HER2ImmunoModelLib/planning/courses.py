"""Courses of tumour volume from a start day on, over posterior draws and schedules in batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part, tell

from ..calibration.result import Calibration
from ..models.model import Model
from ..simulation.batch import simulate, simulate_schedules
from ..treatments.schedule import Schedule
from .objectives import Objective

HORIZON_DAYS = 42.0
"""Days judged where no horizon is given."""
TOLERANCE = 1e-4
"""Relative tolerance of the courses: thousands of times finer than the band over the draws. Volumes are off by 2e-5 at
most and by 1e-8 in the middle, as the steps of large tumours are as short as stability, not accuracy, wants them."""
BLOCK_ROWS = 262144
"""Courses held in memory at once."""


def doses_of_the_start(given: Schedule, start: float) -> list[str]:
    """What is said of doses given on the day from which schedules are judged: these take their place."""
    drugs = dict.fromkeys(dose.drug for dose in given.doses if dose.day == start)
    if not drugs:
        return []
    return [
        f"The schedules begin on day {start:g}, and the {' and '.join(drugs)} given on that day is left out; let them "
        f"begin later (on day {start + 1:g}) if it was given."
    ]


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Posterior draws brought to the day from which schedules are judged; every schedule faces the same ones.

    Attributes
    ----------
    model : Model
    parameters, initial : dict of str to array (draws,)
        Parameters, and states on the start day.
    alive : bool array (draws asked for,)
        Draws that could be simulated up to the start; the arrays above hold those only.
    past : Schedule
        Doses given before the start, which stay in force.
    day : array (days,)
        Every day from the start to the horizon.
    """

    model: Model
    parameters: dict[str, np.ndarray]
    initial: dict[str, np.ndarray] | None
    alive: np.ndarray
    past: Schedule
    day: np.ndarray

    @property
    def draws(self) -> int:
        """Draws that are followed."""
        return int(self.alive.sum())

    def volumes(
        self,
        schedules: Sequence[Schedule],
        day: np.ndarray,
        *,
        tolerance: float = TOLERANCE,
        report: Report | None = None,
    ) -> np.ndarray:
        """Tumour volume (cm3) on some days, of which the first is the start.

        Returns
        -------
        array (schedules, draws asked for, days)
            NaN where a course failed.
        """
        whole = [self.past + schedule for schedule in schedules]
        states, _ = simulate_schedules(
            self.model,
            self.parameters,
            day,
            whole,
            initial=self.initial,
            keep=(volume_state(self.model),),
            tolerance=tolerance,
            report=report,
        )
        volume = np.full((len(schedules), self.alive.size, day.size), np.nan)
        volume[:, self.alive] = states[0]
        return volume

    def outcomes(
        self,
        schedules: Sequence[Schedule],
        goal: Objective,
        *,
        tolerance: float = TOLERANCE,
        report: Report | None = None,
    ) -> np.ndarray:
        """The judged number of every schedule and draw, array (schedules, draws asked for), block by block."""
        value = np.empty((len(schedules), self.alive.size))
        day = self.day[[0, -1]] if goal.is_of_the_end else self.day
        block = max(1, BLOCK_ROWS // self.alive.size)
        for first in range(0, len(schedules), block):
            rows = slice(first, min(first + block, len(schedules)))
            share = part(report, rows.start / len(schedules), rows.stop / len(schedules))
            value[rows] = goal.value(day, self.volumes(schedules[rows], day, tolerance=tolerance, report=share))
        return value


def ensemble(
    calibration: Calibration, past: Schedule, span: tuple[float, float], draws: int, seed: int, report: Report | None
) -> Ensemble:
    """Draw from the posterior and follow each draw from the first visit to the start.

    Parameters
    ----------
    calibration : Calibration
    past : Schedule
        Doses given before the start.
    span : (float, float)
        Start and horizon (days).
    draws, seed : int
    report : Report, optional

    Raises
    ------
    InputError
        No draw can be simulated up to the start.
    Cancelled
        From `report`.
    """
    model, (start, horizon) = calibration.model, span
    parameters, initial = calibration.draws(draws, seed), None
    alive = np.ones(draws, dtype=bool)
    if start > calibration.first_day:
        until = simulate(model, parameters, [calibration.first_day, start], schedule=past, report=report)
        alive = ~until.failed
        initial = {name: values[alive, -1] for name, values in until.states.items()}
    if not alive.any():
        raise InputError("No posterior draw could be simulated up to the start; the calibration cannot rank schedules.")
    parameters = {name: values[alive] for name, values in parameters.items()}
    return Ensemble(model, parameters, initial, alive, past, np.union1d(np.arange(start, horizon, 1.0), [horizon]))


def judged_span(calibration: Calibration, start_day: float | None, horizon_day: float | None) -> tuple[float, float]:
    """Start and horizon: the last visit and 42 days after the start, where none are given.

    Raises
    ------
    InputError
        Days that do not follow the first visit or each other.
    """
    start = calibration.last_day if start_day is None else float(start_day)
    horizon = start + HORIZON_DAYS if horizon_day is None else float(horizon_day)
    if not (horizon > start >= calibration.first_day):
        raise InputError(f"The days {start:g} to {horizon:g} do not follow the first visit; choose a later horizon.")
    return start, horizon


def outcomes(
    calibration: Calibration,
    schedules: Sequence[Schedule],
    goal: Objective,
    past: Schedule,
    span: tuple[float, float],
    draws: int,
    seed: int,
    report: Report | None,
) -> np.ndarray:
    """The judged number of every schedule and draw, array (schedules, draws); arguments as `ensemble`."""
    tell(report, 0.0, f"Ranking {len(schedules)} schedules over {draws} draws")
    drawn = ensemble(calibration, past, span, draws, seed, part(report, 0.0, 0.1))
    return drawn.outcomes(schedules, goal, report=part(report, 0.1, 1.0))


def volume_state(model: Model) -> str:
    return next(state for state, column in model.observables.items() if column == "volume_cm3")


def complete(value: np.ndarray) -> tuple[np.ndarray, int]:
    """Values (schedules, draws) of the draws in which no course failed, and how many were left out."""
    complete = np.isfinite(value).all(axis=0)
    if not complete.any():
        raise InputError("No posterior draw could be simulated under every schedule; rank fewer schedules.")
    return value[:, complete], int((~complete).sum())

"""Courses of tumour volume from a start day on, over posterior draws and schedules in one batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part, tell

from HER2ImmunoModelLib.calibration_result import Calibration
from HER2ImmunoModelLib.schedule import Schedule
from HER2ImmunoModelLib.simulation import simulate, simulate_schedules

HORIZON_DAYS = 42.0
"""Days judged where no horizon is given."""


def courses(
    calibration: Calibration,
    schedules: Sequence[Schedule],
    past: Schedule,
    span: tuple[float, float],
    draws: int,
    seed: int,
    report: Report | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Courses of tumour volume under several schedules, every schedule facing the same posterior draws.

    Parameters
    ----------
    calibration : Calibration
    schedules : sequence of Schedule
    past : Schedule
        Doses given before the start, which stay in force.
    span : (float, float)
        Start and horizon (days).
    draws, seed : int
    report : Report, optional

    Returns
    -------
    day : array (days,)
        Every day from the start to the horizon.
    volume_cm3 : array (schedules, draws, days)
        NaN where a course failed.

    Raises
    ------
    InputError
        No draw can be simulated up to the start.
    Cancelled
        From `report`.
    """
    model, (start, horizon) = calibration.model, span
    parameters, initial = calibration.draws(draws, seed), None
    tell(report, 0.0, f"Ranking {len(schedules)} schedules over {draws} draws")
    alive = np.ones(draws, dtype=bool)
    if start > calibration.first_day:
        days = [calibration.first_day, start]
        until = simulate(model, parameters, days, schedule=past, report=part(report, 0.0, 0.1))
        alive = ~until.failed
        initial = {name: values[alive, -1] for name, values in until.states.items()}
    if not alive.any():
        raise InputError("No posterior draw could be simulated up to the start; the calibration cannot rank schedules.")
    parameters = {name: values[alive] for name, values in parameters.items()}
    day = np.union1d(np.arange(start, horizon, 1.0), [horizon])
    whole = [past + schedule for schedule in schedules]
    states, _ = simulate_schedules(model, parameters, day, whole, initial=initial, report=part(report, 0.1, 1.0))
    volume = np.full((len(schedules), draws, day.size), np.nan)
    volume[:, alive] = states[model.index(_volume_state(calibration))]
    return day, volume


def _volume_state(calibration: Calibration) -> str:
    return next(state for state, column in calibration.model.observables.items() if column == "volume_cm3")


def complete(value: np.ndarray) -> tuple[np.ndarray, int]:
    """Values (schedules, draws) of the draws in which no course failed, and how many were left out."""
    complete = np.isfinite(value).all(axis=0)
    if not complete.any():
        raise InputError("No posterior draw could be simulated under every schedule; rank fewer schedules.")
    return value[:, complete], int((~complete).sum())

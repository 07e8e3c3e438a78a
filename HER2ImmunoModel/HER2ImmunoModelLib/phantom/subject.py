"""The course of the virtual patient's disease, simulated with known parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.phantom.presets import Preset
from HER2ImmunoModelLib.phantom.seeds import generator
from HER2ImmunoModelLib.schedule import Schedule, standard_candidates
from HER2ImmunoModelLib.simulation import simulate

MODEL = "tivnh_treated"
LARGEST_DEPARTURE = 2.0


@dataclass(frozen=True)
class Visit:
    """One day of imaging; `states` are the simulated T (cm3), I, V, N, H."""

    name: str
    day: float
    states: dict[str, float]


@dataclass(frozen=True)
class Subject:
    """The patient behind the images.

    Attributes
    ----------
    parameters : dict of str to float
        True value of every parameter of `tivnh_treated`.
    visits : tuple of Visit
    given : Schedule
        What was given while the patient was observed.
    outcomes : dict of str to float
        Name of each candidate schedule to the true volume (cm3) at the horizon.
    plan_day, horizon_day : float
        First day of the candidate schedules and the day of their outcome.
    """

    parameters: dict[str, float]
    visits: tuple[Visit, ...]
    given: Schedule
    outcomes: dict[str, float]
    plan_day: float
    horizon_day: float


def simulate_subject(preset: Preset, seed: int, visit_days: Sequence[float] | None = None) -> Subject:
    """Draw a patient and follow the disease through the visits and under each candidate schedule.

    Raises
    ------
    InputError
        If the visit days do not increase from 0 or more.
    """
    days = preset.visit_days if visit_days is None else tuple(float(day) for day in visit_days)
    if not days or days[0] < 0 or np.any(np.diff(days) <= 0):
        raise InputError(f"The visit days {list(days)} do not increase from 0; give days such as 0, 7, 14.")
    parameters = draw_parameters(preset, seed)
    given = Schedule(preset.given, "Given").before(days[-1])
    states = _states(preset, parameters, days, given)
    visits = tuple(
        Visit(_name(day), day, {name: float(course[index]) for name, course in states.items()})
        for index, day in enumerate(days)
    )
    start = max(preset.plan_day, days[-1])
    horizon = start + preset.follow_up_days
    outcomes = {
        plan.name: float(_states(preset, parameters, (horizon,), given + plan)["T"][-1])
        for plan in standard_candidates(start_day=start)
    }
    return Subject(parameters, visits, given, outcomes, start, horizon)


def draw_parameters(preset: Preset, seed: int) -> dict[str, float]:
    """True parameters: the model's defaults for the species, moved a little at random within their domain."""
    random = generator(seed, "parameters")
    model = models.get(MODEL, preset.species)
    values = {}
    for parameter in model.parameters:
        step = np.clip(random.normal(), -LARGEST_DEPARTURE, LARGEST_DEPARTURE) * preset.departure * parameter.prior
        values[parameter.name] = float(parameter.from_free(parameter.to_free(parameter.default) + step))
    return values


def _states(
    preset: Preset, parameters: dict[str, float], days: Sequence[float], schedule: Schedule
) -> dict[str, np.ndarray]:
    from_start = days if days[0] == 0 else (0.0, *days)
    model = models.get(MODEL, preset.species)
    run = simulate(model, parameters, from_start, schedule=schedule)
    if run.n_failed:
        raise InputError(f"The virtual {preset.species} could not be simulated to day {days[-1]:g}; take another seed.")
    return {name: course[0, len(from_start) - len(days) :] for name, course in run.states.items()}


def _name(day: float) -> str:
    return "baseline" if day == 0 else f"day_{day:g}"

"""The course of the virtual patient's disease, simulated with known parameters."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.models import Model
from HER2ImmunoModelLib.treatments import Dose, Schedule, standard_candidates

from .presets import Preset
from .seeds import generator

MODEL = "tivnh_treated"
LARGEST_DEPARTURE = 2.0
KEPT = 64
SPREADS = {"g": 0.5, "K": 0.5}
"""Spread of patients where the prior is wider, as nobody knows it."""

Rhs = Callable[[float, np.ndarray], np.ndarray]


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
    known = preset.species, tuple(parameters.items())
    states = _states(*known, days, given)
    visits = tuple(
        Visit(_name(day), day, {name: float(course[index]) for name, course in states.items()})
        for index, day in enumerate(days)
    )
    start = max(preset.plan_day, days[-1])
    horizon = start + preset.follow_up_days
    outcomes = {
        plan.name: float(_states(*known, (horizon,), given + plan)["T"][-1])
        for plan in standard_candidates(start_day=start)
    }
    return Subject(parameters, visits, given, outcomes, start, horizon)


def draw_parameters(preset: Preset, seed: int) -> dict[str, float]:
    """True parameters: the model's defaults for the species, moved a little at random within their domain."""
    random = generator(seed, "parameters")
    model = models.get(MODEL, preset.species)
    values = {}
    for parameter in model.parameters:
        spread = SPREADS.get(parameter.name, parameter.prior)
        step = np.clip(random.normal(), -LARGEST_DEPARTURE, LARGEST_DEPARTURE) * preset.departure * spread
        values[parameter.name] = float(parameter.from_free(parameter.to_free(parameter.default) + step))
    return values


@lru_cache(maxsize=KEPT)
def _states(
    species: str, true_values: tuple[tuple[str, float], ...], days: tuple[float, ...], schedule: Schedule
) -> dict[str, np.ndarray]:
    """States on the days, by a general solver at a tight tolerance rather than by the fast simulator.

    What was followed last is remembered: images and tables of one patient are made one after the other.
    """
    model, parameters = models.get(MODEL, species), dict(true_values)
    doses = schedule.for_model(model).doses
    y = np.array([parameters[model.initial[state.name]] for state in model.states])
    stops = sorted({0.0, *days, *(dose.day for dose in doses if 0.0 < dose.day < days[-1])})
    from scipy.integrate import solve_ivp  # slow to load

    course = {0.0: y}
    for start, stop in pairwise(stops):
        given = [dose for dose in doses if dose.day <= start]
        run = solve_ivp(_rhs(model, parameters, given), (start, stop), y, "DOP853", rtol=1e-9, atol=1e-12)
        y = course[stop] = run.y[:, -1]
    return {state.name: np.array([course[day][row] for day in days]) for row, state in enumerate(model.states)}


def _rhs(
    model: Model, parameters: dict[str, float], given: Sequence[Dose]
) -> Callable[[float, np.ndarray], np.ndarray]:
    def derivative(day: float, y: np.ndarray) -> np.ndarray:
        amount = {
            drug.name: math.fsum(
                dose.dose * math.exp(-parameters[drug.decay] * (day - dose.day))
                for dose in given
                if dose.drug == drug.name
            )
            for drug in model.drugs
        }
        change = np.empty((y.size, 1))
        model.rhs(y[:, None], parameters, amount, change)
        return change[:, 0]

    return derivative


def _name(day: float) -> str:
    return "baseline" if day == 0 else f"day_{day:g}"

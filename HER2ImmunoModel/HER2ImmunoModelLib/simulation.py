"""Batched simulation of a model over samples and schedules."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, tell

from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.integration import SHORTEST_STEP_DAY, ChunkIntegrator
from HER2ImmunoModelLib.model import Model
from HER2ImmunoModelLib.pharmacokinetics import Amounts
from HER2ImmunoModelLib.schedule import Schedule

CHUNK_ROWS = 8192
"""Samples integrated together: enough to hide the interpreter, few enough for the cache."""


@dataclass(frozen=True)
class Simulation:
    """States of every sample on every day.

    Attributes
    ----------
    model : Model
    day : array (days,)
    states : dict of str to array (samples, days)
        NaN in every day of a failed sample.
    failed : bool array (samples,)
        Samples that could not be integrated or left their domain.
    """

    model: Model
    day: np.ndarray
    states: dict[str, np.ndarray]
    failed: np.ndarray

    @property
    def n_failed(self) -> int:
        """Number of failed samples."""
        return int(self.failed.sum())


@dataclass(frozen=True)
class _Task:
    """What every chunk shares."""

    model: Model
    values: dict[str, np.ndarray | float]
    day: np.ndarray
    schedules: list[Schedule]
    initial: np.ndarray
    samples: int
    tolerance: float
    shortest_step_day: float


def simulate(
    model: Model | str,
    parameters: Mapping[str, object] | None,
    day,
    *,
    schedule: Schedule | None = None,
    initial: Mapping[str, object] | None = None,
    tolerance: float = 1e-6,
    report: Report | None = None,
) -> Simulation:
    """Simulate samples of a model under one schedule.

    Parameters
    ----------
    model : Model or str
    parameters : mapping of str to number or array (samples,)
        Parameters that differ from the defaults.
    day : array (days,)
        Increasing days; the first is the day of the initial state. Doses given earlier keep acting.
    schedule : Schedule, optional
        None for no treatment.
    initial : mapping of str to number or array (samples,), optional
        Initial states that replace those of the parameters.
    tolerance : float
        Relative tolerance of the states.
    report : Report, optional

    Returns
    -------
    Simulation

    Raises
    ------
    InputError
        Unknown names, values outside their domain, arrays of unequal length, days that do not increase.
    Cancelled
        From `report`.
    """
    model = models.get(model)
    states, failed = simulate_schedules(
        model, parameters, day, [schedule or Schedule()], initial=initial, tolerance=tolerance, report=report
    )
    by_name = {state.name: states[i, 0] for i, state in enumerate(model.states)}
    return Simulation(model, np.array(day, dtype=float, ndmin=1), by_name, failed[0])


def simulate_schedules(
    model: Model,
    parameters: Mapping[str, object] | None,
    day,
    schedules: Sequence[Schedule],
    *,
    initial: Mapping[str, object] | None = None,
    tolerance: float = 1e-6,
    shortest_step_day: float = SHORTEST_STEP_DAY,
    report: Report | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Simulate every sample under every schedule in one batch (parameters as in `simulate`).

    Returns
    -------
    states : array (n_states, schedules, samples, days)
    failed : bool array (schedules, samples)
    """
    day = _checked_day(day)
    values, samples = _checked_parameters(model, parameters or {}, initial or {})
    start = np.stack([np.broadcast_to(values.pop(f"initial {s.name}"), samples) for s in model.states])
    named = [schedule.for_model(model) for schedule in schedules]
    task = _Task(model, values, day, named, start, samples, tolerance, shortest_step_day)
    rows = len(named) * samples
    states = np.empty((len(model.states), rows, len(day)))
    failed = np.empty(rows, dtype=bool)
    _run_chunks(task, states, failed, report)
    return states.reshape(len(model.states), len(named), samples, len(day)), failed.reshape(len(named), samples)


def _run_chunks(task: _Task, states: np.ndarray, failed: np.ndarray, report: Report | None) -> None:
    rows = failed.size
    chunks = [np.arange(first, min(first + CHUNK_ROWS, rows)) for first in range(0, rows, CHUNK_ROWS)]
    tell(report, 0.0, f"Simulating {rows} courses")
    if len(chunks) == 1:
        _run_chunk(task, chunks[0], states, failed)
        tell(report, 1.0, f"Simulated {rows} courses")
        return
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        futures = [pool.submit(_run_chunk, task, chunk, states, failed) for chunk in chunks]
        try:
            for done, future in enumerate(as_completed(futures), start=1):
                future.result()
                tell(report, done / len(chunks), f"Simulating {rows} courses")
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _run_chunk(task: _Task, rows: np.ndarray, states: np.ndarray, failed: np.ndarray) -> None:
    row_schedule, sample = np.divmod(rows, task.samples)
    values = {name: value[sample] if np.ndim(value) else value for name, value in task.values.items()}
    amounts = Amounts(task.model, values, task.schedules, row_schedule, task.day[0])
    integrator = ChunkIntegrator(
        task.model,
        values,
        amounts,
        task.initial[:, sample],
        tolerance=task.tolerance,
        shortest_step_day=task.shortest_step_day,
    )
    states[:, rows] = integrator.run(task.day)
    failed[rows] = integrator.failed
    if integrator.deferred.any():
        _run_chunk(task, rows[integrator.deferred], states, failed)


def _checked_day(day) -> np.ndarray:
    day = np.array(day, dtype=float, ndmin=1)
    if day.ndim != 1 or day.size == 0 or not np.isfinite(day).all() or (np.diff(day) <= 0).any():
        raise InputError("The days of a simulation must be finite and increase; sort them and leave out doubles.")
    return day


def _checked_parameters(model: Model, given: Mapping[str, object], initial: Mapping[str, object]):
    """Values of every parameter and `initial <state>`, constants as numbers, and the number of samples."""
    values = model.defaults()
    for name, value in given.items():
        parameter = model.parameter(name)
        values[name] = _array(value, f"Parameter {name}")
        if not parameter.holds(values[name]):
            lower, upper = parameter.bounds
            raise InputError(f"Parameter {name} of {model.name} leaves its domain {lower:g} to {upper:g}.")
    for state in model.states:
        source = model.initial[state.name]
        values[f"initial {state.name}"] = values[source] if isinstance(source, str) else source
    for name, value in initial.items():
        if f"initial {name}" not in values:
            raise InputError(f"Model {model.name} has no state {name!r}.")
        values[f"initial {name}"] = _array(value, f"The initial state {name}")
    for state in model.states:
        start, (lower, upper) = values[f"initial {state.name}"], state.domain
        if not np.all((start >= lower) & (start <= upper) & np.isfinite(start)):
            raise InputError(f"The initial state {state.name} leaves its domain {lower:g} to {upper:g}.")
    lengths = {np.size(value) for value in values.values() if np.ndim(value)}
    if len(lengths) > 1:
        raise InputError(f"The parameters have unequal lengths {sorted(lengths)}; give numbers or equally long arrays.")
    return {name: _constant(value) for name, value in values.items()}, lengths.pop() if lengths else 1


def _array(value, what: str) -> np.ndarray:
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what} is {value!r}; give a number or an array of numbers.") from error
    if array.ndim > 1:
        raise InputError(f"{what} has {array.ndim} dimensions; give a number or an array (samples,).")
    return array


def _constant(value) -> np.ndarray | float:
    """A number where all samples share it: the right-hand side then works on numbers."""
    array = np.asarray(value, dtype=float)
    return float(array.flat[0]) if array.size and (array == array.flat[0]).all() else array

"""Batched simulation of a model over samples and schedules."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from threading import Lock
from time import monotonic

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.limits import check_memory
from HER2ImmunoCommonLib.progress import Cancelled, Report, part, tell

from .. import models
from ..models.covariates import follow
from ..models.model import Model
from ..treatments.doses import Schedule, model_given
from ..treatments.pharmacokinetics import dose_table
from .branches import branches
from .exposure_curves import TABLE_BYTES, curves, curves_bytes
from .integration import SHORTEST_STEP_DAY, Batch, Waiting, integrate

ROWS_AT_ONCE = 24576
"""Rows a thread follows together: enough to hide the interpreter, few enough for the cache."""
ROWS_A_THREAD = 8192
"""Rows below which another thread does not pay."""


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
    def warnings(self) -> tuple[str, ...]:
        """Whose numbers were taken, where nobody said it."""
        return self.model.remarks

    @property
    def n_failed(self) -> int:
        """Number of failed samples."""
        return int(self.failed.sum())


def simulate(
    model: Model | str,
    parameters: Mapping[str, object] | None,
    day,
    *,
    schedule: Schedule | None = None,
    initial: Mapping[str, object] | None = None,
    tolerance: float = 1e-6,
    species: str | None = None,
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
    species : str, optional
        Whose defaults: "human" or "mouse". Without it, a model given by its name has its own, which
        `Simulation.warnings` says.
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
    schedule = schedule or Schedule()
    model = model_given(models.get(model, species), [schedule])
    states, failed = simulate_schedules(
        model, parameters, day, [schedule], initial=initial, tolerance=tolerance, report=report
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
    keep: Sequence[str] | None = None,
    tolerance: float = 1e-6,
    shortest_step_day: float = SHORTEST_STEP_DAY,
    keep_failed: bool = False,
    report: Report | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Simulate every sample under every schedule in one batch (parameters as in `simulate`).

    Parameters
    ----------
    initial : mapping of str to number, array (samples,) or array (schedules, samples), optional
        Initial states that replace those of the parameters.
    keep : sequence of str, optional
        States to return, for less memory; all of them if None.
    shortest_step_day : float
        A row that needs a shorter step fails.
    keep_failed : bool
        Whether a row that fails keeps its states of the days that it reached.

    Returns
    -------
    states : array (n_states, schedules, samples, days)
    failed : bool array (schedules, samples)
    """
    day, model = _checked_day(day), model_given(model, schedules)
    values, samples = _checked_parameters(model, parameters or {}, initial or {})
    shape = (len(schedules), samples)
    start = np.stack([np.broadcast_to(values.pop(f"initial {s.name}"), shape) for s in model.states])
    is_shared = all(np.ndim(value) < 2 for value in (initial or {}).values())
    kept = np.array([model.index(name) for name in keep] if keep is not None else range(len(model.states)))
    rows = len(schedules) * samples
    check_memory(float(kept.size) * rows * len(day), f"{rows} courses of {kept.size} states on {len(day)} days")
    doses = dose_table(model, _doses(model, schedules, day[0], initial or {}), day[0], day[-1])
    states = np.full((kept.size, rows, day.size), np.nan)
    failed = np.ones(rows, dtype=bool)
    blocks = min(len(schedules), int(curves_bytes(model, values, doses, day[0], samples) / TABLE_BYTES) + 1)
    for number, block in enumerate(np.array_split(np.arange(len(schedules)), max(blocks, 1))):
        part_doses, of = doses if blocks <= 1 else doses.of(block), _rows_of(block, samples)
        batch = Batch(
            model=model,
            values=values,
            initial=start[:, block],
            day=day,
            doses=part_doses,
            branches=branches(part_doses, np.zeros(block.size) if is_shared and day.size > 1 else block),
            curves=curves(model, values, part_doses, day[0], samples),
            tolerance=tolerance,
            shortest_step_day=shortest_step_day,
            keeps_failed=keep_failed,
            kept=kept,
            states=states[:, of],
            failed=failed[of],
        )
        _run(batch, part(report, number / blocks, (number + 1) / blocks) if blocks > 1 else report)
    return states.reshape(kept.size, *shape, day.size), failed.reshape(shape)


def _rows_of(schedules: np.ndarray, samples: int) -> slice:
    """Rows of schedules that follow each other."""
    return slice(schedules[0] * samples, (schedules[-1] + 1) * samples) if schedules.size else slice(0)


class _Progress:
    """Rows finished so far, told to a report at most ten times a second."""

    def __init__(self, rows: int, report: Report | None):
        self._rows, self._report = rows, report
        self._finished, self._told, self._lock = 0, -np.inf, Lock()
        self.stopped = False

    def tell(self, finished: int = 0) -> None:
        """Count rows and tell; for the thread of the caller, as the report may raise."""
        self._finished += finished
        if monotonic() - self._told >= 0.1 or self._finished == self._rows:
            self._told = monotonic()
            tell(self._report, self._finished / self._rows, f"Simulating {self._rows} courses")

    def count(self, finished: int) -> None:
        """Count rows, from any thread; ends the thread once the work is stopped."""
        with self._lock:
            self._finished += finished
        if self.stopped:
            raise Cancelled


def _run(batch: Batch, report: Report | None) -> None:
    rows = batch.failed.size
    threads = max(1, min(os.cpu_count() or 1, rows // ROWS_A_THREAD))
    waiting = Waiting(batch)
    width = min(ROWS_AT_ONCE, -(-rows // threads))
    progress = _Progress(rows, report)
    progress.tell()
    if threads == 1:
        integrate(batch, waiting, width, progress.tell)
        return
    with ThreadPoolExecutor(threads) as pool:
        pending = {pool.submit(integrate, batch, waiting, width, progress.count) for _ in range(threads)}
        try:
            while pending:
                ended, pending = wait(pending, timeout=0.1, return_when=FIRST_EXCEPTION)
                for thread in ended:
                    thread.result()
                progress.tell()
        finally:
            progress.stopped = True


def _doses(model: Model, schedules: Sequence[Schedule], first_day: float, initial: Mapping) -> list[Schedule]:
    """Schedules in the model's drug names; what earlier doses left of an integrated drug must be in its state."""
    named = [schedule.for_model(model) for schedule in schedules]
    for drug in (drug for drug in model.drugs if drug.state is not None):
        early = [d for s in named for d in s.doses if d.drug == drug.name and d.day < first_day]
        if early and drug.state not in initial:
            raise InputError(
                f"{model.name} integrates {drug.name}, so the dose of day {early[0].day:g}, before the first day "
                f"{first_day:g}, is unknown to it; start on that day or give the initial state {drug.state}."
            )
        named = [replace(s, doses=tuple(d for d in s.doses if d not in early)) for s in named] if early else named
    return named


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
    for covariate in model.covariates:
        values[covariate.parameter] = follow(model, covariate, values)
    for state in model.states:
        source = model.initial[state.name]
        start = source(values) if callable(source) else source
        values[f"initial {state.name}"] = values[source] if isinstance(source, str) else start
    for name, value in initial.items():
        if f"initial {name}" not in values:
            raise InputError(f"Model {model.name} has no state {name!r}.")
        values[f"initial {name}"] = _array(value, f"The initial state {name}", ("schedules", "samples"))
    for state in model.states:
        start, (lower, upper) = np.asarray(values[f"initial {state.name}"]), state.domain
        followed = model.initial[state.name] in {c.parameter for c in model.covariates} and state.name not in initial
        bad = ~((start >= lower) & (start <= upper) & np.isfinite(start))
        if (bad & ~(np.isnan(start) & followed)).any():
            raise InputError(f"The initial state {state.name} leaves its domain {lower:g} to {upper:g}.")
    lengths = {np.shape(value)[-1] for value in values.values() if np.ndim(value)}
    if len(lengths) > 1:
        raise InputError(f"The parameters have unequal lengths {sorted(lengths)}; give numbers or equally long arrays.")
    return {name: _constant(value) for name, value in values.items()}, lengths.pop() if lengths else 1


def _array(value, what: str, axes: tuple[str, ...] = ("samples",)) -> np.ndarray:
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what} is {value!r}; give a number or an array of numbers.") from error
    if array.ndim > len(axes):
        raise InputError(f"{what} has {array.ndim} dimensions; give a number or an array ({', '.join(axes)}).")
    return array


def _constant(value) -> np.ndarray | float:
    """A number where all samples share it: the right-hand side then works on numbers."""
    array = np.asarray(value, dtype=float)
    return float(array.flat[0]) if array.size and (array == array.flat[0]).all() else array

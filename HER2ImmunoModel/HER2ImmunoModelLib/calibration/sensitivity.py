"""Global sensitivity of any output of a model: Sobol indices over the prior or a calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report

from .. import models
from ..models.model import Model
from ..simulation.batch import simulate_schedules
from ..treatments.schedule import Schedule
from .result import Calibration


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Sobol indices of one output.

    Attributes
    ----------
    names : tuple of str
        Parameters.
    first_order, total_order : arrays (p,)
        Share of the output's variance from a parameter alone, and with all its interactions.
    failed : int
        Simulations that failed and were replaced by the mean of the others.
    """

    names: tuple[str, ...]
    first_order: np.ndarray
    total_order: np.ndarray
    failed: int


def sobol_sensitivity(
    source: Model | str | Calibration,
    day: float,
    *,
    state: str = "T",
    parameters: Sequence[str] | None = None,
    schedule: Schedule | None = None,
    n: int = 512,
    seed: int = 0,
    report: Report | None = None,
) -> Sensitivity:
    """Sobol indices of a state on a day, every parameter varying as its prior or its posterior margin says.

    Indices need independent parameters: of a calibration the margins are used, not the correlations. Saltelli et al.,
    Comput Phys Commun 2010;181:259-270, as `scipy.stats.sobol_indices`; a volume enters by its logarithm.

    Parameters
    ----------
    source : Model, str or Calibration
    day : float
        Days after the start.
    state : str
    parameters : sequence of str, optional
        All with a prior (or calibrated) if None.
    schedule : Schedule, optional
        The calibration's, or none.
    n : int
        Base samples, a power of 2; n (p + 2) simulations are made.
    seed : int
    report : Report, optional

    Raises
    ------
    InputError
        An unknown state or parameter, a day that is not above 0, an n that is no power of 2, all simulations failing.
    Cancelled
        From `report`.
    """
    calibrated = isinstance(source, Calibration)
    model = source.model if calibrated else models.get(source)
    if state not in [entry.name for entry in model.states]:
        raise InputError(
            f"Model {model.name} has no state {state!r}; it has {', '.join(s.name for s in model.states)}."
        )
    if not day > 0 or n < 2 or n & (n - 1):
        raise InputError(f"Sensitivity on day {day:g} with n = {n} cannot be computed; use a day above 0, n = 512.")
    start = source.first_day if calibrated else 0.0
    schedule = schedule or (source.schedule if calibrated else Schedule())
    held, centre, spread = _margins(source, model, parameters)
    names, row = tuple(centre), model.index(state)
    failed = 0

    def output(points: np.ndarray) -> np.ndarray:
        nonlocal failed
        values = {name: model.parameter(name).from_free(points[i]) for i, name in enumerate(names)}
        states, lost = simulate_schedules(model, held | values, [start, start + day], [schedule], report=report)
        result = states[row, 0, :, -1]
        result = np.log(np.maximum(result, 1e-12)) if np.isinf(model.states[row].domain[1]) else result
        if lost.all():
            raise InputError("Every simulation of the sensitivity failed; vary fewer parameters.")
        failed += int(lost.sum())
        return np.where(lost[0], result[~lost[0]].mean(), result)[None]

    from scipy.stats import norm, sobol_indices  # slow to load

    spreads = [norm(centre[name], spread[name]) for name in names]
    found = sobol_indices(func=output, n=n, dists=spreads, rng=np.random.default_rng(seed))
    return Sensitivity(names, np.ravel(found.first_order), np.ravel(found.total_order), failed)


def _margins(source, model: Model, wanted: Sequence[str] | None):
    """Values held, and centre and standard deviation of each parameter that varies, in the transformed space."""
    if isinstance(source, Calibration):
        sd = np.sqrt(np.diag(source.covariance))
        centre = dict(zip(source.free, source.mode.tolist(), strict=True))
        spread = dict(zip(source.free, sd.tolist(), strict=True))
        held = source.best
    else:
        free = [p for p in model.parameters if p.prior > 0]
        centre = {p.name: float(p.to_free(p.default)) for p in free}
        spread, held = {p.name: p.prior for p in free}, model.defaults()
    if wanted is not None:
        if unknown := [name for name in wanted if name not in centre]:
            raise InputError(f"Parameter {unknown[0]!r} does not vary; choose among {', '.join(centre)}.")
        centre = {name: centre[name] for name in wanted}
    return {name: value for name, value in held.items() if name not in centre}, centre, spread

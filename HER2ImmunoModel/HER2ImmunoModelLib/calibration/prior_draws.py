"""Draws of a prior, followed as far as they go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.progress import Report

from ..models.model import Model
from ..models.parameters import Parameter
from ..simulation.batch import simulate_schedules
from ..treatments.schedule import Schedule
from .observations import LARGEST_CM3
from .posterior import SEARCH_SHORTEST_STEP_DAY, chosen_parameters

VOLUME = "volume_cm3"
TOLERANCE = 1e-4
"""Of a simulation whose quantiles are looked at."""


@dataclass(frozen=True)
class PriorDraws:
    """Draws of every free parameter.

    Attributes
    ----------
    free : tuple of Parameter
    theta : array (draws, p)
        In the transformed space.
    values : dict of str to array (draws,)
        Every parameter of the model.
    """

    free: tuple[Parameter, ...]
    theta: np.ndarray
    values: dict[str, np.ndarray]


@dataclass(frozen=True)
class FollowedDraws:
    """Courses of draws.

    Attributes
    ----------
    states : array (n_states, draws, days)
        Where a draw has grown past the size that ends its simulation: infinite for that state, else NaN; NaN on every
        day of a draw that cannot be simulated at all.
    exploded, failed : bool arrays (draws,)
        Draws whose volume passes what no tumour of the species has, and those that cannot be simulated for another
        reason.
    """

    states: np.ndarray
    exploded: np.ndarray
    failed: np.ndarray


def prior_draws(
    model: Model,
    n: int,
    seed: int = 0,
    free: Sequence[str] | None = None,
    fixed: Mapping[str, float] | None = None,
) -> PriorDraws:
    """Draw the parameters that a calibration would fit from their priors; errors as `chosen_parameters`."""
    chosen, held = chosen_parameters(model, free, fixed)
    mean = np.array([float(parameter.to_free(parameter.default)) for parameter in chosen])
    sd = np.array([parameter.prior for parameter in chosen])
    theta = mean + sd * np.random.default_rng(seed).standard_normal((n, len(chosen)))
    values = {name: np.full(n, value) for name, value in held.items()}
    return PriorDraws(chosen, theta, values | {p.name: p.from_free(theta[:, i]) for i, p in enumerate(chosen)})


def largest_size(model: Model) -> dict[str, float]:
    """State -> size that no tumour of the species has, of states that are volumes."""
    largest = LARGEST_CM3.get(model.species, np.inf)
    volumes = {state: largest for state, column in model.observables.items() if column == VOLUME}
    return volumes | dict(model.exploded)


def follow_draws(
    model: Model,
    values: Mapping[str, np.ndarray],
    day: np.ndarray,
    schedule: Schedule,
    report: Report | None = None,
) -> FollowedDraws:
    """Simulate draws on days, of which the first is that of the initial state, as far as each goes."""
    states, lost = simulate_schedules(
        model,
        values,
        day,
        [schedule],
        tolerance=TOLERANCE,
        shortest_step_day=SEARCH_SHORTEST_STEP_DAY,
        keep_failed=True,
        report=report,
    )
    states, lost = states[:, 0], lost[0]
    gone = np.maximum.accumulate(np.isnan(states).any(axis=0), axis=1)
    states[:, gone] = np.nan
    for state in map(model.index, model.exploded):
        growing = np.nanmax(states[state], axis=1, initial=0.0) > states[state, :, 0]
        states[state] = np.where(gone & growing[:, None], np.inf, states[state])
    with np.errstate(invalid="ignore"):
        over = [states[model.index(state)] > size for state, size in largest_size(model).items()]
    exploded = np.any(over, axis=(0, 2)) if over else np.zeros(lost.size, dtype=bool)
    return FollowedDraws(states, exploded, lost & ~exploded)

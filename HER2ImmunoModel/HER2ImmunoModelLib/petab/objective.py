"""The objective of PEtab, computed by this project's engine: what any other tool must find for the same files."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from ..calibration.posterior import Posterior
from ..simulation.integration import SHORTEST_STEP_DAY
from .estimated import Estimated
from .problem import PetabProblem

TOLERANCE = 1e-8
"""Of the simulation: the objective must not be wrong by what is compared."""
SHORTEST_SHARE = 1e-6
"""Shortest step over all the time, of a model whose days may be seconds."""


def objective(problem: PetabProblem, values: Mapping[str, float] | None = None) -> float:
    """Minus the logarithm of the posterior density, with every constant; infinite where the model cannot be simulated.

    The likelihood is that of the measured numbers themselves: where the noise is log-normal, with the Jacobian of the
    logarithm. The prior is that of the numbers on the scale of the parameter table.

    Parameters
    ----------
    problem : PetabProblem
    values : mapping of str to float, optional
        Numbers of the parameter table by their symbols, linear as in the table; the nominal ones where absent.

    Raises
    ------
    InputError
        A symbol that is not estimated.
    """
    rows = problem.estimated
    if unknown := sorted(set(values or {}) - {row.symbol for row in rows}):
        raise InputError(f"{unknown[0]!r} is not estimated; the symbols are {', '.join(row.symbol for row in rows)}.")
    numbers = {row.symbol: problem.nominal_of(row) for row in rows} | dict(values or {})
    free = {row.symbol: row.free(float(numbers[row.symbol])) for row in rows}
    total = problem.constant + sum(
        _minus_log_prior(row, free[row.symbol]) for row in rows if row.symbol not in problem.flat
    )
    noise = np.array([free[name] for name in problem.noise.names])
    for subject, target in zip(problem.subjects, problem.targets(), strict=True):
        mine = {row.parameter.name: free[row.symbol] for row in rows if row.subject in ("", subject.name)}
        theta = np.array([[mine[p.name] for p in target.free]])
        total -= _log_likelihood(target, theta, noise)
    return float(total)


def _log_likelihood(target: Posterior, theta: np.ndarray, noise: np.ndarray) -> float:
    """Of a point (1, p), simulated with shorter steps than a search is given."""
    observed = target.observations
    shortest = min(SHORTEST_STEP_DAY, SHORTEST_SHARE * float(np.ptp(observed.day)) or SHORTEST_STEP_DAY)
    simulated = target.simulated(theta, tolerance=TOLERANCE, shortest_step_day=shortest)
    return float(observed.log_likelihood(simulated, noise)[0])


def _minus_log_prior(row: Estimated, free: float) -> float:
    sd = row.parameter.prior
    return 0.5 * ((free - row.mean) / sd) ** 2 + np.log(sd * np.sqrt(2 * np.pi))

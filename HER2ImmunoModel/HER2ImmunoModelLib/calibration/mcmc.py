"""Draws from a posterior with the ensemble sampler emcee, every walker simulated in one batch."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, tell

from .diagnostics import ENOUGH_TAU, Sampling, autocorrelation_time, judge
from .proposals import ManyTries, root_of

WALKERS = 64
BLOCK = 50
"""Fewest steps between two looks at the autocorrelation time."""
KEPT_DRAWS = 2000
"""Most draws kept: evenly spaced ones of the whole run."""
LEARNING = 50
"""Steps, not kept, after which the proposals first follow the walkers instead of Laplace."""
KNOWN = 20
"""Independent points a parameter that the proposals must be learned from; each round is half as long again."""
WIDTHS = (1.0, 1.4)
"""Widths of the proposals over that of the walkers; the wider ones fetch walkers from tails the narrow ones miss."""
TRUST = 0.9
"""Weight of the walkers' covariance in that of the proposals; the rest is Laplace's."""
EVOLUTION_SHARE = 0.05
"""Share of the steps that are differential evolution moves, for a posterior far from its approximation."""

LogDensity = Callable[[np.ndarray], np.ndarray]
"""`log_density(theta)`: points (m, p) to log densities (m,), minus infinity where one cannot be simulated."""


def sample(
    log_density: LogDensity,
    mode: np.ndarray,
    covariance: np.ndarray,
    names: tuple[str, ...],
    *,
    walkers: int = WALKERS,
    most_steps: int = 5000,
    seed: int = 0,
    report: Report | None = None,
) -> tuple[np.ndarray, Sampling]:
    """Sample a density until its chains last 50 autocorrelation times and agree, or `most_steps`.

    emcee (Foreman-Mackey et al., Publ Astron Soc Pac 2013;125:306) moves the walkers by `proposals.ManyTries`, first
    about the Laplace approximation, then about what rounds that are not kept learned of the density; and a few times
    by differential evolution (ter Braak, Stat Comput 2006;16:239).

    Parameters
    ----------
    log_density : LogDensity
    mode, covariance : arrays (p,), (p, p)
        Laplace approximation.
    names : tuple of str
        Parameters, in order.
    walkers : int
        Raised to the smallest even number above 2 p where it is less.
    most_steps : int
    seed : int
        The same seed gives the same draws.
    report : Report, optional

    Returns
    -------
    draws : array (n, p)
        At most 2000, from the steps after the burn-in.
    sampling : Sampling

    Raises
    ------
    InputError
        emcee is not installed, too few steps, or no walker that can be simulated.
    Cancelled
        From `report`.
    """
    emcee = _emcee()
    if most_steps < 2 * BLOCK:
        raise InputError(f"{most_steps} steps are too few to sample a posterior; allow at least {2 * BLOCK}.")
    walkers = max(walkers + walkers % 2, 2 * (mode.size + 1))
    random = np.random.RandomState(seed)
    start = _start(log_density, mode, root_of(covariance), walkers, random)
    tries = [ManyTries(mode, covariance, width) for width in WIDTHS]
    moves = [(one, (1 - EVOLUTION_SHARE) / len(tries)) for one in tries]
    moves.append((emcee.moves.DEMove(), EVOLUTION_SHARE))
    sampler = emcee.EnsembleSampler(walkers, mode.size, log_density, vectorize=True, moves=moves)
    state = emcee.State(start, random_state=random.get_state())
    learn, learned, needed, look = min(LEARNING, most_steps // 10), 0, float(most_steps), most_steps
    for step, _ in enumerate(sampler.sample(state, iterations=most_steps), start=1):
        tell(report, min(step / min(needed, most_steps), 1.0), f"Sampling the posterior, step {step} of {most_steps}")
        if step == learn:
            recent = sampler.get_chain()[step // 2 :]
            for one in tries:
                one.refer(*_learned(recent, covariance))
            known = recent[..., 0].size / autocorrelation_time(recent).max()
            if known >= KNOWN * mode.size or step > most_steps // 4:
                learned, look = step, min(step + 2 * BLOCK, most_steps)
            else:
                learn += learn // 2
        if step in (look, most_steps):
            chain, burn_in = _kept(sampler.get_chain(), learned)
            sampling = judge(chain, names, burn_in, float(np.mean(sampler.acceptance_fraction)))
            if sampling.converged:
                break
            needed = burn_in + (ENOUGH_TAU + 1) * max(sampling.tau.values())
            look = step + BLOCK + step // 10
    flat = chain.reshape(-1, mode.size)
    return flat[np.linspace(0, len(flat) - 1, min(KEPT_DRAWS, len(flat))).astype(int)], sampling


def _learned(chain: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of a chain (steps, walkers, p), the latter held to one that is known."""
    points = chain.reshape(-1, chain.shape[-1])
    return points.mean(axis=0), TRUST * np.cov(points.T).reshape(covariance.shape) + (1 - TRUST) * covariance


def _emcee() -> ModuleType:
    try:
        import emcee
    except ModuleNotFoundError as error:
        raise InputError(
            "Sampling needs the Python package emcee, which is not installed; install it "
            "(pip install emcee, or her2immuno[mcmc]) or use the method map."
        ) from error
    return emcee


def _start(
    log_density: LogDensity, mode: np.ndarray, root: np.ndarray, walkers: int, random: np.random.RandomState
) -> np.ndarray:
    """One point a walker from the Laplace approximation, drawn nearer the mode where it cannot be simulated."""
    points, width = mode + random.standard_normal((walkers, mode.size)) @ root.T, 1.0
    for _ in range(8):
        lost = ~np.isfinite(log_density(points))
        if not lost.any():
            return points
        width *= 0.5
        points[lost] = mode + width * random.standard_normal((np.count_nonzero(lost), mode.size)) @ root.T
    raise InputError("The sampler found no start that can be simulated; the posterior mode is all that can be trusted.")


def _kept(chain: np.ndarray, learning: int) -> tuple[np.ndarray, int]:
    """The chain without what was learned from and its burn-in: two autocorrelation times, at most half."""
    chain = chain[learning:]
    burn_in = min(int(2 * autocorrelation_time(chain).max()), len(chain) // 2)
    return chain[burn_in:], learning + burn_in

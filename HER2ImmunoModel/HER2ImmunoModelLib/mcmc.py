"""Draws from a posterior with the ensemble sampler emcee, every walker simulated in one batch."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, tell

from HER2ImmunoModelLib.diagnostics import ENOUGH_TAU, Sampling, autocorrelation_time, judge

WALKERS = 64
BLOCK = 50
"""Fewest steps between two looks at the autocorrelation time."""
KEPT_DRAWS = 2000
"""Most draws kept: evenly spaced ones of the whole run."""
BOLDNESS = (0.25, 0.5, 0.9)
"""Shares of a fresh draw in a proposal; 1 would forget where the walker was."""
FREEDOM = 8.0
"""Degrees of freedom of the t distribution proposals keep to: tails heavier than normal, or walkers stick in them."""
EVOLUTION_SHARE = 0.1
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
    """Sample a density until its chains last 50 autocorrelation times, or `most_steps`.

    emcee (Foreman-Mackey et al., Publ Astron Soc Pac 2013;125:306) moves the walkers by Crank-Nicolson proposals
    that keep a t distribution about the Laplace approximation (Cotter et al., Stat Sci 2013;28:424; Grumitt et al.,
    2022, arXiv:2207.05652), and by differential evolution (ter Braak, Stat Comput 2006;16:239).

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
    root = _root(covariance)
    random = np.random.RandomState(seed)
    start = _start(log_density, mode, root, walkers, random)
    moves = [(_toward(emcee, mode, root), 1 - EVOLUTION_SHARE), (emcee.moves.DEMove(), EVOLUTION_SHARE)]
    sampler = emcee.EnsembleSampler(walkers, mode.size, log_density, vectorize=True, moves=moves)
    state = emcee.State(start, random_state=random.get_state())
    needed, look = float(most_steps), 2 * BLOCK
    for step, _ in enumerate(sampler.sample(state, iterations=most_steps), start=1):
        tell(report, min(step / min(needed, most_steps), 1.0), f"Sampling the posterior, step {step} of {most_steps}")
        if step == look:
            kept, _ = _kept(sampler.get_chain())
            tau = autocorrelation_time(kept).max()
            needed = step - len(kept) + (ENOUGH_TAU + 1) * tau
            if step >= needed:
                break
            look = step + BLOCK + step // 10
    chain, burn_in = _kept(sampler.get_chain())
    sampling = judge(chain, names, burn_in, float(np.mean(sampler.acceptance_fraction)))
    flat = chain.reshape(-1, mode.size)
    return flat[np.linspace(0, len(flat) - 1, min(KEPT_DRAWS, len(flat))).astype(int)], sampling


def _emcee() -> ModuleType:
    try:
        import emcee
    except ModuleNotFoundError as error:
        raise InputError(
            "Sampling needs the Python package emcee, which is not installed; install it "
            "(pip install emcee, or her2immuno[mcmc]) or use the method map."
        ) from error
    return emcee


def _root(covariance: np.ndarray) -> np.ndarray:
    """Symmetric directions of a covariance; one that hardly varies keeps a little width."""
    spread, axes = np.linalg.eigh(covariance)
    return axes * np.sqrt(np.maximum(spread, 1e-10 * spread.max()))


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


def _toward(emcee: ModuleType, mode: np.ndarray, root: np.ndarray):
    whitening = np.linalg.inv(root)

    def propose(points: np.ndarray, random: np.random.RandomState) -> tuple[np.ndarray, np.ndarray]:
        share = random.choice(BOLDNESS, size=(len(points), 1))
        before = (points - mode) @ whitening.T
        radius = np.square(before).sum(axis=1)
        width = 1 / np.sqrt(random.gamma(0.5 * (mode.size + FREEDOM), 2 / (FREEDOM + radius)))
        fresh = width[:, None] * random.standard_normal(before.shape)
        after = np.sqrt(1 - share**2) * before + share * fresh
        wider = np.log1p(np.square(after).sum(axis=1) / FREEDOM) - np.log1p(radius / FREEDOM)
        return mode + after @ root.T, 0.5 * (mode.size + FREEDOM) * wider

    return emcee.moves.MHMove(propose)


def _kept(chain: np.ndarray) -> tuple[np.ndarray, int]:
    """The chain without its burn-in: two autocorrelation times, at most half."""
    burn_in = min(int(2 * autocorrelation_time(chain).max()), len(chain) // 2)
    return chain[burn_in:], burn_in

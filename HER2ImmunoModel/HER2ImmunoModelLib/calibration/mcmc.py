"""Draws from a posterior: weighted points where their weights can be trusted, else the ensemble sampler emcee."""

from __future__ import annotations

from types import ModuleType

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part, tell

from .bends import Bend, bend_to, straight
from .diagnostics import ENOUGH_TAU, Sampling, autocorrelation_time, judge
from .importance import Weighted, log_weight_of, weigh
from .learning import LogDensity, learn
from .proposals import ManyTries

WALKERS = 64
BLOCK = 50
"""Half the fewest steps of a run."""
FIRST_LOOK = 60
"""Steps after which the autocorrelation time is first looked at: 50 of the shortest, and what is left out."""
KEPT_DRAWS = 2000
"""Most draws kept: evenly spaced ones of the whole run."""
SLOW = 6.0
"""Autocorrelation time (steps) from which the map is learned anew from the walkers, and the steps before not kept."""
MOST_RELEARNED = 4
"""How often at most."""
WIDTHS = (1.0, 1.4)
"""Widths of the proposals over that of the map; the wider ones fetch walkers from tails the narrow ones miss."""
EVOLUTION_SHARE = 0.05
"""Share of the steps that are differential evolution moves, for a posterior far from its approximation."""
WEIGHING = (0.3, 0.6)
"""Shares of the progress that is told between which points are weighed."""
CHECK_WALKERS, CHECK_TRIES, CHECK_STEPS = 1024, 8, 24
"""Walkers that start from weighted points, points offered to each where the map offers them, and steps they go."""
CHECK_EVOLUTION = 0.75
"""Share of their steps that are differential evolution, which knows nothing of the map."""
HEAVIER = 10.0
"""Factor on the largest weight beyond which that of a walker tells of a place that the points missed."""
MOST_DRIFT = 4.5
"""Standard errors that they may drift: chance alone does that once in a thousand checks of 70 numbers."""


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
    """Sample a density, in large batches.

    Rounds of importance sampling learn the shape of the density (`learning.learn`), from the Laplace approximation on.
    Independent points in that shape are then weighed (`importance.weigh`). Where the tail of their weights, their
    effective number or their batches are not good enough, or walkers that start from them drift away, the ensemble
    sampler emcee (Foreman-Mackey et al., Publ Astron Soc Pac 2013;125:306) goes on until its chains last 50
    autocorrelation times and agree, or `most_steps`. It moves walkers in the learned shape by `proposals.ManyTries`,
    and at times by differential evolution (ter Braak, Stat Comput 2006;16:239). A shape that was learned badly makes
    it slow, not wrong; the walkers then learn it anew from where they have been.

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
    random = np.random.RandomState(seed)
    bend, points = learn(log_density, straight(mode, covariance), random, part(report, 0.0, WEIGHING[0]))
    found = weigh(log_density, bend, names, random, part(report, *WEIGHING)) if len(points) else None
    rest = part(report, WEIGHING[1], 1.0)
    if found and found.sampling.converged and not _drift(emcee, log_density, bend, found, random, rest):
        return found.points[found.picked(KEPT_DRAWS, random)], found.sampling
    return walk(log_density, bend, points, names, random, walkers=walkers, most_steps=most_steps, report=rest)


def walk(
    log_density: LogDensity,
    bend: Bend,
    points: np.ndarray,
    names: tuple[str, ...],
    random: np.random.RandomState,
    *,
    walkers: int = WALKERS,
    most_steps: int = 5000,
    report: Report | None = None,
) -> tuple[np.ndarray, Sampling]:
    """Sample a density with emcee alone, in a map that was learned and from points spread as the density is.

    Arguments, results and errors are those of `sample`.
    """
    emcee = _emcee()
    walkers = max(walkers + walkers % 2, 2 * (bend.mean.size + 1))
    start = _start(log_density, points, walkers, random)
    tries = [ManyTries(bend, width) for width in WIDTHS]
    moves = [(one, (1 - EVOLUTION_SHARE) / len(tries)) for one in tries]
    moves.append((emcee.moves.DEMove(), EVOLUTION_SHARE))
    sampler = emcee.EnsembleSampler(walkers, bend.mean.size, log_density, vectorize=True, moves=moves)
    state = emcee.State(start, random_state=random.get_state())
    learned, relearned, needed, look = 0, 0, float(most_steps), FIRST_LOOK
    for step, _ in enumerate(sampler.sample(state, iterations=most_steps), start=1):
        tell(report, min(step / min(needed, most_steps), 1.0), f"Sampling the posterior, step {step} of {most_steps}")
        if step not in (look, most_steps):
            continue
        chain, burn_in = _kept(sampler.get_chain(), learned)
        sampling = judge(chain, names, burn_in, float(np.mean(sampler.acceptance_fraction)))
        if sampling.converged:
            break
        slowest = max(sampling.tau.values())
        if slowest > SLOW and relearned < MOST_RELEARNED and step < most_steps // 2:
            relearned, learned, look = relearned + 1, step, 2 * step
            bend = _learned(chain, slowest)
            for one in tries:
                one.refer(bend)
        else:
            needed = burn_in + (ENOUGH_TAU + 1) * slowest
            look = min(max(int(needed), step + 10), step + BLOCK + step // 10)
    flat = chain.reshape(-1, bend.mean.size)
    return flat[np.linspace(0, len(flat) - 1, min(KEPT_DRAWS, len(flat))).astype(int)], sampling


def _drift(
    emcee: ModuleType,
    log_density: LogDensity,
    bend: Bend,
    found: Weighted,
    random: np.random.RandomState,
    report: Report | None,
) -> bool:
    """Whether walkers that start from weighted points find a place these missed, or leave their distribution.

    A place in which a map hardly draws leaves no trace in the weights of its points, however many percent of the
    posterior lie there. Walkers come there from its border, and would weigh very much.
    """
    index = found.picked(CHECK_WALKERS, random)
    tries = ManyTries(bend, tries=CHECK_TRIES)
    moves = [(tries, 1 - CHECK_EVOLUTION), (emcee.moves.DEMove(), CHECK_EVOLUTION)]
    sampler = emcee.EnsembleSampler(CHECK_WALKERS, bend.mean.size, log_density, vectorize=True, moves=moves)
    state = emcee.State(found.points[index], log_prob=found.density[index], random_state=random.get_state())
    for step, now in enumerate(sampler.sample(state, iterations=CHECK_STEPS), start=1):
        tell(report, step / CHECK_STEPS, f"Checking the weighted points, step {step} of {CHECK_STEPS}")
        if log_weight_of(bend, now.coords, now.log_prob).max() > found.heaviest + np.log(HEAVIER):
            return True
    mean = found.weight @ found.points
    before, after = found.points[index] - mean, sampler.get_chain()[-1] - mean
    moved = np.hstack([after - before, np.square(after) - np.square(before)])
    error = moved.std(axis=0, ddof=1) / np.sqrt(CHECK_WALKERS)
    return bool((np.abs(moved.mean(axis=0)) > MOST_DRIFT * error).any())


def _learned(chain: np.ndarray, tau: float) -> Bend:
    """The map of a chain (steps, walkers, p) with an autocorrelation time."""
    points = chain.reshape(-1, chain.shape[-1])
    return bend_to(points, np.ones(len(points)), len(points) / tau)


def _emcee() -> ModuleType:
    try:
        import emcee
    except ModuleNotFoundError as error:
        raise InputError(
            "Sampling needs the Python package emcee, which is not installed; install it "
            "(pip install emcee, or her2immuno[mcmc]) or use the method map."
        ) from error
    return emcee


def _start(log_density: LogDensity, points: np.ndarray, walkers: int, random: np.random.RandomState) -> np.ndarray:
    """One of the points that can be simulated a walker, no two alike."""
    points = np.unique(points, axis=0)
    points = random.permutation(points[np.isfinite(log_density(points))])[:walkers]
    if len(points) == walkers:
        return points
    raise InputError("The sampler found no start that can be simulated; the posterior mode is all that can be trusted.")


def _kept(chain: np.ndarray, learning: int) -> tuple[np.ndarray, int]:
    """The chain without what was learned from and its burn-in: two autocorrelation times, at most half."""
    chain = chain[learning:]
    burn_in = min(int(2 * autocorrelation_time(chain).max()), len(chain) // 2)
    return chain[burn_in:], learning + burn_in

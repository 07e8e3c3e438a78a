"""How far the draws of a sampler can be trusted: autocorrelation time, effective sample size, split R-hat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ENOUGH_TAU = 50.0
"""Autocorrelation times a chain must last before its own estimate of them is reliable."""
HIGHEST_R_HAT = 1.02
WINDOW = 5.0
"""The window of the autocorrelation sum, in autocorrelation times (Sokal 1997)."""


@dataclass(frozen=True)
class Sampling:
    """How a sampler ran.

    Attributes
    ----------
    walkers, steps, burn_in : int
        Chains, steps of each, and steps left out at the start.
    acceptance : float
        Share of the steps on which a walker moved.
    tau : dict of str to float
        Integrated autocorrelation time of each parameter (steps).
    effective : dict of str to float
        Effective number of independent draws of each parameter.
    r_hat : dict of str to float
        Split R-hat of each parameter; 1 where all chains agree.
    converged : bool
        Whether the chains lasted 50 autocorrelation times and agree (R-hat at most 1.02).
    """

    walkers: int
    steps: int
    burn_in: int
    acceptance: float
    tau: dict[str, float]
    effective: dict[str, float]
    r_hat: dict[str, float]
    converged: bool


def autocorrelation_time(chain: np.ndarray) -> np.ndarray:
    """Integrated autocorrelation time of each parameter, averaged over walkers.

    Goodman and Weare, Commun Appl Math Comput Sci 2010;5:65-80, with the window of Sokal (1997).

    Parameters
    ----------
    chain : array (steps, walkers, p)

    Returns
    -------
    array (p,)
        In steps, 1 for independent draws.
    """
    steps = len(chain)
    moved = chain - chain.mean(axis=(0, 1))
    size = 2 ** int(np.ceil(np.log2(2 * steps)))
    power = np.zeros((size // 2 + 1, chain.shape[2]))
    for walker in range(chain.shape[1]):
        power += np.square(np.abs(np.fft.rfft(moved[:, walker], n=size, axis=0)))
    correlation = np.fft.irfft(power, n=size, axis=0)[:steps]
    correlation /= np.where(correlation[0] > 0, correlation[0], 1.0)
    sums = 2.0 * np.cumsum(correlation, axis=0) - 1.0
    inside = np.arange(steps)[:, None] < WINDOW * sums
    window = np.where(inside.all(axis=0), steps - 1, np.argmin(inside, axis=0))
    return np.maximum(sums[window, np.arange(chain.shape[2])], 1.0)


def split_r_hat(chain: np.ndarray) -> np.ndarray:
    """Split R-hat of each parameter: every chain halved, spread between the halves against that within.

    Gelman et al., Bayesian Data Analysis, 3rd edition, section 11.4.

    Parameters
    ----------
    chain : array (steps, walkers, p)

    Returns
    -------
    array (p,)
    """
    half = len(chain) // 2
    halves = np.concatenate([chain[:half], chain[half : 2 * half]], axis=1)
    within = halves.var(axis=0, ddof=1).mean(axis=0)
    between = half * halves.mean(axis=0).var(axis=0, ddof=1)
    pooled = (half - 1) / half * within + between / half
    return np.sqrt(pooled / np.where(within > 0, within, np.inf))


def judge(chain: np.ndarray, names: tuple[str, ...], burn_in: int, acceptance: float) -> Sampling:
    """Diagnostics of a chain (steps, walkers, p) from which `burn_in` steps were already left out."""
    steps, walkers, _ = chain.shape
    tau, r_hat = autocorrelation_time(chain), split_r_hat(chain)
    return Sampling(
        walkers=walkers,
        steps=steps + burn_in,
        burn_in=burn_in,
        acceptance=acceptance,
        tau=dict(zip(names, tau.tolist(), strict=True)),
        effective=dict(zip(names, (steps * walkers / tau).tolist(), strict=True)),
        r_hat=dict(zip(names, r_hat.tolist(), strict=True)),
        converged=bool(steps >= ENOUGH_TAU * tau.max() and r_hat.max() <= HIGHEST_R_HAT),
    )


def warnings_of(sampling: Sampling) -> tuple[str, ...]:
    """What to say of a run that has not converged; nothing of one that has."""
    if sampling.converged:
        return ()
    slow, uneven = max(sampling.tau, key=sampling.tau.get), max(sampling.r_hat, key=sampling.r_hat.get)
    kept = sampling.steps - sampling.burn_in
    return (
        f"The sampler has NOT converged: {kept} steps are {kept / sampling.tau[slow]:.0f} autocorrelation times of "
        f"{slow} (50 are needed) and the largest R-hat is {sampling.r_hat[uneven]:.3f} ({uneven}); trust the posterior "
        "mode, not the intervals, and allow more steps.",
    )

"""How far draws can be trusted: autocorrelation time, effective sample size, split R-hat, tail of weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ENOUGH_TAU = 50.0
"""Autocorrelation times a chain must last before its own estimate of them is reliable."""
HIGHEST_R_HAT = 1.02
ENOUGH_DRAWS = 2000.0
"""Effective draws of each parameter that weighted points must be worth."""
HEAVIEST_TAIL = 0.7
"""Pareto shape of the largest weights from which a weighted mean cannot be trusted (Vehtari et al. 2024)."""
QUANTILES, ENOUGH_OF_QUANTILES = (0.05, 0.5, 0.95), 1000.0
"""Quantiles of each parameter, and effective draws that weighted points must be worth of each."""
WINDOW = 5.0
"""The window of the autocorrelation sum, in autocorrelation times (Sokal 1997)."""


@dataclass(frozen=True)
class Sampling:
    """How a sampler ran, or how independent points were weighed.

    Attributes
    ----------
    walkers, steps, burn_in : int
        Chains, steps of each, and steps left out at the start; batches of points, points of each, and 0.
    acceptance : float
        Share of the steps on which a walker moved; of the points that are effective.
    tau : dict of str to float
        Integrated autocorrelation time of each parameter (steps); points for an effective draw.
    effective : dict of str to float
        Effective number of independent draws of each parameter.
    r_hat : dict of str to float
        Split R-hat of each parameter; 1 where all chains, or batches, agree.
    converged : bool
        Whether the chains lasted 50 autocorrelation times and agree (R-hat at most 1.02); or whether the weighted
        points are worth 2000 draws of each mean and 1000 of each quantile and agree, and their tail is at most 0.7.
    tail : float or None
        Pareto shape of the largest weights; None for a sampler.
    """

    walkers: int
    steps: int
    burn_in: int
    acceptance: float
    tau: dict[str, float]
    effective: dict[str, float]
    r_hat: dict[str, float]
    converged: bool
    tail: float | None = None


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
    """Diagnostics of a chain (steps, walkers, p) from which `burn_in` steps were already left out.

    The worst of the values, of their ranks and of how far the ranks are from the middle: values alone say little of a
    heavy tail (Vehtari et al., Bayesian Anal 2021;16:667).
    """
    steps, walkers, _ = chain.shape
    ranks = _ranks(chain)
    seen = (chain, ranks, np.abs(ranks - 0.5))
    tau = np.max([autocorrelation_time(one) for one in seen], axis=0)
    r_hat = np.max([split_r_hat(one) for one in seen], axis=0)
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


def _ranks(chain: np.ndarray) -> np.ndarray:
    """Ranks of the values of each parameter in all of a chain, as shares."""
    flat = chain.reshape(-1, chain.shape[2])
    ranks, places = np.empty(flat.shape), (np.arange(len(flat)) + 0.5) / len(flat)
    np.put_along_axis(ranks, np.argsort(flat, axis=0), places[:, None], axis=0)
    return ranks.reshape(chain.shape)


def smoothed(log_weight: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights (m,) that sum to 1, the largest replaced by quantiles of the Pareto distribution fitted to them.

    Vehtari et al., J Mach Learn Res 2024;25:72; the fit is that of Zhang and Stephens, Technometrics 2009;51:316.

    Returns
    -------
    weight : array (m,)
    tail : float
        Shape of the Pareto distribution; infinite where too few weights are left to tell.
    """
    weight = np.exp(log_weight - log_weight.max())
    most = int(min(0.2 * weight.size, 3 * np.sqrt(weight.size)))
    order = np.argsort(weight, kind="stable")
    largest, edge = order[-most:], weight[order[-most - 1]]
    excess = weight[largest] - edge
    if edge <= 0 or np.count_nonzero(excess) < 5:
        return weight / weight.sum(), np.inf
    scale, tail = _pareto(excess[excess > 0])
    share = (np.arange(most) + 0.5) / most
    quantile = -np.log1p(-share) if abs(tail) < 1e-9 else np.expm1(-tail * np.log1p(-share)) / tail
    weight[largest] = np.minimum(edge + scale * quantile, 1.0)
    return weight / weight.sum(), tail


def _pareto(excess: np.ndarray) -> tuple[float, float]:
    """Scale and shape of the generalised Pareto distribution of increasing numbers, held a little to a shape of 0.5."""
    n = excess.size
    grid = np.arange(1, 31 + int(np.sqrt(n)))
    inverse = 1 / excess[-1] + (1 - np.sqrt(grid.size / (grid - 0.5))) / (3 * excess[int(n / 4 + 0.5) - 1])
    shape = np.log1p(-inverse[:, None] * excess).mean(axis=1)
    likelihood = n * (np.log(-inverse / shape) - shape - 1)
    chance = np.exp(likelihood - likelihood.max())
    inverse = float(inverse @ chance / chance.sum())
    shape = float(np.log1p(-inverse * excess).mean())
    return -shape / inverse, (n * shape + 5.0) / (n + 10.0)


def judge_weights(
    points: np.ndarray, weight: np.ndarray, tail: float, names: tuple[str, ...], batches: int
) -> Sampling:
    """Diagnostics of weighted points (m, p), which are that many independent batches in a row."""
    mean = weight @ points
    away = np.square(points - mean)
    variance = weight @ away
    effective = variance / (np.square(weight) @ away)
    by_batch = weight.reshape(batches, -1)
    sums = np.einsum("bm,bmp->bp", by_batch, points.reshape(batches, -1, mean.size))
    means = sums / np.maximum(by_batch.sum(axis=1), 1e-300)[:, None]
    r_hat = np.sqrt(1 + np.var(means, axis=0, ddof=1) / variance)
    return Sampling(
        walkers=batches,
        steps=by_batch.shape[1],
        burn_in=0,
        acceptance=float(1 / np.square(weight).sum() / weight.size),
        tau=dict(zip(names, (weight.size / effective).tolist(), strict=True)),
        effective=dict(zip(names, effective.tolist(), strict=True)),
        r_hat=dict(zip(names, r_hat.tolist(), strict=True)),
        converged=bool(
            effective.min() >= ENOUGH_DRAWS
            and r_hat.max() <= HIGHEST_R_HAT
            and tail <= HEAVIEST_TAIL
            and worth_of_quantiles(points, weight).min() >= ENOUGH_OF_QUANTILES
        ),
        tail=float(tail),
    )


def worth_of_quantiles(points: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Effective draws of each parameter (p,) by the quantile of which weighted points (m, p) say least."""
    places = np.searchsorted(np.cumsum(weight), (np.arange(1000) + 0.5) / 1000).clip(max=weight.size - 1)
    worth = np.full(points.shape[1], np.inf)
    for edge in np.quantile(points[places], QUANTILES, axis=0):
        below = points < edge
        share = weight @ below
        error = np.square(weight) @ np.square(below - share)
        worth = np.minimum(worth, share * (1 - share) / np.maximum(error, 1e-300))
    return worth


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

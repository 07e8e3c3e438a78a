"""The right-hand side of the treated TIVNH model for large batches; `tivnh_treated.rhs` says the same as it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .stacked_rhs import Numbers, stacked

DRUGS = ("trastuzumab", "cytotoxic", "checkpoint_inhibitor")
# Places of the coefficients. The first five multiply the states in their order, the next three T, N and H.
_OF_STATES, _CAPACITY, _CLEARED, _ETA = slice(0, 5), 5, 6, 7
# Places of the rates that drugs change: with no drug, and what its full effect adds.
_FREE, _GAINED = slice(8, 13), slice(13, 18)
_KILLS, _HALVES = slice(18, 20), (20, 21, 22)
_V50, _B, _DEL, _GAM = 23, 24, 25, 26
# Places of the rates: the checkpoint inhibitor changes the first two, trastuzumab the next three.
_MU_I, _OF_I_AND_V, _GROWTH, _INFLUX, _KILL, _IMMUNE_KILL = 0, slice(1, 3), 3, 4, 5, 6
_BY_CHECKPOINT, _BY_TRASTUZUMAB, _BY_CYTOTOXIC = slice(0, 2), slice(2, 5), slice(5, 7)


@dataclass(frozen=True, eq=False)
class Rates:
    """What drugs make of the rates.

    Attributes
    ----------
    at : array (stages, 7, rows)
    has_cytotoxic : bool
    work : array (15, rows)
        To compute in.
    """

    at: np.ndarray
    has_cytotoxic: bool
    work: np.ndarray


def coefficients(p: Numbers) -> np.ndarray:
    """Coefficients, array (27, rows), of the parameters."""
    return stacked(
        *(p[name] for name in ("a_T", "a_I", "a_V", "a_N", "rho")),
        1.0 / np.asarray(p["K"]),
        p["mu_N"],
        p["eta"],
        *(p["mu_I"], p["mu_T"], p["mu_V"], p["g"], 1.0),
        -p["mu_I"] * p["e_B"],
        p["mu_T"] * p["s_B"],
        -p["mu_V"] * p["n_A"],
        -p["g"] * p["e_A"],
        p["f_A"],
        *(p[name] for name in ("k_P", "k_I", "C50_A", "C50_P", "C50_B", "v50", "b", "del", "gam")),
    )


def rates(c: np.ndarray, amounts: Sequence[Numbers]) -> Rates:
    """The rates at each stage from the amounts of the drugs there."""
    at = np.empty((len(amounts), 7, c.shape[1]))
    trastuzumab, cytotoxic, checkpoint = (
        _effect(amounts, drug, c[half]) for drug, half in zip(DRUGS, _HALVES, strict=True)
    )
    free, gained = c[_FREE], c[_GAINED]
    for places, effect in ((_BY_CHECKPOINT, checkpoint), (_BY_TRASTUZUMAB, trastuzumab)):
        if effect is None:
            at[:, places] = free[places]
        else:
            np.multiply(effect, gained[places], out=at[:, places])
            at[:, places] += free[places]
    if cytotoxic is not None:
        np.multiply(cytotoxic, c[_KILLS], out=at[:, _BY_CYTOTOXIC])
    return Rates(at, cytotoxic is not None, np.empty((15, c.shape[1])))


def _effect(amounts: Sequence[Numbers], drug: str, half: np.ndarray) -> np.ndarray | None:
    """Share of the full effect at each stage, array (stages, 1, rows) or (rows,); None for a drug not given."""
    first = amounts[0][drug]
    if not np.ndim(first):  # a number stays as it is
        return first / (first + half) if first else None
    amount = np.concatenate([each[drug] for each in amounts]).reshape(len(amounts), 1, -1)
    amount /= amount + half
    return amount


def stage(y: np.ndarray, c: np.ndarray, rates: Rates, number: int, out: np.ndarray) -> None:
    """dy/dt at one of the stages of `rates`, as `tivnh_treated.rhs`; every product is in place."""
    T, I, V, N, H = y  # noqa: E741
    rate, work = rates.at[number], rates.work
    of_states, left, other = work[:5], work[5:10], work[10:15]
    np.multiply(c[_OF_STATES], y, out=of_states)
    np.subtract(1.0, y, out=left)
    grown, called, influx, by_necrosis, growth = of_states  # a_T T, a_I I, a_V V, a_N N, rho H
    full, killed, lost, cleared, part = other
    np.multiply(rate[_OF_I_AND_V], y[1:3], out=other[1:3])

    np.multiply(c[_CAPACITY], T, out=full)
    np.subtract(1.0, full, out=full)
    growth += 1.0
    growth *= rate[_GROWTH]
    growth *= full
    growth -= killed
    influx += by_necrosis
    influx *= left[1]
    influx *= rate[_INFLUX]
    np.multiply(rate[_MU_I], T, out=killed)
    if rates.has_cytotoxic:
        np.add(V, c[_V50], out=full)
        np.divide(V, full, out=full)
        full *= rate[_KILL]
        np.multiply(c[_ETA], H, out=part)
        np.subtract(1.0, part, out=part)
        full *= part
        growth -= full
        killed += rate[_IMMUNE_KILL]
    killed *= I
    np.multiply(growth, T, out=out[0])
    np.subtract(influx, killed, out=out[1])

    grown += called
    grown *= left[2]
    lost *= T
    np.subtract(grown, lost, out=out[2])
    np.multiply(c[_CLEARED], N, out=cleared)
    cleared *= I
    np.multiply(c[_B], left[2], out=part)
    part *= left[3]
    np.subtract(part, cleared, out=out[3])
    np.subtract(c[_DEL], V, out=part)
    part *= left[4]
    part *= H
    np.multiply(part, c[_GAM], out=out[4])

"""Contrast agent concentration from the dynamic signal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report

from ..voxels.chunks import in_chunks
from ..voxels.status import Status
from .baseline import baseline_frames
from .spgr import check_sequence, r1_from_relative_signal, steady_state

Rows = slice | np.ndarray


@dataclass(frozen=True, eq=False)
class Concentration:
    """Concentration curves.

    Attributes
    ----------
    concentration_mM : ndarray, shape (..., t)
        NaN in every frame of a voxel with a status other than OK or ABOVE_CEILING; with ABOVE_CEILING, NaN in the
        frames at or above the ceiling.
    status : ndarray of uint8, shape (...)
    """

    concentration_mM: np.ndarray
    status: np.ndarray


@dataclass(frozen=True, eq=False)
class Conversion:
    """What turns the signal of n voxels into concentration.

    Attributes
    ----------
    tr_s, r1_per_mM_s : float
    baseline : ndarray of int
        Frames before the agent arrives.
    t10_s : ndarray, shape (n,)
    flip_deg : ndarray, shape (n,)
        Actual flip angle.
    m0 : ndarray, shape (n,), or None
        Equilibrium signal; None: from the baseline frames and T10.
    """

    tr_s: float
    r1_per_mM_s: float
    baseline: np.ndarray
    t10_s: np.ndarray
    flip_deg: np.ndarray
    m0: np.ndarray | None = None

    def of(self, rows: Rows) -> Conversion:
        """That of some of the voxels."""
        m0 = None if self.m0 is None else self.m0[rows]
        return replace(self, t10_s=self.t10_s[rows], flip_deg=self.flip_deg[rows], m0=m0)

    def concentration(self, signal: np.ndarray, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
        """Curves in mM (m, t) and status (m,) of the voxels `rows`, from their signal (m, t)."""
        signal = np.asarray(signal, dtype=np.float64)
        ceiling, status = self.ceiling(signal, rows)
        curves = self.invert(signal, ceiling, rows)
        above = (status == Status.OK) & np.isnan(curves).any(axis=1)
        status[above] = Status.ABOVE_CEILING
        return curves, status

    def invert(self, signal: np.ndarray, ceiling: np.ndarray, rows: Rows) -> np.ndarray:
        """Concentration (m, t) for a known ceiling (m,); NaN at or above it, and where it is NaN."""
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = signal / ceiling[:, None]
            r1 = r1_from_relative_signal(relative, tr_s=self.tr_s, flip_deg=self.flip_deg[rows][:, None])
            return (r1 - 1.0 / self.t10_s[rows][:, None]) / self.r1_per_mM_s

    def ceiling(self, signal: np.ndarray, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
        """Largest signal the sequence can give, `M0 sin(a)` (m,), and status; NaN where that is not OK."""
        t10_s, flip_deg = self.t10_s[rows], self.flip_deg[rows]
        status = np.full(len(signal), Status.OK, np.uint8)
        status[~(np.isfinite(t10_s) & (t10_s > 0) & (flip_deg > 0) & (flip_deg < 180))] = Status.NO_T1
        finite = np.isfinite(signal).all(axis=1)
        frames = np.where(finite[:, None], signal[:, self.baseline], 0.0)
        # Added frame by frame: a sum over an axis is rounded otherwise for one voxel than for many.
        before = np.cumsum(frames, axis=1)[:, -1] / self.baseline.size
        known = before if self.m0 is None else self.m0[rows]
        status[finite & ~((before > 0) & (known > 0) & np.isfinite(known))] = Status.NO_SIGNAL
        status[~finite] = Status.NOT_FINITE
        good, ceiling = status == Status.OK, np.full(len(signal), np.nan)
        if self.m0 is None:
            share = steady_state(1.0 / t10_s[good], tr_s=self.tr_s, flip_deg=flip_deg[good])
            ceiling[good] = before[good] / share
        else:
            ceiling[good] = known[good] * np.sin(np.deg2rad(flip_deg[good]))
        return ceiling, status


def concentration_from_signal(
    signal: np.ndarray,
    *,
    tr_s: float,
    flip_deg: float,
    t10_s: np.ndarray | float,
    r1_per_mM_s: float,
    baseline: slice | Sequence[int],
    m0: np.ndarray | float | None = None,
    b1: np.ndarray | float | None = None,
    report: Report | None = None,
) -> Concentration:
    """Concentration from SPGR signal, with the equilibrium signal from the baseline frames and T10, or given.

    Parameters
    ----------
    signal : ndarray, shape (..., t)
    tr_s, flip_deg : float
    t10_s : ndarray, shape (...), or float
        T1 before contrast agent.
    r1_per_mM_s : float
        Relaxivity of the agent.
    baseline : slice or sequence of int
        Frames before the agent arrives.
    m0 : ndarray, shape (...), or float, optional
        Equilibrium signal M0, measured with the same receiver gain; the baseline frames then count no more.
    b1 : ndarray, shape (...), or float, optional
        Actual flip angle = b1 x nominal.
    report : Report, optional

    Returns
    -------
    Concentration
        `(R1 - R10) / r1`; negative values are kept. float32 for float32 signal, else float64.

    Raises
    ------
    InputError
        For a sequence, relaxivity, baseline or map that cannot be.

    References
    ----------
    Tofts et al., J Magn Reson Imaging 10:223 (1999); Schabel & Parker, Phys Med Biol 53:2345 (2008).
    """
    signal = np.asarray(signal)
    conversion = make_conversion(
        signal.shape,
        tr_s=tr_s,
        flip_deg=flip_deg,
        t10_s=t10_s,
        r1_per_mM_s=r1_per_mM_s,
        baseline=baseline,
        m0=m0,
        b1=b1,
    )
    flat = signal.reshape(-1, signal.shape[-1])
    result = np.empty(flat.shape, np.float32 if signal.dtype == np.float32 else np.float64)
    status = np.empty(len(flat), np.uint8)

    def work(piece: slice) -> None:
        result[piece], status[piece] = conversion.concentration(flat[piece], piece)

    in_chunks(work, len(flat), report, "Signal to concentration")
    return Concentration(result.reshape(signal.shape), status.reshape(signal.shape[:-1]))


def make_conversion(
    shape: tuple[int, ...],
    *,
    tr_s: float,
    flip_deg: float,
    t10_s: np.ndarray | float,
    r1_per_mM_s: float,
    baseline: slice | Sequence[int],
    m0: np.ndarray | float | None = None,
    b1: np.ndarray | float | None = None,
) -> Conversion:
    """Conversion of signal of shape (..., t); the other parameters are those of `concentration_from_signal`.

    Raises
    ------
    InputError
    """
    check_sequence(tr_s, flip_deg)
    if not (math.isfinite(r1_per_mM_s) and r1_per_mM_s > 0):
        raise InputError(f"The relaxivity is {r1_per_mM_s} /mM/s; give the agent's r1 at this field, above 0.")
    actual = float(flip_deg) if b1 is None else flip_deg * np.asarray(b1, dtype=np.float64)
    return Conversion(
        tr_s=tr_s,
        r1_per_mM_s=r1_per_mM_s,
        baseline=baseline_frames(baseline, shape[-1]),
        t10_s=_of_voxels(t10_s, shape[:-1], "T1 map"),
        flip_deg=_of_voxels(actual, shape[:-1], "B1 map"),
        m0=None if m0 is None else _of_voxels(m0, shape[:-1], "M0 map"),
    )


def _of_voxels(values: np.ndarray | float, shape: tuple[int, ...], what: str) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    if values.ndim and values.shape != shape:
        raise InputError(f"The {what} has shape {values.shape} but the images have {shape}; use one grid.")
    return np.broadcast_to(values, shape).reshape(-1) if values.ndim else np.broadcast_to(values, math.prod(shape))

"""T1 from spoiled gradient echoes at several flip angles (variable flip angle, VFA)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report

from ..voxels.chunks import in_chunks
from ..voxels.status import Status
from .spgr import check_sequence

METHODS = ("nonlinear", "linear")
T1_RANGE_S = (0.01, 20.0)
MAX_ITERATIONS = 40
START_T1_S = 1.0


@dataclass(frozen=True, eq=False)
class T1Result:
    """T1 of each voxel.

    Attributes
    ----------
    t1_s, m0, t1_sd_s : ndarray, shape (...)
        NaN without a valid result; `t1_sd_s` is NaN as well where two flips leave no residual.
    status : ndarray of uint8, shape (...)
    """

    t1_s: np.ndarray
    m0: np.ndarray
    t1_sd_s: np.ndarray
    status: np.ndarray

    @property
    def r1_per_s(self) -> np.ndarray:
        return 1.0 / self.t1_s


def t1_from_vfa(
    signal: np.ndarray,
    flip_deg: Sequence[float],
    tr_s: float,
    *,
    b1: np.ndarray | None = None,
    method: str = "nonlinear",
    report: Report | None = None,
) -> T1Result:
    """T1 and M0 from the signal at two or more flip angles.

    Parameters
    ----------
    signal : ndarray, shape (..., flip)
    flip_deg : sequence of float
        Nominal flip angles.
    tr_s : float
    b1 : ndarray, shape (...), optional
        Actual flip angle = b1 x nominal.
    method : str
        `nonlinear` least squares (with M0 eliminated, started from the linear fit), or `linear` (DESPOT1). With two
        flips both are the same line through two points.
    report : Report, optional

    Returns
    -------
    T1Result
        A voxel whose T1 is not within 0.01 to 20 s has status NO_T1.

    Raises
    ------
    InputError
        For fewer than two different flips, or shapes that do not fit.

    References
    ----------
    Deoni, Rutt, Peters, Magn Reson Med 49:515 (2003); Golub & Pereyra, SIAM J Numer Anal 10:413 (1973).
    """
    signal, flips = np.asarray(signal), np.asarray(flip_deg, dtype=np.float64).ravel()
    _check(signal, flips, tr_s, b1, method)
    flat = signal.reshape(-1, flips.size)
    scale = None if b1 is None else np.asarray(b1, dtype=np.float64).reshape(-1)
    fields = np.full((3, len(flat)), np.nan)
    status = np.empty(len(flat), np.uint8)

    def work(piece: slice) -> None:
        fields[:, piece], status[piece] = _fit(
            flat[piece], flips, tr_s, None if scale is None else scale[piece], method == "nonlinear" and flips.size > 2
        )

    in_chunks(work, len(flat), report, "T1 from flip angles", size=8192)
    t1_s, m0, sd = (field.reshape(signal.shape[:-1]) for field in fields)
    return T1Result(t1_s, m0, sd, status.reshape(signal.shape[:-1]))


def _check(signal: np.ndarray, flips: np.ndarray, tr_s: float, b1: np.ndarray | None, method: str) -> None:
    if method not in METHODS:
        raise InputError(f"T1 method {method!r} is unknown; choose {' or '.join(METHODS)}.")
    for flip in flips:
        check_sequence(tr_s, float(flip))
    if np.unique(flips).size < 2:
        raise InputError("T1 needs images at two or more different flip angles; all given flips are the same.")
    if np.unique(flips).size < flips.size:
        raise InputError("A flip angle occurs twice among the T1 images; keep one image a flip angle.")
    if signal.ndim == 0 or signal.shape[-1] != flips.size:
        raise InputError(f"The T1 images have shape {signal.shape}; the last axis must be {flips.size} flip angles.")
    if b1 is not None and np.shape(b1) != signal.shape[:-1]:
        raise InputError(f"The B1 map has shape {np.shape(b1)} but the T1 images {signal.shape[:-1]}; use one grid.")


def _fit(
    signal: np.ndarray, flips: np.ndarray, tr_s: float, b1: np.ndarray | None, nonlinear: bool
) -> tuple[np.ndarray, np.ndarray]:
    """(t1, m0, sd) and status of voxels (n, flip)."""
    signal = np.ascontiguousarray(signal.T, dtype=np.float64)
    angle = np.deg2rad(flips)[:, None] if b1 is None else np.deg2rad(flips)[:, None] * b1
    status = np.full(signal.shape[1], Status.OK, np.uint8)
    status[~(signal > 0).any(axis=0)] = Status.NO_SIGNAL
    status[~np.isfinite(signal).all(axis=0)] = Status.NOT_FINITE
    if b1 is not None:
        status[~(np.isfinite(b1) & (b1 > 0) & (angle.max(axis=0) < np.pi))] = Status.NO_T1
    good = status == Status.OK
    fields = np.full((3, signal.shape[1]), np.nan)
    if not good.any():
        return fields, status
    signal, angle = signal[:, good], angle if b1 is None else angle[:, good]
    sine, cosine = np.sin(angle), np.cos(angle)
    lowest, highest = np.exp(-tr_s / np.asarray(T1_RANGE_S))
    e1, e1_sd = _linear(signal, sine, cosine)
    if nonlinear:
        start = np.where((e1 > lowest) & (e1 < highest), e1, np.exp(-tr_s / START_T1_S))
        e1 = _nonlinear(signal, sine, cosine, start, (lowest, highest))
        e1_sd = _e1_sd(signal, sine, cosine, e1)
    valid = (e1 > lowest * (1 + 1e-12)) & (e1 < 1 - (1 - highest) * (1 + 1e-9))
    e1 = np.where(valid, e1, np.nan)
    shape = sine * (1 - e1) / (1 - cosine * e1)
    m0 = np.einsum("fn,fn->n", signal, shape) / np.einsum("fn,fn->n", shape, shape)
    valid &= m0 > 0
    log_e1 = np.log(e1)
    results = np.stack([-tr_s / log_e1, m0, tr_s / (e1 * log_e1**2) * e1_sd])
    fields[:, good] = np.where(valid, results, np.nan)
    status[good] = np.where(valid, Status.OK, Status.NO_T1)
    return fields, status


def _linear(signal: np.ndarray, sine: np.ndarray, cosine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """E1 as the slope of S/sin against S/tan, with its standard deviation."""
    y, x = signal / sine, signal * (cosine / sine)
    n = len(signal)
    dx, dy = x - x.mean(axis=0), y - y.mean(axis=0)
    sxx, sxy = np.einsum("fn,fn->n", dx, dx), np.einsum("fn,fn->n", dx, dy)
    usable = sxx > 0
    e1 = np.divide(sxy, sxx, out=np.full(sxx.shape, np.nan), where=usable)
    if n < 3:
        return e1, np.full(e1.shape, np.nan)
    rss = np.einsum("fn,fn->n", dy - e1 * dx, dy - e1 * dx)
    return e1, np.sqrt(np.divide(rss, (n - 2) * sxx, out=np.full(sxx.shape, np.nan), where=usable))


def _nonlinear(
    signal: np.ndarray, sine: np.ndarray, cosine: np.ndarray, e1: np.ndarray, limits: tuple[float, float]
) -> np.ndarray:
    """E1 that minimises the squared residuals with M0 eliminated; Newton on the reduced function.

    A step that is too long, or uphill for want of curvature, is cut to a factor of three in `1 - E1`.
    """
    result = e1.copy()
    active = np.arange(e1.size)
    for _ in range(MAX_ITERATIONS):
        gradient, curvature = _reduced_derivatives(signal, sine, cosine, e1)
        rest = 1.0 - e1
        step = np.where(curvature > 0, -gradient / np.where(curvature > 0, curvature, 1.0), -np.sign(gradient))
        new_rest = np.clip(rest - step, rest / 3, rest * 3)
        new = np.clip(1.0 - new_rest, *limits)
        result[active] = new
        moving = np.abs(new - e1) > 1e-10 * rest
        if not moving.any():
            break
        active, e1, signal = active[moving], new[moving], signal[:, moving]
        if sine.shape[1] > 1:
            sine, cosine = sine[:, moving], cosine[:, moving]
    return result


def _reduced_derivatives(
    signal: np.ndarray, sine: np.ndarray, cosine: np.ndarray, e1: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """First and second derivative with respect to E1 of `-(s.g)^2 / (2 g.g)`, g the SPGR shape for M0 = 1."""
    w = 1.0 / (1.0 - cosine * e1)
    g = sine * (1.0 - e1) * w
    dg = (sine * (cosine - 1.0)) * w * w
    ddg = dg * (2.0 * cosine) * w
    dot = _dot
    p, dp, ddp = dot(signal, g), dot(signal, dg), dot(signal, ddg)
    q, dq, ddq = dot(g, g), 2 * dot(g, dg), 2 * (dot(dg, dg) + dot(g, ddg))
    m0 = p / q
    gradient = m0 * (0.5 * m0 * dq - dp)
    dm0 = (dp - m0 * dq) / q
    curvature = dm0 * (m0 * dq - dp) + m0 * (0.5 * m0 * ddq - ddp)
    return gradient, curvature


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.einsum("fn,fn->n", a, b)


def _e1_sd(signal: np.ndarray, sine: np.ndarray, cosine: np.ndarray, e1: np.ndarray) -> np.ndarray:
    """Standard deviation of E1 from s^2 (J'J)^-1 of the model with M0 and E1 free."""
    w = 1.0 / (1.0 - cosine * e1)
    g = sine * (1.0 - e1) * w
    dg = (sine * (cosine - 1.0)) * w * w
    q, cross, d = _dot(g, g), _dot(g, dg), _dot(dg, dg)
    m0 = _dot(signal, g) / q
    residual = signal - m0 * g
    variance = _dot(residual, residual) / (len(signal) - 2)
    return np.sqrt(variance * q / (m0**2 * (q * d - cross**2)))

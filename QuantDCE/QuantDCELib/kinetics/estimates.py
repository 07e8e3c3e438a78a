"""Parameters with their standard errors, from where the search ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..voxels.status import Status
from .basis import Basis, curves_at
from .search import Optimum

AT_BOUND = 1e-9
SINGULAR = 1e-13
COMPLEX_STEP = 1e-30


@dataclass(frozen=True, eq=False)
class Estimates:
    """Fitted numbers of voxels (n,).

    Attributes
    ----------
    values, errors : dict of str to ndarray
    residual_power : ndarray
        Sum of squared residuals.
    status : ndarray of uint8
    """

    values: dict[str, np.ndarray]
    errors: dict[str, np.ndarray]
    residual_power: np.ndarray
    status: np.ndarray


def search_estimates(y: np.ndarray, unexplained: np.ndarray, basis: Basis, optimum: Optimum, degrees: int) -> Estimates:
    """Tofts and extended Tofts parameters.

    Parameters
    ----------
    y : ndarray, shape (n, rank)
        Compressed curves.
    unexplained : ndarray, shape (n,)
        Sum of squares of what no curve of the basis can explain.
    basis : Basis
    optimum : Optimum
    degrees : int
        Degrees of freedom: frames less parameters.
    """
    kep = np.exp(basis.log_kep[optimum.index] + optimum.offset * basis.step)
    curve, slope = curves_at(basis, optimum.index, optimum.offset)
    vp, vp_free = _plasma(y, curve, basis, optimum)
    residual = y - optimum.ktrans[:, None] * curve - vp[:, None] * basis.plasma
    rss = np.einsum("nr,nr->n", residual, residual) + unexplained
    position, (first, last) = optimum.index + optimum.offset, basis.range_ends
    at_end = (position <= first + 1e-6) | (position >= last - 1e-6)
    none = optimum.ktrans <= 0
    status = np.full(len(y), Status.OK, np.uint8)
    status[optimum.full | at_end | (~vp_free & basis.has_plasma)] = Status.AT_BOUND
    status[none] = Status.NO_UPTAKE
    values = {"Ktrans": optimum.ktrans, "kep": kep, "ve": optimum.ktrans / kep, "vp": vp}
    errors = _errors(curve, slope, basis, optimum, kep, rss / degrees, vp_free, at_end)
    for entry in (*errors.values(), values["kep"], values["ve"]):
        entry[none] = np.nan
    return Estimates(values, errors, rss, status)


def _plasma(y: np.ndarray, curve: np.ndarray, basis: Basis, optimum: Optimum) -> tuple[np.ndarray, np.ndarray]:
    """vp, and whether it is within its bounds."""
    if not basis.has_plasma:
        return np.zeros(len(y)), np.zeros(len(y), bool)
    without = y - optimum.ktrans[:, None] * curve
    best = np.einsum("nr,r->n", without, basis.plasma) / (basis.plasma @ basis.plasma)
    free = (optimum.face == 0) & (best >= 0) & (best <= 1)
    held = np.array([0.0, 0.0, 1.0])[optimum.face]
    return np.where(free, best, np.where(optimum.face == 0, np.clip(best, 0, 1), held)), free


def _errors(
    curve: np.ndarray,
    slope: np.ndarray,
    basis: Basis,
    optimum: Optimum,
    kep: np.ndarray,
    variance: np.ndarray,
    vp_free: np.ndarray,
    at_end: np.ndarray,
) -> dict[str, np.ndarray]:
    """Standard errors of the free parameters, from the Jacobian with respect to Ktrans and ln kep and, if free, vp."""
    plasma_power = basis.plasma @ basis.plasma
    ktrans = optimum.ktrans
    # Where ve is held at 1, Ktrans follows kep: one column, in the second place.
    first = np.where(optimum.full[:, None], 0.0, curve)
    second = np.where(optimum.full[:, None], kep[:, None] * (curve + slope), ktrans[:, None] * slope)
    on_plasma = [
        np.where(vp_free, np.einsum("nr,r->n", column, basis.plasma), 0.0) / plasma_power for column in (first, second)
    ]
    a, b = (column - part[:, None] * basis.plasma for column, part in zip((first, second), on_plasma, strict=True))
    aa, ab, bb = (np.einsum("nr,nr->n", x, y) for x, y in ((a, a), (a, b), (b, b)))
    with np.errstate(divide="ignore", invalid="ignore"):
        determinant = aa * bb - ab**2
        both = ~(optimum.full | at_end)
        var_k = np.where(both, bb / determinant, np.where(optimum.full, kep**2 / bb, 1 / aa)) * variance
        var_log = np.where(both, aa / determinant, np.where(optimum.full, 1 / bb, np.nan)) * variance
        cov = np.where(both, -ab / determinant, 0.0) * variance
        var_relative_ve = np.where(both, var_k / ktrans**2 + var_log - 2 * cov / ktrans, np.nan)
        through = on_plasma[0] ** 2 * np.where(optimum.full, 0.0, var_k) + 2 * on_plasma[0] * on_plasma[1] * cov
        var_vp = variance / plasma_power + through + on_plasma[1] ** 2 * np.where(at_end, 0.0, var_log)
        return {
            "Ktrans": np.sqrt(var_k),
            "kep": kep * np.sqrt(var_log),
            "ve": ktrans / kep * np.sqrt(var_relative_ve),
            "vp": np.where(vp_free, np.sqrt(var_vp), np.nan),
        }


def patlak_estimates(curves: np.ndarray, plasma: np.ndarray, integral: np.ndarray) -> Estimates:
    """Patlak parameters with PS >= 0 and 0 <= vp <= 1.

    Parameters
    ----------
    curves : ndarray, shape (n, t)
    plasma, integral : ndarray, shape (t,)
        cp and its integral (mM min) at the frames.
    """
    cc, cb, bb = plasma @ plasma, plasma @ integral, integral @ integral
    y_c, y_b = (np.einsum("nt,t->n", curves, curve) for curve in (plasma, integral))
    determinant = cc * bb - cb**2
    free = [(bb * y_c - cb * y_b) / determinant, (cc * y_b - cb * y_c) / determinant]
    inside = (free[0] >= 0) & (free[0] <= 1) & (free[1] >= 0)
    candidates = [
        (np.zeros_like(y_c), np.maximum(y_b / bb, 0)),
        (np.ones_like(y_c), np.maximum((y_b - cb) / bb, 0)),
        (np.clip(y_c / cc, 0, 1), np.zeros_like(y_b)),
    ]
    costs = [0.5 * (v * v * cc + 2 * v * k * cb + k * k * bb) - v * y_c - k * y_b for v, k in candidates]
    best = np.argmin(costs, axis=0)
    vp, ktrans = (np.where(inside, free[i], np.choose(best, [pair[i] for pair in candidates])) for i in (0, 1))
    residual = curves - vp[:, None] * plasma - ktrans[:, None] * integral
    rss = np.einsum("nt,nt->n", residual, residual)
    variance = rss / (curves.shape[1] - 2)
    vp_free, k_free = (vp > 0) & (vp < 1), ktrans > 0
    vp_error = np.sqrt(variance * np.where(k_free, bb / determinant, 1 / cc))
    k_error = np.sqrt(variance * np.where(vp_free, cc / determinant, 1 / bb))
    status = np.where(vp_free & k_free, Status.OK, np.where(k_free, Status.AT_BOUND, Status.NO_UPTAKE))
    errors = {"vp": np.where(vp_free, vp_error, np.nan), "Ktrans": np.where(k_free, k_error, np.nan)}
    errors["PS"] = 100.0 * errors["Ktrans"]
    return Estimates({"vp": vp, "Ktrans": ktrans, "PS": 100.0 * ktrans}, errors, rss, status.astype(np.uint8))


def estimates_at(
    report: Callable[[np.ndarray], dict[str, np.ndarray]],
    bounds: tuple[tuple[float, float], ...],
    at: np.ndarray,
    jacobian: np.ndarray,
    residual_power: np.ndarray,
    degrees: int,
) -> Estimates:
    """Parameters with their standard errors at fitted coordinates.

    Parameters
    ----------
    report : callable
        Coordinates (n, p), which may be complex, to the reported parameters.
    bounds : tuple of (low, high)
        Of each coordinate.
    at : ndarray, shape (n, p)
    jacobian : ndarray, shape (n, p, r)
    residual_power : ndarray, shape (n,)
        Sum of squared residuals.
    degrees : int
        Degrees of freedom.
    """
    low, high = (np.array(side) for side in zip(*bounds, strict=True))
    free = (at > low + AT_BOUND) & (at < high - AT_BOUND)
    values, slopes = _reported(report, at)
    variance = _variance(slopes, jacobian, free) * (residual_power / degrees)
    errors = {name: np.sqrt(row) for name, row in zip(values, variance, strict=True)}
    status = np.where(free.all(axis=1), Status.OK, Status.AT_BOUND).astype(np.uint8)
    none = ~(values["Ktrans"] > 0)
    status[none] = Status.NO_UPTAKE
    values["Ktrans"] = np.where(none, 0.0, values["Ktrans"])
    for name in values:
        if name in ("ve", "kep"):
            values[name] = np.where(none, np.nan, values[name])
        errors[name] = np.where(none | np.isnan(values[name]), np.nan, errors[name])
    return Estimates(values, errors, residual_power, status)


def _reported(
    report: Callable[[np.ndarray], dict[str, np.ndarray]], at: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Reported parameters and their derivatives (parameter, n, coordinate), exact by a complex step."""
    values = report(at)
    slopes = np.empty((len(values), *at.shape))
    for coordinate in range(at.shape[1]):
        moved = at.astype(complex)
        moved[:, coordinate] += 1j * COMPLEX_STEP
        slopes[:, :, coordinate] = [row.imag / COMPLEX_STEP for row in report(moved).values()]
    return values, slopes


def _variance(slopes: np.ndarray, jacobian: np.ndarray, free: np.ndarray) -> np.ndarray:
    """`g (J'J)^-1 g'` of each reported parameter with the free coordinates; NaN where they do not determine it."""
    normal = np.matmul(jacobian, jacobian.transpose(0, 2, 1)) * (free[:, :, None] & free[:, None, :])
    diagonal = np.einsum("npp->np", normal)
    scale = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    normal /= scale[:, :, None] * scale[:, None, :]
    index = np.arange(free.shape[1])
    normal[:, index, index] = 1.0
    values, vectors = np.linalg.eigh(normal)
    determined = (values[:, 0] > SINGULAR) & np.isfinite(slopes).all(axis=(0, 2))
    gradient = np.where(determined[:, None], slopes * free / scale, 0.0)
    along = np.einsum("qnp,npm->qnm", gradient, vectors)
    variance = (along**2 / np.where(determined[:, None], values, 1.0)).sum(axis=2)
    return np.where(determined & (variance > 0), variance, np.nan)

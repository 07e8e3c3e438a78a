"""Kinetics relative to a reference tissue, such as muscle, where no artery can be measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part
from scipy.integrate import cumulative_trapezoid

from .chunks import in_chunks
from .convolution import convolve_exponential
from .status import Status

SECONDS_PER_MINUTE = 60.0
RELATIVE_UNITS = {"Ktrans_rel": "1", "ve_rel": "1", "kep": "1/min", "vp_rel": "min"}
FORMULAS = {
    "reference_region": "Ct = Krel Cref + Krel kep_ref int Cref - kep int Ct, kep_ref common to all voxels; "
    "Ahmed & Levesque, Magn Reson Med 78:1547 (2017)",
    "extended_reference_region": "int Ct = (Krel + kep vp') (int Cref + kep_ref int int Cref) "
    "+ vp' (Cref + kep_ref int Cref) - kep int int Ct, vp' = vp / Ktrans_ref; "
    "Ahmed & Levesque, NMR Biomed 31:e3924 (2018)",
}


@dataclass(frozen=True, eq=False)
class ReferenceFit:
    """Maps relative to the reference tissue; arrays have the shape of the voxels.

    Attributes
    ----------
    parameters : dict of str to ndarray
        `Ktrans_rel` = Ktrans / Ktrans_ref, `ve_rel` = ve / ve_ref, `kep` in 1/min and, with plasma, `vp_rel` =
        vp / Ktrans_ref in min.
    fitted_mM : ndarray, shape (..., t)
    rmse, r_squared : ndarray
    status : ndarray of uint8
    kep_reference_per_min : float
        kep of the reference tissue, estimated from all voxels.
    """

    parameters: dict[str, np.ndarray]
    fitted_mM: np.ndarray
    rmse: np.ndarray
    r_squared: np.ndarray
    status: np.ndarray
    kep_reference_per_min: float


def fit_reference_region(
    time_s: np.ndarray,
    concentration_mM: np.ndarray,
    reference_mM: np.ndarray,
    *,
    with_plasma: bool = False,
    kep_reference_per_min: float | None = None,
    report: Report | None = None,
) -> ReferenceFit:
    """Constrained linear reference region model, with or without a plasma volume in the tissue.

    Parameters
    ----------
    time_s : ndarray, shape (t,)
        Strictly increasing.
    concentration_mM : ndarray, shape (n, t)
        Curves of the voxels.
    reference_mM : ndarray, shape (t,)
        Curve of the reference tissue, which is taken to have no plasma volume.
    with_plasma : bool
        Fit the plasma volume of the voxels (constrained extended model, CERRM).
    kep_reference_per_min : float, optional
        By default the median over the voxels of a first, unconstrained fit.
    report : Report, optional

    Returns
    -------
    ReferenceFit
        A voxel without uptake has Krel 0 and status NO_UPTAKE, one whose kep would be negative has kep 0 and status
        AT_BOUND.

    Raises
    ------
    InputError
        If the reference does not enhance, there are too few frames, or no voxel gives a kep of the reference.

    References
    ----------
    Yankeelov et al., Magn Reson Imaging 23:519 (2005); Ahmed & Levesque, Magn Reson Med 78:1547 (2017) and NMR Biomed
    31:e3924 (2018).
    """
    minutes = np.asarray(time_s, dtype=np.float64) / SECONDS_PER_MINUTE
    curves, reference = np.asarray(concentration_mM), np.asarray(reference_mM, dtype=np.float64)
    _check(minutes, curves, reference)
    if kep_reference_per_min is None:
        kep_reference_per_min = _kep_of_reference(minutes, curves, reference, with_plasma, part(report, 0.0, 0.3))
    names = [name for name in RELATIVE_UNITS if with_plasma or name != "vp_rel"]
    maps = {name: np.full(len(curves), np.nan) for name in (*names, "rmse", "r_squared")}
    fitted = np.full(curves.shape, np.nan, np.float32)
    status = np.full(len(curves), Status.NOT_FINITE, np.uint8)

    def work(piece: slice) -> None:
        some = np.asarray(curves[piece], dtype=np.float64)
        finite = np.isfinite(some).all(axis=1)
        chosen = np.arange(len(curves))[piece][finite]
        found, codes = _solve(minutes, some[finite], reference, with_plasma, kep_reference_per_min)
        model = _forward(minutes, reference, found, kep_reference_per_min)
        status[chosen], fitted[chosen] = codes, model
        rest = ((some[finite] - model) ** 2).mean(axis=1)
        spread = some[finite].var(axis=1)
        found["rmse"] = np.sqrt(rest)
        found["r_squared"] = 1.0 - np.divide(rest, spread, out=np.full(rest.shape, np.nan), where=spread > 0)
        for name, values in maps.items():
            values[chosen] = found[name]

    in_chunks(work, len(curves), part(report, 0.3, 1.0), "Fitting the reference region model")
    rmse, r_squared = maps.pop("rmse"), maps.pop("r_squared")
    return ReferenceFit(maps, fitted, rmse, r_squared, status, kep_reference_per_min)


def _check(minutes: np.ndarray, curves: np.ndarray, reference: np.ndarray) -> None:
    if curves.ndim != 2 or curves.shape[1] != minutes.size or reference.shape != minutes.shape:
        raise InputError(f"The curves have shape {curves.shape} but there are {minutes.size} times; give one a frame.")
    if minutes.size < 6:
        raise InputError(f"A reference region needs 6 or more frames, but there are {minutes.size}.")
    if not np.isfinite(reference).all():
        raise InputError("The reference tissue has no concentration in some frame; choose another region.")
    if not reference.max() > 0 or not reference.mean() > 0:
        raise InputError("The reference tissue takes up no contrast agent; choose another region, such as muscle.")


def _integral(minutes: np.ndarray, curves: np.ndarray) -> np.ndarray:
    return cumulative_trapezoid(curves, minutes, axis=-1, initial=0.0)


def _least_squares(columns: list[np.ndarray], target: np.ndarray) -> np.ndarray:
    """Coefficients (n, p) of each row of `target` (n, t) on its columns, (n, t) or (t,); NaN where they are alike."""
    design = np.stack([np.broadcast_to(column, target.shape) for column in columns], axis=-1)
    scale = np.sqrt((design**2).sum(axis=1, keepdims=True))
    design = design / np.where(scale > 0, scale, 1.0)
    orthogonal, upper = np.linalg.qr(design)
    diagonal = np.abs(np.diagonal(upper, axis1=-2, axis2=-1))
    good = diagonal.min(axis=-1) > 1e-10
    solution = np.full((len(target), len(columns)), np.nan)
    rotated = np.einsum("ntp,nt->np", orthogonal[good], target[good])
    solution[good] = np.linalg.solve(upper[good], rotated[..., None])[..., 0]
    return solution / np.where(scale > 0, scale, 1.0)[:, 0]


def _kep_of_reference(
    minutes: np.ndarray, curves: np.ndarray, reference: np.ndarray, with_plasma: bool, report: Report | None
) -> float:
    """Median over the voxels of an unconstrained fit; the common value steadies the rest."""
    once = _integral(minutes, reference)
    found = np.full(len(curves), np.nan)

    def work(piece: slice) -> None:
        some = np.asarray(curves[piece], dtype=np.float64)
        some = np.where(np.isfinite(some).all(axis=1)[:, None], some, 0.0)
        own = _integral(minutes, some)
        if with_plasma:
            twice = _integral(minutes, once)
            a, b, c, d = _least_squares([reference, once, twice, -_integral(minutes, own)], own).T
            # b = x + a kep_ref and c = x kep_ref, with x = Krel + kep vp'.
            root = b**2 - 4 * a * c
            kep = np.divide(2 * c, b + np.sqrt(np.maximum(root, 0.0)), out=np.full(len(some), np.nan), where=root >= 0)
            good = (b > 0) & (c > 0) & (d > 0)
        else:
            a, b, d = _least_squares([reference, once, -own], some).T
            kep = np.divide(b, a, out=np.full(len(some), np.nan), where=a > 0)
            good = (a > 0) & (b > 0) & (d > 0)
        found[piece] = np.where(good, kep, np.nan)

    in_chunks(work, len(curves), report, "Estimating kep of the reference tissue")
    usable = found[np.isfinite(found) & (found > 0)]
    if not usable.size:
        raise InputError("No voxel gives a kep of the reference tissue; choose another reference region.")
    return float(np.median(usable))


def _solve(
    minutes: np.ndarray, curves: np.ndarray, reference: np.ndarray, with_plasma: bool, kep_ref: float
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Relative parameters of each curve with the common kep of the reference, and their status."""
    once = _integral(minutes, reference)
    input_like = reference + kep_ref * once
    own = _integral(minutes, curves)
    if with_plasma:
        input_like_twice, target = once + kep_ref * _integral(minutes, once), own
        columns = [input_like_twice, input_like, -_integral(minutes, own)]
        rise, plasma, kep = _least_squares(columns, target).T
        without = _least_squares(columns[:2], target)
        krel = rise - kep * plasma
    else:
        columns, target = [input_like, -own], curves
        krel, kep = _least_squares(columns, target).T
        plasma = np.zeros(len(curves))
        without = _least_squares(columns[:1], target)
    bounded = ~(kep > 0)
    krel = np.where(bounded, without[:, 0], krel)
    plasma = np.where(bounded, without[:, 1] if with_plasma else 0.0, plasma)
    kep = np.where(bounded, 0.0, kep)
    none = ~(krel > 0)
    status = np.where(none, Status.NO_UPTAKE, np.where(bounded, Status.AT_BOUND, Status.OK)).astype(np.uint8)
    krel = np.where(none, 0.0, krel)
    kep = np.where(none, np.nan, kep)
    ve_rel = np.divide(krel * kep_ref, kep, out=np.full(krel.shape, np.nan), where=kep > 0)
    return {"Ktrans_rel": krel, "ve_rel": ve_rel, "kep": kep, "vp_rel": plasma}, status


def _forward(minutes: np.ndarray, reference: np.ndarray, found: dict[str, np.ndarray], kep_ref: float) -> np.ndarray:
    """`Krel (Cref + (kep_ref - kep) Cref * exp(-kep t)) + vp' (dCref/dt + kep_ref Cref)`."""
    kep = np.where(np.isfinite(found["kep"]), found["kep"], 0.0)
    spread = convolve_exponential(minutes, reference, kep, minutes) if kep.size else np.zeros((0, minutes.size))
    plasma = np.gradient(reference, minutes) + kep_ref * reference
    slow = reference + (kep_ref - kep)[:, None] * spread
    return found["Ktrans_rel"][:, None] * slow + found["vp_rel"][:, None] * plasma

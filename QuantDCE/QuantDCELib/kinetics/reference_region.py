"""Kinetics relative to a reference tissue, such as muscle, where no artery can be measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part

from ..voxels.chunks import in_chunks
from ..voxels.status import Status
from .convolution import convolve_exponential

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
    curves = np.asarray(concentration_mM)
    minutes, reference = checked_reference(time_s, reference_mM)
    if curves.ndim != 2 or curves.shape[1] != minutes.size:
        raise InputError(f"The curves have shape {curves.shape} but there are {minutes.size} times; give one a frame.")
    if kep_reference_per_min is None:
        kep_reference_per_min = kep_of_reference(
            minutes, curves.__getitem__, len(curves), reference, with_plasma, part(report, 0.0, 0.3)
        )
    fitter = ReferenceFitter(minutes, reference, with_plasma, kep_reference_per_min)
    maps = {name: np.full(len(curves), np.nan) for name in fitter.fields}
    fitted, status = np.full(curves.shape, np.nan, np.float32), np.empty(len(curves), np.uint8)

    def work(piece: slice) -> None:
        found, status[piece] = fitter(np.asarray(curves[piece], dtype=np.float64))
        fitted[piece] = fitter.curve(found)
        for name, values in found.items():
            maps[name][piece] = values

    in_chunks(work, len(curves), part(report, 0.3, 1.0), "Fitting the reference region model")
    rmse, r_squared = maps.pop("rmse"), maps.pop("r_squared")
    return ReferenceFit(maps, fitted, rmse, r_squared, status, kep_reference_per_min)


@dataclass(frozen=True, eq=False)
class ReferenceFitter:
    """The model with a common kep of the reference tissue, ready for any number of curves.

    Attributes
    ----------
    minutes, reference_mM : ndarray, shape (t,)
    with_plasma : bool
    kep_reference_per_min : float
    """

    minutes: np.ndarray
    reference_mM: np.ndarray
    with_plasma: bool
    kep_reference_per_min: float

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the maps."""
        return *(name for name in RELATIVE_UNITS if self.with_plasma or name != "vp_rel"), "rmse", "r_squared"

    def __call__(self, curves: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Maps (n,) and status (n,) of curves (n, t); NaN and NOT_FINITE for a curve that is not finite."""
        finite = np.isfinite(curves).all(axis=1)
        usable = curves[finite]
        found, codes = _solve(self.minutes, usable, self.reference_mM, self.with_plasma, self.kep_reference_per_min)
        rest = ((usable - self.curve(found)) ** 2).mean(axis=1)
        spread = usable.var(axis=1)
        found["rmse"] = np.sqrt(rest)
        found["r_squared"] = 1.0 - np.divide(rest, spread, out=np.full(rest.shape, np.nan), where=spread > 0)
        maps = {name: np.full(len(curves), np.nan) for name in self.fields}
        status = np.full(len(curves), Status.NOT_FINITE, np.uint8)
        status[finite] = codes
        for name, values in maps.items():
            values[finite] = found[name]
        return maps, status

    def curve(self, found: dict[str, np.ndarray]) -> np.ndarray:
        """Fitted curves (n, t) of maps (n,)."""
        return _forward(self.minutes, self.reference_mM, found, self.kep_reference_per_min)


def checked_reference(time_s: np.ndarray, reference_mM: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Times in minutes and the curve of the reference tissue, as float64.

    Raises
    ------
    InputError
    """
    minutes = np.asarray(time_s, dtype=np.float64) / SECONDS_PER_MINUTE
    reference = np.asarray(reference_mM, dtype=np.float64)
    if reference.shape != minutes.shape:
        raise InputError(f"The reference has {reference.size} values at {minutes.size} times; give one a frame.")
    if minutes.size < 6:
        raise InputError(f"A reference region needs 6 or more frames, but there are {minutes.size}.")
    if not np.isfinite(reference).all():
        raise InputError("The reference tissue has no concentration in some frame; choose another region.")
    if not reference.max() > 0 or not reference.mean() > 0:
        raise InputError("The reference tissue takes up no contrast agent; choose another region, such as muscle.")
    return minutes, reference


def _integral(minutes: np.ndarray, curves: np.ndarray) -> np.ndarray:
    from scipy.integrate import cumulative_trapezoid  # slow to load

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


def kep_of_reference(
    minutes: np.ndarray,
    curves_of: Callable[[slice], np.ndarray],
    n: int,
    reference: np.ndarray,
    with_plasma: bool,
    report: Report | None,
) -> float:
    """Median over n voxels of an unconstrained fit; the common value steadies the rest.

    Parameters
    ----------
    minutes, reference : ndarray, shape (t,)
    curves_of : callable
        Curves (m, t) of a slice of the voxels.
    n : int
    with_plasma : bool
    report : Report, optional

    Raises
    ------
    InputError
        If no voxel gives one.
    """
    found = np.full(n, np.nan)

    def work(piece: slice) -> None:
        found[piece] = _own_kep(minutes, np.asarray(curves_of(piece), dtype=np.float64), reference, with_plasma)

    in_chunks(work, n, report, "Estimating kep of the reference tissue")
    usable = found[np.isfinite(found) & (found > 0)]
    if not usable.size:
        raise InputError("No voxel gives a kep of the reference tissue; choose another reference region.")
    return float(np.median(usable))


def _own_kep(minutes: np.ndarray, curves: np.ndarray, reference: np.ndarray, with_plasma: bool) -> np.ndarray:
    """kep of the reference as each voxel (n,) has it; NaN where it has none."""
    once = _integral(minutes, reference)
    curves = np.where(np.isfinite(curves).all(axis=1)[:, None], curves, 0.0)
    own = _integral(minutes, curves)
    nothing = np.full(len(curves), np.nan)
    if not with_plasma:
        a, b, d = _least_squares([reference, once, -own], curves).T
        kep = np.divide(b, a, out=nothing, where=a > 0)
        return np.where((a > 0) & (b > 0) & (d > 0), kep, np.nan)
    twice = _integral(minutes, once)
    a, b, c, d = _least_squares([reference, once, twice, -_integral(minutes, own)], own).T
    # b = x + a kep_ref and c = x kep_ref, with x = Krel + kep vp'.
    root = b**2 - 4 * a * c
    kep = np.divide(2 * c, b + np.sqrt(np.maximum(root, 0.0)), out=nothing, where=root >= 0)
    return np.where((b > 0) & (c > 0) & (d > 0), kep, np.nan)


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
    curves = found["Ktrans_rel"][:, None] * (reference + (kep_ref - kep)[:, None] * spread)
    if "vp_rel" in found:
        curves += found["vp_rel"][:, None] * (np.gradient(reference, minutes) + kep_ref * reference)
    return curves

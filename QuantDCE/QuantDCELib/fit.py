"""Fit a tracer kinetic model to every voxel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report

from . import models
from .basis import Basis, make_basis
from .chunks import CHUNK_VOXELS, in_chunks
from .convolution import convolve_exponential
from .estimates import Estimates, patlak_estimates, search_estimates
from .refined import make_estimator
from .search import matmul_rows, search
from .status import Status

NOISE_FREE = 1e-20
"""Residual power below this fraction of the signal's is rounding; AICc is evaluated there."""


@dataclass(frozen=True, eq=False)
class FitResult:
    """Maps of a fit; every array has the leading shape of the concentrations.

    Attributes
    ----------
    parameters : dict of str to ndarray
        `Ktrans` and `kep` in 1/min, `ve` and `vp` as fractions, `Fp` and `PS` in mL/100mL/min, `delay_s`.
    standard_errors : dict of str to ndarray
        From s^2 (J'J)^-1; NaN for a parameter at its bound.
    rmse : ndarray
        Root mean square residual, mM.
    r_squared, aicc : ndarray
    status : ndarray of uint8
        Codes of `status.Status`.
    """

    parameters: dict[str, np.ndarray]
    standard_errors: dict[str, np.ndarray]
    rmse: np.ndarray
    r_squared: np.ndarray
    aicc: np.ndarray
    status: np.ndarray


def fit_model(
    name: str,
    time_s: np.ndarray,
    concentration_mM: np.ndarray,
    aif_plasma_mM: np.ndarray,
    *,
    aif_time_s: np.ndarray | None = None,
    fit_delay: bool = False,
    delay_bounds_s: tuple[float, float] = (-10.0, 10.0),
    mask: np.ndarray | None = None,
    report: Report | None = None,
    threads: int | None = None,
) -> FitResult:
    """Least squares fit with Ktrans >= 0, 0 <= vp <= 1 and ve <= 1 (with two compartments vp + ve <= 1).

    Parameters
    ----------
    name : str
        A model of `models.MODELS`.
    time_s : ndarray, shape (t,)
        Strictly increasing.
    concentration_mM : ndarray, shape (..., t)
    aif_plasma_mM : ndarray, shape (n,)
        Input in plasma, taken as linear between its samples and 0 before the first.
    aif_time_s : ndarray, shape (n,), optional
        Times of the input on the same clock; by default `time_s`.
    fit_delay : bool
        Fit by how much later than given the input arrives at each voxel: the parameter `delay_s`.
    delay_bounds_s : tuple of float
        Range of the delay.
    mask : ndarray of bool, shape (...), optional
        Voxels to fit; the others get status OUTSIDE.
    report : Report, optional
    threads : int, optional
        Pieces worked on at a time; one a core by default. The numbers do not depend on it.

    Returns
    -------
    FitResult

    Raises
    ------
    InputError
        For an unknown model, times that do not increase, shapes that do not fit, or an input that is empty.

    References
    ----------
    The model's `source`; Sourbron & Buckley, NMR Biomed 26:1004 (2013).
    """
    model = models.get(name)
    bounds = _delay_bounds(delay_bounds_s) if fit_delay else None
    if fit_delay:
        model = models.with_delay(model)
    data = np.asarray(concentration_mM)
    time, aif_time, aif = check_curves(time_s, data.shape, aif_plasma_mM, aif_time_s)
    if time.size <= model.n_free:
        raise InputError(f"{model.label} has {model.n_free} parameters, so it needs more than {time.size} frames.")
    estimate = _estimator(model, time / 60.0, aif_time / 60.0, aif, bounds)
    voxels = _voxels(data.shape[:-1], mask)
    flat = data.reshape(-1, time.size)
    dtype = np.float32 if data.dtype == np.float32 else np.float64
    maps = {field: np.full(len(flat), np.nan, dtype) for field in _fields(model)}
    status = np.full(len(flat), Status.OUTSIDE, np.uint8)

    def work(piece: slice) -> None:
        chosen = voxels[piece]
        curves = flat[chosen].astype(np.float64)
        finite = np.isfinite(curves).all(axis=1)
        status[chosen[~finite]] = Status.NOT_FINITE
        chosen, curves = chosen[finite], curves[finite]
        if not chosen.size:
            return
        estimates = estimate(curves)
        status[chosen] = estimates.status
        for field, values in _statistics(curves, estimates, model).items():
            maps[field][chosen] = values

    size = CHUNK_VOXELS // 2 if fit_delay else CHUNK_VOXELS
    in_chunks(work, voxels.size, report, f"Fitting {model.label}", size=size, threads=threads)
    return _result(model, maps, status, data.shape[:-1])


def check_curves(
    time_s: np.ndarray, shape: tuple[int, ...], aif_mM: np.ndarray, aif_time_s: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times of the frames, times of the input and the input, as float64.

    Raises
    ------
    InputError
    """
    time = _increasing(time_s, "frames")
    if not shape or shape[-1] != time.size:
        raise InputError(f"The curves have shape {shape} but there are {time.size} times; time must be the last axis.")
    aif_time = time if aif_time_s is None else _increasing(aif_time_s, "input function")
    aif = np.asarray(aif_mM, dtype=np.float64)
    if aif.shape != aif_time.shape:
        raise InputError(f"The input function has {aif.size} values at {aif_time.size} times; give one a time.")
    if not np.isfinite(aif).all():
        raise InputError("The input function is not finite at every time; repair or choose another input.")
    if aif_time[-1] < time[-1] - 0.5 * float(np.median(np.diff(time))):
        raise InputError(
            f"The input function ends at {aif_time[-1]:g} s but the last frame is at {time[-1]:g} s; extend the input."
        )
    before = aif[aif_time < time[-1]]
    if not (before > 0).any():
        raise InputError("The input function is zero up to the last frame; check its arrival time and its unit, mM.")
    return time, aif_time, aif


def _increasing(time_s: np.ndarray, what: str) -> np.ndarray:
    time = np.asarray(time_s, dtype=np.float64)
    if time.ndim != 1 or time.size < 2 or not np.isfinite(time).all() or not (np.diff(time) > 0).all():
        raise InputError(f"The times of the {what} must be two or more finite numbers that increase strictly.")
    return time


def _voxels(shape: tuple[int, ...], mask: np.ndarray | None) -> np.ndarray:
    if mask is None:
        return np.arange(int(np.prod(shape)))
    mask = np.asarray(mask)
    if mask.shape != shape:
        raise InputError(f"The mask has shape {mask.shape} but the images have {shape}; put both on one grid.")
    return np.flatnonzero(mask.reshape(-1))


def _delay_bounds(bounds_s: tuple[float, float]) -> tuple[float, float]:
    low, high = bounds_s
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise InputError(f"The bounds of the delay are {low} and {high} s; give two finite numbers, the lower first.")
    return low / 60.0, high / 60.0


def _estimator(
    model: models.Model,
    minutes: np.ndarray,
    aif_minutes: np.ndarray,
    aif: np.ndarray,
    delay_bounds: tuple[float, float] | None,
) -> Callable[[np.ndarray], Estimates]:
    if delay_bounds is not None or model.name in models.TWO_COMPARTMENTS:
        return make_estimator(model.name, minutes, aif_minutes, aif, delay_bounds)
    if not model.has_kep:
        plasma = np.interp(minutes, aif_minutes, aif, left=0.0)
        integral = convolve_exponential(aif_minutes, aif, 0.0, minutes)
        return lambda curves: patlak_estimates(curves, plasma, integral)
    basis: Basis = make_basis(aif_minutes, aif, minutes, with_plasma=model.has_vp)
    to_basis = np.ascontiguousarray(basis.directions.T)

    def estimate(curves: np.ndarray) -> Estimates:
        compressed = matmul_rows(curves, to_basis)
        rest = curves - matmul_rows(compressed, basis.directions)
        unexplained = np.einsum("nt,nt->n", rest, rest)
        degrees = curves.shape[1] - model.n_free
        return search_estimates(compressed, unexplained, basis, search(compressed, basis), degrees)

    return estimate


def _statistics(curves: np.ndarray, estimates: Estimates, model: models.Model) -> dict[str, np.ndarray]:
    n, rss = curves.shape[1], estimates.residual_power
    spread = np.einsum("nt,nt->n", curves, curves) - n * curves.mean(axis=1) ** 2
    k = model.n_free + 1
    with np.errstate(divide="ignore", invalid="ignore"):
        r_squared = np.where(spread > 0, 1.0 - rss / spread, np.nan)
    floor = np.maximum(rss, NOISE_FREE * np.maximum(np.einsum("nt,nt->n", curves, curves), NOISE_FREE))
    correction = 2 * k * (k + 1) / (n - k - 1) if n > k + 1 else np.inf
    maps = {"rmse": np.sqrt(rss / n), "r_squared": r_squared, "aicc": n * np.log(floor / n) + 2 * k + correction}
    for name in model.parameters:
        maps[name] = estimates.values[name]
        maps[name + " se"] = estimates.errors[name]
    return maps


def _fields(model: models.Model) -> list[str]:
    return ["rmse", "r_squared", "aicc", *model.parameters, *(name + " se" for name in model.parameters)]


def _result(model: models.Model, maps: dict[str, np.ndarray], status: np.ndarray, shape: tuple[int, ...]) -> FitResult:
    maps = {name: values.reshape(shape) for name, values in maps.items()}
    return FitResult(
        parameters={name: maps[name] for name in model.parameters},
        standard_errors={name: maps[name + " se"] for name in model.parameters},
        rmse=maps["rmse"],
        r_squared=maps["r_squared"],
        aicc=maps["aicc"],
        status=status.reshape(shape),
    )

"""Fit a tracer kinetic model to every voxel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report

from ..voxels.chunks import MEMORY_MB, in_chunks
from ..voxels.status import Status
from . import models
from .curve_checks import checked_times
from .fitter import ERROR, make_fitter


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
    memory_mb: float = MEMORY_MB,
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
    memory_mb : float
        Most working memory of all threads together; curves and maps are not counted.

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
    data = np.asarray(concentration_mM)
    time = checked_times(time_s, data.shape)
    fitter = make_fitter(
        name, time, aif_plasma_mM, aif_time_s=aif_time_s, fit_delay=fit_delay, delay_bounds_s=delay_bounds_s
    )
    voxels = _voxels(data.shape[:-1], mask)
    flat = data.reshape(-1, time.size)
    dtype = np.float32 if data.dtype == np.float32 else np.float64
    maps = {field: np.full(len(flat), np.nan, dtype) for field in fitter.fields}
    status = np.full(len(flat), Status.OUTSIDE, np.uint8)

    def work(piece: slice) -> None:
        chosen = voxels[piece]
        found, status[chosen] = fitter(flat[chosen].astype(np.float64))
        for field, values in found.items():
            maps[field][chosen] = values

    size = fitter.chunk(memory_mb, threads)
    in_chunks(work, voxels.size, report, f"Fitting {fitter.model.label}", size=size, threads=threads)
    return _result(fitter.model, maps, status, data.shape[:-1])


def _voxels(shape: tuple[int, ...], mask: np.ndarray | None) -> np.ndarray:
    if mask is None:
        return np.arange(int(np.prod(shape)))
    mask = np.asarray(mask)
    if mask.shape != shape:
        raise InputError(f"The mask has shape {mask.shape} but the images have {shape}; put both on one grid.")
    return np.flatnonzero(mask.reshape(-1))


def _result(model: models.Model, maps: dict[str, np.ndarray], status: np.ndarray, shape: tuple[int, ...]) -> FitResult:
    maps = {name: values.reshape(shape) for name, values in maps.items()}
    return FitResult(
        parameters={name: maps[name] for name in model.parameters},
        standard_errors={name: maps[name + ERROR] for name in model.parameters},
        rmse=maps["rmse"],
        r_squared=maps["r_squared"],
        aicc=maps["aicc"],
        status=status.reshape(shape),
    )

"""A model prepared for one input and one time axis, ready for any number of curves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from ..voxels.chunks import CHUNK_VOXELS, chunk_size
from ..voxels.status import Status
from . import models
from .basis import Basis, make_basis
from .convolution import convolve_exponential
from .curve_checks import check_input, delay_bounds
from .estimates import Estimates, patlak_estimates, search_estimates
from .refined import make_refiner
from .rows import matmul_rows
from .search import search

ERROR = "_se"
"""Ending of the name of a standard error's map."""
NOISE_FREE = 1e-20
"""Residual power below this fraction of the signal's is rounding; AICc is evaluated there."""
SEARCH_BYTES = 8000
"""Working memory of the search of a voxel, whatever the number of frames: most of it scores of the grid of kep."""


@dataclass(frozen=True, eq=False)
class Fitter:
    """A model prepared for one input and one time axis.

    Attributes
    ----------
    model : models.Model
        With the delay as a parameter where it is fitted.
    estimate : callable
        Curves (n, t), finite, to `Estimates`.
    largest_chunk, voxel_bytes : int
        Voxels to fit at a time, and the working memory of each.
    """

    model: models.Model
    estimate: Callable[[np.ndarray], Estimates]
    largest_chunk: int
    voxel_bytes: int

    @property
    def fields(self) -> list[str]:
        """Names of the maps."""
        return fields_of(self.model)

    def __call__(self, curves: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Maps (n,) and status (n,) of curves (n, t); NaN and NOT_FINITE for a curve that is not finite."""
        finite = np.isfinite(curves).all(axis=1)
        maps = {name: np.full(len(curves), np.nan) for name in self.fields}
        status = np.full(len(curves), Status.NOT_FINITE, np.uint8)
        if finite.any():
            usable = curves if finite.all() else curves[finite]
            estimates = self.estimate(usable)
            status[finite] = estimates.status
            for name, values in statistics(usable, estimates, self.model).items():
                maps[name][finite] = values
        return maps, status

    def chunk(self, memory_mb: float, threads: int | None) -> int:
        """Voxels to fit at a time within a memory."""
        return chunk_size(self.voxel_bytes, largest=self.largest_chunk, memory_mb=memory_mb, threads=threads)


def make_fitter(
    name: str,
    time_s: np.ndarray,
    aif_plasma_mM: np.ndarray,
    *,
    aif_time_s: np.ndarray | None = None,
    fit_delay: bool = False,
    delay_bounds_s: tuple[float, float] = (-10.0, 10.0),
) -> Fitter:
    """What `fit_model` does to many curves, prepared; the parameters are the same.

    Raises
    ------
    InputError
    """
    model = models.get(name)
    bounds = delay_bounds(delay_bounds_s) if fit_delay else None
    if fit_delay:
        model = models.with_delay(model)
    time, aif_time, aif = check_input(time_s, aif_plasma_mM, aif_time_s)
    if time.size <= model.n_free:
        raise InputError(f"{model.label} has {model.n_free} parameters, so it needs more than {time.size} frames.")
    minutes, aif_minutes = time / 60.0, aif_time / 60.0
    if fit_delay or model.name in models.TWO_COMPARTMENTS:
        refiner = make_refiner(model.name, minutes, aif_minutes, aif, bounds)
        return Fitter(model, refiner, CHUNK_VOXELS // (2 if fit_delay else 1), refiner.voxel_bytes)
    if not model.has_kep:
        plasma = np.interp(minutes, aif_minutes, aif, left=0.0)
        integral = convolve_exponential(aif_minutes, aif, 0.0, minutes)
        return Fitter(model, lambda curves: patlak_estimates(curves, plasma, integral), CHUNK_VOXELS, 64 * time.size)
    basis = make_basis(aif_minutes, aif, minutes, with_plasma=model.has_vp)
    return Fitter(model, _search(basis, model.n_free), CHUNK_VOXELS, 48 * time.size + SEARCH_BYTES)


def _search(basis: Basis, n_free: int) -> Callable[[np.ndarray], Estimates]:
    to_basis = np.ascontiguousarray(basis.directions.T)

    def estimate(curves: np.ndarray) -> Estimates:
        compressed = matmul_rows(curves, to_basis)
        rest = curves - matmul_rows(compressed, basis.directions)
        unexplained = np.einsum("nt,nt->n", rest, rest)
        degrees = curves.shape[1] - n_free
        return search_estimates(compressed, unexplained, basis, search(compressed, basis), degrees)

    return estimate


def statistics(curves: np.ndarray, estimates: Estimates, model: models.Model) -> dict[str, np.ndarray]:
    """rmse, r_squared, aicc, the parameters and their standard errors, `<parameter>_se`."""
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
        maps[name + ERROR] = estimates.errors[name]
    return maps


def fields_of(model: models.Model) -> list[str]:
    """Names of the maps of `statistics`."""
    return [*model.parameters, "rmse", "r_squared", "aicc", *(name + ERROR for name in model.parameters)]

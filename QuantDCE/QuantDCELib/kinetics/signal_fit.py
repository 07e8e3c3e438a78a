"""Fit of a model to the signal itself, with the equilibrium signal M0 of each voxel as a parameter.

With few frames before arrival the noise of their mean shifts a whole concentration curve. Here every frame has its say
in M0, and residuals are those of the signal, in which the noise is the same in every frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from ..signal.concentration import Conversion
from ..voxels.chunks import CHUNK_VOXELS, chunk_size
from ..voxels.status import Status
from . import levenberg, models
from .curve_checks import check_input, delay_bounds
from .estimates import Estimates, estimates_at
from .fitter import fields_of, statistics
from .refined import Refiner, make_refiner
from .rows import matmul_rows
from .voxelwise import Done, Piece

LOG_M0 = (float(np.log(0.2)), float(np.log(5.0)))
"""Range of M0 over that of the baseline frames; a fit at either end is flagged."""


@dataclass(frozen=True, eq=False)
class _Found(Estimates):
    """Estimates with the fitted concentrations (n, t)."""

    fitted: np.ndarray


@dataclass(frozen=True, eq=False)
class SignalStage:
    """One model and M0, fitted to the signal.

    Attributes
    ----------
    model : models.Model
        With `M0` as a parameter.
    refiner : Refiner
        Of the same model.
    fields : tuple of str
        Maps to keep; `rmse` is in mM, `r_squared` and `aicc` are of the signal.
    """

    model: models.Model
    refiner: Refiner
    fields: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"Fitting {self.model.label} and M0"

    def chunk(self, memory_mb: float) -> int:
        n_frames, n_free = self.refiner.directions.shape[1], len(self.refiner.bounds) + 1
        voxel_bytes = self.refiner.voxel_bytes + 8 * n_frames * (8 + 6 * n_free)
        return chunk_size(voxel_bytes, largest=CHUNK_VOXELS // 4, memory_mb=memory_mb)

    def __call__(self, piece: Piece) -> Done:
        good = piece.status == Status.OK
        maps = {name: np.full(good.size, np.nan) for name in fields_of(self.model)}
        status, curves = piece.status.copy(), piece.curves_mM.copy()
        if good.any():
            ceiling, _ = piece.conversion.ceiling(piece.signal, slice(None))
            found, ceiling[good] = self._fit(piece, ceiling, good)
            curves[good] = piece.conversion.invert(piece.signal, ceiling, slice(None))[good]
            status[good] = found.status
            for name, values in statistics(piece.signal[good], found, self.model).items():
                maps[name][good] = values
            maps["rmse"][good] = np.sqrt(((curves[good] - found.fitted) ** 2).mean(axis=1))
            status[good & np.isnan(curves).any(axis=1)] = Status.ABOVE_CEILING
        return Done(maps, status, curves)

    def _fit(self, piece: Piece, ceiling: np.ndarray, good: np.ndarray) -> tuple[_Found, np.ndarray]:
        """Estimates of the good voxels of a piece, and their new ceilings."""
        ceiling = ceiling[good]
        angle = np.deg2rad(piece.conversion.flip_deg[good])
        of_voxel = 1.0 / piece.conversion.t10_s[good], np.cos(angle)
        predict = partial(self._predict, piece.conversion)
        relative = piece.signal[good] / ceiling[:, None]
        refiner, bounds = self.refiner, (*self.refiner.bounds, LOG_M0)
        first = refiner.coordinates(refiner.compress(piece.curves_mM[good]))
        start = np.column_stack([first, np.zeros(len(first))])
        at = levenberg.minimise(predict, relative, start, bounds, *of_voxel)
        predicted, jacobian = predict(at, *of_voxel)
        rss, degrees = ((relative - predicted) ** 2).sum(axis=1), relative.shape[1] - at.shape[1]
        estimates = estimates_at(
            lambda x: refiner.reported(x) | {"M0": np.exp(x[:, -1]) * ceiling / np.sin(angle)},
            bounds,
            at,
            jacobian,
            rss,
            degrees,
        )
        fitted, _ = self._concentration(at)
        found = _Found(estimates.values, estimates.errors, rss * ceiling**2, estimates.status, fitted)
        return found, ceiling * np.exp(at[:, -1])

    def _concentration(self, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Concentration (n, t) and its Jacobian (n, p, t) at coordinates without or with M0 behind."""
        curve, jacobian = self.refiner.model(at[:, : len(self.refiner.bounds)])
        if self.refiner.with_delay:
            return curve, jacobian
        n, p, rank = jacobian.shape
        directions = self.refiner.directions
        spread = matmul_rows(np.ascontiguousarray(jacobian).reshape(n * p, rank), directions).reshape(n, p, -1)
        return matmul_rows(curve, directions), spread

    def _predict(
        self, conversion: Conversion, at: np.ndarray, r10: np.ndarray, cosine: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Signal over the ceiling of the baseline (n, t) and its Jacobian; the last coordinate is ln(M0 / start)."""
        concentration, slopes = self._concentration(at)
        tr_s, r1_per_mM_s = conversion.tr_s, conversion.r1_per_mM_s
        e1 = np.exp(-tr_s * (r10[:, None] + r1_per_mM_s * concentration))
        rest = 1.0 / (1.0 - cosine[:, None] * e1)
        scale = np.exp(at[:, -1])[:, None]
        signal = scale * (1.0 - e1) * rest
        by_concentration = scale * tr_s * r1_per_mM_s * e1 * (1.0 - cosine[:, None]) * rest**2
        jacobian = np.concatenate([by_concentration[:, None] * slopes, signal[:, None]], axis=1)
        return signal, jacobian


def make_signal_model(
    name: str,
    time_s: np.ndarray,
    aif_plasma_mM: np.ndarray,
    *,
    aif_time_s: np.ndarray,
    fit_delay: bool,
    delay_bounds_s: tuple[float, float],
) -> tuple[models.Model, Refiner]:
    """A model with M0 as a parameter, and what fits it; the parameters are those of `fit_model`.

    Raises
    ------
    InputError
    """
    model = models.with_delay(models.get(name)) if fit_delay else models.get(name)
    time, aif_time, aif = check_input(time_s, aif_plasma_mM, aif_time_s)
    bounds = delay_bounds(delay_bounds_s) if fit_delay else None
    return models.with_m0(model), make_refiner(name, time / 60.0, aif_time / 60.0, aif, bounds)

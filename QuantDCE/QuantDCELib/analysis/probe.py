"""One voxel of an analysis: its curve, its fit, and what the maps say of it, to the last bit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from ..arterial_input.aif import Aif
from ..kinetics import models
from ..kinetics.fitter import ERROR
from ..kinetics.stages import MODEL, WEIGHT, ChoiceStage, ReferenceStage
from ..kinetics.voxelwise import Done, Piece, Stage, area, piece_of, status_of
from ..signal.concentration import Conversion, make_conversion
from ..voxels.status import WORDS, Status, is_fitted
from .enhancement import SerFrames, enhancement_maps
from .kinetics import with_errors
from .prepared import Prepared
from .settings import DceSettings
from .tissue_t1 import TissueT1
from .voxel_maps import Flat, Made, flat_maps

QUALITY = ("rmse", "r_squared", "aicc", MODEL, WEIGHT)
"""Maps that tell how good a fit is."""
FINE_POINTS = 400
"""Points of a fitted curve, so that it is smooth on a screen."""
OUTSIDE_WORDS = "outside the region: worked out for this voxel alone, on no map"
SIGNAL_WORDS = "signal only: without T1, TR and flip angle there is no concentration"


@dataclass(frozen=True, eq=False)
class Probed:
    """One voxel.

    Attributes
    ----------
    index : tuple of int
        (k, j, i).
    time_s, signal : ndarray, shape (t,)
    baseline : ndarray of int
        Frames before the agent arrives.
    arrival_s : float
    measured_mM : ndarray, shape (t,)
        Concentration, with the M0 that was fitted if it was; NaN in a frame that has none.
    fit_time_s, fitted_mM : ndarray, shape (m,)
        The fitted curve, finer than the frames where the model allows; empty where nothing was fitted.
    values : dict of str to float
        Every map at this voxel, by its name, standard errors and quality of the fit among them; NaN for none.
    units : dict of str to str
    status : Status
    words : str
        What came of the voxel, to be read by a person.
    inside : bool
        Whether it is among the voxels of the maps.
    model : str
        The model that was fitted, of several the one chosen; empty for none.
    """

    index: tuple[int, int, int]
    time_s: np.ndarray
    signal: np.ndarray
    baseline: np.ndarray
    arrival_s: float
    measured_mM: np.ndarray
    fit_time_s: np.ndarray
    fitted_mM: np.ndarray
    values: dict[str, float]
    units: dict[str, str]
    status: Status
    words: str
    inside: bool
    model: str = ""

    @property
    def parameters(self) -> dict[str, float]:
        """The maps but for standard errors and the quality of the fit."""
        return {name: value for name, value in self.values.items() if name not in QUALITY and not name.endswith(ERROR)}

    @property
    def standard_errors(self) -> dict[str, float]:
        """By the name of the parameter; only of the models that have them."""
        return {name.removesuffix(ERROR): value for name, value in self.values.items() if name.endswith(ERROR)}

    @property
    def rmse(self) -> float:
        """Root mean square residual, mM."""
        return self.values.get("rmse", float("nan"))

    @property
    def r_squared(self) -> float:
        """Share of the variance that is explained; of the signal where M0 was fitted."""
        return self.values.get("r_squared", float("nan"))


@dataclass(frozen=True, eq=False)
class Tissue:
    """What turns the signal of any voxel of a series into concentration.

    Attributes
    ----------
    tr_s, flip_deg, r1_per_mM_s : float
        Of the dynamic series and the agent.
    t10_s : ndarray, shape (k, j, i)
    b1, m0 : ndarray, shape (k, j, i), or None
    is_map : bool
        Whether T1 was measured in each voxel.
    """

    tr_s: float
    flip_deg: float
    r1_per_mM_s: float
    t10_s: np.ndarray
    b1: np.ndarray | None
    m0: np.ndarray | None
    is_map: bool

    def conversion(self, index: tuple[int, int, int], baseline: np.ndarray, n_frames: int) -> Conversion:
        """That of one voxel, as it is among all of them."""
        one = tuple(slice(n, n + 1) for n in index)
        t10_s, b1, m0 = (None if each is None else each[one].reshape(1) for each in (self.t10_s, self.b1, self.m0))
        sequence = {"tr_s": self.tr_s, "flip_deg": self.flip_deg, "r1_per_mM_s": self.r1_per_mM_s}
        return make_conversion((1, n_frames), **sequence, t10_s=t10_s, baseline=baseline, m0=m0, b1=b1)


@dataclass(frozen=True, eq=False)
class VoxelProbe:
    """Works out any voxel of a series in a moment, once its signal is given; it does not hold the series.

    Attributes
    ----------
    settings : DceSettings
    time_s : ndarray, shape (t,)
    baseline : ndarray of int
    arrival_s : float
    dtype : dtype
        In which the analysis had the signal.
    computed : ndarray of bool, shape (k, j, i)
        Voxels of the maps.
    areas : dict of str to ndarray, shape (t,)
        Weights of the frames of IAUGC.
    frames : SerFrames or None
    aif : Aif or None
    stage : Stage or None
        With standard errors; None where there is no concentration.
    tissue : Tissue or None
    """

    settings: DceSettings
    time_s: np.ndarray
    baseline: np.ndarray
    arrival_s: float
    dtype: np.dtype
    computed: np.ndarray
    areas: dict[str, np.ndarray]
    frames: SerFrames | None
    aif: Aif | None
    stage: Stage | None
    tissue: Tissue | None

    def probe(self, index: tuple[int, int, int], signal: np.ndarray) -> Probed:
        """Curve, fit and the values of the maps of one voxel.

        Parameters
        ----------
        index : tuple of int
            (k, j, i).
        signal : ndarray, shape (t,)
            Of that voxel in every frame, on the scale of the series that was analysed.

        Raises
        ------
        InputError
            If there is no such voxel or the signal has another number of frames.
        """
        shape, signal = self.computed.shape, np.asarray(signal)
        if not all(0 <= n < size for n, size in zip(index, shape, strict=True)):
            raise InputError(f"The series has {shape} voxels (k, j, i) and none at {index}; choose one inside.")
        if signal.shape != self.time_s.shape:
            raise InputError(
                f"The voxel has {signal.size} values but the series {self.time_s.size} frames; load it again."
            )
        curves = signal.astype(self.dtype)[None]
        piece, done = self._worked_out(index, curves)
        enhanced = None
        if self.frames is not None:
            enhanced = enhancement_maps(curves, self.time_s, self.baseline, self.arrival_s, self.frames)
        t10_s = self.tissue.t10_s[index][None] if self.tissue is not None and self.tissue.is_map else None
        flat = flat_maps(self.settings, self.areas, self._made(piece, done), enhanced, t10_s)
        return self._probed(index, curves[0], flat, done)

    def _worked_out(self, index: tuple[int, int, int], curves: np.ndarray) -> tuple[Piece | None, Done | None]:
        if self.tissue is None:
            return None, None
        piece = piece_of(curves, self.tissue.conversion(index, self.baseline, self.time_s.size))
        return piece, self.stage(piece)

    def _made(self, piece: Piece | None, done: Done | None) -> Made | None:
        if done is None:
            return None
        maps = {name: done.maps[name].astype(np.float32) for name in self.stage.fields}
        areas = {name: area(done.curves_mM, weights).astype(np.float32) for name, weights in self.areas.items()}
        return maps | areas, status_of(piece, done)

    def _probed(self, index: tuple[int, int, int], signal: np.ndarray, flat: Flat, done: Done | None) -> Probed:
        status = Status(int(flat.status[0]))
        measured = np.full(self.time_s.size, np.nan) if done is None else done.curves_mM[0]
        number = flat.maps.get(MODEL, np.full(1, np.nan))[0]
        model = self._model(number) if is_fitted(status) else ""
        fit_time_s, fitted = self._curve(model, done)
        inside = bool(self.computed[index])
        return Probed(
            index=tuple(int(n) for n in index),
            time_s=self.time_s,
            signal=signal,
            baseline=self.baseline,
            arrival_s=self.arrival_s,
            measured_mM=measured,
            fit_time_s=fit_time_s,
            fitted_mM=fitted,
            values={name: float(values[0]) for name, values in flat.maps.items()},
            units=flat.units,
            status=status,
            words=_words(status, model, inside, bool(np.isfinite(measured).any())),
            inside=inside,
            model=model,
        )

    def _model(self, number: float) -> str:
        """Name of the model that was fitted; `number` is that of the choice among several."""
        if not self.settings.is_kinetic:
            return ""
        if not isinstance(self.stage, ChoiceStage):
            return self.settings.model
        return self.settings.candidates[int(number) - 1] if np.isfinite(number) else ""

    def _curve(self, model: str, done: Done | None) -> tuple[np.ndarray, np.ndarray]:
        """Times and concentrations of the fit; with a reference tissue at the frames, else at finer times."""
        if not model:
            return np.empty(0), np.empty(0)
        if isinstance(self.stage, ReferenceStage):
            return self.time_s, self.stage.fitter.curve(done.maps)[0]
        fine_s = np.union1d(self.time_s, np.linspace(self.time_s[0], self.time_s[-1], FINE_POINTS))
        names = [name for name in (*models.get(model).parameters, "delay_s") if name in done.maps]
        values = {name: float(done.maps[name][0]) for name in names}
        return fine_s, models.curve(model, values, fine_s, self.aif.plasma_mM, aif_time_s=self.aif.time_s)


def voxel_probe(prepared: Prepared) -> VoxelProbe:
    """What works out single voxels as the analysis does that was prepared; the images are not kept."""
    return VoxelProbe(
        settings=prepared.settings,
        time_s=prepared.time_s,
        baseline=prepared.baseline,
        arrival_s=prepared.arrival_s,
        dtype=prepared.dynamic.series.array.dtype,
        computed=prepared.regions.computed,
        areas=prepared.areas,
        frames=prepared.frames,
        aif=prepared.aif,
        stage=None if prepared.stage is None else with_errors(prepared.stage),
        tissue=None if prepared.t1 is None else _tissue(prepared.t1, prepared.used),
    )


def _tissue(t1: TissueT1, used: dict[str, object]) -> Tissue:
    # One T1 for all voxels needs no volume of it.
    t10_s = t1.t10_s if t1.is_map else np.broadcast_to(t1.t10_s[0, 0, 0], t1.t10_s.shape)
    sequence = (used[name] for name in ("tr_s", "flip_deg", "r1_per_mM_s"))
    return Tissue(*sequence, t10_s, t1.b1, t1.m0, t1.is_map)


def _words(status: Status, model: str, inside: bool, has_concentration: bool) -> str:
    words = WORDS[status] if model or not is_fitted(status) else "measured, no model is fitted"
    if not has_concentration and is_fitted(status):
        words = SIGNAL_WORDS
    return words if inside else f"{words}; {OUTSIDE_WORDS}"

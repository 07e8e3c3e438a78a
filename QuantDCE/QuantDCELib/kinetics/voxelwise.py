"""From the signal of many voxels to their maps in one pass: only the curves being worked on are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from HER2ImmunoCommonLib.progress import Report

from ..signal.concentration import Conversion, Rows
from ..voxels.chunks import MEMORY_MB, chunk_size, in_chunks
from ..voxels.status import Status
from .rows import matmul_rows

ROUNDING_MM = 1e-9
"""Concentrations below this are the rounding of a constant signal; a fit would find a kep in them."""
BYTES_A_SAMPLE = 64
"""Working memory of the conversion, of each frame of a voxel."""
FEWEST_FOR_NOISE = 3


@dataclass(frozen=True, eq=False)
class Piece:
    """Voxels being worked on.

    Attributes
    ----------
    conversion : Conversion
        Of these voxels.
    signal, curves_mM : ndarray, shape (m, t)
    status : ndarray of uint8, shape (m,)
        Of the conversion.
    """

    conversion: Conversion
    signal: np.ndarray
    curves_mM: np.ndarray
    status: np.ndarray


class Done(NamedTuple):
    """Maps (m,) by name, status (m,), and the concentrations (m, t) they belong to."""

    maps: dict[str, np.ndarray]
    status: np.ndarray
    curves_mM: np.ndarray


class Stage(Protocol):
    """Makes maps of a piece.

    Attributes
    ----------
    fields : sequence of str
        Names of the maps.
    text : str
        What is being done, for the progress.
    """

    fields: tuple[str, ...]
    text: str

    def __call__(self, piece: Piece) -> Done: ...

    def chunk(self, memory_mb: float) -> int:
        """Voxels to work on at a time within a memory."""


@dataclass(frozen=True, eq=False)
class Voxels:
    """Voxels of a series whose signal is turned into concentration when it is needed.

    Attributes
    ----------
    signal : ndarray, shape (all, t)
        Of the whole series.
    chosen : ndarray of int, shape (n,)
        The voxels, as indices into `signal`.
    conversion : Conversion
        Of the n voxels.
    measured : ndarray of bool, shape (n,)
        Voxels of the region that is measured.
    """

    signal: np.ndarray
    chosen: np.ndarray
    conversion: Conversion
    measured: np.ndarray

    def piece(self, rows: Rows) -> Piece:
        """The voxels `rows` with their concentration."""
        return piece_of(self.signal[self.chosen[rows]], self.conversion.of(rows))

    def of(self, rows: Rows) -> Voxels:
        """Some of the voxels."""
        return Voxels(self.signal, self.chosen[rows], self.conversion.of(rows), self.measured[rows])

    def chunk(self, memory_mb: float) -> int:
        """Voxels to convert at a time within a memory."""
        return chunk_size(BYTES_A_SAMPLE * self.signal.shape[1], memory_mb=memory_mb)


def piece_of(signal: np.ndarray, conversion: Conversion) -> Piece:
    """Voxels with this signal (m, t) and their concentration."""
    signal = signal.astype(np.float64)
    curves, status = conversion.concentration(signal, slice(None))
    with np.errstate(invalid="ignore"):
        curves[(np.abs(curves) < ROUNDING_MM).all(axis=1)] = 0.0
    return Piece(conversion, signal, curves, status)


@dataclass(frozen=True, eq=False)
class VoxelMaps:
    """What came of the voxels.

    Attributes
    ----------
    maps : dict of str to ndarray, shape (n,)
        float32.
    status : ndarray of uint8, shape (n,)
    mean_mM : ndarray, shape (t,)
        Mean curve of the measured voxels that have a concentration in every frame; NaN if there is none.
    noise_sd_mM : float
        Typical scatter of the frames before arrival in the measured voxels; 0 with fewer than three of them.
    """

    maps: dict[str, np.ndarray]
    status: np.ndarray
    mean_mM: np.ndarray
    noise_sd_mM: float


class _Sums:
    """Sums over pieces, in the order of the voxels whatever the order in which they end."""

    def __init__(self, n_frames: int):
        self._parts: dict[int, tuple[np.ndarray, int]] = {}
        self._n_frames = n_frames

    def add(self, start: int, curves_mM: np.ndarray) -> None:
        """Add the curves of the piece that begins at `start`."""
        self._parts[start] = curves_mM.sum(axis=0), len(curves_mM)

    def mean(self) -> np.ndarray:
        total, n = np.zeros(self._n_frames), 0
        for start in sorted(self._parts):
            total, n = total + self._parts[start][0], n + self._parts[start][1]
        return total / n if n else np.full(self._n_frames, np.nan)


def status_of(piece: Piece, done: Done) -> np.ndarray:
    """Status (m,) of a piece: that of the fit where there is a concentration to fit."""
    return np.where(piece.status == Status.OK, done.status, piece.status)


def area(curves_mM: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Sums (n,) over curves (n, t) with weights (t,); a frame without weight need not have a value."""
    used = np.flatnonzero(weights)
    return matmul_rows(curves_mM[:, used], weights[used, None])[:, 0]


def mean_of_measured(voxels: Voxels, report: Report | None = None, *, memory_mb: float = MEMORY_MB) -> np.ndarray:
    """Mean concentration (t,) of the measured voxels; NaN if none has one in every frame."""
    sums, measured = _Sums(voxels.signal.shape[1]), np.flatnonzero(voxels.measured)

    def work(rows: slice) -> None:
        piece = voxels.piece(measured[rows])
        sums.add(rows.start, piece.curves_mM[piece.status == Status.OK])

    in_chunks(work, measured.size, report, "Signal to concentration", size=voxels.chunk(memory_mb))
    return sums.mean()


def run(
    voxels: Voxels,
    stage: Stage,
    areas: Mapping[str, np.ndarray],
    report: Report | None = None,
    *,
    memory_mb: float = MEMORY_MB,
) -> VoxelMaps:
    """Work on all voxels.

    Parameters
    ----------
    voxels : Voxels
    stage : Stage
    areas : mapping of str to ndarray, shape (t,)
        Weights of the frames of maps that are sums over a curve, such as IAUGC.
    report : Report, optional
    memory_mb : float
        Most working memory of all threads together.
    """
    n, frames = voxels.chosen.size, voxels.conversion.baseline
    maps = {name: np.full(n, np.nan, np.float32) for name in (*stage.fields, *areas)}
    status, scatter = np.empty(n, np.uint8), np.full(n, np.nan, np.float32)
    sums = _Sums(voxels.signal.shape[1])

    def work(rows: slice) -> None:
        piece = voxels.piece(rows)
        done = stage(piece)
        status[rows] = status_of(piece, done)
        usable = voxels.measured[rows] & (piece.status == Status.OK) & (done.status != Status.ABOVE_CEILING)
        for name in stage.fields:
            maps[name][rows] = done.maps[name]
        for name, weights in areas.items():
            maps[name][rows] = area(done.curves_mM, weights)
        sums.add(rows.start, done.curves_mM[usable])
        if frames.size >= FEWEST_FOR_NOISE:
            scatter[rows] = done.curves_mM[:, frames].var(axis=1, ddof=1)

    in_chunks(work, n, report, stage.text, size=min(stage.chunk(memory_mb), voxels.chunk(memory_mb)))
    known = scatter[voxels.measured & np.isfinite(scatter)]
    return VoxelMaps(maps, status, sums.mean(), float(np.sqrt(np.median(known))) if known.size else 0.0)

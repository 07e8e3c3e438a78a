"""How a body bends besides moving as one piece: a coarse cubic B-spline a frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk
from HER2ImmunoCommonLib.geometry import LPS_FROM_RAS, TimeSeries
from HER2ImmunoCommonLib.registration import Transform

from .frames import Frames
from .rigid import Expected, moved, trust

STEPS, ENOUGH_MM = 12, 0.01
STIFF, HELD = 0.05, 1e-3
"""Weights of the bending and of the way itself, as shares of what the images say on the mean."""


@dataclass(frozen=True, eq=False)
class Lattice:
    """Control points over the images of a series, as ITK's B-spline transform has them.

    Attributes
    ----------
    origin_ras_mm : ndarray, shape (3,)
        First corner of the images.
    axes : ndarray, shape (3, 3)
        Directions of i, j and k in RAS, as columns.
    length_mm : ndarray, shape (3,)
        Of the images along i, j and k.
    mesh : ndarray of int, shape (3,)
        Cells along i, j and k; there are three control points more.
    basis : sparse array, shape (n, controls)
        What each control point is worth at the points; i goes fastest.
    stiffness : ndarray, shape (controls, controls)
        Squares of the second differences between neighbours.
    """

    origin_ras_mm: np.ndarray
    axes: np.ndarray
    length_mm: np.ndarray
    mesh: np.ndarray
    basis: object
    stiffness: np.ndarray

    @staticmethod
    def over(series: TimeSeries, points_ras_mm: np.ndarray, control_mm: float) -> Lattice:
        spacing = np.array(series.frame(0).spacing_mm)
        size = np.array(series.array.shape[2::-1])
        axes = series.ijk_to_ras[:3, :3] / spacing
        origin = series.ijk_to_ras[:3, 3] - axes @ (0.5 * spacing)
        length = spacing * size
        mesh = np.maximum(1, np.round(length / control_mm).astype(int))
        cell = (points_ras_mm - origin) @ axes / (length / mesh)
        return Lattice(origin, axes, length, mesh, _basis(cell, mesh), _stiffness(mesh))

    def transform(self, controls_ras_mm: np.ndarray) -> Transform:
        """The bending (controls, 3) as a transform of places; beyond the images nothing bends."""
        bending = sitk.BSplineTransform(3, 3)
        sign = np.diag(LPS_FROM_RAS)[:3]
        bending.SetTransformDomainOrigin((self.origin_ras_mm * sign).tolist())
        bending.SetTransformDomainDirection((self.axes * sign[:, None]).ravel().tolist())
        bending.SetTransformDomainPhysicalDimensions(self.length_mm.tolist())
        bending.SetTransformDomainMeshSize(self.mesh.tolist())
        bending.SetParameters((controls_ras_mm * sign).T.ravel().tolist())
        return Transform(bending)

    def folds(self, controls_ras_mm: np.ndarray) -> bool:
        """Whether the bending may fold: controls that go half a cell or more (Choi and Lee 2000)."""
        along = np.abs(controls_ras_mm @ self.axes).max(axis=0)
        return bool((along >= 0.48 * self.length_mm / self.mesh).any())


class Bender:
    """Finds the bending of a frame, with what is the same in all frames made once.

    Parameters
    ----------
    frames : Frames
    lattice : Lattice
    slopes : ndarray, shape (n, 3)
        Of what is expected, on the mean of the frames, per mm.
    weights : ndarray, shape (n,)
    """

    def __init__(self, frames: Frames, lattice: Lattice, slopes: np.ndarray, weights: np.ndarray):
        from scipy.linalg import cho_factor

        self._frames, self._lattice = frames, lattice
        n = lattice.basis.shape[1]
        square = np.empty((3, n, 3, n))
        for a in range(3):
            for b in range(a, 3):
                scaled = lattice.basis.multiply((weights * slopes[:, a] * slopes[:, b])[:, None])
                square[a, :, b] = (lattice.basis.T @ scaled).toarray()
                square[b, :, a] = square[a, :, b].T
        square = square.reshape(3 * n, 3 * n)
        told = np.trace(square) / max(1, 3 * np.count_nonzero(lattice.basis.sum(axis=0) > 1e-3))
        self._hold = told * (STIFF * lattice.stiffness + HELD * np.eye(n))
        for a in range(3):
            square[a * n : (a + 1) * n, a * n : (a + 1) * n] += self._hold
        self._factor = cho_factor(square)

    def fit(self, frame: int, motion: np.ndarray, start: np.ndarray, expected: Expected) -> tuple[np.ndarray, float]:
        """Controls (n, 3) in RAS mm, and the standard error in mm of the way they make.

        Parameters
        ----------
        motion : ndarray, shape (4, 4)
            Of the body as one piece, which follows the bending.
        start : ndarray, shape (n, 3)
        expected : Expected
        """
        frames, basis, controls = self._frames, self._lattice.basis, start
        at_home, slopes = frames.inside(frames.points_ras_mm), None
        for _ in range(STEPS):
            places = moved(frames.points_ras_mm + basis @ controls, motion)
            known = expected.weights * (at_home & frames.inside(places))
            difference = np.where(known > 0, frames.values(frame, places) - expected.values, 0.0)
            if slopes is None:
                slopes = 0.5 * (expected.slopes + frames.slopes(frame, places) @ motion[:3, :3])
            pull = -slopes * (trust(frames, difference, known) * difference)[:, None]
            step = self._solve(basis.T @ pull - self._hold @ controls)
            controls = controls + step
            if np.abs(step).max() < ENOUGH_MM * frames.scale:
                break
        return controls, self._error_mm(pull)

    def _solve(self, right: np.ndarray) -> np.ndarray:
        from scipy.linalg import cho_solve

        return cho_solve(self._factor, right.T.ravel()).reshape(3, -1).T

    def _error_mm(self, pull: np.ndarray) -> float:
        """Standard error of the way, by how the blocks of the body disagree."""
        blocks, basis = self._frames.blocks, self._lattice.basis
        total, variance = basis.T @ pull, 0.0
        count = blocks.max() + 1
        for block in range(count):
            alone = blocks == block
            way = basis @ self._solve(basis[alone].T @ pull[alone] - total / count)
            variance += float((way**2).sum(axis=1).mean())
        return float(np.sqrt(variance))


def _basis(cell: np.ndarray, mesh: np.ndarray):
    """Values of the cubic B-splines at places (n, 3) in units of cells, as a sparse array."""
    from scipy.sparse import csr_array

    n = len(cell)
    first = np.clip(np.floor(cell).astype(int), 0, mesh - 1)
    t = cell - first
    # Of four neighbours in turn along each axis.
    parts = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3]) / 6.0
    count = mesh + 3
    k, j, i = np.meshgrid(range(4), range(4), range(4), indexing="ij")
    i, j, k = i.ravel(), j.ravel(), k.ravel()
    values = parts[i, :, 0] * parts[j, :, 1] * parts[k, :, 2]
    column = (first[:, 0] + i[:, None]) + count[0] * (
        (first[:, 1] + j[:, None]) + count[1] * (first[:, 2] + k[:, None])
    )
    rows = np.broadcast_to(np.arange(n), (64, n))
    return csr_array((values.ravel(), (rows.ravel(), column.ravel())), shape=(n, int(count.prod())))


def _stiffness(mesh: np.ndarray) -> np.ndarray:
    """Sum of squares of the second differences along each axis, as a matrix."""
    ones = [np.eye(n) for n in mesh + 3]
    bends = [np.diff(one, n=2, axis=0) for one in ones]
    bends = [bend.T @ bend for bend in bends]
    total = 0.0
    for axis in range(3):
        i, j, k = (bends[a] if a == axis else ones[a] for a in range(3))
        total = total + np.kron(k, np.kron(j, i))
    return total

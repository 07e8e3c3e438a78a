"""A transform from the points of one visit to those of another, whatever tool made it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import SimpleITK as sitk

from ..errors import InputError
from ..geometry import LPS_FROM_RAS, TimeSeries, Volume, to_sitk
from .evaluation import evaluated, linear_matrix

SIGN = np.array([-1.0, -1.0, 1.0])
"""From RAS to LPS and back."""
SMALLEST_DETERMINANT = 1e-9
MOST_ROUNDS, INVERSE_TOLERANCE_MM = 100, 1e-3
"""Of the search for the point that comes to lie on a point."""


@dataclass(frozen=True, eq=False)
class Transform:
    """Where each point of the fixed space lies in the moving space.

    Attributes
    ----------
    lps : SimpleITK.Transform
        Of three dimensions, in patient axes LPS, as ITK's files hold it; not to be changed.
    """

    lps: sitk.Transform

    @staticmethod
    def identity() -> Transform:
        return Transform(sitk.AffineTransform(3))

    @staticmethod
    def from_matrix(fixed_to_moving_ras: np.ndarray) -> Transform:
        """A linear transform.

        Parameters
        ----------
        fixed_to_moving_ras : ndarray, shape (4, 4)
            In mm; its last row is 0, 0, 0, 1.

        Raises
        ------
        InputError
            If it has another shape, is not finite, or has no inverse.
        """
        matrix = np.asarray(fixed_to_moving_ras, np.float64)
        if matrix.shape != (4, 4) or not np.isfinite(matrix).all() or not np.allclose(matrix[3], (0, 0, 0, 1)):
            raise InputError("The transform is no 4 x 4 matrix of a linear motion; give its last row as 0, 0, 0, 1.")
        if abs(np.linalg.det(matrix[:3, :3])) < SMALLEST_DETERMINANT:
            raise InputError("The matrix of the transform has no inverse: it flattens space; choose another transform.")
        lps = LPS_FROM_RAS @ matrix @ LPS_FROM_RAS
        transform = sitk.AffineTransform(3)
        transform.SetMatrix(lps[:3, :3].ravel().tolist())
        transform.SetTranslation(lps[:3, 3].tolist())
        return Transform(transform)

    @staticmethod
    def from_displacement(field_ras_mm: np.ndarray, grid: Volume | TimeSeries) -> Transform:
        """A transform that moves each point by the displacement there, linear between the voxels, nothing beyond them.

        Parameters
        ----------
        field_ras_mm : ndarray, shape (k, j, i, 3)
            Toward right, anterior and superior.
        grid : Volume
            Where its voxels lie.

        Raises
        ------
        InputError
            If the field has another shape than the grid or is not finite.
        """
        field = np.asarray(field_ras_mm, np.float64)
        if field.shape != (*grid.array.shape[:3], 3):
            raise InputError(f"A field of shape {field.shape} does not fit a grid of {grid.array.shape[:3]}.")
        if not np.isfinite(field).all():
            raise InputError("The displacements of the field are not all finite; export it again.")
        image = sitk.GetImageFromArray(field * SIGN, isVector=True)
        image.CopyInformation(_grid_image(grid))
        return Transform(sitk.DisplacementFieldTransform(image))

    def at(self, points_ras_mm: np.ndarray) -> np.ndarray:
        """The points (..., 3) of the moving space, in RAS mm, on which points of the fixed space come to lie."""
        points = np.asarray(points_ras_mm, np.float64)
        return evaluated(self.lps, points.reshape(-1, 3) * SIGN).reshape(points.shape) * SIGN

    def on(self, grid: Volume | TimeSeries) -> np.ndarray:
        """The points (k, j, i, 3) of the moving space, in RAS mm, on which the voxels of a grid come to lie."""
        return self.displacements(grid) + positions(grid)

    def displacements(self, grid: Volume | TimeSeries) -> np.ndarray:
        """How far (k, j, i, 3) the voxels of a grid are moved, in mm along right, anterior and superior."""
        image = _grid_image(grid)
        field = sitk.TransformToDisplacementField(
            self.lps, sitk.sitkVectorFloat64, image.GetSize(), image.GetOrigin(), image.GetSpacing(),
            image.GetDirection(),
        )  # fmt: skip
        return sitk.GetArrayFromImage(field) * SIGN

    @cached_property
    def matrix(self) -> np.ndarray | None:
        """Matrix (4, 4) from fixed to moving in RAS mm; None where the transform is not linear."""
        if not self.lps.IsLinear():
            return None
        return LPS_FROM_RAS @ linear_matrix(self.lps) @ LPS_FROM_RAS

    def after(self, first: Transform) -> Transform:
        """The transform that maps by `first`, then by this one."""
        if self.matrix is not None and first.matrix is not None:
            return Transform.from_matrix(self.matrix @ first.matrix)
        both = sitk.CompositeTransform(3)
        for each in (self.lps, first.lps):
            both.AddTransform(each)
        both.FlattenTransform()
        return Transform(both)

    def inverse(self, grid: Volume | TimeSeries) -> Transform:
        """The transform from the moving to the fixed space.

        Parameters
        ----------
        grid : Volume
            Of the moving space: the inverse of a transform that is not linear is known on it.

        Raises
        ------
        InputError
            If a point of the grid has no single point that comes to lie on it.
        """
        if self.matrix is not None:
            return Transform.from_matrix(np.linalg.inv(self.matrix))
        targets = positions(grid).reshape(-1, 3)
        back = np.linalg.inv(self._nearest_linear(grid))
        found = self._search(targets, back)
        # Kept as what it differs by from the linear motion, so that it goes on smoothly beyond the grid.
        forth = np.linalg.inv(back)
        field = found @ forth[:3, :3].T + forth[:3, 3] - targets
        rest = Transform.from_displacement(field.reshape(*grid.array.shape[:3], 3), grid)
        return Transform.from_matrix(back).after(rest)

    def _nearest_linear(self, grid: Volume | TimeSeries) -> np.ndarray:
        """The linear motion (4, 4) nearest to this transform over about the space of a grid."""
        points = positions(_coarse(grid)).reshape(-1, 3)
        known = np.column_stack([points, np.ones(len(points))])
        solved, *_ = np.linalg.lstsq(known, self.at(points), rcond=None)
        matrix = np.eye(4)
        matrix[:3] = solved.T
        if np.linalg.det(matrix[:3, :3]) < SMALLEST_DETERMINANT:
            raise InputError("The transform turns space inside out; choose another transform.")
        return matrix

    def _search(self, targets: np.ndarray, back: np.ndarray) -> np.ndarray:
        """The points (n, 3) that come to lie on `targets`, by steps of the linear motion back."""
        found = targets @ back[:3, :3].T + back[:3, 3]
        open_points = np.arange(len(targets))
        for _ in range(MOST_ROUNDS):
            missing = targets[open_points] - self.at(found[open_points])
            far = np.abs(missing).max(axis=1) > INVERSE_TOLERANCE_MM
            open_points, missing = open_points[far], missing[far]
            if not open_points.size:
                return found
            found[open_points] += missing @ back[:3, :3].T
        raise InputError(
            f"The transform has no inverse at {open_points.size} voxels: it folds there; choose a smoother transform."
        )


def positions(grid: Volume | TimeSeries) -> np.ndarray:
    """Places (k, j, i, 3) of the voxels of a grid, in RAS mm."""
    i, j, k = (
        np.arange(n)[:, None] * grid.ijk_to_ras[:3, axis] for axis, n in enumerate(reversed(grid.array.shape[:3]))
    )
    return (k + grid.ijk_to_ras[:3, 3])[:, None, None] + j[:, None] + i


def indices(grid: Volume | TimeSeries, points_ras_mm: np.ndarray) -> np.ndarray:
    """Where points (..., 3) lie in a grid: i, j and k, whole numbers at the middles of voxels."""
    return (points_ras_mm - grid.ijk_to_ras[:3, 3]) @ np.linalg.inv(grid.ijk_to_ras[:3, :3]).T


def empty_grid(shape: tuple[int, int, int], ijk_to_ras: np.ndarray) -> Volume:
    """A grid of a shape (k, j, i) whose voxels take no memory."""
    return Volume(np.broadcast_to(np.uint8(0), shape), ijk_to_ras)


def _grid_image(grid: Volume | TimeSeries) -> sitk.Image:
    return to_sitk(empty_grid(grid.array.shape[:3], grid.ijk_to_ras))


def _coarse(grid: Volume | TimeSeries) -> Volume:
    """At most 8 points along each axis over the same space."""
    shape = np.array(grid.array.shape[:3])
    n = np.minimum(np.maximum(shape, 2), 8)
    step = np.maximum((shape - 1) / np.maximum(n - 1, 1), 1.0)
    matrix = grid.ijk_to_ras.copy()
    matrix[:3, :3] *= step[::-1]
    return empty_grid(tuple(int(each) for each in n), matrix)

"""Two images made comparable, and how alike they are under a transform."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..errors import InputError
from ..geometry import Volume, voxels_on
from ..masks import placing_warnings
from ..progress import Report, tell
from .body import Body, around, coarse_matrix, cropped, find_body, grown
from .contrast import local_contrast
from .likeness import Difference
from .pair import Pair
from .resampling import reached, resample
from .rigid import Level, information
from .sampling import Sampler, between_voxels
from .transform import Transform, empty_grid, indices, positions

METRIC, INFORMATION = "correlation of local contrast", "mutual information"
"""What tells how alike images of one contrast are, and of two."""
POINT_MM, POINT_SLICE_MM = 2.8, 4.0
"""Distances of the points compared, the second along the axis of the thickest voxels."""
LEAST_POINTS = 50
LEAST_OVERLAP = 0.1
"""Of the body with the moving image, below which a transform is not that of these images."""
FIXED_MARGIN_MM, MOVING_MARGIN_MM = 8.0, 25.0
"""Around the bodies, beyond which nothing is compared."""
RIGID_POINTS = 25_000
"""Of six numbers more would tell no more."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """The local contrast of two images and the points of the fixed one that are compared.

    Attributes
    ----------
    pair : Pair
    fixed, moving : Volume
        Local contrast of the images around the body.
    points : Volume
        Of bool, every few voxels of the fixed image: True in the body.
    values : ndarray
        Local contrast of the fixed image on the grid of `points`.
    warnings : tuple of str
    same_contrast : bool
        Whether the local contrast of both images can be alike.
    """

    pair: Pair
    fixed: Volume
    moving: Volume
    points: Volume
    values: np.ndarray
    warnings: tuple[str, ...] = ()
    same_contrast: bool = True

    @property
    def metric_name(self) -> str:
        return METRIC if self.same_contrast else INFORMATION

    def metric(self, transform: Transform) -> float:
        """Likeness over the points that come to lie in the moving image, without the tumour; NaN if too few do."""
        if not self.same_contrast:
            return information(self.pair, transform)
        found = resample(self.moving, self.points, transform).array
        used = self.compared & np.isfinite(found)
        if used.sum() < LEAST_POINTS:
            return float("nan")
        return float(np.corrcoef(self.values[used], found[used])[0, 1])

    def overlap(self, transform: Transform) -> float:
        """Share of the points of the body that come to lie in the moving image."""
        index = indices(self.pair.moving, transform.at(positions(self.points)[self.points.array]))
        size = np.array(self.pair.moving.array.shape[::-1])
        return float(((index >= -0.5) & (index <= size - 0.5)).all(axis=1).mean())

    def inside(self, grid: Volume) -> np.ndarray:
        """The body on a grid of the fixed space."""
        return resample(self.pair.fixed_body.mask, grid, Transform.identity(), nearest=True).array != 0

    def level(self) -> Level | None:
        """The squared difference of local contrast at some of the points; None where it tells nothing."""
        if not self.same_contrast:
            return None
        used = np.flatnonzero(self.compared)[:: max(1, int(self.compared.sum()) // RIGID_POINTS)]
        points = between_voxels(positions(self.points).reshape(-1, 3)[used], self.fixed)
        values, _, within = Sampler(self.fixed).at(points)
        return Level(points[within], Sampler(self.moving), Difference(values[within]))

    @cached_property
    def compared(self) -> np.ndarray:
        """Where the points are compared: in the body and outside the tumour."""
        if self.pair.left_out is None:
            return self.points.array
        tumour = resample(self.pair.left_out, self.points, Transform.identity(), nearest=True).array != 0
        return self.points.array & ~tumour


def prepare(
    fixed: Volume, moving: Volume, *, tumour_fixed: Volume | None = None, mask_fixed: Volume | None = None,
    margin_mm: float = 3.0, report: Report | None = None,
) -> Comparison:  # fmt: skip
    """Find the bodies and make the images comparable.

    Raises
    ------
    InputError
        If an image has no body in it, or a mask is empty or outside the fixed image.
    """
    fixed, moving = _finite(fixed), _finite(moving)
    tell(report, 0.0, "Finding the body")
    bodies = [find_body(fixed, "fixed"), find_body(moving, "moving")]
    warnings: list[str] = []
    if mask_fixed is not None:
        inside = _on(mask_fixed, bodies[0].mask, fixed, "body")
        warnings += placing_warnings(mask_fixed, inside, bodies[0].mask, "body")
        bodies[0] = Body(bodies[0].mask.like(inside), bodies[0].scale, bodies[0].floor)
    left_out = None
    if tumour_fixed is not None:
        inside = _on(tumour_fixed, fixed, fixed, "tumour")
        left_out = fixed.like(grown(inside, fixed, margin_mm * bodies[0].scale))
    pair = Pair(fixed, moving, *bodies, left_out)
    tell(report, 0.3, "Local contrast of the fixed image")
    contrast = local_contrast(_about(fixed, bodies[0], FIXED_MARGIN_MM), bodies[0])
    tell(report, 0.6, "Local contrast of the moving image")
    moving_contrast = local_contrast(_about(moving, bodies[1], MOVING_MARGIN_MM), bodies[1])
    points, values = _points(pair, contrast)
    return Comparison(pair, contrast, moving_contrast, points, values, tuple(warnings))


def check_leads(compared: Comparison, transform: Transform | None, name: str) -> None:
    """Refuse a transform that leads away from the moving image, as one of another frame of reference does.

    Raises
    ------
    InputError
    """
    if transform is not None and compared.overlap(transform) < LEAST_OVERLAP:
        raise InputError(
            f"The {name} transform leads the fixed image away from the moving one; it may be of another frame of "
            "reference, or map the other way round: choose the one from the fixed to the moving image."
        )


def _about(volume: Volume, body: Body, margin_mm: float) -> Volume:
    """The part of an image around the body."""
    inside = resample(body.mask, volume, Transform.identity(), nearest=True).array != 0
    return cropped(volume, around(inside, volume, margin_mm * body.scale)) if inside.any() else volume


def leaving_out(compared: Comparison, tumour: Volume | None, transform: Transform, margin_mm: float) -> Comparison:
    """The comparison without a tumour of the moving image too, where a transform puts it."""
    if tumour is None:
        return compared
    pair = compared.pair
    inside = grown(reached(tumour, pair.fixed, transform), pair.fixed, margin_mm)
    if pair.left_out is not None:
        inside = inside | pair.left_out.array
    return replace(compared, pair=replace(pair, left_out=pair.fixed.like(inside)))


def _points(pair: Pair, contrast: Volume) -> tuple[Volume, np.ndarray]:
    """Every few voxels of the fixed image, and the local contrast there."""
    spacing = np.array(contrast.spacing_mm[::-1])
    target = np.full(3, POINT_MM)
    target[int(np.argmax(spacing))] = POINT_SLICE_MM
    step = np.maximum(1, np.round(target * pair.scale / spacing)).astype(int)
    first = (np.array(contrast.array.shape) - 1) % step // 2
    values = contrast.array[tuple(slice(a, None, b) for a, b in zip(first, step, strict=True))]
    grid = empty_grid(values.shape, coarse_matrix(contrast.ijk_to_ras, step, first))
    return grid.like(resample(pair.fixed_body.mask, grid, Transform.identity(), nearest=True).array != 0), values


def _on(mask: Volume, onto: Volume, image: Volume, what: str) -> np.ndarray:
    """A mask of the fixed space on a grid of it."""
    if not np.any(mask.array):
        raise InputError(f"The {what} mask of the fixed image is empty; draw it, or leave it out.")
    if not voxels_on(mask, image)[0]:
        raise InputError(f"The {what} mask lies outside the fixed image; give the one drawn on this examination.")
    return reached(mask, onto, Transform.identity())


def _finite(volume: Volume) -> Volume:
    if np.asarray(volume.array).ndim != 3:
        raise InputError(f"An image of shape {np.shape(volume.array)} is no volume; give one frame of a series.")
    return volume.like(np.nan_to_num(np.asarray(volume.array, np.float32), posinf=0.0, neginf=0.0))

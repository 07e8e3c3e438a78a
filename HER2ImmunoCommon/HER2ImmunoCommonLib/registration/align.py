"""Two visits brought into one space: rigidly, then by a smooth deformation that keeps the tumour's volume."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic

import numpy as np

from ..geometry import Volume
from ..progress import Report, part, tell
from .checks import check_images, check_quality, check_tumours, quality_warnings, tumour_warnings
from .comparison import Comparison, check_leads, leaving_out, prepare
from .core import beyond, dying_away, rigid_cores
from .deformation import around_cores, deformation
from .jacobian import jacobian
from .landmarks import Landmarks
from .quality import Quality, figures, placed
from .rigid import rigid_motion
from .settings import AlignSettings
from .transform import Transform

DEFAULT = AlignSettings()
PREPARED, MOVED, DEFORMED = 0.15, 0.4, 0.85
"""Where the stages end in the progress."""
BEYOND_MM = 28.0
"""Over which the deformation dies away outside the fixed image."""
STIFFER = (1.0, 4.0, 16.0)
"""How many times the bending counts, one after another, until no tissue is squeezed too much."""
TRIES = (0.0, 0.7, 0.9, 1.0)
"""Where these end in the progress."""


@dataclass(frozen=True, eq=False)
class Alignment:
    """A visit aligned to another.

    Attributes
    ----------
    transform : Transform
        From fixed to moving points.
    rigid : Transform
        Its rigid part.
    quality : Quality
    jacobian : Volume
        Of the transform, on the grid of the fixed image.
    warnings : tuple of str
    settings : AlignSettings
    """

    transform: Transform
    rigid: Transform
    quality: Quality
    jacobian: Volume
    warnings: tuple[str, ...]
    settings: AlignSettings


def align(
    fixed: Volume, moving: Volume, *, tumour_fixed: Volume | None = None, tumour_moving: Volume | None = None,
    mask_fixed: Volume | None = None, initial: Transform | None = None, landmarks: Landmarks | None = None,
    settings: AlignSettings = DEFAULT, report: Report | None = None,
) -> Alignment:  # fmt: skip
    """Find the transform from the points of one visit to those of another.

    Parameters
    ----------
    fixed, moving : Volume
        Anatomical images, such as the frame before contrast of each visit: what enhances must not be pulled.
    tumour_fixed, tumour_moving : Volume, optional
        Masks, nonzero inside, on any grid of their visit; left out of the comparison and moved rigidly, so that their
        volume is kept. Leave one out where the tumour has vanished.
    mask_fixed : Volume, optional
        The breast in the fixed image; the body is found by itself otherwise.
    initial : Transform, optional
        Where to begin, such as a transform by hand; several starts are tried otherwise.
    landmarks : Landmarks, optional
        Only judged by, never used for finding the transform.
    settings : AlignSettings
    report : Report, optional

    Raises
    ------
    InputError
        If the images do not overlap or lie on opposite sides of the body, a mask is empty or outside its image, or the
        transform found folds, does not make the images more alike, or leads outside the moving image.
    """
    start = monotonic()
    check_images(fixed, moving, initial)
    check_tumours((fixed, moving), (tumour_fixed, tumour_moving))
    compared = prepare(
        fixed, moving, tumour_fixed=tumour_fixed, mask_fixed=mask_fixed, margin_mm=settings.tumour_margin_mm,
        report=part(report, 0.0, PREPARED),
    )  # fmt: skip
    compared = replace(compared, same_contrast=settings.same_contrast)
    check_leads(compared, initial, "initial")
    rigid = rigid_motion(compared.pair, initial, part(report, PREPARED, MOVED), fine=compared.level())
    tumours, doubts = (tumour_fixed, tumour_moving), ()
    if settings.kind == "deformable":
        transform, volumes, doubts = _soft(compared, rigid, tumours, settings, part(report, MOVED, DEFORMED))
    else:
        transform, volumes = rigid, jacobian(rigid, fixed)
    tell(report, DEFORMED, "Judging the transform")
    steps = initial or Transform.identity(), rigid, transform
    seen = placed(fixed, tumours, transform)
    quality = figures(compared, steps, volumes, seen, landmarks, start)
    check_quality(quality, settings)
    warnings = (*compared.warnings, *doubts, *quality_warnings(quality), *tumour_warnings(seen[1]))
    volumes = volumes.like(volumes.array.astype(np.float32))
    tell(report, 1.0, "Aligned")
    return Alignment(transform, rigid, quality, volumes, warnings, settings)


def align_rigid(
    fixed: Volume, moving: Volume, *, tumour_fixed: Volume | None = None, tumour_moving: Volume | None = None,
    mask_fixed: Volume | None = None, initial: Transform | None = None, landmarks: Landmarks | None = None,
    settings: AlignSettings = DEFAULT, report: Report | None = None,
) -> Alignment:  # fmt: skip
    """`align` with a rigid motion alone."""
    return align(
        fixed, moving, tumour_fixed=tumour_fixed, tumour_moving=tumour_moving, mask_fixed=mask_fixed, initial=initial,
        landmarks=landmarks, settings=replace(settings, kind="rigid"), report=report,
    )  # fmt: skip


def _soft(
    compared: Comparison, rigid: Transform, tumours: tuple[Volume | None, Volume | None], settings: AlignSettings,
    report: Report | None,
) -> tuple[Transform, Volume, tuple[str, ...]]:  # fmt: skip
    """The deformation and its Jacobian, as stiff as it must be to squeeze no tissue too much, and what to say of it."""
    for n, times in enumerate(STIFFER):
        stiffer = replace(settings, bending=times * settings.bending)
        transform = _deformed(compared, rigid, tumours, stiffer, part(report, TRIES[n], TRIES[n + 1]))
        volumes = jacobian(transform, compared.pair.fixed)
        if volumes.array[compared.inside(volumes)].min() >= settings.smallest_jacobian:
            break
    if times == 1.0:
        return transform, volumes, ()
    said = f"The deformation was held {times:g} times stiffer, since it squeezed tissue too much; look at it closely."
    return transform, volumes, (said,)


def _deformed(
    compared: Comparison, rigid: Transform, tumours: tuple[Volume | None, Volume | None], settings: AlignSettings,
    report: Report | None,
) -> Transform:  # fmt: skip
    """The rigid motion after the smooth deformation, in which the tumours of both visits keep their shape."""
    fixed, scale = compared.pair.fixed, compared.pair.scale
    margin_mm = settings.tumour_margin_mm * scale
    compared = leaving_out(compared, tumours[1], rigid, margin_mm)
    field = deformation(compared, rigid, settings, part(report, 0.0, 0.7))
    grid, box = beyond(compared.points, BEYOND_MM * scale)
    far = dying_away(field, box)
    transform = rigid.after(Transform.from_displacement(far, grid))
    core = np.zeros(fixed.array.shape, bool)
    for inside in placed(fixed, tumours, transform):
        if inside is not None:
            core |= inside
    if not core.any():
        return transform
    cores = rigid_cores(far, grid, fixed.like(core), margin_mm, settings.blend_mm * scale)
    field = around_cores(compared, rigid, field, cores.part(box), settings, part(report, 0.7, 1.0))
    return rigid.after(Transform.from_displacement(cores.blended(dying_away(field, box)), grid))

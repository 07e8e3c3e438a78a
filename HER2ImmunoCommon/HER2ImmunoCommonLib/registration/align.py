"""Two visits brought into one space: rigidly, then by a smooth deformation that keeps the tumour's volume."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic

import numpy as np

from ..geometry import Volume
from ..progress import Report, part, tell
from .checks import check_images, check_quality, check_tumours, quality_warnings
from .comparison import prepare
from .jacobian import jacobian
from .landmarks import Landmarks
from .quality import Quality, figures
from .rigid import rigid_motion
from .settings import AlignSettings
from .transform import Transform

DEFAULT = AlignSettings()
PREPARED, MOVED, DEFORMED = 0.15, 0.4, 0.85
"""Where the stages end in the progress."""


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
    rigid = rigid_motion(compared.pair, initial, part(report, PREPARED, MOVED), fine=compared.level())
    transform = rigid
    tell(report, DEFORMED, "Judging the transform")
    volumes = jacobian(transform, fixed)
    steps = initial or Transform.identity(), rigid, transform
    quality = figures(compared, steps, volumes, (tumour_fixed, tumour_moving), landmarks, start)
    check_quality(quality, settings)
    warnings = (*compared.warnings, *quality_warnings(quality))
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

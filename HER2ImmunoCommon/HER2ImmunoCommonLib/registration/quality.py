"""How good a transform between two visits is, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

import numpy as np

from ..geometry import Volume
from ..progress import Report, part, tell
from .comparison import Comparison, check_leads, prepare
from .jacobian import jacobian
from .landmarks import Landmarks
from .resampling import reached
from .transform import Transform


@dataclass(frozen=True)
class Quality:
    """Figures of an alignment.

    Attributes
    ----------
    metric_before, metric_rigid, metric_after : float
        Likeness of the images before, after the rigid motion (NaN where there is none apart) and after all.
    metric_name : str
    jacobian_min, jacobian_max : float
        Over the body in the fixed image.
    overlap : float
        Share of the fixed body that comes to lie in the moving image.
    landmark_error_mm, landmark_before_mm : float or None
        Mean distance of landmarks after and before.
    tumour_volume_change : float or None
        What the transform alone does to the volume of the tumour, as a fraction; of two tumours the larger change.
    seconds : float
    """

    metric_before: float
    metric_rigid: float
    metric_after: float
    metric_name: str
    jacobian_min: float
    jacobian_max: float
    overlap: float
    landmark_error_mm: float | None
    landmark_before_mm: float | None
    tumour_volume_change: float | None
    seconds: float


def judge(
    transform: Transform, fixed: Volume, moving: Volume, *, tumour_fixed: Volume | None = None,
    tumour_moving: Volume | None = None, mask_fixed: Volume | None = None, initial: Transform | None = None,
    landmarks: Landmarks | None = None, report: Report | None = None,
) -> Quality:  # fmt: skip
    """Judge a transform that any tool or person made.

    Parameters
    ----------
    transform : Transform
        From fixed to moving points.
    fixed, moving : Volume
    tumour_fixed, tumour_moving : Volume, optional
        Masks, nonzero inside; left out of the comparison, and watched for their volume.
    mask_fixed : Volume, optional
        Where to compare; the body is found by itself otherwise.
    initial : Transform, optional
        What "before" means; where the scanner puts the images by default.
    landmarks : Landmarks, optional
    report : Report, optional

    Raises
    ------
    InputError
        If an image is empty, a mask is empty or outside its image, or the transform leads away from the moving image,
        as one of another frame of reference does.
    """
    start = monotonic()
    compared = prepare(fixed, moving, tumour_fixed=tumour_fixed, mask_fixed=mask_fixed, report=part(report, 0.0, 0.6))
    check_leads(compared, transform, "given")
    tell(report, 0.6, "Judging the transform")
    volumes = jacobian(transform, fixed)
    steps = initial or Transform.identity(), None, transform
    return figures(compared, steps, volumes, placed(fixed, (tumour_fixed, tumour_moving), transform), landmarks, start)


def placed(
    fixed: Volume, tumours: tuple[Volume | None, Volume | None], transform: Transform
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """The tumours of the fixed and the moving visit on the grid of the fixed image, bool (k, j, i), None for none."""
    ways = Transform.identity(), transform
    return tuple(None if mask is None else reached(mask, fixed, way) for mask, way in zip(tumours, ways, strict=True))


def figures(
    compared: Comparison, steps: tuple[Transform, Transform | None, Transform], volumes: Volume,
    tumours: tuple[np.ndarray | None, np.ndarray | None], landmarks: Landmarks | None, start: float,
) -> Quality:  # fmt: skip
    """The figures of an alignment.

    Parameters
    ----------
    compared : Comparison
    steps : (Transform, Transform or None, Transform)
        Before, the rigid motion, and the last.
    volumes : Volume
        The Jacobian of the last.
    tumours : (ndarray or None, ndarray or None)
        Of the fixed and the moving visit, as `placed`.
    landmarks : Landmarks or None
    start : float
        When the work began, by `time.monotonic`.
    """
    before, rigid, after = steps
    inside = compared.inside(volumes)
    return Quality(
        metric_before=compared.metric(before),
        metric_rigid=float("nan") if rigid is None else compared.metric(rigid),
        metric_after=compared.metric(after),
        metric_name=compared.metric_name,
        jacobian_min=float(volumes.array[inside].min()),
        jacobian_max=float(volumes.array[inside].max()),
        overlap=compared.overlap(after),
        landmark_error_mm=None if landmarks is None else float(landmarks.errors_mm(after).mean()),
        landmark_before_mm=None if landmarks is None else float(landmarks.errors_mm(before).mean()),
        tumour_volume_change=_volume_change(volumes, tumours),
        seconds=monotonic() - start,
    )


def _volume_change(volumes: Volume, tumours: tuple[np.ndarray | None, np.ndarray | None]) -> float | None:
    seen = [inside for inside in tumours if inside is not None and inside.any()]
    return max((float(volumes.array[inside].mean()) - 1.0 for inside in seen), key=abs, default=None)

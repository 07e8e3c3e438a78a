"""What is refused of an alignment, and what is said of it: never silently wrong."""

from __future__ import annotations

from math import isnan

import numpy as np

from ..errors import InputError
from ..geometry import Volume, is_grid, voxels_on
from .quality import Quality
from .settings import AlignSettings
from .transform import Transform

WORSE = 0.01
"""By which the likeness may fall without being called worse."""
LEAST_LIKENESS = 0.1
"""Below it two images are hardly those of one breast."""
OTHER_SIDE_MM = 20.0
"""Distance from the middle of the body, from which on an image is of one side."""


def check_images(fixed: Volume, moving: Volume, initial: Transform | None) -> None:
    """Refuse images that are no volumes in space, of opposite sides, or that do not overlap where nothing says how.

    Raises
    ------
    InputError
    """
    for volume, name in ((fixed, "fixed"), (moving, "moving")):
        if np.ndim(volume.array) != 3:
            raise InputError(f"The {name} image has shape {np.shape(volume.array)}; give one frame of the series.")
        if not is_grid(volume.ijk_to_ras):
            raise InputError(f"The {name} image has voxels without a size or place; export it again.")
    if initial is not None:
        return
    (low, high), (moving_low, moving_high) = _box(fixed), _box(moving)
    if (np.maximum(low, moving_low) < np.minimum(high, moving_high)).all():
        return
    sides = [_side(low[0], high[0]), _side(moving_low[0], moving_high[0])]
    if "" not in sides and sides[0] != sides[1]:
        raise InputError(
            f"The fixed image lies on the {sides[0]} side of the body and the moving one on the {sides[1]}: these are "
            "two breasts; choose images of the same one."
        )
    raise InputError(
        "The fixed and the moving image do not overlap in the space of the scanner; choose images of the same region, "
        "or give an initial transform."
    )


def check_tumours(images: tuple[Volume, Volume], tumours: tuple[Volume | None, Volume | None]) -> None:
    """Refuse a tumour mask that is empty or lies outside the image of its visit.

    Raises
    ------
    InputError
    """
    for image, mask, name in zip(images, tumours, ("fixed", "moving"), strict=True):
        if mask is None:
            continue
        if not np.any(mask.array):
            raise InputError(
                f"The tumour mask of the {name} image is empty; draw the tumour, or leave the mask out where it has "
                "vanished."
            )
        if not voxels_on(mask, image)[0]:
            raise InputError(f"The tumour mask lies outside the {name} image; give the one drawn on this examination.")


def check_quality(quality: Quality, settings: AlignSettings) -> None:
    """Refuse a transform that folds, makes the images less alike, or leads outside.

    Raises
    ------
    InputError
    """
    way_on = "give an initial transform or a mask of the breast" if settings.kind == "rigid" else "try a rigid one"
    if quality.overlap < settings.smallest_overlap:
        raise InputError(
            f"Only {quality.overlap:.0%} of the body of the fixed image comes to lie in the moving one, less than "
            f"{settings.smallest_overlap:.0%}; choose images of the same region, or give an initial transform."
        )
    if quality.jacobian_min <= 0:
        raise InputError(f"The transform folds (smallest Jacobian {quality.jacobian_min:.2g}); {way_on}.")
    if quality.jacobian_min < settings.smallest_jacobian:
        raise InputError(
            f"The transform squeezes tissue to {quality.jacobian_min:.2g} of its volume, below "
            f"{settings.smallest_jacobian:g}; {way_on}."
        )
    if isnan(quality.metric_after) or quality.metric_after < quality.metric_before - WORSE:
        raise InputError(
            f"The images are less alike after the alignment ({quality.metric_after:.2f}) than before "
            f"({quality.metric_before:.2f}, {quality.metric_name}); {way_on}."
        )


def quality_warnings(quality: Quality) -> tuple[str, ...]:
    """What a person must look at."""
    warnings = []
    if quality.metric_after < LEAST_LIKENESS:
        warnings.append(
            f"The aligned images are hardly alike ({quality.metric_name} {quality.metric_after:.2f}); check that both "
            "are of the same breast."
        )
    if quality.overlap < 0.9:
        warnings.append(f"Only {quality.overlap:.0%} of the body of the fixed image lies in the moving one.")
    error, before = quality.landmark_error_mm, quality.landmark_before_mm
    if error is not None and before is not None and error > before:
        warnings.append(
            f"The landmarks lie farther apart after the alignment ({error:.1f} mm) than before ({before:.1f} mm)."
        )
    return tuple(warnings)


def tumour_warnings(moving: np.ndarray | None) -> tuple[str, ...]:
    """What of the moving tumour, on the grid of the fixed image, could not be kept rigid."""
    if moving is None or moving.any():
        return ()
    return ("The tumour of the moving image comes to lie outside the fixed one, so nothing kept it rigid; check it.",)


def _box(volume: Volume) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest places of an image's corners, RAS mm."""
    k, j, i = np.meshgrid(*((-0.5, n - 0.5) for n in volume.array.shape), indexing="ij")
    corners = np.stack([i.ravel(), j.ravel(), k.ravel(), np.ones(8)])
    places = (volume.ijk_to_ras @ corners)[:3]
    return places.min(axis=1), places.max(axis=1)


def _side(low_mm: float, high_mm: float) -> str:
    """Side of the body on which an image lies; empty where it reaches over the middle."""
    middle = (low_mm + high_mm) / 2
    if low_mm < 0 < high_mm and abs(middle) < OTHER_SIDE_MM:
        return ""
    return "right" if middle > 0 else "left"

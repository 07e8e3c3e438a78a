"""A mask on the grid of images, and what that did to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..geometry import TimeSeries, Volume, is_grid, nearly_same_grid, resample_mask, voxels_on
from .labels import labels_of
from .reading import Mask

Given = Mask | Volume | np.ndarray
"""A region as it may be given: read from a file, a volume on any grid, or an array (k, j, i) on that of the images."""
CHANGED = 0.25
"""Change of the volume by another grid, as a fraction, from which on it is told."""


@dataclass(frozen=True, eq=False)
class Placed:
    """A region on the grid of images.

    Attributes
    ----------
    inside : ndarray of bool, shape (k, j, i)
    warnings : tuple of str
    """

    inside: np.ndarray
    warnings: tuple[str, ...] = ()


def place(given: Given, onto: Volume | TimeSeries, what: str) -> Placed:
    """A region on the grid of images.

    Parameters
    ----------
    given : Mask, Volume or ndarray
    onto : Volume or TimeSeries
    what : str
        What the region is, for messages: tumour, artery, muscle.

    Raises
    ------
    InputError
        If the mask is empty, has several labels, does not say where it lies, lies outside the images or between their
        voxels, or an array has another shape.
    """
    if isinstance(given, np.ndarray):
        return _array(given, onto, what)
    name = f"The {what} mask"
    if isinstance(given, Mask):
        mask, told = given.volume, given.warnings
        name = f"{name} ({given.name})"
    else:
        inside, told = _one_label(given.array, name)
        mask = given.like(inside)
    if not mask.array.any():
        raise InputError(f"{name} is empty; draw the {what} first.")
    told = (*told, *_place_known(mask, not isinstance(given, Mask) or given.has_place, onto, name))
    try:
        inside = resample_mask(mask, onto)
    except InputError as error:
        file = f" ({given.name})" if isinstance(given, Mask) else ""
        raise InputError(f"The {what} region{file} cannot be used: {error}") from error
    return Placed(inside, (*told, *placing_warnings(mask, inside, onto, what)))


def _array(given: np.ndarray, onto: Volume | TimeSeries, what: str) -> Placed:
    shape = onto.array.shape[:3]
    if given.shape != shape:
        raise InputError(f"The {what} mask has shape {given.shape} but the images {shape}; use one grid.")
    inside, told = _one_label(given, f"The {what} mask")
    if not inside.any():
        raise InputError(f"The {what} mask is empty; draw the region first.")
    return Placed(inside, (*told, *_whole(inside, what)))


def _one_label(array: np.ndarray, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Where an array has its only label."""
    labels = labels_of(array, name)
    if labels.is_fraction:
        raise InputError(f"{name} holds fractions between 0 and 1 instead of labels; compare it with a threshold.")
    if len(labels.voxels) > 1:
        found = ", ".join(f"{label} ({n} voxels)" for label, n in labels.voxels.items())
        raise InputError(
            f"{name} has several labels: {found}; choose one of them, as with array == {max(labels.voxels)}."
        )
    return labels.array != 0, labels.warnings


def _place_known(mask: Volume, has_place: bool, onto: Volume | TimeSeries, name: str) -> tuple[str, ...]:
    """Refuse a mask that lost its place; a word where it only may have."""
    at_origin = np.allclose(np.abs(mask.ijk_to_ras), np.eye(4), atol=1e-6)
    if (has_place and not at_origin) or nearly_same_grid(mask, onto):
        return ()
    if not has_place or mask.array.shape == onto.array.shape[:3]:
        size = " and is as large as the images" if mask.array.shape == onto.array.shape[:3] else ""
        raise InputError(
            f"{name} does not say where it lies (no geometry, or origin 0 with a spacing of 1 mm){size}, while the "
            "images lie elsewhere; save it again with the origin, spacing and directions of the images it was drawn on."
        )
    return (
        f"{name} lies at the origin with a spacing of 1 mm, as a file does that has lost its geometry; check that it "
        "lies on the images.",
    )


def placing_warnings(mask: Volume, inside: np.ndarray, onto: Volume | TimeSeries, what: str) -> tuple[str, ...]:
    """What another grid did to a mask: the share outside the images, and a volume that is not the drawn one's.

    Parameters
    ----------
    mask : Volume
        As it was drawn, nonzero inside.
    inside : ndarray of bool, shape (k, j, i)
        The same on the images.
    onto : Volume or TimeSeries
    what : str
    """
    if nearly_same_grid(mask, onto) or not is_grid(mask.ijk_to_ras):
        return _whole(inside, what)
    warnings = []
    within, n = voxels_on(mask, onto)
    if within < n:
        share = 100.0 * (n - within) / n
        told = "less than 1 %" if share < 1 else f"{share:.0f} %"
        warnings.append(
            f"Of the {what} mask {told} lies outside the images; only the part inside them is measured, so its volume "
            "is too small."
        )
    grid = Volume(np.empty(0), onto.ijk_to_ras)
    drawn_cm3, cm3 = within * mask.voxel_volume_cm3, np.count_nonzero(inside) * grid.voxel_volume_cm3
    if abs(cm3 - drawn_cm3) > CHANGED * drawn_cm3:
        warnings.append(
            f"The {what} is {drawn_cm3:.3g} cm3 as drawn but {cm3:.3g} cm3 in the voxels of the images, which are "
            "coarse for it."
        )
    return (*warnings, *_whole(inside, what))


def _whole(inside: np.ndarray, what: str) -> tuple[str, ...]:
    if inside.size > 1 and inside.all():
        return (f"The {what} mask covers the whole field of view; draw the {what} alone.",)
    return ()

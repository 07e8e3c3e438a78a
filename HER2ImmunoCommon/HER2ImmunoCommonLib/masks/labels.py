"""What the values of a mask mean: labels, fractions of a voxel, or no mask at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError

ROUNDING = 1e-3
"""Largest distance of a value from a whole number, for it to be a label that was stored as a float."""
MOST_LABELS = 300
"""A label map of the whole body has some 120."""


@dataclass(frozen=True, eq=False)
class Labels:
    """The values of a mask.

    Attributes
    ----------
    array : ndarray
        Whole numbers, 0 outside; of fractions, float64.
    voxels : dict of int to int
        Number of voxels of each label but 0; empty for fractions.
    is_fraction : bool
        Whether the values lie between 0 and 1, as those of a probability map do.
    warnings : tuple of str
    """

    array: np.ndarray
    voxels: dict[int, int]
    is_fraction: bool = False
    warnings: tuple[str, ...] = ()


def labels_of(values: np.ndarray, name: str) -> Labels:
    """The labels of a mask.

    Parameters
    ----------
    values : ndarray, any shape
    name : str
        Of the file or mask, for messages.

    Raises
    ------
    InputError
        If it has negative labels, or its values are those of an image.
    """
    values = np.asarray(values)
    if values.dtype == bool:
        n = int(np.count_nonzero(values))
        return Labels(values.astype(np.uint8), {1: n} if n else {})
    warnings: tuple[str, ...] = ()
    if np.issubdtype(values.dtype, np.floating):
        values, warnings = _finite(values, name)
        whole = np.rint(values)
        if np.abs(values - whole).max(initial=0.0) > ROUNDING:
            return _fractions(values, name, warnings)
        values = whole.astype(np.int64)
    found, counts = np.unique(values, return_counts=True)
    voxels = {int(label): int(n) for label, n in zip(found, counts, strict=True) if label != 0}
    if voxels and min(voxels) < 0:
        raise InputError(
            f"{name} has negative values, down to {min(voxels)}, which are no labels; save a mask that is 0 outside "
            "the region and 1 inside."
        )
    if len(voxels) > MOST_LABELS:
        raise InputError(
            f"{name} has {len(voxels)} different values, up to {max(voxels)}: it is an image rather than a mask; name "
            "the mask that was drawn on it."
        )
    return Labels(values, voxels, warnings=warnings)


def _finite(values: np.ndarray, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    finite = np.isfinite(values)
    n = int(values.size - np.count_nonzero(finite))
    if not n:
        return values.astype(np.float64), ()
    told = f"{n} of {values.size} voxels of {name} are not finite (NaN); they were taken as outside the region."
    return np.where(finite, values, 0.0).astype(np.float64), (told,)


def _fractions(values: np.ndarray, name: str, warnings: tuple[str, ...]) -> Labels:
    low, high = float(values.min()), float(values.max())
    if low < -ROUNDING or high > 1 + ROUNDING:
        raise InputError(
            f"{name} has values between {low:.4g} and {high:.4g} that are no whole numbers, so they are no labels: it "
            "is an image, or a mask that was interpolated; save the mask with nearest neighbour."
        )
    return Labels(values, {}, is_fraction=True, warnings=warnings)

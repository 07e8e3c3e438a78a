"""Gaussian smoothing along the axes of an image, also where it has few slices."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

LEAST_VOXELS = 4
"""Of an axis, for the recursive filter."""


def smoothed(array: np.ndarray, sd_voxels: np.ndarray) -> np.ndarray:
    """An image (k, j, i) smoothed by a Gaussian with the standard deviations given along k, j and i, as float32."""
    from scipy.ndimage import gaussian_filter1d

    image = sitk.GetImageFromArray(np.ascontiguousarray(array, np.float32))
    thin = []
    for axis, sd in enumerate(sd_voxels):
        if sd <= 0:
            continue
        if array.shape[axis] < LEAST_VOXELS:
            thin.append((axis, float(sd)))
        else:
            image = sitk.RecursiveGaussian(
                image, float(sd), False, sitk.RecursiveGaussianImageFilter.ZeroOrder, 2 - axis
            )
    found = sitk.GetArrayFromImage(image)
    for axis, sd in thin:
        found = gaussian_filter1d(found, sd, axis=axis, mode="nearest")
    return found

"""ITK transforms at many points at once, in patient axes LPS."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk


def evaluated(transform: sitk.Transform, points_mm: np.ndarray) -> np.ndarray:
    """Points (n, 3) mapped by a transform, as its `TransformPoint` maps each of them."""
    transform = transform.Downcast()
    if isinstance(transform, sitk.CompositeTransform):
        for index in reversed(range(transform.GetNumberOfTransforms())):  # the one added last comes first
            points_mm = evaluated(transform.GetNthTransform(index), points_mm)
        return points_mm
    if transform.IsLinear():
        matrix = linear_matrix(transform)
        return points_mm @ matrix[:3, :3].T + matrix[:3, 3]
    if isinstance(transform, sitk.DisplacementFieldTransform):
        return points_mm + _of_field(transform.GetDisplacementField(), points_mm)
    if isinstance(transform, sitk.BSplineTransform) and transform.GetOrder() == 3:
        return points_mm + _of_spline(transform, points_mm)
    return np.array([transform.TransformPoint(point) for point in points_mm.tolist()]).reshape(-1, 3)


def linear_matrix(transform: sitk.Transform) -> np.ndarray:
    """Matrix (4, 4) of a transform that is linear."""
    matrix = np.eye(4)
    matrix[:3, 3] = transform.TransformPoint((0.0, 0.0, 0.0))
    matrix[:3, :3] = np.transpose([transform.TransformPoint(axis) for axis in np.eye(3).tolist()]) - matrix[:3, 3:]
    return matrix


def _indices(image: sitk.Image, points_mm: np.ndarray) -> np.ndarray:
    """Continuous indices (3, n) of points in an image, in the order k, j, i of its array."""
    steps = np.reshape(image.GetDirection(), (3, 3)) * np.asarray(image.GetSpacing())
    return np.linalg.solve(steps, (points_mm - np.asarray(image.GetOrigin())).T)[::-1]


def _of_field(field: sitk.Image, points_mm: np.ndarray) -> np.ndarray:
    from scipy.ndimage import map_coordinates

    index = _indices(field, points_mm)
    array = sitk.GetArrayViewFromImage(field)
    size = np.array(array.shape[:3])[:, None]
    inside = ((index >= -0.5) & (index < size - 0.5)).all(axis=0)  # beyond its voxels ITK moves nothing
    found = np.zeros_like(points_mm)
    for axis in range(3):
        found[inside, axis] = map_coordinates(array[..., axis], index[:, inside], order=1, mode="nearest")
    return found


def _of_spline(transform: sitk.BSplineTransform, points_mm: np.ndarray) -> np.ndarray:
    from scipy.ndimage import map_coordinates

    coefficients = transform.GetCoefficientImages()
    index = _indices(coefficients[0], points_mm)
    size = np.array(coefficients[0].GetSize()[::-1])[:, None]
    inside = ((index >= 1.0) & (index < size - 2.0)).all(axis=0)  # where all 4 x 4 x 4 control points are there
    found = np.zeros_like(points_mm)
    for axis, image in enumerate(coefficients):
        array = sitk.GetArrayViewFromImage(image)
        found[inside, axis] = map_coordinates(array, index[:, inside], order=3, prefilter=False, mode="nearest")
    return found

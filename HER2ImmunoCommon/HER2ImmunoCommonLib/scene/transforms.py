"""Transforms between visits as MRML nodes: what is put under the node of a visit appears in the reference visit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import SimpleITK as sitk
import slicer
import vtk
from vtk.util.numpy_support import numpy_to_vtk, vtk_to_numpy

from ..errors import InputError
from ..geometry import Volume
from ..registration import Transform

SIGN = np.array([-1.0, -1.0, 1.0])
"""From LPS to RAS and back."""
SPLINE_ORDER = 3
BEYOND_MM, STEP_MM = 100.0, 5.0
"""A transform that ITK has no kind for is known on a lattice of this step, as far as this beyond what it is made of."""
SPLINE_STEP_MM = 2.0
MOST_POINTS = 2e6
"""Of a field that stands for the inverse of one or of a spline."""
INVERSE_TOLERANCE_MM = 1e-3


def set_transform(node: slicer.vtkMRMLTransformNode, transform: Transform) -> None:
    """Let a node be a transform from the reference visit (fixed) to another (moving).

    Slicer maps points of the parent space, which is the reference visit, by the transform "from parent" to those of
    what lies under the node. So a volume of the moving visit that is put under the node appears in the reference visit.

    Parameters
    ----------
    node : vtkMRMLTransformNode
        Not one of a class that holds linear transforms alone, unless `transform` is linear.
    transform : Transform

    Raises
    ------
    InputError
        If it is of a kind that Slicer has not, or is not linear and the node can only be that.
    """
    if not node.IsA("vtkMRMLLinearTransformNode"):
        node.SetAndObserveTransformFromParent(_to_vtk(transform.lps))
    elif transform.matrix is not None:
        node.SetMatrixTransformFromParent(slicer.util.vtkMatrixFromArray(transform.matrix))
    else:
        raise InputError(f"{node.GetName()} holds linear transforms alone; choose another transform.")


def transform_of(node: slicer.vtkMRMLTransformNode) -> Transform:
    """The transform from the world (fixed) to what lies under a node (moving), through all nodes above it.

    Fields are linear between their points, as in ITK; Slicer shows those that it has read from a file by cubic
    interpolation, which differs by a few hundredths of a millimetre between points. Inverses of fields and splines are
    worked out on the points of their own grid, and thin plates on a lattice.

    Raises
    ------
    InputError
        If a part of it is of a kind that is not known here.
    """
    if node.IsTransformToWorldLinear():
        matrix = vtk.vtkMatrix4x4()
        node.GetMatrixTransformToWorld(matrix)
        return Transform.from_matrix(np.linalg.inv(slicer.util.arrayFromVTKMatrix(matrix)))
    whole = vtk.vtkGeneralTransform()
    node.GetTransformFromWorld(whole)
    made = Transform.identity()
    for part in _parts_of(whole):
        made = _from_vtk(part, node.GetName()).after(made)
    return made


def _to_vtk(lps: sitk.Transform) -> vtk.vtkAbstractTransform:
    lps = lps.Downcast()
    if lps.IsLinear():
        made = vtk.vtkTransform()
        made.SetMatrix(slicer.util.vtkMatrixFromArray(Transform(lps).matrix))
        return made
    if isinstance(lps, sitk.CompositeTransform):
        made = vtk.vtkGeneralTransform()
        for n in range(lps.GetNumberOfTransforms()):  # both apply what was added last first
            made.Concatenate(_to_vtk(lps.GetNthTransform(n)))
        return made
    if isinstance(lps, sitk.DisplacementFieldTransform):
        return _grid_transform(lps.GetDisplacementField())
    if isinstance(lps, sitk.BSplineTransform) and lps.GetOrder() == SPLINE_ORDER:
        return _spline_transform(lps)
    raise InputError(
        f"A transform of the kind {lps.GetName()} cannot be shown here; export it as a displacement field."
    )


def _grid_transform(field: sitk.Image) -> vtk.vtkAbstractTransform:
    """A field that ends in a layer of points that move nothing: Slicer goes on with the outermost, ITK does not.

    The layer before it repeats the outermost points, for the cubic interpolation of a field that was saved.
    """
    vectors = np.pad(sitk.GetArrayFromImage(field) * SIGN, [(1, 1)] * 3 + [(0, 0)], mode="edge")
    vectors = np.pad(vectors, [(1, 1)] * 3 + [(0, 0)])
    first = field.TransformIndexToPhysicalPoint((-2, -2, -2))
    made = slicer.vtkOrientedGridTransform()
    made.SetDisplacementGridData(_vtk_image(vectors, field.GetSpacing(), first))
    made.SetGridDirectionMatrix(_directions(field))
    made.SetInterpolationModeToLinear()
    made.SetInverseTolerance(INVERSE_TOLERANCE_MM)
    return made


def _spline_transform(lps: sitk.BSplineTransform) -> vtk.vtkAbstractTransform:
    images = lps.GetCoefficientImages()
    coefficients = np.stack([sitk.GetArrayFromImage(image) for image in images], axis=-1) * SIGN
    made = slicer.vtkOrientedBSplineTransform()
    made.SetBorderModeToZero()
    made.SetCoefficientData(_vtk_image(coefficients, images[0].GetSpacing(), images[0].GetOrigin()))
    made.SetGridDirectionMatrix(_directions(images[0]))
    return made


def _vtk_image(vectors: np.ndarray, spacing_mm: Sequence[float], origin_lps_mm: Sequence[float]) -> vtk.vtkImageData:
    image = vtk.vtkImageData()
    image.SetDimensions(*vectors.shape[2::-1])
    image.SetSpacing(*spacing_mm)
    image.SetOrigin(*(np.array(origin_lps_mm) * SIGN).tolist())
    image.GetPointData().SetScalars(numpy_to_vtk(np.ascontiguousarray(vectors.reshape(-1, 3)), deep=True))
    return image


def _directions(image: sitk.Image) -> vtk.vtkMatrix4x4:
    matrix = np.eye(4)
    matrix[:3, :3] = np.diag(SIGN) @ np.reshape(image.GetDirection(), (3, 3))
    return slicer.util.vtkMatrixFromArray(matrix)


def _parts_of(transform: vtk.vtkAbstractTransform) -> list[vtk.vtkAbstractTransform]:
    """What a transform is a series of, the one that is applied first before the others."""
    transform.Update()
    if not transform.IsA("vtkGeneralTransform"):
        return [transform]
    count = transform.GetNumberOfConcatenatedTransforms()
    return [part for n in range(count) for part in _parts_of(transform.GetConcatenatedTransform(n))]


def _from_vtk(part: vtk.vtkAbstractTransform, name: str) -> Transform:
    if part.IsA("vtkHomogeneousTransform"):
        return Transform.from_matrix(slicer.util.arrayFromVTKMatrix(part.GetMatrix()))
    if part.IsA("vtkOrientedGridTransform"):
        return _of_grid(part)
    if part.IsA("vtkOrientedBSplineTransform"):
        return _of_spline(part)
    if part.IsA("vtkThinPlateSplineTransform"):
        return _sampled(part, _around(part))
    raise InputError(
        f"The transform {name} has a part of the kind {part.GetClassName()}, which cannot be used here; harden it on "
        "a copy of the images, or choose another."
    )


def _of_grid(part: slicer.vtkOrientedGridTransform) -> Transform:
    image = part.GetDisplacementGrid()
    field = _array(image) * part.GetDisplacementScale() + part.GetDisplacementShift()
    grid = _grid_of(image, part.GetGridDirectionMatrix())
    if not part.GetInverseFlag():
        return Transform.from_displacement(field, grid)
    return _sampled(part, _finer(grid, np.abs(field).max(), np.array(grid.spacing_mm) / 2.0))


def _of_spline(part: slicer.vtkOrientedBSplineTransform) -> Transform:
    image, directions = part.GetCoefficientData(), part.GetGridDirectionMatrix()
    grid = _grid_of(image, directions)
    if part.GetInverseFlag() or part.GetBulkTransformMatrix() is not None:
        return _sampled(part, _finer(grid, np.abs(_array(image)).max(), np.full(3, SPLINE_STEP_MM)))
    lps = sitk.BSplineTransform(3, SPLINE_ORDER)
    place = np.diag(SIGN) @ (grid.ijk_to_ras[:3, :3] / grid.spacing_mm)
    origin = grid.ijk_to_ras[:3, 3] * SIGN
    size = image.GetDimensions()
    lps.SetFixedParameters([*map(float, size), *origin, *grid.spacing_mm, *place.ravel()])
    coefficients = _array(image) * SIGN * part.GetDisplacementScale()
    lps.SetParameters(coefficients.reshape(-1, 3).T.ravel().tolist())
    return Transform(lps)


def _array(image: vtk.vtkImageData) -> np.ndarray:
    vectors = vtk_to_numpy(image.GetPointData().GetScalars()).astype(np.float64)
    return vectors.reshape(*image.GetDimensions()[::-1], 3)


def _grid_of(image: vtk.vtkImageData, directions: vtk.vtkMatrix4x4 | None) -> Volume:
    place = np.eye(4)
    if directions is not None:
        place[:3, :3] = slicer.util.arrayFromVTKMatrix(directions)[:3, :3]
    place[:3, :3] *= image.GetSpacing()
    place[:3, 3] = image.GetOrigin()
    return _lattice(image.GetDimensions(), place)


def _finer(grid: Volume, beyond_mm: float, step_mm: np.ndarray) -> Volume:
    """A lattice over the space of a grid and so far beyond; its steps are wider than wanted where it gets too large."""
    axes = grid.ijk_to_ras[:3, :3] / grid.spacing_mm
    extent_mm = (np.array(grid.array.shape[::-1]) - 1) * grid.spacing_mm + 2.0 * beyond_mm
    step_mm = step_mm * max(1.0, np.prod(extent_mm / step_mm + 1.0) / MOST_POINTS) ** (1.0 / 3.0)
    place = np.eye(4)
    place[:3, :3] = axes * step_mm
    place[:3, 3] = grid.ijk_to_ras[:3, 3] - axes.sum(axis=1) * beyond_mm
    return _lattice(np.ceil(extent_mm / step_mm).astype(int) + 1, place)


def _around(plates: vtk.vtkThinPlateSplineTransform) -> Volume:
    """A lattice over the points that thin plates go by, and beyond."""
    points = vtk_to_numpy(plates.GetSourceLandmarks().GetData()).astype(np.float64)
    low, high = points.min(axis=0) - BEYOND_MM, points.max(axis=0) + BEYOND_MM
    place = np.diag([STEP_MM, STEP_MM, STEP_MM, 1.0])
    place[:3, 3] = low
    return _lattice(np.ceil((high - low) / STEP_MM).astype(int) + 1, place)


def _lattice(size: Sequence[int], ijk_to_ras: np.ndarray) -> Volume:
    """A grid of so many points along i, j and k, which takes no memory."""
    return Volume(np.broadcast_to(np.uint8(0), [int(n) for n in reversed(size)]), ijk_to_ras)


def _sampled(part: vtk.vtkAbstractTransform, grid: Volume) -> Transform:
    """A transform as a field over a grid."""
    k, j, i = np.indices(grid.array.shape).reshape(3, -1)
    places = np.stack([i, j, k], axis=-1) @ grid.ijk_to_ras[:3, :3].T + grid.ijk_to_ras[:3, 3]
    given, found = vtk.vtkPoints(), vtk.vtkPoints()
    given.SetData(numpy_to_vtk(places, deep=True))
    found.SetDataTypeToDouble()
    part.TransformPoints(given, found)
    moved = vtk_to_numpy(found.GetData()) - places
    return Transform.from_displacement(moved.reshape(*grid.array.shape, 3), grid)

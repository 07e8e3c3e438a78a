"""Transforms map points as ITK does, on any grid; what goes through them keeps its place, and volume is told right."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
import SimpleITK as sitk
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.registration import (
    Landmarks,
    Transform,
    carry_mask,
    jacobian,
    positions,
    read_landmarks,
    read_transform,
    resample,
    write_transform,
)

SIGN = np.array([-1.0, -1.0, 1.0])


def turn(degrees: float, axis: int) -> np.ndarray:
    matrix, angle = np.eye(4), np.deg2rad(degrees)
    first, second = [n for n in range(3) if n != axis]
    matrix[first, first] = matrix[second, second] = np.cos(angle)
    matrix[first, second], matrix[second, first] = -np.sin(angle), np.sin(angle)
    return matrix


def grid_of(kind: str, shape=(12, 14, 16)) -> Volume:
    spacing = np.diag([1.3, 1.6, 4.0, 1.0])
    axes = {"axial": np.diag([-1.0, -1.0, 1.0, 1.0]), "left-handed": np.diag([-1.0, 1.0, 1.0, 1.0])}
    axes["sagittal"] = np.array([[0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 0, 1.0]])
    axes["oblique"] = turn(25, 0) @ turn(-33, 2) @ axes["axial"]
    matrix = axes[kind] @ spacing
    matrix[:3, 3] = -matrix[:3, :3] @ (np.array(shape[::-1]) / 2) + (8.0, -5.0, 3.0)
    return Volume(np.zeros(shape, np.float32), matrix)


RIGID = turn(7, 0) @ turn(-5, 2)
RIGID[:3, 3] = (3.0, -2.0, 5.0)
KINDS = ("axial", "left-handed", "sagittal", "oblique")


def smooth_field(grid: Volume, mm: float = 3.0) -> np.ndarray:
    """Displacements that are 0 at 18 mm from the origin and beyond."""
    points = positions(grid)
    fade = np.clip(1.0 - (points**2).sum(axis=-1) / 18.0**2, 0.0, None) ** 2
    waves = np.stack([np.sin(points[..., 1] / 9), np.cos(points[..., 2] / 8), np.sin(points[..., 0] / 10)], axis=-1)
    return mm * fade[..., None] * waves


def spline(mm: float = 2.0) -> sitk.Transform:
    transform = sitk.BSplineTransform(3, 3)
    transform.SetTransformDomainOrigin((-40.0, -45.0, -50.0))
    transform.SetTransformDomainPhysicalDimensions((80.0, 85.0, 90.0))
    transform.SetTransformDomainMeshSize((4, 5, 3))
    values = np.random.default_rng(1).normal(0.0, mm, len(transform.GetParameters()))
    transform.SetParameters(values.tolist())
    return transform


def transforms() -> dict[str, Transform]:
    fine = grid_of("oblique", (24, 40, 44))
    field, linear = Transform.from_displacement(smooth_field(fine), fine), Transform.from_matrix(RIGID)
    euler = sitk.Euler3DTransform((1.0, 2.0, 3.0), 0.1, 0.2, -0.1, (4.0, 5.0, 6.0))
    return {
        "identity": Transform.identity(),
        "linear": linear,
        "field": field,
        "field then linear": linear.after(field),
        "spline": Transform(spline()),
        "euler": Transform(euler),
        "scaled": Transform(sitk.ScaleTransform(3, (1.1, 0.9, 1.2))),
        "thin plate like": Transform(sitk.BSplineTransform(3, 1)),
    }


@pytest.mark.parametrize("name", transforms())
def test_points_go_where_itk_sends_them(name):
    transform = transforms()[name]
    points = np.random.default_rng(2).uniform(-60.0, 60.0, (40, 3))
    expected = [SIGN * transform.lps.TransformPoint((SIGN * point).tolist()) for point in points]
    np.testing.assert_allclose(transform.at(points), expected, atol=1e-9)
    grid = grid_of("oblique")
    np.testing.assert_allclose(transform.on(grid), transform.at(positions(grid)), atol=1e-9)


def test_the_matrix_is_that_of_ras_points():
    transform = Transform.from_matrix(RIGID)
    np.testing.assert_allclose(transform.matrix, RIGID, atol=1e-12)
    np.testing.assert_allclose(transform.at([1.0, 2.0, 3.0]), (RIGID @ [1, 2, 3, 1])[:3])
    assert transforms()["field"].matrix is None
    np.testing.assert_allclose(transforms()["euler"].matrix @ [0, 0, 0, 1], [*transforms()["euler"].at(np.zeros(3)), 1])


@pytest.mark.parametrize("last", transforms())
@pytest.mark.parametrize("first", ["linear", "field then linear", "spline"])
def test_one_after_another_is_one_of_both(first, last):
    a, b = transforms()[first], transforms()[last]
    points = np.random.default_rng(3).uniform(-25.0, 25.0, (30, 3))
    np.testing.assert_allclose(b.after(a).at(points), b.at(a.at(points)), atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["linear", "field", "field then linear", "spline"])
def test_the_inverse_leads_back(kind, name):
    transform, grid = transforms()[name], grid_of(kind)
    back = transform.inverse(grid)
    places = positions(grid)
    np.testing.assert_allclose(transform.at(back.at(places)), places, atol=2e-3)


def test_a_fold_has_no_inverse():
    grid = grid_of("axial", (30, 30, 30))
    folding = Transform.from_displacement(smooth_field(grid, 40.0), grid)
    with pytest.raises(InputError, match="folds"):
        folding.inverse(grid)


@pytest.mark.parametrize("kind", KINDS)
def test_a_rigid_motion_keeps_volume_on_every_grid(kind):
    for step_mm in (None, 0.5):
        found = jacobian(Transform.from_matrix(RIGID), grid_of(kind), step_mm=step_mm)
        np.testing.assert_allclose(found.array, 1.0, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_jacobian_of_a_known_dilation_and_of_a_field(kind):
    grid = grid_of(kind)
    grown = np.diag([1.1, 0.9, 1.2, 1.0])
    np.testing.assert_allclose(jacobian(Transform.from_matrix(RIGID @ grown), grid).array, 1.188, atol=1e-9)
    points = positions(grid)
    # x -> x + a x^2 in each axis has the determinant of the product of 1 + 2 a x.
    bent = Transform.from_displacement(0.004 * points**2, grid)
    inner = (slice(2, -2),) * 3
    expected = np.prod(1 + 0.008 * points, axis=-1)
    np.testing.assert_allclose(jacobian(bent, grid, step_mm=0.01).array[inner], expected[inner], atol=0.06)


def test_a_large_image_has_the_jacobian_of_its_parts(monkeypatch):
    grid, field = grid_of("oblique"), transforms()["field"]
    whole = jacobian(field, grid).array
    monkeypatch.setattr(import_module("HER2ImmunoCommonLib.registration.jacobian"), "AT_ONCE", 5 * 14 * 16)
    np.testing.assert_allclose(jacobian(field, grid).array, whole, atol=1e-12)
    assert np.ptp(whole) > 0.1


def test_one_slice_has_a_jacobian_too():
    grid = grid_of("sagittal", (1, 20, 20))
    np.testing.assert_allclose(jacobian(Transform.from_matrix(np.diag([2.0, 1, 1, 1])), grid).array, 2.0, atol=1e-9)


def test_an_image_is_carried_to_where_its_points_are():
    moving, fixed = grid_of("sagittal", (30, 40, 40)), grid_of("oblique")
    slope = np.array([0.5, -1.0, 2.0])
    linear = Transform.from_matrix(RIGID)
    values = moving.like((positions(moving) @ slope).astype(np.float64))
    found = resample(values, fixed, linear)
    inside = np.isfinite(found.array)
    assert inside.mean() > 0.5
    np.testing.assert_allclose(found.array[inside], (linear.at(positions(fixed)) @ slope)[inside], atol=3.0)
    np.testing.assert_array_equal(found.ijk_to_ras, fixed.ijk_to_ras)


def test_beyond_the_volume_there_is_no_value_and_no_label():
    grid = grid_of("axial")
    away = Transform.from_matrix(np.array([[1, 0, 0, 500.0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]))
    assert np.isnan(resample(grid, grid, away).array).all()
    assert np.isnan(resample(grid.like(np.ones(grid.array.shape, np.int16)), grid, away).array).all()
    labels = resample(grid.like(np.ones(grid.array.shape, np.int16)), grid, away, nearest=True)
    assert labels.array.dtype == np.int16
    assert not labels.array.any()


def test_a_mask_keeps_its_volume_and_place_through_a_rigid_motion():
    moving, fixed = grid_of("sagittal", (40, 50, 60)), grid_of("oblique", (30, 50, 50))
    centre, linear = np.array([2.0, 4.0, -3.0]), Transform.from_matrix(RIGID)
    ball = moving.like(np.linalg.norm(positions(moving) - centre, axis=-1) < 12.0)
    carried = carry_mask(ball, fixed, linear)
    volume_mm3 = carried.sum() * 1000 * fixed.voxel_volume_cm3
    assert volume_mm3 == pytest.approx(4 / 3 * np.pi * 12.0**3, rel=0.04)
    np.testing.assert_allclose(linear.at(positions(fixed)[carried].mean(axis=0)), centre, atol=0.3)
    with pytest.raises(InputError, match="empty"):
        carry_mask(moving, fixed, linear)
    far = np.eye(4)
    far[:3, 3] = 400.0
    with pytest.raises(InputError, match="outside"):
        carry_mask(ball, fixed, Transform.from_matrix(far))


@pytest.mark.parametrize("ending", [".h5", ".tfm", ".txt"])
@pytest.mark.parametrize("name", ["identity", "linear", "field then linear", "spline", "euler"])
def test_files_keep_the_transform(tmp_path, name, ending):
    transform = transforms()[name]
    path = write_transform(transform, tmp_path / f"transform{ending}")
    points = np.random.default_rng(4).uniform(-30.0, 30.0, (30, 3))
    np.testing.assert_allclose(read_transform(path).at(points), transform.at(points), atol=1e-9)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_linear_transform_keeps_in_matlab_s_file(tmp_path):
    path = write_transform(Transform.from_matrix(RIGID), tmp_path / "motion.mat")
    np.testing.assert_allclose(read_transform(path).matrix, RIGID, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.h5", None, "does not exist"),
        ("image.nrrd", b"NRRD0004\n", "no transform file"),
        ("broken.h5", b"\x89HDF\r\n\x1a\nhalf", "could not be read"),
        ("broken.tfm", b"#Insight Transform File V1.0\nTransform: Nothing_double_3_3\n", "could not be read"),
        ("empty.txt", b"", "could not be read"),
    ],
)
def test_a_bad_file_is_named(tmp_path, name, content, message):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read_transform(path)
    assert name in str(caught.value)


def affine_file(path, matrix, dimension=3):
    values = " ".join(map(str, matrix))
    path.write_text(
        f"#Insight Transform File V1.0\n#Transform 0\nTransform: AffineTransform_double_{dimension}_{dimension}\n"
        f"Parameters: {values}\nFixedParameters: {' '.join(['0'] * dimension)}\n"
    )
    return path


def test_a_file_of_another_dimension_or_with_impossible_numbers_is_refused(tmp_path):
    with pytest.raises(InputError, match="2 dimensions"):
        read_transform(affine_file(tmp_path / "flat.tfm", [1, 0, 0, 1, 0, 0], 2))
    with pytest.raises(InputError, match="mirrors"):
        read_transform(affine_file(tmp_path / "mirror.tfm", [-1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]))
    with pytest.raises(InputError, match="far too large"):
        read_transform(affine_file(tmp_path / "far.tfm", [1, 0, 0, 0, 1, 0, 0, 0, 1, 1e9, 0, 0]))


@pytest.mark.parametrize(
    "matrix", [np.eye(3), np.full((4, 4), np.nan), np.diag([1.0, 1, 0, 1]), np.diag([1.0, 1, 1, 2])]
)
def test_a_matrix_that_is_no_motion_is_refused(matrix):
    with pytest.raises(InputError, match=r"matrix|transform"):
        Transform.from_matrix(matrix)


def test_a_field_that_does_not_fit_or_is_not_finite_is_refused():
    grid = grid_of("axial")
    with pytest.raises(InputError, match="does not fit"):
        Transform.from_displacement(np.zeros((2, 2, 2, 3)), grid)
    with pytest.raises(InputError, match="finite"):
        Transform.from_displacement(np.full((*grid.array.shape, 3), np.nan), grid)


def test_landmarks_measure_the_distance_that_is_left(tmp_path):
    path = tmp_path / "points.csv"
    header = "label,fixed_r_mm,fixed_a_mm,fixed_s_mm,moving_r_mm,moving_a_mm,moving_s_mm\n"
    path.write_text(header + "nipple,1,2,3,4,2,3\nvessel,0,0,0,3,0,4\n")
    marks = read_landmarks(path)
    assert len(marks) == 2
    np.testing.assert_allclose(marks.errors_mm(Transform.identity()), [3.0, 5.0])
    shift = np.eye(4)
    shift[0, 3] = 3.0
    np.testing.assert_allclose(marks.errors_mm(Transform.from_matrix(shift)), [0.0, 4.0])
    with pytest.raises(InputError, match="each place in both"):
        Landmarks(np.zeros((2, 3)), np.zeros((3, 3)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fixed_r_mm,fixed_a_mm,fixed_s_mm,moving_r_mm,moving_a_mm,moving_s_mm\n", "no"),
        ("fixed_r_mm,fixed_a_mm,fixed_s_mm,moving_r_mm,moving_a_mm\n1,2,3,4,5\n", "moving_s_mm"),
        ("fixed_r_mm,fixed_a_mm,fixed_s_mm,moving_r_mm,moving_a_mm,moving_s_mm\n1,2,3,4,x,6\n", "number"),
    ],
)
def test_a_file_of_landmarks_that_lacks_something_says_what(tmp_path, text, message):
    path = tmp_path / "points.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_landmarks(path)

"""Transforms as nodes: a point maps as in ITK, through Slicer and back, and under other transforms."""

import numpy as np
import pytest
import SimpleITK as sitk
import vtk
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import LPS_FROM_RAS, Volume
from HER2ImmunoCommonLib.registration import Transform

SHAPE = (8, 12, 14)
CLOSE_MM = 0.01


def turned(about_z, about_x):
    (c, s), (d, t) = ((np.cos(a), np.sin(a)) for a in np.radians((about_z, about_x)))
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.array([[1, 0, 0], [0, d, -t], [0, t, d]])


OBLIQUE = np.eye(4)
OBLIQUE[:3, :3] = turned(25, -40) * [4.0, 5.0, 6.0]
OBLIQUE[:3, 3] = -40, -30, 10
RIGID = np.eye(4)
RIGID[:3, :3] = turned(-12, 7)
RIGID[:3, 3] = 5, -3, 2
MIRRORED = OBLIQUE @ np.diag([-1.0, 1, 1, 1])


def field(place):
    k, j, i = np.indices(SHAPE)
    moved = np.stack([3 * np.sin(i / 4), 2 * np.cos(j / 5), 1.5 * np.sin(k / 3) + 0.5], axis=-1)
    return Transform.from_displacement(moved, Volume(np.zeros(SHAPE), place))


def spline():
    image = sitk.Image(60, 50, 40, sitk.sitkUInt8)
    image.SetDirection((LPS_FROM_RAS[:3, :3] @ turned(25, -40)).ravel().tolist())
    image.SetSpacing((1.2, 1.4, 1.6))
    image.SetOrigin((40, 30, 10))
    made = sitk.BSplineTransformInitializer(image, [5, 4, 3], 3)
    made.SetParameters((3 * np.random.default_rng(1).normal(size=len(made.GetParameters()))).tolist())
    return Transform(made)


LINEAR = Transform.from_matrix(RIGID)
TRANSFORMS = {
    "linear": LINEAR,
    "field": field(OBLIQUE),
    "field on a mirrored grid": field(MIRRORED),
    "spline": spline(),
    "field after a motion": field(OBLIQUE).after(LINEAR),
    "motion after a field": LINEAR.after(field(OBLIQUE)),
    "spline after a motion": spline().after(LINEAR),
    "field after a spline": field(OBLIQUE).after(spline()),
}


def inside(place=OBLIQUE, count=60):
    index = np.random.default_rng(2).uniform(0.5, np.array(SHAPE[::-1]) - 2.5, (count, 3))
    return index @ place[:3, :3].T + place[:3, 3]


def points_of(name):
    """Points that every part of a transform moves."""
    points = inside(MIRRORED if "mirrored" in name else OBLIQUE)
    if "spline" in name and "field" not in name:
        index = np.random.default_rng(4).uniform(2, (57, 47, 37), (60, 3))
        points = index * (1.2, 1.4, 1.6) @ turned(25, -40).T + (-40, -30, 10)
    return LINEAR.inverse(Volume(np.zeros(SHAPE), OBLIQUE)).at(points) if "after a motion" in name else points


def by_slicer(node, points):
    """Where Slicer takes a point of the world to find what lies under a node."""
    whole = vtk.vtkGeneralTransform()
    node.GetTransformFromWorld(whole)
    return np.array([whole.TransformPoint(point) for point in points.tolist()])


@pytest.fixture
def node(scene):
    return scene.AddNewNodeByClass("vtkMRMLTransformNode", "day 7 to baseline")


@pytest.mark.parametrize("name", list(TRANSFORMS))
def test_a_point_maps_as_in_itk(scene, node, name):
    from HER2ImmunoCommonLib.scene import set_transform, transform_of

    transform = TRANSFORMS[name]
    points = points_of(name)
    set_transform(node, transform)
    lps = np.array([transform.lps.TransformPoint(point) for point in (points * [-1, -1, 1]).tolist()]) * [-1, -1, 1]
    assert np.abs(lps - points).max() > 1.0
    np.testing.assert_allclose(by_slicer(node, points), lps, atol=CLOSE_MM)
    np.testing.assert_allclose(transform_of(node).at(points), lps, atol=CLOSE_MM)


def test_a_field_moves_nothing_beyond_its_grid(scene, node):
    from HER2ImmunoCommonLib.scene import set_transform, transform_of

    far = np.array([[300.0, 0, 0], [0, 300, 0], [0, 0, -300]])
    set_transform(node, TRANSFORMS["field"])
    np.testing.assert_allclose(by_slicer(node, far), far)
    np.testing.assert_allclose(transform_of(node).at(far), far)


def test_a_node_takes_another_kind_in_place_of_the_first(scene, node):
    from HER2ImmunoCommonLib.scene import set_transform

    for name in ("field", "linear", "spline", "linear"):
        set_transform(node, TRANSFORMS[name])
        points = points_of(name)
        np.testing.assert_allclose(by_slicer(node, points), TRANSFORMS[name].at(points), atol=CLOSE_MM)


def test_a_node_of_linear_transforms_takes_no_other(scene):
    from HER2ImmunoCommonLib.scene import set_transform

    linear = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Shift")
    set_transform(linear, LINEAR)
    with pytest.raises(InputError, match="Shift holds linear transforms alone"):
        set_transform(linear, TRANSFORMS["field"])


def test_the_transforms_above_a_node_are_part_of_it(scene, node):
    from HER2ImmunoCommonLib.scene import set_transform, transform_of

    above = scene.AddNewNodeByClass("vtkMRMLTransformNode", "Above")
    set_transform(above, TRANSFORMS["spline"])
    set_transform(node, TRANSFORMS["field"])
    node.SetAndObserveTransformNodeID(above.GetID())
    expected = TRANSFORMS["field"].after(TRANSFORMS["spline"]).at(inside())
    np.testing.assert_allclose(transform_of(node).at(inside()), expected, atol=CLOSE_MM)


@pytest.mark.parametrize(("name", "most_mm"), [("field", 0.03), ("spline", 0.03)])
def test_the_inverse_of_a_node_is_worked_out(scene, node, name, most_mm):
    from HER2ImmunoCommonLib.scene import set_transform, transform_of

    set_transform(node, TRANSFORMS[name])
    node.Inverse()
    points = points_of(name)
    there = TRANSFORMS[name].at(points)
    np.testing.assert_allclose(transform_of(node).at(there), points, atol=most_mm)


def test_thin_plates_between_landmarks(scene):
    from HER2ImmunoCommonLib.scene import transform_of

    plates, given, found = vtk.vtkThinPlateSplineTransform(), vtk.vtkPoints(), vtk.vtkPoints()
    for n, place in enumerate(((0, 0, 0), (60, 0, 0), (0, 60, 0), (0, 0, 60), (60, 60, 60))):
        given.InsertNextPoint(place)
        found.InsertNextPoint([value + 4.0 * (n == 4) for value in place])
    plates.SetSourceLandmarks(given)
    plates.SetTargetLandmarks(found)
    plates.SetBasisToR()
    node = scene.AddNewNodeByClass("vtkMRMLTransformNode", "Plates")
    node.SetAndObserveTransformFromParent(plates)
    points = np.random.default_rng(3).uniform(5, 55, (30, 3))
    np.testing.assert_allclose(transform_of(node).at(points), by_slicer(node, points), atol=0.05)


@pytest.mark.parametrize("name", ["linear", "field", "spline", "motion after a field"])
def test_a_saved_node_is_the_same_transform(scene, node, tmp_path, name):
    """Slicer shows a field that it read by cubic interpolation, which is why it is a little off between points."""
    import slicer
    from HER2ImmunoCommonLib.scene import save_mrb, set_transform, transform_of
    from HER2ImmunoCommonLib.scene.standalone import load_mrb

    set_transform(node, TRANSFORMS[name])
    save_mrb(scene, tmp_path / "scene.mrb")
    load_mrb(scene, tmp_path / "scene.mrb")
    loaded = slicer.util.getNode("day 7 to baseline")
    points = points_of(name)
    np.testing.assert_allclose(transform_of(loaded).at(points), TRANSFORMS[name].at(points), atol=CLOSE_MM)
    np.testing.assert_allclose(by_slicer(loaded, points), TRANSFORMS[name].at(points), atol=0.1)


@pytest.mark.parametrize("turn", [(0, 0, 0), (4, -7, 11), (0, 90, 0), (-30, -90, 0)])
def test_a_correction_is_six_numbers_about_a_point(scene, turn):
    from HER2ImmunoCommonLib.scene import motion_of, move
    from HER2ImmunoCommonLib.scene.corrections import set_centre

    made = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Correction")
    set_centre(made, (10.0, -20.0, 30.0))
    move(made, (1.0, 2.0, -3.0), turn)
    shift, found = motion_of(made)
    np.testing.assert_allclose(shift, (1, 2, -3), atol=1e-9)
    np.testing.assert_allclose(found, turn, atol=1e-6)
    centre = made.GetTransformToParent().TransformPoint(10.0, -20.0, 30.0)
    np.testing.assert_allclose(centre, (11, -18, 27), atol=1e-9)


def test_a_part_that_is_not_known_is_refused(scene):
    import slicer
    from HER2ImmunoCommonLib.scene import transform_of

    node = scene.AddNewNodeByClass("vtkMRMLTransformNode", "Odd")
    node.SetAndObserveTransformFromParent(vtk.vtkSphericalTransform())
    with pytest.raises(InputError, match="Odd has a part of the kind vtkSphericalTransform"):
        transform_of(node)
    assert slicer.util.getNode("Odd") is node

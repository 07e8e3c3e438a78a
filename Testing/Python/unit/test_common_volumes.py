"""Volumes keep their values and their place; masks find their voxels on any grid."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume, from_sitk, read_volume, resample_mask, same_grid, to_sitk, write_volume
from HER2ImmunoCommonLib.roi import roi_statistics


def oblique(spacing=(1.5, 2.0, 3.0), origin=(10.0, -20.0, 30.0)):
    angle = np.deg2rad(25)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    tilt = np.array([[1, 0, 0], [0, np.cos(0.4), -np.sin(0.4)], [0, np.sin(0.4), np.cos(0.4)]])
    matrix = np.eye(4)
    matrix[:3, :3] = turn @ tilt * spacing
    matrix[:3, 3] = origin
    return matrix


def ball(shape, matrix, centre, radius):
    k, j, i = np.indices(shape)
    points = np.stack([i, j, k, np.ones(shape)], -1) @ matrix.T
    return np.linalg.norm(points[..., :3] - centre, axis=-1) <= radius


def test_nrrd_keeps_values_nan_and_place(tmp_path):
    array = np.arange(24, dtype=np.float64).reshape(2, 3, 4)
    array[0, 0, 0] = np.nan
    volume = Volume(array, oblique())
    again = read_volume(write_volume(volume, tmp_path / "map.nrrd"))
    np.testing.assert_array_equal(again.array, array.astype(np.float32))
    np.testing.assert_allclose(again.ijk_to_ras, volume.ijk_to_ras, atol=1e-9)
    assert [entry.name for entry in tmp_path.iterdir()] == ["map.nrrd"]


def test_left_handed_grids_survive(tmp_path):
    matrix = oblique() @ np.diag([1.0, -1.0, 1.0, 1.0])
    again = from_sitk(to_sitk(Volume(np.zeros((2, 3, 4), np.float32), matrix)))
    np.testing.assert_allclose(again.ijk_to_ras, matrix, atol=1e-9)


def test_voxel_volume_of_an_oblique_grid():
    volume = Volume(np.zeros((1, 1, 1)), oblique())
    assert volume.voxel_volume_cm3 == pytest.approx(0.009)
    assert volume.spacing_mm == pytest.approx((1.5, 2.0, 3.0))


def test_a_ball_drawn_on_one_grid_is_the_same_ball_on_another():
    fine, coarse = oblique((1, 1, 1)), np.diag([-2.0, -2.0, 2.5, 1.0])
    centre = (fine @ [20, 20, 20, 1])[:3]
    coarse[:3, 3] = centre + np.array([24, 24, -25])
    drawn = Volume(ball((40, 40, 40), fine, centre, 12.0), fine)
    onto = Volume(np.zeros((21, 25, 25)), coarse)
    found = resample_mask(drawn, onto)
    truth = ball(onto.array.shape, coarse, centre, 12.0)
    assert 2 * np.sum(found & truth) / (found.sum() + truth.sum()) > 0.95
    index = np.argwhere(found).mean(axis=0)[::-1]
    np.testing.assert_allclose((coarse @ [*index, 1])[:3], centre, atol=0.3)


def test_masks_that_are_empty_or_elsewhere_are_refused():
    grid = Volume(np.zeros((4, 4, 4)), np.eye(4))
    far = np.eye(4)
    far[:3, 3] = 500.0
    with pytest.raises(InputError, match="empty"):
        resample_mask(grid, grid)
    with pytest.raises(InputError, match="does not overlap"):
        resample_mask(Volume(np.ones((4, 4, 4)), far), grid)


def test_grids_differ_by_shape_or_place():
    a = Volume(np.zeros((2, 3, 4)), np.eye(4))
    moved = np.eye(4)
    moved[0, 3] = 0.01
    assert same_grid(a, Volume(np.ones((2, 3, 4)), np.eye(4) + 1e-6))
    assert not same_grid(a, Volume(np.zeros((2, 3, 4)), moved))
    assert not same_grid(a, Volume(np.zeros((2, 3, 5)), np.eye(4)))


@pytest.mark.parametrize("content", [None, b"not an image"])
def test_a_file_that_is_no_volume_is_named(tmp_path, content):
    path = tmp_path / "mask.nrrd"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"mask\.nrrd"):
        read_volume(path)


def test_statistics_skip_nan_and_count_it():
    values = np.array([1.0, 2.0, 3.0, np.nan, 100.0])
    found = roi_statistics(values, np.array([1, 1, 1, 1, 0], bool))
    assert (found.n, found.n_valid, found.mean, found.median, found.sd) == (4, 3, 2.0, 2.0, 1.0)


def test_statistics_of_nothing_valid_are_nan_not_zero():
    found = roi_statistics(np.full(3, np.nan), np.ones(3, bool))
    assert found.n_valid == 0
    assert np.isnan(found.mean)


def test_statistics_need_a_region_on_the_same_grid():
    with pytest.raises(InputError, match="empty"):
        roi_statistics(np.ones(3), np.zeros(3, bool))
    with pytest.raises(InputError, match="shape"):
        roi_statistics(np.ones(3), np.ones(4, bool))

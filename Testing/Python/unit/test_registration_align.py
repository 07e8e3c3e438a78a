"""Two visits are brought together: known motions are found, and what cannot be aligned is refused with the reason."""

from __future__ import annotations

import numpy as np
import pytest
import small_breasts as small
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.registration import AlignSettings, Landmarks, Transform, align, align_rigid, judge

FIXED = small.grid()


@pytest.fixture(scope="module")
def fixed():
    return small.visit(FIXED)


@pytest.fixture(scope="module")
def moved():
    """The breast at a later visit, of another contrast, gain and shading, on another grid."""
    axes = np.array([[-1, 0, 0], [0, -1, 0], [0, 0, 1.0]])
    where = small.grid((2.2, 2.2, 3.5), axes, (125.0, 150.0, 130.0))
    return small.visit(where, small.motion(), enhanced=0.7, gain=3.0, shade=0.2, seed=1)


@pytest.fixture(scope="module")
def found(fixed, moved):
    return align_rigid(fixed, moved)


def test_a_rigid_motion_between_contrasts_is_found(found):
    error = small.error_mm(found.transform, small.motion(), FIXED, small.inside(FIXED))
    assert error.mean() < 0.5
    assert found.transform.matrix is not None
    np.testing.assert_allclose(found.jacobian.array, 1.0, atol=1e-5)


def test_a_motion_between_opposite_contrasts_is_found_by_information_alone(fixed, moved):
    opposite = moved.like(np.interp(moved.array, [0, 30, 90, 150, 400], [0, 60, 900, 700, 300]).astype(np.float32))
    found = align(fixed, opposite, settings=AlignSettings(kind="rigid", same_contrast=False))
    assert small.error_mm(found.transform, small.motion(), FIXED, small.inside(FIXED)).mean() < 1.0
    assert found.quality.metric_name == "mutual information"
    assert found.quality.metric_after > found.quality.metric_before
    with pytest.raises(InputError, match="only be aligned rigidly"):
        AlignSettings(same_contrast=False)


def test_the_figures_tell_that_it_became_better(found):
    quality = found.quality
    assert quality.metric_after == quality.metric_rigid > quality.metric_before + 0.2
    assert quality.overlap > 0.95
    assert quality.tumour_volume_change is None
    assert quality.landmark_error_mm is None


def test_landmarks_judge(fixed, moved):
    places = np.array([[60.0, 10, 0], [80, -20, 20], [70, 0, -30]])
    marks = Landmarks(small.motion().at(places), places)
    quality = judge(small.motion().inverse(FIXED), fixed, moved, landmarks=marks)
    assert quality.landmark_error_mm < 1e-6 < 5 < quality.landmark_before_mm
    assert quality.metric_after > 0.5


def test_two_runs_give_the_same_to_the_bit(fixed, moved, found):
    again = align_rigid(fixed, moved)
    np.testing.assert_array_equal(again.transform.matrix, found.transform.matrix)


def shifted(volume: Volume, ras_mm) -> Volume:
    matrix = volume.ijk_to_ras.copy()
    matrix[:3, 3] += ras_mm
    return Volume(volume.array, matrix)


def test_images_far_apart_need_a_start(fixed):
    away = shifted(fixed, (0.0, 0.0, 400.0))
    with pytest.raises(InputError, match="do not overlap"):
        align_rigid(fixed, away)
    start = np.eye(4)
    start[:3, 3] = (0.0, 3.0, 396.0)
    found = align_rigid(fixed, away, initial=Transform.from_matrix(start))
    np.testing.assert_allclose(found.transform.matrix[:3, 3], (0.0, 0.0, 400.0), atol=0.3)


def test_the_other_breast_is_refused(fixed):
    with pytest.raises(InputError, match=r"right side .* left"):
        align(fixed, shifted(fixed, (-140.0, 0.0, 0.0)))


def test_masks_that_are_empty_or_elsewhere_are_refused(fixed, moved):
    empty = FIXED.like(np.zeros(FIXED.array.shape, bool))
    elsewhere = shifted(small.tumour(FIXED), (0.0, 500.0, 0.0))
    for name in ("fixed", "moving"):
        with pytest.raises(InputError, match=f"tumour mask of the {name} image is empty"):
            align(fixed, moved, **{f"tumour_{name}": empty})
        with pytest.raises(InputError, match=f"lies outside the {name} image"):
            align(fixed, moved, **{f"tumour_{name}": elsewhere})
    with pytest.raises(InputError, match="body mask"):
        align(fixed, moved, mask_fixed=empty)


def test_an_image_of_nothing_is_refused(fixed):
    with pytest.raises(InputError, match="same everywhere"):
        align(fixed, FIXED)
    with pytest.raises(InputError, match="one frame"):
        align(fixed, Volume(np.zeros((3, 4, 5, 6)), np.eye(4)))


@pytest.mark.parametrize(
    "wrong", [{"kind": "affine"}, {"control_mm": ()}, {"bending": -1.0}, {"smallest_jacobian": 1.5}, {"blend_mm": 0.0}]
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InputError):
        AlignSettings(**wrong)


def test_a_start_from_another_frame_of_reference_is_refused(fixed, moved):
    away = np.eye(4)
    away[:3, 3] = 400.0
    with pytest.raises(InputError, match=r"initial transform .* frame of reference"):
        align(fixed, moved, initial=Transform.from_matrix(away))
    with pytest.raises(InputError, match=r"given transform .* frame of reference"):
        judge(Transform.from_matrix(away), fixed, moved)


def test_visits_of_one_protocol_are_not_held_where_their_voxels_coincide():
    """On the very same grid, where noise looks most like noise as the visits lie."""
    way, where = small.motion((3.0, 0.0, 0.0), (0.0, 0.0, 0.0)), small.grid((3.0, 3.0, 3.0), np.diag([-1.0, -1, 1]))
    first, second = small.visit(where, noise=20.0), small.visit(where, way, noise=20.0, seed=1)
    error = small.error_mm(align_rigid(first, second).transform, way, where, small.inside(where))
    assert error.mean() < 0.6

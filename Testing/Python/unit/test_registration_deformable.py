"""A breast that lies another way is found again, whatever the grids, and its tumour keeps its volume."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import small_breasts as small
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoCommonLib.registration import AlignSettings, Transform, align, carry_mask, jacobian, judge
from HER2ImmunoCommonLib.registration.checks import check_quality
from scipy.spatial.transform import Rotation

AXIAL = np.array([[-1, 0, 0], [0, -1, 0], [0, 0, 1.0]])
SAGITTAL = np.array([[0, 0, 1.0], [-1, 0, 0], [0, -1, 0]])
OBLIQUE = Rotation.from_euler("xyz", [25, -18, 30], degrees=True).as_matrix() @ AXIAL
WAY = small.reposition().after(small.motion())
"""From points of the moving to points of the fixed visit."""
FIXED, MOVING = small.grid(), small.grid((2.2, 2.2, 3.5), AXIAL, (125.0, 150.0, 130.0))
HALF, COARSE = small.grid((5.0, 5.0, 6.0)), small.grid((7.0, 7.0, 7.0))
START = small.motion().inverse(COARSE)
"""Saves the search for a rigid motion where that is not the point."""
OTHER_CONTRAST = {"enhanced": 0.7, "gain": 3.0, "shade": 0.2, "seed": 1}


def later(where: Volume, way: Transform = WAY, **kinds) -> Volume:
    """The breast at a later visit, of another contrast, gain and shading."""
    return small.visit(where, way, **OTHER_CONTRAST, **kinds)


def errors_mm(transform: Transform, within=None, where: Volume = FIXED, way: Transform = WAY) -> np.ndarray:
    return small.error_mm(transform, way, where, small.inside(where) if within is None else within)


@pytest.fixture(scope="module")
def fixed():
    return small.visit(FIXED)


@pytest.fixture(scope="module")
def moved():
    return later(MOVING)


@pytest.fixture(scope="module")
def found(fixed, moved):
    return align(fixed, moved, tumour_fixed=small.tumour(FIXED), tumour_moving=small.tumour(MOVING, WAY))


def test_the_deformation_is_found(found):
    error, rigid = errors_mm(found.transform), errors_mm(found.rigid)
    assert error.mean() < 0.4 < 1.2 < rigid.mean()
    assert np.percentile(error, 95) < 0.8
    assert errors_mm(found.transform, small.tumour(FIXED).array).mean() < 0.5
    assert not found.warnings


def test_its_figures_are_those_of_the_transform(found):
    quality = found.quality
    assert quality.metric_before < quality.metric_rigid < quality.metric_after
    assert quality.overlap > 0.9
    inside = small.inside(FIXED)
    assert quality.jacobian_min <= found.jacobian.array[inside].min()
    assert quality.jacobian_min > 0.6
    np.testing.assert_allclose(found.jacobian.array, jacobian(found.transform, FIXED).array, atol=1e-5)


def test_the_tumour_keeps_its_volume(found):
    """The moving tumour, carried into the fixed visit and measured there finely, has the volume it had."""
    assert abs(found.quality.tumour_volume_change) < 1e-3
    fine = small.grid((0.7, 0.7, 0.7), extent_mm=(34.0,) * 3)
    middle = found.transform.inverse(COARSE).at(WAY.inverse(COARSE).at(small.TUMOUR_RAS_MM))
    matrix = fine.ijk_to_ras.copy()
    matrix[:3, 3] += middle - small.CENTRE_RAS_MM
    fine = Volume(fine.array, matrix)
    carried = small.error_mm(found.transform, Transform.identity(), fine, np.ones(fine.array.shape, bool))
    assert carried.mean() > 3.0  # it does move
    reached = WAY.at(found.transform.on(fine))
    ball = np.linalg.norm(reached - small.TUMOUR_RAS_MM, axis=-1) < small.TUMOUR_MM
    np.testing.assert_allclose(jacobian(found.transform, fine).array[ball], 1.0, atol=1e-6)
    assert ball.sum() * fine.voxel_volume_cm3 == pytest.approx(4e-3 / 3 * np.pi * small.TUMOUR_MM**3, rel=1e-2)


def test_the_tumour_moves_as_one_piece(found):
    places = small.TUMOUR_RAS_MM + np.random.default_rng(0).uniform(-6.0, 6.0, (40, 3))
    moved = found.transform.at(places)
    apart = np.linalg.norm(places[:, None] - places, axis=-1)
    np.testing.assert_allclose(np.linalg.norm(moved[:, None] - moved, axis=-1), apart, atol=1e-6)


def test_there_and_back_agree_within_a_voxel(fixed, moved, found):
    back = align(moved, fixed, tumour_fixed=small.tumour(MOVING, WAY), tumour_moving=small.tumour(FIXED))
    places = found.transform.at(small.positions(FIXED)[small.inside(FIXED)])
    apart = np.linalg.norm(back.transform.at(places) - small.positions(FIXED)[small.inside(FIXED)], axis=-1)
    assert np.percentile(apart, 95) < 1.0
    assert apart.max() < 2.2


@pytest.mark.parametrize(
    ("where", "then", "bar_mm"),
    [
        (HALF, small.grid((5.0, 5.0, 6.0), AXIAL), 0.9),
        (small.grid((3.5, 3.5, 4.0), OBLIQUE, (140.0, 160.0, 150.0)), HALF, 0.9),
        (small.grid((1.8, 1.8, 5.0), AXIAL), small.grid((1.8, 1.8, 5.0), SAGITTAL), 0.5),
    ],
    ids=["half the resolution", "oblique", "thick slices"],
)
def test_other_grids_do(where, then, bar_mm):
    found = align(small.visit(where), later(then), tumour_fixed=small.tumour(where))
    error = errors_mm(found.transform, where=where)
    assert error.mean() < bar_mm < errors_mm(found.rigid, where=where).mean()
    assert np.percentile(error, 95) < 2.8
    assert found.quality.tumour_volume_change == pytest.approx(0.0, abs=1e-3)


def test_a_mouse_does():
    scale = 0.12
    where = small.grid((0.25, 0.25, 1.0), AXIAL, scale=scale)
    way = small.reposition(scale).after(small.motion(scale=scale))
    found = align(
        small.visit(where, scale=scale), later(where, way, scale=scale), tumour_fixed=small.tumour(where, scale=scale),
        tumour_moving=small.tumour(where, way, scale=scale),
    )  # fmt: skip
    error = errors_mm(found.transform, small.inside(where, scale), where, way)
    assert error.mean() < 0.15 < errors_mm(found.rigid, small.inside(where, scale), where, way).mean()
    assert abs(found.quality.tumour_volume_change) < 1e-3


@pytest.mark.parametrize("left_mm", [small.TUMOUR_MM * 0.2 ** (1 / 3), 0.0], ids=["shrunk by 80 %", "vanished"])
def test_a_tumour_that_answers_does_not_pull_its_surroundings(fixed, left_mm):
    moved = later(MOVING, tumour_mm=left_mm)
    small_one = small.tumour(MOVING, WAY, mm=left_mm) if left_mm else None
    found = align(fixed, moved, tumour_fixed=small.tumour(FIXED), tumour_moving=small_one, initial=START)
    assert errors_mm(found.transform).mean() < 0.4
    assert errors_mm(found.transform, small.tumour(FIXED).array).mean() < 0.7
    assert abs(found.quality.tumour_volume_change) < 1e-3
    if small_one is not None:
        carried = carry_mask(small_one, FIXED, found.transform).sum() / small.tumour(FIXED).array.sum()
        assert carried == pytest.approx(0.2, abs=0.03)


@pytest.fixture(scope="module")
def coarse():
    """Two visits on a grid on which an alignment takes a moment."""
    return small.visit(COARSE), later(COARSE)


def test_two_runs_give_the_same_to_the_bit(coarse):
    first, second = (align(*coarse, tumour_fixed=small.tumour(COARSE)).transform for _ in range(2))
    np.testing.assert_array_equal(first.displacements(FIXED), second.displacements(FIXED))


def test_an_image_stays_on_itself(coarse):
    found = align(coarse[0], coarse[0], tumour_fixed=small.tumour(COARSE), tumour_moving=small.tumour(COARSE))
    assert np.abs(found.transform.displacements(COARSE)[small.inside(COARSE)]).max() < 0.05
    assert found.quality.metric_after == pytest.approx(1.0, abs=1e-3)


def test_a_tumour_between_the_voxels_is_kept_rigid_all_the_same(coarse):
    fine = small.grid((1.0, 1.0, 1.0), extent_mm=(120.0, 140.0, 126.0))
    matrix = fine.ijk_to_ras.copy()
    matrix[:3, 3] = COARSE.ijk_to_ras[:3] @ [8.5, 9.5, 7.5, 1.0]
    tiny = Volume(np.ones((1, 1, 1), bool), matrix)
    found = align(*coarse, tumour_fixed=tiny, initial=START)
    assert found.quality.tumour_volume_change == pytest.approx(0.0, abs=1e-3)


def test_a_tumour_that_comes_to_lie_outside_is_told(coarse):
    fixed, moved = coarse
    part = Volume(np.ascontiguousarray(fixed.array[:9]), fixed.ijk_to_ras)
    far = moved.like(np.zeros(moved.array.shape, bool))
    far.array[14, 9, 9] = True
    found = align(part, moved, tumour_moving=far, initial=START)
    assert any("outside the fixed one" in warning for warning in found.warnings)
    assert found.quality.tumour_volume_change is None


def test_too_much_squeezing_makes_it_stiffer_and_says_so(coarse):
    free = align(*coarse, initial=START)
    bar = (free.quality.jacobian_min + 1.0) / 2
    found = align(*coarse, initial=START, settings=AlignSettings(smallest_jacobian=bar))
    assert found.quality.jacobian_min >= bar > free.quality.jacobian_min
    assert any("stiffer" in warning for warning in found.warnings)
    with pytest.raises(InputError, match=r"squeezes tissue .* rigid"):
        align(*coarse, initial=START, settings=AlignSettings(smallest_jacobian=0.999))


def test_what_folds_or_fits_worse_is_refused(coarse):
    fixed, moved = coarse
    points = small.positions(FIXED) - small.CENTRE_RAS_MM
    folding = Transform.from_displacement(30.0 * np.sin(points / 12.0), FIXED)
    quality = judge(folding, fixed, moved)
    assert quality.jacobian_min < 0
    with pytest.raises(InputError, match="folds"):
        check_quality(quality, AlignSettings())
    good = replace(quality, jacobian_min=0.8, overlap=1.0, metric_before=0.4, metric_after=0.5)
    check_quality(good, AlignSettings())
    with pytest.raises(InputError, match=r"less alike .* than before"):
        check_quality(replace(good, metric_after=0.3), AlignSettings())
    with pytest.raises(InputError, match=r"Only 30% of the body"):
        check_quality(replace(good, overlap=0.3), AlignSettings())


def test_cancel_ends_it_at_every_stage():
    where = small.grid((8.0, 8.0, 8.0))
    fixed, moved, tumour = small.visit(where), later(where), small.tumour(where)
    told: list[tuple[float, str]] = []
    align(fixed, moved, tumour_fixed=tumour, initial=START, report=lambda *each: told.append(each))
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)
    stages = list(dict.fromkeys(text for _, text in told))
    assert len(stages) >= 8
    for stage in stages:

        def report(_, text, stage=stage):
            if text == stage:
                raise Cancelled

        with pytest.raises(Cancelled):
            align(fixed, moved, tumour_fixed=tumour, initial=START, report=report)

"""The picture of an alignment: slices turned as they are looked at, checkerboards of both, volume in colour."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.registration import Alignment, AlignSettings, Quality, Transform, jacobian, positions
from HER2ImmunoStudyLib.cli.align.plane import plane_through, turned
from HER2ImmunoStudyLib.cli.align.sheet import alignment_sheet

NAMES = {"R": (0, 1), "L": (0, -1), "A": (1, 1), "P": (1, -1), "S": (2, 1), "I": (2, -1)}
STRAIGHT = np.eye(3)
QUALITY = Quality(0.2, 0.5, 0.6, "correlation of local contrast", 0.9, 1.1, 1.0, None, None, None, 1.0)


def ball(axes=STRAIGHT, shape=(20, 24, 28), shift_mm=(0.0, 0.0, 0.0)):
    """A bright ball with a brighter core in the middle of a grid with axes i, j, k in RAS."""
    matrix = np.eye(4)
    matrix[:3, :3] = np.asarray(axes, float) * (2.0, 2.5, 3.0)
    matrix[:3, 3] = -matrix[:3, :3] @ ((np.array(shape[::-1]) - 1) / 2)
    grid = Volume(np.zeros(shape, np.float32), matrix)
    distance = np.linalg.norm(positions(grid) - shift_mm, axis=-1)
    return grid.like(np.where(distance < 18, 100 + 100 * (distance < 6), 0).astype(np.float32)), distance < 6


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_every_orientation_is_turned_to_that_of_a_radiologist(order):
    for signs in product((1.0, -1.0), repeat=3):
        axes = np.eye(3)[:, order] * signs
        volume, _ = ball(axes)
        for axis, expected in ((0, "A P S I"), (1, "R L S I"), (2, "R L A P")):
            if order[2] != axis:
                continue
            plane = plane_through(volume, None)
            assert " ".join(plane.letters) == expected
            places = positions(plane.volume)[0]
            right, bottom = (NAMES[plane.letters[side]] for side in (1, 3))
            assert (np.diff(places[..., right[0]], axis=1) * right[1] > 0).all()
            assert (np.diff(places[..., bottom[0]], axis=0) * bottom[1] > 0).all()


def test_a_turned_slice_keeps_every_value_at_its_place():
    rng = np.random.default_rng(3)
    volume, _ = ball(np.eye(3)[:, (2, 0, 1)] * (-1, 1, -1))
    volume = volume.like(rng.random(volume.array.shape))
    plane = turned(volume, 7)
    back = np.linalg.inv(volume.ijk_to_ras)
    index = positions(plane)[0] @ back[:3, :3].T + back[:3, 3]
    i, j, k = np.moveaxis(np.rint(index).astype(int), -1, 0)
    np.testing.assert_allclose(index, np.rint(index), atol=1e-9)
    np.testing.assert_array_equal(plane.array[0], volume.array[k, j, i])


def test_the_plane_goes_through_the_largest_section_and_is_named():
    volume, core = ball()
    core = np.roll(core, 3, axis=0)
    plane = plane_through(volume, core)
    assert (plane.k, plane.n, plane.name) == (int(np.argmax(core.sum(axis=(1, 2)))), 20, "axial")
    assert plane_through(volume, None).k in (9, 10)
    tilt = np.array([[1, 0, 0], [0, 0.9, -0.436], [0, 0.436, 0.9]])
    assert plane_through(ball(tilt)[0], None).name == "oblique axial"


def drawn(transform, moving_mm=(0.0, 0.0, 0.0), masks=True):
    fixed, core = ball(shape=(8, 40, 48))
    moving, moving_core = ball(shape=(8, 40, 48), shift_mm=moving_mm)
    found = Alignment(transform, transform, QUALITY, jacobian(transform, fixed), (), AlignSettings())
    tumours = (fixed.like(core), moving.like(moving_core)) if masks else (None, None)
    return alignment_sheet(found, (fixed, moving), tumours)


def panels(sheet):
    """The six panels, of which the checkerboards lie below the first two."""
    dark = (sheet == sheet[0, 0]).all(axis=-1)
    height = (sheet.shape[0] - 76 - 76 - 2 * 46) // 2
    tops = (76 + 46, 76 + 2 * 46 + height)
    assert dark[: tops[0] - 46].mean() > 0.8
    return [sheet[top : top + height, left : left + 480] for top in tops for left in (20, 516, 1012)]


def test_the_checkerboard_has_no_steps_once_aligned():
    shift = np.eye(4)
    shift[:3, 3] = (10.0, 0.0, 0.0)
    _, before, after, tiles_before, tiles_after, _ = panels(drawn(Transform.from_matrix(shift), (10.0, 0.0, 0.0)))
    fixed_like = tiles_after[..., 0].astype(float)
    assert np.abs(tiles_before[..., 0].astype(float) - fixed_like).mean() > 5
    middle = after[..., 0] > 150, fixed_like > 150
    assert (middle[0] != middle[1]).mean() < 0.02
    assert (before[..., 0] != after[..., 0]).mean() > 0.05


def test_volume_is_blue_where_it_shrinks_and_red_where_it_grows():
    for factor, channel in ((0.9, 2), (1.1, 0)):
        panel = panels(drawn(Transform.from_matrix(np.diag([factor] * 3 + [1.0])), masks=False))[5].astype(float)
        middle = panel[panel.shape[0] // 2, panel.shape[1] // 2]
        assert middle[channel] == middle.max() > middle.min() + 30


def test_no_masks_and_a_visit_beyond_the_slice_are_drawn_too():
    away = np.eye(4)
    away[:3, 3] = (500.0, 0.0, 0.0)
    sheet = drawn(Transform.from_matrix(away), masks=False)
    assert panels(sheet)[2].max() < 255
    assert sheet.dtype == np.uint8

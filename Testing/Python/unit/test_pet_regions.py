"""Regions of the PET: a sphere by its centre, the preview of a threshold, overlap of hypoxia with other regions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume
from PETHypoxiaLib.hypoxia.metrics import CHANGE_NOTE, hypoxia_metrics, hypoxic_volume
from PETHypoxiaLib.hypoxia.overlap import overlaps
from PETHypoxiaLib.hypoxia.preview import preview
from PETHypoxiaLib.hypoxia.sphere import sphere_mask


@pytest.fixture
def turned():
    """An image of 30 x 40 x 50 voxels of 2 x 1.5 x 1 mm, turned by 30 degrees."""
    c, s = math.cos(math.pi / 6), math.sin(math.pi / 6)
    turn = np.array([[c, -s, 0, 12], [s, c, 0, -30], [0, 0, 1, 5], [0, 0, 0, 1.0]])
    rng = np.random.default_rng(1)
    return Volume(rng.uniform(0.5, 2.5, (50, 40, 30)).astype(np.float32), turn @ np.diag([2, 1.5, 1, 1]))


def test_a_sphere_has_its_volume_and_lies_around_its_centre(turned):
    centre = (turned.ijk_to_ras @ [15.3, 20.2, 24.6, 1])[:3]
    mask = sphere_mask(turned, centre, 10.0)
    volume_cm3 = mask.sum() * turned.voxel_volume_cm3
    assert volume_cm3 == pytest.approx(4 / 3 * math.pi, rel=0.01)
    places = np.argwhere(mask)[:, ::-1] @ turned.ijk_to_ras[:3, :3].T + turned.ijk_to_ras[:3, 3]
    np.testing.assert_allclose(places.mean(axis=0), centre, atol=0.1)
    assert np.linalg.norm(places - centre, axis=1).max() <= 10.0


def test_a_sphere_smaller_than_a_voxel_is_the_voxel_of_its_centre(turned):
    mask = sphere_mask(turned, (turned.ijk_to_ras @ [3.4, 4.4, 5.4, 1])[:3], 0.01)
    assert np.argwhere(mask).tolist() == [[5, 4, 3]]


def test_a_sphere_at_the_edge_is_cut_off(turned):
    assert 0 < sphere_mask(turned, turned.ijk_to_ras[:3, 3], 10.0).sum() * turned.voxel_volume_cm3 < 4.2 / 4


@pytest.mark.parametrize(("index", "radius"), [([-1, 0, 0], 5), ([0, 0, 50], 5), ([1, 1, 1], 0)])
def test_a_sphere_that_cannot_be_is_refused(turned, index, radius):
    with pytest.raises(InputError, match="sphere"):
        sphere_mask(turned, (turned.ijk_to_ras @ [*index, 1])[:3], radius)


def test_the_preview_of_a_threshold_is_what_is_measured(turned):
    tumour = sphere_mask(turned, (turned.ijk_to_ras @ [15, 20, 25, 1])[:3], 12.0)
    turned.array[25, 20, 15] = np.nan
    shown = preview(turned, tumour, 1.1)
    ratio = turned.like((turned.array.astype(float) / 1.1).astype(np.float32))
    for threshold in (0.9, 1.2, 1.4, 9.0):
        mask, found = shown.hypoxic(threshold)
        expected = hypoxic_volume(ratio, tumour, threshold)
        assert (found.volume_cm3, found.fraction) == (expected.volume_cm3, expected.fraction)
        assert found.burden_cm3 == pytest.approx(expected.burden_cm3, rel=1e-6)
        whole = np.zeros_like(tumour)
        whole[shown.box] = mask
        np.testing.assert_array_equal(whole, tumour & (ratio.array >= np.float32(threshold)))


def test_a_preview_needs_a_tumour(turned):
    with pytest.raises(InputError, match="empty"):
        preview(turned, np.zeros(turned.array.shape, bool), 1.0)


def test_the_overlap_with_other_regions_is_in_volume_and_shares():
    hypoxic, necrosis, elsewhere = np.zeros((3, 10, 10, 10), bool)
    hypoxic[2:6], necrosis[4:5], elsewhere[8:] = True, True, True
    inside, outside, nothing = overlaps(
        hypoxic, {"necrosis": necrosis, "elsewhere": elsewhere, "empty": ~np.ones_like(hypoxic)}, 0.01
    )
    assert (inside.name, inside.volume_cm3) == ("necrosis", pytest.approx(1.0))
    assert (inside.share_of_hypoxic, inside.share_of_region) == (0.25, 1.0)
    assert (outside.volume_cm3, outside.share_of_hypoxic) == (0.0, 0.0)
    assert nothing.share_of_region is None
    assert overlaps(np.zeros_like(hypoxic), {"necrosis": necrosis}, 0.01)[0].share_of_hypoxic is None
    with pytest.raises(InputError, match="necrosis"):
        overlaps(hypoxic, {"necrosis": necrosis[1:]}, 0.01)


@pytest.mark.parametrize(("n_hypoxic", "noted"), [(1499, True), (1500, False)])
def test_a_small_hypoxic_volume_is_noted_as_no_baseline_for_change(n_hypoxic, noted):
    suv = Volume(np.ones((20, 20, 20), np.float32), np.diag([1, 1, 1, 1.0]))
    suv.array.ravel()[:n_hypoxic] = 1.5
    metrics = hypoxia_metrics(suv, np.ones(suv.array.shape, bool), reference_mean=1.0)
    assert (CHANGE_NOTE in metrics.notes) == noted

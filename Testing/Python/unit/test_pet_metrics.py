"""Uptake and hypoxia measures against analytic truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume
from PETHypoxiaLib import hypoxia_metrics, ratio_map
from PETHypoxiaLib.hypoxia.peak import PEAK_RADIUS_MM, sphere_weights, suv_peak
from PETHypoxiaLib.hypoxia.reference_region import reference_region


def grid(shape=(24, 24, 24), spacing=(2.0, 2.0, 2.0)):
    """An empty volume; spacing along i, j, k."""
    return Volume(np.zeros(shape), np.diag([*spacing, 1.0]))


def distance_mm(volume, centre_mm, cut=1):
    """Distance from a point to the centre of each of `cut`^3 cells a voxel, shape (k, j, i, cut^3)."""
    offsets = (np.arange(cut) + 0.5) / cut - 0.5
    axes = [
        (np.arange(n)[:, None] + offsets) * spacing - c
        for n, spacing, c in zip(volume.array.shape, volume.spacing_mm[::-1], centre_mm[::-1], strict=True)
    ]
    k, j, i = (axis**2 for axis in axes)
    squared = k[:, None, None, :, None, None] + j[None, :, None, None, :, None] + i[None, None, :, None, None, :]
    return np.sqrt(squared).reshape(*volume.array.shape, cut**3)


def hot_sphere(volume, centre_mm, radius_mm, uptake=5.0, background=1.0, cut=6):
    """Uptake in a sphere, each voxel at the mean over its volume."""
    share = (distance_mm(volume, centre_mm, cut=cut) <= radius_mm).mean(axis=-1)
    return volume.like(background + (uptake - background) * share)


def test_the_peak_sphere_is_one_millilitre():
    assert pytest.approx(6.2035, abs=1e-4) == PEAK_RADIUS_MM


SPACINGS = [(1.0, 1.0, 1.0), (2.0, 2.0, 2.0), (4.07, 4.07, 3.0), (4.6875, 4.6875, 3.27), (5.0, 5.0, 5.0)]


@pytest.mark.parametrize("spacing", SPACINGS)
def test_voxels_count_by_their_share_in_the_sphere(spacing):
    volume = grid(spacing=spacing)
    weights = sphere_weights(volume)
    assert weights.sum() == pytest.approx(1.0)
    middle = weights[tuple(n // 2 for n in weights.shape)]
    assert middle == pytest.approx(math.prod(spacing) / 1000.0, rel=0.003)
    for axis, width in enumerate(spacing[::-1]):
        profile = weights.sum(axis=tuple(other for other in range(3) if other != axis))
        edges = (np.arange(profile.size + 1) - profile.size / 2) * width
        np.testing.assert_allclose(profile, np.diff(ball_below(edges)), atol=0.002)


def ball_below(z_mm, radius_mm=PEAK_RADIUS_MM):
    """Share of a ball that lies below a plane at z."""
    z = np.clip(z_mm / radius_mm, -1.0, 1.0)
    return (2.0 + 3.0 * z - z**3) / 4.0


@pytest.mark.parametrize("spacing", [(2.0, 2.0, 2.0), (4.07, 4.07, 3.0), (1.3, 1.3, 2.5)])
@pytest.mark.parametrize("shift", [(0.0, 0.0, 0.0), (0.3, 0.45, 0.2), (0.5, 0.5, 0.5)])
def test_the_peak_of_a_sphere_off_the_voxel_centres(spacing, shift):
    """A sphere that holds the peak sphere wherever its centre falls in a voxel: the peak is its uptake."""
    volume = grid((20, 20, 20), spacing)
    centre = [(10 + offset) * width for offset, width in zip(shift, spacing, strict=True)]
    suv = hot_sphere(volume, centre, 14.0)
    mask = distance_mm(volume, centre)[..., 0] <= 14.0
    assert suv_peak(suv, mask) == pytest.approx(5.0, rel=0.01)


@pytest.mark.parametrize("shift", [(0.0, 0.0, 0.0), (0.3, 0.45, 0.2), (0.5, 0.5, 0.5)])
def test_the_peak_of_a_smooth_lesion_off_the_voxel_centres(shift):
    """Uptake 5 (1 - r^2/R^2): its mean in a sphere of radius p at distance d is 5 (1 - (d^2 + 0.6 p^2)/R^2)."""
    volume, radius = grid((24, 24, 24)), 20.0
    centre = [(12 + offset) * 2.0 for offset in shift]
    squared = distance_mm(volume, centre)[..., 0] ** 2
    suv = volume.like(5.0 * (1.0 - squared / radius**2))
    off2 = sum((min(offset, 1 - offset) * 2.0) ** 2 for offset in shift)
    expected = 5.0 * (1.0 - (off2 + 0.6 * PEAK_RADIUS_MM**2) / radius**2)
    assert suv_peak(suv, squared <= 12.0**2) == pytest.approx(expected, rel=0.01)


def test_a_hot_spot_the_size_of_the_peak_sphere_counts_by_its_overlap():
    """Spheres of equal radius r at distance d overlap by (1 - d/2r)^2 (1 + d/4r)."""
    volume = grid((52, 52, 52), (0.5, 0.5, 0.5))
    centre = (13.25, 13.0, 13.0)
    suv = hot_sphere(volume, centre, PEAK_RADIUS_MM, uptake=4.0, background=0.0, cut=4)
    mask = distance_mm(volume, centre)[..., 0] <= 7.0
    x = 0.25 / (2 * PEAK_RADIUS_MM)
    assert suv_peak(suv, mask) == pytest.approx(4.0 * (1 - x) ** 2 * (1 + x / 2), rel=0.03)


def test_the_peak_sphere_may_cross_the_edge_but_its_centre_may_not():
    """In a gradient along i the peak is the value at the last voxel of the region, not beyond it."""
    volume = grid((30, 30, 30))
    suv = volume.like(np.broadcast_to(np.arange(30.0), (30, 30, 30)).copy())
    mask = np.zeros((30, 30, 30), bool)
    mask[10:20, 10:20, 10:21] = True
    assert suv_peak(suv, mask) == pytest.approx(20.0, rel=1e-3)


def test_the_peak_is_undefined_below_a_millilitre():
    volume = grid()
    suv = volume.like(np.full(volume.array.shape, 2.0))
    mask = np.zeros(volume.array.shape, bool)
    mask[10:15, 10:15, 10:14] = True
    metrics = hypoxia_metrics(suv, mask)
    assert metrics.suv_peak is None
    assert "suv_peak" not in metrics.measurements()
    assert metrics.warnings == ("SUVpeak is undefined for a tumour of 0.8 cm³, below 1 cm³; see SUV90.",)


def test_the_peak_needs_a_whole_sphere_in_the_image():
    volume = grid((6, 30, 30))
    suv = volume.like(np.full((6, 30, 30), 2.0))
    metrics = hypoxia_metrics(suv, np.ones((6, 30, 30), bool))
    assert metrics.suv_peak is None
    assert "lies within the image" in metrics.warnings[0]


def test_a_peak_near_the_edge_of_the_image_uses_the_centres_that_fit():
    volume = grid((20, 20, 20))
    suv = volume.like(np.full((20, 20, 20), 2.0))
    suv.array[0] = 50.0
    assert suv_peak(suv, np.ones((20, 20, 20), bool)) > 2.0
    suv.array[0] = np.nan
    assert suv_peak(suv, np.ones((20, 20, 20), bool)) == pytest.approx(2.0)


@pytest.fixture
def tumour():
    """1000 voxels of 8 uL (8 mL): 400 at SUV 3, 100 at 2.8, the rest at 1; muscle of 1000 voxels at 2."""
    suv = grid((30, 30, 30)).like(np.full((30, 30, 30), 0.5, np.float32))
    mask, muscle = np.zeros((2, 30, 30, 30), bool)
    mask[2:12, 2:12, 2:12] = True
    suv.array[mask] = 1.0
    suv.array[2:6, 2:12, 2:12] = 3.0
    suv.array[6:7, 2:12, 2:12] = 2.8
    muscle[16:26, 16:26, 16:26] = True
    suv.array[muscle] = 2.0
    return suv, mask, muscle


def test_hypoxic_volume_fraction_and_burden(tumour):
    suv, mask, muscle = tumour
    metrics = hypoxia_metrics(suv, mask, reference_mask=muscle)
    assert metrics.hypoxic.threshold == 1.4
    assert metrics.hypoxic.volume_cm3 == pytest.approx(4.0), "a ratio equal to the threshold counts"
    assert metrics.hypoxic.fraction == pytest.approx(0.5)
    assert metrics.hypoxic.burden_cm3 == pytest.approx(4.0 * (400 * 1.5 + 100 * 1.4) / 500)
    assert [one.fraction for one in metrics.sweep] == pytest.approx([0.5, 0.5, 0.5, 0.4])
    assert [one.threshold for one in metrics.sweep] == [1.2, 1.3, 1.4, 1.5]
    assert (metrics.ratio_max, metrics.ratio_mean) == pytest.approx((1.5, metrics.suv_mean / 2))
    assert metrics.warnings == ()
    assert metrics.reference.volume_cm3 == pytest.approx(8.0)


def test_the_measurements_name_the_columns_of_the_visit_table(tumour):
    suv, mask, muscle = tumour
    values = hypoxia_metrics(suv, mask, reference_mask=muscle).measurements()
    assert values["suv_mean"] == pytest.approx((400 * 3 + 100 * 2.8 + 500) / 1000)
    assert values["suv_max"] == 3.0
    assert values["suv_median"] == pytest.approx(1.9)
    assert values["suv90"] == 3.0
    assert values["pet_tumour_volume_cm3"] == pytest.approx(8.0)
    assert values["tmr_max"] == pytest.approx(1.5)
    assert values["hypoxic_fraction"] == pytest.approx(0.5)
    assert values["hypoxic_volume_cm3"] == pytest.approx(4.0)
    assert {"suv_peak", "tmr_mean", "hypoxic_burden_cm3"} < set(values)


def test_blood_has_its_own_ratio_and_threshold(tumour):
    suv, mask, muscle = tumour
    metrics = hypoxia_metrics(suv, mask, reference_mask=muscle, ratio="TBR")
    assert (metrics.hypoxic.threshold, metrics.ratio) == (1.2, "TBR")
    assert "tbr_max" in metrics.measurements()
    assert "tmr_max" not in metrics.measurements()


def test_a_reference_may_be_a_number(tumour):
    suv, mask, muscle = tumour
    by_mean = hypoxia_metrics(suv, mask, reference_mean=2.0)
    assert by_mean.measurements() == hypoxia_metrics(suv, mask, reference_mask=muscle).measurements()
    with pytest.raises(InputError, match="give one"):
        hypoxia_metrics(suv, mask, reference_mask=muscle, reference_mean=2.0)


def test_nothing_hypoxic_is_zero_not_missing(tumour):
    suv, mask, muscle = tumour
    metrics = hypoxia_metrics(suv, mask, reference_mask=muscle, threshold=9.0)
    assert (metrics.hypoxic.volume_cm3, metrics.hypoxic.fraction, metrics.hypoxic.burden_cm3) == (0, 0, 0)


def test_without_a_reference_there_is_uptake_only(tumour):
    suv, mask, _ = tumour
    metrics = hypoxia_metrics(suv, mask)
    assert metrics.hypoxic is None
    assert metrics.sweep == ()
    assert "hypoxic_fraction" not in metrics.measurements()


def test_a_small_uneven_or_overlapping_reference_is_pointed_out(tumour):
    suv, mask, muscle = tumour
    small = np.zeros_like(muscle)
    small[16:20, 16:20, 16:20] = True
    assert "0.51 cm³" in reference_region(suv, small).warnings[0]
    assert reference_region(suv, small, minimum_cm3=0.5).warnings == ()
    suv.array[16:21, 16:26, 16:26] = 0.5
    uneven = reference_region(suv, muscle)
    assert "coefficient of variation" in uneven.warnings[0]
    assert uneven.cov == pytest.approx(0.6, rel=1e-3)
    assert any("overlap" in text for text in hypoxia_metrics(suv, mask, reference_mask=mask | muscle).warnings)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda suv, mask, muscle: (suv, np.zeros_like(mask), muscle), "tumour region is empty"),
        (lambda suv, mask, muscle: (suv, mask, np.zeros_like(mask)), "muscle region is empty"),
        (lambda suv, mask, muscle: (suv, mask[1:], muscle), "put it on the PET grid"),
        (lambda suv, mask, muscle: (suv.like(np.where(muscle, 0, suv.array)), mask, muscle), "uptake of 0"),
        (lambda suv, mask, muscle: (suv.like(np.where(muscle, np.nan, suv.array)), mask, muscle), "uptake of nan"),
        (lambda suv, mask, muscle: (suv.like(np.where(mask, np.nan, suv.array)), mask, muscle), "no valid SUV"),
    ],
)
def test_a_region_that_cannot_be_measured_is_refused(tumour, change, sentence):
    suv, mask, muscle = change(*tumour)
    with pytest.raises(InputError, match=sentence):
        hypoxia_metrics(suv, mask, reference_mask=muscle)


def test_an_unknown_ratio_is_refused(tumour):
    with pytest.raises(InputError, match="TXR"):
        hypoxia_metrics(*tumour[:2], ratio="TXR")


def test_voxels_without_suv_are_left_out_and_counted(tumour):
    suv, mask, muscle = tumour
    suv.array[11, 11, 11] = np.nan
    metrics = hypoxia_metrics(suv, mask, reference_mask=muscle)
    assert metrics.warnings == ("1 of 1000 tumour voxels have no valid SUV.",)
    assert metrics.suv_max == 3.0
    assert metrics.hypoxic.volume_cm3 == pytest.approx(4.0)


@pytest.mark.parametrize("mean", [0.0, -1.0, math.nan])
def test_a_ratio_needs_uptake_to_divide_by(tumour, mean):
    with pytest.raises(InputError, match="above 0"):
        ratio_map(tumour[0], mean)


def test_the_ratio_keeps_the_grid_and_what_is_missing(tumour):
    suv = tumour[0]
    suv.array[0, 0, 0] = np.nan
    ratio = ratio_map(suv, 2.0)
    assert ratio.array.dtype == np.float32
    assert ratio.ijk_to_ras is suv.ijk_to_ras
    np.testing.assert_allclose(ratio.array, suv.array / 2)

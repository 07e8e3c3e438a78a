"""Semi-quantitative maps and functional tumour volume: small truths, and a site's own maps reproduced."""

import os
from pathlib import Path

import numpy as np
import pytest
from HER2ImmunoCommonLib.dicom import load_volume, scan
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries
from QuantDCELib import DceSettings, DynamicImages, FtvRule, Status, analyse, functional_tumour_volume, read_dynamic
from QuantDCELib.dicom.time_axis import TimeAxis
from QuantDCELib.enhancement.semiquant import early_and_late_frame, wash_slopes_percent_per_min

DATA = Path(os.environ.get("HER2IMMUNO_DATA", Path(__file__).resolve().parents[3].parent / "shared" / "data")) / "dce"
THREE_PHASES_S = np.array([0.0, 150.0, 450.0])


def images(signal, time_s=THREE_PHASES_S, **known):
    series = TimeSeries(np.asarray(signal, np.float32), np.eye(4), np.asarray(time_s))
    values = {"tr_s": None, "flip_deg": None, "field_t": None} | known
    return DynamicImages(series, TimeAxis(series.time_s, "given"), uids={"study": [], "series": []}, **values)


def block(early=300.0, late=280.0):
    """A bright cube of 3 x 3 x 3 voxels that enhances, in 7 x 7 x 7 voxels that do not."""
    signal = np.full((7, 7, 7, 3), 100.0)
    signal[2:5, 2:5, 2:5, 1:] = early, late
    return signal


def test_three_phases_are_enough_without_a_model():
    result = analyse(images(block()), DceSettings(model="none"))
    assert result.maps["PE"][3, 3, 3] == pytest.approx(200)
    assert result.maps["SER"][3, 3, 3] == pytest.approx(200 / 180)
    assert result.maps["TTP"][3, 3, 3] == pytest.approx(150 - result.arrival_s)
    assert result.maps["wash_out"][3, 3, 3] == pytest.approx(-20 / 5)
    assert result.measurements["ftv_cm3"] == pytest.approx(0.027)
    assert result.maps["FTV"][3, 3, 3] == 3
    assert result.aif is None
    assert result.roi is None
    assert "Ktrans" not in result.maps
    assert set(result.units) == set(result.maps)
    with pytest.raises(InputError, match="semi-quantitative"):
        analyse(images(block(), tr_s=0.005, flip_deg=20.0), DceSettings(t10_s=1.0))


def test_concentration_is_used_where_it_can_be_had():
    time_s = np.arange(0, 300, 10.0)
    rise = np.clip((time_s - 55) / 60, 0, 1)
    dynamic = images(np.broadcast_to(100 + 80 * rise, (1, 2, 2, 30)), time_s, tr_s=0.005, flip_deg=20.0, field_t=1.5)
    result = analyse(dynamic, DceSettings(model="none", t10_s=1.0))
    assert (result.maps["IAUGC60"] > 0).all()
    twice = analyse(dynamic, DceSettings(model="none", t10_s=1.0, r1_per_mM_s=9.0))
    np.testing.assert_allclose(twice.maps["IAUGC60"], result.maps["IAUGC60"] / 2, rtol=1e-5)
    named = analyse(dynamic, DceSettings(model="none", t10_s=1.0, agent="Magnevist"))
    np.testing.assert_allclose(named.maps["IAUGC60"], result.maps["IAUGC60"] * 4.5 / 4.1, rtol=1e-5)
    assert any("gadopentetate at 1.5 T" in warning for warning in named.warnings)


def test_voxels_without_signal_have_no_value_and_a_code():
    signal = block()
    signal[0, 0, 0], signal[0, 0, 1, 1], signal[0, 0, 2, 0] = 0.0, np.nan, np.inf
    result = analyse(images(signal), DceSettings(model="none"))
    status = result.maps["status"][0, 0, :4].tolist()
    assert status == [Status.NO_SIGNAL, Status.NOT_FINITE, Status.NOT_FINITE, Status.OK]
    for name in ("PE", "SER", "wash_in", "wash_out", "TTP"):
        assert np.isnan(result.maps[name][0, 0, :3]).all()


@pytest.mark.parametrize(
    ("rule", "n"),
    [
        (FtvRule(), 27),
        (FtvRule(pe_percent=201), 0),
        (FtvRule(background_signal=101), 0),
        (FtvRule(neighbours=8), 19),
        (FtvRule(neighbours=18), 1),
        (FtvRule(ser_minimum=1.2), 0),
    ],
)
def test_the_rule_counts_voxels(rule, n):
    before, pe, ser = np.full((3, 7, 7, 7), np.nan)
    before[:] = 100.0
    pe[2:5, 2:5, 2:5], ser[2:5, 2:5, 2:5] = 200.0, 1.1
    ftv = functional_tumour_volume(before, pe, ser, np.ones(pe.shape, bool), voxel_volume_cm3=0.5, rule=rule)
    # A cube has 8 corners with 7 neighbours, 12 edges with 11, 6 faces with 17 and a centre with 26.
    assert ftv.volume_cm3 == 0.5 * n
    assert sum(ftv.bin_volumes_cm3) == ftv.volume_cm3
    assert ftv.background_signal == pytest.approx(rule.background_signal or 60.0)


def test_a_ser_at_a_limit_belongs_to_the_bin_below():
    ser = np.broadcast_to(np.array([0.0, 0.9, 0.91, 1.0, 1.3, 1.75, 9.0]), (3, 7, 7))
    ones = np.full(ser.shape, 100.0)
    ftv = functional_tumour_volume(ones, ones, ser, np.ones(ser.shape, bool), voxel_volume_cm3=1.0)
    assert ftv.bins[1, 3].tolist() == [1, 1, 2, 2, 3, 4, 5]


def test_slopes_of_a_triangle():
    time_s = np.arange(0, 360, 30.0)
    triangle = 100 + np.interp(time_s, [60, 120, 330], [0, 50, 15])
    wash_in, wash_out = wash_slopes_percent_per_min(triangle, time_s, [0, 1, 2], 60.0)
    assert wash_in == pytest.approx(50)
    assert wash_out == pytest.approx(-35 / 3.5)
    rising = wash_slopes_percent_per_min(100 + time_s, time_s, [0], 0.0)
    assert np.isnan(rising[1])


def test_frames_are_the_nearest_after_the_baseline():
    time_s = np.arange(0, 600, 60.0)
    assert early_and_late_frame(time_s, [0, 1], 60.0, 150.0, 450.0) == (3, 8)
    assert early_and_late_frame(np.array([0.0, 407, 761]), [0], 0.0, 150.0, 450.0) == (1, 2)
    with pytest.raises(InputError, match="1 frame after"):
        early_and_late_frame(THREE_PHASES_S, [0, 1], 0.0, 150.0, 450.0)


def test_frames_can_be_chosen_and_are_checked():
    dynamic = images(np.tile(block()[..., [0, 1, 2, 2]], 1), [0.0, 100, 200, 300])
    result = analyse(dynamic, DceSettings(model="none", ser_frames=(2, 3)))
    assert (result.enhancement.early, result.enhancement.late) == (2, 3)
    for frames in ((0, 2), (2, 4)):
        with pytest.raises(InputError, match="frames after the baseline"):
            analyse(dynamic, DceSettings(model="none", ser_frames=frames))


@pytest.mark.skipif(not DATA.is_dir(), reason="the reference data are not here (HER2IMMUNO_DATA)")
def test_the_maps_of_a_site_are_reproduced():
    folder = DATA / "ucsf_breast_06"
    pe1, site = (load_volume(scan(folder / f"image_dce_{name}")[0].headers).array for name in ("pe1", "ser"))
    dynamic = read_dynamic(folder / "image_dce_3dfgre_orig")
    result = analyse(dynamic, DceSettings(model="none", ftv_background_signal=35.0))
    difference = (result.maps["PE"] - pe1)[pe1 > 0]
    assert difference.min() >= 0
    assert difference.max() < 1
    inside = site > 0
    assert inside.sum() == 41596
    # The site cuts SER off at 3.
    assert np.abs(np.minimum(result.maps["SER"], 3.0) - site)[inside].max() < 6e-4
    assert ((result.maps["FTV"] > 0) != inside).sum() <= 5
    assert result.measurements["ftv_cm3"] == pytest.approx(41.13, abs=0.01)
    assert any("407 s apart" in warning for warning in result.warnings)

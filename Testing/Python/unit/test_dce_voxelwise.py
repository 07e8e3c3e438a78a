"""From signal to maps: M0 from baseline, given or fitted; B1; the best of several models; memory."""

import tracemalloc

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries
from QuantDCELib import (
    DceSettings,
    DynamicImages,
    Status,
    VfaImages,
    analyse,
    concentration_from_signal,
    fit_model,
    population_aif,
    spgr_signal,
)
from QuantDCELib.dicom.time_axis import TimeAxis
from QuantDCELib.kinetics.models import curve

TIME_S = np.arange(0, 300, 5.0)
ARRIVAL_S = 12.0
FINE_S = np.arange(0, 300, 0.25)
PLASMA = population_aif("parker", FINE_S, arrival_s=ARRIVAL_S)
T10_S, TR_S, FLIP_DEG, R1 = 1.2, 0.005, 20.0, 4.5
TRUTH = {"Ktrans": 0.2, "ve": 0.3, "vp": 0.05}
FLIPS = np.array([2.0, 5.0, 10.0, 20.0])


def tissue_signal(model, truth, *, b1=1.0, m0=1000.0):
    tissue = curve(model, truth, TIME_S, PLASMA, aif_time_s=FINE_S)
    return spgr_signal(1 / T10_S + R1 * tissue, tr_s=TR_S, flip_deg=FLIP_DEG * b1, m0=m0)


def images(signal):
    series = TimeSeries(np.asarray(signal, np.float32), np.eye(4), TIME_S)
    return DynamicImages(series, TimeAxis(TIME_S, "given"), TR_S, FLIP_DEG, 1.5, {"study": [], "series": []})


def flip_angle_images(shape, b1=1.0, m0=1000.0):
    actual = np.broadcast_to(b1, shape)[..., None] * FLIPS
    signal = spgr_signal(np.full((*shape, 1), 1 / T10_S), tr_s=TR_S, flip_deg=actual, m0=m0)
    return VfaImages(signal, np.eye(4), FLIPS, TR_S, {})


def settings(**options):
    return DceSettings(t10_s=T10_S, arrival_s=ARRIVAL_S, semi_quantitative=False, **options)


def noisy(n, sd, seed=0):
    signal = tissue_signal("extended_tofts", TRUTH)
    return (signal + np.random.default_rng(seed).normal(0, sd, (n, TIME_S.size))).reshape(1, 1, n, -1)


@pytest.mark.parametrize("m0", ["baseline", "given", "fitted"])
def test_every_source_of_m0_gives_the_truth_without_noise(m0):
    signal = np.broadcast_to(tissue_signal("extended_tofts", TRUTH), (1, 2, 3, TIME_S.size))
    result = analyse(images(signal), settings(m0=m0), m0=np.full((1, 2, 3), 1000.0))
    for name, value in TRUTH.items():
        np.testing.assert_allclose(result.maps[name], value, rtol=1e-4)
    if m0 == "fitted":
        np.testing.assert_allclose(result.maps["M0"], 1000.0, rtol=1e-5)
    assert ("M0" in result.maps) == (m0 == "fitted")


@pytest.mark.parametrize("fit_delay", [False, True])
@pytest.mark.parametrize("model", ["tofts", "extended_tofts", "patlak", "2cum", "2cxm"])
def test_m0_is_fitted_with_every_model(model, fit_delay):
    truth = {
        "tofts": {"Ktrans": 0.2, "ve": 0.3},
        "extended_tofts": TRUTH,
        "patlak": {"Ktrans": 0.05, "vp": 0.05},
        "2cum": {"Fp": 40.0, "PS": 5.0, "vp": 0.1},
        "2cxm": {"Fp": 40.0, "PS": 12.0, "vp": 0.1, "ve": 0.3},
    }[model]
    signal = np.broadcast_to(tissue_signal(model, truth), (1, 1, 2, TIME_S.size))
    # A baseline frame that is wrong by 2 % is put right by the others.
    spoilt = signal.copy()
    spoilt[..., 0] *= 1.02
    result = analyse(images(signal), settings(model=model, m0="fitted", fit_delay=fit_delay))
    for name, value in truth.items():
        np.testing.assert_allclose(result.maps[name], value, rtol=2e-3)
    off = analyse(images(spoilt), settings(model=model, m0="fitted", fit_delay=fit_delay, baseline=(0, 1)))
    assert np.abs(off.maps["M0"] / 1000.0 - 1).max() < 0.01


def test_fitting_m0_steadies_ktrans_where_few_frames_are_before_arrival():
    dynamic = images(noisy(3000, 0.5))
    by_baseline = analyse(dynamic, settings(baseline=(0, 2))).maps["Ktrans"]
    found = analyse(dynamic, settings(baseline=(0, 2), m0="fitted", standard_errors=True)).maps
    assert found["Ktrans"].mean() == pytest.approx(0.2, rel=0.005)
    assert found["Ktrans"].std() < 0.9 * by_baseline.std()
    for name, value in {**TRUTH, "M0": 1000.0}.items():
        covered = np.mean(np.abs(found[name] - value) < 1.96 * found[name + "_se"])
        print(f"{name}: {covered:.3f}")
        assert 0.93 < covered < 0.97


def test_a_fitted_m0_moves_the_mean_curve_and_the_area_too():
    signal = np.broadcast_to(tissue_signal("extended_tofts", TRUTH), (1, 1, 4, TIME_S.size)).copy()
    truth = analyse(images(signal), settings(m0="fitted"))
    signal[..., 0] *= 1.03
    fitted = analyse(images(signal), settings(m0="fitted", baseline=(0, 1)))
    baseline = analyse(images(signal), settings(baseline=(0, 1)))
    for name in ("IAUGC60", "Ktrans"):
        off = [np.abs(found.maps[name] / truth.maps[name] - 1).max() for found in (fitted, baseline)]
        assert off[0] < 0.4 * off[1]
    off = [np.abs(found.roi.concentration_mM - truth.roi.concentration_mM).max() for found in (fitted, baseline)]
    assert off[0] < 0.4 * off[1]


def test_a_voxel_whose_signal_is_above_its_fitted_ceiling_says_so():
    # Bright frames before arrival raise the ceiling of the baseline; the fit lowers it, and noise reaches above.
    signal = np.repeat(tissue_signal("extended_tofts", {"Ktrans": 2.0, "ve": 0.9, "vp": 0.5})[None], 200, axis=0)
    signal += np.random.default_rng(3).normal(0, 60.0, signal.shape)
    signal[:, :2] = 2.0 * tissue_signal("tofts", {"Ktrans": 0.0, "ve": 0.1})[0]
    dynamic = images(signal[None, None])
    assert not (analyse(dynamic, settings(baseline=(0, 2))).maps["status"] == Status.ABOVE_CEILING).any()
    result = analyse(dynamic, settings(m0="fitted", baseline=(0, 2)))
    above = result.maps["status"] == Status.ABOVE_CEILING
    assert above.any()
    assert np.isnan(result.maps["Ktrans"][above]).all()
    fitted = ~above
    for name in ("Ktrans", "rmse", "IAUGC60"):
        assert np.isfinite(result.maps[name][fitted]).all()
    assert np.isfinite(result.roi.concentration_mM).all()


def test_b1_corrects_the_flip_angle_of_the_dynamic_series_as_well():
    b1 = np.linspace(0.8, 1.2, 6).reshape(1, 2, 3)
    signal = np.stack([tissue_signal("extended_tofts", TRUTH, b1=value) for value in b1.flat]).reshape(1, 2, 3, -1)
    vfa = flip_angle_images(b1.shape, b1)
    for m0 in ("baseline", "given"):
        found = analyse(images(signal), settings(m0=m0), vfa=vfa, b1=b1).maps
        np.testing.assert_allclose(found["Ktrans"], 0.2, rtol=1e-4)
        np.testing.assert_allclose(found["T10"], T10_S, rtol=1e-5)
    without = analyse(images(signal), settings(), vfa=vfa).maps
    assert np.abs(without["Ktrans"] / 0.2 - 1).max() > 0.03


def test_concentration_with_m0_and_b1_of_each_voxel():
    tissue = np.linspace(0, 2, 9)
    b1, m0 = np.array([0.9, 1.1]), np.array([800.0, 1200.0])
    signal = np.stack(
        [spgr_signal(1 / T10_S + R1 * tissue, tr_s=TR_S, flip_deg=20 * b, m0=m) for b, m in zip(b1, m0, strict=True)]
    )
    known = {"tr_s": TR_S, "flip_deg": 20.0, "t10_s": T10_S, "r1_per_mM_s": R1, "baseline": slice(0, 1)}
    found = concentration_from_signal(signal, **known, m0=m0, b1=b1)
    np.testing.assert_allclose(found.concentration_mM, np.stack([tissue] * 2), atol=1e-12)
    for value in (np.nan, -5.0, 0.0, np.inf):
        assert concentration_from_signal(signal, **known, m0=value).status.tolist() == [Status.NO_SIGNAL] * 2
    for value in (np.nan, np.inf, 0.0, -1.0, 10.0):
        bad = concentration_from_signal(signal, **known, m0=m0, b1=np.array([value, 1.0]))
        assert bad.status[0] == Status.NO_T1
        assert np.isnan(bad.concentration_mM[0]).all()
    with pytest.raises(InputError, match="M0 map has shape"):
        concentration_from_signal(signal, **known, m0=np.ones(3))


def test_m0_that_cannot_be_had_is_refused():
    dynamic = images(noisy(2, 0.1))
    with pytest.raises(InputError, match="neither an M0 map nor a flip angle series"):
        analyse(dynamic, settings(m0="given"))
    with pytest.raises(InputError, match="not fitted to the signal"):
        analyse(dynamic, settings(m0="fitted", model="reference_region"))
    with pytest.raises(InputError, match="M0 map is not on the grid"):
        analyse(dynamic, settings(m0="given"), m0=np.ones((1, 2, 2)))
    with pytest.raises(InputError, match="m0 is 'x'"):
        analyse(dynamic, settings(m0="x"))


MIXED = {"patlak": {"Ktrans": 0.03, "vp": 0.06}, "tofts": {"Ktrans": 0.2, "ve": 0.3}, "extended_tofts": TRUTH}


@pytest.fixture(scope="module")
def mixed():
    """Three rows of 200 voxels, each made by another model."""
    rows = [tissue_signal(name, truth) for name, truth in MIXED.items()]
    signal = np.repeat(np.array(rows)[:, None], 200, axis=1)
    return images(signal[None] + np.random.default_rng(1).normal(0, 0.2, (1, *signal.shape)))


@pytest.mark.parametrize("m0", ["baseline", "fitted"])
def test_each_voxel_keeps_the_model_that_made_it(mixed, m0):
    result = analyse(mixed, settings(model="best", m0=m0))
    number = result.maps["model"]
    assert number.dtype == np.uint8
    for row, (name, truth) in enumerate(MIXED.items()):
        mine = number[0, row] == row + 1
        assert mine.mean() > 0.75
        for parameter, value in truth.items():
            assert np.nanmedian(result.maps[parameter][0, row][mine]) == pytest.approx(value, rel=0.02)
        assert result.model_counts[name] == (number == row + 1).sum()
    patlak = number == 1
    assert np.isnan(result.maps["ve"][patlak]).all()
    assert np.isfinite(result.maps["Ktrans"]).all()
    assert ((result.maps["model_weight"] > 1 / 3) & (result.maps["model_weight"] <= 1)).all()
    assert result.roi.model in MIXED
    assert sum(result.roi.weights.values()) == pytest.approx(1)
    assert set(result.units) == set(result.maps)


def test_the_best_model_is_that_of_separate_fits(mixed):
    names = ("tofts", "extended_tofts")
    best = analyse(mixed, settings(model="best", candidates=names)).maps
    alone = [analyse(mixed, settings(model=name)).maps for name in names]
    lower = np.argmin([maps["aicc"] for maps in alone], axis=0)
    np.testing.assert_array_equal(best["model"], lower + 1)
    for name in ("Ktrans", "ve", "aicc", "IAUGC60"):
        np.testing.assert_array_equal(best[name], np.choose(lower, [maps[name] for maps in alone]))


def test_a_voxel_that_cannot_be_fitted_has_no_model(mixed):
    signal = mixed.series.array.copy()
    signal[0, 0, 0, 3] = np.nan
    result = analyse(images(signal), settings(model="best"))
    assert result.maps["model"][0, 0, 0] == 0
    assert np.isnan(result.maps["model_weight"][0, 0, 0])
    assert result.maps["status"][0, 0, 0] == Status.NOT_FINITE
    assert sum(result.model_counts.values()) == 599


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"candidates": ("tofts",)}, "two or more"),
        ({"candidates": ("tofts", "tofts")}, "two or more"),
        ({"candidates": ("tofts", "x")}, "candidates is 'x'"),
    ],
)
def test_impossible_choices_are_refused(mixed, options, words):
    with pytest.raises(InputError, match=words):
        analyse(mixed, settings(model="best", **options))


@pytest.mark.parametrize(
    ("name", "fit_delay", "n", "memory_mb"),
    [("extended_tofts", False, 1500, 5), ("2cxm", False, 800, 10), ("tofts", True, 100, 5)],
)
def test_a_fit_keeps_within_its_memory(name, fit_delay, n, memory_mb):
    rng, time_s = np.random.default_rng(0), np.arange(0, 1000, 2.0)
    plasma = population_aif("parker", time_s, arrival_s=20.0)
    curves = 0.2 * rng.random((n, 1)) * plasma + rng.normal(0, 0.02, (n, time_s.size))
    arguments = {"fit_delay": fit_delay, "delay_bounds_s": (-2.0, 2.0), "threads": 1}
    fit_model(name, time_s, curves[:16], plasma, **arguments)
    tracemalloc.start()
    try:
        fit_model(name, time_s, curves[:1], plasma, **arguments)
        prepared = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        small = fit_model(name, time_s, curves, plasma, **arguments, memory_mb=memory_mb)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    print(f"{name}: {peak / 1e6:.1f} MB, of which the preparation {prepared / 1e6:.1f} MB")
    assert peak < prepared + memory_mb * 1e6
    large = fit_model(name, time_s, curves, plasma, **arguments)
    np.testing.assert_allclose(small.parameters["Ktrans"], large.parameters["Ktrans"], rtol=1e-8, atol=1e-12)


def test_a_memory_that_is_none_is_refused():
    with pytest.raises(InputError, match="memory is 0"):
        fit_model("tofts", TIME_S, np.ones((2, TIME_S.size)), PLASMA, aif_time_s=FINE_S, memory_mb=0)
    with pytest.raises(InputError, match="memory is nan"):
        analyse(images(noisy(2, 0.1)), settings(), memory_mb=float("nan"))


def test_an_analysis_in_small_pieces_is_the_same():
    dynamic = images(noisy(5000, 0.3))
    large = analyse(dynamic, settings(model="best"))
    small = analyse(dynamic, settings(model="best"), memory_mb=2)
    for name, values in large.maps.items():
        np.testing.assert_allclose(small.maps[name], values, rtol=1e-5, err_msg=name)
    np.testing.assert_allclose(small.roi.concentration_mM, large.roi.concentration_mM, rtol=1e-9, atol=1e-12)

"""One voxel: its numbers are those of the maps to the last bit, whatever is analysed; nothing of the images is kept."""

import gc
import weakref

import numpy as np
import pytest
from dce_kinds import (
    ABOVE_CEILING,
    B1,
    FINE_S,
    KINDS,
    NEGATIVE,
    NO_SIGNAL,
    NOT_FINITE,
    PLASMA,
    TIME_S,
    TUMOUR,
    UNKNOWN_T1,
    flip_angle_images,
    prepared,
    signal,
    t1_map,
)
from HER2ImmunoCommonLib.errors import InputError
from QuantDCELib import MODELS, WORDS, Status, fit_model
from QuantDCELib.analysis.pipeline import compute
from QuantDCELib.analysis.probe import voxel_probe


def assert_same_as_maps(probed, maps, index):
    assert probed.status == maps["status"][index]
    values = {name: values[index] for name, values in maps.items() if name not in ("status", "FTV", "model")}
    found = {name: np.float32(probed.values[name]) for name in values}
    np.testing.assert_equal(found, values, err_msg=str(index))


@pytest.mark.parametrize("kind", KINDS)
def test_a_voxel_is_that_of_the_maps_to_the_last_bit(kind):
    ready = prepared(*KINDS[kind])
    maps, probe = compute(ready).maps, voxel_probe(ready)
    array = ready.dynamic.series.array
    inside = np.argwhere(ready.regions.computed)
    for index in {
        *map(tuple, inside[:: len(inside) // 4].tolist()),
        NOT_FINITE,
        NO_SIGNAL,
        ABOVE_CEILING,
        NEGATIVE,
        UNKNOWN_T1,
    }:
        probed = probe.probe(index, array[index])
        assert probed.inside
        assert_same_as_maps(probed, maps, index)
        if maps.get("model") is not None and maps["model"][index]:
            assert probed.model == ready.settings.candidates[maps["model"][index] - 1]


@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.float64])
def test_other_kinds_of_pixels_are_the_same_too(dtype):
    array = np.abs(signal(np.float64)) if dtype == np.uint16 else signal(np.float64)
    array = np.nan_to_num(array).clip(-3e4, 3e4).astype(dtype)
    ready = prepared({"t10_s": 1.2, "m0": "fitted"}, {}, array)
    maps, probe = compute(ready).maps, voxel_probe(ready)
    for index in map(tuple, np.argwhere(TUMOUR)[::9]):
        assert_same_as_maps(probe.probe(index, array[index]), maps, index)


@pytest.mark.parametrize("fit_delay", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_a_fit_is_the_same_alone_and_among_others(model, fit_delay):
    """In float64, where a sum in another order shows."""
    rng = np.random.default_rng(0)
    curves = rng.uniform(0, 0.4, (70, 1)) * np.interp(TIME_S, FINE_S, PLASMA) + rng.normal(0, 0.03, (70, TIME_S.size))
    options = {"aif_time_s": FINE_S, "fit_delay": fit_delay, "delay_bounds_s": (-3.0, 3.0)}
    together = fit_model(model, TIME_S, curves, PLASMA, **options)
    for row in range(0, 70, 17):
        alone = fit_model(model, TIME_S, curves[row], PLASMA, **options)
        for name, values in together.parameters.items():
            np.testing.assert_array_equal(alone.parameters[name], values[row])
        np.testing.assert_array_equal(alone.rmse, together.rmse[row])


def test_the_curve_is_measured_and_fitted_as_the_numbers_say():
    ready = prepared({"t10_s": 1.2}, {})
    probe, array = voxel_probe(ready), ready.dynamic.series.array
    for index in map(tuple, np.argwhere(TUMOUR)[10::23]):
        probed = probe.probe(index, array[index])
        at_frames = probed.fitted_mM[np.searchsorted(probed.fit_time_s, TIME_S)]
        assert np.sqrt(np.mean((at_frames - probed.measured_mM) ** 2)) == pytest.approx(probed.rmse, rel=1e-5)
        assert np.diff(probed.fit_time_s).max() < TIME_S[1] / 2
        before = probed.measured_mM[probed.baseline]
        assert abs(before.mean()) < 0.05
        assert before.size == ready.baseline.size > 3
        assert probed.words == WORDS[probed.status]


def test_errors_are_there_though_no_maps_of_them_are_wanted():
    ready = prepared({"t10_s": 1.2}, {})
    assert "Ktrans_se" not in compute(ready).maps
    index = tuple(np.argwhere(TUMOUR)[40])
    probed = voxel_probe(ready).probe(index, ready.dynamic.series.array[index])
    with_maps = compute(prepared({"t10_s": 1.2, "standard_errors": True}, {})).maps
    assert set(probed.standard_errors) == {"Ktrans", "ve", "vp", "kep"}
    for name, error in probed.standard_errors.items():
        assert np.float32(error) == with_maps[f"{name}_se"][index]
    assert {"Ktrans", "ve", "vp", "kep", "IAUGC60", "PE", "SER"} <= set(probed.parameters)
    assert not set(probed.parameters) & {"rmse", "r_squared", "aicc", "Ktrans_se"}


def test_tissue_beside_the_tumour_is_worked_out_and_says_so():
    ready = prepared({"t10_s": 1.2}, {})
    everywhere = compute(prepared({"t10_s": 1.2, "whole_volume": True, "arrival_s": ready.arrival_s}, {})).maps
    probe, array = voxel_probe(ready), ready.dynamic.series.array
    outside = (2, 4, 6)
    probed = probe.probe(outside, array[outside])
    assert not probed.inside
    assert "outside the region" in probed.words
    assert probed.fitted_mM.size
    assert np.float32(probed.values["Ktrans"]) == everywhere["Ktrans"][outside]


@pytest.mark.parametrize(
    ("index", "status"),
    [
        (NOT_FINITE, Status.NOT_FINITE),
        (NO_SIGNAL, Status.NO_SIGNAL),
        (ABOVE_CEILING, Status.ABOVE_CEILING),
        (UNKNOWN_T1, Status.NO_T1),
    ],
)
def test_a_voxel_that_cannot_be_fitted_says_why(index, status):
    ready = prepared({}, {"t10": t1_map(), "b1": B1})
    probed = voxel_probe(ready).probe(index, ready.dynamic.series.array[index])
    assert probed.status == status
    assert probed.words == WORDS[status]
    assert probed.model == ""
    assert not probed.fitted_mM.size
    assert np.isnan(probed.values["Ktrans"])
    np.testing.assert_array_equal(probed.signal, ready.dynamic.series.array[index])
    assert np.isfinite(probed.measured_mM).any() == (status == Status.ABOVE_CEILING)


def test_a_series_without_t1_shows_its_signal_and_enhancement():
    ready = prepared({"model": "none"}, {})
    index = tuple(np.argwhere(TUMOUR)[40])
    probed = voxel_probe(ready).probe(index, ready.dynamic.series.array[index])
    assert np.isnan(probed.measured_mM).all()
    assert "signal only" in probed.words
    assert {"PE", "SER"} <= set(probed.parameters)
    assert np.isnan(probed.rmse)


def test_a_voxel_without_signal_does_not_stop_a_reference_region_model():
    settings, inputs = KINDS["reference_region"]
    ready = prepared(settings, inputs)
    status = compute(ready).maps["status"]
    assert status[NO_SIGNAL] == Status.NO_SIGNAL
    assert (status[TUMOUR] == Status.OK).sum() > 50


def test_the_images_are_let_go_of():
    ready = prepared({"t10_s": 1.2}, {"vfa": flip_angle_images()})
    probe, array = voxel_probe(ready), ready.dynamic.series.array
    one = np.array(array[0, 2, 4])
    gone = weakref.ref(array)
    del ready, array
    gc.collect()
    assert gone() is None
    assert probe.probe((0, 2, 4), one).fitted_mM.size


def test_what_is_no_voxel_is_refused():
    probe = voxel_probe(prepared({"t10_s": 1.2}, {}))
    with pytest.raises(InputError, match="none at"):
        probe.probe((3, 0, 0), np.ones(TIME_S.size))
    with pytest.raises(InputError, match="7 values but the series 50 frames"):
        probe.probe((0, 0, 0), np.ones(7))

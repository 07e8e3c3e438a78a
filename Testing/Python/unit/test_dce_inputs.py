"""Inputs of a kinetic analysis: agents, arteries found, reference tissues; and data that cannot be used."""

from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.geometry import TimeSeries
from QuantDCELib import (
    AGENTS,
    Aif,
    DceSettings,
    DynamicImages,
    Status,
    VfaImages,
    analyse,
    find_agent,
    find_artery,
    fit_reference_region,
    population_aif,
    spgr_signal,
)
from QuantDCELib.analysis.roi_curve import fit_curve
from QuantDCELib.dicom.time_axis import TimeAxis
from QuantDCELib.kinetics.models import curve
from QuantDCELib.signal.agents import relaxivity

TIME_S = np.arange(0, 360, 3.0)
FINE_S = np.arange(31.0, 360, 0.25)
PLASMA = population_aif("parker", FINE_S, arrival_s=31.0)
SETTINGS = DceSettings(model="tofts", t10_s=1.2, arrival_s=31.0)


def tissue(ktrans, ve, vp=0.0, time_s=TIME_S):
    known = {"Ktrans": ktrans, "kep": ktrans / ve, "vp": vp}
    return curve("extended_tofts", known, time_s, PLASMA, aif_time_s=FINE_S)


def signal_of(concentration_mM, t10_s=1.2):
    return spgr_signal(1 / t10_s + 4.5 * concentration_mM, tr_s=0.005, flip_deg=20.0, m0=4000)


def images(signal, time_s=TIME_S, tr_s=0.005, flip_deg=20.0, field_t=1.5):
    series = TimeSeries(np.asarray(signal, np.float32), np.eye(4), np.asarray(time_s, float))
    return DynamicImages(series, TimeAxis(series.time_s, "given"), tr_s, flip_deg, field_t, {})


@pytest.fixture(scope="module")
def body():
    """(3, 10, 10) voxels: air around, tumour, muscle, a vein that comes late and an artery of 2 x 2 x 3 voxels."""
    rng = np.random.default_rng(4)
    signal = np.zeros((3, 10, 10, TIME_S.size))
    signal[:, 1:9, 1:9] = signal_of(tissue(0.08, 0.15))
    signal[:, 2:5, 2:5] = signal_of(tissue(0.3, 0.4))
    blood = np.interp(TIME_S, FINE_S, 0.58 * PLASMA, left=0.0)
    signal[:, 6:8, 6:8] = signal_of(blood, 1.44)
    late = np.interp(TIME_S - 60, FINE_S, 0.4 * PLASMA, left=0.0)
    signal[:, 6:8, 2:4] = signal_of(late, 1.44)
    return np.abs(signal + rng.normal(0, 1.0, signal.shape))


def test_relaxivities_are_found_by_brand_and_field():
    assert relaxivity(find_agent("gadovist"), 3.0)[0] == 4.97
    assert relaxivity(find_agent("Magnevist"), 1.494)[0] == 4.1
    assert "nearest to 4.7 T" in relaxivity(find_agent("Omniscan"), 4.7)[1]
    assert "not known" in relaxivity(find_agent("Dotarem"), None)[1]
    with pytest.raises(InputError, match="gadobutrol"):
        find_agent("salt")
    for agent in AGENTS.values():
        assert {1.5, 3.0} <= set(agent.r1_per_mM_s)
        assert all(2 < r1 < 15 for r1 in agent.r1_per_mM_s.values())


def test_the_artery_is_told_from_vein_tumour_and_air(body):
    artery = find_artery(body, TIME_S, np.arange(10))
    truth = np.zeros(body.shape[:3], bool)
    truth[:, 6:8, 6:8] = True
    assert (artery.mask == truth).all()
    assert artery.peak_s == pytest.approx(31 + 0.17 * 60, abs=3)
    assert "12 voxels" in artery.remark
    elsewhere = np.ones(truth.shape, bool)
    elsewhere[:, 5:, 5:] = False
    with pytest.raises(InputError, match="No artery was found"):
        find_artery(body, TIME_S, np.arange(10), search=elsewhere)


def test_a_burned_in_counter_is_no_artery(body):
    signal, flicker = body.copy(), np.arange(TIME_S.size) // 4 % 2
    signal[0, 0, :6] = 60000.0 * flicker
    found = analyse(images(signal), DceSettings(model="tofts", t10_s=1.2, aif="auto"))
    assert found.artery[:, 6:8, 6:8].all()
    assert found.artery.sum() == 12
    assert found.baseline.max() in (9, 10)


def test_automatic_and_drawn_artery_give_the_same_maps(body):
    truth = np.zeros(body.shape[:3])
    truth[:, 6:8, 6:8] = 1
    tumour = np.zeros(body.shape[:3])
    tumour[:, 2:5, 2:5] = 1
    drawn, found = (
        analyse(images(body), DceSettings(model="tofts", t10_s=1.2, aif=aif), tumour_mask=tumour, aif_mask=mask)
        for aif, mask in (("roi", truth), ("auto", None))
    )
    np.testing.assert_array_equal(found.maps["Ktrans"], drawn.maps["Ktrans"])
    assert found.measurements["ktrans_median_per_min"] == pytest.approx(0.3, rel=0.05)
    assert (found.artery == drawn.artery).all()
    assert any("found automatically" in warning for warning in found.warnings)


@pytest.mark.parametrize("with_plasma", [False, True])
def test_reference_region_recovers_ratios(with_plasma):
    truth = [(0.05, 0.2, 0.02), (0.2, 0.3, 0.05), (0.4, 0.4, 0.01)]
    time_s = np.arange(0, 360, 1.5)
    curves = np.array([tissue(k, ve, vp * with_plasma, time_s) for k, ve, vp in truth])
    fit = fit_reference_region(time_s, curves, tissue(0.1, 0.12, 0, time_s), with_plasma=with_plasma)
    assert fit.kep_reference_per_min == pytest.approx(0.1 / 0.12, rel=2e-3)
    ktrans, ve, vp = np.array(truth).T
    np.testing.assert_allclose(fit.parameters["Ktrans_rel"], ktrans / 0.1, rtol=3e-3)
    np.testing.assert_allclose(fit.parameters["ve_rel"], ve / 0.12, rtol=3e-3)
    np.testing.assert_allclose(fit.parameters["kep"], ktrans / ve, rtol=3e-3)
    if with_plasma:
        np.testing.assert_allclose(fit.parameters["vp_rel"], vp / 0.1, rtol=5e-3)
    assert (fit.r_squared > 0.999).all()
    twice = fit_reference_region(time_s, 2 * curves, 2 * tissue(0.1, 0.12, 0, time_s), with_plasma=with_plasma)
    np.testing.assert_allclose(twice.parameters["Ktrans_rel"], fit.parameters["Ktrans_rel"], rtol=1e-9)


def test_voxels_of_a_reference_fit_without_a_result():
    curves = np.array([tissue(0.2, 0.3), np.zeros(TIME_S.size), np.full(TIME_S.size, np.nan), -tissue(0.2, 0.3)])
    fit = fit_reference_region(TIME_S, curves, tissue(0.1, 0.12))
    assert fit.status.tolist() == [Status.OK, Status.NO_UPTAKE, Status.NOT_FINITE, Status.NO_UPTAKE]
    assert np.isnan(fit.parameters["ve_rel"][1:]).all()
    for reference, words in ((np.zeros(TIME_S.size), "takes up no"), (np.full(TIME_S.size, np.nan), "some frame")):
        with pytest.raises(InputError, match=words):
            fit_reference_region(TIME_S, curves, reference)


def test_sparse_frames_are_told():
    for step_s, words in ((7.0, "sampled every 7.0 s"), (16.0, "use semi-quantitative maps")):
        time_s = np.arange(0, 360, step_s)
        measured = Aif(time_s, *(np.interp(time_s, FINE_S, PLASMA, left=0.0),) * 2, "test")
        dynamic = images(np.tile(signal_of(tissue(0.2, 0.3, time_s=time_s)), (1, 2, 2, 1)), time_s)
        result = analyse(dynamic, DceSettings(model="tofts", t10_s=1.2, aif="file"), aif=measured)
        assert any(words in warning for warning in result.warnings)


def test_the_band_of_the_mean_curve_covers_the_truth():
    rng = np.random.default_rng(7)
    truth, aif = tissue(0.2, 0.3), Aif(FINE_S, 0.58 * PLASMA, PLASMA, "truth")
    covered = []
    for _ in range(20):
        roi = fit_curve(SETTINGS, TIME_S, truth + rng.normal(0, 0.03, truth.size), aif)
        covered.append(np.abs(roi.fitted_mM - truth)[20:] <= roi.band_mM[20:])
    assert np.mean(covered) == pytest.approx(0.95, abs=0.08)


# Bad input: a sentence or a code, never a wrong map.


def test_pixels_that_are_no_numbers_get_a_code():
    signal = np.tile(signal_of(tissue(0.2, 0.3)), (1, 3, 3, 1))
    clean = analyse(images(signal), SETTINGS)
    signal[0, 0, 0, 5], signal[0, 0, 1, 70], signal[0, 0, 2] = np.nan, np.inf, -100.0
    result = analyse(images(signal), SETTINGS)
    assert result.maps["status"][0, 0].tolist() == [Status.NOT_FINITE, Status.NOT_FINITE, Status.NO_SIGNAL]
    assert np.isnan(result.maps["Ktrans"][0, 0]).all()
    np.testing.assert_allclose(result.maps["Ktrans"][0, 1:], clean.maps["Ktrans"][0, 1:], rtol=1e-3)
    with pytest.raises(InputError, match="No voxel of the dynamic series is finite"):
        analyse(images(np.full((1, 2, 2, 120), np.nan)), SETTINGS)


def test_a_voxel_that_is_constant_has_no_uptake():
    signal = np.tile(signal_of(tissue(0.2, 0.3)), (1, 3, 3, 1))
    signal[0, 0, 0] = signal[0, 0, 0, 0]
    result = analyse(images(signal), SETTINGS)
    assert result.maps["status"][0, 0, 0] == Status.NO_UPTAKE
    assert result.maps["Ktrans"][0, 0, 0] == 0
    assert np.isnan(result.maps["wash_in"][0, 0, 0])
    with pytest.raises(InputError, match="does not rise"):
        analyse(images(np.full((1, 2, 2, 120), 100.0)), SETTINGS)


@pytest.mark.parametrize("settings", [DceSettings(model="none"), SETTINGS])
@pytest.mark.parametrize(
    ("known", "error", "words"),
    [
        ({"flip_deg": 0.0}, InputError, "flip angle is 0"),
        ({"tr_s": 0.0}, (InputError, QuestionsError), "TR|repetition time"),
    ],
)
def test_zero_flip_or_tr_is_refused_where_it_is_used(settings, known, error, words):
    dynamic = images(np.tile(signal_of(tissue(0.2, 0.3)), (1, 2, 2, 1)), **known)
    if settings.is_kinetic:
        with pytest.raises(error, match=words):
            analyse(dynamic, settings)
    else:
        assert np.isfinite(analyse(dynamic, settings).maps["PE"]).all()


def test_flip_angles_that_are_alike_are_refused():
    vfa = VfaImages(np.ones((1, 2, 2, 3)), np.eye(4), np.array([5.0, 5.0, 5.0]), 0.005, {})
    dynamic = images(np.tile(signal_of(tissue(0.2, 0.3)), (1, 2, 2, 1)))
    with pytest.raises(InputError, match="flip"):
        analyse(dynamic, DceSettings(model="tofts"), vfa=vfa)


@pytest.mark.parametrize(
    ("time_s", "values", "words"),
    [
        (TIME_S, np.zeros(TIME_S.size), "zero up to the last frame"),
        (TIME_S + 1000, np.ones(TIME_S.size), "zero up to the last frame"),
        (TIME_S[:60], np.linspace(0, 1, 60), "ends at"),
        (TIME_S, np.full(TIME_S.size, np.nan), "not finite"),
    ],
)
def test_inputs_that_carry_no_agent_are_refused(time_s, values, words):
    dynamic = images(np.tile(signal_of(tissue(0.2, 0.3)), (1, 2, 2, 1)))
    with pytest.raises(InputError, match=words):
        analyse(dynamic, DceSettings(model="tofts", t10_s=1.2, aif="file"), aif=Aif(time_s, values, values, "test"))


def test_masks_and_baselines_that_do_not_fit_are_refused_or_told():
    dynamic = images(np.tile(signal_of(tissue(0.2, 0.3)), (1, 2, 2, 1)))
    for name in ("tumour_mask", "aif_mask", "reference_mask"):
        with pytest.raises(InputError, match="mask has shape"):
            analyse(dynamic, SETTINGS, **{name: np.ones((2, 2))})
    vfa = VfaImages(np.ones((1, 2, 2, 3)), np.eye(4), np.array([5.0, 10.0, 15.0]), 0.005, {})
    with pytest.raises(InputError, match="B1 map is not on the grid"):
        analyse(dynamic, DceSettings(model="tofts"), vfa=vfa, b1=np.ones((3, 3, 3)))
    told = analyse(dynamic, replace(SETTINGS, baseline=(0, 20)))
    assert any("signal rises after frame" in warning for warning in told.warnings)
    with pytest.raises(InputError, match="ends at frame 500"):
        analyse(dynamic, replace(SETTINGS, baseline=(0, 500)))

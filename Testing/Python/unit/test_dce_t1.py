"""Signal, T1 and concentration: round trips through the SPGR equation, noise, and data that have no answer."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from hypothesis import given
from hypothesis import strategies as st
from QuantDCELib import Status, arrival_time_s, concentration_from_signal, detect_baseline, spgr_signal, t1_from_vfa
from scipy.optimize import least_squares
from scipy.stats import t

FLIPS = np.arange(2.0, 21.0, 2.0)
TR_S = 0.0079


def vfa(t1_s, m0=1000.0, flips=FLIPS):
    return spgr_signal(1 / np.asarray(t1_s)[..., None], tr_s=TR_S, flip_deg=flips, m0=m0)


@pytest.mark.parametrize("method", ["linear", "nonlinear"])
@pytest.mark.parametrize("flips", [FLIPS, np.array([3.0, 15.0])])
def test_t1_is_recovered_without_noise(method, flips):
    t1_s = np.linspace(0.1, 4.0, 60).reshape(3, 4, 5)
    found = t1_from_vfa(vfa(t1_s, 730.0, flips), flips, TR_S, method=method)
    np.testing.assert_allclose(found.t1_s, t1_s, rtol=1e-9)
    np.testing.assert_allclose(found.m0, 730.0, rtol=1e-9)
    assert (found.status == Status.OK).all()
    assert np.isnan(found.t1_sd_s).all() == (flips.size == 2)


def test_b1_scales_the_flip_angles():
    t1_s, b1 = np.linspace(0.5, 2.0, 20), np.linspace(0.7, 1.2, 20)
    signal = np.stack([vfa(t1, flips=FLIPS * b) for t1, b in zip(t1_s, b1, strict=True)])
    np.testing.assert_allclose(t1_from_vfa(signal, FLIPS, TR_S, b1=b1).t1_s, t1_s, rtol=1e-9)


def test_nonlinear_t1_agrees_with_scipy_and_its_sd_with_the_scatter():
    rng = np.random.default_rng(3)
    t1_s = np.full(4000, 1.2)
    signal = vfa(t1_s) + rng.normal(0, 0.5, (4000, FLIPS.size))
    found = t1_from_vfa(signal, FLIPS, TR_S)
    for index in range(20):

        def residual(x, index=index):
            return vfa(x[1], x[0]) - signal[index]

        best = least_squares(residual, [1000.0, 1.2], x_scale=[1000.0, 1.0], xtol=1e-14, ftol=1e-14, gtol=1e-14)
        assert found.t1_s[index] == pytest.approx(best.x[1], rel=1e-6)
    assert np.std((found.t1_s - 1.2) / found.t1_sd_s) == pytest.approx(1.0, abs=0.15)


def test_voxels_without_t1_say_why():
    signal = vfa(np.full(5, 1.0))
    signal[1], signal[2, 3], signal[3], signal[4, 0] = 0.0, np.nan, 100.0, np.inf
    signal[3] = np.linspace(1, 1000, FLIPS.size) ** 3
    found = t1_from_vfa(signal, FLIPS, TR_S)
    assert list(found.status) == [Status.OK, Status.NO_SIGNAL, Status.NOT_FINITE, Status.NO_T1, Status.NOT_FINITE]
    assert np.isnan(found.t1_s[1:]).all()
    assert np.isnan(found.m0[1:]).all()


@pytest.mark.parametrize(
    ("flips", "tr_s", "words"),
    [
        ([5, 5], TR_S, "same"),
        ([5, 5, 10], TR_S, "twice"),
        ([0, 10], TR_S, "flip angle is 0"),
        ([5, 10], 0.0, "repetition time"),
        ([5, 10, 15], TR_S, "last axis"),
    ],
)
def test_impossible_t1_input_is_refused(flips, tr_s, words):
    with pytest.raises(InputError, match=words):
        t1_from_vfa(np.ones((4, 2)), flips, tr_s)


@given(
    concentration=st.lists(st.floats(-0.15, 20.0), min_size=3, max_size=8),
    t10_s=st.floats(0.3, 3.0),
    flip_deg=st.floats(5.0, 40.0),
)
def test_concentration_inverts_the_signal(concentration, t10_s, flip_deg):
    truth = np.array([0.0, 0.0, *concentration])
    signal = spgr_signal(1 / t10_s + 4.5 * truth, tr_s=0.005, flip_deg=flip_deg, m0=321.0)
    found = concentration_from_signal(
        signal, tr_s=0.005, flip_deg=flip_deg, t10_s=t10_s, r1_per_mM_s=4.5, baseline=slice(0, 2)
    )
    np.testing.assert_allclose(found.concentration_mM, truth, atol=1e-8)
    assert found.status == Status.OK


def test_concentration_marks_what_cannot_be():
    signal = np.tile([100.0, 100.0, 150.0, 120.0], (6, 1))
    signal[1, 2], signal[2], signal[3, 1], signal[4, 3] = 1e6, 0.0, np.nan, np.inf
    t10_s = np.array([1, 1, 1, 1, 1, np.nan])
    found = concentration_from_signal(signal, tr_s=0.005, flip_deg=20, t10_s=t10_s, r1_per_mM_s=4.5, baseline=[0, 1])
    assert list(found.status) == [
        Status.OK,
        Status.ABOVE_CEILING,
        Status.NO_SIGNAL,
        Status.NOT_FINITE,
        Status.NOT_FINITE,
        Status.NO_T1,
    ]
    assert np.isnan(found.concentration_mM[1]).tolist() == [False, False, True, False]
    assert np.isnan(found.concentration_mM[2:]).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tr_s": 0.0}, "repetition time"),
        ({"flip_deg": 0.0}, "flip angle"),
        ({"r1_per_mM_s": -1.0}, "relaxivity"),
        ({"baseline": slice(0, 9)}, "frame 9 of 4"),
        ({"baseline": []}, "no frame"),
        ({"t10_s": np.ones(3)}, "T1 map"),
    ],
)
def test_impossible_concentration_input_is_refused(change, words):
    arguments = {"tr_s": 0.005, "flip_deg": 20, "t10_s": 1.0, "r1_per_mM_s": 4.5, "baseline": slice(0, 2)} | change
    with pytest.raises(InputError, match=words):
        concentration_from_signal(np.ones((2, 4)), **arguments)


def test_baseline_ends_before_the_first_enhanced_frame():
    time_s = 5.0 * np.arange(40)
    curve = 100 + 50 * np.clip(time_s - 42.0, 0, 30) / 30
    frames = detect_baseline(curve, time_s)
    assert frames.tolist() == list(range(9))
    assert arrival_time_s(curve, time_s, frames) == pytest.approx(42.0)
    noisy = curve + np.random.default_rng(0).normal(0, 0.5, curve.size)
    assert 5 <= detect_baseline(noisy, time_s).size <= 9


def test_baseline_leaves_out_a_first_frame_before_the_steady_state():
    curve = np.array([180.0, 100, 100, 100, 100, 130, 160, 170, 165, 160])
    assert detect_baseline(curve, np.arange(10.0)).tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("curve", [np.full(10, 3.0), np.linspace(10, 1, 10), np.array([1.0, np.nan, 2, 3])])
def test_a_curve_without_arrival_is_refused(curve):
    with pytest.raises(InputError):
        detect_baseline(curve, np.arange(float(curve.size)))


@pytest.mark.parametrize("flips", [FLIPS, np.array([3.0, 8.0, 15.0, 20.0, 25.0, 30.0])])
def test_intervals_of_t1_cover_the_truth(flips):
    signal = vfa(np.full(6000, 1.2), flips=flips) + np.random.default_rng(8).normal(0, 0.3, (6000, flips.size))
    found = t1_from_vfa(signal, flips, TR_S)
    covered = np.mean(np.abs(found.t1_s - 1.2) < t.ppf(0.975, flips.size - 2) * found.t1_sd_s)
    print(f"{flips.size} flips: {covered:.3f}")
    assert 0.93 < covered < 0.97

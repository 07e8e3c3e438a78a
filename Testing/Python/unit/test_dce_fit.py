"""Convolution and fit: quadrature, exact recovery, limits, and agreement with converged bounded least squares."""

from itertools import pairwise

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Cancelled
from hypothesis import given
from hypothesis import strategies as st
from QuantDCELib import Status, convolve_exponential, fit_model, population_aif
from QuantDCELib.kinetics.models import curve
from scipy.integrate import quad
from scipy.optimize import least_squares

AIF_TIME_S = np.arange(0, 301, 0.5)
AIF_MM = population_aif("parker", AIF_TIME_S, arrival_s=30.0)
TIME_S = np.sort(np.random.default_rng(1).uniform(0, 300, 60))
RECOVERABLE = {"tofts": ("Ktrans", "ve"), "extended_tofts": ("Ktrans", "ve", "vp"), "patlak": ("Ktrans", "vp")}


def truths(n, seed=0):
    rng = np.random.default_rng(seed)
    ktrans = np.exp(rng.uniform(np.log(0.01), np.log(1.0), n))
    return {
        "Ktrans": ktrans,
        "ve": np.maximum(rng.uniform(0.05, 0.9, n), ktrans / 20),
        "vp": rng.uniform(0.005, 0.2, n),
    }


def curves(name, truth, time_s=TIME_S):
    rows = zip(*truth.values(), strict=True)
    return np.array(
        [curve(name, dict(zip(truth, row, strict=True)), time_s, AIF_MM, aif_time_s=AIF_TIME_S) for row in rows]
    )


def fit(name, data, time_s=TIME_S, **options):
    return fit_model(name, time_s, data, AIF_MM, aif_time_s=AIF_TIME_S, **options)


@given(
    steps=st.lists(st.floats(0.01, 3.0), min_size=3, max_size=6),
    values=st.lists(st.floats(0, 5.0), min_size=7, max_size=7),
    rate=st.one_of(st.just(0.0), st.floats(1e-9, 50.0)),
)
def test_convolution_is_the_integral(steps, values, rate):
    nodes = np.concatenate([[0.0], np.cumsum(steps)])
    values = np.array(values[: nodes.size])
    time = np.linspace(0.1 * nodes[-1], nodes[-1], 3)
    for t, found in zip(time, convolve_exponential(nodes, values, rate, time), strict=True):
        pieces = np.concatenate([nodes[nodes < t], [t]])
        exact = sum(
            quad(lambda u, t=t: np.interp(u, nodes, values) * np.exp(-rate * (t - u)), a, b, epsabs=1e-13)[0]
            for a, b in pairwise(pieces)
        )
        assert found == pytest.approx(exact, abs=1e-8)


def test_convolution_of_many_rates_is_that_of_each():
    rates = np.array([0.0, 1e-8, 0.01, 0.1, 3.0, 1e3])
    together = convolve_exponential(AIF_TIME_S, AIF_MM, rates, TIME_S)
    for rate, row in zip(rates, together, strict=True):
        np.testing.assert_allclose(row, convolve_exponential(AIF_TIME_S, AIF_MM, float(rate), TIME_S), rtol=1e-13)


@pytest.mark.parametrize("name", RECOVERABLE)
def test_parameters_are_recovered_without_noise_at_irregular_times(name):
    truth = truths(80)
    found = fit(name, curves(name, truth))
    for parameter in RECOVERABLE[name]:
        np.testing.assert_allclose(found.parameters[parameter], truth[parameter], rtol=1e-5)
    assert (found.status == Status.OK).all()
    assert found.r_squared.min() > 1 - 1e-9
    assert found.rmse.max() < 1e-7


TISSUE = {
    "tofts": {"Ktrans": 0.2, "ve": 0.35},
    "extended_tofts": {"Ktrans": 0.2, "ve": 0.35, "vp": 0.05},
    "patlak": {"Ktrans": 0.04, "vp": 0.05},
    "2cum": {"Fp": 50.0, "PS": 6.0, "vp": 0.08},
    "2cxm": {"Fp": 50.0, "PS": 12.0, "vp": 0.08, "ve": 0.3},
}


@pytest.mark.parametrize("name", TISSUE)
def test_irregular_frames_give_what_regular_ones_give(name):
    regular = np.arange(0, 300, 3.0)
    irregular = np.sort(np.concatenate([np.arange(0, 300, 4.5), 30 + np.geomspace(1, 260, 40)]))
    ktrans = [
        fit_model(
            name, times, curve(name, TISSUE[name], times, AIF_MM, aif_time_s=AIF_TIME_S), AIF_MM, aif_time_s=AIF_TIME_S
        ).parameters["Ktrans"]
        for times in (regular, irregular)
    ]
    np.testing.assert_allclose(ktrans[1], ktrans[0], rtol=1e-6)


@pytest.mark.parametrize("name", TISSUE)
def test_a_slower_clock_slows_the_rates_and_leaves_the_volumes(name):
    data = curve(name, TISSUE[name], TIME_S, AIF_MM, aif_time_s=AIF_TIME_S)
    data = data + np.random.default_rng(2).normal(0, 0.001, data.shape)
    found = fit(name, data).parameters
    slow = fit_model(name, 10 * TIME_S, data, AIF_MM, aif_time_s=10 * AIF_TIME_S).parameters
    for parameter, value in found.items():
        scale = 1.0 if parameter in ("ve", "vp") else 0.1
        np.testing.assert_allclose(slow[parameter], scale * value, rtol=1e-5, err_msg=parameter)


def test_no_plasma_reduces_extended_tofts_to_tofts():
    truth = truths(50)
    data = curves("tofts", truth)
    np.testing.assert_allclose(fit("extended_tofts", data).parameters["Ktrans"], truth["Ktrans"], rtol=1e-5)


def test_no_return_reduces_tofts_to_patlak_without_plasma():
    data = curves("patlak", {"Ktrans": np.array([0.01]), "vp": np.array([0.0])})
    slow = curve("tofts", {"Ktrans": 0.01, "kep": 1e-6}, TIME_S, AIF_MM, aif_time_s=AIF_TIME_S)
    np.testing.assert_allclose(data[0], slow, rtol=1e-5)


def test_fast_return_is_a_plasma_volume():
    fast = curve("tofts", {"Ktrans": 900.0 * 0.1, "kep": 900.0}, TIME_S, AIF_MM, aif_time_s=AIF_TIME_S)
    np.testing.assert_allclose(fast[TIME_S > 60], 0.1 * np.interp(TIME_S, AIF_TIME_S, AIF_MM)[TIME_S > 60], rtol=0.01)


def test_fit_of_noisy_curves_is_the_converged_bounded_least_squares():
    rng = np.random.default_rng(5)
    plasma = np.interp(TIME_S, AIF_TIME_S, AIF_MM)
    minutes, aif_minutes = TIME_S / 60, AIF_TIME_S / 60
    for name, n_free in (("tofts", 2), ("extended_tofts", 3)):
        truth = truths(5, seed=8)
        data = curves(name, truth)
        data += rng.normal(0, 0.03, data.shape)
        found = fit(name, data)
        for index, y in enumerate(data):

            def residual(x, y=y):
                exponential = x[0] * np.exp(x[1]) * convolve_exponential(aif_minutes, AIF_MM, np.exp(x[1]), minutes)
                return exponential + (x[2] * plasma if x.size > 2 else 0) - y

            start = [truth["ve"][index], np.log(truth["Ktrans"][index] / truth["ve"][index]), truth["vp"][index]]
            limits = [0, np.log(1e-5), 0][:n_free], [1, np.log(1e3), 1][:n_free]
            best = least_squares(residual, start[:n_free], bounds=limits, xtol=1e-13, ftol=1e-13, gtol=1e-13)
            assert found.rmse[index] ** 2 * TIME_S.size <= 2 * best.cost * (1 + 1e-9)
            assert found.parameters["Ktrans"][index] == pytest.approx(best.x[0] * np.exp(best.x[1]), rel=1e-5)


def test_standard_errors_cover_the_truth():
    truth = {"Ktrans": np.full(4000, 0.2), "ve": np.full(4000, 0.4), "vp": np.full(4000, 0.08)}
    clean = curves("extended_tofts", {key: value[:1] for key, value in truth.items()})
    found = fit("extended_tofts", clean + np.random.default_rng(2).normal(0, 0.02, (4000, TIME_S.size)))
    for name, values in truth.items():
        off = np.abs(found.parameters[name] - values) / found.standard_errors[name]
        assert 0.93 < np.mean(off < 2.0) < 0.97


def test_bounds_are_kept_and_flagged():
    truth = {"Ktrans": np.array([0.3, 0.2]), "ve": np.array([2.0, 0.3]), "vp": np.array([0.02, -0.05])}
    found = fit("extended_tofts", curves("extended_tofts", truth))
    assert found.status.tolist() == [Status.AT_BOUND, Status.AT_BOUND]
    assert found.parameters["ve"][0] == pytest.approx(1.0)
    assert found.parameters["vp"][1] == 0.0
    assert np.isnan(found.standard_errors["ve"][0])
    assert np.isnan(found.standard_errors["vp"][1])


@pytest.mark.parametrize("name", RECOVERABLE)
def test_voxels_without_uptake_or_data_have_a_status(name):
    data = curves(name, truths(5))
    data[1], data[2], data[3, 4], data[4, 0] = 0.0, -data[2], np.nan, np.inf
    found = fit(name, data)
    assert found.status[0] == Status.OK
    assert found.status[1:].tolist() == [Status.NO_UPTAKE] * 2 + [Status.NOT_FINITE] * 2
    assert (found.parameters["Ktrans"][1:3] == 0).all()
    for values in found.parameters.values():
        assert np.isnan(values[3:]).all()


@pytest.mark.parametrize("name", RECOVERABLE)
def test_order_mask_and_threads_change_nothing(name):
    data = curves(name, truths(40))
    data = np.tile(data, (120, 1)) + np.random.default_rng(4).normal(0, 0.05, (4800, TIME_S.size))
    whole = fit(name, data, threads=1).parameters["Ktrans"]
    order = np.random.default_rng(6).permutation(len(data))
    np.testing.assert_allclose(
        fit(name, data[order], threads=2).parameters["Ktrans"], whole[order], rtol=1e-12, atol=1e-14
    )
    assert np.array_equal(fit(name, data, threads=3).parameters["Ktrans"], whole)
    mask = np.zeros(len(data), bool)
    mask[::3] = True
    masked = fit(name, data.reshape(40, 120, -1), mask=mask.reshape(40, 120))
    np.testing.assert_allclose(masked.parameters["Ktrans"].ravel()[mask], whole[mask], rtol=1e-12, atol=1e-14)
    assert np.isnan(masked.parameters["Ktrans"].ravel()[~mask]).all()
    assert (masked.status.ravel()[~mask] == Status.OUTSIDE).all()


def test_a_shift_of_the_clock_changes_nothing():
    data = curves("extended_tofts", truths(30))
    later = fit_model("extended_tofts", TIME_S + 1000, data, AIF_MM, aif_time_s=AIF_TIME_S + 1000)
    np.testing.assert_allclose(later.parameters["Ktrans"], fit("extended_tofts", data).parameters["Ktrans"], rtol=1e-6)


def test_a_fit_can_be_cancelled_and_reports_progress():
    data = np.tile(curves("tofts", truths(10)), (4000, 1))
    told = []
    fit("tofts", data, report=lambda fraction, text: told.append(fraction))
    assert len(told) > 5
    assert 0 <= min(told) <= max(told) <= 1

    def stop(fraction, text):
        raise Cancelled

    with pytest.raises(Cancelled):
        fit("tofts", data, report=stop)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "nonsense"}, "tofts, extended_tofts, patlak"),
        ({"time_s": TIME_S[::-1]}, "increase"),
        ({"time_s": np.r_[TIME_S[:-1], TIME_S[-2]]}, "increase"),
        ({"concentration_mM": np.ones((2, 9))}, "time must be the last axis"),
        ({"aif_plasma_mM": np.zeros(AIF_TIME_S.size)}, "zero"),
        ({"aif_plasma_mM": np.where(AIF_TIME_S < 300, 0.0, 1.0)}, "zero up to the last frame"),
        ({"aif_plasma_mM": np.full(AIF_TIME_S.size, np.nan)}, "not finite"),
        ({"aif_time_s": AIF_TIME_S / 10}, "ends at"),
        ({"mask": np.ones(5, bool)}, "mask has shape"),
        ({"fit_delay": True, "delay_bounds_s": (5.0, -5.0)}, "bounds of the delay"),
    ],
)
def test_impossible_fits_are_refused(change, words):
    arguments = {
        "name": "tofts",
        "time_s": TIME_S,
        "concentration_mM": np.ones((2, TIME_S.size)),
        "aif_plasma_mM": AIF_MM,
        "aif_time_s": AIF_TIME_S,
    } | change
    with pytest.raises(InputError, match=words):
        fit_model(
            arguments.pop("name"),
            arguments.pop("time_s"),
            arguments.pop("concentration_mM"),
            arguments.pop("aif_plasma_mM"),
            **arguments,
        )

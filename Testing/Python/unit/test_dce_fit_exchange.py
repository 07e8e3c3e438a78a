"""Two-compartment models and the arrival delay: recovery, converged least squares, bounds, errors, invariance."""

import numpy as np
import pytest
from QuantDCELib import Status, convolve_exponential, fit_model, population_aif
from QuantDCELib.kinetics.models import curve
from scipy.optimize import least_squares

AIF_TIME_S = np.arange(0, 301, 0.5)
AIF_MM = population_aif("parker", AIF_TIME_S, arrival_s=30.0)
TIME_S = np.sort(np.random.default_rng(1).uniform(0, 300, 100))
FREE = {
    "tofts": ("Ktrans", "ve"),
    "extended_tofts": ("Ktrans", "ve", "vp"),
    "patlak": ("Ktrans", "vp"),
    "2cum": ("Fp", "PS", "vp"),
    "2cxm": ("Fp", "PS", "vp", "ve"),
}


def truths(name, n, seed=0):
    """Tissue whose parameters 5 min of frames determine."""
    rng = np.random.default_rng(seed)
    ranges = {
        "Ktrans": (0.03, 0.5),
        "Fp": (5.0, 150.0),
        "PS": (3.0, 30.0),
        "vp": (0.02, 0.2),
        "ve": (0.1, 0.6),
    }
    return {parameter: rng.uniform(*ranges[parameter], n) for parameter in FREE[name]}


def curves(name, truth):
    rows = zip(*truth.values(), strict=True)
    return np.array(
        [curve(name, dict(zip(truth, row, strict=True)), TIME_S, AIF_MM, aif_time_s=AIF_TIME_S) for row in rows]
    )


def fit(name, data, **options):
    return fit_model(name, TIME_S, data, AIF_MM, aif_time_s=AIF_TIME_S, **options)


@pytest.mark.parametrize("name", ["2cum", "2cxm"])
def test_parameters_are_recovered_without_noise_at_irregular_times(name):
    truth = truths(name, 200)
    found = fit(name, curves(name, truth))
    for parameter, values in truth.items():
        np.testing.assert_allclose(found.parameters[parameter], values, rtol=1e-5, err_msg=parameter)
    extraction = truth["PS"] / (truth["PS"] + truth["Fp"])
    np.testing.assert_allclose(found.parameters["Ktrans"], extraction * truth["Fp"] / 100, rtol=1e-5)
    assert (found.status == Status.OK).all()


@pytest.mark.parametrize("name", FREE)
def test_a_delay_of_each_voxel_is_recovered(name):
    truth = truths(name, 60) | {"delay_s": np.random.default_rng(3).uniform(-8, 8, 60)}
    truth["delay_s"][:2] = 0.0, 5.0
    found = fit(name, curves(name, truth), fit_delay=True)
    for parameter in FREE[name]:
        np.testing.assert_allclose(found.parameters[parameter], truth[parameter], rtol=1e-5, err_msg=parameter)
    np.testing.assert_allclose(found.parameters["delay_s"], truth["delay_s"], atol=1e-5)
    assert "delay_s" in found.standard_errors


def test_a_delay_beyond_its_bounds_is_flagged():
    data = curves("extended_tofts", {"Ktrans": [0.2], "ve": [0.3], "vp": [0.05], "delay_s": [6.0]})
    found = fit("extended_tofts", data, fit_delay=True, delay_bounds_s=(-2.0, 3.0))
    assert found.status.tolist() == [Status.AT_BOUND]
    assert found.parameters["delay_s"][0] == pytest.approx(3.0)
    assert np.isnan(found.standard_errors["delay_s"][0])


def exchange_residual(y, x):
    volume, share, fast, slow = x
    k = np.exp([fast, slow])
    parts = k[:, None] * convolve_exponential(AIF_TIME_S / 60, AIF_MM, k, TIME_S / 60)
    return volume * ((1 - share) * parts[0] + share * parts[1]) - y


def test_noisy_exchange_is_the_converged_bounded_least_squares():
    truth = truths("2cxm", 4, seed=7)
    data = curves("2cxm", truth) + np.random.default_rng(5).normal(0, 0.02, (4, TIME_S.size))
    found = fit("2cxm", data)
    for index, y in enumerate(data):
        fp, ps, vp, ve = (truth[name][index] for name in FREE["2cxm"])
        best = least_squares(
            lambda x, y=y: exchange_residual(y, x),
            [vp + ve, ve / (vp + ve), np.log((fp + ps) / 100 / vp), np.log(ps / 100 / ve)],
            bounds=([0, 0, *np.log([1e-5] * 2)], [1, 1, *np.log([1e3] * 2)]),
            xtol=1e-11,
            ftol=1e-13,
            gtol=1e-12,
        )
        assert found.rmse[index] ** 2 * TIME_S.size <= 2 * best.cost * (1 + 1e-8)


@pytest.mark.parametrize("name", ["2cum", "2cxm"])
def test_standard_errors_cover_the_truth(name):
    truth = {"Fp": 60.0, "PS": 12.0, "vp": 0.1, "ve": 0.3}
    truth = {parameter: np.array([truth[parameter]]) for parameter in FREE[name]}
    data = curves(name, truth) + np.random.default_rng(2).normal(0, 0.004, (3000, TIME_S.size))
    found = fit(name, data)
    for parameter, values in truth.items():
        off = np.abs(found.parameters[parameter] - values) / found.standard_errors[parameter]
        covered = np.mean(off < 1.9845)
        print(f"{name} {parameter}: {covered:.3f}")
        assert 0.93 < covered < 0.97


def test_standard_errors_of_a_delay_cover_the_truth():
    truth = {"Ktrans": 0.2, "ve": 0.3, "delay_s": 2.3}
    data = curves("tofts", {name: [value] for name, value in truth.items()})
    found = fit("tofts", data + np.random.default_rng(2).normal(0, 0.01, (3000, TIME_S.size)), fit_delay=True)
    for parameter, value in truth.items():
        off = np.abs(found.parameters[parameter] - value) / found.standard_errors[parameter]
        covered = np.mean(off < 1.9845)
        print(f"{parameter}: {covered:.3f}")
        assert 0.93 < covered < 0.97


@pytest.mark.parametrize("fit_delay", [False, True])
@pytest.mark.parametrize("name", FREE)
def test_voxels_without_uptake_or_data_have_a_status(name, fit_delay):
    data = curves(name, truths(name, 5))
    data[1], data[2], data[3, 4], data[4, 0] = 0.0, -data[2], np.nan, np.inf
    found = fit(name, data, fit_delay=fit_delay)
    assert found.status[0] == Status.OK
    assert found.status[1:].tolist() == [Status.NO_UPTAKE] * 2 + [Status.NOT_FINITE] * 2
    assert (found.parameters["Ktrans"][1:3] == 0).all()
    for values in found.parameters.values():
        assert np.isnan(values[3:]).all()
        assert np.isfinite(values[0])


@pytest.mark.parametrize(("name", "fit_delay"), [("2cum", False), ("2cxm", False), ("extended_tofts", True)])
def test_order_mask_and_threads_change_nothing(name, fit_delay):
    data = np.tile(curves(name, truths(name, 40)), (60, 1))
    data += np.random.default_rng(4).normal(0, 0.005, data.shape)
    whole = fit(name, data, threads=1, fit_delay=fit_delay)
    threaded = fit(name, data, threads=3, fit_delay=fit_delay)
    order = np.random.default_rng(6).permutation(len(data))
    permuted = fit(name, data[order], fit_delay=fit_delay)
    mask = np.zeros(len(data), bool)
    mask[::3] = True
    masked = fit(name, data, mask=mask, fit_delay=fit_delay)
    for parameter, values in whole.parameters.items():
        assert np.array_equal(threaded.parameters[parameter], values, equal_nan=True)
        np.testing.assert_allclose(permuted.parameters[parameter], values[order], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(masked.parameters[parameter][mask], values[mask], rtol=1e-10, atol=1e-12)
    assert (masked.status[~mask] == Status.OUTSIDE).all()


def test_tissue_that_flow_does_not_limit_is_that_of_extended_tofts():
    truth = {"Ktrans": np.array([0.1, 0.3]), "ve": np.array([0.3, 0.5]), "vp": np.array([0.05, 0.1])}
    found = fit("2cxm", curves("extended_tofts", truth))
    assert (found.rmse < 0.01).all()
    np.testing.assert_allclose(found.parameters["vp"], truth["vp"], rtol=0.05)
    np.testing.assert_allclose(found.parameters["PS"] / 100, truth["Ktrans"], rtol=0.05)
    np.testing.assert_allclose(found.parameters["ve"], truth["ve"], rtol=0.05)


def test_uptake_is_a_plasma_volume_at_most_full():
    # A slow rise that only more than a full plasma volume would explain.
    data = curves("2cum", {"Fp": [60.0], "PS": [30.0], "vp": [1.6]})
    found = fit("2cum", data)
    assert found.status.tolist() == [Status.AT_BOUND]
    assert found.parameters["vp"][0] == pytest.approx(1.0)
    assert np.isnan(found.standard_errors["vp"][0])

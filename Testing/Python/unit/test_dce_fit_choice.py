"""Choice of the model by AICc, and the confidence band of a fitted curve."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from QuantDCELib import Status, population_aif
from QuantDCELib.kinetics.band import fit_band
from QuantDCELib.kinetics.choice import NO_MODEL, akaike_weights, choose_model
from QuantDCELib.kinetics.models import MODELS, curve

AIF_TIME_S = np.arange(0, 301, 0.5)
AIF_MM = population_aif("parker", AIF_TIME_S, arrival_s=30.0)
TIME_S = np.arange(0, 300, 3.0)
TISSUE = {"Fp": 60.0, "PS": 12.0, "vp": 0.1, "ve": 0.3, "Ktrans": 0.15}
NEEDED = {
    "tofts": ("Ktrans", "ve"),
    "extended_tofts": ("Ktrans", "ve", "vp"),
    "patlak": ("Ktrans", "vp"),
    "2cum": ("Fp", "PS", "vp"),
    "2cxm": ("Fp", "PS", "vp", "ve"),
}


def tissue(name):
    return curve(name, {key: TISSUE[key] for key in NEEDED[name]}, TIME_S, AIF_MM, aif_time_s=AIF_TIME_S)


def test_the_model_that_made_a_curve_is_chosen():
    models = tuple(MODELS)
    data = np.repeat([tissue(name) for name in models], 50, axis=0)
    data += np.random.default_rng(0).normal(0, 0.003, data.shape)
    chosen = choose_model(TIME_S, data.reshape(5, 50, -1), AIF_MM, aif_time_s=AIF_TIME_S, models=models)
    assert chosen.best.shape == (5, 50)
    np.testing.assert_allclose(chosen.weights.sum(axis=-1), 1.0)
    for index, name in enumerate(models):
        share = np.mean(chosen.best[index] == index)
        print(f"{name}: {share:.2f}")
        assert share > 0.75
    assert chosen.fits[0].aicc.shape == (5, 50)


def test_voxels_without_a_fit_have_no_model():
    data = np.tile(tissue("tofts"), (3, 1)) + np.random.default_rng(3).normal(0, 0.003, TIME_S.size)
    data[1, 4] = np.nan
    mask = np.array([True, True, False])
    chosen = choose_model(TIME_S, data, AIF_MM, aif_time_s=AIF_TIME_S, mask=mask)
    assert chosen.best.tolist() == [chosen.models.index("tofts"), NO_MODEL, NO_MODEL]
    assert np.isnan(chosen.weights[1:]).all()


def test_akaike_weights_of_a_known_difference():
    weights = akaike_weights(np.array([10.0, 12.0, np.inf]))
    np.testing.assert_allclose(weights, np.array([1, np.exp(-1), 0]) / (1 + np.exp(-1)))


@pytest.mark.parametrize("models", [(), ("tofts",), ("tofts", "tofts"), ("tofts", "nonsense")])
def test_a_choice_of_one_is_refused(models):
    with pytest.raises(InputError):
        choose_model(TIME_S, tissue("tofts"), AIF_MM, aif_time_s=AIF_TIME_S, models=models)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("fit_delay", [False, True])
def test_the_band_covers_the_true_curve(name, fit_delay):
    truth, rng, n = tissue(name), np.random.default_rng(1), 30
    covered = np.zeros(TIME_S.size)
    for _ in range(n):
        found = fit_band(
            name,
            TIME_S,
            truth + rng.normal(0, 0.01, TIME_S.size),
            AIF_MM,
            aif_time_s=AIF_TIME_S,
            fit_delay=fit_delay,
        )
        covered += (found.low_mM <= truth) & (truth <= found.high_mM)
    print(f"{name}: {covered[12:].mean() / n:.3f}")
    assert covered[12:].mean() / n == pytest.approx(0.95, abs=0.04)


def test_the_band_of_a_curve_at_its_bounds_is_finite():
    found = fit_band("extended_tofts", TIME_S, 4 * tissue("tofts"), AIF_MM, aif_time_s=AIF_TIME_S)
    assert found.fit.status == Status.AT_BOUND
    assert np.isfinite(found.standard_error_mM).all()
    none = fit_band("extended_tofts", TIME_S, np.zeros(TIME_S.size), AIF_MM, aif_time_s=AIF_TIME_S)
    assert not none.fitted_mM.any()
    failed = fit_band("tofts", TIME_S, np.full(TIME_S.size, np.nan), AIF_MM, aif_time_s=AIF_TIME_S)
    assert np.isnan(failed.low_mM).all()


def test_impossible_bands_are_refused():
    with pytest.raises(InputError, match="confidence level"):
        fit_band("tofts", TIME_S, tissue("tofts"), AIF_MM, aif_time_s=AIF_TIME_S, level=95)
    with pytest.raises(InputError, match="one curve"):
        fit_band("tofts", TIME_S, tissue("tofts")[None], AIF_MM, aif_time_s=AIF_TIME_S)

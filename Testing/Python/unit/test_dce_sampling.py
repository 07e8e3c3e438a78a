"""What frames that are far apart cost a measured input: the simulated error, and the sentence with it."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries
from QuantDCELib import Aif, DceSettings, DynamicImages, analyse, fit_model, population_aif, spgr_signal
from QuantDCELib.arterial_input import sampling_error
from QuantDCELib.arterial_input.sampling import KTRANS_PER_MIN, VE, VP, sampling_warnings
from QuantDCELib.dicom.time_axis import TimeAxis
from scipy.signal import lfilter

MODELS = ("tofts", "extended_tofts", "patlak", "2cum", "2cxm")


def regular(step_s, end_s=360.0):
    return np.arange(0.0, end_s, step_s)


def worst(step_s, model="extended_tofts"):
    return sampling_error(regular(step_s), model, arrival_s=31.0).worst_percent


@pytest.mark.parametrize("model", ["tofts", "extended_tofts"])
def test_the_error_grows_as_the_frames_part(model):
    """Under 1 % at 3 s, within 2 % at 5 s, tens of percent at 10 s, meaningless at 20 s."""
    assert worst(3.0, model) < 1.0
    assert worst(5.0, model) < 2.0
    assert 15.0 < worst(10.0, model) < 60.0
    assert worst(20.0, model) > 60.0
    medians = [sampling_error(regular(step), model, arrival_s=31.0).median_percent for step in (3.0, 7.0, 10.0, 20.0)]
    assert medians == sorted(medians)
    assert medians[-1] > 20.0


def test_the_error_is_that_of_a_fit_made_by_hand():
    """One tissue by a sum in steps of 0.02 s, at arrivals all over a gap: within the worst error, and near it."""
    time_s, step_s = regular(10.0), 0.02
    fine_s = np.arange(0.0, 360.0, step_s)
    found = []
    for arrival_s in np.arange(30.5, 40.0, 1.0):
        plasma = population_aif("parker", fine_s, arrival_s=arrival_s)
        for ktrans in (KTRANS_PER_MIN[0], KTRANS_PER_MIN[-1]):
            kept = np.exp(-ktrans / VE * step_s / 60.0)
            tissue = lfilter([ktrans / 60.0 * step_s], [1.0, -kept], plasma) + VP * plasma
            fit = fit_model(
                "extended_tofts", time_s, np.interp(time_s, fine_s, tissue), np.interp(time_s, fine_s, plasma)
            )
            found.append(100.0 * abs(float(fit.parameters["Ktrans"]) / ktrans - 1.0))
    assert max(found) == pytest.approx(worst(10.0), rel=0.25)


def test_only_the_frames_of_the_first_pass_matter():
    fast_then_slow = np.concatenate([np.arange(0.0, 120.0, 2.0), np.arange(120.0, 400.0, 30.0)])
    assert sampling_error(fast_then_slow, arrival_s=31.0).worst_percent < 3.0
    slow_then_fast = np.concatenate([np.arange(0.0, 100.0, 20.0), np.arange(100.0, 400.0, 2.0)])
    assert sampling_error(slow_then_fast, arrival_s=31.0).worst_percent > 15.0
    told = sampling_warnings(slow_then_fast, "tofts", arrival_s=31.0, frame_time_s=slow_then_fast)
    assert "every 20.0 s in its first pass" in told[0]


def test_an_input_sampled_finely_serves_sparse_frames():
    """A curve from a file may be finer than the images."""
    frames = regular(15.0)
    assert sampling_error(regular(1.0), "tofts", arrival_s=31.0, frame_time_s=frames).worst_percent < 1.0
    assert sampling_error(frames, "tofts", arrival_s=31.0).worst_percent > 15.0


@pytest.mark.parametrize("model", MODELS)
def test_every_model_has_an_error(model):
    error = sampling_error(regular(8.0), model, arrival_s=31.0)
    assert 0 < error.median_percent <= error.worst_percent < 100


def test_frames_that_cannot_be_fitted_have_none():
    few = np.array([0.0, 90.0, 180.0])
    assert np.isnan(sampling_error(few, arrival_s=45.0).worst_percent)
    assert np.isnan(sampling_error(regular(5.0), arrival_s=400.0).worst_percent)
    (told,) = sampling_warnings(few, "extended_tofts", arrival_s=45.0, frame_time_s=few)
    assert "too far apart to measure it" in told
    with pytest.raises(InputError, match="There is no model"):
        sampling_error(few, "nothing")


def test_the_sentence_has_the_percent_and_the_advice():
    for step_s in (1.0, 3.0, 4.0):
        assert sampling_warnings(regular(step_s), "tofts", arrival_s=31.0, frame_time_s=regular(step_s)) == ()
    (some,) = sampling_warnings(regular(7.0), "tofts", arrival_s=31.0, frame_time_s=regular(7.0))
    error = sampling_error(regular(7.0), "tofts", arrival_s=31.0)
    assert f"{error.median_percent:.2g} % (median), {error.worst_percent:.0f} % at worst" in some
    assert "semi-quantitative" not in some
    (much,) = sampling_warnings(regular(16.0), "tofts", arrival_s=31.0, frame_time_s=regular(16.0))
    assert "use semi-quantitative maps" in much
    assert "over 100 % at worst" in much


def test_a_run_tells_it_for_the_model_that_is_fitted():
    time_s = regular(8.0)
    plasma = population_aif("parker", time_s, arrival_s=31.0)
    signal = spgr_signal(1 / 1.2 + 4.5 * 0.3 * np.clip((time_s - 31) / 100, 0, 1), tr_s=0.005, flip_deg=20.0)
    series = TimeSeries(np.tile(signal, (1, 2, 2, 1)).astype(np.float32), np.eye(4), time_s)
    dynamic = DynamicImages(series, TimeAxis(time_s, "given"), 0.005, 20.0, 1.5, {})
    told = {}
    for model in ("tofts", "patlak"):
        settings = DceSettings(model=model, t10_s=1.2, aif="file")
        result = analyse(dynamic, settings, aif=Aif(time_s, 0.58 * plasma, plasma, "test"))
        told[model] = [warning for warning in result.warnings if "sampled every 8.0 s" in warning]
    assert len(told["tofts"]) == 1
    assert told["tofts"] != told["patlak"]

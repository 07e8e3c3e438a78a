"""What is expected of planned doses: the engine's own numbers, from the first visit to the horizon."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Schedule, calibrate, models, repeated, simulate
from HER2ImmunoModelLib.models.treatment_window import treatment_window
from HER2ImmunoModelLib.planning.outlook import Outlooks

GIVEN = Schedule(repeated("trastuzumab", (1, 8)))
PLANNED = Schedule(repeated("cytotoxic", (16, 23)) + repeated("trastuzumab", (15,)))
DRAWS = 40


@pytest.fixture(scope="module")
def calibration():
    model, days = models.get("tivnh_treated", "human"), (0.0, 7.0, 14.0)
    states = simulate(model, {}, days, schedule=GIVEN).states
    visits = [
        Measurement(f"V{n}", day, {column: float(states[s][0, n]) for s, column in model.observables.items()})
        for n, day in enumerate(days)
    ]
    return calibrate(model, visits, schedule=GIVEN, prior_draws=64)


@pytest.fixture(scope="module")
def outlooks(calibration):
    return Outlooks(calibration, GIVEN, (14.0, 42.0), DRAWS, calibration.seed)


def test_the_bands_are_those_of_the_engine(calibration, outlooks):
    found = outlooks.under(PLANNED).bands
    assert found.day.tolist() == list(range(43))
    whole = calibration.predict(found.day, GIVEN + PLANNED, DRAWS)
    for name in whole.median:
        for ends in ("median", "lower", "upper", "lower_50", "upper_50"):
            np.testing.assert_allclose(getattr(found, ends)[name], getattr(whole, ends)[name], rtol=1e-4, atol=1e-6)
    for name, ends in whole.window.items():
        np.testing.assert_allclose(found.window[name], ends, rtol=1e-4)


def test_an_edit_gives_what_a_new_start_gives(calibration, outlooks):
    outlooks.under(PLANNED)
    moved = Schedule(repeated("cytotoxic", (16, 30)) + repeated("trastuzumab", (15,)))
    edited, anew = outlooks.under(moved), Outlooks(calibration, GIVEN, (14.0, 42.0), DRAWS, calibration.seed)
    np.testing.assert_allclose(edited.volume_cm3, anew.under(moved).volume_cm3, rtol=1e-4)


def test_what_reaches_the_tumour_is_the_window_on_the_days_of_the_doses(calibration, outlooks):
    planned = Schedule((*repeated("cytotoxic", (16,), 2.0), *repeated("cytotoxic", (23,), 1.0)))
    found = outlooks.under(planned)
    course = calibration.simulate([0.0, 16.0, 23.0], GIVEN + planned, n=DRAWS)
    reached = treatment_window(calibration.draws(DRAWS, calibration.seed), course.states)["reached"]
    np.testing.assert_allclose(found.reached, (2 * reached[:, 1] + reached[:, 2]) / 3, rtol=1e-4)
    assert outlooks.under(Schedule(repeated("trastuzumab", (15,)))).reached is None


def test_chemotherapy_makes_the_tumour_smaller_in_every_draw(outlooks):
    assert (outlooks.under(PLANNED).volume_cm3 < outlooks.under(Schedule()).volume_cm3).all()

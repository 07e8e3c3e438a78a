"""A dose on the day of the last visit is given: every outlook has it, and none counts it as planned."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Dose, Schedule, calibrate, models
from HER2ImmunoModelLib.planning.outlook import Outlooks

VOLUMES = {0.0: 0.20, 4.0: 0.29, 8.0: 0.33, 12.0: 0.38, 16.0: 0.52}
SPAN = (16.0, 40.0)


@pytest.fixture(scope="module")
def calibration():
    rows = [Measurement(f"day {day:g}", day, {"volume_cm3": volume}) for day, volume in VOLUMES.items()]
    given = Schedule((Dose("pembrolizumab", 4.0), Dose("pembrolizumab", SPAN[0])))
    return calibrate(models.get("volume_logistic_decaying", "mouse"), rows, schedule=given, prior_draws=256)


def test_a_dose_on_the_day_of_the_last_visit_acts(calibration):
    outlooks = Outlooks(calibration, calibration.schedule, SPAN, 200, 0)
    later = Schedule((Dose("pembrolizumab", 20.0),))
    nothing, more = outlooks.under_each([Schedule(), later])
    expected = calibration.predict(np.array(SPAN), n=200)
    assert nothing.bands.median["T"][-1] == pytest.approx(expected.median["T"][-1], rel=1e-3)
    under = calibration.predict(np.array(SPAN), schedule=calibration.schedule + later, n=200)
    assert more.bands.median["T"][-1] == pytest.approx(under.median["T"][-1], rel=1e-3)

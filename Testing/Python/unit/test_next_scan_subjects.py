"""On virtual subjects the scan that is proposed leaves less to know than one on a fixed day (many: the benchmark)."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Dose, Schedule, calibrate, models, next_scan, simulate

MODEL = models.get("two_drug_exponential_growth", "mouse")
GIVEN = Schedule((Dose("trastuzumab", 5.0, 1.0), Dose("doxorubicin", 9.0, 1.0)))
HORIZON, FIXED, SUBJECTS = 36.0, 13.0, 6


def fitted(visits):
    return calibrate(MODEL, visits, schedule=GIVEN, prior_draws=64)


def spread(calibration):
    """Standard deviation of the log volume on the day asked for."""
    return float(np.log(calibration.simulate([HORIZON], n=300).states["T"][:, 0]).std())


def test_the_proposed_day_beats_a_fixed_day_and_removes_what_it_foretold():
    rng = np.random.default_rng(4)
    drawn = {p.name: p.to_free(p.default) + p.prior * rng.standard_normal(SUBJECTS) for p in MODEL.parameters}
    drawn = {name: MODEL.parameter(name).from_free(values) for name, values in drawn.items()}
    true = simulate(MODEL, drawn, np.arange(0.0, HORIZON), schedule=GIVEN).states["T"]
    narrower, foretold, removed = [], [], []
    for volume in true:
        noise = np.exp(0.15 * rng.standard_normal(4))
        early = [Measurement(f"V{i}", 3.0 * i, {"volume_cm3": volume[3 * i] * noise[i]}) for i in range(3)]
        before = fitted(early)
        row = next_scan(before, horizon_day=HORIZON, until_day=20, draws=200).proposed
        proposed, fixed = (
            spread(fitted([*early, Measurement("next", day, {"volume_cm3": volume[int(day)] * noise[3]})]))
            for day in (row.day, FIXED)
        )
        narrower.append(proposed < fixed)
        foretold.append(row.gain)
        removed.append(1 - (proposed / spread(before)) ** 2)
    assert np.mean(narrower) >= 0.7
    assert np.mean(removed) == pytest.approx(np.mean(foretold), abs=0.1)

"""The sentences and cells of the panel's work say its numbers."""

from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import calibrate, forecast_check, models, simulate, weigh
from HER2ImmunoModelLib.calibration.diagnostics import judge
from HER2ImmunoModelLib.calibration.identifiability import Profile
from HER2ImmunoModelLib.findings.choice import model_cells, numbers_weighed
from HER2ImmunoModelLib.findings.evidence import estimate_cells, profiled
from HER2ImmunoModelLib.findings.forecast import agreement_cells, too_few_to_correlate
from HER2ImmunoModelLib.findings.sampler import not_converged, sampling, tells_of_no_convergence
from HER2ImmunoModelLib.findings.wording import unit_in_words


@pytest.fixture(scope="module")
def calibration():
    model = models.get("two_drug_exponential_death")
    volume = simulate(model, {}, [0, 7, 14]).states["T"][0]
    rows = [Measurement(f"V{n}", 7.0 * n, {"volume_cm3": float(v)}) for n, v in enumerate(volume)]
    return calibrate(model, rows, prior_draws=64)


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("1/day", "per day"),
        ("1/day/cm3", "per day per cm³"),
        ("cm3", "cm³"),
        ("", ""),
        ("(dose/cm3)^l", "(dose/cm³)^l"),
    ],
)
def test_units_are_written_for_people(unit, text):
    assert unit_in_words(unit) == text


def test_every_parameter_has_a_line_the_most_certain_first(calibration):
    cells = estimate_cells(calibration)
    order = sorted(calibration.estimates.values(), key=lambda estimate: -estimate.shrinkage)
    assert [line[2].rpartition(", ")[2] for line in cells] == [estimate.set_by for estimate in order]
    assert [float(line[1].split()[0]) for line in cells] == pytest.approx([e.value for e in order], rel=0.05)


@pytest.mark.parametrize(("upper", "end"), [(0.2, "0.20"), (np.inf, "beyond the profile")])
def test_a_profile_says_where_it_ends(calibration, upper, end):
    parameter = calibration.model.parameter("g")
    profile = Profile("g", np.arange(3.0), np.arange(3.0), np.arange(3.0), 0.05, upper, "prior")
    assert profiled(profile, parameter).startswith(
        f"Profile of tumour growth rate: 90 % interval 0.050 to {end} per day; the prior is needed"
    )


def test_a_chain_that_drifts_is_called_not_converged(calibration):
    rng = np.random.default_rng(0)
    size = len(calibration.free)
    drifting = np.linspace(0, 5, 80)[:, None, None] + rng.standard_normal((80, 8, size))
    steady = rng.standard_normal((400, 8, size))
    lost, found = (replace(calibration, sampling=judge(c, calibration.free, 20, 0.3)) for c in (drifting, steady))
    assert not_converged(calibration) == not_converged(found) == ""
    assert "NOT converged: its 80 steps are" in not_converged(lost)
    assert tells_of_no_convergence(not_converged(lost))
    assert "8 walkers, 420 steps (20 of them burn-in), acceptance 30 %" in sampling(found)[0]
    assert sampling(calibration) == []


def test_models_that_the_data_do_not_tell_apart_are_counted(calibration):
    near, far = replace(calibration, bic=calibration.bic + 1), replace(calibration, bic=calibration.bic + 9)
    names = ("two_drug_exponential_death", "two_drug_exponential_growth", "two_drug_logistic_death")
    weighed = weigh(dict(zip(names, (calibration, near, far), strict=True)))
    assert "2 models lie within 2 of the least BIC" in numbers_weighed(weighed)
    assert "tell them apart" not in numbers_weighed(weigh(dict(zip(names[::2], (calibration, far), strict=True))))
    assert [line[3] for line in model_cells(weighed)] == ["62 %", "37 %", "< 1 %"]


def test_what_cannot_be_computed_of_a_forecast_is_a_dash(calibration):
    check = forecast_check(calibration.model, calibration.measurements, prior_draws=64)
    ((label, ccc, pcc, *_, inside),) = agreement_cells(check, {"volume_cm3": "Tumour volume"})
    assert (label, ccc, pcc) == ("Tumour volume", "–", "–")
    assert inside == f"{int(check.rows[0].inside)} of 1"
    assert too_few_to_correlate(check)[0].startswith("With one hidden number")

"""The heart: troponin and LVEF against the publication, its trial's rate of decline, the label's risk of failure."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib.drugs.patients import Patient
from HER2ImmunoModelLib.limits.heart import TYPICAL, draw_hearts, forecast_heart, lvef_course, troponin_max
from HER2ImmunoModelLib.limits.heart_failure import FAILURE, cumulative_doses, failure_risk
from HER2ImmunoModelLib.limits.over_patients import NoForecast
from HER2ImmunoModelLib.treatments.clinical_doses import ClinicalDose, resolve

PATIENT = Patient(bsa_m2=1.8, weight_kg=68.0)


def schedule(anthracycline="doxorubicin", cycles=4, size=60.0, trastuzumab=17, first=84.0):
    given = [ClinicalDose(anthracycline, 21.0 * i, size, "mg/m2") for i in range(cycles)]
    given += [ClinicalDose("trastuzumab", first + 21.0 * i, 6.0 if i else 8.0, "mg/kg") for i in range(trastuzumab)]
    return resolve(given, PATIENT)


def test_troponin_after_four_cycles_of_ac():
    assert troponin_max(TYPICAL, schedule())[0] == pytest.approx(18.8, abs=0.05)
    assert troponin_max(TYPICAL, schedule(cycles=0))[0] == pytest.approx(4.72)


def test_the_publication_s_worked_example_of_troponin():
    """It says that 100 mg of doxorubicin raise 3 ng/L to 5.6, and epirubicin to 4.3 (page 438 of the paper)."""
    hearts = TYPICAL.__class__(np.array([3.0]), TYPICAL.troponin_slope, TYPICAL.lvef, TYPICAL.ec50)
    for drug, expected in (("doxorubicin", 5.6), ("epirubicin", 4.3)):
        found = troponin_max(hearts, resolve([ClinicalDose(drug, 0, 100.0 / 1.8, "mg/m2")], PATIENT))
        assert found[0] == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize(("cycles", "fall"), [(0, 0.5), (4, 2.5)])
def test_the_typical_lvef_falls_as_the_specification_says(cycles, fall):
    """The area of the label, 1916 mg day/L in 21 days, held until nothing changes any more."""
    day = np.arange(0.0, 1000.0)
    course = lvef_course(TYPICAL, troponin_max(TYPICAL, schedule(cycles=cycles)), day, np.full(day.size, 1916.0 / 21.0))
    assert course[0, 0] - course[0, -1] == pytest.approx(fall, abs=0.05)


def test_a_year_of_trastuzumab_comes_close_to_that():
    falls = [np.ptp(forecast_heart(schedule(cycles=cycles), PATIENT).typical) for cycles in (0, 4)]
    assert falls == pytest.approx([0.5, 2.4], abs=0.1)


def test_lvef_comes_back_with_the_half_life_of_the_publication():
    day = np.arange(0.0, 400.0, 0.5)
    concentration = np.where(day < 200.0, 90.0, 0.0)
    lvef = lvef_course(TYPICAL, np.array([18.8]), day, concentration)[0]
    effect = TYPICAL.ec50 * (18.8 / 18.0) ** -1.16 * (TYPICAL.lvef / lvef - 1.0)
    assert effect[np.searchsorted(day, 267.9)] / effect[np.searchsorted(day, 200.0)] == pytest.approx(0.5, abs=0.01)


def test_measured_declines_are_as_frequent_as_in_the_trial():
    """37 of its 206 patients (18 %; 95 % interval 13 to 24) fell below 45 % or by more than 15 points."""
    forecast = forecast_heart(schedule(), PATIENT, patients=4000)
    assert 0.13 < forecast.chance_measured < 0.24
    assert forecast.chance < forecast.chance_measured


def test_anthracyclines_make_harm_likelier_and_no_treatment_makes_none():
    none, before = (forecast_heart(schedule(cycles=cycles), PATIENT) for cycles in (0, 4))
    assert before.chance > none.chance
    untreated = forecast_heart(())
    assert np.ptp(untreated.lvef, axis=1).max() == 0.0
    assert untreated.chance < 0.001


def test_patients_differ_as_the_publication_says():
    hearts = draw_hearts(20000, 3)
    assert np.log(hearts.lvef).std() == pytest.approx(0.0706, rel=0.03)
    assert np.log(hearts.ec50).std() == pytest.approx(np.sqrt(np.log(1 + 0.829**2)), rel=0.03)
    assert np.corrcoef(np.log(hearts.lvef), np.log(hearts.ec50))[0, 1] == pytest.approx(0.585, abs=0.02)


def test_a_measured_lvef_moves_the_patients_towards_it():
    low, high = (draw_hearts(5000, 0, lvef) for lvef in (50.0, 68.0))
    assert 50.0 < np.median(low.lvef) < 59.9 < np.median(high.lvef) < 68.0
    assert np.median(low.ec50) < np.median(high.ec50)
    with pytest.raises(InputError, match="LVEF"):
        draw_hearts(5, 0, 0.6)


def test_what_the_model_does_not_know_is_said():
    conjugate = forecast_heart(resolve([ClinicalDose("t-dxd", 0, 5.4, "mg/kg")], PATIENT))
    alone = forecast_heart(schedule(trastuzumab=0))
    for found in (conjugate, alone):
        assert isinstance(found, NoForecast)
        assert found.reason.startswith("LVEF is not predicted")
    pertuzumab = resolve([ClinicalDose("pertuzumab", 84.0, 840.0, "mg")], PATIENT)
    remarks = " ".join(forecast_heart((*schedule(cycles=0), *pertuzumab), PATIENT).remarks)
    assert "Pertuzumab" in remarks
    assert "extrapolated" in remarks


@pytest.mark.parametrize(
    ("drug", "dose", "risk"),
    [
        ("doxorubicin", 0, 0.0),
        ("doxorubicin", 300, 0.015),
        ("doxorubicin", 400, 0.04),
        ("doxorubicin", 450, 0.065),
        ("doxorubicin", 500, 0.13),
        ("doxorubicin", 350, np.sqrt(0.015 * 0.04)),
        ("epirubicin", 550, 0.009),
        ("epirubicin", 700, 0.016),
        ("epirubicin", 900, 0.033),
        ("epirubicin", 800, np.sqrt(0.016 * 0.033)),
    ],
)
def test_risk_of_failure_is_log_linear_between_the_label_s_points(drug, dose, risk):
    assert failure_risk({drug: dose}) == pytest.approx(risk)


def test_risk_never_falls_with_dose_nor_passes_1():
    for drug in FAILURE:
        risks = [failure_risk({drug: dose}) for dose in range(0, 2000, 25)]
        assert risks == sorted(risks)
        assert risks[-1] <= 1.0


def test_mixed_anthracyclines_and_prior_doses_count():
    assert failure_risk({"doxorubicin": 200, "epirubicin": 200}) == pytest.approx(0.015)
    total = cumulative_doses(schedule(), PATIENT, {"doxorubicin": 60.0})
    assert total == pytest.approx({"doxorubicin": 300.0, "epirubicin": 0.0})
    assert failure_risk(total) == pytest.approx(0.015)


@pytest.mark.parametrize("cumulative", [{"doxorubicin": -1.0}, {"docetaxel": 75.0}, {"epirubicin": np.inf}])
def test_doses_that_are_none_are_refused(cumulative):
    with pytest.raises(InputError, match="cumulative dose"):
        failure_risk(cumulative)

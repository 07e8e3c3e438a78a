"""Neutrophils under chemotherapy: published nadirs, an independent solver, spread, and where nothing is predicted."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib.drugs.compartments import Infusions
from HER2ImmunoModelLib.drugs.exposures import course_of
from HER2ImmunoModelLib.drugs.kinetics import Kinetics
from HER2ImmunoModelLib.drugs.patients import Patient
from HER2ImmunoModelLib.limits.friberg import Marrow, neutrophils
from HER2ImmunoModelLib.limits.neutrophil_sets import SETS
from HER2ImmunoModelLib.limits.neutrophils import days_below, forecast_neutrophils, myelotoxic
from HER2ImmunoModelLib.limits.over_patients import NoForecast
from HER2ImmunoModelLib.treatments.clinical_doses import ClinicalDose, resolve

TYPICAL = Patient(bsa_m2=1.8)
WEEKLY = tuple(range(0, 84, 7))


def doses(drug, size, days=(0.0,), unit="mg/m2", patient=TYPICAL):
    return resolve([ClinicalDose(drug, day, size, unit) for day in days], patient)


def lowest(forecast):
    at = int(forecast.typical.argmin())
    return forecast.typical[at], forecast.day[at], days_below(forecast.day, forecast.typical[None])[0]


@pytest.mark.parametrize(
    ("drug", "size", "days", "name", "nadir", "day", "severe"),
    [
        ("docetaxel", 75, (0,), "KW06", 0.61, 7.7, 0.0),
        ("docetaxel", 100, (0,), "KW06", 0.32, 8.2, 3.5),
        ("docetaxel", 75, (0,), "Pu07", 2.1, None, 0.0),
        ("docetaxel", 100, (0,), "Pu07", 1.6, None, 0.0),
        ("paclitaxel", 175, (0,), "Wa04", 1.3, 10.4, 0.0),
        ("paclitaxel", 80, WEEKLY, "Wa04", 1.8, None, 0.0),
    ],
)
def test_the_typical_patient_has_the_nadir_of_the_specification(drug, size, days, name, nadir, day, severe):
    forecast = forecast_neutrophils(doses(drug, size, days), TYPICAL, set_name=name, patients=2)
    found, found_day, found_severe = lowest(forecast)
    assert found == pytest.approx(nadir, abs=0.05 if nadir > 1 else 0.005)
    assert day is None or found_day == pytest.approx(day, abs=0.1)
    assert found_severe == pytest.approx(severe, abs=0.05)


def test_the_batch_agrees_with_an_independent_solver():
    from scipy.integrate import solve_ivp  # slow to load

    kinetics = Kinetics(700.0, 20.0)
    given = Infusions(np.array([0.0, 14.0]), np.array([100.0, 100.0]), np.array([1.0, 1.0]))
    hour = np.unique(np.concatenate([np.arange(0, 2, 0.1) + start for start in (0, 336)] + [np.arange(0, 841, 2.0)]))
    marrow = Marrow(np.array([5.0, 3.0]), np.array([90.0, 130.0]), np.array([20.0, 8.0]), 0.16)
    area = np.broadcast_to(24 * course_of(kinetics, given, hour / 24).area, (2, hour.size))
    found = neutrophils(marrow, hour, area)
    for k in range(2):
        count, rate, slope = marrow.count[k], 4 / marrow.transit_h[k], marrow.slope[k]

        def change(t, y, count=count, rate=rate, slope=slope):
            at = course_of(kinetics, given, np.array([t / 24])).concentration[0, 0]
            pool, blood = y[0], y[4]
            return [
                rate * pool * ((1 - slope * at) * (count / blood) ** 0.16 - 1),
                *(rate * (y[i] - y[i + 1]) for i in range(4)),
            ]

        y, expected, start = np.full(5, count), [], 0.0
        for end in (1.0, 336.0, 337.0, 840.0):
            days = hour[(hour >= start) & (hour < end)]
            solved = solve_ivp(change, (start, end), y, t_eval=[*days, end], method="LSODA", rtol=1e-8, atol=1e-10)
            expected += solved.y[4, :-1].tolist()
            y, start = solved.y[:, -1], end
        np.testing.assert_allclose(found[k, :-1], expected, rtol=0.01)


def test_neutrophils_stay_and_come_back_where_they_were():
    untreated = neutrophils(
        Marrow(*(np.array([v]) for v in (4.0, 100.0, 10.0)), 0.2), np.arange(100.0), np.zeros((1, 100))
    )
    np.testing.assert_allclose(untreated, 4.0)
    forecast = forecast_neutrophils(doses("docetaxel", 75), TYPICAL, patients=2)
    assert forecast.typical[-1] == pytest.approx(5.22, rel=0.1)


def test_days_below_are_measured_between_the_days():
    """A course that falls from 1 to 0 and rises to 1 in four days is below .5 for two of them."""
    assert days_below(np.array([0.0, 2.0, 4.0]), np.array([[1.0, 0.0, 1.0]]))[0] == pytest.approx(2.0)
    assert days_below(np.array([0.0, 2.0]), np.array([[0.2, 0.2], [0.9, 0.9]])).tolist() == [2.0, 0.0]


def test_patients_differ_as_the_publication_says():
    forecast = forecast_neutrophils(doses("docetaxel", 100), TYPICAL, patients=2000, seed=1)
    assert np.log(forecast.count[:, 0]).std() == pytest.approx(np.sqrt(0.064), rel=0.05)
    assert forecast.nadir.lower < forecast.nadir.median < forecast.nadir.upper
    assert forecast.nadir.median == pytest.approx(lowest(forecast)[0], rel=0.25)
    assert forecast.days_below.median == pytest.approx(3.5, abs=1.0)


def test_a_seed_gives_the_same_patients_again():
    first, again = (forecast_neutrophils(doses("docetaxel", 75), TYPICAL, patients=20, seed=4) for _ in range(2))
    np.testing.assert_array_equal(first.count, again.count)


def test_more_of_the_drug_is_worse_and_a_later_dose_less_so():
    low, high = (forecast_neutrophils(doses("docetaxel", size), TYPICAL, patients=50) for size in (75, 100))
    assert high.expected_days_below > low.expected_days_below
    close, apart = (forecast_neutrophils(doses("docetaxel", 75, (0, gap)), TYPICAL, patients=50) for gap in (10, 21))
    assert close.typical.min() < apart.typical.min()


def test_nab_paclitaxel_acts_more_from_65_years():
    young, old = (
        forecast_neutrophils(doses("nab-paclitaxel", 125), Patient(bsa_m2=1.8, age_years=age), patients=2)
        for age in (64, 65)
    )
    assert old.typical.min() < young.typical.min()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ((("docetaxel", 75, "mg/m2"), ("carboplatin", 6, "AUC")), "carboplatin"),
        ((("doxorubicin", 60, "mg/m2"), ("cyclophosphamide", 600, "mg/m2")), "doxorubicin and cyclophosphamide"),
        ((("doxorubicin", 60, "mg/m2"), ("paclitaxel", 80, "mg/m2")), "doxorubicin"),
        ((("epirubicin", 90, "mg/m2"),), "epirubicin"),
        ((("t-dxd", 5.4, "mg/kg"),), "t-dxd"),
        ((("docetaxel", 75, "mg/m2"), ("paclitaxel", 80, "mg/m2")), "docetaxel and paclitaxel together"),
    ],
)
def test_nothing_is_predicted_where_one_drug_has_no_confirmed_model(given, named):
    schedule = resolve([ClinicalDose(drug, 7 * i, size, unit) for i, (drug, size, unit) in enumerate(given)], TYPICAL)
    forecast = forecast_neutrophils(schedule, TYPICAL)
    assert isinstance(forecast, NoForecast)
    assert forecast.reason.startswith("Neutrophils are not predicted")
    assert named in forecast.reason


def test_nothing_is_predicted_under_growth_factor():
    forecast = forecast_neutrophils(doses("docetaxel", 75), TYPICAL, growth_factor=True)
    assert isinstance(forecast, NoForecast)
    assert "growth factor" in forecast.reason


def test_antibodies_do_not_matter():
    antibodies = resolve([ClinicalDose("trastuzumab", 0, 8, "mg/kg"), ClinicalDose("pertuzumab", 0, 840, "mg")])
    assert myelotoxic(antibodies) == ()
    with pytest.raises(InputError, match="nothing to predict"):
        forecast_neutrophils(antibodies)
    alone, beside = (
        forecast_neutrophils((*given, *doses("docetaxel", 75)), TYPICAL, patients=3) for given in ((), antibodies)
    )
    np.testing.assert_array_equal(alone.count, beside.count)


def test_an_unknown_set_is_refused():
    with pytest.raises(InputError, match="KW06, Pu07"):
        forecast_neutrophils(doses("docetaxel", 75), TYPICAL, set_name="Wa04")


def test_every_set_says_where_it_is_from():
    assert {each.basis.mark for each in SETS} == {"paper"}
    assert all(each.basis.source for each in SETS)

"""Parameters whose value is each subject's own: pooled, alone, with hidden visits; further columns of volume tables."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import calibrate_each, calibrate_pooled, fisher_pooled, forecast_check_pooled, models
from HER2ImmunoModelLib.calibration import Subject, forecast_check, read_calibration, read_volumes
from HER2ImmunoModelLib.treatments import Schedule

DAYS = np.array([0.0, 3.0, 6.0, 9.0])
RATES = {"slow": 0.05, "fast": 0.2}
MODEL = models.get("two_drug_exponential_growth", "mouse")
FAST = {"prior_draws": 64}


def growing(name, rate, **known):
    visits = tuple(Measurement(f"day {d:g}", d, {"volume_cm3": 0.2 * np.exp(rate * d)}) for d in DAYS)
    return Subject(name, visits, Schedule(), known=known)


@pytest.fixture(scope="module")
def known():
    """Two animals that grow each at a rate that is known of it."""
    return [growing(name, rate, g=rate) for name, rate in RATES.items()]


def test_each_subject_has_its_own_value(known):
    pooled = calibrate_pooled(MODEL, known, **FAST)
    alone = calibrate_each(MODEL, known, **FAST)
    for found in (pooled.subjects, alone):
        assert {name: view.fixed["g"] for name, view in found.items()} == RATES
        assert all("g" not in view.free and view.chi2 < 0.01 for view in found.values())
        assert all((view.draws(5)["g"] == RATES[name]).all() for name, view in found.items())
    assert "g" not in pooled.shared
    assert fisher_pooled(pooled).eigenvalue.size == len(pooled.shared) + 2


def test_hidden_visits_are_forecast_with_each_ones_value(known):
    check = forecast_check_pooled(MODEL, known, hidden=2, **FAST)
    assert check.agreement["volume_cm3"].nrmse < 0.05
    one = known[1]
    alone = forecast_check(MODEL, one.measurements, hidden=2, fixed=one.held(), **FAST)
    assert alone.agreement["volume_cm3"].mape < 5


def test_a_value_of_its_own_survives_the_file(known, tmp_path):
    view = calibrate_pooled(MODEL, known, **FAST).subjects["fast"]
    view.save(tmp_path / "c.json")
    again = read_calibration(tmp_path / "c.json")
    assert again.fixed["g"] == 0.2
    assert again.predict(DAYS).median["T"].tolist() == view.predict(DAYS).median["T"].tolist()


@pytest.mark.parametrize(
    ("second", "settings", "words"),
    [
        ({}, {}, "g is not known of b, but of others"),
        ({"g": 0.1}, {"fixed": {"g": 0.3}}, "g is known of each subject and cannot be fixed too"),
        ({"g": 0.1}, {"free": ["g", "T0"]}, "g is both free and fixed"),
        ({"g": -0.1}, {}, "Subject b: The fixed parameter g is -0.1, outside its domain"),
        ({"g": 0.1, "nothing": 1.0}, {}, "nothing is not known of a"),
    ],
)
def test_values_that_do_not_go_together(second, settings, words):
    subjects = [growing("a", 0.1, g=0.1), growing("b", 0.1, **second)]
    with pytest.raises(InputError, match=words):
        calibrate_pooled(MODEL, subjects, **FAST, **settings)


TABLE = """animal;day;volume_mm3;SUV mean;suv_sd;suv;note;cage;count
a;0;100;2,1;0,1;1,5;good;A1;1
a;3;150;;;;;A1;2
b;0;;1,4;0,2;1,2;;A2;3
b;0;120;;;;bad;A2;
b;4;;1,6;;;;A2;
"""


@pytest.mark.parametrize("separator", [";", "\t"])
def test_numbers_of_other_columns_are_kept(tmp_path, separator):
    (tmp_path / "m.csv").write_text(TABLE.replace(";", separator))
    a, b = read_volumes(tmp_path / "m.csv")
    assert a.measurements[0].values == {"volume_cm3": 0.1, "SUV mean": 2.1, "suv": 1.5, "count": 1.0}
    assert a.measurements[0].sd == {"suv": 0.1}
    assert a.measurements[1].values == {"volume_cm3": 0.15, "count": 2.0}
    assert [(v.day, v.values) for v in b.measurements] == [
        (0.0, {"volume_cm3": 0.12, "SUV mean": 1.4, "suv": 1.2, "count": 3.0}),
        (4.0, {"SUV mean": 1.6}),
    ]
    assert a.measurements[0].remarks == (
        "m.csv: not fitted themselves, though a parameter may follow: SUV mean, suv_sd, suv, count.",
        "m.csv: not used: note, cage.",
    )


def test_one_word_among_numbers_is_told(tmp_path):
    (tmp_path / "m.csv").write_text("animal,day,volume_cm3,suv\na,0,1,2\na,1,1,n/a\na,2,1,high\na,3,1,2\n")
    (said,) = read_volumes(tmp_path / "m.csv")[0].measurements[0].remarks
    assert said == "m.csv: not used: suv (row 4 holds 'high', no number)."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("animal;day;volume_mm3;suv\na;0;100,5;2.5\n", "2.5.*write all numbers in one way"),
        ("animal,day,volume_cm3,ftv_cm3\na,0,1,-2\n", "row 2: .*ftv_cm3.*negative.*of a"),
        ("animal,day,volume_cm3,SUV,suv\na,0,1,2,3\n", "'SUV' and 'suv' are both"),
    ],
)
def test_other_columns_that_cannot_be_read(tmp_path, text, words):
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        read_volumes(tmp_path / "m.csv")


def test_fractions_without_visits_are_no_measurements(tmp_path):
    (tmp_path / "m.csv").write_text("animal,day,volume_cm3,hypoxic_fraction\na,0,1,0.5\n")
    (animal,) = read_volumes(tmp_path / "m.csv")
    assert animal.measurements[0].values == {"volume_cm3": 1.0}
    assert "not used: hypoxic_fraction" in animal.measurements[0].remarks[0]

"""The choice of a model says which models are the same curve for the data, and does not split weight between them."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Dose, Schedule, choose_model, models, simulate
from HER2ImmunoModelLib.calibration import Subject
from HER2ImmunoModelLib.calibration.same_curves import Course, groups
from HER2ImmunoModelLib.findings import models_table, same_curves

DAY = np.array([0.0, 3.0, 6.0, 9.0, 12.0, 15.0])


def given(*doses):
    return Schedule(tuple(Dose("radiation", day, size) for day, size in doses))


def visits(model, schedule, cv=0.02, seed=0, **values):
    course = simulate(model, values, DAY, schedule=schedule, species="mouse").states["T"][0]
    noisy = course * np.exp(cv * np.random.default_rng(seed).standard_normal(DAY.size))
    pairs = zip(DAY.tolist(), noisy.tolist(), strict=True)
    return tuple(Measurement(f"d{day:g}", day, {"volume_cm3": v}, {"volume_cm3": 0.05 * v}) for day, v in pairs)


def grouped(names, *schedules, **settings):
    chosen = [models.with_drug(models.get(name, "mouse"), "radiation") for name in names]
    found = groups(chosen, [Course(DAY, schedule) for schedule in schedules], **settings)
    return [[model.name.removeprefix("volume_") for model in group] for group in found]


def test_without_doses_all_treatment_terms_are_one_curve():
    (found,) = grouped(models.family("volume_logistic"), Schedule())
    assert found[0] == "logistic_none"
    assert len(found) == 8
    names = (*models.family("volume_none"), *models.family("volume_delayed"))
    assert len(grouped(names, Schedule())) == len(models.growths())


def test_one_animal_with_doses_tells_them_apart():
    assert len(grouped(models.family("volume_gompertz"), Schedule(), given((3.0, 1.0), (6.0, 0.5)))) == 8


def test_equal_doses_do_not_tell_how_a_dose_saturates():
    names = models.family("volume_power")
    same = ["power_cumulative", "power_michaelis_menten"]
    assert same in grouped(names, given((3.0, 0.5), (6.0, 0.5)))
    assert same not in grouped(names, given((3.0, 0.5), (6.0, 0.5)), fixed={"phi": 0.1})
    assert same not in grouped(names, given((3.0, 0.5), (6.0, 0.5)), given((3.0, 1.0)))


def test_a_parameter_that_is_held_does_not_tell_models_apart():
    names = ["volume_logistic_none", "volume_generalised_none"]
    assert len(grouped(names, Schedule())) == 2
    assert grouped(names, Schedule(), fixed={"theta": 1.0}) == [["logistic_none", "generalised_none"]]


def test_a_dose_after_the_last_visit_tells_nothing():
    names = ["volume_logistic_none", "volume_logistic_decaying"]
    assert len(grouped(names, given((15.0, 1.0)))) == 1


def test_other_families_are_looked_at_too():
    names = ["two_drug_logistic_death", "two_drug_logistic_death_potentiates", "two_drug_exponential_death"]
    chosen = [models.get(name, "mouse") for name in names]
    one_drug = Schedule((Dose("trastuzumab", 3.0),))
    both = Schedule((Dose("trastuzumab", 3.0), Dose("doxorubicin", 3.0)))
    assert [len(group) for group in groups(chosen, [Course(DAY, one_drug)])] == [2, 1]
    assert len(groups(chosen, [Course(DAY, both)])) == 3


@pytest.fixture(scope="module")
def weighed():
    """Two animals, one of them treated twice with the same dose; the treatment does not fade."""
    truth, schedule = "volume_logistic_cumulative", given((3.0, 0.5), (6.0, 0.5))
    animals = [
        Subject(name, visits(truth, doses, seed=seed, K=2.0, phi=0.2), doses)
        for seed, (name, doses) in enumerate((("c1", Schedule()), ("t1", schedule)))
    ]
    names = [f"volume_logistic_{term}" for term in ("none", "decaying", "cumulative", "michaelis_menten")]
    names.append("volume_generalised_cumulative")
    return choose_model(names, animals, species="mouse", prior_draws=64)


def test_the_same_curve_is_fitted_once_and_has_one_weight(weighed):
    rows = {row.model.removeprefix("volume_"): row for row in weighed}
    assert "logistic_michaelis_menten" not in rows
    assert rows["logistic_cumulative"].stands_for == ("volume_logistic_michaelis_menten",)
    assert sum(row.bic_weight for row in weighed) == pytest.approx(1.0)
    assert weighed[0].model.endswith("cumulative")


def test_it_is_said(weighed):
    said = " ".join(same_curves(weighed))
    assert "volume_logistic_cumulative stands for volume_logistic_michaelis_menten too" in said
    header, cells = models_table(weighed)
    row = next(dict(zip(header, row, strict=True)) for row in cells if row[0] == "volume_logistic_cumulative")
    assert row["stands_for"] == "volume_logistic_michaelis_menten"


def test_fitted_curves_that_agree_are_named():
    """Far below the largest volume it does not matter how late growth slows; the Gompertz law slows all the same."""
    data = visits("volume_exponential_none", Schedule(), cv=0.0, g=0.08)
    names = ["volume_logistic_none", "volume_generalised_none", "volume_gompertz_none"]
    found = choose_model(names, data, species="mouse", prior_draws=64, fixed={"K": 500.0})
    same = {row.model: row.same_curve for row in found}
    assert same["volume_logistic_none"] == ("volume_generalised_none",)
    assert same["volume_generalised_none"] == ("volume_logistic_none",)
    assert same["volume_gompertz_none"] == ()
    assert "are fitted by the same curve, so their weights are one" in " ".join(same_curves(found))

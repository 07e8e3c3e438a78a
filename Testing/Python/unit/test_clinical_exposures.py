"""Exposures that labels and papers publish: antibodies, conjugates and chemotherapy of typical patients and of many."""

import numpy as np
import pytest
from HER2ImmunoModelLib.drugs.compartments import Infusions, modes
from HER2ImmunoModelLib.drugs.exposures import (
    auc_of_dose,
    course_of,
    curve_of,
    exposure_of,
    exposures,
    mg_of,
    pulse_weight,
    reference_auc,
    reference_concentration,
)
from HER2ImmunoModelLib.drugs.individuals import individual, population, typical_patient
from HER2ImmunoModelLib.drugs.library import find_drug
from HER2ImmunoModelLib.drugs.patients import Patient, calvert_mg

WEIGHT = 68.0
TRASTUZUMAB = find_drug("trastuzumab")
EVERY_3_WEEKS = [(0.0, 8 * WEIGHT), *((21.0 * i, 6 * WEIGHT) for i in range(1, 18))]
WEEKLY = [(0.0, 4 * WEIGHT), *((7.0 * i, 2 * WEIGHT) for i in range(1, 52))]


def trastuzumab(doses, set_name="ebc"):
    return exposure_of(TRASTUZUMAB, doses, Patient(weight_kg=WEIGHT), set_name).doses


def error_percent(found, published):
    return 100 * (np.array(found) / np.array(published) - 1)


def first_and_steady(set_name):
    """Peak, trough and area of the first dose every 3 weeks and of the last of 18, in percent of the EU label's."""
    doses = trastuzumab(EVERY_3_WEEKS, set_name)
    first, steady = ([dose.peak, dose.trough, dose.auc] for dose in (doses[0], doses[-1]))
    return error_percent(first, [176, 30.9, 1390]), error_percent(steady, [184, 53.8, 1927])


def test_trastuzumab_every_3_weeks_has_the_medians_of_the_label():
    first, steady = first_and_steady("ebc")
    assert np.abs(first).max() < 3, first
    assert np.abs(steady).max() < 3, steady


def test_trastuzumab_every_week_has_the_medians_of_the_labels():
    doses = trastuzumab(WEEKLY)
    # The peak of the US label; the EU label has 76.0.
    found = [doses[0].peak, doses[2].trough, sum(dose.auc for dose in doses[:3])]
    steady = [doses[-1].peak, doses[-1].trough, sum(dose.auc for dose in doses[-3:])]
    assert np.abs(error_percent(found, [88.3, 38.9, 1074])).max() < 3
    assert np.abs(error_percent(steady, [115, 72.6, 1893])).max() < 3


@pytest.mark.parametrize(
    ("set_name", "first", "steady"),
    [
        ("q19", (17, -2.9, 1.2), (11, -9.6, -4.3)),
        ("linear", (-0.4, -2.1, -5.4), (1.5, 2.2, -2.5)),
        ("bruno", (5.7, -5.5, -12), (5.7, 1.1, -5.9)),
        ("hannah", (5.5, 4.9, 1.6), (7.8, 8.6, 5.9)),
    ],
)
def test_no_other_set_of_trastuzumab_is_within_5_percent_of_the_label(set_name, first, steady):
    found = np.concatenate(first_and_steady(set_name))
    assert np.abs(found).max() > 5
    np.testing.assert_allclose(found, [*first, *steady], atol=0.9)


@pytest.mark.parametrize(("set_name", "days"), [("ebc", 71), ("q19", 67), ("linear", 183)])
def test_days_after_the_last_of_18_doses_until_less_than_1_mg_a_litre_is_left(set_name, days):
    kinetics = individual(TRASTUZUMAB, Patient(weight_kg=WEIGHT), set_name)
    after = np.arange(300.0)
    given = Infusions(*zip(*EVERY_3_WEEKS, strict=True), 0.0)
    left = course_of(kinetics, given, given.day[-1] + after).concentration[0]
    assert abs(after[np.argmax(left < 1.0)] - days) <= 1


def many(set_name="ebc", n=4000):
    """Peak, trough and area, arrays (patients, doses), of patients whose weight has a CV of 18 %."""
    drawn = population(TRASTUZUMAB, n, seed=1, set_name=set_name, weight_cv_percent=18)
    mg = np.outer(drawn.weight_kg, [8] + [6] * 17)
    given = Infusions([day for day, _ in EVERY_3_WEEKS], mg, [1.5] + [0.5] * 17)
    return drawn, given, exposures(drawn.kinetics, given, 21.0)


def test_4000_patients_spread_as_the_label_says_and_lose_the_drug_within_7_months():
    drawn, given, found = many()
    published = {
        0: ((127, 227), (18.7, 45.5), None),
        17: ((134, 247), (28.7, 85.8), (1332, 2771)),
    }
    for dose, ranges in published.items():
        for values, limits in zip(found, ranges, strict=True):
            if limits is not None:
                assert np.abs(error_percent(np.percentile(values[:, dose], [5, 95]), limits)).max() < 8
    left = course_of(drawn.kinetics, given, [given.day[-1] + 213.0]).concentration
    assert (left < 1.0).mean() >= 0.95


def test_the_spread_of_q19_is_far_too_wide_for_early_disease():
    _, _, (_, _, area) = many("q19", 2000)
    low, high = np.percentile(area[:, -1], [5, 95])
    assert low < 0.85 * 1332
    assert high > 1.15 * 2771


# Peak, trough, area over the interval; None where nothing is published.
PUBLISHED = [
    ("pertuzumab", {}, (840, 420), 12, (184.9, 52.1, 1787)),
    ("t-dm1", {"weight_kg": 70}, (252,), 1, (74.4, 1.34, None)),
    ("t-dxd", {"weight_kg": 57.8}, (312.12,), 12, (122, None, 735)),
    ("atezolizumab", {}, (1200,), 1, (None, 85, None)),
    ("atezolizumab", {}, (1200,), 18, (None, 179, 6107)),
    ("pembrolizumab", {"weight_kg": 76.8}, (200,), 18, (None, None, 200 / 0.22)),
]


@pytest.mark.parametrize(("name", "patient", "mg", "number", "published"), PUBLISHED)
def test_other_antibodies_are_near_what_is_published(name, patient, mg, number, published):
    doses = [(21.0 * i, mg[min(i, len(mg) - 1)]) for i in range(number)]
    last = exposure_of(find_drug(name), doses, Patient(**patient)).doses[-1]
    for found, wanted, bar in zip((last.peak, last.trough, last.auc), published, (12, 20, 12), strict=True):
        assert wanted is None or abs(error_percent(found, wanted)) < bar


def test_t_dm1_has_its_area_up_to_infinity():
    assert abs(error_percent(auc_of_dose(find_drug("t-dm1"), 252, Patient(weight_kg=70)) / 24, 338)) < 12


@pytest.mark.parametrize(
    ("name", "ratios"),
    [("atezolizumab", (1.53, 2.37, 2.07)), ("pembrolizumab", (None, None, 2.1))],
)
def test_accumulation(name, ratios):
    drug = find_drug(name)
    mg = mg_of(drug.full_dose, typical_patient(drug))
    found = exposure_of(drug, [(21.0 * i, mg) for i in range(18)], typical_patient(drug)).accumulation
    for name, ratio in zip(("peak", "trough", "auc"), ratios, strict=True):
        assert ratio is None or found[name] == pytest.approx(ratio, rel=0.01)
    rare = exposure_of(find_drug("cyclophosphamide"), [(0.0, 1080.0), (900.0, 1080.0)], Patient())
    assert rare.doses[0].trough == 0
    assert rare.accumulation is None
    # After a loading dose the ratio says nothing.
    assert exposure_of(drug, [(0.0, 2 * mg), (21.0, mg)], typical_patient(drug)).accumulation is None


def test_the_clearance_of_pembrolizumab_may_fall_from_the_first_to_the_steady_one_of_the_label():
    drug = find_drug("pembrolizumab")
    first, *_, last = exposure_of(drug, [(21.0 * i, 200) for i in range(30)], typical_patient(drug), "falling").doses
    assert 200 / last.auc == pytest.approx(0.195, rel=0.03)
    constant = exposure_of(drug, [(0.0, 200)], typical_patient(drug)).doses[0]
    assert first.auc < constant.auc


@pytest.mark.parametrize(("name", "days"), [("atezolizumab", 26.6), ("pembrolizumab", 25.8)])
def test_terminal_half_lives(name, days):
    slowest = modes(find_drug(name).sets[0].kinetics).rate.min()
    assert np.log(2) / slowest == pytest.approx(days, rel=0.01)


@pytest.mark.parametrize(
    ("name", "concentration"),
    [
        ("trastuzumab", 132),
        ("pertuzumab", 135),
        ("t-dm1", 80.6),
        ("t-dxd", 113),
        ("pembrolizumab", 57.5),
        ("atezolizumab", 366),
    ],
)
def test_reference_concentrations(name, concentration):
    assert reference_concentration(find_drug(name)) == pytest.approx(concentration, rel=0.004)


@pytest.mark.parametrize(
    ("name", "mg_per_m2", "area"),
    [
        ("docetaxel", 75, 3.06),
        ("docetaxel", 100, 4.08),
        ("paclitaxel", 80, 5.54),
        ("paclitaxel", 175, 15.7),
        ("doxorubicin", 60, 2.27),
        ("epirubicin", 90, 2.26),
        ("cyclophosphamide", 600, 200),
    ],
)
def test_areas_of_chemotherapy_at_1_8_m2(name, mg_per_m2, area):
    drug = find_drug(name)
    assert auc_of_dose(drug, 1.8 * mg_per_m2, Patient()) == pytest.approx(area, rel=0.004)
    # Over the interval of its plan next to nothing is missing.
    (dose,) = exposure_of(drug, [(0.0, 1.8 * mg_per_m2)], Patient()).doses
    assert dose.auc == pytest.approx(area, rel=0.005)


@pytest.mark.parametrize(("mg", "hours_of_infusion", "hours"), [(144, 1, 9), (315, 3, 27)])
def test_hours_of_paclitaxel_above_a_twentieth_of_a_micromole(mg, hours_of_infusion, hours):
    step = 1 / 60
    day = np.arange(0, 48, step) / 24
    course = course_of(find_drug("paclitaxel").sets[0].kinetics, Infusions([0], [mg], [hours_of_infusion]), day)
    above = course.concentration[0] > 0.05
    assert above.sum() * step == pytest.approx(hours, abs=0.3)


def test_the_weight_of_a_dose_of_paclitaxel_is_the_power_that_its_areas_have():
    drug = find_drug("paclitaxel")
    for mg_per_m2 in (80, 90, 175):
        area = auc_of_dose(drug, 1.8 * mg_per_m2, Patient()) / reference_auc(drug)
        assert pulse_weight(drug, 1.8 * mg_per_m2) == pytest.approx(area, rel=0.04)
    assert pulse_weight(find_drug("docetaxel"), 180) == pytest.approx(4 / 3)
    assert pulse_weight(find_drug("nab-paclitaxel"), 225) == pytest.approx(1.0)
    assert pulse_weight(find_drug("nab-paclitaxel"), 468) > 260 / 125


@pytest.mark.parametrize(("gfr", "mg"), [(60, 510), (90, 690), (120, 870), (125, 900), (160, 900)])
def test_the_area_of_carboplatin_is_its_dose(gfr, mg):
    drug, patient = find_drug("carboplatin"), Patient(gfr_ml_per_min=gfr)
    assert calvert_mg(6, gfr) == mg
    exposure = exposure_of(drug, [(0.0, mg)], patient)
    assert exposure.auc_unit == "mg min/mL"
    assert exposure.doses[0].auc == pytest.approx(6.0, rel=1e-6)
    assert auc_of_dose(drug, mg, patient) == pytest.approx(100.0)


def test_a_curve_goes_through_the_peaks_and_troughs_of_its_doses():
    patient = Patient()
    for name, doses in (("trastuzumab", EVERY_3_WEEKS[:4]), ("docetaxel", [(0.0, 135.0), (21.0, 135.0)])):
        drug = find_drug(name)
        curve, exposure = curve_of(drug, doses, patient), exposure_of(drug, doses, patient)
        assert (np.diff(curve.day) > 0).all()
        assert curve.concentration.max() == pytest.approx(max(dose.peak for dose in exposure.doses), rel=1e-6)
        assert curve.concentration[-1] == pytest.approx(exposure.doses[-1].trough, rel=1e-4)
        # The area of the drawn line is that of the exposure.
        area = np.trapezoid(curve.concentration, curve.day) * (24 if name == "docetaxel" else 1)
        assert area == pytest.approx(sum(dose.auc for dose in exposure.doses), rel=0.01)

"""Hard limits of treatment: each rule at its edge, the regimens, and the limits as constraints of schedules."""

import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib import Dose, LargestDose, Schedule, ShortestInterval, models
from HER2ImmunoModelLib.drugs.drug_library import DRUGS
from HER2ImmunoModelLib.drugs.patients import Patient
from HER2ImmunoModelLib.limits.clinical_history import History
from HER2ImmunoModelLib.limits.clinical_limits import (
    RULES,
    ClinicalLimits,
    check,
    excepted,
    search_bounds,
    without_limits,
)
from HER2ImmunoModelLib.limits.limit_table import limit_table
from HER2ImmunoModelLib.regimens.regimen_library import REGIMENS
from HER2ImmunoModelLib.regimens.regimens import fill
from HER2ImmunoModelLib.treatments.clinical_doses import ClinicalDose, resolve

BSA = 1.8
UNIT = {
    "trastuzumab": "mg/kg",
    "pertuzumab": "mg",
    "t-dm1": "mg/kg",
    "t-dxd": "mg/kg",
    "pembrolizumab": "mg",
    "atezolizumab": "mg",
    "carboplatin": "AUC",
}
"""Of the others: mg/m2."""


def doses(drug: str, size: float, *days: float) -> list[ClinicalDose]:
    return [ClinicalDose(drug, day, size, UNIT.get(drug, "mg/m2")) for day in days]


def broken(planned, exception="", patient=None, given=(), **history):
    patient = patient or Patient()
    past = History(given=resolve(given, patient), **history)
    return check(resolve(planned, patient), patient, past, exception)


@pytest.mark.parametrize(
    ("drug", "size", "days", "growth_factor"),
    [
        ("trastuzumab", 6, 21, False),
        ("trastuzumab", 8, 21, False),
        ("trastuzumab", 2, 7, False),
        ("trastuzumab", 4, 7, False),
        ("pertuzumab", 840, 21, False),
        ("t-dm1", 3.6, 21, False),
        ("t-dxd", 4.4, 21, False),
        ("docetaxel", 75, 21, False),
        ("docetaxel", 100, 21, False),
        ("carboplatin", 6, 21, False),
        ("carboplatin", 3, 7, False),
        ("carboplatin", 3.1, 21, False),
        ("paclitaxel", 80, 7, False),
        ("paclitaxel", 90, 7, False),
        ("paclitaxel", 175, 21, False),
        ("epirubicin", 90, 21, True),
        ("doxorubicin", 60, 21, False),
        ("doxorubicin", 60, 14, True),
        ("cyclophosphamide", 600, 21, False),
        ("cyclophosphamide", 600, 14, True),
        ("pembrolizumab", 200, 21, False),
        ("pembrolizumab", 400, 42, False),
        ("atezolizumab", 840, 14, False),
        ("atezolizumab", 1200, 21, False),
    ],
)
def test_least_interval(drug, size, days, growth_factor):
    first = doses(drug, size, 0)
    assert not broken([*first, *doses(drug, size / 2, days)], growth_factor=growth_factor)
    (found,) = broken([*first, *doses(drug, size / 2, days - 1)], growth_factor=growth_factor)
    assert (found.rule, found.day, found.drug) == ("least interval", days - 1, drug)
    for words in (f"{drug} on day {days - 1} is {days - 1} days after day 0", f"under {days} ", f"({found.source})"):
        assert words in found.said


@pytest.mark.parametrize(
    ("drug", "most"),
    [
        ("trastuzumab", 8),
        ("pertuzumab", 840),
        ("t-dm1", 3.6),
        ("t-dxd", 5.4),
        ("docetaxel", 100),
        ("paclitaxel", 175),
        ("carboplatin", 6),
        ("doxorubicin", 60),
        ("epirubicin", 100),
        ("pembrolizumab", 400),
        ("atezolizumab", 1200),
    ],
)
def test_largest_dose(drug, most):
    assert not broken(doses(drug, most, 0))
    (found,) = broken(doses(drug, most * 1.01, 0))
    assert found.rule == "largest dose"
    halves = doses(drug, most * 0.51, 0, 0)
    assert [each.rule for each in broken(halves)] == ["largest dose"]


@pytest.mark.parametrize(
    ("drug", "loading", "later", "due"), [("trastuzumab", 8, "6 mg/kg", 29), ("pertuzumab", 840, "420 mg", 42)]
)
def test_a_loading_dose_is_for_the_first_and_for_late_ones(drug, loading, later, due):
    first, again, size = doses(drug, loading, 0), doses(drug, loading, 28), float(later.split()[0])
    assert not broken([*first, *doses(drug, size, 28)])
    assert not broken([*first, *doses(drug, 1.08 * size, 28)]), "rounded to whole vials"
    assert not broken([*first, *doses(drug, loading, due)])
    for past, planned in ((), [*first, *again]), (first, again):
        (found,) = broken(planned, given=past)
        assert (found.rule, found.day) == ("largest dose", 28)
        assert f"more than {later}, as no loading dose is due 28 days after the last" in found.said


def test_the_cap_of_the_gfr_limits_carboplatin_in_mg():
    patient = Patient(gfr_ml_per_min=200)
    assert not broken([ClinicalDose("carboplatin", 0, 900, "mg")], patient=patient)
    (found,) = broken([ClinicalDose("carboplatin", 0, 950, "mg")], patient=patient)
    assert "AUC 6.33" in found.said


def days_of(found, rule):
    return [each.day for each in found if each.rule == rule]


def test_doxorubicin_in_a_life():
    rule = "cumulative anthracycline"
    ten = doses("doxorubicin", 60, *range(0, 210, 21))
    assert days_of(broken(ten), rule) == [189]  # 540 with nine, 600 with ten
    assert days_of(broken(ten, chest_radiotherapy=True), rule) == [126, 147, 168, 189]  # 420 with seven
    assert days_of(broken(ten, other_cardiotoxic=True), rule) == [126, 147, 168, 189]
    with_c = [*ten, *doses("cyclophosphamide", 600, 0)]
    assert days_of(broken(with_c), rule) == [126, 147, 168, 189]
    assert days_of(broken(doses("doxorubicin", 60, 0), prior_doxorubicin_mg_per_m2=500), rule) == [0]
    assert days_of(broken(doses("doxorubicin", 50, 0), prior_doxorubicin_mg_per_m2=500), rule) == []
    given = doses("doxorubicin", 60, *range(-189, 0, 21))
    (found,) = broken(doses("doxorubicin", 60, 0), given=given)
    for words in ("doxorubicin on day 0", "600 mg/m2", "more than 550", "(label: doxorubicin)"):
        assert words in found.said


def test_epirubicin_in_a_life_and_both_together():
    rule = "cumulative anthracycline"
    eight = doses("epirubicin", 100, *range(0, 168, 21))
    assert days_of(broken(eight), rule) == [147]  # 800 in early disease
    assert days_of(broken(eight, is_adjuvant=False), rule) == []
    assert days_of(broken(eight, is_adjuvant=False, prior_epirubicin_mg_per_m2=150), rule) == [147]
    # 500 + .5 x 100 = 550 keeps the limit, 510 + 50 does not.
    one = doses("epirubicin", 100, 0)
    assert not broken(one, prior_doxorubicin_mg_per_m2=500)
    (found,) = broken(one, prior_doxorubicin_mg_per_m2=510)
    assert found.source.startswith("assumed")
    assert "560 mg/m2 of doxorubicin with half of 100 of epirubicin" in found.said


def test_no_anthracycline_with_or_soon_after_an_anti_her2_drug():
    rule = "anthracycline with or after anti-HER2"
    dose = doses("doxorubicin", 60, 0)
    for drug, size in (("trastuzumab", 6), ("pertuzumab", 420), ("t-dm1", 3.6), ("t-dxd", 5.4)):
        assert days_of(broken(dose, given=doses(drug, size, -212)), rule) == [0]
        assert days_of(broken(dose, given=doses(drug, size, -213)), rule) == []
        assert days_of(broken([*dose, *doses(drug, size, 0)]), rule) == [0]
        assert days_of(broken([*dose, *doses(drug, size, 1)]), rule) == []
    together = [*dose, *doses("trastuzumab", 8, 0)]
    assert not broken(together, exception="trial")
    patient = Patient()
    (said,) = excepted(resolve(together, patient), patient, exception="trial")
    assert (said.rule, said.source) == (rule, "label: Herceptin, US, 7 months; washout of Quartino 2019")
    with pytest.raises(InputError, match="no exception"):
        broken(dose, exception="please")


def test_the_heart_at_entry():
    planned = doses("trastuzumab", 8, 7)
    assert not broken(planned, lvef_at_entry=55)
    (found,) = broken(planned, lvef_at_entry=54)
    assert found.said == (
        "LVEF at entry: it is 54 %, under 55, before trastuzumab on day 7 (paper: rule of the trials)"
    )
    assert not broken(doses("docetaxel", 75, 0), lvef_at_entry=30)


@pytest.mark.parametrize(
    ("drug", "size", "rule", "lvef", "held"),
    [
        ("trastuzumab", 6, "US", 48, True),  # a fall of 16 within normal, and below it
        ("trastuzumab", 6, "US", 54, False),  # 10 within normal
        ("trastuzumab", 6, "US", 49.5, True),
        ("trastuzumab", 6, "EU", 50, False),
        ("trastuzumab", 6, "EU", 49, True),
        ("pertuzumab", 420, "EU", 49, True),
        ("t-dm1", 3.6, "US", 46, False),
        ("t-dm1", 3.6, "US", 45, True),
        ("t-dm1", 3.6, "US", 39, True),
        ("t-dxd", 5.4, "US", 46, False),
        ("t-dxd", 5.4, "US", 45, True),
        ("t-dxd", 5.4, "US", 39, True),
        ("docetaxel", 75, "US", 20, False),
    ],
)
def test_a_measured_heart(drug, size, rule, lvef, held):
    found = broken(doses(drug, size, 90), lvef_at_entry=64, lvef=((84, lvef),), lvef_rule=rule)
    assert [each.rule for each in found] == ["measured LVEF"] * held
    assert not broken(doses(drug, size, 83), lvef_at_entry=64, lvef=((84, lvef),), lvef_rule=rule)


def test_falls_alone_hold_within_normal():
    assert broken(doses("trastuzumab", 6, 90), lvef_at_entry=70, lvef=((84, 54),))
    assert not broken(doses("trastuzumab", 6, 90), lvef_at_entry=70, lvef=((84, 55),))
    assert broken(doses("t-dxd", 5.4, 90), lvef_at_entry=70, lvef=((84, 49),))
    assert not broken(doses("t-dxd", 5.4, 90), lvef_at_entry=70, lvef=((84, 50),))


def test_without_an_lvef_at_entry_a_fall_counts_from_the_first_measurement():
    assert not broken(doses("t-dm1", 3.6, 90), lvef=((0, 54), (84, 45)))
    assert broken(doses("t-dm1", 3.6, 90), lvef=((0, 55), (84, 45)))


def test_a_hold_ends_with_a_better_measurement_in_the_us_not_before_four_weeks():
    planned = doses("trastuzumab", 6, 90, 111, 132)
    low, better = (84, 45), (100, 60)
    rule = "measured LVEF"
    assert days_of(broken(planned, lvef_at_entry=64, lvef=(low,)), rule) == [90, 111, 132]
    assert days_of(broken(planned, lvef_at_entry=64, lvef=(better, low)), rule) == [90, 111]
    assert days_of(broken(planned, lvef_at_entry=64, lvef=(low, better), lvef_rule="EU"), rule) == [90]


@pytest.mark.parametrize(("drug", "size"), [("t-dxd", 5.4), ("t-dm1", 3.6)])
def test_a_conjugate_is_stopped_when_a_low_heart_is_confirmed(drug, size):
    planned = doses(drug, size, 90, 111, 132)
    once = broken(planned, lvef_at_entry=64, lvef=((84, 39), (100, 60)))
    assert [each.day for each in once] == [90]
    twice = broken(planned, lvef_at_entry=64, lvef=((84, 39), (105, 38), (120, 60)))
    assert [each.day for each in twice] == [90, 111, 132]
    assert "stopped" in twice[-1].said


@pytest.mark.parametrize(
    ("drug", "size", "field", "least"),
    [
        ("docetaxel", 75, "neutrophils", 1.5),
        ("paclitaxel", 80, "neutrophils", 1.5),
        ("epirubicin", 90, "neutrophils", 1.5),
        ("doxorubicin", 60, "neutrophils", 1.0),
        ("paclitaxel", 80, "platelets", 100),
        ("doxorubicin", 60, "platelets", 100),
        ("epirubicin", 90, "platelets", 100),
        ("t-dm1", 3.6, "platelets", 75),
    ],
)
def test_blood_counts(drug, size, field, least):
    planned = doses(drug, size, 21)
    assert not broken(planned, **{field: ((20, least),)})
    (found,) = broken(planned, **{field: ((20, 0.9 * least),)})
    assert found.rule == "blood count"
    assert f"on day 20 are under {least:g} for {drug} on day 21 (label:" in found.said
    assert not broken(planned, **{field: ((20, 0.9 * least), (21, least))})
    assert not broken(planned, **{field: ((13, 0.9 * least),)})  # older than a week: a new count is needed
    assert not broken(planned, **{field: ((22, 0.9 * least),)})


def test_an_anti_her2_course_is_a_year():
    days = range(0, 379, 21)
    assert days_of(broken(doses("trastuzumab", 6, *days)), "anti-HER2 course") == [378]
    after_surgery = [*doses("trastuzumab", 6, *range(0, 126, 21)), *doses("t-dm1", 3.6, *range(168, 442, 21))]
    assert not broken(after_surgery)
    again = [*doses("trastuzumab", 6, 0), *doses("trastuzumab", 6, 500, 521)]
    assert not broken(again)


def test_a_broken_past_is_no_fault_of_the_plan():
    given = [*doses("docetaxel", 200, -30, -20), *doses("trastuzumab", 8, -40), *doses("doxorubicin", 60, -39)]
    assert not broken(doses("docetaxel", 75, 1), given=given)
    assert [each.rule for each in broken(doses("docetaxel", 75, 0), given=given)] == ["least interval"]


def test_mice_have_no_limits_of_patients():
    patient = Patient(species="mouse")
    planned = resolve([ClinicalDose("doxorubicin", day, 20, "mg/kg") for day in range(9)], patient, "mouse")
    assert check(planned, patient) == ()


@pytest.mark.parametrize("regimen", REGIMENS, ids=lambda regimen: regimen.key)
def test_every_regimen_keeps_the_limits_or_names_its_exception(regimen):
    patient = Patient(species=regimen.species)
    planned = resolve(fill(regimen, species=regimen.species), patient, regimen.species)
    history = History(growth_factor=regimen.growth_factor)
    assert check(planned, patient, history, regimen.exception) == ()
    has_exception = regimen.key in ("train2_fec", "tryphaena_a")
    assert bool(excepted(planned, patient, history, regimen.exception)) == has_exception
    assert {each.rule for each in check(planned, patient, history)} == (
        {"anthracycline with or after anti-HER2"} if has_exception else set()
    )
    total = sum(dose.mg / BSA for dose in planned if dose.drug == "doxorubicin" and regimen.species == "human")
    assert total <= 240 + 1e-9


def test_the_dose_dense_regimens_need_their_growth_factor():
    found = broken(fill("ddac_thp"))
    assert {each.rule for each in found} == {"least interval"}
    assert "without growth factor" in found[0].sentence


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"lvef_at_entry": 0.6}, "LVEF at entry is 0.6 %"),
        ({"lvef": ((21, 640),)}, "LVEF on day 21 is 640 %"),
        ({"neutrophils": ((3, 1500),)}, "neutrophil count on day 3 is 1500 x1e9/L"),
        ({"platelets": ((float("nan"), 150),)}, "day of a measurement"),
        ({"prior_doxorubicin_mg_per_m2": -60}, "earlier dose of doxorubicin is -60"),
        ({"lvef_rule": "UK"}, "choose US or EU"),
    ],
)
def test_a_history_that_cannot_be_is_refused(fields, words):
    with pytest.raises(InputError, match=words):
        History(**fields)


def test_limits_are_constraints_of_schedules():
    model = models.get("tivnh_treated", "human")
    schedule = Schedule((Dose("docetaxel", 0, 1), Dose("docetaxel", 14, 1), Dose("trastuzumab", 0, 1.5)))
    said = [broken.rule for broken in ClinicalLimits().broken(schedule, model)]
    assert said == ["least interval", "largest dose"]
    assert ClinicalLimits().violation(schedule, model).startswith("least interval: docetaxel on day 14")
    generic = Schedule((Dose("cytotoxic", 0, 1), Dose("cytotoxic", 3, 1)))
    assert ClinicalLimits().violation(generic, model) is None
    assert without_limits(generic) == ("cytotoxic",)
    named = ClinicalLimits(drugs=(("cytotoxic", "docetaxel"),))
    assert len(list(named.broken(generic, model))) == 1
    assert without_limits(generic, drugs=[("cytotoxic", "docetaxel")]) == ()


@pytest.mark.parametrize(
    ("drug", "growth_factor", "days", "most"),
    [
        ("trastuzumab", False, 21, 8 / 6),
        ("docetaxel", False, 21, 100 / 75),
        ("paclitaxel", False, 7, 1),
        ("pembrolizumab", False, 21, 1),
        ("doxorubicin", False, 21, 1),
        ("doxorubicin", True, 14, 1),
        ("carboplatin", False, 21, 1),
    ],
)
def test_bounds_of_a_search_keep_the_limits(drug, growth_factor, days, most):
    history = History(growth_factor=growth_factor)
    interval, largest, *loading = search_bounds([("cytotoxic", drug)], history)
    assert (interval, largest) == (ShortestInterval("cytotoxic", days), LargestDose("cytotoxic", most))
    schedule = Schedule((Dose(drug, 0, most), Dose(drug, days, loading[0].later if loading else most)))
    assert ClinicalLimits(history=history).violation(schedule) is None


def test_the_table_of_limits_names_a_source_for_each():
    rows = limit_table([drug.name for drug in DRUGS if drug.species == "human"])
    assert all(row.source and row.value for row in rows)
    assert {row.rule for row in rows} == set(RULES)

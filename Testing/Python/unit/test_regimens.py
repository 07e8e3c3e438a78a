"""Regimens: days and doses as their trials gave them, what may not start, order on a day, add-ons, the calendar."""

from collections import Counter
from datetime import date

import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib.drugs.drug import MARKS
from HER2ImmunoModelLib.drugs.patients import Patient
from HER2ImmunoModelLib.regimens.regimen_library import REGIMENS
from HER2ImmunoModelLib.regimens.regimens import add_on, day_of, fill, find_regimen, in_order, regimen_keys
from HER2ImmunoModelLib.regimens.treatment_calendar import calendar
from HER2ImmunoModelLib.treatments.clinical_doses import ClinicalDose, checked_drug, resolve
from HER2ImmunoModelLib.treatments.loading import apply_loading

Q3W = [0, 21, 42, 63, 84, 105]
WEEKLY_FROM_56 = [56, 63, 70, 77, 84, 91, 98, 105, 112, 119, 126, 133]


def given(key: str, drug: str, species: str = "human"):
    """Days and sizes of a drug in a regimen."""
    doses = [dose for dose in fill(key, species=species) if dose.drug == drug]
    return [dose.day for dose in doses], [dose.size for dose in doses]


@pytest.mark.parametrize(
    ("key", "drug", "days", "sizes"),
    [
        ("tchp", "docetaxel", Q3W, [75] * 6),
        ("tchp", "carboplatin", Q3W, [6] * 6),
        ("tchp", "trastuzumab", Q3W, [8] + [6] * 5),
        ("tchp", "pertuzumab", Q3W, [840] + [420] * 5),
        ("tch", "pertuzumab", [], []),
        ("ac_th", "doxorubicin", [0, 21, 42, 63], [60] * 4),
        ("ac_th", "docetaxel", [84, 105, 126, 147], [100] * 4),
        ("ac_th", "trastuzumab", [*range(84, 162, 7), *range(168, 442, 21)], [4] + [2] * 11 + [6] * 14),
        ("ddac_thp", "doxorubicin", [0, 14, 28, 42], [60] * 4),
        ("ddac_thp", "cyclophosphamide", [0, 14, 28, 42], [600] * 4),
        ("ddac_thp", "paclitaxel", WEEKLY_FROM_56, [80] * 12),
        ("ddac_thp", "trastuzumab", [56, 77, 98, 119], [8, 6, 6, 6]),
        ("impassion050", "atezolizumab", [0, 14, 28, 42, 56, 77, 98, 119], [840] * 4 + [1200] * 4),
        ("impassion050_placebo", "atezolizumab", [], []),
        ("apt", "paclitaxel", list(range(0, 78, 7)), [80] * 12),
        ("apt", "trastuzumab", [*range(0, 78, 7), *range(84, 358, 21)], [4] + [2] * 11 + [6] * 14),
        ("neosphere_thp", "docetaxel", [0, 21, 42, 63], [75] * 4),
        ("neosphere_hp", "docetaxel", [], []),
        ("neosphere_tp", "trastuzumab", [], []),
        ("tryphaena_a", "epirubicin", [0, 21, 42], [100] * 3),
        ("tryphaena_a", "trastuzumab", Q3W, [8] + [6] * 5),
        ("tryphaena_b", "trastuzumab", [63, 84, 105], [8, 6, 6]),
        ("db11", "t-dxd", [0, 21, 42, 63], [5.4] * 4),
        ("db11", "paclitaxel", list(range(84, 162, 7)), [80] * 12),
        ("db11_x8", "t-dxd", list(range(0, 148, 21)), [5.4] * 8),
        ("train2", "carboplatin", list(range(0, 169, 21)), [6] * 9),
        ("train2", "paclitaxel", [day + on for day in range(0, 169, 21) for on in (0, 7)], [80] * 18),
        ("train2_fec", "epirubicin", [0, 21, 42], [90] * 3),
        ("train2_fec", "cyclophosphamide", [0, 21, 42], [500] * 3),
        ("train2_fec", "carboplatin", list(range(63, 169, 21)), [6] * 6),
        ("train2_fec", "pertuzumab", list(range(0, 169, 21)), [840] + [420] * 8),
        ("kristine", "t-dm1", Q3W, [3.6] * 6),
        ("katherine", "t-dm1", list(range(0, 274, 21)), [3.6] * 14),
    ],
)
def test_days_and_doses(key, drug, days, sizes):
    assert given(key, drug) == (days, sizes)


def test_the_mice_of_the_laboratory():
    assert given("mouse_seq", "trastuzumab", "mouse") == ([0, 3], [10, 10])
    assert given("mouse_seq", "doxorubicin", "mouse") == ([4], [1.5])
    assert find_regimen("mouse_seq").imaging_days == (0, 1, 3, 4, 7)
    # The optimum of Lima: trastuzumab on days 35 and 36, doxorubicin on 37 and 38.
    doses = fill("mouse_lima", 35, species="mouse")
    assert [(dose.drug, dose.day) for dose in doses] == [
        ("trastuzumab", 35),
        ("trastuzumab", 36),
        ("doxorubicin", 37),
        ("doxorubicin", 38),
    ]
    (dose,) = [dose for dose in resolve(fill("mouse_io", species="mouse")[:2], None, "mouse") if "ctla" in dose.drug]
    assert dose.mg == 0.1
    assert "assumed" in find_regimen("mouse_io").basis.mark


def test_what_is_not_shipped():
    with pytest.raises(InputError, match="no regimen 'aptneo'"):
        find_regimen("aptneo")


@pytest.mark.parametrize("regimen", REGIMENS, ids=lambda regimen: regimen.key)
def test_every_regimen_can_be_dosed_and_has_its_source(regimen):
    assert regimen.basis.mark in MARKS
    assert regimen.basis.source
    assert regimen.key == regimen.key.lower()
    for part in regimen.parts:
        assert list(part.days) == sorted(set(part.days))
        dose = ClinicalDose(part.drug, 0, part.dose.size, part.dose.unit)
        assert checked_drug(dose, regimen.species).name == part.drug
    assert min(part.days[0] for part in regimen.parts) == 0
    assert regimen.last_day == max(dose.day for dose in fill(regimen, species=regimen.species))


def test_keys_are_unique():
    words = [word for regimen in REGIMENS for word in (regimen.key, *regimen.aliases)]
    assert max(Counter(words).values()) == 1


@pytest.mark.parametrize("regimen", [r for r in REGIMENS if r.species == "human"], ids=lambda regimen: regimen.key)
def test_templates_load_as_the_labels_say(regimen):
    doses = fill(regimen)
    assert apply_loading(doses).doses == doses


def test_a_start_day_moves_every_dose():
    moved = fill("tchp", 30.5)
    assert [(dose.drug, dose.day - 30.5, dose.size) for dose in moved] == [
        (dose.drug, dose.day, dose.size) for dose in fill("tchp")
    ]
    assert day_of(date(2026, 3, 1), date(2026, 2, 1)) == 28


def test_names_of_regimens():
    assert find_regimen("TRYPHAENA-C").key == "tchp"
    assert find_regimen("Neosphere THP").key == "neosphere_thp"
    with pytest.raises(InputError, match="no regimen 'tchpp'; did you mean 'tchp'"):
        find_regimen("tchpp")
    assert "mouse_seq" not in regimen_keys("human")


def test_a_template_for_mice_is_refused_for_a_human_and_the_reverse():
    with pytest.raises(InputError, match="mouse_seq is for a mouse, not a human; choose one of tchp"):
        fill("mouse_seq")
    with pytest.raises(InputError, match="tchp is for a human, not a mouse; choose one of mouse_seq"):
        fill("tchp", species="mouse")


def test_a_regimen_does_not_start_inside_the_interval_of_the_last_dose():
    past = [ClinicalDose("docetaxel", day, 75, "mg/m2") for day in (-21, 0)]
    with pytest.raises(InputError, match=r"starts on day 20, but docetaxel of day 0 needs 21 days .*start on day 21"):
        fill("katherine", 20, given=past)
    assert fill("katherine", 21, given=past)[0].day == 21
    weekly = [ClinicalDose("taxol", 0, 144, "mg")]  # 80 mg/m2 at 1.8 m2
    assert fill("tchp", 7, given=weekly)
    with pytest.raises(InputError, match="needs 21 days"):
        fill("tchp", 7, given=weekly, patient=Patient(bsa_m2=1.5))  # 96 mg/m2
    dense = [ClinicalDose("doxorubicin", 0, 60, "mg/m2")]
    assert fill("ddac_thp", 14, given=dense)
    with pytest.raises(InputError, match="needs 21 days"):
        fill("ac_th", 14, given=dense)


def test_an_antibody_that_is_still_at_work_is_not_loaded_again():
    past = [ClinicalDose("trastuzumab", 0, 6, "mg/kg"), ClinicalDose("pertuzumab", 0, 420, "mg")]
    assert [dose.size for dose in fill("neosphere_hp", 28, given=past)[:2]] == [420, 6]
    assert [dose.size for dose in fill("neosphere_hp", 42, given=past)[:2]] == [840, 8]


def test_an_add_on_follows_its_backbone():
    doses = add_on(fill("tchp", 10), "add_pembrolizumab")
    added = [dose for dose in doses if dose.drug == "pembrolizumab"]
    assert [(dose.day - 10, dose.size) for dose in added] == [(day, 200) for day in Q3W]
    assert len(doses) == len(fill("tchp")) + 6
    with pytest.raises(InputError, match="stands alone"):
        add_on(doses, "tch")
    with pytest.raises(InputError, match="no doses to add"):
        add_on((), "add_atezolizumab")
    recent = [ClinicalDose("docetaxel", 0, 75, "mg/m2")]
    assert fill("add_pembrolizumab", 1, given=recent)


def test_the_order_of_a_day():
    first = [dose.drug for dose in fill("tchp") if dose.day == 0]
    assert first == ["pertuzumab", "trastuzumab", "docetaxel", "carboplatin"]
    mixed = [ClinicalDose(drug, 0, 1) for drug in ("cytotoxic", "taxol", "h", "perjeta", "keytruda")]
    assert [dose.drug for dose in in_order(mixed)] == ["perjeta", "h", "keytruda", "taxol", "cytotoxic"]


def cycles(doses, species="human"):
    return [(row.day, row.cycle, row.cycle_day) for row in calendar(doses, species=species)]


def test_cycles_of_a_calendar():
    assert [row.cycle for row in calendar(fill("tchp")) if row.drug == "docetaxel"] == [1, 2, 3, 4, 5, 6]
    dense = {(row.day, row.cycle, row.cycle_day) for row in calendar(fill("impassion050"))}
    assert {(0, 1, 1), (14, 2, 1), (42, 4, 1), (56, 5, 1), (63, 5, 8), (70, 5, 15), (77, 6, 1), (133, 8, 15)} <= dense
    weekly = [ClinicalDose("paclitaxel", day, 80, "mg/m2") for day in range(0, 63, 7)]
    assert [row[1:] for row in cycles(weekly)] == [(n, d) for n in (1, 2, 3) for d in (1, 8, 15)]
    late = [ClinicalDose("docetaxel", day, 75, "mg/m2") for day in (0, 25)]
    assert cycles(late) == [(0, 1, 1), (25, 2, 1)]
    # Atezolizumab every two weeks beside a backbone of three weeks begins no cycle.
    backbone = [*fill("tch"), *(ClinicalDose("atezolizumab", day, 840, "mg") for day in range(0, 99, 14))]
    assert {row.cycle for row in calendar(backbone) if row.drug == "docetaxel"} == {1, 2, 3, 4, 5, 6}
    assert [row.cycle_day for row in calendar(backbone) if row.day == 14] == [15]


def test_dates_of_a_calendar():
    rows = calendar(fill("tchp", 7), date(2026, 1, 5))
    assert (rows[0].date, rows[0].weekday) == (date(2026, 1, 12), "Monday")
    assert rows[-1].date == date(2026, 4, 27)
    assert (rows[0].drug, rows[0].dose) == ("pertuzumab", "840 mg")
    undated = calendar(fill("tchp"))
    assert {(row.date, row.weekday) for row in undated} == {(None, "")}
    with pytest.raises(InputError, match="no date of the calendar"):
        calendar(fill("tchp"), date(9999, 12, 1))
    assert calendar(()) == ()

"""Doses as they are prescribed: their tables, what they are in mg for a patient, and loading doses."""

import random

import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib import models, read_schedule
from HER2ImmunoModelLib.drugs.patients import Patient
from HER2ImmunoModelLib.treatments.clinical_doses import ClinicalDose, resolve
from HER2ImmunoModelLib.treatments.clinical_tables import (
    ClinicalSchedule,
    clinical_schedule_from_cells,
    read_clinical_schedule,
    read_clinical_schedules,
    write_clinical_schedule,
)
from HER2ImmunoModelLib.treatments.loading import apply_loading

MODEL = models.get("tivnh_treated")


def table(tmp_path, text: str, name: str = "s.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def amount(drug: str, size: float, unit: str, **patient):
    (dose,) = resolve([ClinicalDose(drug, 0, size, unit)], Patient(**patient))
    return dose


@pytest.mark.parametrize(
    ("drug", "size", "unit", "patient", "mg", "said"),
    [
        ("trastuzumab", 6, "mg/kg", {}, 408, "6 mg/kg x 68 kg (assumed) = 408 mg"),
        ("trastuzumab", 6, "mg/kg", {"weight_kg": 80}, 480, "6 mg/kg x 80 kg = 480 mg"),
        ("docetaxel", 75, "mg/m2", {}, 135, "75 mg/m2 x 1.8 m2 (assumed) = 135 mg"),
        # Mosteller: sqrt(180 x 80 / 3600) = 2 m2.
        ("docetaxel", 75, "mg/m2", {"height_cm": 180, "weight_kg": 80}, 150, "75 mg/m2 x 2 m2 (Mosteller) = 150 mg"),
        ("pertuzumab", 420, "mg", {"weight_kg": 120}, 420, "420 mg"),
        # The three doses of section 1 of the specification at AUC 6.
        ("carboplatin", 6, "AUC", {"gfr_ml_per_min": 60}, 510, "AUC 6 x (GFR 60 mL/min + 25) = 510 mg"),
        ("carboplatin", 6, "AUC", {}, 690, "AUC 6 x (GFR 90 mL/min (assumed) + 25) = 690 mg"),
        ("carboplatin", 6, "AUC", {"gfr_ml_per_min": 120}, 870, "AUC 6 x (GFR 120 mL/min + 25) = 870 mg"),
        # Cockcroft and Gault: (140 - 40) 72 / (72 x 1) x .85 = 85 mL/min.
        (
            "carboplatin",
            2,
            "AUC",
            {"age_years": 40, "weight_kg": 72, "creatinine_mg_per_dl": 1.0},
            220,
            "AUC 2 x (GFR 85 mL/min (Cockcroft-Gault) + 25) = 220 mg",
        ),
        ("trastuzumab", 0.5, "rel", {}, 204, "0.5 full doses = 3 mg/kg x 68 kg (assumed) = 204 mg"),
        ("t-dm1", 1, "", {"weight_kg": 70}, 252, "1 full dose = 3.6 mg/kg x 70 kg = 252 mg"),
    ],
)
def test_a_dose_in_mg_and_where_it_comes_from(drug, size, unit, patient, mg, said):
    dose = amount(drug, size, unit, **patient)
    assert (dose.drug, dose.said) == (drug, said)
    assert dose.mg == pytest.approx(mg, rel=1e-12)


def test_a_gfr_over_the_cap_counts_as_the_cap_and_is_told():
    dose = amount("carboplatin", 6, "AUC", gfr_ml_per_min=150)
    assert (dose.amount, dose.unit, dose.mg) == (6, "AUC", 900)
    assert "125 mL/min, the cap of the label for a GFR of 150" in dose.said
    given = amount("carboplatin", 900, "mg", gfr_ml_per_min=150)
    assert (given.amount, given.unit, given.mg) == (6, "AUC", 900)


def test_a_mouse_has_the_weight_of_a_mouse_and_its_own_drugs():
    (dose,) = resolve([ClinicalDose("doxorubicin", 4, 1.5, "mg/kg")], None, "mouse")
    assert dose.mg == pytest.approx(1.5 * 0.0225)
    assert "0.0225 kg (assumed)" in dose.said
    with pytest.raises(InputError, match="pertuzumab"):
        resolve([ClinicalDose("pertuzumab", 0, 420, "mg")], None, "mouse")
    with pytest.raises(InputError, match="subject is a human"):
        resolve([ClinicalDose("doxorubicin", 0, 1.5, "mg/kg")], Patient(), "mouse")


def test_a_table_with_units(tmp_path):
    path = table(
        tmp_path,
        "Drug;Day;Dose;Unit\nHerceptin;0;8;MG/KG\nperjeta;0;840;mg\nDocetaxel;0,5;75;mg/m²\ncarboplatin;0;6;auc\n"
        "cytotoxic;3;0,5;\npaclitaxel;4;3;rel\n",
    )
    assert read_clinical_schedule(path, MODEL).doses == (
        ClinicalDose("trastuzumab", 0, 8, "mg/kg"),
        ClinicalDose("pertuzumab", 0, 840, "mg"),
        ClinicalDose("docetaxel", 0.5, 75, "mg/m2"),
        ClinicalDose("carboplatin", 0, 6, "AUC"),
        ClinicalDose("cytotoxic", 3, 0.5, ""),
        ClinicalDose("paclitaxel", 4, 3, "rel"),
    )


@pytest.mark.parametrize(
    ("header", "unit"),
    [("dose (mg/kg)", "mg/kg"), ("dose_mg_kg", "mg/kg"), ("dose [mg]", "mg"), ("Dose mg", "mg")],
)
def test_a_column_of_doses_may_say_its_unit(tmp_path, header, unit):
    path = table(tmp_path, f"drug,day,{header}\ntrastuzumab,0,440\n")
    assert read_clinical_schedule(path).doses == (ClinicalDose("trastuzumab", 0, 440, unit),)


def test_a_table_without_units_is_read_as_ever(tmp_path):
    path = table(tmp_path, "drug,day,dose\ncytotoxic,8,0.1\nTrastuzumab,0.3333333333333333,2\nb,1,0\n", "plan.csv")
    schedule = read_clinical_schedule(path, MODEL)
    assert schedule.is_relative
    assert schedule.as_schedule() == read_schedule(path, MODEL)
    full = table(tmp_path, "drug,day,full_doses\ncytotoxic,8,440\n", "full.csv")
    assert read_clinical_schedule(full).as_schedule() == read_schedule(full)


def test_the_reading_of_full_doses_still_refuses_units(tmp_path):
    with pytest.raises(InputError, match="gives doses a unit"):
        read_schedule(table(tmp_path, "drug,day,dose,unit\ntrastuzumab,0,6,mg/kg\n"))


def test_several_schedules_of_one_table(tmp_path):
    path = table(tmp_path, "schedule,drug,day,dose,unit\nA,h,0,8,mg/kg\nB,h,1,4,mg/kg\nA,h,21,6,mg/kg\n")
    first, second = read_clinical_schedules(path)
    assert (first.name, [dose.size for dose in first.doses]) == ("A", [8, 6])
    assert (second.name, [dose.day for dose in second.doses]) == ("B", [1])


def test_table_round_trip(tmp_path):
    doses = (
        ClinicalDose("trastuzumab", 1 / 3, 8, "mg/kg"),
        ClinicalDose("carboplatin", 0, 0.1 + 0.2, "AUC"),
        ClinicalDose("docetaxel", 2, 1, ""),
        ClinicalDose("docetaxel", 23, 4, "rel"),
    )
    schedule = ClinicalSchedule(doses, "plan")
    write_clinical_schedule(tmp_path / "plan.csv", schedule)
    assert read_clinical_schedule(tmp_path / "plan.csv") == schedule


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("trastuzumab,0,440,", "row 3, column dose is 440, more than 2 full doses, and has no unit; give mg, mg/kg"),
        ("trastuzumab,0,-6,mg/kg", "row 3, column dose is -6"),
        ("trastuzumab,0,-1,", "row 3, column dose is -1"),
        ("trastuzumab,0,6,AUC", "row 3, column unit.*trastuzumab is given in mg/kg or mg"),
        ("pertuzumab,0,6,mg/kg", "row 3, column unit.*pertuzumab is given in mg;"),
        ("trastuzumab,0,6,IU", "row 3, column unit holds 'IU'; give mg, mg/kg, mg/m2, AUC, or rel"),
        ("trastuzumabb,0,6,mg/kg", "row 3, column drug.*trastuzumabb.*did you mean trastuzumab"),
        (",0,6,mg/kg", "row 3, column drug is empty"),
        ("trastuzumab,0,six,mg/kg", "row 3, column dose holds 'six'"),
        ("trastuzumab,,6,mg/kg", "row 3, column day"),
        ("trastuzumab,45000,6,mg/kg", "row 3, column day.*spreadsheet"),
        ("aspirin,0,1,", "row 3, column drug.*aspirin"),
    ],
)
def test_a_dose_that_cannot_be_is_refused_with_its_row(tmp_path, row, words):
    path = table(tmp_path, f"drug,day,dose,unit\ntrastuzumab,0,8,mg/kg\n{row}\n")
    with pytest.raises(InputError, match=words) as error:
        read_clinical_schedule(path, MODEL)
    assert str(error.value).count(". ") == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("drug,day,dose,dose_mg\nh,0,8,8\n", "both hold doses"),
        ("drug,day,dose_mg,unit\nh,0,8,mg\n", "both give units"),
        ("drug,day,full_doses,unit\nh,0,8,mg\n", "counts full doses"),
        ("drug,day,unit\nh,0,mg\n", "lacks the column 'dose'"),
    ],
)
def test_a_table_whose_columns_contradict_each_other_is_refused(tmp_path, text, words):
    with pytest.raises(InputError, match=words):
        read_clinical_schedule(table(tmp_path, text))


def test_cells_of_a_table_on_screen_name_their_row():
    with pytest.raises(InputError, match="row 7, column dose is 440"):
        clinical_schedule_from_cells(["drug", "day", "dose", "unit"], [["h", "0", "440", ""]], "Treatment", first_row=7)


def test_any_table_is_read_or_refused_naming_it():
    draw = random.Random(13)
    words = [
        "",
        "h",
        "cytotoxic",
        "docetaxel",
        "0",
        "21",
        "-1",
        "6",
        "440",
        "1e400",
        "nan",
        "mg",
        "mg/kg",
        "AUC",
        "rel",
        "g",
    ]
    likely = {"drug": ("h", "docetaxel"), "day": ("0", "21"), "unit": ("mg", "mg/kg", ""), "schedule": ("A", "B")}
    names = ("dose", "unit", "schedule", "dose_mg", "full_doses", "units", "Dose (mg/kg)", "note", "drug")
    read, refused = 0, []
    for _ in range(2000):
        header = ["drug", "day", *draw.sample(names, draw.randint(1, 3))]
        lines = [
            [draw.choice(words if draw.random() < 0.1 else likely.get(name, ("1", "6"))) for name in header]
            for _ in range(draw.randint(1, 3))
        ]
        try:
            schedule = clinical_schedule_from_cells(header, lines, "Treatment", draw.choice((MODEL, None)))
        except InputError as error:
            refused.append(str(error))
        else:
            read += 1
            assert len(schedule.doses) == len(lines)
    assert not [sentence for sentence in refused if "Treatment" not in sentence]
    assert min(read, len(refused)) > 100


@pytest.mark.parametrize("fields", [{"weight_kg": 680}, {"age_years": -5}, {"gfr_ml_per_min": 900}])
def test_what_no_patient_has_is_refused(fields):
    with pytest.raises(InputError, match="of the patient is"):
        Patient(**fields)


@pytest.mark.parametrize(
    ("day", "size", "unit"), [(float("nan"), 1, ""), (0, -1, "mg"), (0, float("inf"), "mg"), (0, 1, "g")]
)
def test_a_dose_that_is_none_is_refused(day, size, unit):
    with pytest.raises(InputError, match="trastuzumab"):
        ClinicalDose("trastuzumab", day, size, unit)


def sizes(drug: str, days, size: float, unit: str, given=()):
    loaded = apply_loading([ClinicalDose(drug, day, size, unit) for day in days], given=given)
    assert len(loaded.said) == sum(dose.size != size for dose in loaded.doses)
    return [dose.size for dose in loaded.doses]


def test_the_first_dose_is_the_loading_dose():
    assert sizes("trastuzumab", [0, 21, 42], 6, "mg/kg") == [8, 6, 6]
    assert sizes("trastuzumab", [0, 7, 14], 2, "mg/kg") == [4, 2, 2]
    assert sizes("pertuzumab", [21, 0], 420, "mg") == [420, 840]
    assert sizes("t-dm1", [0, 21], 3.6, "mg/kg") == [3.6, 3.6]


def test_a_late_dose_is_a_loading_dose_again():
    # Herceptin: late by more than one week; Perjeta: 6 weeks or more since the last dose.
    assert sizes("trastuzumab", [0, 28, 57], 6, "mg/kg") == [8, 6, 8]
    assert sizes("trastuzumab", [0, 14, 29], 2, "mg/kg") == [4, 2, 4]
    assert sizes("pertuzumab", [0, 41, 83], 420, "mg") == [840, 420, 840]


def test_doses_given_before_make_a_later_one_no_first():
    last = [ClinicalDose("herceptin", -7, 2, "mg/kg")]
    assert sizes("trastuzumab", [0, 21], 6, "mg/kg", last) == [6, 6]
    assert sizes("trastuzumab", [8, 29], 6, "mg/kg", last) == [8, 6]


def test_a_loading_dose_says_why():
    doses = [ClinicalDose("trastuzumab", day, 6, "mg/kg") for day in (0, 29)]
    first, late = apply_loading(doses).said
    assert first == (
        "trastuzumab on day 0: the loading dose of 8 mg/kg instead of 6 mg/kg, as it is the first (label: Herceptin, "
        "EU and US)."
    )
    assert "on day 29: the loading dose of 8 mg/kg" in late
    assert "29 days before, more than 28 (label: Herceptin" in late


def test_other_sizes_and_full_doses_are_left_alone():
    doses = (ClinicalDose("trastuzumab", 0, 5, "mg/kg"), ClinicalDose("pertuzumab", 0, 1))
    assert apply_loading(doses).doses == doses
    assert apply_loading(doses).said == ()

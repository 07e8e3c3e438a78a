"""Schedules: tables, merging of doses, analytic amounts, standard candidates."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib import (
    Dose,
    Schedule,
    models,
    read_schedule,
    repeated,
    simulate,
    standard_candidates,
    write_schedule,
)
from HER2ImmunoModelLib.treatments.pharmacokinetics import amount_at

MODEL = models.get("tivnh_treated")
DOSES = (Dose("cytotoxic", 8, 1.0), Dose("trastuzumab", 0, 1.0), Dose("trastuzumab", 4, 0.5))


def volume(doses):
    return simulate(MODEL, {}, [0, 14, 28], schedule=Schedule(doses)).states["T"]


def test_amount_is_the_sum_of_decaying_doses():
    day = np.array([-1.0, 0.0, 3.0, 4.0, 10.0])
    expected = np.where(day >= 0, np.exp(-0.1 * day), 0.0) + np.where(day >= 4, 0.5 * np.exp(-0.1 * (day - 4)), 0.0)
    np.testing.assert_allclose(amount_at(Schedule(DOSES), MODEL, "trastuzumab", 0.1, day), expected, rtol=1e-14)


def test_permuting_rows_changes_nothing():
    np.testing.assert_array_equal(volume(DOSES), volume(DOSES[::-1]))


def test_splitting_a_dose_over_coincident_rows_changes_nothing():
    split = (*DOSES[1:], Dose("cytotoxic", 8, 0.25), Dose("Chemotherapy", 8, 0.75))
    np.testing.assert_array_equal(volume(DOSES), volume(split))


def test_a_dose_of_zero_changes_nothing():
    np.testing.assert_array_equal(volume(DOSES), volume((*DOSES, Dose("cytotoxic", 3, 0.0))))


def test_a_dose_before_the_start_keeps_acting():
    early = simulate(MODEL, {}, [0, 14], schedule=Schedule((Dose("cytotoxic", -2),))).states["T"]
    same = simulate(MODEL, {}, [0, 14], schedule=Schedule((Dose("cytotoxic", 0, np.exp(-1.4)),))).states["T"]
    np.testing.assert_allclose(early, same, rtol=1e-6)


def test_table_round_trip(tmp_path):
    schedule = Schedule((Dose("paclitaxel", 1 / 3, 0.1), Dose("trastuzumab", 0, 1)), "plan")
    write_schedule(tmp_path / "plan.csv", schedule)
    assert read_schedule(tmp_path / "plan.csv", MODEL) == schedule


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("aspirin,0,1", "row 3, column drug.*aspirin"),
        (",0,1", "row 3, column drug is empty"),
        ("cytotoxic,0,-1", "row 3, column dose is -1"),
        ("cytotoxic,0,full", "row 3, column dose holds 'full'"),
        ("cytotoxic,soon,1", "row 3, column day holds 'soon'"),
        ("cytotoxic,0,nan", "row 3, column dose holds 'nan'.*finite"),
        ("cytotoxic,inf,1", "row 3, column day"),
        ("cytotoxic,0", "row 3, column dose"),
    ],
)
def test_bad_table_names_row_and_column(tmp_path, row, words):
    path = tmp_path / "s.csv"
    path.write_text(f"drug,day,dose\ntrastuzumab,0,1\n{row}\n")
    with pytest.raises(InputError, match=words):
        read_schedule(path, MODEL)


def test_table_without_a_column_or_file(tmp_path):
    (tmp_path / "s.csv").write_text("drug,day\ncytotoxic,0\n")
    with pytest.raises(InputError, match="lacks the column 'dose'"):
        read_schedule(tmp_path / "s.csv")
    with pytest.raises(InputError, match="cannot be read"):
        read_schedule(tmp_path / "none.csv")


@pytest.mark.parametrize("numbers", [(0, -1), (np.nan, 1), (0, np.inf)])
def test_a_dose_is_a_finite_number(numbers):
    with pytest.raises(InputError, match="cytotoxic"):
        Dose("cytotoxic", *numbers)


def test_standard_candidates_give_the_same_doses():
    candidates = standard_candidates(start_day=5, interval_day=7, doses=3, dose=0.8)
    assert [c.name for c in candidates] == [
        "Trastuzumab then chemotherapy",
        "Chemotherapy then trastuzumab",
        "Trastuzumab and chemotherapy together",
        "Trastuzumab alone",
        "Chemotherapy alone",
        "No treatment",
    ]
    for drug in ("trastuzumab", "cytotoxic"):
        totals = [sum(d.dose for d in c.doses if d.drug == drug) for c in candidates]
        assert [total for total in totals if total] == pytest.approx([2.4] * 4)
    assert min(dose.day for c in candidates for dose in c.doses) == 5
    assert repeated("cytotoxic", ()) == ()

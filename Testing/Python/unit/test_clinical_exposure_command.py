"""`her2immuno exposure`: its summary, its files, and what it refuses."""

import csv
import json

import pytest
from HER2ImmunoCommonLib import charts
from HER2ImmunoStudyLib.cli import main


@pytest.fixture
def exposure(tmp_path):
    """Run the command and give its summary."""

    def run(*words: str, code: int = 0) -> dict:
        out, summary = str(tmp_path / "out"), tmp_path / "summary.json"
        assert main(["exposure", *words, "--out", out, "--json", str(summary), "--quiet"]) == code
        return json.loads(summary.read_text())

    return run


@pytest.fixture
def table(tmp_path):
    """A table of doses."""

    def write(*rows: str) -> str:
        path = tmp_path / "doses.csv"
        path.write_text("\n".join(["drug,day,dose,unit", *rows]) + "\n")
        return str(path)

    return write


def rows_of(path):
    with path.open() as stream:
        return list(csv.DictReader(stream))


def test_a_regimen_has_the_exposures_of_the_label(exposure, tmp_path):
    summary = exposure("--regimen", "tchp")
    drugs = summary["drugs"]
    assert set(drugs) == {"trastuzumab", "pertuzumab", "docetaxel", "carboplatin"}
    first = drugs["trastuzumab"]["doses"][0]
    assert set(first) == {"day", "dose_mg", "peak", "trough", "auc"}
    assert drugs["trastuzumab"]["unit"] == "mg/L"
    assert first["dose_mg"] == 544
    assert first["peak"] == pytest.approx(176, rel=0.03)
    assert first["trough"] == pytest.approx(30.9, rel=0.03)
    assert first["auc"] == pytest.approx(1390, rel=0.03)
    assert [dose["day"] for dose in drugs["docetaxel"]["doses"]] == [0, 21, 42, 63, 84, 105]
    assert drugs["docetaxel"]["doses"][0]["auc"] == pytest.approx(3.06, rel=0.01)
    assert drugs["carboplatin"]["doses"][0]["dose_mg"] == 690
    assert drugs["carboplatin"]["doses"][0]["auc"] == pytest.approx(6.0)
    assumed = {row["covariate"]: row["value"] for row in summary["assumed"]}
    assert assumed == {"weight": 68, "body surface area": 1.8, "GFR": 90, "albumin": 4, "lean body mass": 48}
    rows = rows_of(tmp_path / "out" / "exposures.csv")
    assert float(rows[0]["auc"]) == drugs[rows[0]["drug"]]["doses"][0]["auc"]
    curves = rows_of(tmp_path / "out" / "concentrations.csv")
    assert {row["drug"] for row in curves} == set(drugs)
    if charts.can_draw():
        assert "<svg" in (tmp_path / "out" / "trastuzumab.svg").read_text()


def test_a_table_with_units_for_a_patient(exposure, table):
    doses = table("trastuzumab,0,8,mg/kg", "trastuzumab,21,6,mg/kg", "carboplatin,0,6,AUC", "pertuzumab,0,1,rel")
    patient = ("--weight", "80", "--height", "180", "--age", "60", "--creatinine", "0.8", "--sex", "male")
    summary = exposure("--schedule", doses, *patient)
    drugs = summary["drugs"]
    assert [dose["dose_mg"] for dose in drugs["trastuzumab"]["doses"]] == [640, 480]
    # GFR 111 by Cockcroft and Gault.
    assert drugs["carboplatin"]["doses"][0]["dose_mg"] == pytest.approx(6 * (80 * 80 / (72 * 0.8) + 25))
    assert drugs["pertuzumab"]["doses"][0]["dose_mg"] == 420
    assert {row["covariate"] for row in summary["assumed"]} == {"albumin", "lean body mass"}
    assert any("trastuzumab on day 21: 6 mg/kg" in text for text in summary["provenance"])


def test_a_gfr_over_the_cap_of_the_label_is_said(exposure, table):
    summary = exposure("--schedule", table("carboplatin,0,6,AUC"), "--gfr", "160")
    assert summary["drugs"]["carboplatin"]["doses"][0]["dose_mg"] == 900
    assert any("160" in text and "125" in text for text in summary["warnings"])


def test_doses_that_break_a_limit_are_said(exposure, table):
    summary = exposure("--schedule", table("trastuzumab,0,44,mg/kg", "trastuzumab,7,6,mg/kg"))
    assert any("44" in text and "label" in text for text in summary["warnings"])
    assert any("day 7" in text and "21" in text for text in summary["warnings"])
    # The trial gave what the label warns of.
    assert not exposure("--regimen", "train2_fec")["warnings"]


def test_loading_doses_are_given_where_it_is_asked(exposure, table):
    doses = table("trastuzumab,0,6,mg/kg", "trastuzumab,21,6,mg/kg", "trastuzumab,60,6,mg/kg")
    plain = exposure("--schedule", doses)["drugs"]["trastuzumab"]["doses"]
    loaded = exposure("--schedule", doses, "--loading")
    assert [dose["dose_mg"] for dose in plain] == [408, 408, 408]
    assert [dose["dose_mg"] for dose in loaded["drugs"]["trastuzumab"]["doses"]] == [544, 408, 544]
    assert len(loaded["loading"]) == 2


def test_another_set_of_parameters_is_taken_and_said(exposure, table, tmp_path):
    doses = table("trastuzumab,0,544,mg")
    default, other = (exposure("--schedule", doses, *more) for more in ((), ("--set", "herceptin=q19")))
    peaks = [each["drugs"]["trastuzumab"]["doses"][0]["peak"] for each in (default, other)]
    assert peaks[1] / peaks[0] == pytest.approx(3.09 / 2.62, rel=0.01)
    assert other["drugs"]["trastuzumab"]["set"] == "q19"
    assert any("too wide" in text for text in other["remarks"])
    assert {row["covariate"] for row in other["assumed"]} == {"weight", "AST", "albumin"}
    record = json.loads((tmp_path / "out" / "exposures.csv.json").read_text())
    assert record["settings"]["sets"] == {"trastuzumab": "q19"}


def test_an_add_on_and_a_sex_that_is_not_known(exposure):
    summary = exposure("--regimen", "neosphere_thp", "--add", "add_pembrolizumab")
    assert len(summary["drugs"]["pembrolizumab"]["doses"]) == 4
    assert {"covariate": "sex", "value": None, "unit": ""} in summary["assumed"]
    woman = exposure("--regimen", "neosphere_thp", "--add", "add_pembrolizumab", "--sex", "female")
    found = [each["drugs"]["pembrolizumab"]["doses"][0]["auc"] for each in (summary, woman)]
    assert found[0] < found[1]


def test_mice_have_their_own_drugs_and_what_has_no_kinetics_is_said(exposure):
    summary = exposure("--regimen", "mouse_io")
    assert summary["drugs"]["anti-pd-1"]["doses"][0]["dose_mg"] == pytest.approx(0.225)
    assert summary["drugs"]["paclitaxel"]["doses"][0]["peak"] is None
    assert any("Paclitaxel in the mouse are not known" in text for text in summary["warnings"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--regimen", "tchpp"], "tchpp"),
        (["--regimen", "tchp", "--weight", "680"], "The weight of the patient is"),
        (["--regimen", "tchp", "--age", "-3"], "-3 years"),
        (["--regimen", "tchp", "--set", "trastuzumab=q20"], "q20"),
        (["--regimen", "tchp", "--set", "trastuzumb=q19"], "mean trastuzumab"),
        (["--regimen", "tchp", "--set", "t-dm1=lu"], "no dose"),
        (["--regimen", "tchp", "--set", "trastuzumab"], "KEY=VALUE"),
        (["--regimen", "tchp", "--loading"], "leave out --loading"),
        (["--regimen", "mouse_io", "--species", "human"], "mouse"),
        (["--regimen", "mouse_io", "--weight", "70"], "leave out"),
        (["--schedule", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_what_it_refuses_is_one_sentence(exposure, words, said):
    error = exposure(*words, code=2)["error"]
    assert said in error
    assert "\n" not in error


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("trastuzumab,0,440,", "row 2"),
        ("trastuzumab,0,75,mg/m2", "mg/m2"),
        ("pertuzumab,0,6,mg/kg", "mg/kg"),
        ("trastuzumab,0,-6,mg/kg", "-6"),
        ("aspirin,0,100,mg", "aspirin"),
        ("trastuzumab,0,0,mg/kg", "no dose"),
    ],
)
def test_doses_that_cannot_be(exposure, table, row, said):
    assert said in exposure("--schedule", table(row), code=2)["error"]


def test_a_table_has_its_own_days(exposure, table):
    error = exposure("--schedule", table("trastuzumab,0,8,mg/kg"), "--start-day", "7", code=2)["error"]
    assert "--start-day" in error

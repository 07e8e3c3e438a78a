"""The command regimens: the list, a regimen in mg for a patient with its calendar and limits, and bad input."""

import csv
import json

import pytest
from HER2ImmunoModelLib.regimens import fill
from HER2ImmunoModelLib.regimens.regimen_library import REGIMENS
from HER2ImmunoModelLib.treatments import read_clinical_schedule
from HER2ImmunoStudyLib.cli import main


def run(tmp_path, *words):
    """Exit code and summary."""
    path = tmp_path / "summary.json"
    code = main(["regimens", *words, "--json", str(path)])
    return code, json.loads(path.read_text(encoding="utf-8"))


def test_the_list_has_every_regimen_with_its_source(tmp_path, capsys):
    code, summary = run(tmp_path)
    assert code == 0
    assert [entry["key"] for entry in summary["regimens"]] == [regimen.key for regimen in REGIMENS]
    assert all(entry["source"] and entry["mark"] for entry in summary["regimens"])
    assert "tchp " in capsys.readouterr().out
    _, mice = run(tmp_path, "--species", "mouse")
    assert {entry["species"] for entry in mice["regimens"]} == {"mouse"}


def test_a_regimen_in_mg_for_a_patient(tmp_path, capsys):
    code, summary = run(tmp_path, "tchp", "--weight", "80", "--height", "180", "--gfr", "60", "--start-day", "7")
    assert code == 0
    first = {dose["drug"]: dose["dose_mg"] for dose in summary["doses"] if dose["day"] == 7}
    assert first == pytest.approx({"pertuzumab": 840, "trastuzumab": 640, "docetaxel": 150, "carboplatin": 510})
    assert summary["broken"] == []
    assert summary["assumed"] == []
    limits = {(limit["rule"], limit["drug"]): limit for limit in summary["limits"]}
    assert limits["largest dose", "docetaxel"]["value"] == "100 mg/m2"
    assert limits["largest dose", "docetaxel"]["source"] == "label: Taxotere"
    shown = capsys.readouterr().out
    assert "8 mg/kg x 80 kg = 640 mg" in shown
    assert "AUC 6 x (GFR 60 mL/min + 25) = 510 mg" in shown
    assert "The doses keep every limit." in shown


def test_what_is_assumed_is_shown(tmp_path, capsys):
    _, summary = run(tmp_path, "tchp")
    assert {row["covariate"]: row["value"] for row in summary["assumed"]} == {
        "weight": 68,
        "body surface area": 1.8,
        "GFR": 90,
    }
    shown = capsys.readouterr().out
    assert "6 mg/kg x 68 kg (assumed) = 408 mg" in shown
    assert "Assumed: body surface area 1.8 m2, GFR 90 mL/min, weight 68 kg" in shown


def test_the_calendar_on_screen_and_no_date_in_the_summary(tmp_path, capsys):
    _, summary = run(tmp_path, "ddac_thp", "--start-date", "2026-03-31")
    assert "2026-04-14 Tue   2 d1   doxorubicin" in capsys.readouterr().out
    assert {dose["weekday"] for dose in summary["doses"]} == {"Tuesday"}
    assert (summary["doses"][-1]["cycle"], summary["doses"][-1]["cycle_day"]) == (8, 15)
    assert "2026" not in json.dumps(summary)


def test_a_regimen_becomes_a_table_of_doses(tmp_path):
    path = tmp_path / "plan.csv"
    code, summary = run(tmp_path, "tch", "--add", "add_pembrolizumab", "--out", str(path))
    assert (code, summary["files"]) == (0, {"doses": str(path)})
    with path.open(encoding="utf-8") as stream:
        assert next(csv.reader(stream)) == ["drug", "day", "dose", "unit"]
    doses = read_clinical_schedule(path).doses
    assert [dose for dose in doses if dose.drug != "pembrolizumab"] == list(fill("tch"))
    assert len(doses) == len(fill("tch")) + 6


def test_limits_that_the_history_breaks_are_warnings(tmp_path, capsys):
    words = ["--prior-doxorubicin", "400", "--lvef-entry", "50", "--neutrophils=-1=0.9", "--gfr", "150"]
    code, summary = run(tmp_path, "ac_th", *words)
    assert code == 0
    assert {broken["rule"] for broken in summary["broken"]} == {
        "cumulative anthracycline",
        "LVEF at entry",
        "blood count",
    }
    shown = capsys.readouterr().out
    assert "Warning: Cumulative anthracycline: with doxorubicin on day 0" in shown
    assert "GFR" not in shown
    _, capped = run(tmp_path, "tchp", "--gfr", "150")
    assert capped["warnings"] == ["The GFR of 150 mL/min counts as 125, the cap of the label of carboplatin."]


def test_the_exception_of_a_trial_is_said(tmp_path, capsys):
    _, summary = run(tmp_path, "train2_fec")
    assert summary["broken"] == []
    assert [each["day"] for each in summary["excepted"]] == [0, 21, 42]
    shown = capsys.readouterr().out
    assert "Excepted, as the trial gave it: Anthracycline with or after anti-HER2: epirubicin on day 0" in shown
    assert "The doses keep every other limit." in shown


def test_mice_have_their_own_weight(tmp_path):
    code, summary = run(tmp_path, "mouse_seq", "--start-day", "35")
    assert code == 0
    assert [(dose["drug"], dose["day"]) for dose in summary["doses"]] == [
        ("trastuzumab", 35),
        ("trastuzumab", 38),
        ("doxorubicin", 39),
    ]
    assert summary["doses"][0]["dose_mg"] == pytest.approx(0.225)
    assert summary["limits"] == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["tchpp"], "did you mean 'tchp'"),
        (["aptneo"], "no regimen 'aptneo'"),
        (["mouse_seq", "--species", "human"], "is for a mouse, not a human"),
        (["mouse_seq", "--weight", "70"], "leave out the options of a patient"),
        (["tchp", "--species", "mouse"], "is for a human, not a mouse"),
        (["tchp", "--weight", "680"], "weight of the patient is 680"),
        (["tchp", "--age=-3"], "age of the patient is -3"),
        (["tchp", "--lvef", "84"], "write DAY=VALUE"),
        (["tchp", "--lvef", "84=640"], "LVEF on day 84 is 640"),
        (["tchp", "--add", "tch"], "stands alone"),
        (["--out", "plan.csv"], "No regimen is named"),
        (["tchp", "--start-date", "0001-01-01", "--start-day", "30"], "no date"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path, capsys, words, sentence):
    code, summary = run(tmp_path, *words)
    assert (code, summary["status"]) == (2, "error")
    # On screen, as the summary holds no weight.
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said


def test_a_start_inside_the_last_interval_is_refused(tmp_path):
    given = tmp_path / "given.csv"
    given.write_text("drug,day,dose,unit\ndocetaxel,0,75,mg/m2\n", encoding="utf-8")
    code, summary = run(tmp_path, "katherine", "--given", str(given), "--start-day", "10")
    assert code == 2
    assert "starts on day 10, but docetaxel of day 0 needs 21 days" in summary["error"]
    code, _ = run(tmp_path, "katherine", "--given", str(given), "--start-day", "21")
    assert code == 0


def test_a_word_that_is_no_date_ends_the_program(capsys):
    with pytest.raises(SystemExit):
        main(["regimens", "tchp", "--start-date", "31.3.2026"])
    assert "write it as 2026-03-30" in capsys.readouterr().err

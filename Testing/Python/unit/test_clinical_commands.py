"""`rank`, `optimize` and `simulate` with regimens, doses in units, limits, and the patient whom they are for."""

import csv
import json

import pytest
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Dose, Schedule, calibrate, models, simulate
from HER2ImmunoModelLib.drugs import Patient
from HER2ImmunoModelLib.limits import History, check_limits
from HER2ImmunoModelLib.regimens import regimen_schedule
from HER2ImmunoModelLib.treatments import prescribe, read_clinical_schedule, read_schedule, resolve
from HER2ImmunoStudyLib.cli import main


def saved(folder, name, species="human", given=None):
    model = models.get("tivnh_treated", species)
    course = simulate(model, {}, [0.0, 21.0], schedule=given or Schedule())
    visits = [
        Measurement(f"V{i}", day, {c: float(course.states[s][0, i]) for s, c in model.observables.items()})
        for i, day in enumerate((0.0, 21.0))
    ]
    fit = calibrate(model, visits, schedule=given, free=("g", "mu_V", "k_P", "T0", "V0"), prior_draws=64)
    fit.save(folder / f"{name}.json")
    return str(folder / f"{name}.json")


@pytest.fixture(scope="module")
def fits(tmp_path_factory):
    """Calibrations of a subject seen on days 0 and 21: untreated, after trastuzumab on day 0, and a mouse."""
    folder = tmp_path_factory.mktemp("fits")
    return {
        "untreated": saved(folder, "untreated"),
        "treated": saved(folder, "treated", given=Schedule((Dose("trastuzumab", 0.0),))),
        "mouse": saved(folder, "mouse", "mouse"),
    }


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a command that must go well; gives its summary and the folder of the results."""
    monkeypatch.chdir(tmp_path)

    def answered(*words):
        out = tmp_path / "out"
        assert main([*words, "--out", str(out), "--json", "summary.json", "--quiet"]) == 0
        return json.loads((tmp_path / "summary.json").read_text(encoding="utf-8")), out

    return answered


FEW = ("--draws", "8", "--gap-curve", "0")
FEW_STEPS = (*FEW, "--iterations", "1")


def rows_of(path):
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_regimens_are_ranked_for_the_patient_with_a_line_for_each_dose(fits, run):
    words = ["--regimen", "tchp", "--regimen", "tch@28", "--regimen", "neosphere_thp+pembrolizumab"]
    summary, out = run("rank", fits["untreated"], *words, "--body-weight", "80", "--gfr", "60", *FEW)
    names = {row["schedule"]["name"] for row in summary["ranking"]}
    assert names == {"tchp", "tch@28", "neosphere_thp+pembrolizumab"}
    assert summary["limits"] is True
    assert "carboplatin on day 21: AUC 6 x (GFR 60 mL/min + 25) = 510 mg" in summary["provenance"]["tchp"]
    assert any(line.startswith("pembrolizumab on day 42: 200 mg") for line in summary["provenance"][words[-1]])
    assert summary["horizon_day"] == 28 + 105 + 28
    assert {row["covariate"] for row in summary["assumed"]} >= {"body surface area", "albumin"}
    assert "GFR" not in {row["covariate"] for row in summary["assumed"]}
    assert any(line.startswith("Trastuzumab: central; 408 mg") for line in summary["exposures"])
    record = json.loads((out / "ranking.csv.json").read_text(encoding="utf-8"))
    assert record["inputs"]["doses"]["tchp"] == summary["provenance"]["tchp"]
    assert record["settings"]["regimen"] == words[1::2]
    assert record["settings"]["patient"]["gfr_ml_per_min"] == 60
    first = {row["drug"]: row["amount"] for row in summary["ranking"][0]["schedule"]["prescribed"]}
    assert first["pertuzumab" if "pertuzumab" in first else "trastuzumab"] > 100


def test_the_table_of_a_ranking_has_the_burdens_of_doses_in_units(fits, run):
    words = ["--regimen", "neosphere_thp", "--regimen", "tchp", *FEW]
    summary, out = run("rank", fits["untreated"], *words)
    rows = {row["schedule"]: row for row in rows_of(out / "ranking.csv")}
    assert float(rows["neosphere_thp"]["days_neutrophils_below_0.5"]) > 1
    assert rows["tchp"]["days_neutrophils_below_0.5"] == ""
    assert rows["tchp"]["visits"] == "6.0"
    assert {row["penalty"] for row in rows.values()} == {"0.0"}
    assert any("no parameters are confirmed for carboplatin" in text for text in summary["warnings"])
    summary, out = run("rank", fits["untreated"], *words, "--weigh", "weeks=1000")
    best = summary["ranking"][0]
    assert best["schedule"]["name"] == "neosphere_thp"
    assert best["penalty"] == pytest.approx(1000 * (63 + 28) / 7)


def test_plain_tables_in_full_doses_give_what_they_gave(fits, run, tmp_path):
    table = written(tmp_path / "plain.csv", "drug,day,dose\ntrastuzumab,21,1\ncytotoxic,23,1\ntrastuzumab,24,1\n")
    for words in ([], ["--candidate", table], ["--candidate", table, "--no-limits"]):
        summary, out = run("rank", fits["untreated"], *words, *FEW)
        assert not {"limits", "exposures", "provenance", "prescription"} & set(summary)
        assert summary["horizon_day"] == 63
        assert "visits" not in rows_of(out / "ranking.csv")[0]
        assert summary["excluded"] == []
    same = written(
        tmp_path / "same.csv", "drug,day,dose,unit\ntrastuzumab,21,1,\ncytotoxic,23,1,rel\ntrastuzumab,24,1,rel\n"
    )
    other, _ = run("rank", fits["untreated"], "--candidate", same, *FEW)
    for row, twin in zip(summary["ranking"], other["ranking"], strict=True):
        assert {**row, "schedule": None} == {**twin, "schedule": None}


def test_what_breaks_a_limit_is_left_out_with_the_source_unless_limits_are_off(fits, run, tmp_path):
    text = "schedule,drug,day,dose,unit\nsoon,docetaxel,21,75,mg/m2\nsoon,docetaxel,28,75,mg/m2\n"
    table = written(tmp_path / "mine.csv", text + "apart,docetaxel,21,75,mg/m2\napart,docetaxel,42,75,mg/m2\n")
    summary, out = run("rank", fits["untreated"], "--candidate", table, *FEW)
    assert [row["schedule"]["name"] for row in summary["ranking"]] == ["apart"]
    (left,) = summary["excluded"]
    assert "under 21 after 75 mg/m2 (label: Taxotere)" in left["reason"]
    assert "label: Taxotere" in rows_of(out / "ranking.csv")[-1]["excluded"]
    summary, _ = run("rank", fits["untreated"], "--candidate", table, "--no-limits", *FEW)
    assert {row["schedule"]["name"] for row in summary["ranking"]} == {"apart", "soon"}
    assert summary["limits"] is False


def test_saying_what_a_drug_is_turns_the_limits_on(fits, run):
    summary, _ = run("rank", fits["untreated"], "--drug-is", "cytotoxic=docetaxel", *FEW)
    assert summary["limits"] is True
    assert summary["excluded"] == []
    plan = next(row["schedule"] for row in summary["ranking"] if row["schedule"]["name"] == "Chemotherapy alone")
    assert [dose["day"] for dose in plan["doses"]] == [21, 42]
    summary, _ = run("rank", fits["untreated"], "--drug-is", "cytotoxic=docetaxel", "--spacing", "7", *FEW)
    assert [row["schedule"]["name"] for row in summary["ranking"]] == ["No treatment"]
    summary, _ = run("rank", fits["untreated"], "--limits", *FEW)
    assert any("No limit knows cytotoxic; say what it is with --drug-is" in text for text in summary["warnings"])


def test_doses_of_the_past_count(fits, run, tmp_path):
    """The calibration's trastuzumab of day 0 needs three weeks; so does what --given says instead."""
    words = ["--drug-is", "cytotoxic=docetaxel", "--start", "14", "--horizon", "120", *FEW]
    summary, _ = run("rank", fits["treated"], *words)
    kept = {row["schedule"]["name"] for row in summary["ranking"]}
    assert kept == {"Chemotherapy then trastuzumab", "Chemotherapy alone", "No treatment"}
    assert any("trastuzumab on day 14 is 14 days after day 0" in row["reason"] for row in summary["excluded"])
    given = written(tmp_path / "given.csv", "drug,day,dose,unit\ntrastuzumab,-30,8,mg/kg\n")
    summary, _ = run("rank", fits["treated"], *words, "--given", given)
    assert not any("after day 0" in row["reason"] for row in summary["excluded"])
    soon = written(tmp_path / "soon.csv", "drug,day,dose,unit\ndoxorubicin,20,60,mg/m2\n")
    assert main(["rank", fits["untreated"], "--regimen", "ac_th", "--given", soon, *FEW, "--out", "o", "--quiet"]) == 2


def test_a_calibration_in_full_doses_stays_so_and_says_it(fits, run):
    summary, _ = run("rank", fits["treated"], "--regimen", "neosphere_thp", *FEW)
    assert "made with full doses of trastuzumab, so doses in units count as shares" in summary["warnings"][0]
    assert any(line.startswith("Trastuzumab: relative") for line in summary["exposures"])
    assert any(line.startswith("Docetaxel: pulse") for line in summary["exposures"])


def test_the_exception_of_a_trial_is_said(fits, run):
    summary, _ = run("rank", fits["untreated"], "--regimen", "train2_fec", *FEW)
    assert any("train2_fec is excepted from a limit, as its trial was" in text for text in summary["warnings"])


def test_an_optimised_schedule_is_written_in_units_and_keeps_the_limits(fits, run, short_polish):
    words = ["--drug-is", "cytotoxic=docetaxel", "--body-weight", "90", "--bsa", "2", *FEW_STEPS]
    summary, out = run("optimize", fits["untreated"], *words, "--doses", "1")
    plain = read_schedule(out / "schedule.csv")
    assert {dose.drug for dose in plain.doses} == {"trastuzumab", "cytotoxic"}
    largest = {"trastuzumab": 8 * 90.0, "docetaxel": 200.0}
    assert summary["prescription"]
    assert all(row["dose_mg"] <= largest[row["drug"]] * (1 + 1e-9) for row in summary["prescription"])
    words += ["--regimen", "neosphere_th@21", "--largest", "1", "--doses", "3"]
    summary, out = run("optimize", fits["untreated"], *words)
    doses = read_clinical_schedule(out / "schedule.csv").doses
    assert {dose.unit for dose in doses} <= {"mg", "rel"}
    patient = Patient(weight_kg=90.0, bsa_m2=2.0)
    named = resolve(doses, patient)
    assert check_limits(named, patient, History()) == ()
    found = {(row["drug"], row["day"]): row["dose_mg"] for row in summary["prescription"]}
    assert found == {(dose.drug, dose.day): pytest.approx(dose.mg) for dose in named}


def test_a_mouse_has_regimens_and_no_limits(fits, run):
    summary, _ = run("rank", fits["mouse"], "--regimen", "mouse_seq", "--regimen", "mouse_seq_reverse", *FEW)
    assert summary["limits"] is False
    assert len(summary["ranking"]) == 2
    assert summary["provenance"]["mouse_seq"][0].startswith("trastuzumab on day 21: 10 mg/kg")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--regimen", "tchq"], "There is no regimen 'tchq'"),
        (["--regimen", "tchp@soon"], "write KEY@DAY with a number of days"),
        (["--regimen", "tchp+tch"], "stands alone"),
        (["--regimen", "mouse_seq"], "for a mouse, not a human"),
        (["--regimen", "tchp", "--body-weight", "680"], "weight of the patient is 680 kg"),
        (["--regimen", "tchp", "--age", "-4"], "age of the patient is -4"),
        (["--regimen", "tchp", "--exposure", "trastuzumab=slow"], "'slow'"),
        (["--weight", "80"], "a patient's is --body-weight"),
        (["--drug-is", "cytotoxic=aspirin"], "no drug 'aspirin'"),
        (["--drug-is", "aspirin=docetaxel"], "no drug 'aspirin'"),
        (["--drug-is", "docetaxel"], "write NAME=WORD"),
        (["--drug-is", "cytotoxic=docetaxel", "--lvef-entry", "50", "--drug", "trastuzumab"], "LVEF at entry"),
        (["--weigh", "hair=1"], "choose one of neutrophils, heart"),
        (["--weigh", "visits=-1"], "weight of visits is -1"),
        (["--weigh", "heart=1"], "the library has no cytotoxic"),
        (["--regimen", "tchp", "--given", "none.csv"], "none.csv cannot be read"),
        (["--regimen", "tchp", "--lvef", "soon=60"], "write DAY=VALUE"),
        (["--candidate", "mg.csv"], "440, more than 2 full doses"),
        (["--candidate", "unit.csv"], "is in AUC"),
        (["--regimen", "ac_th", "--prior-doxorubicin", "300"], "cumulative anthracycline"),
    ],
)
def test_bad_input_is_one_sentence(fits, tmp_path, monkeypatch, capsys, words, sentence):
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "mg.csv", "drug,day,dose\ntrastuzumab,21,440\n")
    written(tmp_path / "unit.csv", "drug,day,dose,unit\ntrastuzumab,21,4,AUC\n")
    if "--lvef-entry" in words:
        words = ["optimize", fits["untreated"], *words, *FEW_STEPS]
    else:
        words = ["rank", fits["untreated"], *words, *FEW]
    assert main([*words, "--out", "out", "--quiet"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert error.count("\n") == 1
    assert sentence in error
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("words", [["--limits"], ["--body-weight", "60"], ["--lvef-entry", "60"]])
def test_a_mouse_is_no_patient(fits, tmp_path, capsys, words):
    assert main(["rank", fits["mouse"], *words, *FEW, "--out", str(tmp_path / "out"), "--quiet"]) == 2
    assert "of a mouse; leave out the options of a patient" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--limits"], ["--regimen", "neosphere_th"]])
def test_a_search_within_limits_must_know_the_drug(fits, tmp_path, capsys, words):
    words = ["optimize", fits["untreated"], *words, *FEW_STEPS, "--out", str(tmp_path / "out"), "--quiet"]
    assert main(words) == 2
    assert "No limit knows cytotoxic, whose doses are searched" in capsys.readouterr().err


def test_doses_on_every_day_cannot_keep_limits(fits, tmp_path, capsys):
    words = ["optimize", fits["untreated"], "--drug-is", "cytotoxic=docetaxel", "--method", "daily", *FEW_STEPS]
    assert main([*words, "--out", str(tmp_path / "out"), "--quiet"]) == 2
    assert "choose the method days" in capsys.readouterr().err


def test_simulate_follows_a_regimen_of_a_patient(run):
    summary, out = run("simulate", "--regimen", "tchp", "--weight", "80", "--step", "1")
    assert summary["trajectory"]["day"][-1] == 105 + 28
    assert "docetaxel on day 105: 75 mg/m2 x 1.8 m2 (assumed) = 135 mg" in summary["provenance"]["tchp"]
    assert summary["warnings"] == []
    assert summary["limits"] is True
    record = json.loads((out / "trajectory.csv.json").read_text(encoding="utf-8"))
    assert record["inputs"]["doses"] == summary["provenance"]
    assert any(line.startswith("Pertuzumab: central") for line in record["formulas"])
    untreated, _ = run("simulate", "--days", "133", "--step", "1")
    assert summary["final"]["T"] < 0.1 * untreated["final"]["T"]
    assert "provenance" not in untreated


def test_simulate_is_the_engine_with_the_doses_of_the_patient(run, tmp_path):
    summary, _ = run("simulate", "--regimen", "neosphere_th@3", "--weight", "80", "--days", "60", "--step", "1")
    patient = Patient(weight_kg=80.0)
    told = prescribe(
        [regimen_schedule("neosphere_th", 3.0, patient=patient)], models.get("tivnh_treated", "human"), patient
    )
    course = simulate(told.model, {}, list(range(61)), schedule=told.schedules[0])
    assert summary["final"]["T"] == course.states["T"][0, -1]


def test_simulate_warns_of_a_broken_limit_and_of_doses_without_one(fits, run, tmp_path):
    text = "drug,day,dose,unit\ntrastuzumab,0,8,mg/kg\ntrastuzumab,7,6,mg/kg\ncytotoxic,3,1,\n"
    table = written(tmp_path / "doses.csv", text)
    summary, _ = run("simulate", "--schedule", table)
    assert [text for text in summary["warnings"] if text.startswith("Least interval: trastuzumab on day 7")]
    assert [text for text in summary["warnings"] if text.startswith("No limit knows cytotoxic")]
    summary, _ = run("simulate", "--schedule", table, "--no-limits")
    assert summary["warnings"] == []
    summary, _ = run("simulate", "--schedule", table, "--calibration", fits["treated"], "--draws", "5")
    assert "doses in units count as shares of full doses" in " ".join(summary["warnings"])
    assert summary["n_failed"] == 0


def test_simulate_takes_plain_tables_as_before(run, tmp_path):
    table = written(tmp_path / "plain.csv", "drug,day,dose\ntrastuzumab,0,1\ncytotoxic,3,1\n")
    summary, out = run("simulate", "--schedule", table, "--step", "1")
    model = models.get("tivnh_treated", "human")
    course = simulate(model, {}, list(range(29)), schedule=read_schedule(table, model))
    assert summary["final"]["T"] == course.states["T"][0, -1]
    assert not {"limits", "provenance", "exposures"} & set(summary)
    record = json.loads((out / "trajectory.csv.json").read_text(encoding="utf-8"))
    assert list(record["inputs"]) == ["schedule"]


def test_one_schedule_is_simulated_at_a_time(tmp_path, capsys):
    words = ["simulate", "--regimen", "tchp", "--regimen", "tch", "--out", str(tmp_path / "out"), "--quiet"]
    assert main(words) == 2
    assert "one --regimen or one --schedule" in capsys.readouterr().err


def measured(path):
    text = "visit,day,volume_cm3,vascular_fraction,necrotic_fraction,hypoxic_fraction\n"
    return written(path, text + "V0,0,14,0.12,0.1,0.18\nV1,21,12,0.2,0.1,0.12\n")


def test_a_calibration_to_doses_in_units_follows_exposures_and_ranks_with_them(run, tmp_path):
    given = written(tmp_path / "given.csv", "drug,day,dose,unit\ntrastuzumab,0,8,mg/kg\ndocetaxel,0,75,mg/m2\n")
    fit = ["calibrate", measured(tmp_path / "table.csv"), "--schedule", given, "--weight", "80", "--prior-draws", "64"]
    summary, out = run(*fit, "--free", "g,k_P,T0,V0")
    assert summary["provenance"][0].startswith("trastuzumab on day 0: 8 mg/kg x")
    assert [line.split(":")[1].split(";")[0] for line in summary["exposures"]] == [" central", " pulse"]
    assert not any("full doses" in text for text in summary["warnings"])
    path = tmp_path / "calibration.json"
    (out / "calibration.json").rename(path)
    summary, _ = run("rank", str(path), "--regimen", "neosphere_th", "--body-weight", "80", *FEW)
    assert not any("full doses" in text for text in summary["warnings"])
    assert any(line.startswith("Trastuzumab: central") for line in summary["exposures"])
    assert any("do not count the cytotoxic given before" in text for text in summary["warnings"])
    first = min(summary["ranking"][0]["schedule"]["prescribed"], key=lambda row: (row["day"], -row["amount"]))
    assert (first["drug"], first["amount"]) == ("trastuzumab", 480)
    words = ["rank", str(path), "--regimen", "neosphere_th@14", "--start", "7", *FEW, "--out", "out", "--quiet"]
    assert main(words) == 2

"""`her2immuno rank` and `optimize`: candidates, rules, objectives, the standard schedule, the gap curve."""

import csv
import json

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import (
    Schedule,
    calibrate,
    gap_curve,
    models,
    objectives,
    order_gap_split,
    rank_schedules,
    repeated,
    simulate,
    standard_candidates,
)
from HER2ImmunoModelLib.treatments.constraints import ToxicityBudget
from HER2ImmunoModelLib.treatments.schedule import read_schedule, read_schedules
from HER2ImmunoStudyLib.cli import main

DRUGS = ("trastuzumab", "doxorubicin")
MODEL = models.get("two_drug_logistic_growth_potentiates")


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A calibration of four noiseless volumes, and its file."""
    volumes = simulate(MODEL, {}, [0, 3, 6, 9]).states["T"][0].tolist()
    visits = [Measurement(f"V{i}", 3.0 * i, {"volume_cm3": value}) for i, value in enumerate(volumes)]
    calibration = calibrate(MODEL, visits, prior_draws=64)
    path = tmp_path_factory.mktemp("fit") / "calibration.json"
    calibration.save(path)
    return calibration, path


@pytest.fixture
def run(fitted, tmp_path):
    def answered(command, *words, draws=20):
        out, summary = tmp_path / "out", tmp_path / "summary.json"
        shared = ["--draws", str(draws), "--out", str(out), "--json", str(summary), "--quiet"]
        assert main([command, str(fitted[1]), *words, *shared]) == 0
        return json.loads(summary.read_text()), out

    return answered


def rows_of(path):
    with path.open() as stream:
        return list(csv.DictReader(stream))


def test_rank_is_the_ranking_of_the_engine(fitted, run):
    summary, out = run("rank", "--horizon", "40", "--standard", "Doxorubicin alone", "--gap-curve", "5")
    candidates = standard_candidates(DRUGS, start_day=9.0)
    judged = {"draws": 20, "start_day": 9.0, "horizon_day": 40.0}
    expected = rank_schedules(fitted[0], candidates, standard="Doxorubicin alone", **judged)
    assert summary["standard"] == "Doxorubicin alone"
    for row, found, written in zip(expected.rows, summary["ranking"], rows_of(out / "ranking.csv"), strict=True):
        for name in ("expected", "lower", "upper", "probability_best", "regret", "gain"):
            assert found[name] == getattr(row, name)
        assert written["schedule"] == row.schedule.name
        assert float(written["regret"]) == row.regret
    curve = gap_curve(fitted[0], range(-5, 6), cytotoxic="doxorubicin", **judged)
    assert summary["gap_curve"]["expected"] == curve.expected.tolist()
    assert [float(row["gap_day"]) for row in rows_of(out / "gap_curve.csv")] == list(range(-5, 6))


def test_rank_writes_a_report_where_it_is_asked_to(run, tmp_path):
    path = tmp_path / "told" / "page.html"
    summary, _out = run("rank", "--report", str(path))
    page = path.read_text(encoding="utf-8")
    assert summary["files"]["report"] == str(path)
    assert summary["answer"] in page
    told = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    expected = [row[2] for row in told["plan"]["tables"]["ranking"]["rows"]]
    assert expected == [row["expected"] for row in summary["ranking"]]
    tables = {each.name for each in (tmp_path / "told" / "page_tables").iterdir()}
    assert {"ranking.csv", "course_0.csv", "visits.csv"} <= tables


def test_rank_refuses_a_pdf_before_the_work_where_there_can_be_none(fitted, tmp_path, capsys, monkeypatch):
    from HER2ImmunoStudyLib.cli.schedules import rank

    command = ["rank", str(fitted[1]), "--draws", "10", "--out", str(tmp_path / "out"), "--quiet", "--pdf"]
    assert main(command) == 2
    assert "--report FILE.html" in capsys.readouterr().err
    monkeypatch.setattr(rank, "find_browser", lambda: None)
    assert main([*command, "--report", str(tmp_path / "r.html")]) == 2
    assert "print it from your browser" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_rank_leaves_nothing_where_its_report_would_replace_a_file_of_somebody(fitted, tmp_path, capsys):
    own, out = tmp_path / "own.html", tmp_path / "out"
    own.write_text("mine")
    assert main(["rank", str(fitted[1]), "--draws", "10", "--out", str(out), "--report", str(own), "--quiet"]) == 2
    assert "was not written here" in capsys.readouterr().err
    assert own.read_text() == "mine"
    assert not out.exists()


def test_the_gap_curve_is_as_wide_as_the_horizon_allows(run):
    summary, _ = run("rank")
    assert summary["gap_curve"]["gap_day"] == list(range(-14, 15))
    summary, _ = run("rank", "--horizon", "20")
    assert summary["gap_curve"]["gap_day"] == list(range(-7, 8))
    summary, _ = run("rank", "--gap-curve", "0")
    assert summary["gap_curve"] is None


def test_a_weighted_pair_is_the_sum_of_its_objectives(run):
    expected = {}
    for goal in ("volume_at_horizon", "time_to_progression"):
        summary, _ = run("rank", "--objective", goal, "--gap-curve", "0")
        expected[goal] = {row["schedule"]["name"]: row["expected"] for row in summary["ranking"]}
    summary, _ = run("rank", "--plus", "time_to_progression=0.1", "--gap-curve", "0")
    for row in summary["ranking"]:
        name = row["schedule"]["name"]
        pair = expected["volume_at_horizon"][name] - 0.1 * expected["time_to_progression"][name]
        assert row["expected"] == pytest.approx(pair, rel=1e-12)
    with pytest.raises(InputError, match="above 0"):
        objectives.weighted_pair(*[objectives.get("nadir")] * 2, np.nan)


def test_candidates_of_every_order_gap_and_split(run):
    asked = ["--gaps", "2", "--splits", "2", "--every", "3", "--total", "doxorubicin=1"]
    summary, _ = run("rank", *asked, "--gap-curve", "0")
    grid = order_gap_split(DRUGS, gaps=range(-2, 3), splits=[2], intervals=[3.0], total=(2.0, 1.0), start_day=9.0)
    by_name = {row["schedule"]["name"]: row["schedule"]["doses"] for row in summary["ranking"]}
    assert len(grid) == 5
    assert {plan.name for plan in grid} <= set(by_name)
    doses = by_name[grid[0].name]
    totals = {drug: sum(dose["dose"] for dose in doses if dose["drug"] == drug) for drug in DRUGS}
    assert totals == {"trastuzumab": 2.0, "doxorubicin": 1.0}
    assert "Trastuzumab then doxorubicin is left out" in summary["warnings"][0]


def test_the_standard_schedules_keep_the_interval(run):
    summary, _ = run("rank", "--interval", "doxorubicin=6", "--gap-curve", "2")
    plan = next(row["schedule"] for row in summary["ranking"] if row["schedule"]["name"] == "Trastuzumab alone")
    assert [dose["day"] for dose in plan["doses"]] == [9, 15]
    assert summary["excluded"] == []


def test_candidates_of_a_file_with_several_schedules(tmp_path, run):
    table = tmp_path / "mine.csv"
    table.write_text("schedule,drug,day,dose\nearly,a,9,1\nlate,a,12,1\nearly,p,12,0.5\n\nnone,a,9,0\n")
    summary, _ = run("rank", "--candidate", str(table), "--gap-curve", "0")
    assert {row["schedule"]["name"] for row in summary["ranking"]} == {"early", "late", "none"}
    assert summary["standard"] == "early"
    summary, _ = run("rank", "--candidate", str(table), "--gap-curve", "0", "--horizon", "11")
    assert {(row["schedule"]["name"], row["reason"]) for row in summary["excluded"]} == {
        ("early", "day 12 is not within 9 to 11"),
        ("late", "day 12 is not within 9 to 11"),
    }
    early = read_schedules(table, MODEL)[0]
    assert [(dose.drug, dose.day, dose.dose) for dose in early.doses] == [("a", 9, 1), ("p", 12, 0.5)]
    table.write_text("schedule,drug,day,dose\nearly,a,9,1\nlate,aspirin,12,1\n")
    with pytest.raises(InputError, match="row 3, column drug"):
        read_schedules(table, MODEL)
    table.write_text("schedule,drug,day,dose\n,a,9,1\n")
    with pytest.raises(InputError, match="row 2, column schedule is empty"):
        read_schedules(table, MODEL)


@pytest.mark.parametrize("method", ["days", "daily"])
def test_optimize_keeps_every_rule(run, short_polish, method):
    limits = ["--toxicity", "9", "--weight", "doxorubicin=3", "--largest", "0.8", "--largest", "doxorubicin=0.6"]
    rules = [*limits, "--total", "trastuzumab=1.2", "--weekdays", "02", "--day-zero", "3"]
    rules += ["--interval", "trastuzumab=2"] if method == "days" else []
    search = ["--method", method, "--risk", "cvar", "--iterations", "4", "--horizon", "30", "--gap-curve", "3"]
    summary, out = run("optimize", *rules, *search, "--plus", "mean_burden=0.5", "--pareto", "toxicity", draws=30)
    plan = read_schedule(out / "schedule.csv", MODEL)
    by_drug = {drug: [dose for dose in plan.doses if dose.drug == drug] for drug in DRUGS}
    assert plan.doses
    assert all((int(dose.day) + 3) % 7 in (0, 2) for dose in plan.doses)
    assert all(dose.dose <= 0.8 + 1e-9 for dose in by_drug["trastuzumab"])
    assert all(dose.dose <= 0.6 + 1e-9 for dose in by_drug["doxorubicin"])
    assert sum(dose.dose for dose in by_drug["trastuzumab"]) <= 1.2 + 1e-9
    budget = ToxicityBudget((("trastuzumab", 1.0), ("doxorubicin", 3.0)), 9.0, 30.0)
    assert budget.violation(plan, MODEL) is None
    assert budget.spent(plan, MODEL) > 3
    front = rows_of(out / "pareto.csv")
    assert max(float(row["toxicity"]) for row in front) <= 9 + 1e-6
    assert summary["pareto"]["burden"] == [float(row["toxicity"]) for row in front]
    assert summary["risk"] == "cvar"
    assert summary["objective"] == "weighted_pair"
    assert len(summary["gap_curve"]["gap_day"]) == 7


def test_optimize_compares_with_the_standard(fitted, run):
    summary, out = run("optimize", "--standard", "Trastuzumab alone", "--iterations", "3", "--gap-curve", "0")
    found = next(row for row in summary["ranking"] if row["schedule"]["name"] == "Optimised")
    plans = [read_schedule(out / "schedule.csv"), Schedule(repeated("trastuzumab", (9.0, 13.0)), "Trastuzumab alone")]
    expected = rank_schedules(fitted[0], plans, standard="Trastuzumab alone", draws=20)
    assert found["gain"] == pytest.approx(expected.rows[0].gain, rel=1e-9)
    assert summary["standard"] == "Trastuzumab alone"


@pytest.mark.parametrize("command", ["rank", "optimize"])
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--total", "trastuzumab=-1"], "more than -1"),
        (["--toxicity", "-1"], "weighted amount over time"),
        (["--horizon", "5"], "The horizon (day 5) is not after the start (day 9)"),
        (["--start", "-3"], "first visit"),
        (["--horizon", "1e6"], "more than ten years ahead"),
        (["--total", "doxorubicin=nan"], "--total doxorubicin=nan"),
        (["--standard", "nosuch"], "'nosuch' is not among"),
        (["--objective", "probability_below"], "give --level CM3"),
        (["--plus", "nosuch=1"], "no objective 'nosuch'"),
        (["--plus", "nadir"], "--plus nadir: write NAME=NUMBER"),
        (["--plus", "nadir=-1"], "above 0"),
        (["--largest", "1", "--largest", "2"], "--largest 2"),
        (["--largest", "0"], "--largest must be above 0"),
        (["--weight", "aspirin=1"], "aspirin"),
        (["--gaps", "-1"], "--gaps -1"),
        (["--gaps", "1", "--splits", "1.5"], "--splits 1.5: give whole numbers"),
        (["--gaps", "1", "--every", ""], "--every"),
        (["--gaps", "1", "--splits", "1"], "--splits 1 leaves doses above the largest"),
        (["--doses", "0"], "--doses"),
        (["--spacing", "0"], "--spacing"),
        (["--draws", "0"], "--draws"),
        (["--candidate", "none.csv"], "none.csv cannot be read"),
        (["--drug", "aspirin"], "aspirin"),
    ],
)
def test_bad_input_is_one_sentence(fitted, tmp_path, monkeypatch, capsys, command, words, sentence):
    monkeypatch.chdir(tmp_path)
    size = ["--draws", "10"] if "--draws" not in words else []
    size += ["--iterations", "1"] if command == "optimize" else []
    assert main([command, str(fitted[1]), *words, *size, "--out", "out", "--quiet"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert error.count("\n") == 1
    assert sentence in error
    assert not (tmp_path / "out").exists()


def test_rank_of_one_drug_needs_candidates(fitted, tmp_path, capsys):
    words = ["rank", str(fitted[1]), "--drug", "trastuzumab", "--out", str(tmp_path / "out"), "--quiet"]
    assert main(words) == 2
    assert "no schedule to rank" in capsys.readouterr().err


def test_on_screen_the_answer_comes_after_what_it_rests_on(fitted, tmp_path, capsys):
    words = ["rank", str(fitted[1]), "--gaps", "2", "--draws", "10", "--out", str(tmp_path / "out")]
    assert main(words) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("The data set 2 of 8 parameters; 6 are set by the priors, so the forecast and ")
    assert said[1].startswith(("Best expected: ", "The data do not tell the first two schedules apart: "))
    assert any("more in the table" in line for line in said)
    assert "Regret is against: Trastuzumab then doxorubicin." in said

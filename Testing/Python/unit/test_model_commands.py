"""The commands calibrate (draws, checks) and optimize: files, numbers of the summary, bad input."""

import csv
import json
import shutil

import pytest
from HER2ImmunoCommonLib.measurements import Measurement, write_csv
from HER2ImmunoModelLib import models, simulate
from HER2ImmunoModelLib.calibration import learning, mcmc
from HER2ImmunoStudyLib.cli import main

MODEL = "two_drug_exponential_growth"


@pytest.fixture(scope="module")
def once_calibrated(tmp_path_factory):
    """Folder with the table, the results and the summary of a calibration of a volume-only model."""
    folder = tmp_path_factory.mktemp("calibrated")
    course = simulate(models.get(MODEL, "mouse"), {}, [0, 3, 6, 9])
    volumes = course.states["T"][0].tolist()
    visits = [Measurement(f"V{i}", 3.0 * i, {"volume_cm3": value}) for i, value in enumerate(volumes)]
    words = ["calibrate", str(write_csv(visits, folder / "table.csv")), "--model", MODEL, "--species", "mouse"]
    more = ["--draws", "20", "--hide", "1", "--out", str(folder / "fit"), "--json", str(folder / "fit.json")]
    assert main([*words, *more, "--quiet"]) == 0
    return folder


@pytest.fixture
def calibrated(once_calibrated, tmp_path):
    """Folder of its results and its summary, of this test alone."""
    shutil.copytree(once_calibrated, tmp_path, dirs_exist_ok=True)
    return tmp_path / "fit", json.loads((tmp_path / "fit.json").read_text())


def rows_of(path):
    with path.open() as stream:
        return list(csv.DictReader(stream))


def test_calibrate_writes_draws_trajectories_and_the_forecast_check(calibrated):
    folder, summary = calibrated
    assert len(rows_of(folder / "draws.csv")) == 20
    trajectories = rows_of(folder / "trajectories.csv")
    assert {row["draw"] for row in trajectories} == {str(i) for i in range(20)}
    (hidden,) = rows_of(folder / "forecast_check.csv")
    assert hidden["day"] == "9.0"
    assert summary["forecast_check"]["agreement"]["volume_cm3"]["n"] == 1
    assert len(summary["information"]["eigenvalue"]) == len(summary["calibration"]["free"])
    assert len(summary["forecast"]["median"]["T"]) == len(rows_of(folder / "forecast.csv"))


def no_weights(monkeypatch):
    """Let walkers draw: where a subject is cheap enough to test, weights suffice."""
    monkeypatch.setattr(learning, "ROUNDS", 1)
    monkeypatch.setattr(mcmc, "weigh", lambda *settings: None)


def test_calibrate_by_sampling_writes_how_it_ran(calibrated, tmp_path, monkeypatch, few_points):
    pytest.importorskip("emcee", reason="emcee is not installed")
    no_weights(monkeypatch)
    words = ["calibrate", str(tmp_path / "table.csv"), "--model", MODEL, "--species", "mouse", "--method", "mcmc"]
    more = ["--steps", "100", "--out", str(tmp_path / "sampled"), "--json", str(tmp_path / "s.json"), "--quiet"]
    assert main([*words, *more]) == 0
    summary = json.loads((tmp_path / "s.json").read_text())
    assert summary["calibration"]["sampling"]["steps"] == 100
    assert any("NOT converged" in text for text in summary["warnings"])
    assert {"tau_steps", "r_hat"} <= set(rows_of(tmp_path / "sampled" / "sampling.csv")[0])


@pytest.mark.parametrize("pooled", [False, True])
def test_the_forecast_that_is_checked_is_that_of_the_method_asked_for(tmp_path, monkeypatch, few_points, pooled):
    pytest.importorskip("emcee", reason="emcee is not installed")
    course = simulate(models.get(MODEL, "mouse"), {}, [0, 3, 6, 9])
    cells = [
        f"{day:g},{size * 1.05**i:g},M{i}"
        for i in range(2)
        for day, size in zip(course.day, course.states["T"][0], strict=True)
    ]
    table = tmp_path / "volumes.csv"
    table.write_text("\n".join(["day,volume_cm3,animal", *(cells if pooled else cells[:4])]) + "\n")
    words = ["calibrate", str(table), "--model", MODEL, "--species", "mouse", "--hide", "1", "--steps", "100"]
    words += ["--pooled"] if pooled else []
    found = {}
    no_weights(monkeypatch)
    for method in ("map", "mcmc"):
        out = tmp_path / method
        assert main([*words, "--method", method, "--out", str(out), "--json", f"{out}.json", "--quiet"]) == 0
        found[method] = json.loads((tmp_path / f"{method}.json").read_text())
    (said, sampled) = (found[method]["forecast_check"]["rows"][0] for method in ("map", "mcmc"))
    assert said["measured"] == sampled["measured"]
    assert (said["lower"], said["upper"]) != (sampled["lower"], sampled["upper"])
    assert any("NOT converged" in text and "hidden" in text for text in found["mcmc"]["warnings"])


@pytest.mark.parametrize("method", ["days", "daily"])
def test_optimize_keeps_the_rules_and_writes_the_schedule(calibrated, tmp_path, short_polish, method):
    folder, _ = calibrated
    words = ["optimize", str(folder / "calibration.json"), "--method", method, "--drug", "trastuzumab"]
    rules = ["--drug", "doxorubicin", "--total", "doxorubicin=1.5", "--weekdays", "01234", "--pareto", "total_dose"]
    size = ["--iterations", "3", "--draws", "30", "--horizon", "20"]
    out, summary = tmp_path / "best", tmp_path / "best.json"
    assert main([*words, *rules, *size, "--out", str(out), "--json", str(summary), "--quiet"]) == 0
    doses = rows_of(out / "schedule.csv")
    assert sum(float(row["dose"]) for row in doses if row["drug"] == "doxorubicin") <= 1.5
    assert all(float(row["day"]) % 7 < 5 and 9 <= float(row["day"]) <= 20 for row in doses)
    said = json.loads(summary.read_text())
    assert said["loss"] <= min(row["expected"] for row in said["ranking"]) * (1 + 1e-3)
    burden = [float(row["total_dose"]) for row in rows_of(out / "pareto.csv")]
    assert burden == sorted(burden)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["none.json"], "none.json cannot be read"),
        (["fit/calibration.json", "--weekdays", "9"], "--weekdays 9"),
        (["fit/calibration.json", "--weekdays", ""], "No day from"),
        (["fit/calibration.json", "--total", "doxorubicin"], "--total doxorubicin"),
        (["fit/calibration.json", "--total", "doxorubicin=-1"], "No schedule meets"),
        (["fit/calibration.json", "--drug", "aspirin"], "aspirin"),
        (["fit/calibration.json", "--horizon", "1"], "horizon"),
        (["fit/calibration.json", "--method", "daily", "--interval", "doxorubicin=3"], "ShortestInterval"),
    ],
)
def test_bad_input_is_one_sentence(calibrated, tmp_path, monkeypatch, capsys, words, sentence):
    monkeypatch.chdir(tmp_path)
    drugs = [] if "--drug" in words else ["--drug", "trastuzumab", "--drug", "doxorubicin"]
    assert main(["optimize", *words, *drugs, "--out", "out", "--quiet"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert error.count("\n") == 1
    assert sentence in error


def test_simulate_runs_the_draws_of_a_calibration(calibrated, tmp_path):
    folder, _ = calibrated
    words = ["simulate", "--calibration", str(folder / "calibration.json"), "--draws", "10", "--days", "4"]
    assert main([*words, "--step", "2", "--out", str(tmp_path / "course"), "--quiet"]) == 0
    rows = rows_of(tmp_path / "course" / "trajectories.csv")
    assert [float(row["day"]) for row in rows[:3]] == [0, 2, 4]
    assert len(rows) == 30
    assert main([*words, "--set", "g=1", "--out", str(tmp_path / "no"), "--quiet"]) == 2

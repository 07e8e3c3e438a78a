"""The command line: exit codes, summaries, sentences instead of tracebacks."""

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest
from HER2ImmunoCommonLib.charts import can_draw
from HER2ImmunoCommonLib.measurements import Measurement, write_csv
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoStudyLib.cli import main
from HER2ImmunoStudyLib.cli.commands import COMMANDS

DATA = Path(os.environ.get("HER2IMMUNO_DATA", Path(__file__).parents[4] / "shared" / "data"))
REFERENCE = DATA / "model" / "biomd0000000745_reference.csv"


@pytest.fixture
def table(tmp_path):
    rows = [
        Measurement("baseline", 0.0, {"volume_cm3": 3.6, "vascular_fraction": 0.11, "hypoxic_fraction": 0.2}),
        Measurement("week 1", 7.0, {"volume_cm3": 4.2, "vascular_fraction": 0.12, "hypoxic_fraction": 0.4}),
        Measurement("week 2", 14.0, {"volume_cm3": 4.9, "vascular_fraction": 0.12, "hypoxic_fraction": 0.6}),
    ]
    return write_csv(rows, tmp_path / "table.csv")


@pytest.mark.parametrize("name", [command.NAME for command in COMMANDS])
def test_every_command_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([name, "--help"])
    assert stopped.value.code == 0
    assert "research" in capsys.readouterr().out


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference trajectory is not beside this checkout")
def test_simulate_gives_the_published_trajectory(tmp_path):
    assert main(["simulate", "--model", "tivnh", "--species", "mouse", "--out", str(tmp_path), "--quiet"]) == 0
    with REFERENCE.open() as one, (tmp_path / "trajectory.csv").open() as other:
        expected, found = list(csv.DictReader(one)), list(csv.DictReader(other))
    assert len(found) == len(expected)
    for name in ("day", "T", "I", "V", "N", "H"):
        np.testing.assert_allclose(
            [float(row[name]) for row in found], [float(row[name]) for row in expected], rtol=1e-6, atol=1e-9
        )


def test_calibrate_writes_parameters_and_forecast(tmp_path, table):
    out, summary = tmp_path / "out", tmp_path / "summary.json"
    schedule = tmp_path / "given.csv"
    schedule.write_text("drug,day,dose\ntrastuzumab,1,0.5\n")
    words = ["calibrate", str(table), "--schedule", str(schedule), "--out", str(out), "--json", str(summary), "--quiet"]
    assert main(words) == 0
    assert json.loads(summary.read_text())["calibration"]["n_data"] == 9
    written = {path.name for path in out.iterdir()}
    results = {"calibration.json", "information.csv"}
    results |= {f"{name}.csv" for name in ("parameters", "forecast", "draws", "trajectories", "fit_quality", "fitted")}
    measured = ("volume_cm3", "vascular_fraction", "hypoxic_fraction") if can_draw() else ()
    results |= {f"fit_{name}.png" for name in measured}
    assert written == results | {f"{name}.json" for name in results}
    with (out / "forecast.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert float(rows[-1]["day"]) == 42.0
    assert float(rows[-1]["T_lower_90"]) < float(rows[-1]["T_median"]) < float(rows[-1]["T_upper_90"])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["calibrate", "none.csv", "--out", "out"], "none.csv cannot be read: it does not exist"),
        (["calibrate", "bad.csv", "--out", "out"], "row 2, column 'volume_cm3'"),
        (["simulate", "--schedule", "unknown.csv", "--out", "out"], "aspirin"),
        (["simulate", "--schedule", "negative.csv", "--out", "out"], "row 2, column dose"),
        (["simulate", "--set", "nosuch=1", "--out", "out"], "nosuch"),
        (["simulate", "--set", "g=fast", "--out", "out"], "give a number"),
        (["simulate", "--days", "-1", "--out", "out"], "--days"),
        (["simulate", "--out", "file/out"], "cannot be written"),
        (["study", "nowhere", "--out", "out"], "nowhere"),
        (["dce", "empty", "--out", "out"], "no DICOM"),
        (["suv", "empty", "--out", "out"], "no DICOM"),
        (["demo", "--out", "full"], "already holds notes.txt"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(tmp_path, monkeypatch, capsys, words, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.csv").write_text("visit,day,volume_cm3\na,0,large\n")
    (tmp_path / "unknown.csv").write_text("drug,day,dose\naspirin,0,1\n")
    (tmp_path / "negative.csv").write_text("drug,day,dose\ntrastuzumab,0,-1\n")
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    assert main([*words, "--quiet", "--json", "summary.json"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert error.count("\n") == 1
    assert sentence in error
    assert json.loads((tmp_path / "summary.json").read_text())["status"] == "error"
    assert not (tmp_path / "out").exists() or not any((tmp_path / "out").iterdir())


@pytest.mark.parametrize("stop_at", [0.0, 0.5, 0.9])
def test_a_cancelled_run_writes_nothing(tmp_path, table, monkeypatch, capsys, stop_at):
    def stop(bar, fraction, text):
        if fraction >= stop_at:
            raise Cancelled

    monkeypatch.setattr("HER2ImmunoStudyLib.cli.terminal.ProgressBar.report", stop)
    out = tmp_path / "out"
    assert main(["calibrate", str(table), "--out", str(out), "--quiet"]) == 2
    assert "Cancelled" in capsys.readouterr().err
    assert not out.exists() or not any(out.iterdir())


def test_progress_on_a_pipe_is_one_line_a_stage(tmp_path, table, capsys):
    assert main(["calibrate", str(table), "--out", str(tmp_path / "out")]) == 0
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    assert len(lines) == len(set(lines))
    assert all("%" in line for line in lines)
    assert "Results:" in captured.out

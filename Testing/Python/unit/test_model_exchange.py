"""`her2immuno models` and models from files: what is shown is what is written and read again."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import calibrate, models, simulate
from HER2ImmunoModelLib.models.descriptions import describe, read_model
from HER2ImmunoStudyLib.cli import main

ROOT = Path(__file__).parents[3]


def said(capsys, *words):
    assert main([*words]) == 0
    return capsys.readouterr().out


def test_the_list_names_every_model(capsys):
    listed = [line.split()[0] for line in said(capsys, "models").splitlines()]
    assert listed[: len(models.names())] == list(models.names())
    assert set(models.growths()) | set(models.treatments()) <= set(listed)
    family = said(capsys, "models", "--family", "immunotherapy").splitlines()
    assert [line.split()[0] for line in family] == list(models.family("immunotherapy"))


def test_a_model_is_shown_with_all_it_is_made_of(tmp_path, capsys):
    shown = said(capsys, "models", "tivnh_treated", "--species", "human", "--json", str(tmp_path / "m.json"))
    model = models.get("tivnh_treated", "human")
    for part in (*model.states, *model.parameters, *model.drugs):
        assert part.label in shown or part.name in shown
    assert all(p.source in shown for p in model.parameters)
    assert model.reference in shown
    summary = json.loads((tmp_path / "m.json").read_text())
    assert {key: summary[key] for key in describe(model)} == describe(model)


def test_a_changed_model_goes_from_file_to_calibration_and_back(tmp_path):
    path = tmp_path / "mine.json"
    assert main(["models", "two_drug_exponential_growth", "--species", "mouse", "--out", str(path), "--quiet"]) == 0
    content = json.loads(path.read_text())
    (growth,) = [row for row in content["parameters"] if row["name"] == "g"]
    growth |= {"default": 0.2, "prior": 0.1, "source": "our own mice"}
    path.write_text(json.dumps(content))
    assert main(["simulate", "--model", str(path), "--days", "5", "--out", str(tmp_path / "s"), "--quiet"]) == 0
    with (tmp_path / "s" / "trajectory.csv").open() as stream:
        last = list(csv.DictReader(stream))[-1]
    assert float(last["T"]) == pytest.approx(0.2 * np.exp(0.2 * 5), rel=1e-5)
    (tmp_path / "t.csv").write_text("day,volume_cm3\n0,0.2\n3,0.35\n6,0.6\n")
    words = ["calibrate", str(tmp_path / "t.csv"), "--model", str(path), "--prior-draws", "64"]
    assert main([*words, "--out", str(tmp_path / "fit"), "--quiet"]) == 0
    with (tmp_path / "fit" / "parameters.csv").open() as stream:
        sources = {row["parameter"]: row["source"] for row in csv.DictReader(stream)}
    assert sources["g"] == "our own mice"
    again = tmp_path / "again.json"
    assert main(["models", str(tmp_path / "fit" / "calibration.json"), "--out", str(again), "--quiet"]) == 0
    assert read_model(again) == read_model(path)


def test_a_calibration_as_sbml_starts_where_it_starts(tmp_path):
    libsbml = pytest.importorskip("libsbml", reason="python-libsbml is not installed")
    visits = [Measurement(f"V{i}", 5.0 + 3 * i, {"volume_cm3": 0.2 + 0.1 * i}) for i in range(3)]
    calibration = calibrate("two_drug_exponential_growth", visits, prior_draws=64)
    calibration.save(tmp_path / "calibration.json")
    (tmp_path / "s.csv").write_text("drug,day,dose\nherceptin,5,1\ndoxorubicin,9,0.5\n")
    words = ["models", str(tmp_path / "calibration.json"), "--schedule", str(tmp_path / "s.csv")]
    assert main([*words, "--out", str(tmp_path / "m.xml"), "--quiet"]) == 0
    document = libsbml.readSBMLFromFile(str(tmp_path / "m.xml"))
    found = document.getModel()
    assert found.getParameter("g").getValue() == pytest.approx(calibration.best["g"], rel=1e-14)
    assert found.getParameter("amount_trastuzumab").getValue() == 1.0
    assert libsbml.formulaToL3String(found.getEvent(0).getTrigger().getMath()) == "time >= 4"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["models", "nosuch"], "no model 'nosuch'"),
        (["models", "nosuch.json"], "nosuch.json cannot be read"),
        (["models", "text.json"], "not a model description"),
        (["models", "--family", "nosuch"], "no family of models 'nosuch'"),
        (["models", "--out", "m.json"], "No model is named"),
        (["models", "tivnh", "--out", "m.pdf"], "written as .json or .xml"),
        (["models", "tivnh_treated", "--schedule", "s.csv", "--out", "m.json"], "holds no doses"),
        (["models", "human.json", "--species", "mouse"], "numbers of a human"),
        (["simulate", "--model", "nosuch.json", "--out", "out"], "nosuch.json cannot be read"),
        (["simulate", "--model", "tivnh", "--set", "g=2", "--step", "7", "--out", "out"], "after day"),
        (["simulate", "--days", "1e6", "--step", "0.001", "--out", "out"], "too many rows"),
        (["simulate", "--set", "g=0.1", "--set", "g=0.2", "--out", "out"], "each name once"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path, monkeypatch, capsys, words, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.json").write_text("[1]")
    (tmp_path / "s.csv").write_text("drug,day,dose\ntrastuzumab,1,1\n")
    (tmp_path / "human.json").write_text(json.dumps(describe(models.get("tivnh", "human"))))
    assert main([*words, "--quiet"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert error.count("\n") == 1
    assert sentence in error
    assert not {"out", "m.json", "m.pdf"} & {path.name for path in tmp_path.iterdir()}


def test_a_simulation_that_blows_up_says_how_far_it_goes(tmp_path, capsys):
    wild = ["--model", "tivnh", "--species", "mouse", "--set", "g=0.5", "--set", "mu_T=0", "--step", "1"]
    assert main(["simulate", *wild, "--days", "60", "--out", str(tmp_path / "out"), "--quiet"]) == 2
    day = float(capsys.readouterr().err.split("after day ")[1].split(";")[0])
    values = {"g": 0.5, "mu_T": 0.0}
    assert not simulate("tivnh", values, np.arange(day + 1)).n_failed
    assert simulate("tivnh", values, np.arange(day + 2)).n_failed
    assert main(["simulate", *wild, "--days", f"{day:g}", "--out", str(tmp_path / "out"), "--quiet"]) == 0


def test_doses_after_the_last_day_are_said(tmp_path, capsys):
    (tmp_path / "s.csv").write_text("drug,day,dose\ntrastuzumab,30,1\n")
    words = ["simulate", "--schedule", str(tmp_path / "s.csv"), "--out", str(tmp_path / "out")]
    assert "Warning: The dose of trastuzumab on day 30 is after the last day (28)" in said(capsys, *words)


@pytest.mark.parametrize("option", [("--seed", "-1"), ("--horizon", "nan"), ("--draws", "x")])
@pytest.mark.parametrize("command", ["calibrate", "rank", "optimize"])
def test_what_is_no_number_is_refused_before_anything_is_read(command, option, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([command, "none", *option, "--out", "out"])
    assert stopped.value.code == 2
    assert f"argument {option[0]}" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no head")
def test_a_reader_that_has_enough_is_no_error():
    libraries = [str(ROOT / name) for name in ("HER2ImmunoCommon", "QuantDCE", "PETHypoxia", "HER2ImmunoModel")]
    command = f'"{sys.executable}" -c "from HER2ImmunoStudyLib.cli import main; main([\'models\'])" | head -c 1'
    space = {**os.environ, "PYTHONPATH": os.pathsep.join(libraries)}
    ended = subprocess.run(command, shell=True, capture_output=True, text=True, env=space, check=True)
    assert ended.stderr == ""

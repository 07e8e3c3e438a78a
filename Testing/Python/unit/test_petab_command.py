"""`her2immuno petab`: from the files of a calibration to those of a problem."""

import json

import pytest
from HER2ImmunoStudyLib.cli import main

pytest.importorskip("libsbml", reason="python-libsbml is not installed")


@pytest.fixture(scope="module")
def pooled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pooled")
    rows = [
        f"{day},{100 * (i + 1) * 1.1**day:.1f},m{i},{'treated' if i else 'control'}"
        for i in range(2)
        for day in (0, 3, 6, 9)
    ]
    (folder / "volumes.csv").write_text("\n".join(["day,volume_mm3,animal,group", *rows]), encoding="utf-8")
    (folder / "doses.csv").write_text("drug,day,dose,group\nherceptin,2,1,treated\n", encoding="utf-8")
    words = [
        "calibrate",
        folder / "volumes.csv",
        "--schedule",
        folder / "doses.csv",
        "--pooled",
        "--out",
        folder / "fit",
    ]
    words += ["--model", "two_drug_logistic_death", "--prior-draws", "16", "--draws", "10", "--quiet"]
    assert main([str(word) for word in words]) == 0
    return sorted((folder / "fit").glob("*/calibration.json"))


def test_a_pooled_calibration_becomes_one_problem(pooled, tmp_path):
    words = ["petab", *map(str, pooled), "--out", str(tmp_path / "out"), "--json", str(tmp_path / "s.json"), "--quiet"]
    assert main(words) == 0
    summary = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))
    assert len(summary["subjects"]) == 2
    assert {"g", "K", "k_A"} <= set(summary["estimated"])
    assert sum(name.startswith("T0_") for name in summary["estimated"]) == 2
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"problem.yaml", "model.xml", "parameters.tsv"} <= names
    record = json.loads((tmp_path / "out" / "problem.yaml.json").read_text(encoding="utf-8"))
    assert record["settings"]["objective"] == pytest.approx(summary["objective"])


def test_calibrations_that_were_made_alone_are_no_problem_together(pooled, tmp_path, capsys):
    content = json.loads(pooled[0].read_text(encoding="utf-8")) | {"method": "map"}
    alone = tmp_path / "alone" / "calibration.json"
    alone.parent.mkdir()
    alone.write_text(json.dumps(content), encoding="utf-8")
    assert main(["petab", str(alone), str(pooled[1]), "--out", str(tmp_path / "out")]) == 2
    assert "no share of one pooled calibration" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert main(["petab", str(pooled[0]), "--out", str(tmp_path / "out"), "--quiet"]) == 2
    assert "share of a pooled one" in capsys.readouterr().err


def test_a_problem_is_calibrated_as_its_calibration_was(pooled, tmp_path):
    assert main(["petab", *map(str, pooled), "--out", str(tmp_path / "problem"), "--quiet"]) == 0
    words = ["calibrate", tmp_path / "problem" / "problem.yaml", "--out", tmp_path / "again", "--prior-draws", "16"]
    assert main([str(word) for word in [*words, "--draws", "10", "--quiet"]]) == 0
    for path in pooled:
        before = json.loads(path.read_text(encoding="utf-8"))
        after = json.loads((tmp_path / "again" / path.parent.name / "calibration.json").read_text(encoding="utf-8"))
        modes = [dict(zip(each["free"], each["mode"], strict=True)) for each in (before, after)]
        assert modes[1] == pytest.approx(modes[0], rel=1e-5, abs=1e-6)


def test_options_that_a_problem_answers_itself_are_refused(tmp_path, capsys):
    words = ["calibrate", str(tmp_path / "problem.yaml"), "--out", str(tmp_path / "out"), "--fix", "K=5", "--quiet"]
    assert main(words) == 2
    assert "what --fix would" in capsys.readouterr().err

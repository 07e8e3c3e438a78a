"""`her2immuno rcb`: the score on screen and in the summary, bad numbers in a sentence."""

import json

import pytest
from HER2ImmunoStudyLib.cli import main

EXAMPLE = {"d1": "24", "d2": "18", "cellularity": "10", "in-situ": "5", "nodes": "3", "metastasis": "4"}


def words(**changed):
    options = EXAMPLE | {name.replace("_", "-"): value for name, value in changed.items()}
    return ["rcb", *(f"--{name}={value}" for name, value in options.items())]


def test_the_example_is_told_and_written(tmp_path, capsys):
    assert main([*words(), "--json", str(tmp_path / "rcb.json")]) == 0
    told = capsys.readouterr().out
    assert "RCB 3.031, class II" in told
    assert "US20070248948" in told
    summary = json.loads((tmp_path / "rcb.json").read_text())
    assert summary["rcb"]["score"] == pytest.approx(3.031, abs=5e-4)
    assert summary["rcb"]["class"] == "II"
    assert not any(summary["pcr"].values())


def test_nothing_left_is_a_pcr(capsys):
    assert main(words(d1="0", d2="0", cellularity="0", in_situ="0", nodes="0", metastasis="0")) == 0
    assert "pCR by ypT0/is ypN0, ypT0 ypN0, ypT0/is, RCB 0-I" in capsys.readouterr().out


@pytest.mark.parametrize("changed", [{"cellularity": "110"}, {"nodes": "1.5"}, {"d1": "-3"}, {"metastasis": "0"}])
def test_a_bad_number_is_one_sentence(changed, capsys):
    assert main(words(**changed)) == 2
    told = capsys.readouterr().err.strip()
    assert told.startswith("Error: ")
    assert "\n" not in told

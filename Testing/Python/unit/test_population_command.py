"""`her2immuno calibrate` on subjects as a group: its files, its words, who joins the group, and what it refuses."""

from __future__ import annotations

import argparse
import csv
import json
import shlex
from functools import partial
from pathlib import Path

import pytest
from HER2ImmunoModelLib.calibration import read_calibration
from HER2ImmunoModelLib.population import calibrate_cohort, compare_poolings, read_cohort
from HER2ImmunoStudyLib.cli import main
from HER2ImmunoStudyLib.cli.calibrate import cohort as group_of_command
from HER2ImmunoStudyLib.cli.commands import COMMANDS
from synthetic_cohorts import cohort

HIERARCHICAL = ["--model", "immunotherapy_decaying", "--free", "g,T0", "--hierarchical", "--quiet"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Volumes of four animals with SUV, doses of two, and a new animal."""
    made = tmp_path_factory.mktemp("cohort")
    _, subjects, _ = cohort(5, {"g": (0.12, 0.25), "T0": (0.2, 0.3)}, seed=6, days=(0.0, 5.0, 10.0, 15.0))
    for name, chosen in (("volumes.csv", subjects[:4]), ("new.csv", subjects[4:])):
        rows = [["animal", "group", "day", "volume_cm3", "suv"]]
        for number, subject in enumerate(chosen):
            rows += [
                [subject.name, subject.group, visit.day, visit.values["volume_cm3"], number if visit.day == 0 else ""]
                for visit in subject.measurements
            ]
        with (made / name).open("w", newline="") as file:
            csv.writer(file).writerows(rows)
    doses = "group,drug,day,dose\n" + "".join(f"treated,checkpoint_inhibitor,{day},1\n" for day in (7, 10, 13))
    (made / "treatments.csv").write_text(doses)
    return made


@pytest.fixture(scope="module", autouse=True)
def quick():
    """Few courses a round: what is tested is what is written."""
    with pytest.MonkeyPatch.context() as patch:
        for function in (calibrate_cohort, compare_poolings):
            patch.setattr(group_of_command, function.__name__, partial(function, courses=20_000))
        yield


def run(folder, *words, table="volumes.csv", out="out"):
    doses = ["--schedule", str(folder / "treatments.csv")] if table == "volumes.csv" else []
    asked = ["calibrate", str(folder / table), *doses, "--out", str(folder / out)]
    return main([*asked, "--json", str(folder / f"{out}.json"), *words])


def rows_of(path):
    with path.open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def written(folder):
    assert run(folder, *HIERARCHICAL, "--by", "g~suv") == 0
    return folder / "out"


def test_a_group_is_written(written):
    cohort_ = read_cohort(written / "cohort.json")
    assert list(cohort_.subjects) == ["control animal 1", "treated animal 2", "control animal 3", "treated animal 4"]
    assert cohort_.group["g"].effects.keys() == {"suv"}
    rows = {name: rows_of(written / f"{name}.csv") for name in ("group", "set_by_group")}
    assert [row["parameter"] for row in rows["group"]] == ["g"]
    assert len(rows["set_by_group"]) == 4
    for name in ("group_covariates.csv", "predictive_check.csv", "fit_quality.csv", "cohort.json.json"):
        assert (written / name).is_file()
    one = read_calibration(written / "control_animal_1" / "calibration.json")
    assert one.method == "hierarchical"
    summary = json.loads((written.parent / "out.json").read_text())
    assert summary["group"]["group"]["g"]["mean"]["value"] == pytest.approx(float(rows["group"][0]["mean"]), rel=1e-5)
    assert "draws" not in summary["group"]


def test_pictures_are_drawn_where_there_is_a_screen(written):
    from HER2ImmunoCommonLib.charts import can_draw

    if not can_draw():
        pytest.skip("this machine cannot draw")
    for name in ("group_g.png", "predictive_check_volume_cm3.png"):
        assert (written / name).stat().st_size > 5000


def test_a_new_animal_joins_the_group(written, folder):
    assert run(folder, "--group", str(written / "cohort.json"), "--quiet", table="new.csv", out="new") == 0
    joined = read_calibration(folder / "new" / "calibration.json")
    assert joined.model.parameter("g").source == "group of 4 subjects"
    assert run(folder, "--group", str(written / "cohort.json"), "--model", "tivnh", table="new.csv", out="other") == 2


def test_poolings_are_set_side_by_side(folder, capsys):
    assert run(folder, *HIERARCHICAL[:-1], "--side-by-side", "--hide", "1", out="side") == 0
    rows = rows_of(folder / "side" / "side_by_side.csv")
    assert [(row["pooling"], row["of"]) for row in rows] == [
        (kind, of) for kind in ("individual", "pooled", "hierarchical") for of in ("fitted", "hidden")
    ]
    said = capsys.readouterr().out
    assert "4 subjects as one group" in said
    assert "Best forecast of what was hidden: " in said
    assert "g: mean " in said


def test_every_command_and_file_of_the_page_is_one_that_there_is(written):
    page = (Path(__file__).resolve().parents[3] / "Docs" / "Cohort.md").read_text(encoding="utf-8")
    lines = [shlex.split(line)[1:] for line in page.splitlines() if line.startswith("    her2immuno ")]
    assert {words[0] for words in lines} == {"calibrate", "next"}
    for name, *words in lines:
        command = next(one for one in COMMANDS if name == one.NAME)
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        command.read(parser.parse_args(words))
    tables = {path.name for path in written.glob("*.csv")} | {"cohort.json", "calibration.json"}
    assert not [name for name in tables if f"`{name}`" not in page]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--pooled", "--hierarchical"], "two ways to calibrate several subjects"),
        (["--by", "g~suv"], "add --hierarchical"),
        (["--side-by-side"], "--side-by-side is of subjects"),
        (["--hierarchical", "--method", "mcmc"], "leave out --method mcmc"),
        (["--hierarchical", "--profile", "g"], "leave out --profile"),
        (["--hierarchical", "--subject", "control animal 1"], "leave out --hierarchical"),
        (["--hierarchical", "--by", "g~weight"], "no number in the column 'weight'"),
        (["--hierarchical", "--individual", "q"], "'q' is not free"),
        (["--group", "missing.json"], "missing.json"),
    ],
)
def test_what_does_not_go_together_is_refused(folder, capsys, words, said):
    assert run(folder, "--model", "immunotherapy_decaying", *words, out="refused") == 2
    assert said in capsys.readouterr().err
    assert not (folder / "refused").exists()

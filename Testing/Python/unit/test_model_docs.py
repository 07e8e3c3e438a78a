"""The page of the tumour model: its tables match the library, its worked example and its commands run."""

import re
import runpy
from pathlib import Path

import numpy as np
import pytest
from HER2ImmunoCommonLib.measurements import Measurement, write_csv
from HER2ImmunoModelLib import Dose, Schedule, models, simulate, write_schedule
from HER2ImmunoStudyLib.cli import main

DOCS = Path(__file__).parents[3] / "Docs"


def test_parameter_tables_are_those_of_the_library():
    script = runpy.run_path(str(DOCS / "parameter_tables.py"))
    page = script["PAGE"].read_text(encoding="utf-8")
    assert script["with_tables"](page) == page, "run python Docs/parameter_tables.py"
    chosen = script["FAMILY_PAGE"].read_text(encoding="utf-8")
    assert script["with_family"](chosen) == chosen, "run python Docs/parameter_tables.py"
    drawn = (DOCS / "tivnh_treated.svg").read_text(encoding="utf-8")
    assert script["picture"]() == drawn, "run python Docs/parameter_tables.py"


def test_worked_example_of_adding_a_model():
    page = (DOCS / "HER2ImmunoModel.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL).group(1)
    assert len(code.splitlines()) < 60
    space: dict = {}
    exec(code, space)
    (model,) = space["MODELS"]
    day = np.array([0.0, 5.0, 20.0])
    free = simulate(model, {"g": [0.05, 0.1]}, day).states["T"]
    expected = 5.0 * np.exp(np.log(0.2 / 5.0) * np.exp(-np.outer([0.05, 0.1], day)))
    np.testing.assert_allclose(free, expected, rtol=1e-6)
    doses = Schedule((Dose("cytotoxic", 1.0),))
    assert simulate(model, {}, day, schedule=doses).states["T"][0, 1] < 0.9 * free[0, 1]
    without_kill = simulate(model, {"k": 0.0}, day, schedule=doses).states["T"][0]
    np.testing.assert_allclose(without_kill, free[0], rtol=1e-6)


def commands_of_the_page():
    page = (DOCS / "HER2ImmunoModel.md").read_text(encoding="utf-8")
    section = page.split("## From the command line")[1].split("\n## ")[0]
    return [line.split()[1:] for line in section.splitlines() if line.startswith("    her2immuno ")]


def write_tables(folder):
    """The tables that the page names, small."""
    given = Schedule((Dose("trastuzumab", 2.0), Dose("cytotoxic", 5.0)))
    day = np.array([0.0, 7.0, 14.0])
    course = simulate(models.get("tivnh_treated", "human"), {}, day, schedule=given)
    columns = {state: column for state, column in course.model.observables.items() if state != "I"}
    visits = [
        Measurement(name, float(t), {c: float(course.states[s][0, i]) for s, c in columns.items()})
        for i, (name, t) in enumerate(zip(("baseline", "week 1", "week 2"), day, strict=True))
    ]
    visits[0].values["ktrans_median_per_min"] = 0.2
    write_csv(visits, folder / "table.csv")
    write_schedule(folder / "given.csv", given)
    (folder / "once.csv").write_text("drug,day,dose\npembrolizumab,3,1\n")
    (folder / "plan.csv").write_text("drug,day,dose\ntrastuzumab,14,1\ncytotoxic,18,1\n")
    (folder / "mine.csv").write_text("schedule,drug,day,dose\nusual,cytotoxic,14,1\nother,trastuzumab,14,1\n")
    (folder / "treatments.csv").write_text("group,drug,day,dose\ntreated,trastuzumab,3,1\ntreated,doxorubicin,6,1\n")
    rows = ["group,animal,day,volume_mm3"]
    for group, animal, growth in (("control", "c1", 0.08), ("treated", "t1", 0.04)):
        rows += [f"{group},{animal},{t},{150 * np.exp(growth * t):.4g}" for t in (0, 3, 6, 9)]
    (folder / "mice.csv").write_text("\n".join(rows) + "\n")
    suv = {"c1,0": ",1.2", "t1,0": ",2.5", "t1,3": ",2.1"}
    rows = [rows[0] + ",suv_mean"] + [row + suv.get(",".join(row.split(",")[1:3]), ",") for row in rows[1:]]
    (folder / "mice_suv.csv").write_text("\n".join(rows) + "\n")
    (folder / "cohort.csv").write_text("subject,visit,day,volume_cm3\nP-06,V1,0,4\nP-07,V1,0,5\nP-07,V2,21,3\n")
    (folder / "doses.csv").write_text("subject,drug,day,dose\nP-07,trastuzumab,1,1\n")


SMALL = {
    "calibrate": ["--prior-draws", "64", "--draws", "10", "--steps", "100"],
    "simulate": [],
    "rank": ["--draws", "10"],
    "optimize": ["--draws", "10", "--iterations", "1", "--doses", "1", "--horizon", "30"],
    "next": ["--draws", "100"],
    "models": [],
    "prior": ["--draws", "50"],
}


def test_every_command_of_the_page_runs(tmp_path, monkeypatch, few_points, short_polish):
    pytest.importorskip("emcee", reason="emcee is not installed")
    pytest.importorskip("libsbml", reason="python-libsbml is not installed")
    monkeypatch.chdir(tmp_path)
    write_tables(tmp_path)
    commands = commands_of_the_page()
    assert {words[0] for words in commands} == set(SMALL)
    for words in commands:
        assert main([*words, *SMALL[words[0]], "--quiet"]) == 0, words
        if "--out" in words:
            assert (tmp_path / words[words.index("--out") + 1]).exists()


def test_every_output_of_the_commands_is_on_the_page(tmp_path, monkeypatch, few_points, short_polish):
    pytest.importorskip("emcee", reason="emcee is not installed")
    monkeypatch.chdir(tmp_path)
    write_tables(tmp_path)
    asked = ["--profile", "g", "--sobol", "20", "--hide", "1", "--models", "tivnh,tivnh_treated", "--method", "mcmc"]
    assert main(["calibrate", "table.csv", *asked, *SMALL["calibrate"], "--out", "fit", "--quiet"]) == 0
    pooled = ["--pooled", "--model", "two_drug_exponential_growth", *SMALL["calibrate"]]
    assert main(["calibrate", "mice.csv", *pooled, "--out", "mice", "--quiet"]) == 0
    assert main(["prior", "table.csv", "--draws", "20", "--out", "prior", "--quiet"]) == 0
    for words in (["optimize", "--pareto", "toxicity"], ["rank"]):
        command = [words[0], "fit/calibration.json", *words[1:], *SMALL[words[0]], "--drug", "a", "--drug", "p"]
        assert main([*command, "--out", words[0], "--quiet"]) == 0
    page = (DOCS / "HER2ImmunoModel.md").read_text(encoding="utf-8").split("## How to read the outputs")[1]
    written = {path.name for path in tmp_path.rglob("*/*.csv")} | {"calibration.json"}
    assert len(written) > 13
    assert not [name for name in written if f"`{name}`" not in page]

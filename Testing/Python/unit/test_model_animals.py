"""`her2immuno calibrate` on volumes of several animals, and all it can be asked: numbers, files, bad input."""

import csv
import json
import math

import numpy as np
import pytest
from HER2ImmunoCommonLib.measurements import Measurement, write_csv
from HER2ImmunoModelLib import (
    calibrate,
    calibrate_each,
    calibrate_pooled,
    choose_model,
    fisher_pooled,
    fisher_spectrum,
    models,
    profile_likelihood,
    profile_pooled,
    read_calibration,
    read_schedule,
    read_volumes,
    simulate,
    sobol_sensitivity,
)
from HER2ImmunoStudyLib.cli import main

TRUTH = "two_drug_exponential_growth"
OTHER = "two_drug_exponential_death"
DAYS = (0, 3, 6, 9, 12)
FAST = ["--prior-draws", "64", "--draws", "10", "--horizon", "14"]
OF_ONE = ("parameters", "forecast", "information", "profiles", "sensitivity", "models", "forecast_check")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A folder with the volumes (mm3, noise of 5 %) of a control and three treated animals, and their treatments."""
    folder, rng = tmp_path_factory.mktemp("lab"), np.random.default_rng(2)
    treatments = folder / "treatments.csv"
    treatments.write_text("group,drug,day,dose\ntreated,trastuzumab,3,1\ntreated,doxorubicin,6,1\n")
    (folder / "given.csv").write_text("drug,day,dose\ntrastuzumab,3,1\ndoxorubicin,6,1\n")
    given = read_schedule(folder / "given.csv")
    rows = ["group,animal,day,volume_mm3"]
    for group, animal in (("control", "c1"), ("treated", "t1"), ("treated", "t2"), ("treated", "t 3")):
        course = simulate(TRUTH, {}, DAYS, schedule=given if group == "treated" else None).states["T"][0]
        noise = np.exp(0.05 * rng.standard_normal(len(DAYS)))
        rows += [f"{group},{animal},{day},{1000 * v:.6g}" for day, v in zip(DAYS, course * noise, strict=True)]
    (folder / "mice.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture
def run(lab, tmp_path, monkeypatch):
    """Runs the command in the lab's folder; gives the summary and the folder of the results."""

    def calibrated(*words):
        monkeypatch.chdir(lab)
        out, summary = tmp_path / "out", tmp_path / "summary.json"
        assert main(["calibrate", *words, *FAST, "--out", str(out), "--json", str(summary), "--quiet"]) == 0
        return json.loads(summary.read_text()), out

    return calibrated


def rows_of(path):
    with path.open() as stream:
        return list(csv.DictReader(stream))


def numbers(value):
    """Every number of a JSON value."""
    if isinstance(value, dict):
        return {n for entry in value.values() for n in numbers(entry)}
    if isinstance(value, list):
        return {n for entry in value for n in numbers(entry)}
    return {float(value)} if isinstance(value, (int, float)) else set()


def cells(folder):
    """Every number of the tables of a folder but draws and trajectories."""
    found = {}
    for name in (*OF_ONE, "shared"):
        for row in rows_of(folder / f"{name}.csv") if (folder / f"{name}.csv").exists() else ():
            for column, text in row.items():
                try:
                    found[name, column, text] = float(text)
                except ValueError:
                    continue
    return {key: value for key, value in found.items() if math.isfinite(value)}


def test_each_animal_alone_is_the_engine_on_that_animal(lab, run):
    summary, out = run("mice.csv", "--treatments", "treatments.csv", "--model", TRUTH)
    subjects = read_volumes(lab / "mice.csv", lab / "treatments.csv")
    expected = calibrate_each(models.get(TRUTH, "mouse"), subjects, prior_draws=64)
    assert list(summary["subjects"]) == ["control c1", "treated t1", "treated t2", "treated t 3"]
    for name, calibration in expected.items():
        assert summary["subjects"][name]["calibration"]["mode"] == calibration.mode.tolist()
    assert summary["species"] == "mouse"
    assert (out / "treated_t_3" / "calibration.json").exists()
    assert {row["set_by"] for row in rows_of(out / "subjects.csv")} == {"data", "prior"}


def test_pooled_animals_share_their_rates(lab, run):
    asked = ["--pooled", "--hide", "2", "--profile", "g"]
    summary, out = run("mice.csv", "--treatments", "treatments.csv", "--model", TRUTH, *asked)
    subjects = read_volumes(lab / "mice.csv", lab / "treatments.csv")
    expected = calibrate_pooled(models.get(TRUTH, "mouse"), subjects, prior_draws=64)
    assert summary["pooled"]["shared"]["g"]["value"] == expected.shared["g"].value
    assert summary["pooled"]["bic"] == expected.bic
    assert summary["information"]["eigenvalue"] == fisher_pooled(expected).eigenvalue.tolist()
    assert summary["profiles"][0]["deviance"] == profile_pooled(expected, "g").deviance.tolist()
    assert {row["parameter"] for row in rows_of(out / "shared.csv")} == set(expected.shared)
    told = numbers(summary)
    assert not [key for key, value in cells(out).items() if value not in told]
    views = [read_calibration(out / folder / "calibration.json").best for folder in ("control_c1", "treated_t1")]
    assert views[0]["g"] == views[1]["g"]
    assert views[0]["T0"] != views[1]["T0"]
    hidden = rows_of(out / "forecast_check.csv")
    assert [(row["subject"], row["day"]) for row in hidden[:2]] == [("control c1", "9.0"), ("control c1", "12.0")]
    assert summary["forecast_check"]["agreement"]["volume_cm3"]["n"] == 8
    assert summary["forecast_check"]["agreement"]["volume_cm3"]["mape"] < 15


def test_the_best_of_several_models_is_used(lab, run):
    summary, out = run("mice.csv", "--treatments", "treatments.csv", "--pooled", "--models", f"{OTHER},{TRUTH}")
    subjects = read_volumes(lab / "mice.csv", lab / "treatments.csv")
    family = [models.get(name, "mouse") for name in (OTHER, TRUTH)]
    expected = choose_model(family, subjects, prior_draws=64)
    assert [row["model"] for row in summary["models"]] == [row.model for row in expected]
    assert summary["models"][0]["bic_weight"] == expected[0].bic_weight
    assert summary["model"] == expected[0].model
    assert sum(float(row["bic_weight"]) for row in rows_of(out / "models.csv")) == pytest.approx(1.0)


def test_the_choice_is_told_and_a_family_is_named_by_its_name(lab, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(lab)
    (tmp_path / "one.csv").write_text("day,volume_mm3,volume_mm3_sd\n0,200,20\n3,300,30\n6,,\n9,500,50\n")
    words = ["calibrate", str(tmp_path / "one.csv"), "--family", "immunotherapy", "--out", str(tmp_path / "out")]
    assert main([*words, "--prior-draws", "64"]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in models.family("immunotherapy"))
    assert "Used: immunotherapy_" in said
    assert "immunotherapy_cumulative stands for immunotherapy_decaying, " in said  # no dose was given
    assert "are set by the priors" in said
    assert read_calibration(tmp_path / "out" / "calibration.json").measurements[0].sd["volume_cm3"] == 0.02


def test_draws_of_pooled_animals_and_a_noise_scale(lab, run, capsys):
    pytest.importorskip("emcee", reason="emcee is not installed")
    asked = ["--pooled", "--method", "mcmc", "--steps", "100", "--noise-scale", "--fix", "s_A=2"]
    summary, out = run("mice.csv", "--treatments", "treatments.csv", "--model", TRUTH, *asked)
    assert summary["pooled"]["sampling"]["tail"] < 0.7
    assert summary["pooled"]["noise"]["value"] == pytest.approx(0.4, abs=0.15)
    assert {"tau_steps", "r_hat"} <= set(rows_of(out / "sampling.csv")[0])
    views = [read_calibration(out / folder / "calibration.json") for folder in ("control_c1", "treated_t1")]
    assert views[0].samples[:, views[0].free.index("g")].tolist() == views[1].samples[:, 0].tolist()
    assert views[1].free[0] == "g"


def test_members_that_cannot_know_an_earlier_dose_are_left_out(lab, run):
    (lab / "early.csv").write_text("group,drug,day\ntreated,trastuzumab,-1\n")
    family = f"{TRUTH},two_drug_logistic_growth_keeps"
    summary, _ = run("mice.csv", "--treatments", "early.csv", "--pooled", "--models", family)
    assert summary["models"] == []
    assert summary["model"] == TRUTH
    reason = "two_drug_logistic_growth_keeps is left out: it integrates trastuzumab, given on day -1"
    assert summary["warnings"][0].startswith(reason)


def test_the_summary_holds_every_number_of_the_tables(lab, run):
    lines = (lab / "mice.csv").read_text().splitlines()
    (lab / "one.csv").write_text("\n".join([lines[0], *(line for line in lines if "t 3" in line)]))
    asked = ["--profile", "g", "--profile", "T0", "--sobol", "12", "--hide", "1", "--models", f"{OTHER},{TRUTH}"]
    summary, out = run("one.csv", "--schedule", "treatments.csv", *asked)
    found = cells(out)
    assert {name for name, _, _ in found} == set(OF_ONE)
    told = numbers(summary)
    assert not [key for key, value in found.items() if value not in told]
    calibration = read_calibration(out / "calibration.json")
    profile = profile_likelihood(calibration, "T0")
    assert summary["profiles"][1]["deviance"] == profile.deviance.tolist()
    assert summary["information"]["eigenvalue"] == fisher_spectrum(calibration).eigenvalue.tolist()
    expected = sobol_sensitivity(calibration, 12.0)
    assert summary["sensitivity"]["total_order"] == expected.total_order.tolist()


def test_free_and_fixed_parameters(lab, run):
    summary, _ = run(
        "mice.csv", "--treatments", "treatments.csv", "--model", TRUTH, "--free", "g, T0", "--fix", "k_P=0.2"
    )
    one = summary["subjects"]["treated t1"]["calibration"]
    assert one["free"] == ["g", "T0"]
    assert one["fixed"]["k_P"] == 0.2


def test_a_parameter_that_follows_an_image_survives_the_file(tmp_path):
    visits = [
        Measurement(name, day, {"volume_cm3": volume, "suv_mean": suv})
        for name, day, volume, suv in (("baseline", 0, 4.0, 2.5), ("week 1", 7, 4.4, 2.0), ("week 2", 14, 4.1, 1.5))
    ]
    (tmp_path / "given.csv").write_text("drug,day,dose\npembrolizumab,1,1\n")
    words = ["calibrate", str(write_csv(visits, tmp_path / "t.csv")), "--schedule", str(tmp_path / "given.csv")]
    more = ["--model", "immunotherapy_decaying", "--covariate", "phi=suv_mean@week 1", *FAST, "--quiet"]
    assert main([*words, *more, "--out", str(tmp_path / "fit")]) == 0
    calibration = read_calibration(tmp_path / "fit" / "calibration.json")
    assert calibration.fixed["phi_measured"] == 2.0
    assert {"phi_intercept", "phi_slope"} <= set(calibration.free)
    again = calibrate(calibration.model, visits, schedule=calibration.schedule, prior_draws=64)
    assert again.mode.tolist() == calibration.mode.tolist()
    words = ["simulate", "--calibration", str(tmp_path / "fit" / "calibration.json"), "--days", "7", "--draws", "5"]
    assert main([*words, "--out", str(tmp_path / "course"), "--quiet"]) == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["header.csv"], "header.csv holds no rows"),
        (["blank.csv"], "holds no number of two_drug"),
        (["same.csv"], "same.csv, a: visits 'day 0' and 'day 0'"),
        (["zero.csv"], "volume_cm3_sd is 0"),
        (["gone.csv"], "column volume_cm3 is 0"),
        (["whose.csv"], "whose.csv does not say whose volumes it holds"),
        (["fractions.csv"], "the column 'visit' is missing"),
        (["mice.csv", "--models", "tivnh", "--family", "two_drug"], "give one of them"),
        (["mice.csv", "--family", "three_drug"], "no family of models 'three_drug'"),
        (["mice.csv", "--models", ","], "names no model"),
        (["mice.csv", "--pooled", "--profile", "T0"], "T0 is not shared by the subjects"),
        (["mice.csv", "--profile", "nosuch"], "nosuch"),
        (["mice.csv", "--free", "nosuch"], "nosuch"),
        (["mice.csv", "--fix", "g"], "--fix g: write NAME=NUMBER"),
        (["mice.csv", "--fix", "g=1", "--fix", "g=2"], "each name once"),
        (["mice.csv", "--fix", "g=-1"], "outside its domain"),
        (["mice.csv", "--covariate", "g=suv_mean"], "No subject has a number in the column 'suv_mean'"),
        (["one.csv", "--covariate", "g"], "PARAMETER=COLUMN@VISIT"),
        (["one.csv", "--covariate", "g=suv_mean"], "has a number in the column 'suv_mean' at any visit"),
        (["one.csv", "--pooled"], "nothing to pool"),
        (["one.csv", "--hide", "2"], "Hiding 2 of 2 visits"),
        (["mice.csv", "--pooled", "--hide", "5"], "Subject control c1: Hiding 5 of 5 visits"),
        (["one.csv", "--sobol", "0"], "--sobol 0 is not after the first visit"),
        (["one.csv", "--sobol", "7", "--sobol-state", "H"], "has the states T"),
        (["nan.csv"], "row 2, column day holds 'nan'"),
        (["twice.csv"], "the column 'day' occurs twice"),
        (["one.csv", "--horizon", "-1"], "The horizon (day -1) is not after the start (day 0)"),
        (["one.csv", "--horizon", "1e6"], "more than ten years ahead"),
        (["one.csv", "--fix", "g=nan"], "--fix g=nan"),
        (["one.csv", "--prior-draws", "0"], "--prior-draws is 0"),
        (["mice.csv", "--treatments", "aspirin.csv"], "aspirin"),
        (["mice.csv", "--treatments", "strangers.csv"], "'rats' has no volumes"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(lab, tmp_path, monkeypatch, capsys, words, sentence):
    monkeypatch.chdir(tmp_path)
    texts = {
        "mice": (lab / "mice.csv").read_text(),
        "one": "animal,day,volume_cm3\na,0,1\na,7,2\n",
        "header": "animal,day,volume_mm3\n",
        "blank": "animal,day,volume_mm3\na,0,\n",
        "same": "animal,day,volume_mm3\na,0,100\na,0,900\n",
        "zero": "animal,day,volume_cm3,sd\na,0,1,0\n",
        "nan": "day,volume_mm3\nnan,1\n",
        "twice": "day,volume_mm3,day\n0,1,0\n",
        "whose": "day,volume_cm3\n0,1\n7,2\n",
        "gone": "group,day,volume_cm3\na,0,1\na,7,0\n",
        "fractions": "day,volume_cm3,hypoxic_fraction\n0,1,0.2\n",
        "aspirin": "drug,day\naspirin,1\n",
        "strangers": "group,drug,day\nrats,trastuzumab,1\n",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.csv").write_text(text)
    chosen = [] if {"--models", "--family"} & set(words) else ["--model", TRUTH]
    assert main(["calibrate", *words, *chosen, "--out", "out", "--json", "said.json", "--quiet"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert error.count("\n") == 1
    assert sentence in error
    assert json.loads((tmp_path / "said.json").read_text())["status"] == "error"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("table", "given", "sentence"),
    [
        ("day,volume_cm3\n0,1\n", "", "There is one visit"),
        ("day,volume_cm3,sd\n0,1,9\n7,1.2,0.1\n", "", "so large that it says little"),
        ("day,volume_cm3\n0,1\n1,50\n2,1\n", "", "distrust the forecast"),
        ("day,volume_cm3\n0,1\n7,2\n", "trastuzumab,90,1\n", "day 90 is after the last day (35)"),
        ("day,volume_cm3\n0,1\n7,2\n", "trastuzumab,2,1\n", None),
    ],
)
def test_what_can_still_be_trusted_is_said(tmp_path, table, given, sentence):
    (tmp_path / "t.csv").write_text(table)
    (tmp_path / "g.csv").write_text("drug,day,dose\n" + given)
    doses = ["--treatments", str(tmp_path / "g.csv")] if given else []
    words = ["calibrate", str(tmp_path / "t.csv"), *doses, "--model", TRUTH, "--species", "mouse", "--draws", "5"]
    more = ["--prior-draws", "64", "--out", str(tmp_path / "out"), "--json", str(tmp_path / "s.json"), "--quiet"]
    assert main([*words, *more]) == 0
    warnings = json.loads((tmp_path / "s.json").read_text())["warnings"]
    assert len(warnings) == (sentence is not None) or sentence == "distrust the forecast"
    assert sentence is None or any(sentence in text for text in warnings)

"""Examinations as clinics have them go through the whole study: few phases, no flip angles, no vessel, answers."""

import dataclasses
import json

import numpy as np
import pytest
from HER2ImmunoCommonLib.geometry import read_volume, write_volume
from HER2ImmunoStudyLib.cli import main
from HER2ImmunoStudyLib.phantom.presets import HUMAN, Grid
from HER2ImmunoStudyLib.phantom.writer import write_virtual_patient

GRIDS = {
    "mr_grid": Grid((8, 32, 32), (4.0, 4.0, 5.0), (-75.0, 58.0, 21.0)),
    "pet_grid": Grid((10, 30, 30), (5.0, 5.0, 5.0), (-74.3, 57.6, 21.7)),
    "visit_days": (0.0, 7.0),
}
THREE_PHASES = dataclasses.replace(
    HUMAN, **GRIDS, mr=dataclasses.replace(HUMAN.mr, frames=4, frame_s=150.0, arrival_s=100.0)
)
DYNAMIC = dataclasses.replace(HUMAN, **GRIDS, mr=dataclasses.replace(HUMAN.mr, frames=40, frame_s=4.0))
EARLY_S, LATE_S = 50.0, 200.0


@pytest.fixture(scope="module")
def three_phases(tmp_path_factory):
    return write_virtual_patient(tmp_path_factory.mktemp("clinic") / "patient", preset=THREE_PHASES).parent


@pytest.fixture(scope="module")
def dynamic(tmp_path_factory):
    return write_virtual_patient(tmp_path_factory.mktemp("research") / "patient", preset=DYNAMIC).parent


def study_of(patient, folder, change):
    """A study beside others on the same images, its description changed."""
    content = json.loads((patient / "study.json").read_text())
    content["model"]["draws"] = 20
    change(content)
    for visit in content["visits"]:
        for key in ("dynamic", "vfa", "pet", "tumour", "vessel", "muscle"):
            if key in visit:
                visit[key] = str(patient / visit[key])
    content["treatments"] = str(patient / "treatments.csv")
    folder.mkdir()
    (folder / "study.json").write_text(json.dumps(content))
    return folder


def without(*keys, **dce):
    def change(content):
        for visit in content["visits"]:
            for key in keys:
                visit.pop(key)
        content["dce"] = dce

    return change


def run(study, *words):
    out, summary = study / "out", study / "summary.json"
    code = main(["study", str(study), "--out", str(out), "--json", str(summary), "--quiet", *words])
    return code, json.loads(summary.read_text()), out


def test_a_few_phases_without_kinetics_end_in_a_report(three_phases, tmp_path):
    study = study_of(
        three_phases, tmp_path / "s", without("vfa", "vessel", model="none", early_s=EARLY_S, late_s=LATE_S)
    )
    code, summary, out = run(study)
    assert code == 0
    page = (out / "report.html").read_text()
    assert "Early enhancement" in page
    assert not (out / "baseline" / "Ktrans.nrrd").exists()
    assert not (out / "baseline" / "aif.csv").exists()
    values = summary["measurements"][0]["values"]
    assert "vascular_fraction" not in values
    assert {"volume_cm3", "pe_median_percent", "ser_median", "ftv_cm3", "hypoxic_fraction"} <= values.keys()
    tumour = read_volume(three_phases / "baseline" / "masks" / "tumour.nrrd").array > 0
    enhancement = read_volume(out / "baseline" / "PE.nrrd").array
    assert values["pe_median_percent"] == pytest.approx(float(np.nanmedian(enhancement[tumour])), rel=1e-5)


def test_answers_about_mr_are_taken_for_all_visits_or_for_one(dynamic, tmp_path):
    study = study_of(dynamic, tmp_path / "s", without("vfa", "vessel", model="tofts"))
    code, asked, _ = run(study)
    assert code == 3
    (question,) = asked["questions"]
    assert question["key"] == "t10_s"
    assert "Visit baseline" in question["text"]
    code, summary, out = run(study, "--set", "t10_s=1.4", "--set", "day_7:t10_s=1.2")
    assert code == 0
    used = [json.loads((out / visit / "Ktrans.nrrd.json").read_text())["settings"] for visit in ("baseline", "day_7")]
    assert [entry["t10_s"] for entry in used] == [1.4, 1.2]
    assert "vascular_fraction" in summary["measurements"][0]["values"]


@pytest.mark.parametrize(("answer", "words"), [("t1=1.4", "'t1'"), ("t10_s=long", "t10_s"), ("day_9:t10_s=1", "day_9")])
def test_an_answer_to_no_question_is_refused_by_name(dynamic, tmp_path, capsys, answer, words):
    study = study_of(dynamic, tmp_path / "s", without("vfa", "vessel", model="tofts"))
    code, summary, out = run(study, "--set", answer)
    assert code == 2
    assert words in summary["error"]
    assert not any(out.rglob("*"))


def test_names_of_visits_do_not_leave_the_folder_of_the_results(dynamic, tmp_path):
    def rename(content):
        without("dynamic", "vfa", "vessel")(content)
        for visit, name in zip(content["visits"], ("../..", "report.html"), strict=True):
            visit["visit"] = name

    study = study_of(dynamic, tmp_path / "s", rename)
    before = set(tmp_path.rglob("*"))
    code, summary, out = run(study)
    assert code == 0
    assert (out / "report.html").is_file()
    made = set(tmp_path.rglob("*")) - before - {study / "summary.json"}
    assert all(out == path or out in path.parents for path in made)
    for name in ("../..", "report.html"):
        folder = tmp_path / summary["files"][name]
        assert (folder / "SUVbw.nrrd").is_file()
        assert out in folder.resolve().parents


def test_a_visit_that_is_called_something_else_leaves_no_maps_of_its_old_name(dynamic, tmp_path):
    study = study_of(dynamic, tmp_path / "s", without("dynamic", "vfa", "vessel"))
    _, _, out = run(study)
    assert (out / "day_7" / "SUVbw.nrrd").is_file()
    (out / "notes.txt").write_text("mine")
    (out / "day_7" / "mine.txt").write_text("mine")
    content = json.loads((study / "study.json").read_text())
    content["visits"][1]["visit"] = "week 1"
    (study / "study.json").write_text(json.dumps(content))
    code, _, _ = run(study)
    assert code == 0
    assert [path.name for path in (out / "day_7").iterdir()] == ["mine.txt"]
    assert (out / "notes.txt").read_text() == "mine"
    assert (out / "week_1" / "SUVbw.nrrd").is_file()
    assert not list(out.rglob(".part-*"))


def test_flip_angles_and_dynamic_may_lie_in_one_folder(dynamic, tmp_path):
    def one_folder(content):
        for visit in content["visits"]:
            visit["dynamic"] = visit["vfa"] = f"{visit['visit']}/MR"

    apart, together = tmp_path / "apart", tmp_path / "together"
    _, expected, _ = run(study_of(dynamic, apart, lambda content: None))
    code, found, _ = run(study_of(dynamic, together, one_folder))
    assert code == 0
    for one, other in zip(found["measurements"], expected["measurements"], strict=True):
        assert one["values"] == pytest.approx(other["values"])


def check(study, capsys, *words):
    code = main(["check", str(study), "--json", str(study / "check.json"), *words])
    found = json.loads((study / "check.json").read_text())
    assert sorted(path.name for path in study.iterdir()) == ["check.json", "study.json"]
    return code, found, capsys.readouterr().out


def levels(found, level):
    return {(one["where"], one["about"]) for one in found["findings"] if one["level"] == level}


def test_check_finds_a_good_study_good(dynamic, tmp_path, capsys):
    code, found, text = check(study_of(dynamic, tmp_path / "s", lambda content: None), capsys)
    assert code == 0
    assert levels(found, "error") == levels(found, "question") == set()
    well = levels(found, "ok")
    for about in ("MR images", "times", "T1", "tumour on MR", "artery on MR", "SUV", "tumour on PET", "muscle on PET"):
        assert {("baseline", about), ("day_7", about)} <= well
    assert "0 errors; nothing was computed or written." in text


def test_check_asks_what_the_study_would_ask(dynamic, tmp_path, capsys):
    study = study_of(dynamic, tmp_path / "s", without("vfa", "vessel", model="tofts"))
    code, found, text = check(study, capsys)
    assert code == 3
    assert levels(found, "question") == {("baseline", "sequence"), ("day_7", "sequence")}
    assert "--set t10_s=VALUE" in text
    code, found, _ = check(study, capsys, "--set", "t10_s=1.4")
    assert code == 0


def test_check_names_everything_that_is_wrong_at_once(dynamic, tmp_path, capsys):
    away, empty = tmp_path / "away.nrrd", tmp_path / "empty.nrrd"
    tumour = read_volume(dynamic / "baseline" / "masks" / "tumour.nrrd")
    place = tumour.ijk_to_ras.copy()
    place[:3, 3] += 1000.0
    write_volume(dataclasses.replace(tumour, ijk_to_ras=place), away)
    write_volume(tumour.like(np.zeros_like(tumour.array)), empty)
    (tmp_path / "given.csv").write_text("drug,day,dose\naspirin,1,1\n")
    study = study_of(dynamic, tmp_path / "s", lambda content: None)
    content = json.loads((study / "study.json").read_text())
    content["visits"][0]["tumour"], content["visits"][1]["muscle"] = str(away), str(empty)
    content["treatments"] = str(tmp_path / "given.csv")
    (study / "study.json").write_text(json.dumps(content))
    code, found, _ = check(study, capsys)
    assert code == 2
    wrong = levels(found, "error")
    assert {("study", "treatments"), ("baseline", "tumour on MR"), ("baseline", "tumour on PET")} <= wrong
    assert any(where == "day_7" for where, _ in wrong)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda content: content["dce"].update(relaxivity=4.5), "relaxivity"),
        (lambda content: content["model"].update(horizon=4.5), "horizon"),
        (lambda content: content["visits"][0].update(day=None), "day"),
    ],
)
def test_check_refuses_entries_that_nobody_reads(dynamic, tmp_path, capsys, change, words):
    code, found, text = check(study_of(dynamic, tmp_path / "s", change), capsys)
    assert code == 2
    assert words in text
    assert found["status"] == "error"

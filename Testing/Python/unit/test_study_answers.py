"""Answers to the questions of a study: which visit they are for, and which visit asks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError
from HER2ImmunoStudyLib.study.answers import answers_by_visit, of_dynamic, of_visit, sorted_by_stage
from HER2ImmunoStudyLib.study.manifest import Visit, read_study
from HER2ImmunoStudyLib.study.pipeline import run_study
from QuantDCELib import Choice

VISITS = ["baseline", "week 3: early"]


def test_an_answer_is_for_every_visit_or_for_one():
    found = answers_by_visit(
        {"weight_kg": "70", "baseline:start": "2024-01-10 10:00:00", "week 3: early:weight_kg": "68"}, VISITS
    )
    assert found["baseline"] == {"weight_kg": "70", "start": "2024-01-10 10:00:00"}
    assert found["week 3: early"] == {"weight_kg": "68"}


def test_an_answer_for_a_visit_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="the visits are baseline, week 3: early"):
        answers_by_visit({"week 4:start": "10:00"}, VISITS)


def test_a_question_names_its_visit_and_how_to_answer_for_it_alone():
    (asked,) = of_visit(QuestionsError([Question("start", "When?")]), "baseline", 2).questions
    assert asked == Question("start", "Visit baseline: When? (for this visit alone: baseline:start)")
    (alone,) = of_visit(QuestionsError([Question("start", "When?")]), "baseline", 1).questions
    assert alone.text == "Visit baseline: When?"


@pytest.fixture
def pet_study(pet_patient, tmp_path):
    """A study of one visit with PET only; the reference region is named as given."""

    def write(reference):
        folder, paths = pet_patient
        visit = {"visit": "baseline", "day": 0, "tumour": paths["tumour"].name, "pet": folder.name}
        visit[reference] = paths["muscle"].name
        (tmp_path / "study.json").write_text(json.dumps({"visits": [visit]}))
        return read_study(tmp_path)

    return write


def warnings_of(study):
    return run_study(study, answers={"baseline:weight_kg": "70"}).visits[0].warnings


def test_a_study_whose_reference_is_of_the_other_kind_says_so(pet_study):
    told = warnings_of(pet_study("blood"))
    assert "There is no region of muscle, so neither TMR nor hypoxia is measured." in told
    assert any("has blood instead of muscle" in text and "to TBR" in text for text in told)


def test_a_question_of_a_study_stops_it_with_its_key_and_visit(pet_study, pet_series):
    pet_series({"PatientWeight": None}, n=16)
    with pytest.raises(QuestionsError) as asked:
        run_study(pet_study("muscle"))
    (question,) = asked.value.questions
    assert question.key == "weight_kg"
    assert question.text.startswith("Visit baseline: PatientWeight (0010,1030)")


def test_answers_go_to_the_stage_that_asks():
    given = {
        "t10_s": "1.4",
        "arrival_s": "none",
        "model": "none",
        "weight_kg": "70",
        "kind": "water",
        "series": "4",
        "dynamic_series": "5,6",
        "frame_interval_s": "2",
    }
    found = sorted_by_stage(given, ("tumour",))
    assert found.dce == {"t10_s": "1.4", "arrival_s": None, "model": "none"}
    assert found.pet == {"weight_kg": "70", "series": "4"}
    visit = found.about(Visit("baseline", 0.0, Path("tumour.nrrd"), vfa_choice=Choice(kind="fat")))
    assert (visit.dynamic_choice, visit.vfa_choice) == (Choice("5,6", "water"), Choice(kind="fat"))
    assert visit.frame_interval_s == 2.0


def test_the_series_of_a_visit_without_pet_is_that_of_the_dynamic():
    found = sorted_by_stage({"series": "4"}, (), has_pet=False)
    assert found.about(Visit("baseline", 0.0, Path("t.nrrd"))).dynamic_choice == Choice("4")
    (asked,) = of_dynamic(QuestionsError([Question("series", "Which?")])).questions
    assert asked.key == "dynamic_series"


@pytest.mark.parametrize(("key", "text"), [("T10", "1"), ("frame_interval_s", "0"), ("frame_interval_s", "soon")])
def test_an_answer_that_no_stage_asks_for_is_refused(key, text):
    with pytest.raises(InputError, match=key):
        sorted_by_stage({key: text}, ())

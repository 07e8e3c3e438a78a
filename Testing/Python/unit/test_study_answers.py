"""Answers to the questions of a study: which visit they are for, and which visit asks."""

from __future__ import annotations

from pathlib import Path

import pytest
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError
from HER2ImmunoStudyLib.study.answers import answers_by_visit, of_dynamic, of_visit, sorted_by_stage
from HER2ImmunoStudyLib.study.manifest import Visit
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

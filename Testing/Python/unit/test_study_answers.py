"""Answers to the questions of a study: which visit they are for, and which visit asks."""

from __future__ import annotations

import pytest
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError
from HER2ImmunoStudyLib.study.answers import answers_by_visit, of_visit

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

"""Answers of a person to the questions of a study: for every visit, or for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError


def answers_by_visit(answers: Mapping[str, str], visits: Sequence[str]) -> dict[str, dict[str, str]]:
    """The answers that hold for each visit.

    Parameters
    ----------
    answers : mapping of str to str
        By key, for every visit, or by `VISIT:KEY`, for one; the latter goes first.
    visits : sequence of str
        Names of the visits.

    Raises
    ------
    InputError
        For a visit that is not there.
    """
    for key in answers:
        visit, colon, _ = key.rpartition(":")
        if colon and visit not in visits:
            raise InputError(f"The answer {key} is for visit {visit!r}, but the visits are {', '.join(visits)}.")
    common = {key: value for key, value in answers.items() if ":" not in key}
    own = {visit: {} for visit in visits}
    for key, value in answers.items():
        visit, colon, name = key.rpartition(":")
        if colon:
            own[visit][name] = value
    return {visit: common | own[visit] for visit in visits}


def of_visit(error: QuestionsError, visit: str, n_visits: int) -> QuestionsError:
    """The questions with the visit that they are about."""
    alone = " (for this visit alone: {0}:{1})" if n_visits > 1 else ""
    return QuestionsError(
        [Question(one.key, f"Visit {visit}: {one.text}{alone.format(visit, one.key)}") for one in error.questions]
    )

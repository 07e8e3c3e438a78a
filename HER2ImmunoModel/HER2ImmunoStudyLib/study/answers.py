"""Answers of a person to the questions of a study: for every visit, or for one; and which stage each is for."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError
from HER2ImmunoCommonLib.masks import without_segments
from PETHypoxiaLib.suv import ANSWER_KEYS
from QuantDCELib import DceSettings

FRAME_INTERVAL = "frame_interval_s"


@dataclass(frozen=True)
class Answers:
    """The answers for one visit.

    Attributes
    ----------
    dce : mapping of str to object
        Settings of the MR analysis.
    frame_interval_s : float or None
        Time between frames that carry none.
    pet : mapping of str to str
        Corrections of the PET header.
    segments : mapping of str to str
        Label or segment of a region's mask.
    """

    dce: Mapping[str, object]
    frame_interval_s: float | None
    pet: Mapping[str, str]
    segments: Mapping[str, str]


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


def sorted_by_stage(answers: Mapping[str, str], regions: Sequence[str]) -> Answers:
    """The answers of a visit, each with the stage that asks for it.

    Raises
    ------
    InputError
        For a key that no stage asks for, or seconds that are none.
    """
    rest, segments = without_segments(answers, tuple(regions))
    settings = {field.name for field in dataclasses.fields(DceSettings)}
    dce = {key: _value(key, text) for key, text in rest.items() if key in settings}
    pet = {key: text for key, text in rest.items() if key in ANSWER_KEYS}
    for key in rest.keys() - dce.keys() - pet.keys() - {FRAME_INTERVAL}:
        known = ", ".join((*sorted(settings), FRAME_INTERVAL, *ANSWER_KEYS))
        raise InputError(f"There is no question {key!r} to answer in a study; the keys are {known}.")
    interval = rest.get(FRAME_INTERVAL)
    return Answers(dce, None if interval is None else _seconds(interval), pet, segments)


def _value(key: str, text: str) -> object:
    """A setting as text; "none" takes it away, but is the name of a model."""
    return None if text.strip() == "none" and key != "model" else text


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise InputError(f"{FRAME_INTERVAL} is {text!r}; give a number of seconds above 0.")
    return value

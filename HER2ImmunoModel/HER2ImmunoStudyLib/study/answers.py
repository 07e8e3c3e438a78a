"""Answers of a person to the questions of a study: for every visit, or for one; and which stage each is for."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError
from HER2ImmunoCommonLib.masks import without_segments
from PETHypoxiaLib.suv import ANSWER_KEYS
from QuantDCELib import DceSettings

from .manifest import Visit

FRAME_INTERVAL, DYNAMIC_SERIES = "frame_interval_s", "dynamic_series"
IMAGES = (DYNAMIC_SERIES, "kind", "vfa_series", "vfa_kind")
"""Keys of choices among MR images; `series` alone is the PET series, where there is PET."""


@dataclass(frozen=True)
class Answers:
    """The answers for one visit.

    Attributes
    ----------
    dce : mapping of str to object
        Settings of the MR analysis.
    frame_interval_s : float or None
        Time between frames, instead of the headers'.
    images : mapping of str to str
        Series and kinds of image of MR, by `IMAGES`.
    pet : mapping of str to str
        Corrections of the PET header.
    segments : mapping of str to str
        Label or segment of a region's mask.
    """

    dce: Mapping[str, object]
    frame_interval_s: float | None
    images: Mapping[str, str]
    pet: Mapping[str, str]
    segments: Mapping[str, str]

    def about(self, visit: Visit) -> Visit:
        """The visit with what was answered about its MR images."""
        chosen = dict(self.images)
        dynamic = replace(visit.dynamic_choice, **_named(chosen, series=DYNAMIC_SERIES, kind="kind"))
        vfa = replace(visit.vfa_choice, **_named(chosen, series="vfa_series", kind="vfa_kind"))
        interval_s = visit.frame_interval_s if self.frame_interval_s is None else self.frame_interval_s
        return replace(visit, dynamic_choice=dynamic, vfa_choice=vfa, frame_interval_s=interval_s)


def _named(chosen: Mapping[str, str], **names: str) -> dict[str, str]:
    return {field: chosen[name] for field, name in names.items() if name in chosen}


def of_dynamic(error: QuestionsError) -> QuestionsError:
    """Questions about the dynamic series, whose key is not that of the PET series."""
    renamed = {"series": DYNAMIC_SERIES}
    return QuestionsError([Question(renamed.get(one.key, one.key), one.text) for one in error.questions])


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


def sorted_by_stage(answers: Mapping[str, str], regions: Sequence[str], *, has_pet: bool = True) -> Answers:
    """The answers of a visit, each with the stage that asks for it.

    Raises
    ------
    InputError
        For a key that no stage asks for, or seconds that are none.
    """
    rest, segments = without_segments(answers, tuple(regions))
    if "series" in rest and not has_pet:
        rest = {DYNAMIC_SERIES if key == "series" else key: text for key, text in rest.items()}
    settings = {field.name for field in dataclasses.fields(DceSettings)}
    dce = {key: _value(key, text) for key, text in rest.items() if key in settings}
    pet = {key: text for key, text in rest.items() if key in ANSWER_KEYS}
    images = {key: text for key, text in rest.items() if key in IMAGES}
    for key in sorted(rest.keys() - dce.keys() - pet.keys() - images.keys() - {FRAME_INTERVAL}):
        known = ", ".join((*sorted(settings), FRAME_INTERVAL, *IMAGES, *ANSWER_KEYS))
        raise InputError(f"There is no question {key!r} to answer in a study; the keys are {known}.")
    interval = rest.get(FRAME_INTERVAL)
    return Answers(dce, None if interval is None else interval_s(interval), images, pet, segments)


def _value(key: str, text: str) -> object:
    """A setting as text; "none" takes it away, but is the name of a model."""
    return None if text.strip() == "none" and key != "model" else text


def interval_s(text: str) -> float:
    """The time between frames that a person gave.

    Raises
    ------
    InputError
        If it is no number of seconds.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise InputError(f"{FRAME_INTERVAL} is {text!r}; give a number of seconds above 0.")
    return value

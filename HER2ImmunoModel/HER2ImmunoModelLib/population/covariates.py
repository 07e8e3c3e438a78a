"""Covariates of subjects: columns of their tables, or the group they are in, as numbers that move a group's means."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from ..calibration.covariates_over import first_with
from ..calibration.subjects import Subject
from ..models.parameters import Parameter
from .law import Effect

GROUP = "group"
"""Covariate that is the group a subject is in."""


def effects_of(words: Sequence[str], subjects: Sequence[Subject], free: Sequence[Parameter]) -> tuple[Effect, ...]:
    """The effects that words `PARAMETER~COLUMN` or `PARAMETER~group` ask for.

    A column is taken from the first visit that has it and standardised over the subjects; each group but the first has
    an effect against that.

    Raises
    ------
    InputError
        A word of another form, a parameter that is not free, a subject without the column, one value for all.
    """
    found: list[Effect] = []
    for word in words:
        parameter, sign, column = (part.strip() for part in word.partition("~"))
        if not (parameter and sign and column):
            raise InputError(f"The covariate {word!r} is not PARAMETER~COLUMN; write it as phi~suv_mean or g~group.")
        index = _index(parameter, free)
        found += _groups(index, subjects) if column == GROUP else [_of_column(index, column, subjects)]
    seen = [(effect.parameter, effect.name) for effect in found]
    if len(set(seen)) < len(seen):
        raise InputError("A covariate is given twice; leave one out.")
    return tuple(found)


def _index(name: str, free: Sequence[Parameter]) -> int:
    names = [parameter.name for parameter in free]
    if name not in names:
        raise InputError(f"The covariate's parameter {name!r} is not free; choose one of {', '.join(names)}.")
    return names.index(name)


def _groups(index: int, subjects: Sequence[Subject]) -> list[Effect]:
    groups = list(dict.fromkeys(subject.group for subject in subjects))
    if len(groups) < 2:
        raise InputError("All subjects are in one group, so it has no effect; leave the covariate out.")
    return [
        Effect(index, f"{GROUP}={group}", np.array([float(subject.group == group) for subject in subjects]), 0.0, 1.0)
        for group in groups[1:]
    ]


def _of_column(index: int, column: str, subjects: Sequence[Subject]) -> Effect:
    values = np.array([value_of(subject, column) for subject in subjects])
    if not np.ptp(values) > 0:
        raise InputError(
            f"The covariate {column!r} is {values[0]:g} of every subject, so it has no effect; leave it out."
        )
    middle, width = float(values.mean()), float(values.std())
    return Effect(index, column, (values - middle) / width, middle, width)


def value_of(subject: Subject, column: str) -> float:
    """What the first visit that has a column says; `InputError` without."""
    if (visit := first_with(subject, column)) is not None:
        return float(visit.values[column])
    raise InputError(
        f"Subject {subject.name} has no number in the column {column!r}; give it, or leave the subject out."
    )

"""The settings of an analysis in their own units: what cannot be is recognised as another unit, or asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from HER2ImmunoCommonLib.errors import Question, QuestionsError

from ..arterial_input.population import POPULATION_AIFS
from ..signal.quantities import DOSE, FLIP, HAEMATOCRIT, RELAXIVITY, T1_BLOOD, T1_TISSUE, TR, Quantity, taken
from .settings import DceSettings


def in_own_units(settings: DceSettings) -> tuple[DceSettings, tuple[str, ...]]:
    """The settings with every number in its unit, and a sentence for each that was given in another one.

    Raises
    ------
    QuestionsError
        For numbers that cannot be in any unit; only those that the analysis uses are looked at.
    """
    changed: dict[str, float] = {}
    told: list[str] = []
    questions: list[Question] = []
    for quantity, used in USED:
        value = getattr(settings, quantity.key)
        if value is None or not used(settings):
            continue
        try:
            found, sentences = taken(quantity, value)
        except QuestionsError as error:
            questions += error.questions
            continue
        if sentences:
            changed[quantity.key] = found
            told += sentences
    if questions:
        raise QuestionsError(questions)
    return replace(settings, **changed), tuple(told)


def _blood_is_measured(settings: DceSettings) -> bool:
    return settings.needs_aif and settings.aif in ("roi", "auto")


def _has_haematocrit(settings: DceSettings) -> bool:
    return settings.needs_aif and settings.hematocrit != 0


def _from_population(settings: DceSettings) -> bool:
    return settings.needs_aif and settings.aif in (*POPULATION_AIFS, "biexponential")


def _always(settings: DceSettings) -> bool:
    return True


USED: tuple[tuple[Quantity, Callable[[DceSettings], bool]], ...] = (
    (TR, _always),
    (FLIP, _always),
    (T1_TISSUE, _always),
    (T1_BLOOD, _blood_is_measured),
    (HAEMATOCRIT, _has_haematocrit),
    (RELAXIVITY, lambda settings: settings.agent is None and settings.is_kinetic),
    (DOSE, _from_population),
)
"""Each quantity, and when an analysis uses it."""

"""How sure the order of a ranking is, and where the record of a ranking keeps that."""

from __future__ import annotations

from HER2ImmunoCommonLib.provenance import Provenance

from ..planning.ranking import Ranking

TOLD_APART = 0.8
"""Share of the draws in which the first schedule must be better than the second for it to be called the best: four to
one. Both face the same draws, so that intervals that overlap can still tell two schedules apart, and often do not."""
STANDARD, AHEAD = "compared_with", "first_better_than_second"
"""Settings of a record: the schedule that others are compared with, and the share of the draws."""


def told_apart(ahead: float | None) -> bool:
    """Whether this share of the draws makes the first schedule the best; there is no second one if None."""
    return ahead is None or ahead >= TOLD_APART


def compared(ranking: Ranking) -> dict[str, object]:
    """What the record of a ranking keeps of the comparison."""
    return {STANDARD: ranking.standard, AHEAD: ranking.ahead}


def ahead_of(record: Provenance) -> float | None:
    """The share of the draws in which the first schedule is better than the second; None if that is not recorded."""
    return record.settings.get(AHEAD)

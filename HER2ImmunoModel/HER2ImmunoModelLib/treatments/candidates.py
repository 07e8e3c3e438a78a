"""Candidate schedules of two drugs: every order, gap and split of the same doses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.limits import MOST, checked

from .schedule import Dose, Schedule, readable, repeated


def order_gap_split(
    drugs: Sequence[str] = ("trastuzumab", "cytotoxic"),
    *,
    gaps: Sequence[float] = tuple(range(-14, 15)),
    splits: Sequence[int] = (1, 2, 4),
    intervals: Sequence[float] = (1.0, 4.0, 7.0),
    total: tuple[float, float] = (2.0, 2.0),
    start_day: float = 0.0,
) -> list[Schedule]:
    """Schedules that give the same total of each drug, one for every gap, split and interval.

    Parameters
    ----------
    drugs : two names
    gaps : sequence of float
        Days from the first dose of the first drug to the first of the second; negative for the reverse order.
    splits : sequence of int
        Into how many equal doses each total is divided; each drug its own.
    intervals : sequence of float
        Days between the doses of a drug; single doses have none.
    total : (float, float)
        Total of each drug (full doses).
    start_day : float
        Day of the earliest dose.

    Returns
    -------
    list of Schedule
        Each once, with a readable name.

    Raises
    ------
    InputError
        Not two drugs, or a split, interval or total that is not above 0.
    """
    if len(drugs) != 2:
        raise InputError(f"Candidates of order, gap and split compare two drugs, not {len(drugs)}; name the two.")
    if not all(value > 0 for value in (*splits, *intervals, *total)):
        raise InputError("Every split, interval and total of candidate schedules must be above 0; correct them.")
    for split in splits:
        checked("A split", split, MOST["split"])
    for gap in gaps:
        checked("A gap", gap, MOST["gap_days"], least=-MOST["gap_days"], whole=False)
    checked("The number of schedules", len(gaps) * len(splits) ** 2 * len(intervals), MOST["schedules"], least=0)
    checked("The number of doses of all schedules", 2 * sum(splits) * len(splits) * len(gaps) * len(intervals), 1e7)
    found = dict.fromkeys(_all(drugs, gaps, splits, intervals, total, start_day))
    return list(found)


def _all(drugs, gaps, splits, intervals, total, start_day: float) -> Iterator[Schedule]:
    for gap, *counts, interval in product(gaps, splits, splits, intervals):
        starts = (start_day + max(-gap, 0.0), start_day + max(gap, 0.0))
        doses: tuple[Dose, ...] = ()
        for drug, first, count, amount in zip(drugs, starts, counts, total, strict=True):
            doses += repeated(drug, [first + interval * i for i in range(count)], amount / count)
        yield Schedule(doses, _name(drugs, counts, gap, interval))


def _name(drugs: Sequence[str], counts: Sequence[int], gap: float, interval: float) -> str:
    """As `Trastuzumab ×1, 4 days later chemotherapy ×2 (every 7 days)`."""
    given = [f"{readable(drug)} ×{count}" for drug, count in zip(drugs, counts, strict=True)]
    first, second = given[::-1] if gap < 0 else given
    later = f"{abs(gap):g} day{'s' if abs(gap) != 1 else ''} later" if gap else "same day"
    every = f" (every {interval:g} day{'s' if interval != 1 else ''})" if max(counts) > 1 else ""
    return f"{first}, {later} {second.lower()}{every}"

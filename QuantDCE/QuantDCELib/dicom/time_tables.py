"""What each tag says of the times of the frames: tables of seconds, NaN where a header says nothing readable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from HER2ImmunoCommonLib.dicom import date_of, datetime_of, time_of_day_s, values
from HER2ImmunoCommonLib.errors import InputError

if TYPE_CHECKING:
    from pydicom import Dataset

DAY_S = 86400.0
LONGEST_FRAME_MS = 600_000.0
"""A TemporalResolution above this is in microseconds: no frame takes ten minutes."""
PHILIPS_BEGIN = values.Private("Philips MR Imaging DD 001", 0x2005, 0xA0)
"""When a dynamic began, in seconds after the first."""
POSITION = "TemporalPositionIdentifier x TemporalResolution"
BEGIN = "dynamic begin time (2005,xxA0)"
OFFSET = "TemporalPositionTimeOffset"
TRIGGER, ACQUISITION, CONTENT, SERIES = "TriggerTime", "AcquisitionTime", "ContentTime", "SeriesTime"
Stacks = Sequence[Sequence["Dataset"]]
"""One list a slice position, each with the headers of all frames."""


@dataclass(frozen=True, eq=False)
class Rule:
    """A way to tell the times of the frames.

    Attributes
    ----------
    name : str
    tables : tuple of ndarray, shape (slices, frames)
        Seconds; several where tags of one meaning may differ, such as a time with and without its date.
    """

    name: str
    tables: tuple[np.ndarray, ...]

    @property
    def is_there(self) -> bool:
        """Whether any header has it."""
        return any(np.isfinite(table).any() for table in self.tables)


def rules_of(stacks: Stacks, n_series: int) -> list[Rule]:
    """Every rule that the number of series allows, the surest first.

    Times after the start of a scan count anew in each series, such as one before and one after contrast agent.
    """
    clocks = Rule(ACQUISITION, clock_tables(stacks, "Acquisition"))
    within = [
        Rule(TRIGGER, (_trigger(stacks),)),
        Rule(BEGIN, (_table(stacks, lambda header: number_of(header, PHILIPS_BEGIN)),)),
        Rule(OFFSET, (_table(stacks, lambda header: number_of(header, OFFSET)),)),
        Rule(POSITION, (_temporal_position(stacks),)),
    ]
    one = n_series == 1
    rules = [within[0], clocks, *within[1:]] if one else [clocks, *(_split(stacks, rule) for rule in within)]
    if n_series == len(stacks[0]):
        rules.append(Rule(SERIES, clock_tables(stacks, "Series")))
    return [*rules, Rule(CONTENT, clock_tables(stacks, "Content"))]


def number_of(header: Dataset, tag: values.Place) -> float:
    """A number, NaN where there is none that can be read: another tag may say the same."""
    try:
        found = values.number(header, tag)
    except InputError:
        return np.nan
    return np.nan if found is None else found


def text_of(header: Dataset, tag: str) -> str:
    """A text, empty where there is none that can be read."""
    try:
        return values.text(header, tag)
    except InputError:
        return ""


def clock_tables(stacks: Stacks, prefix: str) -> tuple[np.ndarray, ...]:
    """Seconds on a common clock: from date-times or dates and times, from these alone, from times of day alone."""
    ways: tuple[Callable[[Dataset], float], ...] = (
        lambda header: _moment(header, prefix),
        lambda header: _moment(header, prefix, datetimes=False),
        lambda header: _moment(header, prefix, datetimes=False, dates=False),
    )
    return tuple(_past_midnight(_table(stacks, way)) for way in ways)


def temporal_resolution_s(header: Dataset) -> float:
    """TemporalResolution is in ms; some writers give microseconds."""
    value = number_of(header, "TemporalResolution")
    return value * (1e-6 if value > LONGEST_FRAME_MS else 1e-3) if value > 0 else np.nan


def instance_order(stacks: Stacks) -> np.ndarray:
    """Indices (slices, frames) in the order of the numbers of series and instance."""

    def key(header: Dataset) -> tuple[float, float]:
        return tuple(np.nan_to_num(number_of(header, tag)) for tag in ("SeriesNumber", "InstanceNumber"))

    return np.array([sorted(range(len(stack)), key=lambda index: key(stack[index])) for stack in stacks])


def _trigger(stacks: Stacks) -> np.ndarray:
    """TriggerTime is in ms; some writers leave it out in the first frame, at 0."""
    table = _table(stacks, lambda header: number_of(header, TRIGGER))
    uids = np.array([[text_of(header, "SeriesInstanceUID") for header in stack] for stack in stacks])
    for uid in np.unique(uids) if np.isfinite(table).any() else ():
        missing = np.isnan(table) & (uids == uid)
        others = table[~np.isnan(table) & (uids == uid)]
        if missing.any() and (missing.sum(axis=1) == 1).all() and (others > 0).all():
            table[missing] = 0.0
    return table / 1000.0


def _temporal_position(stacks: Stacks) -> np.ndarray:
    return _table(stacks, lambda header: number_of(header, "TemporalPositionIdentifier")) * _table(
        stacks, temporal_resolution_s
    )


def _split(stacks: Stacks, rule: Rule) -> Rule:
    """Times within a series put behind its start."""
    (table,) = rule.tables
    name = f"start of each series + {rule.name}"
    if np.isnan(table).all():
        return Rule(name, (table,))
    uids = np.array([[text_of(header, "SeriesInstanceUID") for header in stack] for stack in stacks])
    found = []
    for start in (*clock_tables(stacks, "Acquisition"), *clock_tables(stacks, "Series")):
        put = np.full(table.shape, np.nan)
        for uid in np.unique(uids):
            inside = uids == uid
            of_series = np.where(inside, table, np.nan)
            if rule.name == POSITION and np.isfinite(of_series).any():
                of_series -= np.nanmin(of_series)
            if (inside.sum(axis=1) <= 1).all():
                of_series = np.where(inside, 0.0, np.nan)  # A single image is at the start of its series.
            put[inside] = np.min(start[inside]) + of_series[inside]
        found.append(put)
    return Rule(name, tuple(found))


def _past_midnight(table: np.ndarray) -> np.ndarray:
    """Times that jump by most of a day with an unchanged date have passed midnight."""
    there = np.isfinite(table)
    if there.any() and np.ptp(table[there]) > DAY_S / 2 and np.unique(table[there] // DAY_S).size == 1:
        return np.where(table % DAY_S < DAY_S / 2, table + DAY_S, table)
    return table


def _moment(header: Dataset, prefix: str, *, datetimes: bool = True, dates: bool = True) -> float:
    both = datetime_of(text_of(header, prefix + "DateTime")) if datetimes and prefix == "Acquisition" else None
    if both is not None:
        # A zone is the same for all frames of a study, so it can be left out of differences.
        return both.toordinal() * DAY_S + both.hour * 3600 + both.minute * 60 + both.second + both.microsecond * 1e-6
    seconds = time_of_day_s(text_of(header, prefix + "Time"))
    if seconds is None:
        return np.nan
    day = (date_of(text_of(header, prefix + "Date")) or date_of(text_of(header, "StudyDate"))) if dates else None
    return (day.toordinal() if day else 0) * DAY_S + seconds


def _table(stacks: Stacks, value: Callable[[Dataset], float]) -> np.ndarray:
    return np.array([[value(header) for header in stack] for stack in stacks], dtype=np.float64)

"""Order and time of the frames of a dynamic series, from the DICOM headers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from HER2ImmunoCommonLib.dicom import date_of, datetime_of, time_of_day_s
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError

if TYPE_CHECKING:
    from pydicom import Dataset

DAY_S = 86400.0
SAME_TIME_S = 1e-3
FAST_FRAME_S = 0.5
LONGEST_FRAME_MS = 600_000.0
"""A TemporalResolution above this is in microseconds: no frame takes ten minutes."""
NOTABLE_SPREAD_S = 0.5
REPAIRABLE = 0.2
"""Largest share of frames whose time may be restored from their neighbours."""
Stacks = Sequence[Sequence["Dataset"]]
"""One list a slice position, each with the headers of all frames."""


@dataclass(frozen=True, eq=False)
class TimeAxis:
    """When the frames were acquired.

    Attributes
    ----------
    time_s : ndarray, shape (t,)
        After the first frame, strictly increasing.
    rule : str
        The DICOM tag the times were taken from.
    warnings : tuple of str
    refused : tuple of str
        Rules that come before it and why each was not taken.
    """

    time_s: np.ndarray
    rule: str
    warnings: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def explanation(self) -> str:
        """What was chosen and why, as one sentence."""
        why = f" ({'; '.join(self.refused)})" if self.refused else ""
        return f"Times of the frames are from {self.rule}{why}."


def order_frames(
    stacks: Stacks, *, n_series: int, frame_interval_s: float | None = None
) -> tuple[list[list[Dataset]], TimeAxis]:
    """Sort the headers of each slice position in time.

    The first rule is taken that is complete and gives strictly increasing times: TriggerTime, acquisition, content,
    temporal position x temporal resolution, series time. Where a few times of a rule are malformed, they are restored
    from the other frames in the order of InstanceNumber.

    Parameters
    ----------
    stacks : sequence of sequences of pydicom.Dataset
        Equally many frames at each slice position.
    n_series : int
        Number of DICOM series the frames come from; trigger times start anew in each.
    frame_interval_s : float, optional
        Used when the headers have no usable time.

    Returns
    -------
    list of list of pydicom.Dataset
        As `stacks`, each in the order of time.
    TimeAxis

    Raises
    ------
    InputError
        If frames are repeated.
    QuestionsError
        If there is no usable time and no `frame_interval_s`.
    """
    doubled, refused = None, []
    for name, rule in _rules(n_series, len(stacks[0])):
        values = rule(stacks)
        if np.isnan(values).any():
            refused.append(f"{name}: not in {'any' if np.isnan(values).all() else 'every'} image")
            continue
        order = np.argsort(values, axis=1, kind="stable")
        ordered = np.take_along_axis(values, order, axis=1)
        frame_s = ordered.min(axis=0)
        if (np.diff(ordered, axis=1) > SAME_TIME_S).all() and (np.diff(frame_s) > SAME_TIME_S).all():
            remarks = (*_remarks_of_rule(name, stacks), *_remarks(stacks, order, ordered))
            return _in_order(stacks, order), TimeAxis(frame_s - frame_s[0], name, remarks, tuple(refused))
        refused.append(f"{name}: the same in several frames")
        doubled = doubled or (_doubled(stacks, order, ordered) if np.ptp(values) > SAME_TIME_S else None)
    repaired = _repaired(stacks)
    if repaired is not None:
        return repaired
    if doubled is not None:
        raise InputError(f"{doubled[0]} and {doubled[1]} are the same slice at the same time; remove the repeated one.")
    if frame_interval_s is None:
        raise QuestionsError(
            [
                Question(
                    "frame_interval_s", "The images have no usable time; how many seconds is one frame after another?"
                )
            ]
        )
    order = _instance_order(stacks)
    time_s = frame_interval_s * np.arange(order.shape[1])
    return _in_order(stacks, order), TimeAxis(time_s, "given frame interval", ("The frame interval was given.",))


def _rules(n_series: int, n_frames: int) -> list[tuple[str, Callable[[Stacks], np.ndarray]]]:
    """Each gives the time of every header in s, NaN where there is none."""
    rules = [
        ("AcquisitionTime", lambda stacks: _clock_table(stacks, "Acquisition")),
        ("ContentTime", lambda stacks: _clock_table(stacks, "Content")),
        (
            "TemporalPositionTimeOffset",
            lambda stacks: _table(stacks, lambda header: _number(header, "TemporalPositionTimeOffset")),
        ),
        ("TemporalPositionIdentifier x TemporalResolution", _temporal_position),
    ]
    if n_series == 1:
        rules.insert(0, ("TriggerTime", _trigger))
    else:
        rules.insert(1, ("start of each series + TriggerTime", _split_trigger))
    if n_series == n_frames:
        rules.append(("SeriesTime", lambda stacks: _clock_table(stacks, "Series")))
    return rules


def _trigger(stacks: Stacks) -> np.ndarray:
    """TriggerTime is in ms; some writers leave it out in the first frame, at 0."""
    values = _table(stacks, lambda header: _number(header, "TriggerTime"))
    missing = np.isnan(values)
    if missing.any() and (missing.sum(axis=1) == 1).all() and (values[~missing] > 0).all():
        values[missing] = 0.0
    return values / 1000.0


def _split_trigger(stacks: Stacks) -> np.ndarray:
    """TriggerTime counts anew in each series, such as one before and one after contrast agent."""
    trigger = _table(stacks, lambda header: _number(header, "TriggerTime"))
    if np.isnan(trigger).all():
        return trigger
    start = _clock_table(stacks, "Acquisition")
    start = _clock_table(stacks, "Series") if np.isnan(start).any() else start
    series = np.array([[str(header.SeriesInstanceUID) for header in stack] for stack in stacks])
    values = np.full(trigger.shape, np.nan)
    for uid in np.unique(series):
        inside = series == uid
        of_series = np.where(inside, trigger, np.nan)
        first = np.isnan(of_series) & inside
        if (first.sum(axis=1) <= 1).all():
            of_series[first] = 0.0
        values[inside] = np.min(start[inside]) + of_series[inside] / 1000.0
    return values


def _temporal_position(stacks: Stacks) -> np.ndarray:
    """TemporalResolution is in ms; some writers give microseconds."""
    position = _table(stacks, lambda header: _number(header, "TemporalPositionIdentifier"))
    return position * _table(stacks, _temporal_resolution_s)


def _temporal_resolution_s(header: Dataset) -> float:
    value = _number(header, "TemporalResolution")
    return value * (1e-6 if value > LONGEST_FRAME_MS else 1e-3)


def _clock_table(stacks: Stacks, prefix: str) -> np.ndarray:
    """Seconds on a common clock from a date and time, or a date-time; NaN where there is none."""
    values = _table(stacks, lambda header: _moment(header, prefix))
    # Times that jump by most of a day with an unchanged date have passed midnight.
    if np.isfinite(values).any() and np.nanmax(values) - np.nanmin(values) > DAY_S / 2:
        clock = values % DAY_S
        days = np.unique(values[np.isfinite(values)] // DAY_S)
        if days.size == 1:
            values = np.where(clock < DAY_S / 2, values + DAY_S, values)
    return values


def _moment(header: Dataset, prefix: str) -> float:
    both = datetime_of(header.get(prefix + "DateTime"))
    if both is not None:
        # A zone is the same for all frames of a study, so it can be left out of differences.
        return both.toordinal() * DAY_S + both.hour * 3600 + both.minute * 60 + both.second + both.microsecond * 1e-6
    seconds = time_of_day_s(header.get(prefix + "Time"))
    day = date_of(header.get(prefix + "Date")) or date_of(header.get("StudyDate"))
    if seconds is None:
        return np.nan
    return (day.toordinal() if day else 0) * DAY_S + seconds


def _number(header: Dataset, tag: str) -> float:
    value = header.get(tag)
    return np.nan if value in (None, "") else float(value)


def _table(stacks: Stacks, value: Callable[[Dataset], float]) -> np.ndarray:
    return np.array([[value(header) for header in stack] for stack in stacks], dtype=np.float64)


def _instance_order(stacks: Stacks) -> np.ndarray:
    def key(header: Dataset) -> tuple[int, int]:
        return int(header.get("SeriesNumber") or 0), int(header.get("InstanceNumber") or 0)

    return np.array([sorted(range(len(stack)), key=lambda index: key(stack[index])) for stack in stacks])


def _in_order(stacks: Stacks, order: np.ndarray) -> list[list[Dataset]]:
    return [[stack[index] for index in indices] for stack, indices in zip(stacks, order, strict=True)]


def _doubled(stacks: Stacks, order: np.ndarray, ordered: np.ndarray) -> tuple[str, str] | None:
    close = np.argwhere(np.diff(ordered, axis=1) <= SAME_TIME_S)
    if not len(close):
        return None
    position, frame = close[0]
    pair = stacks[position][order[position, frame]], stacks[position][order[position, frame + 1]]
    return Path(pair[0].filename).name, Path(pair[1].filename).name


def _repaired(stacks: Stacks) -> tuple[list[list[Dataset]], TimeAxis] | None:
    """Frames in the order of InstanceNumber, where most times lie on a regular axis and some do not."""
    order = _instance_order(stacks)
    number = np.arange(order.shape[1])
    for prefix in ("Acquisition", "Content"):
        values = np.take_along_axis(_clock_table(stacks, prefix), order, axis=1)
        with_time = np.isfinite(values).any(axis=0)
        if with_time.sum() < 5:
            continue
        time_s = np.full(number.size, np.nan)
        time_s[with_time] = np.nanmin(values[:, with_time], axis=0)
        step = float(np.nanmedian(np.diff(time_s)))
        off = time_s - step * number
        good = np.abs(off - np.nanmedian(off)) < 0.05 * step
        if step <= SAME_TIME_S or good.sum() < (1 - REPAIRABLE) * number.size or not (good[0] and good[-1]):
            continue
        time_s = np.interp(number, number[good], time_s[good])
        remark = (
            f"{int((~good).sum())} of {number.size} frames have a wrong or malformed {prefix}Time; "
            "their times were interpolated in the order of InstanceNumber."
        )
        return _in_order(stacks, order), TimeAxis(time_s - time_s[0], f"{prefix}Time, repaired", (remark,))
    return None


def _remarks_of_rule(name: str, stacks: Stacks) -> tuple[str, ...]:
    """What the rule itself leaves in doubt."""
    first = stacks[0][0]
    if name == "ContentTime" and all(header.get("AcquisitionTime") in (None, "") for header in stacks[0]):
        return (
            "The images have no AcquisitionTime; their ContentTime was taken, which may be that of reconstruction: "
            "check the times of the frames.",
        )
    if name.startswith("TemporalPositionIdentifier") and _number(first, "TemporalResolution") > LONGEST_FRAME_MS:
        return (f"TemporalResolution {_number(first, 'TemporalResolution'):g} was taken as microseconds.",)
    return ()


def _remarks(stacks: Stacks, order: np.ndarray, ordered: np.ndarray) -> tuple[str, ...]:
    remarks, frame_s = [], ordered.min(axis=0)
    steps, spread = np.diff(frame_s), float(np.ptp(ordered, axis=0).max())
    if not np.array_equal(order, _instance_order(stacks)):
        remarks.append("The order of InstanceNumber differs from the order in time; the times were followed.")
    if spread > NOTABLE_SPREAD_S:
        remarks.append(
            f"The slices of a frame were acquired within {spread:.1f} s; each frame has the time of its earliest slice."
        )
    if steps.size and steps.min() < FAST_FRAME_S:
        remarks.append(f"Frames are only {steps.min():.2f} s apart; check that the times are those of frames.")
    later = steps[1:]
    if later.size > 3 and later.max() > 1.8 * np.median(later):
        frame = 2 + int(np.argmax(later))
        remarks.append(f"Frame {frame + 1} comes {later.max():.1f} s after the last, others {np.median(later):.1f} s.")
    return tuple(remarks)

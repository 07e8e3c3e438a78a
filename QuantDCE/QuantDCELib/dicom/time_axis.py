"""Order and time of the frames of a dynamic series, from the DICOM headers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError

from .time_evidence import doubts, remarks_of
from .time_tables import ACQUISITION, CONTENT, TRIGGER, Rule, Stacks, clock_tables, instance_order, rules_of

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["FAST_FRAME_S", "TimeAxis", "check_times", "order_frames"]

SAME_TIME_S = 1e-3
FAST_FRAME_S = 0.5
NOTABLE_SPREAD_S = 0.5
REPAIRABLE = 0.2
"""Largest share of frames whose time may be restored from their neighbours."""
FEW_DOUBLED = 0.3
"""Share of frames at the time of another above which times are rounded rather than frames repeated."""
LONGEST_GAP_S = 7200.0
LONGEST_SCAN_S = 86400.0
GIVEN_INTERVAL = "The frame interval was given."
INTERVAL = "frame_interval_s"


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


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A rule that gives every frame a time of its own: `order` and `ordered` are (slices, frames)."""

    name: str
    order: np.ndarray
    ordered: np.ndarray

    @property
    def time_s(self) -> np.ndarray:
        frame_s = self.ordered.min(axis=0)
        return frame_s - frame_s[0]


def order_frames(
    stacks: Stacks, *, n_series: int, frame_interval_s: float | None = None
) -> tuple[list[list[Dataset]], TimeAxis]:
    """Sort the headers of each slice position in time.

    Rules, the surest first: TriggerTime, acquisition, Philips' begin of a dynamic, offset of the temporal position,
    temporal position x temporal resolution, series time (one phase a series), content. One counts if every image has
    it, it gives strictly increasing times, and no frame is hours away from the others. The first is taken unless the
    others, the temporal resolution or the acquisition duration contradict it: that is told if it has more for it than
    against it, else asked. Where a few times are malformed, they are restored from the other frames in the order of
    InstanceNumber; that goes before the content time, which may be that of reconstruction.

    Parameters
    ----------
    stacks : sequence of sequences of pydicom.Dataset
        Equally many frames at each slice position.
    n_series : int
        Number of DICOM series the frames come from; trigger times start anew in each.
    frame_interval_s : float, optional
        Goes before all times of the headers, which then say the order only.

    Returns
    -------
    list of list of pydicom.Dataset
        As `stacks`, each in the order of time.
    TimeAxis

    Raises
    ------
    InputError
        If frames are repeated, or lie hours apart.
    QuestionsError
        If there is no usable time, or tags disagree, and no `frame_interval_s`.
    """
    found, refused, doubled = _candidates(stacks, n_series)
    if frame_interval_s is None and (not found or found[0].name == CONTENT):
        for prefix in ("Acquisition", "Content")[: 2 if not found else 1]:
            if (repaired := _repaired(stacks, prefix)) is not None:
                return repaired
    if doubled is not None and not found:
        raise InputError(f"{doubled[0]} and {doubled[1]} are the same slice at the same time; remove the repeated one.")
    if frame_interval_s is not None:
        return _at_interval(stacks, found[0].order if found else instance_order(stacks), frame_interval_s)
    if not found:
        raise _no_time(refused)
    best, others = found[0], [(c.name, c.time_s) for c in found[1:]]
    question, told = doubts(best.name, best.time_s, others, stacks)
    if question:
        raise QuestionsError([Question(INTERVAL, question)])
    remarks = (*told, *remarks_of(best.name, stacks), *_remarks(stacks, best.order, best.ordered))
    return _in_order(stacks, best.order), TimeAxis(best.time_s, best.name, remarks, tuple(refused))


def check_times(time_s: np.ndarray) -> None:
    """Refuse times that are no scan's.

    Raises
    ------
    InputError
        If they do not increase, are not finite or go on for more than a day.
    """
    if not (np.isfinite(time_s).all() and (np.diff(time_s) > 0).all()):
        raise InputError(f"Give {time_s.size} increasing times, one a frame.")
    if time_s.size and time_s[-1] - time_s[0] > LONGEST_SCAN_S:
        raise InputError(
            f"The frames would be acquired over {(time_s[-1] - time_s[0]) / 3600:.3g} hours; give times in seconds."
        )


def _candidates(stacks: Stacks, n_series: int) -> tuple[list[_Candidate], list[str], tuple[str, str] | None]:
    """Rules that can be used, why the ones before the first cannot, and two images that are one."""
    found: list[_Candidate] = []
    refused: list[str] = []
    doubled = None
    for rule in rules_of(stacks, n_series):
        candidate, reason = _judged(rule, stacks)
        if candidate is not None:
            found.append(candidate)
        elif not found and (rule.is_there or rule.name in (TRIGGER, ACQUISITION)):
            refused.append(f"{rule.name}: {reason}")
        if candidate is None and doubled is None:
            doubled = _doubled(rule.tables[0], stacks)
    return found, refused, doubled


def _judged(rule: Rule, stacks: Stacks) -> tuple[_Candidate | None, str]:
    """The rule with the first of its tables that can be used, or why none can."""
    reasons = []
    for table in rule.tables:
        if np.isnan(table).any():
            reasons.append(f"not in {'any' if np.isnan(table).all() else 'every'} image")
            continue
        order = np.argsort(table, axis=1, kind="stable")
        ordered = np.take_along_axis(table, order, axis=1)
        frame_s = ordered.min(axis=0)
        if (np.diff(ordered, axis=1) <= SAME_TIME_S).any() or (np.diff(frame_s) <= SAME_TIME_S).any():
            reasons.append("the same in several frames")
        elif ordered.shape[1] > 1 and np.diff(frame_s).max() > LONGEST_GAP_S:
            frame = 1 + int(np.argmax(np.diff(frame_s)))
            name = Path(stacks[0][order[0, frame]].filename).name
            reasons.append(f"{name} would come {np.diff(frame_s).max() / 3600:.3g} hours after the frame before it")
        else:
            return _Candidate(rule.name, order, ordered), ""
    return None, reasons[0]


def _no_time(refused: list[str]) -> InputError:
    late = [reason for reason in refused if " hours after " in reason]
    if late:
        return InputError(f"The times of the frames cannot be right ({late[0]}); correct the files or give the times.")
    why = f" ({'; '.join(refused)})" if refused else ""
    return QuestionsError(
        [Question(INTERVAL, f"The images have no usable time{why}; how many seconds is one frame after another?")]
    )


def _at_interval(stacks: Stacks, order: np.ndarray, interval_s: float) -> tuple[list[list[Dataset]], TimeAxis]:
    time_s = interval_s * np.arange(order.shape[1])
    check_times(time_s)
    return _in_order(stacks, order), TimeAxis(time_s, "given frame interval", (GIVEN_INTERVAL,))


def _in_order(stacks: Stacks, order: np.ndarray) -> list[list[Dataset]]:
    return [[stack[index] for index in indices] for stack, indices in zip(stacks, order, strict=True)]


def _doubled(table: np.ndarray, stacks: Stacks) -> tuple[str, str] | None:
    """Two images of a slice at one time, where this is so of few frames."""
    if np.isnan(table).any() or np.ptp(table) <= SAME_TIME_S:
        return None
    order = np.argsort(table, axis=1, kind="stable")
    close = np.diff(np.take_along_axis(table, order, axis=1), axis=1) <= SAME_TIME_S
    if not close.any() or close.mean() > FEW_DOUBLED:
        return None
    position, frame = np.argwhere(close)[0]
    pair = stacks[position][order[position, frame]], stacks[position][order[position, frame + 1]]
    return Path(pair[0].filename).name, Path(pair[1].filename).name


def _repaired(stacks: Stacks, prefix: str) -> tuple[list[list[Dataset]], TimeAxis] | None:
    """Frames in the order of InstanceNumber, where most times lie on a regular axis and some do not."""
    order = instance_order(stacks)
    number = np.arange(order.shape[1])
    for table in clock_tables(stacks, prefix):
        ordered = np.take_along_axis(table, order, axis=1)
        with_time = np.isfinite(ordered).any(axis=0)
        if with_time.sum() < 5:
            continue
        time_s = np.full(number.size, np.nan)
        time_s[with_time] = np.nanmin(ordered[:, with_time], axis=0)
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


def _remarks(stacks: Stacks, order: np.ndarray, ordered: np.ndarray) -> Sequence[str]:
    remarks, frame_s = [], ordered.min(axis=0)
    steps, spread = np.diff(frame_s), float(np.ptp(ordered, axis=0).max())
    if not np.array_equal(order, instance_order(stacks)):
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

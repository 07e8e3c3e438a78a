"""The images of a dynamic as stacks of frames, one a slice, and what to do where some are missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from HER2ImmunoCommonLib.dicom import time_of_day_s, values
from HER2ImmunoCommonLib.errors import InputError

from .time_tables import number_of, text_of

if TYPE_CHECKING:
    from pydicom import Dataset

SAME_POSITION_MM = 0.05
FRAME_TAGS = (
    "TemporalPositionIdentifier",
    "TriggerTime",
    "AcquisitionTime",
    "ContentTime",
    "AcquisitionNumber",
    "InstanceNumber",
)
"""What may tell the frame of an image, the surest first; InstanceNumber where it counts the slices of each frame."""
CLOCKS = ("AcquisitionTime", "ContentTime")
DAY_S = 86400.0
MOST_NAMED = 5


def stacks_of(headers: Sequence[Dataset]) -> list[list[Dataset]]:
    """Headers grouped by slice position, along the normal.

    Raises
    ------
    InputError
        If one does not say where it is.
    """
    places = []
    for header in headers:
        orientation = values.numbers(header, "ImageOrientationPatient", 6)
        position = values.numbers(header, "ImagePositionPatient", 3)
        for tag, found in (("ImageOrientationPatient", orientation), ("ImagePositionPatient", position)):
            if found is None:
                raise InputError(f"{Path(header.filename).name} has no {tag}, so its place in the patient is unknown.")
        places.append(position)
    row, column = np.reshape(values.numbers(headers[0], "ImageOrientationPatient", 6), (2, 3))
    along = np.array(places) @ np.cross(row, column)
    order = np.argsort(along, kind="stable")
    starts = np.concatenate([[0], 1 + np.flatnonzero(np.diff(along[order]) > SAME_POSITION_MM)])
    return [[headers[index] for index in group] for group in np.split(order, starts[1:])]


def whole_frames(stacks: list[list[Dataset]]) -> tuple[list[list[Dataset]], tuple[str, ...]]:
    """The stacks with equally many frames: without the last one if the scan ended within it.

    Raises
    ------
    InputError
        If a slice is missing elsewhere, or repeated.
    """
    most = max(len(stack) for stack in stacks)
    short = [number for number, stack in enumerate(stacks, start=1) if len(stack) < most]
    if not short:
        return stacks, ()
    tables = next((found for tag in FRAME_TAGS if (found := _frames_by(stacks, tag)) is not None), None)
    if most < 3 or tables is None or not all(_is_start(table, tables, most) for table in tables):
        raise _not_whole(stacks)
    whole = [[stack[index] for index in np.argsort(t)[: most - 1]] for stack, t in zip(stacks, tables, strict=True)]
    named = ", ".join(str(number) for number in short[:MOST_NAMED]) + (" and others" if len(short) > MOST_NAMED else "")
    slices = f"slice {named} is" if len(short) == 1 else f"slices {named} are"
    return whole, (
        f"The last frame ({most}) is not complete: {slices} missing, since the scan was stopped or files were lost; "
        f"it was left out, and {most - 1} frames are used.",
    )


def _frames_by(stacks: list[list[Dataset]], tag: str) -> list[np.ndarray] | None:
    """What a tag says of the images of each stack; None where it does not tell the frames of a slice apart."""
    tables = [np.array([_number(header, tag) for header in stack]) for stack in stacks]
    found = np.concatenate(tables)
    if not np.isfinite(found).all():
        return None
    if tag in CLOCKS and np.ptp(found) > DAY_S / 2:
        tables = [np.where(table < DAY_S / 2, table + DAY_S, table) for table in tables]
    if tag == "InstanceNumber":
        tables = [np.floor((table - found.min()) / len(stacks)) for table in tables]
    return tables if all(np.unique(table).size == table.size for table in tables) else None


def _is_start(table: np.ndarray, tables: list[np.ndarray], most: int) -> bool:
    """Whether the images of a stack are those of the first frames, all or all but the last."""
    own, others = np.sort(table), np.sort(next(other for other in tables if other.size == most))
    if own.size < most - 1:
        return False
    apart, step = own - others[: own.size], float(np.diff(others).min())
    offset = float(np.median(apart))
    return abs(offset) < step and bool((np.abs(apart - offset) <= 0.5 * step).all())


def _number(header: Dataset, tag: str) -> float:
    if tag not in CLOCKS:
        return number_of(header, tag)
    found = time_of_day_s(text_of(header, tag))
    return np.nan if found is None else found


def _not_whole(stacks: list[list[Dataset]]) -> InputError:
    """Which image is missing or repeated."""
    usual = Counter(len(stack) for stack in stacks).most_common(1)[0][0]
    number, stack = next((n, stack) for n, stack in enumerate(stacks, start=1) if len(stack) != usual)
    if len(stack) > usual:
        return InputError(f"Slice {number} has {len(stack)} frames, the others {usual}; remove the repeated frame.")
    complete = next(other for other in stacks if len(other) == usual)
    frame = _missing_frame(stack, complete)
    return InputError(f"Slice {number} of frame {frame} is missing ({len(stack)} of {usual}); copy all files.")


def _missing_frame(stack: list[Dataset], complete: list[Dataset]) -> int:
    """Number of the first frame of `complete` that has no counterpart in `stack`."""
    for tag in FRAME_TAGS[:-1]:
        tables = _frames_by([stack, complete], tag)
        if tables is None:
            continue
        there, wanted = np.sort(tables[0]), np.sort(tables[1])
        near = np.abs(there[:, None] - wanted[None]).min(axis=0) <= 0.5 * np.diff(wanted).min()
        if not near.all():
            return 1 + int(np.argmin(near))
    return len(stack) + 1

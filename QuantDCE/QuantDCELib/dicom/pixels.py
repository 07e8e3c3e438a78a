"""Pixels of a series of slices, with what their numbers give away of a bad export."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from HER2ImmunoCommonLib.dicom import stored_values, values
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, tell

from .scale import scale_of

if TYPE_CHECKING:
    from pydicom import Dataset

CLUSTER = 4
"""Pixels of a slice at the largest stored value from which on it was cut off; a scaled maximum is in one or two."""
OVERFLOW = 0.25
"""A negative value this large against the largest one: the stored number went past its sign."""


def load_frames(
    stacks: Sequence[Sequence[Dataset]], report: Report | None
) -> tuple[np.ndarray, float | None, tuple[str, ...]]:
    """Signal (k, j, i, t) of the files behind the headers, float32 on one scale, and what is odd about it.

    Parameters
    ----------
    stacks : sequence of sequences of pydicom.Dataset
        One a slice, each with its frames in order; the pixels are dropped from the headers.
    report : Report, optional

    Returns
    -------
    ndarray
        The signal, as the first image shows it.
    float or None
        What a measured value of 1 is in it (`Scale.per_unit`).
    tuple of str
        Warnings.

    Raises
    ------
    InputError
        If slices differ in size, or pixels or their rescale values cannot be read.
    """
    first = stacks[0][0]
    shape = len(stacks), values.whole(first, "Rows"), values.whole(first, "Columns"), len(stacks[0])
    scale = scale_of([header for stack in stacks for header in stack])
    array = np.empty(shape, np.float32)
    cut = overflowed = 0
    for k, stack in enumerate(stacks):
        for t, header in enumerate(stack):
            tell(report, (k * shape[3] + t) / (shape[0] * shape[3]), f"Reading slice {k + 1} of {shape[0]}")
            if (values.whole(header, "Rows"), values.whole(header, "Columns")) != shape[1:3]:
                raise InputError(f"{Path(header.filename).name} is not {shape[1]} x {shape[2]} as the other slices.")
            shown, number = stored_values(header), k * shape[3] + t
            array[k, :, :, t] = (shown - scale.offsets[number]) * scale.factors[number]
            n = int((shown == _largest(header)).sum())
            cut += n if n >= CLUSTER else 0
            overflowed += int((shown < -OVERFLOW * np.abs(shown).max()).sum())
            header.pop("PixelData", None)
    warnings = []
    if cut:
        warnings.append(f"{cut} values are the largest the files can hold: the signal was cut off there.")
    if overflowed:
        warnings.append(
            f"{overflowed} values are far below 0: the signal went past what 16 bits hold, or these are no magnitude "
            "images; export them again with a rescale slope."
        )
    return array, scale.per_unit, (*warnings, *scale.warnings)


def _largest(header: Dataset) -> np.float32:
    """The largest value that the pixels of a file can hold, rescaled."""
    bits = (values.whole(header, "BitsStored") or 16) - (values.whole(header, "PixelRepresentation") or 0)
    slope, intercept = values.number(header, "RescaleSlope") or 1.0, values.number(header, "RescaleIntercept") or 0.0
    return np.float32((2.0**bits - 1) * slope + intercept)

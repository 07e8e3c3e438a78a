"""Whether the files that go into a result are all there, and what must be told of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from . import values
from .decoding import is_lossy
from .left_out import file_warnings
from .series import Series, study_warnings

if TYPE_CHECKING:
    from pydicom import Dataset

N_SLICES = "NumberOfSlices"
INDEX = "ImageIndex"


def used_warnings(used: Sequence[Series]) -> tuple[str, ...]:
    """What must be told of the series that go into one result, besides what they show.

    Raises
    ------
    InputError
        If a file of theirs cannot be read or is missing (see `file_warnings`).
    """
    for series in used:
        if series.modality == "PT":
            _check_n_slices(series)
    return (*file_warnings(used), *study_warnings(used), *_lossy_warnings(used))


def _check_n_slices(series: Series) -> None:
    """A PET series tells how many slices it has (PS3.3 C.8.9.1), and each slice which of them it is (C.8.9.4)."""
    found = _n_positions(series.headers)
    told = {keyword: max((n for n in _counts(series.headers, keyword)), default=0) for keyword in (N_SLICES, INDEX)}
    for keyword, n in told.items():
        if found < n:
            raise InputError(
                f"{series.name} has {found} of the {n} slices that {values.named(series.headers[0], keyword)} tells; "
                "copy the whole series from the archive."
            )


def _counts(headers: Sequence[Dataset], keyword: str) -> list[int]:
    return [n for header in headers if (n := values.whole(header, keyword)) is not None]


def _n_positions(headers: Sequence[Dataset]) -> int:
    places = [values.numbers(header, "ImagePositionPatient", 3) for header in headers]
    if None in places:
        return len(headers)
    return len(np.unique(np.round(places, 2), axis=0))


def _lossy_warnings(used: Sequence[Series]) -> tuple[str, ...]:
    names = [series.name for series in used if any(map(is_lossy, series.headers))]
    if not names:
        return ()
    return (f"The pixels of {', '.join(names)} were compressed with loss: measure them with care.",)

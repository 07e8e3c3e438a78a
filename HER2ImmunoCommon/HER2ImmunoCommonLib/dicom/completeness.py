"""Whether the files that go into a result are all there, and what must be told of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from . import values
from .decoding import is_lossy
from .left_out import file_warnings
from .series import Series

if TYPE_CHECKING:
    from pydicom import Dataset

N_SLICES = "NumberOfSlices"
INDEX = "ImageIndex"
SPARSE = 1.5
"""Times the spacing it was measured with by which slices may be apart."""


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
    sparse = [text for series in used if series.modality == "MR" and (text := _sparse_warning(series))]
    return (*file_warnings(used), *_lossy_warnings(used), *sparse)


def _check_n_slices(series: Series) -> None:
    """A PET series tells how many slices it has (PS3.3 C.8.9.1), and each slice which of them it is (C.8.9.4)."""
    found = _n_positions(series.headers)
    told = {keyword: max(_counts(series.headers, keyword), default=0) for keyword in (N_SLICES, INDEX)}
    for keyword, n in told.items():
        if found < n:
            raise InputError(
                f"{series.name} has {found} of the {n} slices that {values.named(series.headers[0], keyword)} tells; "
                "copy the whole series from the archive."
            )


def _sparse_warning(series: Series) -> str:
    """Slices that lie further apart than they were measured, as after every other one was lost."""
    told, places = _common_spacing(series.headers), _places(series.headers)
    if not told or places is None or len(places) < 2:
        return ""
    axes = values.numbers(series.headers[0], "ImageOrientationPatient", 6)
    if axes is None:
        return ""
    along = np.unique(np.round(places @ np.cross(axes[:3], axes[3:]), 2))
    gap = float(np.median(np.diff(along))) if along.size > 1 else 0.0
    if gap <= SPARSE * told:
        return ""
    return (
        f"The slices of {series.name} are {gap:.2f} mm apart, but {told:.2f} mm by SpacingBetweenSlices (0018,0088): "
        "is every slice here?"
    )


def _common_spacing(headers: Sequence[Dataset]) -> float | None:
    found = {values.number(header, "SpacingBetweenSlices") for header in headers}
    return abs(found.pop() or 0.0) if len(found) == 1 else None


def _counts(headers: Sequence[Dataset], keyword: str) -> list[int]:
    return [n for header in headers if (n := values.whole(header, keyword)) is not None]


def _n_positions(headers: Sequence[Dataset]) -> int:
    places = _places(headers)
    return len(headers) if places is None else len(places)


def _places(headers: Sequence[Dataset]) -> np.ndarray | None:
    """The different positions of slices; None where one has none."""
    found = [values.numbers(header, "ImagePositionPatient", 3) for header in headers]
    return None if None in found else np.unique(np.round(found, 2), axis=0)


def _lossy_warnings(used: Sequence[Series]) -> tuple[str, ...]:
    names = [series.name for series in used if any(map(is_lossy, series.headers))]
    if not names:
        return ()
    return (f"The pixels of {', '.join(names)} were compressed with loss: measure them with care.",)

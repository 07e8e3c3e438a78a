"""Where slices are: single-frame images stacked along their normal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..geometry import LPS_FROM_RAS
from . import values

if TYPE_CHECKING:
    from pydicom import Dataset

SPACING_TOLERANCE = 0.1
"""Largest difference of a slice gap from the median, as a fraction: the joints of PET beds are off by a few percent."""
ORIENTATION_TOLERANCE = 1e-3
DIRECTION_TOLERANCE = 0.01
"""How far the directions of rows and columns may be from unit vectors at right angles: headers round them."""
LARGEST_SHIFT = 0.5
"""Pixels by which a slice may lie beside the line through the others."""


def order_slices(headers: Sequence[Dataset]) -> tuple[list[Dataset], np.ndarray]:
    """Sort single-frame slices along their normal.

    Parameters
    ----------
    headers : sequence of pydicom.Dataset
        One header a slice of one volume.

    Returns
    -------
    list of pydicom.Dataset
        From the first to the last k.
    ndarray, shape (4, 4)
        Voxel index (i, j, k, 1) to RAS in mm. The spacing of a single slice is SpacingBetweenSlices, else
        SliceThickness, else 1 mm.

    Raises
    ------
    InputError
        If a tag of the geometry is missing, slices differ in orientation or size, or one is missing or doubled.
    """
    planes = [_plane(header) for header in headers]
    first = planes[0]
    _check_alike(headers, planes)
    positions = np.array([plane.position for plane in planes])
    order = np.argsort(positions @ first.normal, kind="stable")
    headers, positions = [headers[index] for index in order], positions[order]
    step = _slice_step(headers, positions, first)
    ijk_to_lps = np.eye(4)
    ijk_to_lps[:3, :4] = np.column_stack(
        [first.row * first.spacing[1], first.column * first.spacing[0], step, positions[0]]
    )
    return headers, LPS_FROM_RAS @ ijk_to_lps


@dataclass(frozen=True, eq=False)
class Plane:
    """Place of a slice (LPS, mm): its first pixel's centre, directions of rows and columns, spacing down and across."""

    position: np.ndarray
    row: np.ndarray
    column: np.ndarray
    spacing: tuple[float, ...]
    size: tuple[int, ...]

    @property
    def normal(self) -> np.ndarray:
        return np.cross(self.row, self.column)


def _plane(header: Dataset) -> Plane:
    found = {}
    for tag, count in (("ImageOrientationPatient", 6), ("ImagePositionPatient", 3), ("PixelSpacing", 2)):
        found[tag] = values.numbers(header, tag, count)
        if found[tag] is None:
            raise InputError(f"{Path(header.filename).name} has no {tag}, so its place in the patient is unknown.")
    row, column = np.reshape(found["ImageOrientationPatient"], (2, 3))
    size = tuple(values.whole(header, tag) or 0 for tag in ("Rows", "Columns"))
    if not np.allclose([row @ row, column @ column, row @ column], [1, 1, 0], atol=DIRECTION_TOLERANCE):
        raise InputError(
            f"{values.named(header, 'ImageOrientationPatient')} is no pair of directions; correct the file."
        )
    if min(found["PixelSpacing"]) <= 0:
        raise InputError(f"{values.named(header, 'PixelSpacing')} is not above 0; correct the file.")
    if min(size) <= 0:
        raise InputError(f"{Path(header.filename).name} has no Rows and Columns above 0, so it is no image.")
    return Plane(np.array(found["ImagePositionPatient"]), row, column, found["PixelSpacing"], size)


def _check_alike(headers: Sequence[Dataset], planes: Sequence[Plane]) -> None:
    first = planes[0]
    for header, plane in zip(headers[1:], planes[1:], strict=True):
        for tag, one, other in (
            ("ImageOrientationPatient", (*plane.row, *plane.column), (*first.row, *first.column)),
            ("PixelSpacing", plane.spacing, first.spacing),
            ("Rows", plane.size[:1], first.size[:1]),
            ("Columns", plane.size[1:], first.size[1:]),
        ):
            if not np.allclose(one, other, atol=ORIENTATION_TOLERANCE):
                raise InputError(
                    f"{Path(header.filename).name} has another {tag} than {Path(headers[0].filename).name}; "
                    "keep slices of one volume together."
                )


def _slice_step(headers: Sequence[Dataset], positions: np.ndarray, plane: Plane) -> np.ndarray:
    """Vector from one slice to the next in mm (LPS)."""
    if len(headers) == 1:
        told = (values.number(headers[0], tag) for tag in ("SpacingBetweenSlices", "SliceThickness"))
        return plane.normal * next((abs(value) for value in told if value), 1.0)
    gaps = np.diff(positions @ plane.normal)
    spacing = float(np.median(gaps))
    tolerance = max(SPACING_TOLERANCE * spacing, 0.01)
    doubled = np.flatnonzero(gaps < tolerance)
    if doubled.size:
        a, b = (Path(headers[doubled[0] + offset].filename).name for offset in (0, 1))
        raise InputError(f"{a} and {b} are at the same slice position; keep one volume's slices together.")
    uneven = np.flatnonzero(np.abs(gaps - spacing) > tolerance)
    if uneven.size:
        a, b = (Path(headers[uneven[0] + offset].filename).name for offset in (0, 1))
        raise InputError(
            f"A slice is missing between {a} and {b} (gap {gaps[uneven[0]]:.2f} mm, elsewhere {spacing:.2f} mm); "
            "copy the whole series."
        )
    step = (positions[-1] - positions[0]) / (len(headers) - 1)
    line = positions[0] + np.arange(len(headers))[:, None] * step
    aside = np.cross(positions - line, plane.normal)
    worst = int(np.argmax((aside**2).sum(axis=1)))
    if np.linalg.norm(aside[worst]) > LARGEST_SHIFT * min(plane.spacing):
        raise InputError(
            f"{Path(headers[worst].filename).name} is {np.linalg.norm(aside[worst]):.2f} mm beside the line through "
            "the other slices; keep slices of one volume together."
        )
    return step

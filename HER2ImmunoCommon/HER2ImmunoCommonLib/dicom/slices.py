"""Where slices are: single-frame images stacked along their normal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..geometry import LPS_FROM_RAS

if TYPE_CHECKING:
    from pydicom import Dataset

SPACING_TOLERANCE = 0.1
"""Largest difference of a slice gap from the median, as a fraction: the joints of PET beds are off by a few percent."""
ORIENTATION_TOLERANCE = 1e-3


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
    for header in headers:
        for tag in ("ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing", "Rows", "Columns"):
            if header.get(tag) in (None, ""):
                raise InputError(f"{Path(header.filename).name} has no {tag}, so its place in the patient is unknown.")
    first = headers[0]
    row, column = np.reshape(np.asarray(first.ImageOrientationPatient, float), (2, 3))
    normal = np.cross(row, column)
    _check_alike(headers)
    positions = np.array([[float(x) for x in header.ImagePositionPatient] for header in headers])
    order = np.argsort(positions @ normal, kind="stable")
    headers, positions = [headers[index] for index in order], positions[order]
    step = _slice_step(headers, positions, normal)
    spacing_j, spacing_i = (float(x) for x in first.PixelSpacing)
    ijk_to_lps = np.eye(4)
    ijk_to_lps[:3, :4] = np.column_stack([row * spacing_i, column * spacing_j, step, positions[0]])
    return headers, LPS_FROM_RAS @ ijk_to_lps


def _check_alike(headers: Sequence[Dataset]) -> None:
    first = headers[0]
    for header in headers[1:]:
        for tag in ("ImageOrientationPatient", "PixelSpacing", "Rows", "Columns"):
            if not np.allclose(
                np.asarray(header[tag].value, float), np.asarray(first[tag].value, float), atol=ORIENTATION_TOLERANCE
            ):
                raise InputError(
                    f"{Path(header.filename).name} has another {tag} than {Path(first.filename).name}; "
                    "keep slices of one volume together."
                )


def _slice_step(headers: Sequence[Dataset], positions: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Vector from one slice to the next in mm (LPS)."""
    first = headers[0]
    if len(headers) == 1:
        return normal * float(first.get("SpacingBetweenSlices") or first.get("SliceThickness") or 1.0)
    gaps = np.diff(positions @ normal)
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
    return (positions[-1] - positions[0]) / (len(headers) - 1)

"""The pixels of DICOM images, with their rescale slope and intercept applied."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..geometry import Volume
from ..progress import Report, tell
from . import values
from .decoding import FLOATS, stored_numbers
from .files import read_image
from .left_out import LeftOut
from .slices import order_slices

if TYPE_CHECKING:
    from pydicom import Dataset

LARGEST = float(np.finfo(np.float32).max)


def stored_values(header: Dataset) -> np.ndarray:
    """Pixels of the file behind `header` with its rescale slope and intercept applied, float32 (rows, columns).

    Raises
    ------
    InputError
        If the pixels cannot be read, are no grey values of one frame, or their rescale is no number; naming the file.
    """
    path = Path(header.filename)
    header = _with_pixels(header)
    pixels = stored_numbers(header)
    if len(pixels) != 1:
        raise InputError(
            f"{path.name} has {len(pixels)} frames where one is expected; export it as single-frame DICOM."
        )
    slope, intercept = rescale(header)
    with np.errstate(over="ignore", invalid="ignore"):
        found = pixels[0] * slope + intercept
        largest = np.abs(found).max()
    if not largest <= LARGEST:
        raise InputError(f"{path.name} has pixels that are no finite numbers; export it again.")
    return found.astype(np.float32)


def stored_frames(header: Dataset) -> np.ndarray:
    """Stored pixels of all frames of the file behind `header`, without rescale (frames, rows, columns).

    Raises
    ------
    InputError
        As `stored_values`.
    """
    return stored_numbers(_with_pixels(header))


def _with_pixels(header: Dataset) -> Dataset:
    if any(word in header for word in ("PixelData", *FLOATS)):
        return header
    path = Path(header.filename)
    if not path.is_file():
        raise InputError(f"{path} is no longer there; put it back or load the examination again.")
    found = read_image(path, pixels=True)
    if isinstance(found, LeftOut):
        raise InputError(f"The pixels of {path.name} could not be read (it is {found.why}); copy it again.")
    return found


def rescale(header: Dataset) -> tuple[float, float]:
    """RescaleSlope and RescaleIntercept; 1 and 0 where they are absent.

    Raises
    ------
    InputError
        If one is no finite number, the slope is 0, or the pixels go through a table instead.
    """
    if values.items(header, "ModalityLUTSequence"):
        raise InputError(
            f"{values.named(header, 'ModalityLUTSequence')} gives the values by a table, which is not supported; "
            "export the images with a rescale slope."
        )
    slope, intercept = (values.number(header, keyword) for keyword in ("RescaleSlope", "RescaleIntercept"))
    if slope == 0:
        raise InputError(f"{values.named(header, 'RescaleSlope')} is 0, which makes all pixels alike; export it again.")
    return 1.0 if slope is None else slope, intercept or 0.0


def load_volume(headers: Sequence[Dataset], *, report: Report | None = None) -> Volume:
    """The volume of single-frame slices, each with its own rescale applied.

    Raises
    ------
    InputError
        As `order_slices` and `stored_values`.
    """
    headers, ijk_to_ras = order_slices(headers)
    shape = tuple(values.whole(headers[0], keyword) for keyword in ("Rows", "Columns"))
    array = np.empty((len(headers), *shape), np.float32)
    for k, header in enumerate(headers):
        tell(report, k / len(headers), f"Reading slice {k + 1} of {len(headers)}")
        array[k] = stored_values(header)
    return Volume(array, ijk_to_ras)

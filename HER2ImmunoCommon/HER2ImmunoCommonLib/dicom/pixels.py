"""The pixels of DICOM images, with their rescale slope and intercept applied."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..geometry import Volume
from ..progress import Report, tell
from .slices import order_slices

if TYPE_CHECKING:
    from pydicom import Dataset


def stored_values(header: Dataset) -> np.ndarray:
    """Pixels of the file behind `header` with its rescale slope and intercept applied, float32 (rows, columns).

    Raises
    ------
    InputError
        If the pixels cannot be read, naming the file.
    """
    import pydicom

    path = Path(header.filename)
    try:
        dataset = header if "PixelData" in header else pydicom.dcmread(path)
        pixels = dataset.pixel_array
    except FileNotFoundError:
        raise InputError(f"{path} is no longer there; put it back or load the examination again.") from None
    except (AttributeError, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise InputError(f"The pixels of {path.name} could not be read ({error}); copy it again.") from error
    slope = float(dataset.get("RescaleSlope", 1) or 1)
    intercept = float(dataset.get("RescaleIntercept", 0) or 0)
    return (pixels * slope + intercept).astype(np.float32)


def load_volume(headers: Sequence[Dataset], *, report: Report | None = None) -> Volume:
    """The volume of single-frame slices, each with its own rescale applied.

    Raises
    ------
    InputError
        As `order_slices` and `stored_values`.
    """
    headers, ijk_to_ras = order_slices(headers)
    array = np.empty((len(headers), int(headers[0].Rows), int(headers[0].Columns)), np.float32)
    for k, header in enumerate(headers):
        tell(report, k / len(headers), f"Reading slice {k + 1} of {len(headers)}")
        array[k] = stored_values(header)
    return Volume(array, ijk_to_ras)

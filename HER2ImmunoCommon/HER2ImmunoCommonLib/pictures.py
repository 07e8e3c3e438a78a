"""Slices of a map laid over the anatomy, as PNG, without a display."""

from __future__ import annotations

import base64
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from .errors import InputError
from .files import NO_ROOM
from .geometry import Volume

# Anchor colours of the perceptually uniform maps viridis and inferno (S. van der Walt, N. Smith, CC0), and of one with
# a middle that is neither: told apart by those who see red and green alike.
COLOUR_MAPS = {
    "viridis": ("440154", "472d7b", "3b528b", "2c728e", "21918c", "28ae80", "5ec962", "addc30", "fde725"),
    "inferno": ("000004", "210c4a", "57106e", "8a226a", "bc3754", "e45a31", "f98e09", "f9cb35", "fcffa4"),
    "blue to red": ("1f4fb4", "5b86d6", "a3bfe8", "f4f4f4", "efb59a", "d9704f", "a82222"),
}
WHITE, ORANGE = (255, 255, 255), (255, 140, 0)


@dataclass(frozen=True)
class Overlay:
    """How a map is shown.

    Attributes
    ----------
    title, unit : str
    low, high : float
        Values at the ends of the colour bar; beyond them the end colours are used.
    colour_map : str
        A key of `COLOUR_MAPS`.
    """

    title: str
    unit: str
    low: float
    high: float
    colour_map: str = "viridis"


def colours(values: np.ndarray, overlay: Overlay) -> np.ndarray:
    """RGB (0 to 255, last axis) of map values."""
    anchors = np.array(
        [[int(code[n : n + 2], 16) for n in (0, 2, 4)] for code in COLOUR_MAPS[overlay.colour_map]], float
    )
    position = np.clip((values - overlay.low) / (overlay.high - overlay.low), 0, 1) * (len(anchors) - 1)
    return np.stack([np.interp(position, np.arange(len(anchors)), anchors[:, n]) for n in range(3)], axis=-1)


def best_slice(mask: np.ndarray) -> int:
    """The k with most of the mask."""
    return int(np.argmax(np.count_nonzero(mask, axis=(1, 2))))


def crop_around(
    mask: np.ndarray, k: int, spacing_mm: tuple[float, float, float] = (1.0, 1.0, 1.0), margin: float = 0.9
) -> tuple[slice, slice]:
    """Rows and columns of slice `k` that make a square (in mm) around the mask, as far as the image reaches.

    Parameters
    ----------
    mask : ndarray of bool, shape (k, j, i)
    k : int
    spacing_mm : (float, float, float)
        Along i, j and k.
    margin : float
        Added on each side, over the size of the mask.
    """
    return crop_to(mask, k, spacing_mm, (1.0 + 2.0 * margin) * width_mm(mask, k, spacing_mm))


def width_mm(mask: np.ndarray, k: int, spacing_mm: tuple[float, float, float]) -> float:
    """The larger of the width and height of the mask in slice `k`."""
    insides = [np.flatnonzero(mask[k].any(axis=axis)) for axis in (1, 0)]
    steps = (spacing_mm[1], spacing_mm[0])
    return float(max((inside[-1] - inside[0] + 1) * step for inside, step in zip(insides, steps, strict=True)))


def crop_to(mask: np.ndarray, k: int, spacing_mm: tuple[float, float, float], side_mm: float) -> tuple[slice, slice]:
    """Rows and columns of slice `k` that make a square of a size around the mask, as far as the image reaches."""
    insides = [np.flatnonzero(mask[k].any(axis=axis)) for axis in (1, 0)]
    steps = (spacing_mm[1], spacing_mm[0])
    return tuple(
        _span(inside, round(side_mm / step), size)
        for inside, step, size in zip(insides, steps, mask[k].shape, strict=True)
    )


def _span(inside: np.ndarray, length: int, size: int) -> slice:
    length = min(length, size)
    start = min(max(0, (int(inside[0]) + int(inside[-1]) + 1 - length) // 2), size - length)
    return slice(start, start + length)


def grey_levels(
    anatomy: Volume, k: int, window: tuple[slice, slice] = (slice(None), slice(None))
) -> tuple[float, float]:
    """Values shown black and white in a part of a slice; of one without any value, 0 and 1."""
    values = anatomy.array[k][window]
    values = values[np.isfinite(values)]
    low, high = np.percentile(values, [1, 99.5]) if values.size else (0.0, 1.0)
    return float(low), float(high)


def overlay_picture(
    anatomy: Volume,
    values: np.ndarray | None,
    overlay: Overlay | None,
    *,
    k: int,
    outline: np.ndarray | None = None,
    other_outline: np.ndarray | None = None,
    window: tuple[slice, slice] = (slice(None), slice(None)),
    levels: tuple[float, float] | None = None,
    height: int = 320,
) -> np.ndarray:
    """One slice: anatomy in grey, the map in colour where it is finite, the outline of a mask.

    Parameters
    ----------
    anatomy : Volume
    values : ndarray, shape (k, j, i), optional
        A map on the anatomy's grid.
    overlay : Overlay, optional
        Needed with `values`.
    k : int
        Slice, shown as it was acquired (rows downwards).
    outline, other_outline : ndarray of bool, shape (k, j, i), optional
        Drawn in white and, below it, in orange.
    window : two slices
        Rows and columns shown.
    levels : (float, float), optional
        Anatomy values shown black and white; those of this part of the slice if not given.
    height : int
        Of the picture in pixels; voxels are shown as they are, not smoothed.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
    """
    grey = anatomy.array[k][window].astype(float)
    low, high = levels or grey_levels(anatomy, k, window)
    shade = np.clip((np.nan_to_num(grey, nan=low) - low) / max(high - low, 1e-12), 0, 1) * 235
    picture = np.repeat(shade[..., None], 3, axis=-1)
    if values is not None and overlay is not None:
        shown = values[k][window]
        valid = np.isfinite(shown)
        picture[valid] = colours(shown[valid], overlay)
    spacing_i, spacing_j, _ = anatomy.spacing_mm
    rows, columns = picture.shape[:2]
    width = max(1, round(height * columns * spacing_i / (rows * spacing_j)))
    row_of = np.minimum((np.arange(height) + 0.5) * rows / height, rows - 1).astype(int)
    column_of = np.minimum((np.arange(width) + 0.5) * columns / width, columns - 1).astype(int)
    picture = picture[row_of][:, column_of]
    for mask, colour in ((other_outline, ORANGE), (outline, WHITE)):
        if mask is not None:
            picture[_edge(mask[k][window][row_of][:, column_of])] = colour
    return picture.round().astype(np.uint8)


def _edge(inside: np.ndarray) -> np.ndarray:
    padded = np.pad(inside, 1)
    core = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return inside & ~core


END_OF_PNG = b"IEND\xaeB`\x82"


def to_png(picture: np.ndarray) -> bytes:
    """An RGB picture as the bytes of a PNG file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        try:
            sitk.WriteImage(sitk.GetImageFromArray(picture, isVector=True), str(path))
            content = path.read_bytes()
        except (RuntimeError, FileNotFoundError):
            content = b""
    if not content.endswith(END_OF_PNG):
        raise InputError(f"A picture could not be written to the temporary folder; {NO_ROOM}.")
    return content


def data_uri(picture: np.ndarray) -> str:
    """An RGB picture to put into the `src` of an HTML image."""
    return "data:image/png;base64," + base64.b64encode(to_png(picture)).decode("ascii")

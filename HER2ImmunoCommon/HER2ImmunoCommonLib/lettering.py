"""Words in pictures, set by VTK in the font that it brings along: no display, and no font of the machine."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

CAPITAL = 0.73
"""Height of a capital letter over the size of the font."""
DOTS_PER_INCH = 72
"""So that sizes are pixels."""
SHADOW = 3
"""Pixels around letters."""


def write(picture: np.ndarray, text: str, row: int, column: int, capital: float, *, colour=(255, 255, 255),
          align: str = "left", shadow: bool = False) -> None:  # fmt: skip
    """Write a line into a picture (rows, columns, 3).

    Parameters
    ----------
    picture : ndarray of uint8
        Changed in place; what lies beyond it is left out.
    text : str
    row : int
        The line of writing.
    column : int
        Where the text begins, has its middle or ends, by `align`.
    capital : float
        Height of a capital letter in pixels.
    colour : tuple of int
    align : {"left", "middle", "right"}
    shadow : bool
        Darken what lies around the letters, so that they can be read on any picture.
    """
    if not text:
        return
    size = max(1, round(capital / CAPITAL))
    covered = _covered(text, size)
    left = column - {"left": 0, "middle": covered.shape[1] // 2, "right": covered.shape[1]}[align]
    top = row - covered.shape[0] + _descent(size)
    if shadow:
        _lay(picture, np.minimum(1.0, 0.8 * _spread(np.pad(covered, SHADOW))), top - SHADOW, left - SHADOW, (0, 0, 0))
    _lay(picture, covered, top, left, colour)


@lru_cache(maxsize=256)
def _covered(text: str, size: int) -> np.ndarray:
    """How far a line covers the pixels (rows, columns), from 0 to 1; lines of one size end in the same depth."""
    from vtk import vtkImageData, vtkTextProperty, vtkTextRenderer  # slow to load
    from vtk.util.numpy_support import vtk_to_numpy

    font, image, extent = vtkTextProperty(), vtkImageData(), [0, 0]
    font.SetFontFamilyToArial()
    font.SetFontSize(size)
    vtkTextRenderer.GetInstance().RenderString(font, text, image, extent, DOTS_PER_INCH, vtkTextRenderer.FreeType)
    columns, rows, _ = image.GetDimensions()
    opacity = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(rows, columns, -1)[..., 3]
    return opacity[: extent[1], : extent[0]][::-1] / 255.0


@lru_cache(maxsize=32)
def _descent(size: int) -> int:
    """Rows of a line of text that lie below the line of writing."""
    rows = np.flatnonzero(_covered("H", size).max(axis=1) > 0.5)
    return len(_covered("H", size)) - 1 - int(rows[-1])


def _lay(picture: np.ndarray, covered: np.ndarray, top: int, left: int, colour: tuple[int, int, int]) -> None:
    """Lay a colour over a picture as far as it is covered."""
    first, start = max(0, -top), max(0, -left)
    part = picture[top + first : max(0, top + covered.shape[0]), left + start : max(0, left + covered.shape[1])]
    share = covered[first : first + part.shape[0], start : start + part.shape[1], None]
    part[:] = np.round(part + share * (np.array(colour, float) - part)).astype(np.uint8)


def _spread(covered: np.ndarray) -> np.ndarray:
    """The largest of each pixel and of those around it."""
    from scipy.ndimage import maximum_filter

    return maximum_filter(covered, size=5, mode="nearest")

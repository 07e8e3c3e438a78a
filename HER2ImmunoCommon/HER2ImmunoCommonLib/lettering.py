"""Words in pictures, drawn with a pen: no fonts of the machine, so that a picture is the same everywhere."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

DESCENT, X_HEIGHT, ASCENT = 2, 5, 7
"""Below the line of writing, and of small and large letters above it; heights are in units of which a capital has 7."""
SPACE, GAP = 3.0, 2.0
"""Widths of a blank and between letters."""
PEN = 1.05
"""Width of the strokes."""
SHADOW = 3
"""Pixels around letters."""
CURVE_POINTS = np.linspace(0.0, 1.0, 7)[1:, None]

# Strokes of each sign: places as pairs of digits (across, up; the line of writing is at 2), bent where a ~ begins them.
SIGNS = {
    "A": "02 39 62, 14 54", "B": "02 09, ~09 59 56 06, ~06 66 62 02", "C": "~67 69 09 02 62 64",
    "D": "02 09, ~09 69 62 02", "E": "59 09 02 52, 06 46", "F": "59 09 02, 06 46", "G": "~67 69 09 02 62 65, 65 35",
    "H": "09 02, 69 62, 06 66", "I": "09 29, 19 12, 02 22", "J": "49 44, ~44 42 02 04", "K": "09 02, 59 05, 16 52",
    "L": "09 02 52", "M": "02 09 35 69 62", "N": "02 09 62 69", "O": "~09 69 62 02 09", "P": "02 09, ~09 69 65 05",
    "Q": "~09 69 62 02 09, 44 71", "R": "02 09, ~09 69 65 05, 35 62", "S": "~57 59 09 06 56 52 02 04",
    "T": "09 69, 39 32", "U": "09 04, ~04 02 62 64, 64 69", "V": "09 32 69", "W": "09 22 48 62 89", "X": "09 62, 69 02",
    "Y": "09 35 69, 35 32", "Z": "09 69 02 62",
    "a": "~47 07 02 42 47, 47 42", "b": "09 02, ~07 47 42 02 07", "c": "~46 47 07 02 42 43",
    "d": "~07 47 42 02 07, 49 42", "e": "05 45, ~45 47 07 02 42 43", "f": "~39 19 17, 17 12, 07 37",
    "g": "~07 47 42 02 07, 47 42, ~42 40 00 01", "h": "09 02, ~05 07 47 44, 44 42", "i": "07 02, 09",
    "j": "17 11, ~11 10 00, 19", "k": "09 02, 47 04, 15 42", "l": "09 02",
    "m": "07 02, ~05 07 37 34, 34 32, ~35 37 67 64, 64 62", "n": "07 02, ~05 07 47 44, 44 42",
    "o": "~07 47 42 02 07", "p": "07 00, ~07 47 42 02 07", "q": "~07 47 42 02 07, 47 40", "r": "07 02, ~05 07 37",
    "s": "~46 47 07 05 44 42 02 03", "t": "19 13, ~13 12 32, 07 37", "u": "07 04, ~04 02 42 44, 47 42",
    "v": "07 22 47", "w": "07 12 36 52 67", "x": "07 42, 47 02", "y": "07 22, 47 10", "z": "07 47 02 42",
    "0": "~09 59 52 02 09", "1": "07 29 22", "2": "~07 09 59 56 02, 02 52", "3": "~08 09 59 56 26, ~26 56 52 02 03",
    "4": "42 49 04 54", "5": "59 09 06, ~06 56 52 02 03", "6": "~58 59 09 04, ~06 56 52 02 06", "7": "09 59 22",
    "8": "~09 59 56 06 09, ~06 56 52 02 06", "9": "~09 59 55 05 09, ~57 52 02 03",
    ".": "02", ",": "12 01", ":": "02, 06", ";": "16, 12 01", "-": "05 35", "+": "05 45, 27 23", "=": "06 46, 04 44",
    "/": "01 49", "%": "~09 29 27 07 09, ~44 64 62 42 44, 02 69", "(": "~29 07 04 21", ")": "~09 27 24 01",
    "'": "09 07", "<": "47 05 43", ">": "07 45 03", "!": "09 04, 02", "?": "~08 09 49 46 25, 25 24, 22", "_": "02 42",
}  # fmt: skip
UNKNOWN = "02 09 49 42 02"


def lettering(text: str, capital: float) -> np.ndarray:
    """A line of text as it covers the pixels.

    Parameters
    ----------
    text : str
        Letters without accents, digits and common signs; any other sign is an empty box.
    capital : float
        Height of a capital letter in pixels.

    Returns
    -------
    ndarray, shape (rows, columns)
        From 0 to 1; the line of writing lies `descent(capital)` pixels above the lowest row.
    """
    unit = capital / ASCENT
    rows = round(capital) + 2 * descent(capital)
    signs = [_sign(sign, unit, rows) for sign in text]
    width = round(sum(_advance(sign) for sign in text) * unit) + 2
    found = np.zeros((rows, width))
    across = 0.0
    for sign, covered in zip(text, signs, strict=True):
        at = round(across * unit)
        part = found[:, at : at + covered.shape[1]]
        np.maximum(part, covered[:, : part.shape[1]], out=part)
        across += _advance(sign)
    return found


def descent(capital: float) -> int:
    """Pixels that a line needs below the line of writing, and leaves above its capitals."""
    return int(np.ceil((DESCENT + PEN / 2) * capital / ASCENT))


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
    covered = lettering(text, capital)
    left = column - {"left": 0, "middle": covered.shape[1] // 2, "right": covered.shape[1]}[align]
    top = row - covered.shape[0] + descent(capital)
    if shadow:
        _lay(picture, np.minimum(1.0, 0.8 * _spread(np.pad(covered, SHADOW))), top - SHADOW, left - SHADOW, (0, 0, 0))
    _lay(picture, covered, top, left, colour)


def _lay(picture: np.ndarray, covered: np.ndarray, top: int, left: int, colour: tuple[int, int, int]) -> None:
    """Lay a colour over a picture as far as it is covered."""
    first, start = max(0, -top), max(0, -left)
    part = picture[top + first : max(0, top + covered.shape[0]), left + start : max(0, left + covered.shape[1])]
    share = covered[first : first + part.shape[0], start : start + part.shape[1], None]
    part[:] = np.round(part + share * (np.array(colour, float) - part)).astype(np.uint8)


def _spread(covered: np.ndarray) -> np.ndarray:
    """The largest of each pixel and those around it, twice."""
    for _ in range(2):
        padded = np.pad(covered, 1)
        rows, columns = covered.shape
        covered = np.max([padded[r : r + rows, c : c + columns] for r in range(3) for c in range(3)], axis=0)
    return covered


def _advance(sign: str) -> float:
    if sign == " ":
        return SPACE
    return max(float(place[0]) for stroke in _strokes(sign) for place in stroke) + GAP


@lru_cache(maxsize=256)
def _strokes(sign: str) -> tuple[np.ndarray, ...]:
    """Each stroke of a sign as its corners (n, 2): across, and up from the line of writing."""
    found = []
    for stroke in SIGNS.get(sign, UNKNOWN).split(", "):
        places = np.array([[float(digit) for digit in pair] for pair in stroke.lstrip("~").split()])
        places[:, 1] -= DESCENT
        found.append(_bent(places) if stroke.startswith("~") else places)
    return tuple(found)


def _bent(places: np.ndarray) -> np.ndarray:
    """A curve from the first to the last place that is drawn to those between; a closed one to all."""
    if (places[0] == places[-1]).all():
        round_ = np.vstack([places, places[1]])
        ends, corners = (round_[:-1] + round_[1:]) / 2, places[1:]
    else:
        between = (places[1:-2] + places[2:-1]) / 2
        ends, corners = np.vstack([places[:1], between, places[-1:]]), places[1:-1]
    pieces = [ends[:1]]
    for start, corner, end in zip(ends[:-1], corners, ends[1:], strict=True):
        t = CURVE_POINTS
        pieces.append((1 - t) ** 2 * start + 2 * t * (1 - t) * corner + t**2 * end)
    return np.vstack(pieces)


@lru_cache(maxsize=1024)
def _sign(sign: str, unit: float, rows: int) -> np.ndarray:
    """How a sign covers the pixels, by their distance from its strokes."""
    if sign == " ":
        return np.zeros((rows, 1))
    columns = int(np.ceil(_advance(sign) * unit)) + 2
    low = descent(unit * ASCENT)
    up, across = np.meshgrid(np.arange(rows, 0, -1) - 0.5 - low, np.arange(columns) + 0.5, indexing="ij")
    pixels = np.stack([across - PEN * unit / 2 - 0.5, up], axis=-1)
    distance = np.min([_distance(pixels, stroke * unit) for stroke in _strokes(sign)], axis=0)
    return np.clip(PEN * unit / 2 + 0.5 - distance, 0.0, 1.0)


def _distance(pixels: np.ndarray, stroke: np.ndarray) -> np.ndarray:
    """Distance of each pixel from a line through corners; from a point where there is only one."""
    starts, ends = (stroke, stroke) if len(stroke) == 1 else (stroke[:-1], stroke[1:])
    found = np.full(pixels.shape[:2], np.inf)
    for start, end in zip(starts, ends, strict=True):
        along = end - start
        length2 = float(along @ along)
        share = np.clip((pixels - start) @ along / length2, 0.0, 1.0)[..., None] if length2 else 0.0
        found = np.minimum(found, np.linalg.norm(pixels - start - share * along, axis=-1))
    return found

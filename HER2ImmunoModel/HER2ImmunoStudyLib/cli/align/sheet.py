"""The picture of an alignment: both visits, checkerboards before and after, and what happens to volume."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib import RESEARCH_ONLY
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.lettering import write
from HER2ImmunoCommonLib.pictures import ORANGE, WHITE, Overlay, colours, grey_levels, overlay_picture
from HER2ImmunoCommonLib.registration import Alignment, Transform, resample

from .plane import Plane, plane_through

WIDTH, TALLEST = 480, 560
"""Of a panel, in pixels."""
MARGIN, GAP, HEAD, CAPTION, FOOT = 20, 16, 76, 46, 76
GROUND, INK, SOFT = (18, 18, 20), (240, 240, 240), (165, 165, 170)
TITLE, HEADING, SMALL = 15.0, 12.0, 9.0
"""Heights of capitals in pixels."""
TILES = 8
"""Across the checkerboard, about."""
LENGTHS_MM = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
RANGES = (1.1, 1.25, 1.5, 2.0, 3.0, 5.0)
"""Largest Jacobian at the end of the scale; the smallest is one over it."""
COLOURED = 0.6
"""Share of the colour over the anatomy."""


_Outline = tuple[np.ndarray | None, tuple[int, int, int]]
"""A mask (1, j, i) and its colour."""


@dataclass(frozen=True, eq=False)
class _Shown:
    """What is shown, on one plane of the fixed visit.

    Attributes
    ----------
    plane : Plane
        Of the fixed image.
    before, after : ndarray, shape (1, j, i)
        The moving image as it lies and aligned.
    tumour, tumour_before, tumour_after : ndarray of bool or None
        Of the fixed visit, and of the moving one as it lies and aligned.
    jacobian : ndarray, shape (1, j, i)
    levels, moving_levels : (float, float)
        Values shown black and white.
    """

    plane: Plane
    before: np.ndarray
    after: np.ndarray
    tumour: np.ndarray | None
    tumour_before: np.ndarray | None
    tumour_after: np.ndarray | None
    jacobian: np.ndarray
    levels: tuple[float, float]
    moving_levels: tuple[float, float]

    @property
    def height(self) -> int:
        """Of a panel, in pixels."""
        rows, columns = self.plane.volume.array.shape[1:]
        across_mm, down_mm, _ = self.plane.volume.spacing_mm
        return min(TALLEST, round(WIDTH * rows * down_mm / (columns * across_mm)))


def alignment_sheet(
    found: Alignment, images: tuple[Volume, Volume], tumours: tuple[Volume | None, Volume | None]
) -> np.ndarray:
    """Draw an alignment.

    Parameters
    ----------
    found : Alignment
    images, tumours : (Volume, Volume)
        Of the fixed and the moving visit; masks may be None.

    Returns
    -------
    ndarray of uint8, shape (rows, columns, 3)
    """
    shown = _shown(found, images, tumours)
    overlay = _scale(shown)
    tile_mm = _round_length(_width_mm(shown.plane) / TILES)
    beyond = "" if np.isfinite(shown.before).any() else "beyond this slice"
    panels = [
        (_anatomy(shown, shown.plane.volume.array, shown.levels, (shown.tumour, WHITE)), "Fixed visit", ""),
        (_moving(shown, shown.before, shown.tumour_before), "Moving visit, as it lies", beyond),
        (_moving(shown, shown.after, shown.tumour_after), "Moving visit, aligned", ""),
        (_checkerboard(shown, shown.before, tile_mm), "Checkerboard, as they lie", f"tiles of {tile_mm:g} mm"),
        (_checkerboard(shown, shown.after, tile_mm), "Checkerboard, aligned", "edges should go on over the tiles"),
        (_coloured(shown, overlay), "Jacobian", "volume of tissue, moving over fixed visit"),
    ]
    return _composed(found, shown, panels, overlay)


def _shown(found: Alignment, images: tuple[Volume, Volume], tumours: tuple[Volume | None, Volume | None]) -> _Shown:
    fixed, moving = images
    here = Transform.identity()
    region = next((_mask(mask, fixed, how) for mask, how in zip(tumours, (here, found.transform), strict=True)
                   if mask is not None), None)  # fmt: skip
    plane = plane_through(fixed, region)
    on = plane.volume
    before, after = (resample(moving, on, transform).array for transform in (here, found.transform))
    return _Shown(
        plane,
        before,
        after,
        _mask(tumours[0], on, here),
        _mask(tumours[1], on, here),
        _mask(tumours[1], on, found.transform),
        resample(found.jacobian, on, here).array,
        grey_levels(on, 0),
        grey_levels(on.like(after), 0),
    )


def _mask(mask: Volume | None, onto: Volume, transform: Transform) -> np.ndarray | None:
    """A mask on a grid, where it may be empty."""
    if mask is None:
        return None
    return resample(mask.like(np.asarray(mask.array) != 0), onto, transform, nearest=True).array != 0


def _anatomy(shown: _Shown, values: np.ndarray, levels: tuple[float, float], *outlines: _Outline) -> np.ndarray:
    """A slice with outlines, the last on top."""
    volume = shown.plane.volume
    picture = overlay_picture(volume.like(values), None, None, k=0, levels=levels, height=shown.height)
    for inside, colour in outlines:
        if inside is not None:
            _outline(picture, _enlarged(shown, inside), colour)
    return picture


def _moving(shown: _Shown, values: np.ndarray, tumour: np.ndarray | None) -> np.ndarray:
    return _anatomy(shown, values, shown.moving_levels, (shown.tumour, ORANGE), (tumour, WHITE))


def _enlarged(shown: _Shown, inside: np.ndarray) -> np.ndarray:
    """A mask (1, j, i) as large as a panel."""
    volume = shown.plane.volume.like(inside.astype(np.float32))
    return overlay_picture(volume, None, None, k=0, levels=(0.0, 1.0), height=shown.height)[..., 0] > 0


def _outline(picture: np.ndarray, inside: np.ndarray, colour: tuple[int, int, int]) -> None:
    """The edge of a region in a colour, with a dark line around it that parts it from bright tissue."""
    grown = _with_neighbours(inside)
    picture[_with_neighbours(grown) & ~inside] = GROUND
    picture[grown & ~inside] = colour


def _with_neighbours(inside: np.ndarray) -> np.ndarray:
    padded = np.pad(inside, 1)
    return padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:] | inside


def _checkerboard(shown: _Shown, moving: np.ndarray, tile_mm: float) -> np.ndarray:
    """Tiles of the one and the other image by turns, each in its own grey scale."""
    volume = shown.plane.volume
    rows, columns = volume.array.shape[1:]
    across_mm, down_mm, _ = volume.spacing_mm
    across, down = (np.arange(n) * step // tile_mm for n, step in ((columns, across_mm), (rows, down_mm)))
    of_fixed = (across + down[:, None]) % 2 == 0
    tiles = np.where(of_fixed, _grey(volume.array, shown.levels), _grey(moving, shown.moving_levels))
    return overlay_picture(volume.like(tiles), None, None, k=0, levels=(0.0, 1.0), height=shown.height)


def _grey(values: np.ndarray, levels: tuple[float, float]) -> np.ndarray:
    low, high = levels
    return np.clip((np.nan_to_num(values, nan=low) - low) / max(high - low, 1e-12), 0.0, 1.0)


def _scale(shown: _Shown) -> Overlay:
    """The colours of the Jacobian, by its logarithm: white keeps the volume."""
    values = shown.jacobian[(shown.jacobian > 0) & shown.plane.body]
    most = float(np.abs(np.log(values)).max()) if values.size else 0.0
    end = next((entry for entry in RANGES if np.log(entry) >= most), RANGES[-1])
    return Overlay("Jacobian", "", -float(np.log(end)), float(np.log(end)), "blue to red")


def _coloured(shown: _Shown, overlay: Overlay) -> np.ndarray:
    """The Jacobian over the fixed anatomy."""
    logs = np.log(np.where((shown.jacobian > 0) & shown.plane.body, shown.jacobian, np.nan))
    options = {"k": 0, "levels": shown.levels, "height": shown.height}
    grey = overlay_picture(shown.plane.volume, None, None, **options).astype(float)
    colour = overlay_picture(shown.plane.volume, logs, overlay, **options)
    picture = np.round((1 - COLOURED) * grey + COLOURED * colour).astype(np.uint8)
    if shown.tumour is not None:
        _outline(picture, _enlarged(shown, shown.tumour), ORANGE)
    return picture


def _composed(
    found: Alignment, shown: _Shown, panels: list[tuple[np.ndarray, str, str]], overlay: Overlay
) -> np.ndarray:
    """The panels in two rows of three, with headings, letters of the sides, scale bar and legend."""
    width = max(WIDTH, *(picture.shape[1] for picture, _, _ in panels))
    row_height = shown.height + CAPTION
    size = HEAD + 2 * row_height + FOOT, 2 * MARGIN + 3 * width + 2 * GAP
    sheet = np.empty((*size, 3), np.uint8)
    sheet[:] = GROUND
    for number, (picture, heading, note) in enumerate(panels):
        top = HEAD + number // 3 * row_height + CAPTION
        left = MARGIN + number % 3 * (width + GAP)
        sheet[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
        write(sheet, heading, top - 14, left, HEADING, colour=INK)
        write(sheet, note, top - 14, left + width, SMALL, colour=SOFT, align="right")
        if number < 3:
            _letters(sheet[top : top + picture.shape[0], left : left + picture.shape[1]], shown.plane)
    left = MARGIN + 2 * (width + GAP)
    _legend(sheet[-FOOT:, left : left + width], overlay)
    _scale_bar(sheet[HEAD + CAPTION : HEAD + CAPTION + shown.height, MARGIN:], shown.plane, panels[0][0].shape[1])
    _words(sheet, found, shown)
    return sheet


def _letters(panel: np.ndarray, plane: Plane) -> None:
    """Sides of the body at the edges of a panel."""
    rows, columns = panel.shape[:2]
    left, right, top, bottom = plane.letters
    middle = rows // 2 + round(HEADING / 2)
    for letter, row, column, align in (
        (left, middle, 8, "left"),
        (right, middle, columns - 8, "right"),
        (top, 8 + round(HEADING), columns // 2, "middle"),
        (bottom, rows - 8, columns // 2, "middle"),
    ):
        write(panel, letter, row, column, HEADING, colour=INK, align=align, shadow=True)


def _scale_bar(panel: np.ndarray, plane: Plane, width: int) -> None:
    mm = _round_length(_width_mm(plane) / 5)
    length = round(mm / _width_mm(plane) * width)
    row = panel.shape[0] - 12
    panel[row - 3 : row, 10 : 10 + length] = INK
    write(panel, f"{mm:g} mm", row - 9, 10, SMALL, colour=INK, shadow=True)


def _legend(place: np.ndarray, overlay: Overlay) -> None:
    """The colour bar of the Jacobian, with what its ends and middle mean."""
    top, columns = 8, place.shape[1]
    left, right = 78, columns - 70
    values = np.linspace(overlay.low, overlay.high, right - left)
    place[top : top + 10, left:right] = np.round(colours(values, overlay)).astype(np.uint8)
    for share, value in ((0.0, overlay.low), (0.5, 0.0), (1.0, overlay.high)):
        column = left + round(share * (right - left))
        write(place, f"{np.exp(value):.2f}", top + 26, column, SMALL, colour=INK, align="middle")
    write(place, "smaller", top + 9, left - 10, SMALL, colour=SOFT, align="right")
    write(place, "larger", top + 9, right + 10, SMALL, colour=SOFT)


def _words(sheet: np.ndarray, found: Alignment, shown: _Shown) -> None:
    """Title with the figures, and what the lines mean."""
    quality, plane = found.quality, shown.plane
    write(sheet, f"Two visits in one space: {found.settings.kind} alignment", 34, MARGIN, TITLE, colour=INK)
    figures = [
        f"likeness {quality.metric_before:.2f} as they lie, {quality.metric_after:.2f} aligned",
        f"Jacobian {quality.jacobian_min:.2f} to {quality.jacobian_max:.2f} in the body",
    ]
    if quality.landmark_error_mm is not None:
        figures.append(
            f"landmarks {quality.landmark_before_mm:.1f} mm apart before, {quality.landmark_error_mm:.1f} mm after"
        )
    text = "; ".join(figures)
    write(sheet, text[:1].upper() + text[1:] + ".", 60, MARGIN, SMALL + 1, colour=SOFT)
    slice_of = f"Slice {plane.k + 1} of {plane.n} of the fixed images, {plane.name}; each visit has its own grey scale."
    write(sheet, slice_of, len(sheet) - 54, MARGIN, SMALL + 1, colour=INK)
    given = [mask is not None for mask in (shown.tumour, shown.tumour_after)]
    outlines = ["White: tumour of the visit."] * any(given)
    outlines += ["Orange: tumour of the fixed visit, at its place."] * given[0]
    write(sheet, " ".join(outlines), len(sheet) - 33, MARGIN, SMALL + 1, colour=INK)
    write(sheet, RESEARCH_ONLY, len(sheet) - 12, MARGIN, SMALL, colour=SOFT)


def _width_mm(plane: Plane) -> float:
    return plane.volume.array.shape[2] * plane.volume.spacing_mm[0]


def _round_length(mm: float) -> float:
    """The length nearest to one, of those that are easy to read."""
    return min(LENGTHS_MM, key=lambda entry: abs(np.log(entry / mm)))

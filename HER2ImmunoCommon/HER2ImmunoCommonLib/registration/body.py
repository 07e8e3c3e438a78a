"""Where the body is in an image, by classical steps, and how large it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..geometry import Volume
from .smoothing import smoothed

HUMAN_MM = 80.0
"""Cube root of the volume of a body in the image from which on lengths are those of a human."""
COARSE_POINTS = 72
"""Along the longest side of the image, where the body is looked for."""
LARGEST_PARTS = 0.1
"""A part of the body has at least this share of the largest one's volume."""
GROWN_MM = 4.0
SMALLEST_VOXELS = 30


@dataclass(frozen=True, eq=False)
class Body:
    """The body in an image.

    Attributes
    ----------
    mask : Volume
        Of bool, on a coarse grid along the axes of the image, grown by some mm.
    scale : float
        Of all lengths, 1 for a human and below for a small animal.
    floor : float
        Intensity far below that of tissue, added before logarithms.
    """

    mask: Volume
    scale: float
    floor: float


def find_body(volume: Volume, name: str) -> Body:
    """The body by a threshold between air and tissue on the smoothed image, its largest parts, without holes.

    Raises
    ------
    InputError
        If the image is empty or the same everywhere.
    """
    from scipy import ndimage

    array = np.nan_to_num(np.asarray(volume.array, np.float32), posinf=0.0, neginf=0.0)
    spacing = np.array(volume.spacing_mm[::-1])
    extent = spacing * array.shape
    step = np.maximum(1, np.round(extent.max() / COARSE_POINTS / spacing)).astype(int)
    coarse = coarse_volume(Volume(array, volume.ijk_to_ras), step)
    values = np.clip(coarse.array, 0.0, None)
    if np.ptp(values) <= 0:
        raise InputError(f"The {name} image is the same everywhere; choose an image with anatomy in it.")
    inside = values > air_threshold(values)
    labels, n = ndimage.label(ndimage.binary_opening(inside) if min(inside.shape) > 2 else inside)
    if not n:
        raise InputError(f"No body was found in the {name} image; give a mask of the breast.")
    sizes = np.bincount(labels.ravel())[1:]
    inside = np.isin(labels, 1 + np.flatnonzero(sizes >= LARGEST_PARTS * sizes.max()))
    inside = ndimage.binary_fill_holes(inside)
    mm3 = inside.sum() * 1000.0 * coarse.voxel_volume_cm3
    if inside.sum() < SMALLEST_VOXELS:
        raise InputError(f"The body in the {name} image is only {inside.sum()} voxels; choose a larger image.")
    scale = min(1.0, float(np.cbrt(mm3)) / HUMAN_MM)
    floor = 0.05 * float(np.median(values[inside]))
    return Body(coarse.like(grown(inside, coarse, GROWN_MM * scale)), scale, floor)


def air_threshold(values: np.ndarray) -> float:
    """Between air and tissue: Otsu's threshold of the logarithm, so that dark tissue is told from air, not from fat."""
    positive = values[values > 0]
    logs = np.log(positive)
    low, high = np.percentile(logs, [0.5, 99.5])
    counts, edges = np.histogram(np.clip(logs, low, high), bins=128)
    centres = (edges[1:] + edges[:-1]) / 2
    weight = np.cumsum(counts)
    total = np.cumsum(counts * centres)
    with np.errstate(invalid="ignore", divide="ignore"):
        between = (total[-1] * weight / weight[-1] - total) ** 2 / (weight * (weight[-1] - weight))
    return float(np.exp(edges[1 + int(np.nanargmax(between[:-1]))]))


def coarse_volume(volume: Volume, step: np.ndarray) -> Volume:
    """Every `step`-th voxel (k, j, i) of the smoothed volume, from the middle of the first block on."""
    array = smoothed(volume.array, 0.4 * np.where(step > 1, step, 0.0))
    first = (step - 1) // 2
    array = array[first[0] :: step[0], first[1] :: step[1], first[2] :: step[2]]
    return Volume(np.ascontiguousarray(array), coarse_matrix(volume.ijk_to_ras, step, first))


def coarse_matrix(ijk_to_ras: np.ndarray, step: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Places of every `step`-th voxel from `first` on, both (k, j, i)."""
    matrix = ijk_to_ras.astype(np.float64)
    matrix[:3, 3] += matrix[:3, :3] @ first[::-1]
    matrix[:3, :3] *= step[::-1]
    return matrix


def grown(inside: np.ndarray, grid: Volume, mm: float) -> np.ndarray:
    """A region with all that lies within some mm of it."""
    from scipy.ndimage import distance_transform_edt

    if mm <= 0 or not inside.any():
        return inside
    return distance_transform_edt(~inside, sampling=grid.spacing_mm[::-1]) <= mm

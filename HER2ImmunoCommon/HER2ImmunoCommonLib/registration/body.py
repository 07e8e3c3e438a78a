"""Where the body is in an image, by classical steps, and how large it is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..errors import InputError
from ..geometry import Volume
from .smoothing import smoothed

HUMAN_MM = 100.0
"""Root of the largest section of a body from which on lengths are those of a human; also told by a single slice."""
COARSE_POINTS = 72
"""Along the longest side of the image, where the body is looked for."""
LARGEST_PARTS = 0.1
"""A part of the body has at least this share of the largest one's volume."""
SMOOTHED = 0.01
"""Standard deviation of the smoothing, over the longest side of the image."""
LEAST_SMOOTHED = 0.5
"""The same in voxels: the logarithm of noise that nothing evens out reaches far down, and would be two classes."""
BINS = 64
GROWN_MM = 4.0
NOISY = 0.02
"""Difference of neighbours over their sum: .2 to .3 in air, .05 where air was turned and smoothed, 0 without noise."""
SEEN_AT_LEAST, TINY = 0.05, 1e-12
THICK = 2
"""Half the least width in voxels of what is beyond the edge of an image, not noise that happens to be 0."""
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

    Parameters
    ----------
    volume : Volume
        Of finite float32 values.
    name : str
        Of the image, for messages.

    Raises
    ------
    InputError
        If the image is the same everywhere or holds hardly any body.
    """
    from scipy import ndimage

    spacing = np.array(volume.spacing_mm[::-1])
    longest_mm = float((spacing * volume.array.shape).max())
    step = np.maximum(1, np.round(longest_mm / COARSE_POINTS / spacing)).astype(int)
    step = np.minimum(step, volume.array.shape)
    coarse = coarse_volume(volume, step)
    values = np.clip(coarse.array, 0.0, None)
    if np.ptp(values) <= 0:
        raise InputError(f"The {name} image is the same everywhere; choose an image with anatomy in it.")
    seen = ~_nothing(values)
    sd_voxels = np.maximum(SMOOTHED * longest_mm / np.array(coarse.spacing_mm[::-1]), LEAST_SMOOTHED)
    values = _smoothed_within(values, seen, sd_voxels)
    inner = ndimage.binary_erosion(seen, border_value=1) & (values > 0)
    threshold = air_threshold(values[inner if inner.any() else values > 0])
    if not seen.all() and not _is_noise(volume.array, step, seen & (values <= threshold)):
        threshold = 0.0  # the air was already taken away
    labels, n = ndimage.label(seen & (values > threshold))
    sizes = np.bincount(labels.ravel(), minlength=2)[1:]
    inside = np.isin(labels, 1 + np.flatnonzero(sizes >= LARGEST_PARTS * sizes.max()))
    if not n or inside.sum() < SMALLEST_VOXELS:
        raise InputError(f"Hardly any body was found in the {name} image; choose a larger one, or one of tissue.")
    inside = _filled(inside)
    scale = min(1.0, _size_mm(inside, coarse) / HUMAN_MM)
    floor = 0.05 * float(np.median(values[inside]))
    return Body(coarse.like(grown(inside, coarse, GROWN_MM * scale)), scale, floor)


def _nothing(values: np.ndarray) -> np.ndarray:
    """Where much together is 0: beyond the edge of an image that was turned, or air that was taken away."""
    from scipy.ndimage import binary_opening

    zero = np.pad(values == 0, THICK, mode="edge")
    return binary_opening(zero, iterations=THICK)[(slice(THICK, -THICK),) * 3]


def _smoothed_within(values: np.ndarray, seen: np.ndarray, sd_voxels: np.ndarray) -> np.ndarray:
    """Smoothed over what was seen, so that nothing fades toward its edge."""
    found = smoothed(values, sd_voxels)
    return found if seen.all() else found / np.maximum(smoothed(seen, sd_voxels), SEEN_AT_LEAST)


def _is_noise(array: np.ndarray, step: np.ndarray, where: np.ndarray) -> bool:
    """Whether neighbours differ as much as they do in air, where (k, j, i) in blocks of `step` voxels."""
    axis = int(np.argmax(array.shape))
    first, second = (
        np.abs(each[tuple(slice(0, n * size, size) for n, size in zip(where.shape, step, strict=True))][where])
        for each in (array, np.roll(array, -1, axis))
    )
    used = first + second > 0
    return bool(used.any()) and float(np.median((np.abs(first - second) / (first + second + TINY))[used])) > NOISY


def air_threshold(values: np.ndarray) -> float:
    """Between air and tissue: the lower of two thresholds of the logarithm (Otsu 1979).

    Three classes, since fat is nearly as dark as air where it is suppressed.
    """
    logs = np.log(values[values > 0])
    low, high = np.percentile(logs, [0.5, 99.5])
    counts, edges = np.histogram(np.clip(logs, low, high), bins=BINS)
    weight = np.concatenate([[0.0], np.cumsum(counts)])
    total = np.concatenate([[0.0], np.cumsum(counts * (edges[1:] + edges[:-1]) / 2)])
    first, last = np.triu_indices(BINS, 1)
    first, last = first[first > 0], last[first > 0]
    bounds = (np.zeros_like(first), first, last, np.full_like(first, BINS))
    between = sum((total[b] - total[a]) ** 2 / np.maximum(weight[b] - weight[a], 1.0) for a, b in pairwise(bounds))
    return float(np.exp(edges[first[int(np.argmax(between))]]))


def _size_mm(inside: np.ndarray, grid: Volume) -> float:
    """Root of the largest area in which a plane of the grid cuts the body."""
    areas = []
    for axis in range(3):
        others = [step for other, step in enumerate(grid.spacing_mm[::-1]) if other != axis]
        areas.append(inside.sum(axis=tuple(other for other in range(3) if other != axis)).max() * np.prod(others))
    return float(np.sqrt(max(areas)))


def _filled(inside: np.ndarray) -> np.ndarray:
    """Without holes, also those that are holes in one slice only."""
    from scipy.ndimage import binary_fill_holes

    for axis in range(3):
        planes = np.moveaxis(inside, axis, 0)
        filled = np.stack([binary_fill_holes(plane) for plane in planes])
        inside = np.moveaxis(filled, 0, axis)
    return inside


def coarse_volume(volume: Volume, step: np.ndarray) -> Volume:
    """Means of blocks of `step` voxels (k, j, i); what is left over at the ends is left out."""
    blocks = np.array(volume.array.shape) // step
    array = np.asarray(volume.array, np.float32)[tuple(slice(0, n) for n in blocks * step)]
    for axis in (2, 1, 0):
        if step[axis] > 1:
            array = sum(np.take(array, range(n, array.shape[axis], step[axis]), axis) for n in range(step[axis]))
    array = np.ascontiguousarray(array, np.float32) / np.float32(step.prod())
    return Volume(array, coarse_matrix(volume.ijk_to_ras, step, (step - 1) / 2))


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
    found = inside.copy()
    near = around(inside, grid, mm)
    found[near] = distance_transform_edt(~inside[near], sampling=grid.spacing_mm[::-1]) <= mm
    return found


def around(inside: np.ndarray, grid: Volume, mm: float) -> tuple[slice, slice, slice]:
    """The smallest box of a grid that holds a region and some mm on each side."""
    box = []
    for axis, step in enumerate(grid.spacing_mm[::-1]):
        at = np.flatnonzero(inside.any(axis=tuple(other for other in range(3) if other != axis)))
        more = int(np.ceil(mm / step)) + 1
        box.append(slice(max(0, int(at[0]) - more), int(at[-1]) + more + 1))
    return tuple(box)


def cropped(volume: Volume, box: tuple[slice, slice, slice]) -> Volume:
    """The part of a volume in a box."""
    matrix = volume.ijk_to_ras.astype(np.float64)
    matrix[:3, 3] += matrix[:3, :3] @ [each.start for each in reversed(box)]
    return Volume(np.ascontiguousarray(volume.array[box]), matrix)

"""Shapes of a region of voxels: islands, thin parts, holes, roughness."""

from __future__ import annotations

from math import pi

import numpy as np

REACH = 4
"""Voxels from a click within which the body of a region is looked for."""
AS_COMPACT = 0.85
"""Of regions about as compact as the most compact one the largest is taken."""
LARGEST_HOLE = 1.5
"""Of a region's voxels: a necrosis may be this much larger than its rim, which is then a sixth of the radius."""
FACES_OF_A_SPHERE = 1.5
"""How much larger the area of a sphere's voxel faces is than the sphere's."""

Box = tuple[slice, slice, slice]


def box_of(mask: np.ndarray, margin: np.ndarray | int = 0) -> Box:
    """The smallest box with all of a mask that is not empty and a margin in voxels, as far as the array reaches."""
    insides = [np.flatnonzero(mask.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))]
    margins = np.broadcast_to(margin, 3)
    return tuple(
        slice(max(0, int(inside[0]) - int(more)), min(size, int(inside[-1]) + 1 + int(more)))
        for inside, more, size in zip(insides, margins, mask.shape, strict=True)
    )


def island(mask: np.ndarray, near: np.ndarray) -> np.ndarray:
    """The island (voxels that share a face) with most of the voxels of `near`; empty if none has any."""
    from scipy.ndimage import label  # slow to load

    islands, n = label(mask)
    shared = np.bincount(islands[near], minlength=n + 1)
    shared[0] = 0
    # The first of equals is taken, so the same click gives the same island.
    return islands == int(np.argmax(shared)) if shared.any() else np.zeros(mask.shape, bool)


def body(mask: np.ndarray, near: np.ndarray) -> np.ndarray:
    """An island with its holes closed and without what hangs on it by strands, such as vessels, one or two voxels thin.

    Parameters
    ----------
    mask : ndarray of bool, shape (k, j, i)
        One island.
    near : ndarray of bool, shape (k, j, i)
        The click; the largest body within reach of it is taken. An island that is all strand there gives the strand.
    """
    from scipy.ndimage import label  # slow to load

    whole = np.zeros(mask.shape, bool)
    if not mask.any():
        return whole
    box = box_of(mask, 2)
    part = solid(mask[box])
    cores, n = label(shrunk(part))
    reached = np.unique(cores[grown(near[box], REACH)])
    every = np.bincount(cores.ravel(), minlength=n + 1)
    every[0] = 0
    sizes = every[reached]
    if sizes.any():
        core = cores == reached[int(np.argmax(sizes))]
        # One step back to the outline that was eroded, one more for its corners.
        opened = grown(core, 2) & part
        # What hangs on a larger body, such as muscle, is cut off from it all the same.
        is_largest = sizes.max() == every.max()
        whole[box] = part if is_largest and _is_broken(part, opened) else opened
    else:
        strand = part & ~grown(cores > 0, 2)
        whole[box] = island(strand, grown(near[box]))
    return whole


def _is_broken(part: np.ndarray, opened: np.ndarray) -> bool:
    """Whether cutting strands has broken a noisy island: most of it is gone, and what is left no more compact."""
    if 2 * np.count_nonzero(opened) >= np.count_nonzero(part):
        return False
    voxel = np.ones(3)
    return sphericity(part, voxel) >= AS_COMPACT * sphericity(opened, voxel)


def grown(mask: np.ndarray, steps: int = 1) -> np.ndarray:
    """The mask and its neighbours by faces, several times over."""
    for _ in range(steps):
        result = mask.copy()
        for axis in range(3):
            whole, part = (np.moveaxis(each, axis, 0) for each in (result, mask))
            whole[1:] |= part[:-1]
            whole[:-1] |= part[1:]
        mask = result
    return mask


def shrunk(mask: np.ndarray) -> np.ndarray:
    """The voxels of the mask whose neighbours by faces are in it too; the edge of the images takes nothing away."""
    return ~grown(~mask)


def without_holes(mask: np.ndarray) -> np.ndarray:
    """The mask with what it encloses; not what is much larger than itself, as a breast between skin and muscle is."""
    from scipy.ndimage import label  # slow to load

    if not mask.any():
        return mask.copy()
    filled, box = mask.copy(), box_of(mask)
    gaps, _n = label(np.pad(~mask[box], 1, constant_values=True))
    sizes = np.bincount(gaps.ravel())
    sizes[0] = np.count_nonzero(mask)
    is_hole = sizes <= LARGEST_HOLE * sizes[0]
    is_hole[gaps[0, 0, 0]] = False
    filled[box] = is_hole[gaps[1:-1, 1:-1, 1:-1]]
    return filled


def solid(mask: np.ndarray) -> np.ndarray:
    """The mask with all that it encloses, also where noise has left a gap of a voxel in what encloses it."""
    closed = shrunk(grown(mask))
    filled = without_holes(closed)
    return without_holes(mask | (grown(filled & ~closed) & filled))


def smoothed(mask: np.ndarray) -> np.ndarray:
    """The mask without pits and spikes of one voxel: five of six neighbours, or at most one, decide over a voxel."""
    around = np.zeros(mask.shape, np.uint8)
    for axis in range(3):
        sums, part = (np.moveaxis(each, axis, 0) for each in (around, mask))
        sums[1:] += part[:-1]
        sums[:-1] += part[1:]
    result = (around >= 5) | (mask & (around >= 2))
    return result if result.any() else mask


def sphericity(mask: np.ndarray, spacing_kji_mm: np.ndarray) -> float:
    """How compact a region is: the area of a sphere of its volume over its own area, 1 at most.

    References
    ----------
    Wadell, J Geol 43:250 (1935).
    """
    padded = np.pad(mask, 1).astype(np.int8)
    voxel_mm3 = float(np.prod(spacing_kji_mm))
    faces = [np.count_nonzero(np.diff(padded, axis=axis)) / spacing_kji_mm[axis] for axis in range(3)]
    area_mm2 = voxel_mm3 * sum(faces) / FACES_OF_A_SPHERE
    volume_mm3 = voxel_mm3 * np.count_nonzero(mask)
    return min(1.0, float(pi ** (1 / 3) * (6 * volume_mm3) ** (2 / 3) / area_mm2))

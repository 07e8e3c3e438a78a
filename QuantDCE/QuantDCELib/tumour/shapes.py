"""Shapes of a region of voxels: islands, thin parts, holes, roughness."""

from __future__ import annotations

from math import pi

import numpy as np

STRAND_MM, STRAND_SHARE = 1.5, 0.2
"""Half the width of what is cut off as a strand, in mm and at most this share of the region's radius: vessels that feed
a breast tumour are a millimetre or two wide, those of a mouse less. One voxel at least."""
REACH = 4
"""Half widths of a strand from a click within which the body of a region is looked for."""
COMPACT = 0.7
"""Sphericity of a region that nothing large hangs on: tumour and muscle or gland joined by a strand are below it."""
BROKEN = 0.25
"""Share of a region left by taking its outline away below which it had no bodies, but noise or a thin rim."""
AS_COMPACT = 0.85
"""Of regions about as compact as the most compact one the largest is taken."""
LARGEST_HOLE = 1.5
"""Of a region's voxels: a necrosis may be this much larger than its rim, which is then a sixth of the radius."""
HOLE_IN_NOISE, ALL_AROUND = 0.3, 0.5
"""What is enclosed on five sides in noise is a hole up to this share of the region's voxels, and above it where this
share of it is enclosed on all six: else it lies between the arms of what noise or vessels have joined."""
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


def islands_of(mask: np.ndarray, neighbours: np.ndarray | None = None) -> tuple[np.ndarray, int]:
    """The number of its island at each voxel, 0 outside, and how many there are; `neighbours` (3, 3, 3) join voxels."""
    from scipy.ndimage import label  # slow to load

    # Of the type that counting and indexing want: they would copy another.
    return label(mask, neighbours, output=np.intp)


def island(mask: np.ndarray, near: np.ndarray) -> np.ndarray:
    """The island (voxels that share a face) with most of the voxels of `near`; empty if none has any."""
    islands, n = islands_of(mask)
    shared = np.bincount(islands[near], minlength=n + 1)
    shared[0] = 0
    # The first of equals is taken, so the same click gives the same island.
    return islands == int(np.argmax(shared)) if shared.any() else np.zeros(mask.shape, bool)


def radius_mm(voxels: int, spacing_kji_mm: np.ndarray) -> float:
    """Radius of the sphere of so many voxels."""
    return float((3.0 * voxels * float(np.prod(spacing_kji_mm)) / (4.0 * pi)) ** (1.0 / 3.0))


def strand_steps(voxels: int, spacing_kji_mm: np.ndarray) -> np.ndarray:
    """Voxels along k, j, i that are half the width of a strand of a region."""
    half_mm = min(STRAND_MM, STRAND_SHARE * radius_mm(voxels, spacing_kji_mm))
    return np.maximum(1, np.floor(half_mm / np.asarray(spacing_kji_mm) + 0.5)).astype(int)


def body(mask: np.ndarray, near: np.ndarray, spacing_kji_mm: np.ndarray, has_gaps: bool = False) -> np.ndarray:
    """An island with its holes closed and without what hangs on it by strands, such as vessels.

    Parameters
    ----------
    mask : ndarray of bool, shape (k, j, i)
        One island.
    near : ndarray of bool, shape (k, j, i)
        The click; the largest body within reach of it is taken. An island that is all strand there gives the strand.
    spacing_kji_mm : ndarray, shape (3,)
    has_gaps : bool
        Whether what encloses a hole has gaps that noise has left.
    """
    whole = np.zeros(mask.shape, bool)
    if not mask.any():
        return whole
    steps = strand_steps(np.count_nonzero(mask), spacing_kji_mm)
    box = box_of(mask, steps + 1)
    part = (solid_in_noise if has_gaps else solid)(mask[box])
    cores, n = islands_of(shrunk(part, steps))
    reached = np.unique(cores[grown(near[box], REACH * steps)])
    every = np.bincount(cores.ravel(), minlength=n + 1)
    every[0] = 0
    sizes = every[reached]
    if sizes.any():
        core = cores == reached[int(np.argmax(sizes))]
        # Back to the outline that was eroded, and one step more for its corners.
        opened = grown(core, steps + 1) & part
        # What hangs on a larger body, such as muscle, is cut off from it all the same.
        hangs = sizes.max() < every.max() and every.sum() >= BROKEN * np.count_nonzero(part)
        whole[box] = part if not hangs and _is_broken(part, opened, spacing_kji_mm) else opened
    else:
        strand = part & ~grown(cores > 0, steps + 1)
        whole[box] = island(strand, grown(near[box]))
    return whole


def _is_broken(part: np.ndarray, opened: np.ndarray, spacing_kji_mm: np.ndarray) -> bool:
    """Whether cutting strands has broken a noisy island: most of it is gone, and it was compact."""
    return 2 * np.count_nonzero(opened) < np.count_nonzero(part) and sphericity(part, spacing_kji_mm) >= COMPACT


def grown(mask: np.ndarray, steps: int | np.ndarray = 1) -> np.ndarray:
    """The mask and its neighbours by faces, several times over, or so many times along each axis."""
    steps = np.broadcast_to(steps, 3)
    for step in range(int(steps.max())):
        result = mask.copy()
        for axis in np.flatnonzero(steps > step):
            whole, part = (np.moveaxis(each, axis, 0) for each in (result, mask))
            whole[1:] |= part[:-1]
            whole[:-1] |= part[1:]
        mask = result
    return mask


def shrunk(mask: np.ndarray, steps: int | np.ndarray = 1) -> np.ndarray:
    """What is left of a mask without its outline; the edge of the images takes nothing away."""
    return ~grown(~mask, steps)


def without_holes(mask: np.ndarray) -> np.ndarray:
    """The mask with what it encloses; not what is much larger than itself, as a breast between skin and muscle is."""
    if not mask.any():
        return mask.copy()
    filled, box = mask.copy(), box_of(mask)
    gaps, _n = islands_of(np.pad(~mask[box], 1, constant_values=True))
    sizes = np.bincount(gaps.ravel())
    sizes[0] = np.count_nonzero(mask)
    is_hole = sizes <= LARGEST_HOLE * sizes[0]
    is_hole[gaps[0, 0, 0]] = False
    filled[box] = is_hole[gaps[1:-1, 1:-1, 1:-1]]
    return filled


def solid(mask: np.ndarray) -> np.ndarray:
    """The mask with all that it encloses, also where a gap of a voxel is left in what encloses it."""
    closed = shrunk(grown(mask))
    filled = without_holes(closed)
    return without_holes(mask | (grown(filled & ~closed) & filled))


def solid_in_noise(mask: np.ndarray) -> np.ndarray:
    """The mask with all that it encloses, also where noise has left gaps in what encloses it.

    Enclosed is what has some of the mask in front of it in five of the six directions of the grid or all.
    """
    seen = np.zeros(mask.shape, np.uint8)
    for axis in range(3):
        seen += np.logical_or.accumulate(mask, axis=axis)
        seen += np.flip(np.logical_or.accumulate(np.flip(mask, axis), axis=axis), axis)
    seen[mask] = 0
    holes = seen >= 5
    voxels = np.count_nonzero(holes)
    is_small = voxels <= HOLE_IN_NOISE * np.count_nonzero(mask)
    is_hole = is_small or np.count_nonzero(seen == 6) >= ALL_AROUND * voxels
    return mask | holes if is_hole else without_holes(mask)


def smoothed(mask: np.ndarray) -> np.ndarray:
    """The mask without pits and spikes of one voxel: five of six neighbours, or at most one, decide over a voxel."""
    around = np.zeros(mask.shape, np.uint8)
    for axis in range(3):
        sums, part = (np.moveaxis(each, axis, 0) for each in (around, mask))
        sums[1:] += part[:-1]
        sums[:-1] += part[1:]
    result = (around >= 5) | (mask & (around >= 2))
    return result if result.any() else mask


def without_crumbs(mask: np.ndarray, spacing_kji_mm: np.ndarray) -> np.ndarray:
    """The mask without pieces within a slice that are smaller than the cross-section of a strand; all, if all are."""
    in_plane = np.zeros((3, 3, 3), bool)
    in_plane[1] = [[0, 1, 0], [1, 1, 1], [0, 1, 0]]
    pieces, _n = islands_of(mask, in_plane)
    half_mm = STRAND_SHARE * radius_mm(np.count_nonzero(mask), spacing_kji_mm)
    least = pi * min(STRAND_MM, half_mm) ** 2 / float(np.prod(spacing_kji_mm[1:]))
    kept = (np.bincount(pieces.ravel()) >= least)[pieces] & mask
    return kept if kept.any() else mask


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

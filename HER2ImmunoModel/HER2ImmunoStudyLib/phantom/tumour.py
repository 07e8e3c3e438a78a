"""A tumour whose voxels count out exactly the simulated volume and fractions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .body_plan import Label, local_mm
from .fields import SmoothField
from .presets import Preset

AXES = np.array([1.0, 0.92, 1.08])
LOBES, MOTTLE, ARCS = 0.1, 0.08, 0.35
"""Irregularity of the outline, of the core's border and of the rim's depth, as shares of the radius."""
SECOND_SHARE = 0.42
"""The radius of the second lesion over that of the tumour."""
REACH = 1.6
"""A tumour's farthest point over its outline's level, at most."""


@dataclass(frozen=True, eq=False)
class Depth:
    """How deep in the tumour each position lies; arrays of one shape, mm at size 1.

    Attributes
    ----------
    outline : ndarray
        A slightly irregular, star-shaped distance from the centre; its level sets are outlines of the tumour.
    core : ndarray
        The same, mottled: lowest where necrosis starts.
    rim : ndarray
        Highest where vessels are best: arcs of the rim rather than all of it.
    """

    outline: np.ndarray
    core: np.ndarray
    rim: np.ndarray


def depth(preset: Preset, seed: int, position_ras_mm: np.ndarray) -> Depth:
    """Depth at positions of shape (..., 3)."""
    position = local_mm(preset, position_ras_mm)
    offset = (position - np.asarray(preset.tumour_centre)) / AXES
    radius = np.linalg.norm(offset, axis=-1)
    direction = offset / np.maximum(radius, 1e-9)[..., None]
    outline = radius * (1.0 + LOBES * SmoothField(seed, "lobes", 0.7)(direction))
    core = outline * (1.0 + MOTTLE * SmoothField(seed, "mottle", 6.0)(position))
    rim = outline * (1.0 + ARCS * np.tanh(SmoothField(seed, "arcs", 0.8)(direction)))
    return Depth(outline, core, rim)


def tumour_mask(where: Depth, volume_cm3: float, voxel_cm3: float) -> np.ndarray:
    """The voxels nearest the centre that together have the volume, to half a voxel."""
    return _lowest(where.outline, np.ones(where.outline.shape, bool), round(volume_cm3 / voxel_cm3))


def perfusion_labels(where: Depth, mask: np.ndarray, vascular: float, necrotic: float) -> np.ndarray:
    """RIM, BULK or NECROSIS for each tumour voxel, 0 elsewhere; the counts are the fractions, rounded."""
    count = int(mask.sum())
    n_necrotic = round(necrotic * count)
    n_rim = min(round(vascular * count), count - n_necrotic)
    labels = np.where(mask, np.uint8(Label.BULK), np.uint8(0))
    alive = mask & ~_lowest(where.core, mask, n_necrotic)
    labels[mask & ~alive] = Label.NECROSIS
    labels[_lowest(-where.rim, alive, n_rim)] = Label.RIM
    return labels


def hypoxia_labels(where: Depth, mask: np.ndarray, hypoxic: float, necrotic: float) -> np.ndarray:
    """HYPOXIC or BULK for each tumour voxel: a shell about the core, which is too dead to take up tracer."""
    count = int(mask.sum())
    n_hypoxic = round(hypoxic * count)
    n_core = min(round(necrotic * count), count - n_hypoxic)
    labels = np.where(mask, np.uint8(Label.BULK), np.uint8(0))
    labels[_lowest(where.core, mask, n_core + n_hypoxic)] = Label.HYPOXIC
    labels[_lowest(where.core, mask, n_core)] = Label.BULK
    return labels


@dataclass(frozen=True)
class Borders:
    """Levels of `Depth` at which a tumour's classes end: those of its outermost voxels."""

    outline: float
    necrosis: float
    rim: float


def borders(where: Depth, labels: np.ndarray, mask: np.ndarray) -> Borders:
    """Borders of the labels, so that parts of voxels can be told apart as the voxels are."""
    dead, vascular = (mask & (labels == kind) for kind in (Label.NECROSIS, Label.RIM))
    return Borders(
        float(where.outline[mask].max()),
        float(where.core[dead].max()) if dead.any() else -np.inf,
        float(where.rim[vascular].min()) if vascular.any() else np.inf,
    )


def drawn_into(
    labels: np.ndarray, preset: Preset, seed: int, position_ras_mm: np.ndarray, limits: Borders
) -> np.ndarray:
    """The labels of normal tissue with the tumour within its borders."""
    near = np.linalg.norm(local_mm(preset, position_ras_mm) - np.asarray(preset.tumour_centre), axis=-1)
    near = near < limits.outline * REACH
    where = depth(preset, seed, position_ras_mm[near])
    kind = np.full(where.outline.shape, Label.BULK, np.uint8)
    kind[where.rim >= limits.rim] = Label.RIM
    kind[where.core <= limits.necrosis] = Label.NECROSIS
    result = labels.copy()
    result[near] = np.where(where.outline <= limits.outline, kind, labels[near])
    return result


def second_lesion(preset: Preset, volume_cm3: float, position_ras_mm: np.ndarray) -> np.ndarray:
    """Whether positions lie in the second lesion, if there is one; it goes the way of the tumour."""
    if preset.second_centre is None:
        return np.zeros(position_ras_mm.shape[:-1], bool)
    radius_mm = SECOND_SHARE * 10.0 * np.cbrt(volume_cm3 * 3.0 / (4.0 * np.pi)) / preset.size
    offset = (local_mm(preset, position_ras_mm) - np.asarray(preset.second_centre)) / AXES
    return np.linalg.norm(offset, axis=-1) < radius_mm


def _lowest(score: np.ndarray, mask: np.ndarray, count: int) -> np.ndarray:
    """The `count` voxels of `mask` with the lowest score."""
    inside = np.flatnonzero(mask)
    chosen = np.zeros(score.size, bool)
    chosen[inside[np.argsort(score.ravel()[inside], kind="stable")[:count]]] = True
    return chosen.reshape(score.shape)

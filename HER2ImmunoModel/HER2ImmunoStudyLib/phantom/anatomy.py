"""Where the tissues are: a breast on a chest wall with an artery behind it, as functions of position."""

from __future__ import annotations

import numpy as np

from .body_plan import BREAST, MUSCLE, SUBCUTANEOUS, Label, local_mm, vessel_radius
from .fields import SmoothField
from .fine_anatomy import fine_labels, in_heart
from .presets import Preset

SKIN = 2.5
VESSEL_CORE = 0.7
"""Share of the artery's radius that the input region covers."""


def normal_labels(preset: Preset, seed: int, position_ras_mm: np.ndarray) -> np.ndarray:
    """Tissue at each position were there no tumour.

    Parameters
    ----------
    position_ras_mm : ndarray, shape (..., 3)

    Returns
    -------
    ndarray of uint8, shape (...), values of `Label`
    """
    position = local_mm(preset, position_ras_mm)
    if preset.fine:
        return fine_labels(seed, position)
    x, y, z = np.moveaxis(position, -1, 0)
    bend = SmoothField(seed, "outline", 60.0)(position)
    wall = SUBCUTANEOUS - x**2 / 400.0 - z**2 / 2500.0 + 0.5 * bend
    breast = np.linalg.norm(position / BREAST, axis=-1) * (1.0 + 0.015 * bend)
    breast_skin = np.linalg.norm(position / (BREAST - SKIN), axis=-1) * (1.0 + 0.015 * bend)
    depth = wall - y
    labels = np.full(x.shape, Label.AIR, np.uint8)
    labels[(depth > 0) | (breast < 1.0)] = Label.SKIN
    labels[(depth > SKIN) | (breast_skin < 1.0)] = Label.FAT
    labels[_is_gland(seed, position) & (breast_skin < 0.93) & (depth < 0)] = Label.GLAND
    labels[depth > SUBCUTANEOUS] = Label.MUSCLE
    labels[depth > SUBCUTANEOUS + MUSCLE] = Label.CHEST
    labels[vessel_radius(position) < 1.0] = Label.VESSEL
    return labels


def reference_muscle(preset: Preset, labels: np.ndarray, position_ras_mm: np.ndarray) -> np.ndarray:
    """The muscle that uptake is compared with: that of the chest wall, not the heart's."""
    muscle = labels == Label.MUSCLE
    if preset.fine:
        muscle &= ~in_heart(local_mm(preset, position_ras_mm))
    return muscle


def _is_gland(seed: int, position: np.ndarray) -> np.ndarray:
    """A cone of lobules towards the nipple, with fat between them."""
    centre, axes = np.array([0.0, 36.0, 0.0]), np.array([40.0, 38.0, 42.0])
    radius = np.linalg.norm((position - centre) / axes, axis=-1)
    return radius + 0.28 * SmoothField(seed, "gland", 8.0)(position) < 0.72


def vessel_core(preset: Preset, position_ras_mm: np.ndarray) -> np.ndarray:
    """Whether a position lies well inside the artery: the region for the arterial input."""
    return vessel_radius(local_mm(preset, position_ras_mm)) < VESSEL_CORE

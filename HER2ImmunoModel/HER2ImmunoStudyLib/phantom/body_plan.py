"""What every anatomy of the virtual patient has at the same place: the breast's outline, the chest wall, the artery."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from .fields import SmoothField
from .presets import Preset


class Label(IntEnum):
    """Tissue of a voxel."""

    AIR = 0
    SKIN = 1
    FAT = 2
    GLAND = 3
    MUSCLE = 4
    CHEST = 5
    VESSEL = 6
    RIM = 7
    BULK = 8
    NECROSIS = 9
    HYPOXIC = 10

    @property
    def tissue(self) -> str:
        return self.name.lower()


BREAST = np.array([62.0, 80.0, 66.0])
SUBCUTANEOUS, MUSCLE = 8.0, 16.0
VESSEL_CENTRE, VESSEL_RADIUS = np.array([-30.0, -44.0]), 7.0


def local_mm(preset: Preset, position_ras_mm: np.ndarray) -> np.ndarray:
    """Right, anterior, superior of the anatomy's origin on the chest wall, in mm at size 1."""
    return (position_ras_mm - np.asarray(preset.origin_ras_mm)) / preset.size


def nipple_mm(seed: int) -> np.ndarray:
    """The foremost point of the breast's outline on its axis, mm at size 1."""
    outline = SmoothField(seed, "outline", 60.0)
    place = np.array([0.0, BREAST[1], 0.0])
    for _ in range(20):
        place[1] = BREAST[1] / (1.0 + 0.015 * float(outline(place)))
    return place


def vessel_radius(position: np.ndarray) -> np.ndarray:
    """Distance from the artery's axis over its radius, at positions of `local_mm`."""
    x, y, z = np.moveaxis(position, -1, 0)
    centre_x = VESSEL_CENTRE[0] + 0.12 * z
    return np.hypot(x - centre_x, y - VESSEL_CENTRE[1]) / VESSEL_RADIUS

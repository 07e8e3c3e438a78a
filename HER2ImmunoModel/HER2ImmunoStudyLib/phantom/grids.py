"""The place of a grid's voxels in the patient."""

from __future__ import annotations

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import LPS_FROM_RAS

from .presets import Grid

ROW_AND_COLUMN_LPS = {
    "axial": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    "sagittal": ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0)),
}
OBLIQUE_DEG = (18.0, 11.0)
"""Turns of the oblique orientation about the patient's left and superior axes."""


def ijk_to_ras(grid: Grid) -> np.ndarray:
    """Voxel index (i, j, k, 1) to RAS in mm, shape (4, 4)."""
    axes = np.column_stack(_axes_lps(grid.orientation)) * np.asarray(grid.spacing_mm)
    to_ras = np.eye(4)
    to_ras[:3, :3] = LPS_FROM_RAS[:3, :3] @ axes
    middle = (np.asarray(grid.shape[::-1]) - 1) / 2.0
    to_ras[:3, 3] = np.asarray(grid.centre_ras_mm) - to_ras[:3, :3] @ middle
    return to_ras


def _axes_lps(orientation: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if orientation in ROW_AND_COLUMN_LPS:
        row, column = (np.array(axis) for axis in ROW_AND_COLUMN_LPS[orientation])
    elif orientation == "oblique":
        row, column = (_turn() @ axis for axis in np.eye(3)[:2])
    else:
        known = ", ".join([*ROW_AND_COLUMN_LPS, "oblique"])
        raise InputError(f"There is no slice orientation {orientation!r}; choose one of {known}.")
    return row, column, np.cross(row, column)


def _turn() -> np.ndarray:
    a, b = np.deg2rad(OBLIQUE_DEG)
    about_left = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_superior = np.array([[np.cos(b), -np.sin(b), 0], [np.sin(b), np.cos(b), 0], [0, 0, 1]])
    return about_superior @ about_left


def positions_ras_mm(grid: Grid) -> np.ndarray:
    """Centre of every voxel, shape (k, j, i, 3)."""
    to_ras = ijk_to_ras(grid)
    k, j, i = np.meshgrid(*(np.arange(n, dtype=float) for n in grid.shape), indexing="ij")
    return np.stack([i, j, k], axis=-1) @ to_ras[:3, :3].T + to_ras[:3, 3]


def voxel_volume_cm3(grid: Grid) -> float:
    return float(np.prod(grid.spacing_mm)) / 1000.0

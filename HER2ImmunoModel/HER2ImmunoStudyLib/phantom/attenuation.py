"""The image of the body that the PET is corrected for attenuation by: a CT, or the water image of a Dixon MR."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from HER2ImmunoCommonLib.geometry import Volume

from .body_plan import Label, local_mm
from .fields import SmoothField
from .grids import ijk_to_ras, positions_ras_mm
from .maps import tissue_at
from .partial_volume import edges, offsets_mm
from .placement import Placement
from .presets import Grid, Preset
from .true_maps import MRMaps

CT, MR = "ct", "mr"
KINDS = (CT, MR)
FINER, WIDER, PARTS = 2, 1.25, 2
"""Of its grid over that of the PET: how much finer in plane, and how much wider; and a voxel's parts along an axis."""
HOUNSFIELD = {
    "air": -1000.0,
    "skin": 45.0,
    "fat": -100.0,
    "gland": 35.0,
    "muscle": 55.0,
    "chest": -780.0,
    "vessel": 45.0,
    "rim": 45.0,
    "bulk": 42.0,
    "necrosis": 22.0,
    "hypoxic": 42.0,
}
SIGNAL = {
    "air": 0.0,
    "skin": 420.0,
    "fat": 75.0,
    "gland": 400.0,
    "muscle": 340.0,
    "chest": 45.0,
    "vessel": 280.0,
    "rim": 390.0,
    "bulk": 380.0,
    "necrosis": 330.0,
    "hypoxic": 380.0,
}
"""Of the water image, arbitrary units."""
BONE = {CT: 330.0, MR: 75.0}
LUNG_MM, LUNG = 5.0, {CT: 45.0, MR: 8.0}
"""Length and standard deviation of the vessels and air in the lung."""
NOISE = {CT: 600.0, MR: 400.0}
"""What a noise of 1 is in the image's unit: CT has 12 HU where the other images have 0.02."""
TABLE_MM, TABLE_THICK_MM, TABLE_SHELL_MM = 106.0, 12.0, 2.4
"""Before the breast, at size 1: where the table's top is, how thick it is, and its shell of carbon fibre about foam."""
SHELL_HU, FOAM_HU = -160.0, -940.0
LEAST_HU = -1024.0


def attenuation_grid(preset: Preset) -> Grid:
    """About the middle of the PET, with its slices."""
    slices, rows, columns = preset.pet_grid.shape
    across, down, between = preset.pet_grid.spacing_mm
    shape = (slices, *(2 * round(WIDER * FINER * n / 2.0) for n in (rows, columns)))
    return replace(preset.pet_grid, shape=shape, spacing_mm=(across / FINER, down / FINER, between))


def attenuation_image(
    preset: Preset,
    seed: int,
    kind: str,
    states: dict[str, float],
    mr: MRMaps,
    lies: Placement | None,
    noise: float,
    random: np.random.Generator,
) -> Volume:
    """The patient as she lies in the PET, each voxel the mean of its parts; the table stays where it is.

    Parameters
    ----------
    kind : {"ct", "mr"}
    states : dict of str to float
        Of the disease at the visit.
    mr : MRMaps
        Of the visit: the tumour's borders are there.
    lies : Placement or None
    noise : float
        As of a virtual patient.

    Returns
    -------
    Volume
        Hounsfield units, or the signal of an MR.
    """
    grid = attenuation_grid(preset)
    middles, offsets = positions_ras_mm(grid), offsets_mm(grid, PARTS)

    def drawn(in_scanner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        position = in_scanner if lies is None else lies.of_pet(in_scanner)
        labels = tissue_at(preset, seed, states, mr.borders, position)
        return _shown(preset, seed, kind, labels, position), labels

    image, labels = drawn(middles)
    edge = edges(labels)
    image[edge] = sum(drawn(middles[edge] + offset)[0] for offset in offsets) / len(offsets)
    if kind == CT:
        free = (labels == Label.AIR) & ~edge
        image[free] += sum(_table(preset, middles[free] + offset) for offset in offsets) / len(offsets)
    image += noise * NOISE[kind] * random.standard_normal(image.shape)
    return Volume(np.maximum(image, LEAST_HU) if kind == CT else np.abs(image), ijk_to_ras(grid))


def _shown(preset: Preset, seed: int, kind: str, labels: np.ndarray, position_ras_mm: np.ndarray) -> np.ndarray:
    look = HOUNSFIELD if kind == CT else SIGNAL
    image = np.array([look[label.tissue] for label in Label])[labels]
    place = local_mm(preset, position_ras_mm)
    lung = labels == Label.CHEST
    image[lung] += LUNG[kind] * SmoothField(seed, "lung", LUNG_MM)(place[lung])
    if preset.fine:
        from .fine_anatomy import in_rib  # only the fine anatomy has them

        image[in_rib(seed, place) & (labels == Label.FAT)] = BONE[kind]
    return image


def _table(preset: Preset, in_scanner: np.ndarray) -> np.ndarray:
    """A plane below the patient, who lies on her front: its HU over those of air."""
    below = local_mm(preset, in_scanner)[..., 1] - TABLE_MM
    shell = np.minimum(below, TABLE_THICK_MM - below) < TABLE_SHELL_MM
    inside = (below > 0) & (below < TABLE_THICK_MM)
    return np.where(inside, np.where(shell, SHELL_HU, FOAM_HU) - HOUNSFIELD["air"], 0.0)

"""True maps of one visit: tissue properties on the MR grid, uptake on the PET grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.geometry import Volume, resample_mask

from . import tumour
from .anatomy import Label, normal_labels, vessel_core
from .fields import SmoothField
from .grids import ijk_to_ras, positions_ras_mm, voxel_volume_cm3
from .placement import Placement
from .presets import Preset

HETEROGENEITY_MM = 9.0


@dataclass(frozen=True, eq=False)
class MRMaps:
    """Truth on the MR grid; arrays (k, j, i). Ktrans 1/min, T1 s, ve and vp fractions, density relative."""

    ijk_to_ras: np.ndarray
    labels: np.ndarray
    tumour: np.ndarray
    vessel: np.ndarray
    t1_s: np.ndarray
    density: np.ndarray
    ktrans_per_min: np.ndarray
    ve: np.ndarray
    vp: np.ndarray


@dataclass(frozen=True, eq=False)
class PETMaps:
    """Truth on the PET grid; arrays (k, j, i). `tmr` is the uptake over the mean of the muscle region."""

    ijk_to_ras: np.ndarray
    labels: np.ndarray
    tumour: np.ndarray
    muscle: np.ndarray
    suv: np.ndarray
    tmr: np.ndarray


def mr_maps(preset: Preset, seed: int, states: dict[str, float], lies: Placement | None = None) -> MRMaps:
    """Tissue properties on the MR grid for the simulated states of a visit, where the patient lies as in the first.

    With `lies` the anatomy is drawn where its parts have come to lie: nothing is resampled, and textures stay with
    their tissue.
    """
    position = positions_ras_mm(preset.mr_grid)
    if lies is not None:
        position = lies.to_reference.at(position)
    labels = normal_labels(preset, seed, position)
    vessel = vessel_core(preset, position) & (labels == Label.VESSEL)
    where = tumour.depth(preset, seed, position)
    mask = tumour.tumour_mask(where, states["T"], voxel_volume_cm3(preset.mr_grid))
    labels = np.where(mask, tumour.perfusion_labels(where, mask, states["V"], states["N"]), labels)

    def filled(name: str) -> np.ndarray:
        return _filled(preset, seed, name, labels, position)

    vp = filled("vp")
    # The vessel is blood: its tracer is in the plasma share of the volume.
    vp[labels == Label.VESSEL] = 1.0 - preset.mr.hematocrit
    return MRMaps(
        ijk_to_ras=ijk_to_ras(preset.mr_grid),
        labels=labels,
        tumour=mask,
        vessel=vessel,
        t1_s=filled("t1_s"),
        density=_of_tissue(preset, labels, "density") * sensitivity(preset),
        ktrans_per_min=filled("ktrans_per_min"),
        ve=filled("ve"),
        vp=vp,
    )


def pet_maps(preset: Preset, seed: int, states: dict[str, float], mr: MRMaps, lies: Placement | None = None) -> PETMaps:
    """Uptake on the PET grid; its tumour is the MR segmentation resampled, after the way from MR to PET."""
    position = positions_ras_mm(preset.pet_grid)
    mr_in_pet = mr.ijk_to_ras
    if lies is not None:
        position, mr_in_pet = lies.of_pet(position), lies.mr_to_pet @ mr.ijk_to_ras
    normal = normal_labels(preset, seed, position)
    to_ras = ijk_to_ras(preset.pet_grid)
    mask = resample_mask(Volume(mr.tumour, mr_in_pet), Volume(normal, to_ras))
    from scipy.ndimage import binary_erosion  # slow to load

    muscle = binary_erosion(normal == Label.MUSCLE) & ~mask
    where = tumour.depth(preset, seed, position)
    labels = np.where(mask, tumour.hypoxia_labels(where, mask, states["H"], states["N"]), normal)
    suv = _filled(preset, seed, "suv", labels, position)
    reference = float(suv[muscle].mean())
    suv[mask] *= reference
    return PETMaps(to_ras, labels, mask, muscle, suv, suv / reference)


def _filled(preset: Preset, seed: int, name: str, labels: np.ndarray, position: np.ndarray) -> np.ndarray:
    """A property over the labels, varying smoothly within each tissue's range."""
    low, high = (_of_tissue(preset, labels, name, end) for end in (0, 1))
    return SmoothField(seed, name, HETEROGENEITY_MM * preset.size).between(low, high, position)


def _of_tissue(preset: Preset, labels: np.ndarray, name: str, end: int | None = None) -> np.ndarray:
    values = [getattr(preset.tissues[label.tissue], name) for label in Label]
    return np.array([value if end is None else value[end] for value in values], float)[labels]


def sensitivity(preset: Preset) -> np.ndarray:
    """The receive coil in front of the breast, at each voxel: falls off linearly towards the chest, 1 in the middle."""
    height = preset.mr_grid.shape[1] * preset.mr_grid.spacing_mm[1]
    front = positions_ras_mm(preset.mr_grid)[..., 1]
    return 1.0 + preset.mr.field_gradient * (front - preset.mr_grid.centre_ras_mm[1]) / height

"""True maps of one visit: tissue properties on the MR grid, uptake on the PET grid."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from HER2ImmunoCommonLib.geometry import Volume, resample_mask

from . import tumour
from .anatomy import normal_labels, reference_muscle, vessel_core
from .body_plan import Label
from .grids import ijk_to_ras, positions_ras_mm, voxel_volume_cm3
from .partial_volume import blended, blended_uptake
from .placement import Placement
from .presets import Preset
from .tissue import filled, properties, texture_at
from .true_maps import MRMaps, PETMaps


def mr_maps(preset: Preset, seed: int, states: dict[str, float], lies: Placement | None = None) -> MRMaps:
    """Tissue properties on the MR grid for the simulated states of a visit, where the patient lies as in the first.

    With `lies` the anatomy is drawn where its parts have come to lie: nothing is resampled, and textures stay with
    their tissue. With `parts` of the preset above 1 its edges are blended.
    """
    in_scanner = positions_ras_mm(preset.mr_grid)
    position = in_scanner if lies is None else lies.to_reference.at(in_scanner)
    labels = normal_labels(preset, seed, position)
    vessel = vessel_core(preset, position) & (labels == Label.VESSEL)
    where = tumour.depth(preset, seed, position)
    mask = tumour.tumour_mask(where, states["T"], voxel_volume_cm3(preset.mr_grid))
    second = tumour.second_lesion(preset, states["T"], position) & ~mask
    labels[second] = Label.RIM
    labels = np.where(mask, tumour.perfusion_labels(where, mask, states["V"], states["N"]), labels)
    texture = texture_at(preset, seed, position)
    maps = MRMaps(
        ijk_to_ras=ijk_to_ras(preset.mr_grid),
        labels=labels,
        tumour=mask,
        vessel=vessel,
        second=second,
        borders=tumour.borders(where, labels, mask),
        **properties(preset, labels, texture),
    )

    def labelled(in_scanner: np.ndarray) -> np.ndarray:
        position = in_scanner if lies is None else lies.to_reference.at(in_scanner)
        return tissue_at(preset, seed, states, maps.borders, position)

    blend = blended(preset, maps, texture, labelled) if preset.parts > 1 else maps
    return replace(blend, density=blend.density * sensitivity(preset))


def tissue_at(
    preset: Preset, seed: int, states: dict[str, float], borders: tumour.Borders, position_ras_mm: np.ndarray
) -> np.ndarray:
    """Labels at positions (..., 3) of the reference visit, such as those between the middles of voxels."""
    labels = normal_labels(preset, seed, position_ras_mm)
    labels[tumour.second_lesion(preset, states["T"], position_ras_mm)] = Label.RIM
    return tumour.drawn_into(labels, preset, seed, position_ras_mm, borders)


def pet_maps(preset: Preset, seed: int, states: dict[str, float], mr: MRMaps, lies: Placement | None = None) -> PETMaps:
    """Uptake on the PET grid; its tumour is the MR segmentation resampled, after the way from MR to PET."""
    in_scanner = positions_ras_mm(preset.pet_grid)
    position, mr_in_pet = in_scanner, mr.ijk_to_ras
    if lies is not None:
        position, mr_in_pet = lies.of_pet(position), lies.mr_to_pet @ mr.ijk_to_ras
    normal = normal_labels(preset, seed, position)
    to_ras = ijk_to_ras(preset.pet_grid)
    mask = resample_mask(Volume(mr.tumour, mr_in_pet), Volume(normal, to_ras))
    from scipy.ndimage import binary_erosion  # slow to load

    muscle = binary_erosion(reference_muscle(preset, normal, position)) & ~mask
    where = tumour.depth(preset, seed, position)
    normal[tumour.second_lesion(preset, states["T"], position)] = Label.BULK
    labels = np.where(mask, tumour.hypoxia_labels(where, mask, states["H"], states["N"]), normal)
    suv = filled(preset, "suv", labels, texture_at(preset, seed, position, ("suv",)))
    if preset.parts > 1:
        suv = blended_uptake(preset, suv, mask, partial(_uptake, preset, seed, states, lies))
    reference = float(suv[muscle].mean())
    suv[mask] *= reference
    return PETMaps(to_ras, labels, mask, muscle, suv, suv / reference)


def _uptake(
    preset: Preset, seed: int, states: dict[str, float], lies: Placement | None, in_scanner: np.ndarray
) -> np.ndarray:
    """Uptake of what is not the tumour, at positions (n, 3)."""
    position = in_scanner if lies is None else lies.of_pet(in_scanner)
    labels = normal_labels(preset, seed, position)
    labels[tumour.second_lesion(preset, states["T"], position)] = Label.BULK
    return filled(preset, "suv", labels, texture_at(preset, seed, position, ("suv",)))


def sensitivity(preset: Preset) -> np.ndarray:
    """The receive coil in front of the breast, at each voxel: falls off linearly towards the chest, 1 in the middle."""
    height = preset.mr_grid.shape[1] * preset.mr_grid.spacing_mm[1]
    front = positions_ras_mm(preset.mr_grid)[..., 1]
    return 1.0 + preset.mr.field_gradient * (front - preset.mr_grid.centre_ras_mm[1]) / height

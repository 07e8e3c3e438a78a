"""Masks of the MR come to the PET through a transform, and hypoxia is what it was where they were drawn on the PET."""

from __future__ import annotations

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume, read_volume, write_volume
from HER2ImmunoCommonLib.registration import Transform, write_transform
from HER2ImmunoStudyLib.cli.pet import hypoxia
from PETHypoxiaLib import analyse, read_pet
from test_pet_commands import run

AWAY_MM = np.array([12.0, -40.0, 24.0])
"""From the PET to the MR: far enough that a mask that stays misses the tumour."""


def turned(degrees=8.0, shift_mm=AWAY_MM):
    """A rigid motion (4, 4) of RAS points."""
    angle = np.deg2rad(degrees)
    matrix = np.eye(4)
    matrix[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    matrix[:3, 3] = shift_mm
    return matrix


def moved(mask, pet_to_mr):
    return Volume(mask.array, pet_to_mr @ mask.ijk_to_ras)


@pytest.fixture
def examination(pet_patient):
    folder, paths = pet_patient
    pet = read_pet(folder)
    return pet, {name: read_volume(path) for name, path in paths.items()}


def hypoxic_cm3(pet, masks, transform=None):
    found = analyse(pet, tumour_mask=masks["tumour"], reference_mask=masks["muscle"], mask_transform=transform)
    return found.metrics.hypoxic.volume_cm3, found


@pytest.mark.parametrize("pet_to_mr", [turned(0.0), turned()])
def test_hypoxia_of_masks_drawn_elsewhere_is_that_of_masks_on_the_pet(examination, pet_to_mr):
    pet, masks = examination
    true_cm3, here = hypoxic_cm3(pet, masks)
    elsewhere = {name: moved(mask, pet_to_mr) for name, mask in masks.items()}
    to_pet = Transform.from_matrix(np.linalg.inv(pet_to_mr))
    cm3, there = hypoxic_cm3(pet, elsewhere, to_pet)
    assert cm3 == true_cm3 > 0
    np.testing.assert_array_equal(there.suv.array, here.suv.array)
    np.testing.assert_allclose(there.provenance.inputs["mask_transform_ras"], np.linalg.inv(pet_to_mr), atol=1e-9)
    with pytest.raises(InputError, match=r"outside|overlap"):
        hypoxic_cm3(pet, elsewhere, Transform.from_matrix(pet_to_mr))


@pytest.mark.parametrize(("drawn", "told"), [("tumour", 1), ("muscle", 0)])
def test_a_mask_on_the_voxels_of_the_pet_stays_and_that_is_told_of_the_tumour(examination, drawn, told):
    pet, masks = examination
    pet_to_mr = turned()
    mixed = {name: mask if name == drawn else moved(mask, pet_to_mr) for name, mask in masks.items()}
    cm3, found = hypoxic_cm3(pet, mixed, Transform.from_matrix(np.linalg.inv(pet_to_mr)))
    assert cm3 == hypoxic_cm3(pet, masks)[0]
    words = "The tumour region lies on the voxels of the PET: it was taken as drawn there, and not moved."
    assert found.warnings.count(words) == told


def test_a_bent_transform_carries_masks_too(examination):
    pet, masks = examination
    grid = masks["tumour"]
    # A shift by one voxel along k, as a field: no matrix, the same voxels.
    field = np.zeros((*grid.array.shape, 3))
    field[...] = grid.ijk_to_ras[:3, 2]
    shifted = {name: Volume(np.roll(mask.array, -1, axis=0), mask.ijk_to_ras) for name, mask in masks.items()}
    finer = {name: _doubled(mask) for name, mask in shifted.items()}
    bent = Transform.from_displacement(field, grid)
    assert bent.matrix is None
    assert hypoxic_cm3(pet, finer, bent)[0] == pytest.approx(hypoxic_cm3(pet, masks)[0])


def _doubled(mask):
    """The same region on half the slice thickness, so that it is not on the PET's voxels."""
    matrix = mask.ijk_to_ras.copy()
    matrix[:3, 3] -= matrix[:3, 2] / 4
    matrix[:3, 2] /= 2
    return Volume(np.repeat(mask.array, 2, axis=0), matrix)


def test_the_command_takes_the_transform(pet_patient, tmp_path):
    folder, paths = pet_patient
    words = [folder, "--tumour", paths["tumour"], "--muscle", paths["muscle"]]
    true = run(hypoxia, [*words, "--out", tmp_path / "here"])["metrics"].hypoxic
    pet_to_mr = turned()
    files = {
        name: write_volume(moved(read_volume(path), pet_to_mr), tmp_path / f"mr_{name}.nrrd")
        for name, path in paths.items()
    }
    to_pet = write_transform(Transform.from_matrix(np.linalg.inv(pet_to_mr)), tmp_path / "mr_to_pet.tfm")
    words = [folder, "--tumour", files["tumour"], "--muscle", files["muscle"], "--mask-transform", to_pet]
    assert run(hypoxia, [*words, "--out", tmp_path / "there"])["metrics"].hypoxic == true
    (tmp_path / "bad.tfm").write_text("no transform")
    with pytest.raises(InputError, match=r"bad\.tfm"):
        run(hypoxia, [*words[:-1], tmp_path / "bad.tfm", "--out", tmp_path / "bad"])
    assert not (tmp_path / "bad").exists()

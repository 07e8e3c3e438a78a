"""The true maps count out the simulated states exactly, on any orientation of the grids."""

from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume, resample_mask
from HER2ImmunoStudyLib.phantom.body_plan import Label
from HER2ImmunoStudyLib.phantom.grids import ijk_to_ras, positions_ras_mm, voxel_volume_cm3
from HER2ImmunoStudyLib.phantom.maps import mr_maps, pet_maps
from HER2ImmunoStudyLib.phantom.presets import HUMAN, MOUSE
from scipy.ndimage import label

STATES = {"T": 3.777, "I": 0.1, "V": 0.1234, "N": 0.0877, "H": 0.3141}


def oriented(preset, orientation):
    return replace(preset, mr_grid=replace(preset.mr_grid, orientation=orientation))


CASES = [
    (oriented(HUMAN, "axial"), STATES),
    (oriented(HUMAN, "oblique"), STATES | {"H": 0.9, "N": 0.2}),
    (MOUSE, STATES | {"T": 0.2345}),
]


@pytest.fixture(scope="module", params=CASES, ids=["human", "human oblique", "mouse"])
def case(request):
    preset, states = request.param
    mr = mr_maps(preset, 5, states)
    return preset, states, mr, pet_maps(preset, 5, states, mr)


def test_volume_to_half_a_voxel(case):
    preset, states, mr, _ = case
    voxel = voxel_volume_cm3(preset.mr_grid)
    assert abs(mr.tumour.sum() * voxel - states["T"]) <= voxel / 2 + 1e-9
    assert label(mr.tumour)[1] == 1


def test_fractions_to_half_a_voxel(case):
    _, states, mr, pet = case
    inside, n = mr.labels[mr.tumour], mr.tumour.sum()
    assert abs(np.sum(inside == Label.RIM) - states["V"] * n) <= 0.5
    assert abs(np.sum(inside == Label.NECROSIS) - states["N"] * n) <= 0.5
    n_pet = pet.tumour.sum()
    assert n_pet >= 60
    assert abs(np.sum(pet.tmr[pet.tumour] >= 1.4) - states["H"] * n_pet) <= 0.5


def test_perfusion_is_clear_of_the_threshold(case):
    _, _, mr, _ = case
    ktrans = mr.ktrans_per_min
    rim, bulk, core = (mr.labels == kind for kind in (Label.RIM, Label.BULK, Label.NECROSIS))
    assert 0.1 < ktrans[rim].min() < ktrans[rim].max() < 0.4
    assert 0.02 < ktrans[bulk].min() < ktrans[bulk].max() < 0.04
    assert not ktrans[core].any()
    assert not mr.vp[core].any()
    assert np.all(mr.ve[ktrans > 0] > 0)
    assert np.all(mr.t1_s[mr.density > 0] > 0.2)


def test_hypoxia_is_clear_of_the_threshold(case):
    preset, _, _, pet = case
    inside = pet.tmr[pet.tumour]
    assert not np.any((inside > 1.25) & (inside < 1.6))
    assert inside.min() > 0.8
    assert inside.max() < 2.6
    assert pet.tmr[pet.muscle].mean() == pytest.approx(1.0, abs=1e-12)
    assert 1.2 < pet.suv[pet.muscle].mean() < 1.4
    if preset.species == "human":
        assert pet.muscle.sum() * voxel_volume_cm3(preset.pet_grid) > 1.0


def test_the_input_region_is_pure_blood(case):
    preset, _, mr, _ = case
    assert mr.vessel.sum() >= 20
    assert np.all(mr.vp[mr.vessel] == 1.0 - preset.mr.hematocrit)
    assert np.unique(mr.t1_s[mr.vessel]).size == 1
    assert not mr.ktrans_per_min[mr.vessel].any()


def test_pet_tumour_is_the_segmentation_resampled(case):
    _, _, mr, pet = case
    resampled = resample_mask(Volume(mr.tumour, mr.ijk_to_ras), Volume(pet.suv, pet.ijk_to_ras))
    np.testing.assert_array_equal(resampled, pet.tumour)


def test_a_growing_tumour_keeps_its_voxels():
    before, after = (mr_maps(HUMAN, 0, STATES | {"T": volume}).tumour for volume in (3.0, 4.0))
    assert np.all(after[before])


def test_orientations_show_the_same_patient():
    centres = []
    for orientation in ("axial", "sagittal", "oblique"):
        preset = oriented(HUMAN, orientation)
        mask = mr_maps(preset, 1, STATES).tumour
        centres.append(positions_ras_mm(preset.mr_grid)[mask].mean(axis=0))
    np.testing.assert_allclose(centres, np.broadcast_to(centres[0], (3, 3)), atol=0.3)


@pytest.mark.parametrize("orientation", ["axial", "sagittal", "oblique"])
def test_grids_are_centred_and_right_handed(orientation):
    grid = oriented(HUMAN, orientation).mr_grid
    np.testing.assert_allclose(positions_ras_mm(grid).mean(axis=(0, 1, 2)), grid.centre_ras_mm, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(ijk_to_ras(grid)[:3, :3], axis=0), grid.spacing_mm)
    assert np.linalg.det(ijk_to_ras(grid)[:3, :3]) > 0


def test_an_unknown_orientation_is_refused():
    with pytest.raises(InputError, match="'coronal'"):
        ijk_to_ras(replace(HUMAN.mr_grid, orientation="coronal"))

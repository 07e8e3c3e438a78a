"""The fine anatomy has what an examination shows, counts out the simulated states, and blends its edges."""

import json
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from HER2ImmunoCommonLib.geometry import read_volume
from HER2ImmunoStudyLib.phantom.anatomy import normal_labels
from HER2ImmunoStudyLib.phantom.body_plan import Label, local_mm
from HER2ImmunoStudyLib.phantom.fine_anatomy import in_heart
from HER2ImmunoStudyLib.phantom.grids import ijk_to_ras, positions_ras_mm, voxel_volume_cm3
from HER2ImmunoStudyLib.phantom.maps import mr_maps, pet_maps, sensitivity
from HER2ImmunoStudyLib.phantom.pet_signal import activity_Bq_per_mL
from HER2ImmunoStudyLib.phantom.placement import place
from HER2ImmunoStudyLib.phantom.presets import HUMAN, MOUSE, Grid, detailed
from HER2ImmunoStudyLib.phantom.subject import Visit
from HER2ImmunoStudyLib.phantom.tumour import second_lesion
from HER2ImmunoStudyLib.phantom.writer import write_virtual_patient
from HER2ImmunoStudyLib.study.manifest import read_study
from scipy.ndimage import label

SEED = 5
STATES = {"T": 3.777, "I": 0.1, "V": 0.1234, "N": 0.0877, "H": 0.3141}
FINE = replace(
    detailed(HUMAN),
    mr_grid=Grid((20, 56, 56), (2.6, 2.6, 3.5), HUMAN.mr_grid.centre_ras_mm),
    pet_grid=Grid((16, 36, 36), (4.0, 4.0, 4.0), HUMAN.pet_grid.centre_ras_mm),
)
FINE_MOUSE = replace(detailed(MOUSE), mr_grid=MOUSE.mr_grid)


@pytest.fixture(scope="module", params=[(FINE, STATES), (FINE_MOUSE, STATES | {"T": 0.2345})], ids=["human", "mouse"])
def case(request):
    preset, states = request.param
    mr = mr_maps(preset, SEED, states)
    return preset, states, mr, pet_maps(preset, SEED, states, mr)


@pytest.mark.parametrize("preset", [HUMAN, MOUSE], ids=["human", "mouse"])
def test_voxels_are_finer_and_the_series_as_long(preset):
    fine = detailed(preset)
    assert all(a < b for a, b in zip(fine.mr_grid.spacing_mm, preset.mr_grid.spacing_mm, strict=True))
    assert fine.mr.frames * fine.mr.frame_s == preset.mr.frames * preset.mr.frame_s
    covered = [np.multiply(grid.shape[::-1], grid.spacing_mm) for grid in (fine.mr_grid, preset.mr_grid)]
    assert np.all(covered[0] >= covered[1])
    assert fine.pet_grid.shape[0] * fine.pet_grid.spacing_mm[2] > fine.mr_grid.shape[0] * fine.mr_grid.spacing_mm[2]


def test_the_human_breast_has_voxels_of_1_2_mm():
    assert detailed(HUMAN).mr_grid.spacing_mm[:2] == (1.2, 1.2)


def test_volume_and_fractions_are_counted_out(case):
    preset, states, mr, pet = case
    voxel, inside = voxel_volume_cm3(preset.mr_grid), mr.labels[mr.tumour]
    assert abs(inside.size * voxel - states["T"]) <= voxel / 2 + 1e-9
    assert abs(np.sum(inside == Label.RIM) - states["V"] * inside.size) <= 0.5
    assert abs(np.sum(inside == Label.NECROSIS) - states["N"] * inside.size) <= 0.5
    assert abs(np.sum(pet.tmr[pet.tumour] >= 1.4) - states["H"] * pet.tumour.sum()) <= 0.5


def test_blurred_classes_stay_on_their_side_of_the_threshold(case):
    _, _, mr, _ = case
    rim, bulk, dead = (mr.tumour & (mr.labels == kind) for kind in (Label.RIM, Label.BULK, Label.NECROSIS))
    assert mr.ktrans_per_min[rim].min() >= 0.06
    assert 0.02 <= mr.ktrans_per_min[bulk].min() <= mr.ktrans_per_min[bulk].max() <= 0.042
    assert not mr.ktrans_per_min[dead].any()
    assert not mr.vp[dead].any()
    assert np.all(mr.ve[mr.ktrans_per_min > 0] > 0)


def test_the_input_region_is_pure_blood(case):
    preset, _, mr, _ = case
    assert mr.vessel.sum() >= 20
    assert np.all(mr.vp[mr.vessel] == 1.0 - preset.mr.hematocrit)
    assert not mr.ktrans_per_min[mr.vessel].any()


def test_every_tissue_is_there_and_fat_is_darker_than_gland(case):
    _, _, mr, pet = case
    for kind in ("SKIN", "FAT", "GLAND", "MUSCLE", "CHEST", "VESSEL"):
        assert np.mean(mr.labels == Label[kind]) > 0.003, kind
    assert np.median(mr.density[mr.labels == Label.FAT]) < 0.3 * np.median(mr.density[mr.labels == Label.GLAND])
    assert set(np.unique(pet.labels)) > {Label.AIR, Label.FAT, Label.GLAND, Label.MUSCLE, Label.HYPOXIC}


def test_uptake_is_compared_with_the_muscle_of_the_chest_wall_not_the_heart(case):
    preset, _, _, pet = case
    heart = in_heart(local_mm(preset, positions_ras_mm(preset.pet_grid)))
    assert (heart & (pet.labels == Label.MUSCLE)).sum() > 20
    assert pet.muscle.sum() > 20
    assert not (heart & pet.muscle).any()
    assert pet.tmr[pet.muscle].mean() == pytest.approx(1.0, abs=1e-12)


def test_the_second_lesion_is_one_small_piece_apart_that_goes_the_way_of_the_tumour():
    mr = mr_maps(FINE, SEED, STATES)
    assert not (mr.second & mr.tumour).any()
    assert label(mr.second | mr.tumour, np.ones((3, 3, 3)))[1] == 2
    share = mr.second.sum() / mr.tumour.sum()
    assert 0.04 < share < 0.12
    shrunk = mr_maps(FINE, SEED, STATES | {"T": 0.3 * STATES["T"]})
    assert 0 < shrunk.second.sum() < mr.second.sum()
    assert np.all(mr.second[shrunk.second])
    assert np.all(mr.ktrans_per_min[mr.second] > 0.02)


@pytest.mark.parametrize("preset", [HUMAN, MOUSE, FINE_MOUSE], ids=["quick", "mouse", "fine mouse"])
def test_others_have_no_second_lesion(preset):
    assert not second_lesion(preset, STATES["T"], positions_ras_mm(preset.mr_grid)).any()


def test_a_voxel_at_an_edge_is_the_mean_of_its_parts():
    preset = replace(FINE, blur_voxels=0.0)
    grid = preset.mr_grid
    density = mr_maps(preset, SEED, STATES).density / sensitivity(preset)
    middle = positions_ras_mm(grid)
    quarter = ijk_to_ras(grid)[:3, :3] / 4.0
    parts = [normal_labels(preset, SEED, middle + quarter @ np.array(side)) for side in product((-1, 1), repeat=3)]
    air_and_skin = np.isin(parts, (Label.AIR, Label.SKIN)).all(axis=0)
    skin = np.mean(np.equal(parts, Label.SKIN), axis=0)
    mixed = air_and_skin & (skin > 0) & (skin < 1)
    assert mixed.sum() > 200
    np.testing.assert_allclose(density[mixed], skin[mixed] * preset.tissues["skin"].density, rtol=1e-12)


def test_a_point_spread_loses_no_signal_and_makes_edges_gentler():
    sharp, blurred = (
        mr_maps(replace(FINE, blur_voxels=sd), SEED, STATES).density / sensitivity(FINE) for sd in (0.0, 0.6)
    )
    inner = slice(4, -4)
    assert blurred[inner, inner, inner].sum() == pytest.approx(sharp[inner, inner, inner].sum(), rel=0.005)
    assert np.abs(np.diff(blurred, axis=2)).max() < 0.8 * np.abs(np.diff(sharp, axis=2)).max()


def test_textures_stay_with_their_tissue_where_the_patient_lies_another_way():
    visits = [Visit(name, day, STATES) for name, day in (("first", 0.0), ("second", 7.0))]
    lies = place(FINE, SEED, visits)["second"]
    moved = mr_maps(replace(FINE, blur_voxels=0.0), SEED, STATES, lies)
    back = lies.to_reference.at(positions_ras_mm(FINE.mr_grid))
    np.testing.assert_array_equal(
        moved.labels[~moved.tumour & ~moved.second],
        normal_labels(FINE, SEED, back)[~moved.tumour & ~moved.second],
    )
    assert moved.tumour.sum() == mr_maps(FINE, SEED, STATES).tumour.sum()


def test_a_breast_pet_shows_the_hypoxic_fraction_in_spite_of_its_blur():
    pet = pet_maps(FINE, SEED, STATES, mr_maps(FINE, SEED, STATES))
    activity = activity_Bq_per_mL(FINE, pet, 0.0, np.random.default_rng(0))
    ratio = activity / activity[pet.muscle].mean()
    assert np.mean(ratio[pet.tumour] >= 1.4) == pytest.approx(STATES["H"], abs=0.06)
    assert np.abs(np.diff(ratio, axis=2)).max() < np.abs(np.diff(pet.tmr, axis=2)).max()


def test_it_is_written_with_the_second_lesion_and_the_study_reads_it(tmp_path):
    preset = replace(FINE, mr=replace(FINE.mr, frames=2, arrival_s=6.0))
    study = read_study(write_virtual_patient(tmp_path / "p", preset=preset, seed=SEED, visits=[0]))
    root = tmp_path / "p"
    assert json.loads((root / "truth" / "truth.json").read_text())["detail"] is True
    second = read_volume(root / "baseline" / "masks" / "second_lesion.nrrd")
    tumour = read_volume(study.visits[0].tumour)
    np.testing.assert_array_equal(second.ijk_to_ras, tumour.ijk_to_ras)
    assert 0 < second.array.sum() < 0.15 * tumour.array.sum()
    assert not (second.array.astype(bool) & tumour.array.astype(bool)).any()

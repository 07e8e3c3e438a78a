"""The virtual patient lies another way at each visit, and the way from one position to another is known."""

import csv
from dataclasses import replace

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from HER2ImmunoCommonLib.geometry import LPS_FROM_RAS, Volume, read_volume, resample_mask
from HER2ImmunoCommonLib.registration import Transform, read_landmarks, read_transform
from HER2ImmunoStudyLib.phantom.anatomy import normal_labels
from HER2ImmunoStudyLib.phantom.body_plan import Label
from HER2ImmunoStudyLib.phantom.grids import positions_ras_mm
from HER2ImmunoStudyLib.phantom.placement import BREAST_MM, place, tumour_centre_ras_mm
from HER2ImmunoStudyLib.phantom.presets import HUMAN, MOUSE, Grid
from HER2ImmunoStudyLib.phantom.rigid import best_rigid, rigid_about
from HER2ImmunoStudyLib.phantom.subject import simulate_subject
from HER2ImmunoStudyLib.phantom.writer import write_virtual_patient
from test_phantom_writer import TINY, contents

SEED = 3
FLIP = np.diag(LPS_FROM_RAS)[:3]


@pytest.fixture(scope="module")
def patient(tmp_path_factory):
    folder = tmp_path_factory.mktemp("phantom") / "p"
    return write_virtual_patient(folder, preset=TINY, seed=SEED, visits=[0, 7], reposition=True).parent


def mapped(transform, points_ras_mm):
    """Points through a SimpleITK transform."""
    points = np.reshape(points_ras_mm, (-1, 3)) * FLIP
    return np.reshape([transform.TransformPoint(point.tolist()) for point in points], np.shape(points_ras_mm)) * FLIP


def landmarks(patient):
    with (patient / "truth" / "landmarks.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {
        visit: {
            row["landmark"]: [float(row[f"{axis}_mm"]) for axis in ("right", "anterior", "superior")]
            for row in rows
            if row["visit"] == visit
        }
        for visit in ("baseline", "day_7")
    }


def test_nothing_asked_for_is_nothing_changed(tmp_path):
    plain, still = (
        contents(write_virtual_patient(tmp_path / name, preset=TINY, seed=SEED, visits=[0], **options).parent)
        for name, options in (("plain", {}), ("still", {"reposition": False, "motion": None}))
    )
    assert plain == still
    assert not [name for name in plain if name.endswith((".h5", "landmarks.csv", "motion.csv"))]


def test_the_first_visit_lies_as_ever_and_the_others_do_not(patient, tmp_path):
    plain = write_virtual_patient(tmp_path / "p", preset=TINY, seed=SEED, visits=[0, 7]).parent
    for visit, same in (("baseline", True), ("day_7", False)):
        for name in ("tissue", "Ktrans"):
            arrays = [read_volume(root / "truth" / visit / f"{name}.nrrd").array for root in (plain, patient)]
            assert np.array_equal(*arrays, equal_nan=True) is same


def test_the_same_seed_lies_the_same_way(patient, tmp_path):
    again = write_virtual_patient(tmp_path / "p", preset=TINY, seed=SEED, visits=[0, 7], reposition=True).parent
    found, known = contents(again), contents(patient)
    assert found.keys() == known.keys()
    for name, content in known.items():
        # HDF5 holds the moment of writing.
        assert found[name] == content or name.endswith(".h5"), name
    for path in patient.rglob("*.h5"):
        transforms = [sitk.ReadTransform(str(root / path.relative_to(patient))) for root in (again, patient)]
        assert transforms[0].GetParameters() == transforms[1].GetParameters()


def test_the_landmarks_of_a_visit_judge_a_registration(patient):
    folder = patient / "truth" / "day_7"
    marks = read_landmarks(folder / "landmarks.csv")
    assert len(marks) == len(landmarks(patient)["day_7"])
    assert marks.errors_mm(read_transform(folder / "reference_to_visit.h5")).max() < 0.01
    assert marks.errors_mm(Transform.identity()).mean() > 0.5


def test_the_transforms_take_landmarks_from_visit_to_visit(patient):
    known = landmarks(patient)
    assert known["baseline"].keys() == known["day_7"].keys()
    assert {"nipple", "tumour", "artery 2", "gland 4"} <= known["baseline"].keys()
    before, after = (np.array(list(known[visit].values())) for visit in ("baseline", "day_7"))
    there = sitk.ReadTransform(str(patient / "truth" / "day_7" / "reference_to_visit.h5"))
    back = sitk.ReadTransform(str(patient / "truth" / "day_7" / "visit_to_reference.h5"))
    assert np.linalg.norm(after - before, axis=1).min() > 0.5
    np.testing.assert_allclose(mapped(there, before), after, atol=0.01)
    np.testing.assert_allclose(mapped(back, after), before, atol=0.3)
    still = sitk.ReadTransform(str(patient / "truth" / "baseline" / "reference_to_visit.h5"))
    np.testing.assert_allclose(mapped(still, before), before, atol=1e-9)


def test_a_voxel_shows_the_tissue_that_the_transform_takes_it_to(patient):
    back = sitk.ReadTransform(str(patient / "truth" / "day_7" / "visit_to_reference.h5"))
    tissue = read_volume(patient / "truth" / "day_7" / "tissue.nrrd").array
    position = positions_ras_mm(TINY.mr_grid)
    outside = tissue < Label.RIM
    np.testing.assert_array_equal(normal_labels(TINY, SEED, mapped(back, position[outside])), tissue[outside])


def test_the_pet_lies_where_the_transform_says(patient):
    truth = patient / "truth" / "day_7"
    to_pet, to_mr = (sitk.ReadTransform(str(truth / f"{name}.h5")) for name in ("mr_to_pet", "pet_to_mr"))
    back = sitk.ReadTransform(str(truth / "visit_to_reference.h5"))
    tissue = read_volume(truth / "tissue_pet.nrrd").array
    position = mapped(to_mr, positions_ras_mm(TINY.pet_grid))
    outside = tissue < Label.RIM
    np.testing.assert_array_equal(normal_labels(TINY, SEED, mapped(back, position[outside])), tissue[outside])
    np.testing.assert_allclose(mapped(to_pet, position), positions_ras_mm(TINY.pet_grid), atol=1e-9)
    shift = np.linalg.norm(position - positions_ras_mm(TINY.pet_grid), axis=-1)
    assert shift.min() > 0.2
    assert shift.max() < 15


def test_the_volume_is_counted_out_wherever_the_tumour_lies(patient):
    subject = simulate_subject(TINY, SEED, [0, 7])
    for visit in subject.visits:
        mask = read_volume(patient / visit.name / "masks" / "tumour.nrrd")
        volume = np.count_nonzero(mask.array) * mask.voxel_volume_cm3
        assert volume == pytest.approx(visit.states["T"], abs=0.5001 * mask.voxel_volume_cm3)


def test_each_visit_and_scanner_has_a_frame_of_reference_of_its_own(patient):
    frames = [
        pydicom.dcmread(next((patient / visit / folder).rglob("*.dcm"))).FrameOfReferenceUID
        for visit in ("baseline", "day_7")
        for folder in ("MR/dynamic", "MR/vfa", "PET")
    ]
    assert frames[0] == frames[1]
    assert frames[3] == frames[4]
    assert len(set(frames)) == 4


SMALL = replace(
    HUMAN,
    mr_grid=Grid((9, 40, 40), (4.0, 4.0, 6.0), (-75.0, 58.0, 21.0)),
    pet_grid=Grid((12, 40, 40), (4.5, 4.5, 4.5), (-74.3, 57.6, 21.7)),
)


@pytest.fixture(scope="module", params=[(HUMAN, 0), (HUMAN, 1), (SMALL, 4), (MOUSE, 2)])
def lain(request):
    preset, seed = request.param
    visits = simulate_subject(preset, seed).visits
    return preset, visits, place(preset, seed, visits)


def test_tissue_is_neither_folded_nor_squeezed(lain):
    _, visits, lies = lain
    for visit in visits[1:]:
        for way in (lies[visit.name].to_visit, lies[visit.name].to_reference):
            jacobian = way.jacobian()
            assert 0.6 < jacobian.min() < jacobian.max() < 1.6


def test_the_breast_moves_by_some_millimetres_and_bends(lain):
    preset, visits, lies = lain
    for visit in visits[1:]:
        points = lies[visit.name].to_visit.points_ras_mm()
        local = (points - np.asarray(preset.origin_ras_mm)) / preset.size
        breast = points[(np.linalg.norm(local / BREAST_MM, axis=-1) < 1) & (local[..., 1] > 0)]
        after = lies[visit.name].to_visit.at(breast)
        assert 3.0 < np.linalg.norm(after - breast, axis=1).mean() / preset.size < 8.0
        turn, centre, moved = best_rigid(breast, after)
        left = np.linalg.norm((breast - centre) @ turn.T + moved - after, axis=1).mean() / preset.size
        assert left > (1.5 if preset.species == "human" else 0.4)


def test_the_tumour_moves_as_one_piece(lain):
    preset, visits, lies = lain
    radius = 10 * np.cbrt(max(visit.states["T"] for visit in visits) * 3 / (4 * np.pi))
    random = np.random.default_rng(0).standard_normal((500, 3))
    points = tumour_centre_ras_mm(preset) + 1.25 * radius * random / np.linalg.norm(random, axis=1)[:, None]
    for visit in visits[1:]:
        after = lies[visit.name].to_visit.at(points)
        turn, centre, moved = best_rigid(points, after)
        np.testing.assert_allclose((points - centre) @ turn.T + moved, after, atol=1e-6)
        np.testing.assert_allclose(lies[visit.name].to_reference.at(after), points, atol=1e-3)


def test_there_and_back_is_where_it_was(lain):
    preset, visits, lies = lain
    for visit in visits[1:]:
        placement = lies[visit.name]
        inner = placement.to_visit.points_ras_mm()[5:-5, 5:-5, 5:-5] + 1.9 * preset.size
        back = placement.to_reference.at(placement.to_visit.at(inner))
        assert np.linalg.norm(back - inner, axis=-1).max() < 0.35 * preset.size


def test_the_nearest_rigid_motion_is_found():
    points = np.random.default_rng(1).uniform(-30, 30, (40, 3))
    motion = rigid_about(np.array([5.0, -8.0, 3.0]), np.array([1.0, 2.0, -3.0]), np.array([10.0, -20.0, 30.0]))
    after = points @ motion[:3, :3].T + motion[:3, 3]
    turn, centre, moved = best_rigid(points, after)
    np.testing.assert_allclose(turn, motion[:3, :3], atol=1e-12)
    np.testing.assert_allclose((points - centre) @ turn.T + moved, after, atol=1e-12)


def test_a_turn_follows_the_right_hand():
    about_superior = rigid_about(np.zeros(3), np.zeros(3), np.array([0.0, 0.0, 90.0]))
    np.testing.assert_allclose(about_superior[:3, :3] @ [1, 0, 0], [0, 1, 0], atol=1e-12)
    about_right_first = rigid_about(np.zeros(3), np.zeros(3), np.array([90.0, 0.0, 90.0]))
    np.testing.assert_allclose(about_right_first[:3, :3] @ [0, 1, 0], [0, 0, 1], atol=1e-12)


def test_the_pet_mask_is_the_segmentation_carried_over(patient):
    mask = read_volume(patient / "day_7" / "masks" / "tumour.nrrd")
    pet = read_volume(patient / "truth" / "day_7" / "TMR.nrrd")
    subject = simulate_subject(TINY, SEED, [0, 7])
    mr_to_pet = place(TINY, SEED, subject.visits)["day_7"].mr_to_pet
    carried = resample_mask(Volume(mask.array, mr_to_pet @ mask.ijk_to_ras), pet)
    hypoxic = np.mean(pet.array[carried] >= 1.4)
    assert hypoxic == pytest.approx(subject.visits[1].states["H"], abs=0.501 / carried.sum())

"""The CT or MR that the virtual patient's PET is corrected by lies as the PET does and shows its tissues."""

import json
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume, read_volume, resample_mask
from HER2ImmunoCommonLib.registration import align_rigid, read_transform, resample
from HER2ImmunoStudyLib.phantom.attenuation import attenuation_image
from HER2ImmunoStudyLib.phantom.body_plan import Label
from HER2ImmunoStudyLib.phantom.maps import mr_maps
from HER2ImmunoStudyLib.phantom.mr_signal import spgr
from HER2ImmunoStudyLib.phantom.placement import place
from HER2ImmunoStudyLib.phantom.presets import Grid
from HER2ImmunoStudyLib.phantom.subject import Visit
from HER2ImmunoStudyLib.phantom.writer import write_virtual_patient
from HER2ImmunoStudyLib.study.attenuation import AIR_HU, read_attenuation
from HER2ImmunoStudyLib.study.manifest import read_study
from test_phantom_detail import FINE
from test_phantom_dicom import COMMON_1, COMMON_2, MR_1
from test_phantom_writer import TINY, contents

SEED, VISIT = 3, "day_7"
STATES = {"T": 3.777, "I": 0.1, "V": 0.1234, "N": 0.0877, "H": 0.3141}
CT_1 = ["RescaleIntercept", "RescaleSlope", "RescaleType"]
CT_2 = ["KVP", "AcquisitionNumber"]
MR_2 = ["ScanOptions", "MRAcquisitionType", "EchoTime", "EchoTrainLength", "RepetitionTime"]


@pytest.fixture(scope="module", params=["ct", "mr"])
def patient(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("phantom") / "p"
    options = {"visits": [0, 7], "reposition": True, "attenuation": request.param}
    return request.param, write_virtual_patient(folder, preset=TINY, seed=SEED, **options).parent


def headers(folder):
    return [pydicom.dcmread(path) for path in sorted(folder.rglob("*.dcm"))]


def test_the_study_names_it_and_reads_it(patient):
    kind, root = patient
    visit = read_study(root / "study.json").visits[1]
    assert visit.attenuation == root / VISIT / "attenuation"
    assert read_attenuation(visit.attenuation).modality == kind.upper()
    assert json.loads((root / "truth" / "truth.json").read_text())["attenuation"] == kind


def test_it_is_a_series_of_the_study_and_frame_of_reference_of_the_pet(patient):
    kind, root = patient
    image, pet, mr = (headers(root / VISIT / name) for name in ("attenuation", "PET", "MR/vfa"))
    for name in ("StudyInstanceUID", "FrameOfReferenceUID", "StudyDate", "PatientID", "PatientPosition"):
        assert len({dataset.get(name) for dataset in (*image, *pet)}) == 1
    assert image[0].FrameOfReferenceUID != mr[0].FrameOfReferenceUID
    assert image[0].SeriesInstanceUID != pet[0].SeriesInstanceUID
    assert len({dataset.SOPInstanceUID for dataset in (*image, *pet)}) == len(image) + len(pet)
    assert pet[0].AttenuationCorrectionMethod == f"{kind.upper()}-derived mu-map"
    assert image[0].AcquisitionTime < pet[0].AcquisitionTime


def test_required_attributes_are_present_and_valid(patient, monkeypatch):
    kind, root = patient
    monkeypatch.setattr(pydicom.config.settings, "reading_validation_mode", pydicom.config.RAISE)
    ends = {"ct": ("1.2.840.10008.5.1.4.1.1.2", CT_1, CT_2), "mr": ("1.2.840.10008.5.1.4.1.1.4", MR_1, MR_2)}
    sop_class, type_1, type_2 = ends[kind]
    for dataset in headers(root / VISIT / "attenuation"):
        assert dataset.SOPClassUID == dataset.file_meta.MediaStorageSOPClassUID == sop_class
        assert dataset.Modality == kind.upper()
        for name in COMMON_1 + type_1:
            assert dataset.get(name) not in (None, ""), name
        for name in COMMON_2 + type_2:
            assert name in dataset, name
        dataset.walk(lambda _, element: element.value)


@pytest.mark.parametrize("visit", ["baseline", VISIT])
def test_tissues_lie_where_those_of_the_pet_are(patient, visit):
    kind, root = patient
    image = read_attenuation(root / visit / "attenuation").image
    labels = read_volume(root / "truth" / visit / "tissue_pet.nrrd")
    values = image.array + AIR_HU if kind == "ct" else image.array
    expected = {
        "ct": {"AIR": -1000.0, "FAT": -100.0, "GLAND": 35.0, "MUSCLE": 55.0, "VESSEL": 45.0, "CHEST": -780.0},
        "mr": {"AIR": 0.0, "FAT": 75.0, "GLAND": 400.0, "MUSCLE": 340.0, "VESSEL": 280.0, "CHEST": 45.0},
    }[kind]
    for name, value in expected.items():
        tissue = resample_mask(Volume(labels.array == Label[name], labels.ijk_to_ras), image)
        assert np.median(values[tissue]) == pytest.approx(value, abs=25.0 if kind == "ct" else 10.0), name


def test_the_known_way_from_mr_to_pet_lays_the_outline_of_the_body_on_it(patient):
    kind, root = patient
    image = read_attenuation(root / VISIT / "attenuation").image
    body = image.array > (500.0 if kind == "ct" else 60.0)
    tissue = read_volume(root / "truth" / VISIT / "tissue.nrrd")
    breast = Volume(np.isin(tissue.array, [Label.SKIN, Label.FAT, Label.GLAND, Label.MUSCLE]), tissue.ijk_to_ras)
    known = read_transform(root / "truth" / VISIT / "mr_to_pet.h5")

    def overlap(transform):
        on_mr = resample(Volume(body.astype(float), image.ijk_to_ras), breast, transform).array
        seen = np.isfinite(on_mr)
        return np.mean((on_mr[seen] > 0.5) == breast.array[seen])

    assert overlap(known) > overlap(known.inverse(breast)) + 0.01
    assert overlap(known) > 0.9


def test_a_ct_has_a_table_that_stays_where_it_is(patient):
    kind, root = patient
    first, second = (read_attenuation(root / visit / "attenuation").image for visit in ("baseline", VISIT))
    front = slice(0, 8)
    if kind == "ct":
        assert (first.array[:, front].max(axis=1) > 400.0).mean() > 0.9
        np.testing.assert_array_equal(first.array[:, front], second.array[:, front])
    else:
        assert first.array[:, front].max() < 20.0


def test_ribs_are_bone_and_the_heart_is_blood_in_the_fine_anatomy():
    preset = replace(FINE, pet_grid=replace(FINE.pet_grid, shape=(5, 36, 36)))
    mr = mr_maps(preset, SEED, STATES)
    image = attenuation_image(preset, SEED, "ct", STATES, mr, None, 0.0, np.random.default_rng(0))
    assert 0.002 < np.mean(image.array > 250.0) < 0.1
    assert image.array.max() <= 330.0 + 1e-9


def test_noise_is_that_asked_for():
    preset = replace(TINY, pet_grid=replace(TINY.pet_grid, shape=(4, 30, 30)))
    mr = mr_maps(preset, SEED, STATES)
    noisy, clean = (
        attenuation_image(preset, SEED, "ct", STATES, mr, None, noise, np.random.default_rng(0)).array
        for noise in (0.01, 0.0)
    )
    soft = clean > -500.0
    assert (noisy - clean)[soft].std() == pytest.approx(6.0, rel=0.05)


def test_without_it_every_other_byte_is_the_same(tmp_path):
    plain, more = (
        contents(write_virtual_patient(tmp_path / name, preset=TINY, seed=SEED, visits=[0], **options).parent)
        for name, options in (("plain", {}), ("more", {"attenuation": "ct"}))
    )
    assert {name for name in more if name not in plain} == {name for name in more if "/attenuation/" in name}
    changed = {name for name in plain if plain[name] != more[name]}
    assert changed == {"study.json", "truth/truth.json"}


def test_a_kind_that_there_is_not_is_refused(tmp_path):
    with pytest.raises(InputError, match="no attenuation image 'pet'; choose one of ct, mr"):
        write_virtual_patient(tmp_path / "p", preset=TINY, attenuation="pet")


def test_registration_of_the_mr_before_contrast_to_the_ct_finds_the_known_way():
    preset = replace(TINY, mr_grid=Grid((14, 53, 53), (3.0, 3.0, 4.0), TINY.mr_grid.centre_ras_mm))
    visits = [Visit(name, day, STATES) for name, day in (("first", 0.0), (VISIT, 7.0))]
    lies = place(preset, SEED, visits)[VISIT]
    mr = mr_maps(preset, SEED, STATES, lies)
    image = attenuation_image(preset, SEED, "ct", STATES, mr, lies, 0.0, np.random.default_rng(0))
    before_contrast = Volume(spgr(mr.density, 1.0 / mr.t1_s, preset.mr.tr_s, preset.mr.flip_deg), mr.ijk_to_ras)
    places = np.argwhere(mr.tumour)[:, ::-1] @ mr.ijk_to_ras[:3, :3].T + mr.ijk_to_ras[:3, 3]
    known = places @ lies.mr_to_pet[:3, :3].T + lies.mr_to_pet[:3, 3]
    found = align_rigid(before_contrast, image).transform.at(places)
    assert np.linalg.norm(places - known, axis=-1).mean() > 2.0
    assert np.linalg.norm(found - known, axis=-1).mean() < 1.5

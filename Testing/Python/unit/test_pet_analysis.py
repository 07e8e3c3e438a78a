"""PET from DICOM to maps and measures: reading, settings and the analysis."""

from __future__ import annotations

import json

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.geometry import Volume, read_volume
from PETHypoxiaLib import PetSettings, analyse, read_pet, suv_factor, suv_map
from pydicom import dcmread

FACTOR = 1000 * 70.0 / (370e6 * 2 ** (-7200 / 6586.2))


def at_mm(*places):
    return lambda dataset, k: setattr(dataset, "ImagePositionPatient", [0, 0, places[k]])


def test_each_slice_has_its_own_slope(pet_series):
    pet = read_pet(pet_series({"RescaleSlope": lambda k: 2.0 + k}))
    np.testing.assert_array_equal(pet.activity.array[:, 0, 0], [2000, 3000, 4000, 5000])
    suv = suv_map(pet, suv_factor(pet.headers))
    assert suv.array.dtype == np.float32
    np.testing.assert_allclose(suv.array[:, 3, 3], np.array([2000, 3000, 4000, 5000]) * FACTOR, rtol=1e-6)


def test_slices_written_backwards_get_the_factor_of_their_own(pet_series):
    """Without decay correction factors differ; files in reverse order must not swap them."""

    def edit(dataset, k):
        dataset.DecayCorrection, dataset.CorrectedImage = "NONE", ["ATTN"]
        dataset.AcquisitionTime = f"12{10 * k:02d}00"
        dataset.ImagePositionPatient = [0, 0, -4.0 * k]

    folder = pet_series(edit)
    pet, result = read_pet(folder), suv_factor(folder)
    suv = suv_map(pet, result).array[:, 0, 0]
    assert suv[::-1] / suv[-1] == pytest.approx(2 ** (np.arange(4) * 600 / 6586.2), rel=1e-6)


def test_what_the_header_says_has_its_tag(pet_series):
    facts = read_pet(pet_series()).facts
    weight = facts["weight"]
    assert (float(weight.value), weight.unit, weight.source) == (70, "kg", "PatientWeight (0010,1030)")
    assert facts["tracer"].value == "FMISO"
    assert float(facts["dose"].value) == 370e6
    assert facts["start_time"].value == "100000"
    assert facts["acquisition"].value.hour == 12


def test_a_folder_of_pet_and_ct_is_sorted(pet_series):
    folder = pet_series(name="all/pet", n=3)
    pet_series({"Modality": "CT", "RescaleSlope": 1}, name="all/ct", n=2)
    assert read_pet(folder.parent).activity.array.shape == (3, 8, 8)


def test_one_of_two_pet_series_is_chosen_by_number(pet_series):
    folder = pet_series({"SeriesNumber": 3}, name="both/a", n=2)
    pet_series({"SeriesNumber": 4}, name="both/b", n=3)
    with pytest.raises(QuestionsError) as asked:
        read_pet(folder.parent)
    assert asked.value.questions[0].key == "series"
    assert read_pet(folder.parent, overrides={"series": 4}).activity.array.shape[0] == 3


BAD_FOLDERS = {
    "two patients": ({"PatientID": "P2"}, "2 patients"),
    "two studies": ({"StudyInstanceUID": "2.25.99"}, "2 studies"),
}


@pytest.mark.parametrize("name", BAD_FOLDERS)
def test_mixed_examinations_are_refused(pet_series, name):
    edit, sentence = BAD_FOLDERS[name]
    folder = pet_series(name="mixed/a", n=1)
    pet_series(edit, name="mixed/b", n=1)
    with pytest.raises(InputError, match=sentence):
        read_pet(folder.parent)


BAD_SERIES = {
    "slice missing": (at_mm(0, 4, 12, 16), "A slice is missing"),
    "slice doubled": (at_mm(0, 4, 4, 8), "same slice"),
    "slice of another patient": (
        lambda dataset, k: setattr(dataset, "PatientID", "P2" if k == 2 else "P1"),
        "PatientID",
    ),
    "NAC": ({"CorrectedImage": ["DECY"]}, "attenuation"),
    "MIP": ({"ImageType": ["DERIVED", "SECONDARY", "MIP"]}, "projection"),
    "secondary capture": ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, "secondary capture"),
    "colour": ({"PhotometricInterpretation": "RGB"}, "colour"),
    "enhanced": ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.130"}, "enhanced PET"),
    "no slope": (lambda dataset, k: delattr(dataset, "RescaleSlope"), "RescaleSlope"),
    "slope 0": ({"RescaleSlope": 0}, "RescaleSlope"),
    "no PET": ({"Modality": "MR"}, "only MR"),
    "no position": (lambda dataset, k: delattr(dataset, "ImagePositionPatient"), "ImagePositionPatient"),
}


@pytest.mark.parametrize("name", BAD_SERIES)
def test_a_series_that_makes_no_volume_is_refused(pet_series, name):
    edit, sentence = BAD_SERIES[name]
    with pytest.raises(InputError, match=sentence):
        read_pet(pet_series(edit))


def test_a_truncated_file_is_named(pet_series):
    folder = pet_series()
    path = folder / "002.dcm"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match=r"002\.dcm"):
        read_pet(folder)


def test_a_file_removed_while_reading_is_named(pet_series):
    folder = pet_series()

    def remove(fraction, text):
        if text.startswith("Reading slice"):
            (folder / "003.dcm").unlink(missing_ok=True)

    with pytest.raises(InputError, match=r"003\.dcm is no longer there"):
        read_pet(folder, report=remove)


def test_a_factor_of_another_series_is_not_applied(pet_series):
    pet, other = read_pet(pet_series(name="a")), suv_factor(pet_series(name="b"))
    with pytest.raises(InputError, match="this series"):
        suv_map(pet, other)


def test_no_map_without_an_answer(pet_series):
    pet = read_pet(pet_series({"PatientWeight": 0}))
    with pytest.raises(QuestionsError):
        suv_map(pet, suv_factor(pet.headers))
    with pytest.raises(QuestionsError):
        analyse(pet)
    assert analyse(pet, PetSettings(overrides={"weight_kg": 70})).suv_result.label == "user value"


@pytest.mark.parametrize(
    "values",
    [
        {"norm": "fat"},
        {"ratio": "TXR"},
        {"threshold": 0},
        {"threshold": "high"},
        {"sweep": 1.4},
        {"sweep": [1.2, -1]},
        {"minimum_reference_cm3": float("nan")},
        {"overrides": {"colour": "red"}},
        {"tracer": "FMISO"},
    ],
)
def test_impossible_settings_are_refused(values):
    with pytest.raises(InputError):
        PetSettings.from_dict(values)


def test_settings_survive_json():
    settings = PetSettings(ratio="TBR", threshold=1.3, overrides={"weight_kg": 70, "start": "10:00"})
    assert PetSettings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings


def test_an_analysis_gives_maps_measures_and_their_provenance(pet_patient):
    folder, paths = pet_patient
    pet = read_pet(folder)
    masks = {name: read_volume(path) for name, path in paths.items()}
    result = analyse(pet, tumour_mask=masks["tumour"], reference_mask=masks["muscle"])
    assert result.measurements["hypoxic_fraction"] == pytest.approx(0.5)
    assert result.measurements["tmr_max"] == pytest.approx(1.6, rel=1e-5)
    assert result.measurements["suv_max"] == pytest.approx(3200 * FACTOR, rel=1e-6)
    assert result.ratio.array[5, 5, 5] == pytest.approx(1.6, rel=1e-5)
    assert result.hypoxic.sum() == 4 * 8 * 6
    assert result.provenance.inputs["series_uid"] == pet.series.uid
    assert result.warnings == ()
    assert '"dose_bq"' in result.provenance.to_json()
    by_array = analyse(pet, tumour_mask=masks["tumour"].array > 0, reference_mask=masks["muscle"].array > 0)
    assert by_array.measurements == result.measurements


def test_masks_drawn_on_another_grid_are_put_on_the_pet(pet_patient):
    folder, paths = pet_patient
    pet = read_pet(folder)
    fine = {}
    for name, path in paths.items():
        mask = read_volume(path)
        doubled = np.repeat(np.repeat(np.repeat(mask.array, 2, 0), 2, 1), 2, 2)
        ijk_to_ras = mask.ijk_to_ras.copy()
        ijk_to_ras[:3, :3] /= 2
        ijk_to_ras[:3, 3] -= ijk_to_ras[:3, :3].sum(axis=1) / 2
        fine[name] = Volume(doubled, ijk_to_ras)
    result = analyse(pet, tumour_mask=fine["tumour"], reference_mask=fine["muscle"])
    assert result.measurements["hypoxic_fraction"] == pytest.approx(0.5)
    assert result.measurements["pet_tumour_volume_cm3"] == pytest.approx(8 * 8 * 6 * 0.064)


@pytest.mark.parametrize("where", ["tumour", "reference"])
def test_a_region_outside_the_pet_is_refused(pet_patient, where):
    folder, paths = pet_patient
    inside = read_volume(paths["tumour"])
    away = inside.ijk_to_ras.copy()
    away[:3, 3] += 1000
    masks = {"tumour_mask": inside, "reference_mask": inside, f"{where}_mask": Volume(inside.array, away)}
    with pytest.raises(InputError, match=f"The {where} region cannot be used.*does not overlap"):
        analyse(read_pet(folder), **masks)


def test_a_reference_of_zero_uptake_is_refused(pet_series):
    stored = np.full((8, 8, 8), 1000)
    stored[:, :, 4:] = 0
    pet = read_pet(pet_series(pixels=stored))
    tumour, reference = np.zeros((2, 8, 8, 8), bool)
    tumour[:, :, :4], reference[:, :, 4:] = True, True
    with pytest.raises(InputError, match="muscle region has a mean uptake of 0"):
        analyse(pet, tumour_mask=tumour, reference_mask=reference)


def test_hypoxia_inside_other_regions_is_measured(pet_patient):
    folder, paths = pet_patient
    pet = read_pet(folder)
    tumour, muscle = (read_volume(paths[name]) for name in ("tumour", "muscle"))
    lower = tumour.like(tumour.array * (np.arange(16) < 6)[:, None, None])
    result = analyse(pet, tumour_mask=tumour, reference_mask=muscle, other_masks={"boost": lower})
    (boost,) = result.overlaps
    assert (boost.name, boost.share_of_hypoxic, boost.share_of_region) == ("boost", 0.5, 1.0)
    assert boost.volume_cm3 == pytest.approx(2 * 8 * 6 * 0.064)


def test_one_image_in_two_files_is_refused(pet_series):
    folder = pet_series()
    (folder / "copy.dcm").write_bytes((folder / "001.dcm").read_bytes())
    with pytest.raises(InputError, match="same DICOM instance"):
        read_pet(folder)


def test_a_slice_of_another_patient_in_a_list_of_files_is_refused(pet_series):
    own, other = pet_series(name="own", n=3), pet_series({"PatientID": "P2"}, name="other", n=1)
    with pytest.raises(InputError, match="2 patients"):
        read_pet([*own.iterdir(), *other.iterdir()])


def test_files_removed_after_loading_are_named(pet_series):
    folder = pet_series()
    files = sorted(folder.iterdir())
    files[2].unlink()
    for read in (read_pet, suv_factor):
        with pytest.raises(InputError, match=r"002\.dcm does not exist"):
            read(files)


def test_a_reference_alone_is_refused(pet_patient):
    folder, paths = pet_patient
    with pytest.raises(InputError, match="without a tumour"):
        analyse(read_pet(folder), reference_mask=read_volume(paths["muscle"]))


def test_the_written_series_opens_as_dicom(pet_series):
    header = dcmread(pet_series(n=1) / "000.dcm")
    assert header.pixel_array.shape == (8, 8)


def test_a_tumour_without_a_reference_says_what_is_not_measured(pet_patient):
    folder, paths = pet_patient
    result = analyse(read_pet(folder), PetSettings(ratio="TBR"), tumour_mask=read_volume(paths["tumour"]))
    assert "There is no region of blood, so neither TBR nor hypoxia is measured." in result.warnings

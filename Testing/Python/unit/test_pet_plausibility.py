"""Dose, weight, height and sex in other units and words; factors and maps that cannot be; images of several times."""

from __future__ import annotations

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from PETHypoxiaLib import PetSettings, analyse, read_pet, suv_factor

T, W, D = 6586.2, 70.0, 370e6
TWO_HOURS = 1000 * W / (D * 2 ** (-7200 / T))


def keys(result):
    return [question.key for question in result.questions]


@pytest.mark.parametrize(
    ("written", "unit"), [(370e3, "kBq"), (10, "mCi"), (10000, "uCi"), (9990, "uCi"), (0.37, None), (370e9, None)]
)
def test_a_dose_in_another_unit_is_asked_with_the_unit_it_may_be_in(pet_series, written, unit):
    folder = pet_series({"RadionuclideTotalDose": written}, n=1)
    asked = suv_factor(folder)
    assert "dose_bq" in keys(asked), asked.reason
    assert unit is None or f"as a number of {unit} it would be possible" in asked.reason
    assert suv_factor(folder, overrides={"dose_bq": D}).factors == pytest.approx([TWO_HOURS], rel=1e-9)


@pytest.mark.parametrize(
    ("weight_kg", "dose", "of_bq"),
    [(0.025, 7400, 7.4e6), (0.02, 200, 7.4e6), (0.25, 37000, 37e6), (25.0, 10e6, 10e6), (18.0, 0.2, 7.4e6)],
)
def test_small_animals_in_other_units_are_asked(pet_series, weight_kg, dose, of_bq):
    """Mice and rats: dose in kBq or uCi, weight in grams; never a factor that is off by the unit."""
    result = suv_factor(pet_series({"PatientWeight": weight_kg, "RadionuclideTotalDose": dose}, n=1))
    assert result.factors is None
    assert set(keys(result)) <= {"dose_bq", "weight_kg"}


def test_a_dose_that_may_be_in_two_units_is_asked(pet_series):
    """1000 of a person of 70 kg: 1000 MBq, or 37 MBq in uCi."""
    asked = suv_factor(pet_series({"RadionuclideTotalDose": 1000}, n=1))
    assert keys(asked) == ["dose_bq"]
    assert "may be in MBq or uCi" in asked.reason


@pytest.mark.parametrize("weight", [450, 0.001])
def test_a_weight_that_nobody_has_is_asked(pet_series, weight):
    assert "weight_kg" in keys(suv_factor(pet_series({"PatientWeight": weight}, n=1)))


def test_a_weight_in_pounds_is_told(pet_series):
    result = suv_factor(pet_series({"PatientWeight": 154, "PatientSize": 1.65}, n=1))
    assert result.status == "warn"
    assert "body mass index of 57; in pounds it would be 26" in result.reason


@pytest.mark.parametrize("height", [1750, 17.5, 0.0175])
def test_a_height_in_another_unit_is_asked_where_it_counts(pet_series, height):
    folder = pet_series({"PatientSize": height}, n=1)
    assert suv_factor(folder).status == "ok"
    assert keys(suv_factor(folder, norm="lbm")) == ["height_cm"]


@pytest.mark.parametrize(("word", "sex"), [("FEMALE", "F"), ("Male", "M"), ("f", "F")])
def test_words_for_sex(pet_series, word, sex):
    folder = pet_series({"PatientSex": word}, n=1)
    given = pet_series({"PatientSex": sex}, name="plain", n=1)
    assert suv_factor(folder, norm="lbm").factors == pytest.approx(suv_factor(given, norm="lbm").factors)
    assert suv_factor(folder, norm="lbm", overrides={"sex": word}).label == "user value"


@pytest.mark.parametrize(
    "overrides",
    [{"height_cm": 1.75}, {"weight_kg": 70000}, {"dose_bq": 370}, {"dose_bq": "370 MBq"}, {"weight_kg": 0.0001}],
)
def test_an_answer_in_another_unit_is_refused_with_the_unit(pet_series, overrides):
    with pytest.raises(InputError, match=r"kg|cm|Bq"):
        suv_factor(pet_series(n=1), overrides=overrides)


def test_a_dose_that_cannot_be_is_refused_even_if_given(pet_series):
    folder = pet_series(n=1)
    assert suv_factor(folder, overrides={"dose_bq": 370e3, "weight_kg": 70}).status == "error"
    assert suv_factor(folder, overrides={"dose_bq": 370e9, "weight_kg": 70}).status == "error"


@pytest.mark.parametrize("value", ["70\\80", "1_000", "70,5", "nan", "1e400", "seventy"])
def test_a_weight_that_is_no_one_number_is_asked(pet_series, value):
    from pydicom.dataelem import DataElement

    def edit(dataset, k):
        del dataset.PatientWeight
        dataset.add(DataElement(0x00101030, "LO", value.split("\\")))

    assert keys(suv_factor(pet_series(edit, n=1))) == ["weight_kg"]


FRAMES = {
    "dynamic that calls itself static": (
        {"ImagePositionPatient": lambda k: [0, 0, 4.0 * (k % 2)], "AcquisitionTime": lambda k: f"12{10 * (k // 2)}00"},
        "2 images at each place",
    ),
    "dynamic by the frames' reference": (
        {"ImagePositionPatient": lambda k: [0, 0, 4.0 * (k // 2)], "FrameReferenceTime": lambda k: 6e5 * (k % 2) + 1.0},
        "2 images at each place",
    ),
    "all frames of one slice": (
        {"ImagePositionPatient": [0, 0, 0], "ActualFrameDuration": lambda k: 60000 * (k + 1)},
        "4 images at each place",
    ),
    "a slice that is there twice": (
        {"ImagePositionPatient": lambda k: [0, 0, 4.0 * max(k, 1)]},
        "same position",
    ),
}


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("kind", [["STATIC", "IMAGE"], ["WHOLE BODY", "IMAGE"], None])
def test_several_images_at_a_place_are_refused_whatever_the_series_calls_itself(pet_series, name, kind):
    edit, sentence = FRAMES[name]
    folder = pet_series([edit, {"SeriesType": kind}])
    result = suv_factor(folder)
    assert (result.status, result.factors) == ("error", None)
    assert sentence in result.reason
    with pytest.raises(InputError):
        read_pet(folder)


def test_beds_of_different_times_are_one_image(pet_series):
    beds = {"AcquisitionTime": lambda k: f"12{10 * k:02d}00", "FrameReferenceTime": lambda k: 298422.0 + 6e5 * k}
    result = suv_factor(pet_series([beds, {"SeriesType": ["WHOLE BODY", "IMAGE"]}]))
    assert result.factors == pytest.approx([TWO_HOURS] * 4, rel=1e-7)


def test_derived_images_are_used_only_if_they_are_named(pet_series):
    derived = {"ImageType": ["DERIVED", "SECONDARY"], "SeriesNumber": 9}
    folder = pet_series(derived, name="all/derived")
    asked = suv_factor(folder)
    assert keys(asked) == ["series"]
    assert "derived from other images by ImageType (0008,0008)" in asked.reason
    named = suv_factor(folder, overrides={"series": "9"})
    assert (named.status, named.factors[0]) == ("warn", pytest.approx(TWO_HOURS))
    pet_series(name="all/original")
    assert suv_factor(folder.parent).status == "ok", "the original beside it needs no choice"
    pet = read_pet(folder, overrides={"series": "9"})
    assert any("derived" in text for text in analyse(pet).warnings)


def test_half_of_the_slices_make_no_volume(pet_series):
    with pytest.raises(InputError, match="4 of the 8"):
        read_pet(pet_series({"NumberOfSlices": 8}))


def test_slices_further_apart_than_they_are_thick_are_told(pet_series):
    result = suv_factor(pet_series({"ImagePositionPatient": lambda k: [0, 0, 8.0 * k]}))
    assert "8.00 mm apart but 4.00 mm thick" in result.reason


def sphere(suv):
    grid = np.indices((8, 16, 16)) - np.array([4, 8, 8])[:, None, None, None]
    return np.where((grid**2).sum(axis=0) < 36, suv / TWO_HOURS / 2.0, 0.0)


MAPS = {
    "kBq called Bq": ({}, sphere(1e-3), "mean SUV of the body is 0.00"),
    "a weight of grams and a dose that goes with it": (
        {"PatientWeight": 25, "RadionuclideTotalDose": 20e6},
        sphere(20 / 25000 * 70 / 370 * 1e5),
        "mean SUV of the body",
    ),
    "activity called SUV": ({"Units": "GML", "RescaleSlope": 2.0}, sphere(1.0), "largest SUV"),
    "nothing": ({}, np.zeros((4, 8, 8)), "No voxel"),
}


@pytest.mark.parametrize("name", MAPS)
def test_a_map_that_no_body_has_is_told(pet_series, name):
    edit, pixels, sentence = MAPS[name]
    if name == "activity called SUV":
        pixels = pixels * 10
    result = analyse(read_pet(pet_series(edit, pixels=np.minimum(pixels, 65535))))
    assert any(sentence in text for text in result.warnings), result.warnings
    assert result.suv_result.status == "warn"


@pytest.mark.parametrize("norm", ["bw", "lbm", "bsa"])
def test_an_ordinary_body_is_not_doubted(pet_series, norm):
    assert analyse(read_pet(pet_series(pixels=sphere(1.2))), PetSettings(norm=norm)).warnings == ()

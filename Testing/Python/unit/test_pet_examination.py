"""Whether a volume is what its DICOM files hold, and which files those are."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.geometry import Volume
from PETHypoxiaLib import read_pet, suv_factor
from PETHypoxiaLib.analysis import wording
from PETHypoxiaLib.analysis.examination import Source, along_axes_of, compare, series_of, uids_of

RAMP = np.arange(24.0).reshape(2, 3, 4)
PLACE = np.array([[0.0, -2.0, 0.0, 5.0], [3.0, 0.0, 0.0, -7.0], [0.0, 0.0, 4.0, 1.0], [0.0, 0.0, 0.0, 1.0]])


def reordered(volume, axes, flips):
    """The same voxels at the same places in another order of axes (i, j, k)."""
    array = np.flip(volume.array.T.transpose(axes), flips).T
    turn = np.zeros((4, 4))
    turn[3, 3] = 1
    for new, old in enumerate(axes):
        turn[old, new] = -1 if new in flips else 1
        turn[old, 3] = volume.array.T.shape[old] - 1 if new in flips else 0
    return Volume(array, volume.ijk_to_ras @ turn)


@pytest.mark.parametrize("axes", [(0, 1, 2), (1, 0, 2), (2, 0, 1)])
@pytest.mark.parametrize("flips", [(), (2,), (0, 1), (0, 1, 2)])
def test_the_same_voxels_in_another_order_are_recognised(axes, flips):
    volume = Volume(RAMP, PLACE)
    np.testing.assert_array_equal(along_axes_of(reordered(volume, axes, flips), volume), RAMP)


def shifted(volume, mm):
    to_ras = volume.ijk_to_ras.copy()
    to_ras[:3, 3] += mm
    return Volume(volume.array, to_ras)


OTHERS = {
    "shifted": shifted(Volume(RAMP, PLACE), (0.6, 0.0, 0.0)),
    "scaled": Volume(RAMP, PLACE @ np.diag([1.1, 1, 1, 1])),
    "cropped": Volume(RAMP[:, :, :3], PLACE),
    "sheared": Volume(RAMP, PLACE @ np.array([[1, 0.2, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])),
    "doubled axis": Volume(RAMP, PLACE @ np.array([[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])),
}


def test_a_place_rounded_by_a_reader_is_the_same():
    assert along_axes_of(shifted(Volume(RAMP, PLACE), (0.01, 0.02, -0.01)), Volume(RAMP, PLACE)) is not None


@pytest.mark.parametrize("name", OTHERS)
def test_voxels_at_other_places_are_not_taken_for_the_same(name):
    assert along_axes_of(OTHERS[name], Volume(RAMP, PLACE)) is None


def test_a_volume_is_compared_with_its_files(pet_series):
    pet = read_pet(pet_series(pixels=np.random.default_rng(1).integers(0, 3000, (4, 8, 8))))
    assert compare(pet.activity, "PET", pet) == ()
    doubled = pet.activity.like(2 * pet.activity.array)
    assert "not the values of its DICOM files" in compare(doubled, "PET", pet)[0]
    with pytest.raises(InputError, match="PET does not lie where its DICOM files do"):
        compare(shifted(pet.activity, (0.0, 0.0, 1.0)), "PET", pet)


def test_the_series_of_a_volume_is_found_among_others(pet_series):
    first = pet_series(name="all/a", n=2)
    pet_series(name="all/b", n=3)
    uids = uids_of(series_of(Source(first)).headers)
    found = series_of(Source(first.parent, uids))
    assert set(uids_of(found.headers)) == set(uids)
    with pytest.raises(QuestionsError):
        series_of(Source(first.parent))
    with pytest.raises(InputError, match="Only 2 of the 3 DICOM slices"):
        series_of(Source(first.parent, (*uids, "1.2.3")))
    with pytest.raises(InputError, match="are not in"):
        series_of(Source(first.parent, ("1.2.3",)))


def test_the_header_is_put_in_words(pet_series):
    result = suv_factor(pet_series({"Radiopharmaceutical": "FDG"}), overrides={"weight_kg": 60})
    look, sentence = wording.verdict(result)
    assert look == "warning"
    assert sentence.startswith("SUV can be computed, with care. The tracer is FDG")
    facts = {fact.name: fact for fact in wording.header_facts(result)}
    assert (facts["Weight"].value, facts["Weight"].source) == ("60 kg", "user value")
    assert (facts["Injected dose"].value, facts["Injected dose"].source) == ("370 MBq", "(0018,1074)")
    assert facts["Injected at"].value == "2024-01-10 10:00:00"
    assert [name for name, fact in facts.items() if not fact.editable] == ["Tracer", "Uptake time"]
    assert wording.answer_text({"dose_bq": "3e8", "sex": "F"}) == "Injected dose: 3e8 Bq; Sex: F"


ANSWERS = {
    ("dose_bq", "260 MBq"): "260000000",
    ("dose_bq", "260"): "260000000",
    ("dose_bq", "2.6e8 Bq"): "2.6e8",
    ("weight_kg", " 68.5 kg "): "68.5",
    ("weight_kg", "150 lb"): "150 lb",
    ("dose_bq", "much"): "much",
    ("start", "10:05"): "10:05",
}


@pytest.mark.parametrize("written", ANSWERS)
def test_a_value_is_understood_with_its_unit(written):
    assert wording.answer_from(*written) == ANSWERS[written]


def test_the_effect_of_an_answer_stands_beside_what_the_header_says(pet_series):
    folder = pet_series(n=2)
    alone, halved = suv_factor(folder), suv_factor(folder, overrides={"weight_kg": 35})
    assert wording.effect(alone, None).name == "SUVbw of 1000 Bq/mL"
    assert wording.effect(halved, alone).value == "0.2018 (header alone: 0.4036)"
    open_ = suv_factor(pet_series({"PatientWeight": None}, name="open", n=1))
    assert wording.effect(open_, None).value == "none"


def test_a_refusal_is_put_in_words(pet_series):
    look, sentence = wording.verdict(suv_factor(pet_series({"Units": "CPS"})))
    assert look == "error"
    assert sentence.startswith("Refused: ")

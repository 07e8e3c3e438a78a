"""The half-life is held against the nuclide's code, the tracer's name and all that there is, before anything else."""

from __future__ import annotations

import pytest
from PETHypoxiaLib import suv_factor

T = 6586.2
ADMIN = 1000 * 70.0 / 370e6
TWO_HOURS = ADMIN * 2 ** (7200 / T)
UNCODED = {"RadionuclideCodeSequence": None}


def factor_with(half_life_s):
    return ADMIN * 2 ** (7200 / half_life_s)


WRONG = {
    "minutes, the tracer named": ([UNCODED, {"RadionuclideHalfLife": "109.77"}], "that of F-18 in minutes"),
    "minutes, nothing named": (
        [UNCODED, {"RadionuclideHalfLife": "109.8", "Radiopharmaceutical": "study drug"}],
        "that of F-18 in minutes",
    ),
    "minutes, the nuclide coded": ({"RadionuclideHalfLife": 109.77}, "RadionuclideCodeSequence (0054,0300) says F-18"),
    "hours": ([UNCODED, {"RadionuclideHalfLife": 1.83}], "that of F-18 in hours"),
    "milliseconds": ({"RadionuclideHalfLife": 6586200}, "that of F-18 in milliseconds"),
    "another nuclide than the tracer's": ([UNCODED, {"RadionuclideHalfLife": 4069.8}], "the tracer is FMISO"),
    "no nuclide's": (
        [UNCODED, {"RadionuclideHalfLife": 5000, "Radiopharmaceutical": ""}],
        "the half-life of no PET nuclide",
    ),
    "the tracer is of another nuclide than the code": (
        {"Radiopharmaceutical": "68Ga-PSMA-11"},
        "the tracer is 68Ga-PSMA-11, which has Ga-68",
    ),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("start", [{}, {"start": "2024-01-10 10:00:00"}])
def test_a_half_life_that_cannot_be_is_the_only_question(pet_series, name, start):
    edit, sentence = WRONG[name]
    result = suv_factor(pet_series(edit, n=1), overrides=start)
    assert [question.key for question in result.questions] == ["half_life_s"], result.reason
    assert sentence in result.reason
    assert result.factors is None


@pytest.mark.parametrize("name", WRONG)
def test_the_half_life_given_decides(pet_series, name):
    result = suv_factor(pet_series(WRONG[name][0], n=1), overrides={"half_life_s": T})
    assert result.factors == pytest.approx([TWO_HOURS], rel=1e-9)


@pytest.mark.parametrize(
    ("tracer", "half_life_s"),
    [("[68Ga]Ga-DOTATATE", 4069.8), ("F18-FMISO", 6588.0), ("FMISO F^18^", T), ("hypoxia agent", 6586.0)],
)
def test_a_half_life_that_fits_the_name_needs_no_code(pet_series, tracer, half_life_s):
    result = suv_factor(pet_series([UNCODED, {"Radiopharmaceutical": tracer, "RadionuclideHalfLife": half_life_s}]))
    assert result.factors == pytest.approx([factor_with(half_life_s)] * 4, rel=1e-9)


def test_a_half_life_that_is_off_by_less_than_a_percent_is_told(pet_series):
    result = suv_factor(pet_series({"RadionuclideHalfLife": 6640}, n=1))
    assert result.factors == pytest.approx([factor_with(6640)], rel=1e-9)
    assert "tables have 6586.2 s for F-18" in result.reason


@pytest.mark.parametrize("given", [109.77, 1.83, 6586200])
def test_a_half_life_given_in_another_unit_is_refused(pet_series, given):
    result = suv_factor(pet_series({"RadionuclideHalfLife": ""}, n=1), overrides={"half_life_s": given})
    assert (result.status, result.factors) == ("error", None)
    assert "give half_life_s in seconds" in result.reason


def test_the_half_life_given_of_another_nuclide_is_told(pet_series):
    result = suv_factor(pet_series(n=1), overrides={"half_life_s": 4069.8})
    assert "is not that of F-18" in result.reason


def test_images_corrected_to_the_injection_need_no_half_life(pet_series):
    edit = [UNCODED, {"RadionuclideHalfLife": "109.77", "DecayCorrection": "ADMIN"}]
    result = suv_factor(pet_series(edit, n=1))
    assert result.status in ("ok", "warn")
    assert result.factors == pytest.approx([ADMIN], rel=1e-12)
    assert result.inputs["uptake_min"].value == pytest.approx(120.0)

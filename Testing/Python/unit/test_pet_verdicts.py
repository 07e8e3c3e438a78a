"""The verdict on a PET header: what is warned of, asked or refused, and what answers do."""

from __future__ import annotations

import copy
import math

import pytest
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from PETHypoxiaLib import suv_factor
from pydicom.dataelem import DataElement

T = 6586.2
W, D = 70.0, 370e6
TWO_HOURS = 1000 * W / (D * 2 ** (-7200 / T))
PHILIPS, GE, SIEMENS = "Philips PET Private Group", "GEMS_PETD_01", "SIEMENS MED PT"
ADMIN = 1000 * W / D
UNCORRECTED = {"DecayCorrection": "NONE", "CorrectedImage": ["ATTN", "SCAT"]}
NO_HALF_LIFE_CODE = {"RadionuclideHalfLife": None, "RadionuclideCodeSequence": None}


def second_injection(dataset, k):
    item = copy.deepcopy(dataset.RadiopharmaceuticalInformationSequence[0])
    item.RadionuclideTotalDose = 185e6
    dataset.RadiopharmaceuticalInformationSequence.append(item)


def none_factor(elapsed_s, duration_s=600.0, half_life_s=T):
    x = math.log(2) / half_life_s * duration_s
    return 1000 * W / D * x / (1 - math.exp(-x)) * 2 ** (elapsed_s / half_life_s)


WARNINGS = {
    "dose in MBq": ({"RadionuclideTotalDose": 370}, TWO_HOURS, "370 MBq"),
    "half-life from the nuclide": ({"RadionuclideHalfLife": None}, TWO_HOURS, "half-life of F-18, 6586.2 s"),
    "half-life 0": ({"RadionuclideHalfLife": 0}, TWO_HOURS, "half-life of F-18"),
    "date shift": ({"RadiopharmaceuticalStartDateTime": "20010110100000"}, TWO_HOURS, "date shift"),
    "FDG": ({"Radiopharmaceutical": "FDG"}, TWO_HOURS, "not FMISO"),
    "no tracer": ({"Radiopharmaceutical": None}, TWO_HOURS, "does not name the tracer"),
    "short uptake": (
        {"clock": {"scan": "20240110110000", "start": "100000"}},
        ADMIN * 2 ** (3600 / T),
        "uptake time is 60 min",
    ),
    "long uptake": (
        {"clock": {"scan": "20240110150000", "start": "100000"}},
        ADMIN * 2 ** (18000 / T),
        "uptake time is 300 min",
    ),
    "intercept": ({"RescaleIntercept": -5}, TWO_HOURS, "RescaleIntercept (0028,1052) is not 0"),
    "mouse": (
        [{"PatientWeight": 0.025}, {"RadionuclideTotalDose": 7.4e6}],
        TWO_HOURS * 0.025 / W * D / 7.4e6,
        "small animal",
    ),
    "Philips without its creator": (
        [{"Units": "CNTS"}, {("", 0x7053, 0x1000, "DS"): "0.0005"}],
        0.0005,
        "private creator",
    ),
    "Philips factors that disagree": ({"philips": {"suv": "0.001", "activity": "2"}}, TWO_HOURS, "check these"),
    "GE scan time before the series time": (
        {(GE, 0x0009, 0x100D, "DT"): "20240110115000"},
        ADMIN * 2 ** (6600 / T),
        "10.0 min apart",
    ),
    "Siemens reference time before the series time": (
        {(SIEMENS, 0x0071, 0x1022, "DT"): "20240110115000"},
        ADMIN * 2 ** (6600 / T),
        "10.0 min apart",
    ),
    "GE time of injection": (
        [
            {"RadiopharmaceuticalStartTime": None, "RadiopharmaceuticalStartDateTime": None},
            {(GE, 0x0009, 0x103B, "DT"): "20240110100000"},
        ],
        TWO_HOURS,
        "GE administration datetime (0009,103B)",
    ),
    "no better time than the acquisition": (
        {"SeriesTime": "130000", "FrameReferenceTime": None},
        TWO_HOURS,
        "earliest acquisition",
    ),
    "DecayFactor against FrameReferenceTime": ({"DecayFactor": 1.2}, TWO_HOURS, "do not agree"),
    "ADMIN without a start": (
        [
            {"DecayCorrection": "ADMIN"},
            {"RadiopharmaceuticalStartTime": None, "RadiopharmaceuticalStartDateTime": None},
        ],
        ADMIN,
        "uptake time is not known",
    ),
    "SUV without decay correction": ({"Units": "GML", "DecayCorrection": "NONE"}, 1.0, "DecayCorrection"),
    "zone of the start only": (
        {"RadiopharmaceuticalStartDateTime": "20240110100000-0500", "RadiopharmaceuticalStartTime": None},
        TWO_HOURS,
        "names its time zone",
    ),
    "slice gap": (
        {"ImagePositionPatient": lambda k: [0, 0, 4.0 * k + (4.0 if k > 1 else 0)]},
        TWO_HOURS,
        "slice is missing",
    ),
}


@pytest.mark.parametrize("name", WARNINGS)
def test_what_can_be_used_but_must_be_seen_is_a_warning(pet_series, name):
    edit, expected, sentence = WARNINGS[name]
    result = suv_factor(pet_series(edit))
    assert result.status == "warn", result.reason
    assert result.factors == pytest.approx([expected] * 4, rel=1e-7)
    assert any(sentence in text for text in result.warnings), result.warnings


QUESTIONS = {
    "no weight": ({"PatientWeight": None}, "weight_kg", "70", TWO_HOURS),
    "weight empty": ({"PatientWeight": ""}, "weight_kg", "70", TWO_HOURS),
    "weight 0": ({"PatientWeight": 0}, "weight_kg", 70, TWO_HOURS),
    "weight in grams": ({"PatientWeight": 70000}, "weight_kg", 70, TWO_HOURS),
    "weight not a number": (
        lambda dataset, k: dataset.add(DataElement(0x00101030, "LO", "heavy")),
        "weight_kg",
        70,
        TWO_HOURS,
    ),
    "no dose": ({"RadionuclideTotalDose": None}, "dose_bq", "370e6", TWO_HOURS),
    "dose 0": ({"RadionuclideTotalDose": 0}, "dose_bq", 370e6, TWO_HOURS),
    "dose in kBq": ({"RadionuclideTotalDose": 370e3}, "dose_bq", 370e6, TWO_HOURS),
    "dose of a human too high": ({"RadionuclideTotalDose": 1.2e9}, "dose_bq", "370e6", TWO_HOURS),
    "dose of a rodent too low": (
        {"PatientWeight": 0.2, "RadionuclideTotalDose": 1e6},
        "dose_bq",
        20e6,
        TWO_HOURS * 0.2 / W * D / 20e6,
    ),
    "dose of a rodent too high": (
        {"PatientWeight": 0.025, "RadionuclideTotalDose": 370e6},
        "dose_bq",
        7.4e6,
        TWO_HOURS * 0.025 / W * D / 7.4e6,
    ),
    "mouse weight in grams": (
        [{"PatientWeight": 25}, {"RadionuclideTotalDose": 7.4e6}],
        "weight_kg",
        0.025,
        TWO_HOURS * 0.025 / W * D / 7.4e6,
    ),
    "no start": (
        {"RadiopharmaceuticalStartTime": None, "RadiopharmaceuticalStartDateTime": None},
        "start",
        "2024-01-10 10:00:00",
        TWO_HOURS,
    ),
    "start empty": (
        {"RadiopharmaceuticalStartTime": "", "RadiopharmaceuticalStartDateTime": None},
        "start",
        "10:00",
        TWO_HOURS,
    ),
    "start not a time": (
        {"RadiopharmaceuticalStartTime": "ten", "RadiopharmaceuticalStartDateTime": None},
        "start",
        "100000",
        TWO_HOURS,
    ),
    "starts in conflict": ({"RadiopharmaceuticalStartTime": "100500"}, "start", "20240110100000", TWO_HOURS),
    "start more than five half-lives before": (
        {"RadiopharmaceuticalStartDateTime": "20240110010000", "RadiopharmaceuticalStartTime": None},
        "start",
        "10:00:00",
        TWO_HOURS,
    ),
    "no units": ({"Units": None}, "units", "bqml", TWO_HOURS),
    "no decay word": ({"DecayCorrection": None}, "decay_correction", "START", TWO_HOURS),
    "DECY missing with START": ({"CorrectedImage": ["ATTN"]}, "decay_correction", "START", TWO_HOURS),
    "DECY with NONE": ({"DecayCorrection": "NONE"}, "decay_correction", "START", TWO_HOURS),
    "DecayFactor with NONE": (
        [UNCORRECTED, {"DecayFactor": 1.03}],
        "decay_correction",
        "NONE",
        none_factor(7200),
    ),
    "half-life of another nuclide": ({"RadionuclideHalfLife": 4069.8}, "half_life_s", 6586.2, TWO_HOURS),
    "no half-life, no nuclide": (NO_HALF_LIFE_CODE, "half_life_s", 6586.2, TWO_HOURS),
    "no reference time": (
        {"SeriesTime": None, "AcquisitionTime": None},
        "reference",
        "2024-01-10 12:00:00",
        TWO_HOURS,
    ),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_only_a_person_knows_is_asked_and_the_answer_kept(pet_series, name):
    edit, key, given, expected = QUESTIONS[name]
    folder = pet_series(edit)
    asked = suv_factor(folder)
    assert asked.status == "ask", (asked.status, asked.reason)
    assert asked.factors is None
    assert key in [question.key for question in asked.questions]
    with pytest.raises(QuestionsError):
        asked.require()
    answered = suv_factor(folder, overrides={key: given})
    assert answered.status in ("ok", "warn"), answered.reason
    assert answered.factors == pytest.approx([expected] * 4, rel=1e-7)
    assert answered.label == "user value"
    assert answered.inputs[key].source == "user"


@pytest.mark.parametrize(
    "edit",
    [
        {"SeriesType": ["STATIC", "IMAGE"], "NumberOfTimeSlices": 6},
        {"SeriesType": ["WHOLE BODY", "IMAGE"]},
        {"SeriesType": ["DYNAMIC", "IMAGE"], "NumberOfTimeSlices": 1},
        {"SeriesType": None},
    ],
)
def test_one_image_is_not_taken_for_several(pet_series, edit):
    assert suv_factor(pet_series(edit)).status == "ok"


def test_everything_missing_is_asked_at_once(pet_series):
    edit = [
        {"PatientWeight": None, "DecayCorrection": None},
        {
            "RadionuclideTotalDose": None,
            "RadionuclideHalfLife": None,
            "RadionuclideCodeSequence": None,
            "RadiopharmaceuticalStartTime": None,
            "RadiopharmaceuticalStartDateTime": None,
        },
    ]
    result = suv_factor(pet_series(edit))
    keys = {question.key for question in result.questions}
    assert keys == {"weight_kg", "decay_correction", "dose_bq", "half_life_s", "start"}


def test_of_two_injections_the_user_says_which(pet_series):
    folder = pet_series(second_injection)
    asked = suv_factor(folder)
    assert (asked.status, asked.questions[0].key) == ("ask", "injection")
    assert suv_factor(folder, overrides={"injection": "1"}).factors[0] == pytest.approx(TWO_HOURS)
    assert suv_factor(folder, overrides={"injection": 2}).factors[0] == pytest.approx(2 * TWO_HOURS)
    assert suv_factor(folder, overrides={"injection": 3}).status == "ask"
    assert suv_factor(folder, overrides={"units": "GML"}).factors[0] == 1.0, "an SUV needs no dose"


def test_an_injection_that_is_not_there_is_not_taken(pet_series):
    assert suv_factor(pet_series(n=1), overrides={"injection": 2}).status == "ask"


def on_second_slice(edit):
    return {key: (lambda k, value=value: value if k == 1 else ...) for key, value in edit.items()}


ERRORS = {
    "negative uptake": (
        {"RadiopharmaceuticalStartTime": "123000", "RadiopharmaceuticalStartDateTime": "20240110123000"},
        "negative uptake",
    ),
    "negative uptake by date with time": (
        {"RadiopharmaceuticalStartTime": None, "RadiopharmaceuticalStartDateTime": "20240110123000"},
        "RadiopharmaceuticalStartDateTime (0018,1078)",
    ),
    "negative uptake with ADMIN": (
        [{"DecayCorrection": "ADMIN"}, {"clock": {"scan": "20240110120000", "start": "123000"}}],
        "negative uptake",
    ),
    "unknown decay word": ({"DecayCorrection": "SOMETIMES"}, "DecayCorrection (0054,1102) is SOMETIMES"),
    "no attenuation correction": ({"CorrectedImage": ["DECY"]}, "CorrectedImage (0028,0051)"),
    "no list of corrections": ({"CorrectedImage": None}, "CorrectedImage (0028,0051)"),
    "CNTS without a factor": ({"Units": "CNTS"}, "Units (0054,1001) is CNTS"),
    "CNTS with factors of another creator": (
        [{"Units": "CNTS"}, {"philips": {"suv": "0.0005", "creator": "SOMEONE ELSE"}}],
        "Units (0054,1001) is CNTS",
    ),
    "CNTS with both factors 0": (
        [{"Units": "CNTS"}, {"philips": {"suv": "0", "activity": "0"}}],
        "SUV Scale Factor (7053,1000)",
    ),
    "PROPCNTS": ({"Units": "PROPCNTS"}, "Units (0054,1001) is PROPCNTS"),
    "CPS": ({"Units": "CPS"}, "Units (0054,1001) is CPS"),
    "unknown unit": ({"Units": "KBQCC"}, "Units (0054,1001) is KBQCC"),
    "GML of body surface": ({"Units": "GML", "SUVType": "BSA"}, "SUVType (0054,1006)"),
    "unknown SUV type": ({"Units": "GML", "SUVType": "FAT"}, "SUVType (0054,1006)"),
    "another weight in a slice": (on_second_slice({"PatientWeight": 71}), "PatientWeight (0010,1030) differs"),
    "another patient in a slice": (on_second_slice({"PatientID": "P2"}), "PatientID (0010,0020) differs"),
    "another unit in a slice": (on_second_slice({"Units": "GML"}), "Units (0054,1001) differs"),
    "another decay word in a slice": (on_second_slice({"DecayCorrection": "ADMIN"}), "DecayCorrection (0054,1102)"),
    "another dose in a slice": (on_second_slice({"RadionuclideTotalDose": 371e6}), "RadionuclideTotalDose"),
    "another start in a slice": (
        on_second_slice({"RadiopharmaceuticalStartTime": "100001"}),
        "RadiopharmaceuticalStartTime (0018,1072) differs",
    ),
    "another series time in a slice": (on_second_slice({"SeriesTime": "120001"}), "SeriesTime (0008,0031) differs"),
    "no injection in a slice": (
        on_second_slice({"RadiopharmaceuticalInformationSequence": None}),
        "RadiopharmaceuticalInformationSequence",
    ),
    "no slope in a slice": (on_second_slice({"RescaleSlope": None}), "RescaleSlope (0028,1053)"),
    "slope 0 in a slice": (on_second_slice({"RescaleSlope": 0}), "RescaleSlope (0028,1053)"),
    "MIP": ({"ImageType": ["DERIVED", "SECONDARY", "MIP"]}, "ImageType (0008,0008)"),
    "reprojection": ({"SeriesType": ["WHOLE BODY", "REPROJECTION"]}, "SeriesType (0054,1000)"),
    "secondary capture": ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, "secondary capture"),
    "multi-frame secondary capture": ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7.4"}, "secondary capture"),
    "colour": ({"PhotometricInterpretation": "RGB"}, "PhotometricInterpretation (0028,0004)"),
    "multi-frame": ({"NumberOfFrames": 2, "Rows": 4}, "NumberOfFrames (0028,0008)"),
    "dynamic": ({"SeriesType": ["DYNAMIC", "IMAGE"]}, "dynamic PET by SeriesType (0054,1000)"),
    "several times": (
        {"NumberOfTimeSlices": 20, "SeriesType": None},
        "dynamic PET by NumberOfTimeSlices (0054,0101) 20",
    ),
    "gated": ({"SeriesType": ["GATED", "IMAGE"]}, "gated PET by SeriesType (0054,1000)"),
    "enhanced PET": ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.130"}, "enhanced PET"),
    "legacy enhanced PET": ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.128.1"}, "legacy converted enhanced PET"),
    "not PET": ({"Modality": "CT"}, "no PET series"),
    "NONE without acquisition time": ([UNCORRECTED, {"AcquisitionTime": None}], "AcquisitionTime (0008,0032)"),
    "NONE without frame duration": (
        [UNCORRECTED, {"ActualFrameDuration": None}],
        "ActualFrameDuration (0018,1242)",
    ),
    "NONE with one acquisition time for all beds": (
        [UNCORRECTED, {"FrameReferenceTime": lambda k: 1000.0 * 600 * k}],
        "AcquisitionTime (0008,0032) is the same",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_cannot_be_right_is_refused_by_name(pet_series, name):
    edit, sentence = ERRORS[name]
    result = suv_factor(pet_series(edit))
    assert result.status == "error", (result.status, result.reason)
    assert result.factors is None
    assert sentence in result.reason
    with pytest.raises(InputError) as refused:
        result.require()
    assert str(refused.value) == result.reason


def test_a_later_answer_corrects_a_header_that_needed_none(pet_series):
    result = suv_factor(pet_series(), overrides={"weight_kg": 35, "start": "2024-01-10 11:00"})
    assert result.factors[0] == pytest.approx(ADMIN / 2 * 2 ** (3600 / T))
    assert (result.label, result.inputs["start"].source) == ("user value", "user")


def test_an_implausible_dose_that_was_confirmed_is_a_warning(pet_series):
    folder = pet_series({"RadionuclideTotalDose": 20e6})
    assert suv_factor(folder).status == "ask"
    assert suv_factor(folder, overrides={"dose_bq": 20e6}).status == "ask"
    assert suv_factor(folder, overrides={"dose_bq": 20e6, "weight_kg": 70}).status == "warn"


@pytest.mark.parametrize(
    "overrides",
    [
        {"wieght_kg": 70},
        {"weight_kg": "heavy"},
        {"weight_kg": -1},
        {"dose_bq": "nan"},
        {"units": "PINTS"},
        {"decay_correction": "MAYBE"},
        {"start": "yesterday"},
        {"sex": "O"},
        {"injection": 0},
    ],
)
def test_an_impossible_answer_is_refused(pet_series, overrides):
    with pytest.raises(InputError, match=next(iter(overrides))):
        suv_factor(pet_series(n=1), overrides=overrides)


def test_an_unknown_normalisation_is_refused(pet_series):
    with pytest.raises(InputError, match="fat"):
        suv_factor(pet_series(n=1), norm="fat")

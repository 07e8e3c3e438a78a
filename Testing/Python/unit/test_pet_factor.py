"""The SUV factor: every step of the rule on DICOM files, right or refused."""

from __future__ import annotations

import copy
import math
import os
import time
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from HER2ImmunoCommonLib.dicom import scan
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.progress import Cancelled
from PETHypoxiaLib import suv_factor
from pydicom import dcmread
from pydicom.dataelem import DataElement

T = 6586.2
W, D = 70.0, 370e6
TWO_HOURS = 1000 * W / (D * 2 ** (-7200 / T))
PHILIPS, GE, SIEMENS = "Philips PET Private Group", "GEMS_PETD_01", "SIEMENS MED PT"


def tags(**values):
    """An edit that sets attributes by keyword; None removes one."""

    def edit(dataset, k):
        for keyword, value in values.items():
            if value is None:
                delattr(dataset, keyword)
            else:
                setattr(dataset, keyword, value)

    return edit


def injection(**values):
    """An edit of the radiopharmaceutical item."""

    def edit(dataset, k):
        tags(**values)(dataset.RadiopharmaceuticalInformationSequence[0], k)

    return edit


def private(creator, group, element, vr, value, block=0x10):
    def edit(dataset, k):
        if creator:
            dataset.add(DataElement((group, block), "LO", creator))
        dataset.add(DataElement((group, block << 8 | element), vr, value))

    return edit


def second_injection(dataset):
    item = copy.deepcopy(dataset.RadiopharmaceuticalInformationSequence[0])
    item.RadionuclideTotalDose = 185e6
    dataset.RadiopharmaceuticalInformationSequence.append(item)


def several(*edits):
    def edit(dataset, k):
        for one in edits:
            one(dataset, k)

    return edit


def clock(scan, start, *, start_datetime=None, series=None):
    """An edit to a scan and an injection at other moments (DICOM DT); the injection as a time of day."""
    series = series or scan
    return several(
        tags(SeriesDate=series[:8], SeriesTime=series[8:], AcquisitionDate=scan[:8], AcquisitionTime=scan[8:]),
        injection(RadiopharmaceuticalStartTime=start, RadiopharmaceuticalStartDateTime=start_datetime),
    )


def philips(suv=None, activity=None, creator=PHILIPS):
    pairs = [(0x00, suv), (0x09, activity)]
    return several(*(private(creator, 0x7053, place, "DS", value) for place, value in pairs if value is not None))


NO_HALF_LIFE_CODE = injection(RadionuclideHalfLife=None, RadionuclideCodeSequence=None)
UNCORRECTED = tags(DecayCorrection="NONE", CorrectedImage=["ATTN", "SCAT"])


def test_a_complete_header_gives_the_factor_without_a_word(pet_series):
    result = suv_factor(pet_series(n=3))
    assert (result.status, result.warnings, result.questions, result.errors) == ("ok", (), (), ())
    assert result.factors == pytest.approx([TWO_HOURS] * 3, rel=1e-12)
    assert result.unit == "{SUVbw}g/ml"
    assert result.label == ""
    assert result.inputs["dose_bq"].source == "RadionuclideTotalDose (0018,1074)"
    assert len(result.sop_uids) == 3


ADMIN = 1000 * W / D


def none_factor(elapsed_s, duration_s=600.0, half_life_s=T):
    x = math.log(2) / half_life_s * duration_s
    return 1000 * W / D * x / (1 - math.exp(-x)) * 2 ** (elapsed_s / half_life_s)


FACTORS = {
    "START": (None, TWO_HOURS),
    "ADMIN": (tags(DecayCorrection="ADMIN"), ADMIN),
    "NONE": (UNCORRECTED, none_factor(7200)),
    "START lower case with blanks": (tags(DecayCorrection="START "), TWO_HOURS),
    "GML means SUVbw": (tags(Units="GML"), 1.0),
    "GML of two injections": (
        several(tags(Units="GML"), lambda dataset, k: second_injection(dataset)),
        1.0,
    ),
    "start and reference each in a zone of its own": (
        several(
            tags(DecayCorrectionDateTime="20240110170000+0500"),
            injection(RadiopharmaceuticalStartDateTime="20240110100000+0000"),
        ),
        TWO_HOURS,
    ),
    "GML of type BW": (tags(Units="GML", SUVType="BW"), 1.0),
    "GML ADMIN": (tags(Units="GML", DecayCorrection="ADMIN"), 1.0),
    "GML without dose, start or weight": (
        several(
            tags(Units="GML", PatientWeight=None),
            injection(RadionuclideTotalDose=0, RadiopharmaceuticalStartTime="", RadiopharmaceuticalStartDateTime=""),
        ),
        1.0,
    ),
    "CM2ML": (tags(Units="CM2ML"), 1000 * W / (0.007184 * W**0.425 * 175**0.725 * 1e4)),
    "GML of LBM by Janmahasatian": (
        tags(Units="GML", SUVType="LBMJANMA"),
        (8780 + 244 * W / 1.75**2) / 9270,
    ),
    "GML of LBM by James": (
        tags(Units="GML", SUVType="LBMJAMES128"),
        W / (1.07 * W - 148 * (W / 175) ** 2),
    ),
    "GML of LBM, a man": (
        tags(Units="GML", SUVType="LBM", PatientSex="M"),
        W / (1.10 * W - 120 * (W / 175) ** 2),
    ),
    "GML of ideal weight": (tags(Units="GML", SUVType="IBW"), W / (45.5 + 0.91 * 23)),
    "CNTS Philips SUV factor": (several(tags(Units="CNTS"), philips(suv="0.0005")), 0.0005),
    "CNTS Philips activity factor": (several(tags(Units="CNTS"), philips(activity="1.5")), 1.5 * TWO_HOURS),
    "CNTS Philips SUV factor 0": (several(tags(Units="CNTS"), philips("0", "1.5")), 1.5 * TWO_HOURS),
    "CNTS Philips ADMIN": (
        several(tags(Units="CNTS", DecayCorrection="ADMIN"), philips(activity="1.5")),
        1.5 * ADMIN,
    ),
    "CNTS Philips NONE": (several(UNCORRECTED, tags(Units="CNTS"), philips(activity="1.5")), 1.5 * none_factor(7200)),
    "CNTS Philips in another block": (
        several(tags(Units="CNTS"), private(PHILIPS, 0x7053, 0, "DS", "0.0005", block=0x12)),
        0.0005,
    ),
    "Philips BQML whose factors agree": (philips(f"{TWO_HOURS * 2:.9g}", "2"), TWO_HOURS),
    "GE scan time": (private(GE, 0x0009, 0x0D, "DT", "20240110120000.00"), TWO_HOURS),
    "Siemens reference time": (private(SIEMENS, 0x0071, 0x22, "DT", "20240110120000"), TWO_HOURS),
    "DecayCorrectionDateTime": (tags(DecayCorrectionDateTime="20240110120000"), TWO_HOURS),
    "midnight": (clock("20240110010000", "230000"), TWO_HOURS),
    "year end": (clock("20240101010000", "230000", start_datetime="20231231230000"), TWO_HOURS),
    "leap day": (clock("20240301010000", "230000", start_datetime="20240229230000"), TWO_HOURS),
    "not a leap year": (clock("20230301010000", "230000"), TWO_HOURS),
    "start time only": (injection(RadiopharmaceuticalStartDateTime=None), TWO_HOURS),
    "start date with time only": (injection(RadiopharmaceuticalStartTime=None), TWO_HOURS),
    "start time as HH": (clock("20240110120000", "10"), TWO_HOURS),
    "start time as HHMM": (clock("20240110120000", "1000"), TWO_HOURS),
    "start time with colons": (clock("20240110120000", "10:00:00"), TWO_HOURS),
    "start time with fraction": (clock("20240110120000", "100000.500000"), ADMIN * 2 ** (7199.5 / T)),
    "start with the zone of the series": (
        several(
            tags(TimezoneOffsetFromUTC="+0100"),
            injection(RadiopharmaceuticalStartDateTime="20240110100000+0100"),
        ),
        TWO_HOURS,
    ),
    "start in another zone, another day": (
        several(
            tags(TimezoneOffsetFromUTC="+1300"),
            injection(RadiopharmaceuticalStartDateTime="20240109210000+0000", RadiopharmaceuticalStartTime=None),
        ),
        TWO_HOURS,
    ),
    "start with a zone where the series has none": (
        injection(RadiopharmaceuticalStartDateTime="20240110100000-0500"),
        TWO_HOURS,
    ),
    "weight as text with many digits": (tags(PatientWeight="70.0000"), TWO_HOURS),
    "half-life of 109.8 min": (injection(RadionuclideHalfLife=6588.0), ADMIN * 2 ** (7200 / 6588)),
    "start within a minute of itself": (injection(RadiopharmaceuticalStartTime="100059"), TWO_HOURS),
}


@pytest.mark.parametrize("name", FACTORS)
def test_the_factor_follows_units_decay_vendor_and_clock(pet_series, name):
    edit, expected = FACTORS[name]
    result = suv_factor(pet_series(edit))
    assert result.status == "ok", result.reason
    assert result.factors == pytest.approx([expected] * 4, rel=1e-7)


WARNINGS = {
    "dose in MBq": (injection(RadionuclideTotalDose=370), TWO_HOURS, "370 MBq"),
    "half-life from the nuclide": (injection(RadionuclideHalfLife=None), TWO_HOURS, "half-life of F-18, 6586.2 s"),
    "half-life 0": (injection(RadionuclideHalfLife=0), TWO_HOURS, "half-life of F-18"),
    "date shift": (injection(RadiopharmaceuticalStartDateTime="20010110100000"), TWO_HOURS, "date shift"),
    "FDG": (injection(Radiopharmaceutical="FDG"), TWO_HOURS, "not FMISO"),
    "no tracer": (injection(Radiopharmaceutical=None), TWO_HOURS, "does not name the tracer"),
    "short uptake": (clock("20240110110000", "100000"), ADMIN * 2 ** (3600 / T), "uptake time is 60 min"),
    "long uptake": (clock("20240110150000", "100000"), ADMIN * 2 ** (18000 / T), "uptake time is 300 min"),
    "intercept": (tags(RescaleIntercept=-5), TWO_HOURS, "RescaleIntercept (0028,1052) is not 0"),
    "mouse": (
        several(tags(PatientWeight=0.025), injection(RadionuclideTotalDose=7.4e6)),
        TWO_HOURS * 0.025 / W * D / 7.4e6,
        "small animal",
    ),
    "Philips without its creator": (
        several(tags(Units="CNTS"), private("", 0x7053, 0, "DS", "0.0005")),
        0.0005,
        "private creator",
    ),
    "Philips factors that disagree": (philips("0.001", "2"), TWO_HOURS, "check these"),
    "GE scan time before the series time": (
        private(GE, 0x0009, 0x0D, "DT", "20240110115000"),
        ADMIN * 2 ** (6600 / T),
        "10.0 min apart",
    ),
    "Siemens reference time before the series time": (
        private(SIEMENS, 0x0071, 0x22, "DT", "20240110115000"),
        ADMIN * 2 ** (6600 / T),
        "10.0 min apart",
    ),
    "GE time of injection": (
        several(
            injection(RadiopharmaceuticalStartTime=None, RadiopharmaceuticalStartDateTime=None),
            private(GE, 0x0009, 0x3B, "DT", "20240110100000"),
        ),
        TWO_HOURS,
        "GE administration datetime (0009,103B)",
    ),
    "no better time than the acquisition": (
        tags(SeriesTime="130000", FrameReferenceTime=None),
        TWO_HOURS,
        "earliest acquisition",
    ),
    "DecayFactor against FrameReferenceTime": (tags(DecayFactor=1.2), TWO_HOURS, "do not agree"),
    "ADMIN without a start": (
        several(
            tags(DecayCorrection="ADMIN"),
            injection(RadiopharmaceuticalStartTime=None, RadiopharmaceuticalStartDateTime=None),
        ),
        ADMIN,
        "uptake time is not known",
    ),
    "SUV without decay correction": (tags(Units="GML", DecayCorrection="NONE"), 1.0, "DecayCorrection"),
    "zone of the start only": (
        injection(RadiopharmaceuticalStartDateTime="20240110100000-0500", RadiopharmaceuticalStartTime=None),
        TWO_HOURS,
        "names its time zone",
    ),
    "slice gap": (
        lambda dataset, k: tags(ImagePositionPatient=[0, 0, 4.0 * k + (4.0 if k > 1 else 0)])(dataset, k),
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
    "no weight": (tags(PatientWeight=None), "weight_kg", "70", TWO_HOURS),
    "weight empty": (tags(PatientWeight=""), "weight_kg", "70", TWO_HOURS),
    "weight 0": (tags(PatientWeight=0), "weight_kg", 70, TWO_HOURS),
    "weight in grams": (tags(PatientWeight=70000), "weight_kg", 70, TWO_HOURS),
    "weight not a number": (
        lambda dataset, k: dataset.add(DataElement(0x00101030, "LO", "heavy")),
        "weight_kg",
        70,
        TWO_HOURS,
    ),
    "no dose": (injection(RadionuclideTotalDose=None), "dose_bq", "370e6", TWO_HOURS),
    "dose 0": (injection(RadionuclideTotalDose=0), "dose_bq", 370e6, TWO_HOURS),
    "dose in kBq": (injection(RadionuclideTotalDose=370e3), "dose_bq", 370e6, TWO_HOURS),
    "mouse weight in grams": (
        several(tags(PatientWeight=25), injection(RadionuclideTotalDose=7.4e6)),
        "weight_kg",
        0.025,
        TWO_HOURS * 0.025 / W * D / 7.4e6,
    ),
    "no start": (
        injection(RadiopharmaceuticalStartTime=None, RadiopharmaceuticalStartDateTime=None),
        "start",
        "2024-01-10 10:00:00",
        TWO_HOURS,
    ),
    "start empty": (
        injection(RadiopharmaceuticalStartTime="", RadiopharmaceuticalStartDateTime=None),
        "start",
        "10:00",
        TWO_HOURS,
    ),
    "start not a time": (
        injection(RadiopharmaceuticalStartTime="ten", RadiopharmaceuticalStartDateTime=None),
        "start",
        "100000",
        TWO_HOURS,
    ),
    "starts in conflict": (injection(RadiopharmaceuticalStartTime="100500"), "start", "20240110100000", TWO_HOURS),
    "start more than five half-lives before": (
        injection(RadiopharmaceuticalStartDateTime="20240110010000", RadiopharmaceuticalStartTime=None),
        "start",
        "10:00:00",
        TWO_HOURS,
    ),
    "no units": (tags(Units=None), "units", "bqml", TWO_HOURS),
    "no decay word": (tags(DecayCorrection=None), "decay_correction", "START", TWO_HOURS),
    "DECY missing with START": (tags(CorrectedImage=["ATTN"]), "decay_correction", "START", TWO_HOURS),
    "DECY with NONE": (tags(DecayCorrection="NONE"), "decay_correction", "START", TWO_HOURS),
    "DecayFactor with NONE": (
        several(UNCORRECTED, tags(DecayFactor=1.03)),
        "decay_correction",
        "NONE",
        none_factor(7200),
    ),
    "half-life of another nuclide": (injection(RadionuclideHalfLife=4069.8), "half_life_s", 6586.2, TWO_HOURS),
    "no half-life, no nuclide": (NO_HALF_LIFE_CODE, "half_life_s", 6586.2, TWO_HOURS),
    "no reference time": (
        tags(SeriesTime=None, AcquisitionTime=None),
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


def test_everything_missing_is_asked_at_once(pet_series):
    edit = several(
        tags(PatientWeight=None, DecayCorrection=None),
        injection(
            RadionuclideTotalDose=None,
            RadionuclideHalfLife=None,
            RadionuclideCodeSequence=None,
            RadiopharmaceuticalStartTime=None,
            RadiopharmaceuticalStartDateTime=None,
        ),
    )
    result = suv_factor(pet_series(edit))
    keys = {question.key for question in result.questions}
    assert keys == {"weight_kg", "decay_correction", "dose_bq", "half_life_s", "start"}


def test_of_two_injections_the_user_says_which(pet_series):
    folder = pet_series(lambda dataset, k: second_injection(dataset))
    asked = suv_factor(folder)
    assert (asked.status, asked.questions[0].key) == ("ask", "injection")
    assert suv_factor(folder, overrides={"injection": "1"}).factors[0] == pytest.approx(TWO_HOURS)
    assert suv_factor(folder, overrides={"injection": 2}).factors[0] == pytest.approx(2 * TWO_HOURS)
    assert suv_factor(folder, overrides={"injection": 3}).status == "ask"


def test_an_injection_that_is_not_there_is_not_taken(pet_series):
    assert suv_factor(pet_series(n=1), overrides={"injection": 2}).status == "ask"


def on_second_slice(edit):
    return lambda dataset, k: edit(dataset, k) if k == 1 else None


ERRORS = {
    "negative uptake": (
        injection(RadiopharmaceuticalStartTime="123000", RadiopharmaceuticalStartDateTime="20240110123000"),
        "negative uptake",
    ),
    "negative uptake by date with time": (
        injection(RadiopharmaceuticalStartTime=None, RadiopharmaceuticalStartDateTime="20240110123000"),
        "RadiopharmaceuticalStartDateTime (0018,1078)",
    ),
    "negative uptake with ADMIN": (
        several(tags(DecayCorrection="ADMIN"), clock("20240110120000", "123000")),
        "negative uptake",
    ),
    "unknown decay word": (tags(DecayCorrection="SOMETIMES"), "DecayCorrection (0054,1102) is SOMETIMES"),
    "no attenuation correction": (tags(CorrectedImage=["DECY"]), "CorrectedImage (0028,0051)"),
    "no list of corrections": (tags(CorrectedImage=None), "CorrectedImage (0028,0051)"),
    "CNTS without a factor": (tags(Units="CNTS"), "Units (0054,1001) is CNTS"),
    "CNTS with factors of another creator": (
        several(tags(Units="CNTS"), philips("0.0005", creator="SOMEONE ELSE")),
        "Units (0054,1001) is CNTS",
    ),
    "CNTS with both factors 0": (several(tags(Units="CNTS"), philips("0", "0")), "SUV Scale Factor (7053,1000)"),
    "PROPCNTS": (tags(Units="PROPCNTS"), "Units (0054,1001) is PROPCNTS"),
    "CPS": (tags(Units="CPS"), "Units (0054,1001) is CPS"),
    "unknown unit": (tags(Units="KBQCC"), "Units (0054,1001) is KBQCC"),
    "GML of body surface": (tags(Units="GML", SUVType="BSA"), "SUVType (0054,1006)"),
    "unknown SUV type": (tags(Units="GML", SUVType="FAT"), "SUVType (0054,1006)"),
    "another weight in a slice": (on_second_slice(tags(PatientWeight=71)), "PatientWeight (0010,1030) differs"),
    "another patient in a slice": (on_second_slice(tags(PatientID="P2")), "PatientID (0010,0020) differs"),
    "another unit in a slice": (on_second_slice(tags(Units="GML")), "Units (0054,1001) differs"),
    "another decay word in a slice": (on_second_slice(tags(DecayCorrection="ADMIN")), "DecayCorrection (0054,1102)"),
    "another dose in a slice": (on_second_slice(injection(RadionuclideTotalDose=371e6)), "RadionuclideTotalDose"),
    "another start in a slice": (
        on_second_slice(injection(RadiopharmaceuticalStartTime="100001")),
        "RadiopharmaceuticalStartTime (0018,1072) differs",
    ),
    "another series time in a slice": (on_second_slice(tags(SeriesTime="120001")), "SeriesTime (0008,0031) differs"),
    "no injection in a slice": (
        on_second_slice(tags(RadiopharmaceuticalInformationSequence=None)),
        "RadiopharmaceuticalInformationSequence",
    ),
    "no slope in a slice": (on_second_slice(tags(RescaleSlope=None)), "RescaleSlope (0028,1053)"),
    "slope 0 in a slice": (on_second_slice(tags(RescaleSlope=0)), "RescaleSlope (0028,1053)"),
    "MIP": (tags(ImageType=["DERIVED", "SECONDARY", "MIP"]), "ImageType (0008,0008)"),
    "reprojection": (tags(SeriesType=["WHOLE BODY", "REPROJECTION"]), "SeriesType (0054,1000)"),
    "secondary capture": (tags(SOPClassUID="1.2.840.10008.5.1.4.1.1.7"), "secondary capture"),
    "multi-frame secondary capture": (tags(SOPClassUID="1.2.840.10008.5.1.4.1.1.7.4"), "secondary capture"),
    "colour": (tags(PhotometricInterpretation="RGB"), "PhotometricInterpretation (0028,0004)"),
    "multi-frame": (tags(NumberOfFrames=2, Rows=4), "NumberOfFrames (0028,0008)"),
    "enhanced PET": (tags(SOPClassUID="1.2.840.10008.5.1.4.1.1.130"), "enhanced PET"),
    "legacy enhanced PET": (tags(SOPClassUID="1.2.840.10008.5.1.4.1.1.128.1"), "legacy converted enhanced PET"),
    "not PET": (tags(Modality="CT"), "no PET series"),
    "NONE without acquisition time": (several(UNCORRECTED, tags(AcquisitionTime=None)), "AcquisitionTime (0008,0032)"),
    "NONE without frame duration": (
        several(UNCORRECTED, tags(ActualFrameDuration=None)),
        "ActualFrameDuration (0018,1242)",
    ),
    "NONE with one acquisition time for all beds": (
        several(UNCORRECTED, lambda dataset, k: tags(FrameReferenceTime=1000.0 * 600 * k)(dataset, k)),
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


def test_candidates_of_the_reference_time_are_listed_with_their_factors(pet_series):
    result = suv_factor(pet_series(private(GE, 0x0009, 0x0D, "DT", "20240110115000")))
    noon = datetime(2024, 1, 10, 12)
    times = [one.time for one in result.candidates]
    assert times[0] == noon - timedelta(minutes=10)
    assert [abs(when - noon) < timedelta(seconds=0.01) for when in times[1:]] == [True] * 3
    assert [one.factor for one in result.candidates] == pytest.approx([ADMIN * 2 ** (6600 / T)] + [TWO_HOURS] * 3)
    text = next(text for text in result.warnings if "apart" in text)
    assert all(f"{one.factor:.6e}" in text for one in result.candidates)


def test_a_series_made_after_the_scan_counts_from_its_frames(pet_series):
    """A late reconstruction: the series time is of no use, the frame at 12:30 says how long after its reference."""
    edit = tags(SeriesTime="180000", AcquisitionTime="123000", FrameReferenceTime=298422.0 + 1800e3)
    result = suv_factor(pet_series(edit))
    assert result.factors[0] == pytest.approx(TWO_HOURS, rel=1e-7)
    assert result.inputs["reference"].source.endswith("FrameReferenceTime (0054,1300)")


def test_a_frame_reference_that_counts_from_the_frame_start_is_known_by_its_decay_factor(pet_series):
    """GE writes the start of the frame as FrameReferenceTime, and a DecayFactor that corrects for the frame too."""
    x = math.log(2) / T * 600
    edit = tags(
        SeriesTime="180000", FrameReferenceTime=0.0, DecayFactor=f"{x / (1 - math.exp(-x)):.5f}", AcquisitionTime="1200"
    )
    result = suv_factor(pet_series(edit))
    assert result.factors[0] == pytest.approx(TWO_HOURS, rel=1e-9)
    assert result.cross_checks["decay_factor"] == pytest.approx(1.0, abs=1e-4)


def test_beds_with_one_repeated_acquisition_time_keep_to_the_series_time(pet_series):
    result = suv_factor(pet_series(lambda dataset, k: tags(FrameReferenceTime=1000.0 * 240 * k)(dataset, k)))
    assert result.status == "ok"
    assert result.factors == pytest.approx([TWO_HOURS] * 4)
    assert all("FrameReferenceTime" not in one.source for one in result.candidates)


def test_without_decay_correction_each_bed_has_its_own_factor(pet_series):
    def edit(dataset, k):
        UNCORRECTED(dataset, k)
        dataset.AcquisitionTime = f"12{10 * k:02d}00"
        dataset.ActualFrameDuration = 600000 + 60000 * k

    result = suv_factor(pet_series(edit))
    expected = [none_factor(7200 + 600 * k, 600 + 60 * k) for k in range(4)]
    assert result.factors == pytest.approx(expected, rel=1e-9)


def test_decay_over_midnight_and_a_shifted_date_together(pet_series):
    edit = clock("20240110010000", "230000", start_datetime="19990531230000")
    result = suv_factor(pet_series(edit))
    assert result.factors[0] == pytest.approx(TWO_HOURS)
    assert "date shift" in result.reason


@pytest.mark.parametrize(
    ("norm", "sex", "size_g", "unit"),
    [
        ("lbm", "M", 1000 * 9270 * W / (6680 + 216 * W / 1.75**2), "{SUVlbm}g/ml"),
        ("lbm", "F", 1000 * 9270 * W / (8780 + 244 * W / 1.75**2), "{SUVlbm}g/ml"),
        ("lbm_james", "M", 1000 * (1.10 * W - 128 * (W / 175) ** 2), "{SUVlbm}g/ml"),
        ("lbm_james", "F", 1000 * (1.07 * W - 148 * (W / 175) ** 2), "{SUVlbm}g/ml"),
        ("lbm_morgan", "M", 1000 * (1.10 * W - 120 * (W / 175) ** 2), "{SUVlbm}g/ml"),
        ("ibw", "M", 1000 * (48 + 1.06 * 23), "{SUVibw}g/ml"),
        ("ibw", "F", 1000 * (45.5 + 0.91 * 23), "{SUVibw}g/ml"),
        ("bsa", "F", 1e4 * 0.007184 * W**0.425 * 175**0.725, "{SUVbsa}cm2/ml"),
    ],
)
@pytest.mark.parametrize("height", [1.75, 175])
def test_normalisations(pet_series, norm, sex, size_g, unit, height):
    result = suv_factor(pet_series(tags(PatientSex=sex, PatientSize=height), n=1), norm=norm)
    assert result.factors == pytest.approx([TWO_HOURS * size_g / (1000 * W)], rel=1e-9)
    assert result.unit == unit


@pytest.mark.parametrize(("keyword", "key", "given"), [("PatientSex", "sex", "F"), ("PatientSize", "height_cm", 175)])
@pytest.mark.parametrize("value", ["", None])
def test_a_normalisation_asks_for_what_only_it_needs(pet_series, keyword, key, given, value):
    folder = pet_series(tags(**{keyword: value}), n=1)
    assert suv_factor(folder).status == "ok"
    asked = suv_factor(folder, norm="lbm")
    assert [question.key for question in asked.questions] == [key]
    assert suv_factor(folder, norm="lbm", overrides={key: given}).label == "user value"


def test_sex_other_is_asked_for_lean_mass(pet_series):
    assert suv_factor(pet_series(tags(PatientSex="O"), n=1), norm="lbm").questions[0].key == "sex"


def test_lean_mass_below_zero_is_refused(pet_series):
    folder = pet_series(tags(PatientWeight=250, PatientSize=1.5, PatientSex="F"), n=1)
    result = suv_factor(folder, norm="lbm_james", overrides={"dose_bq": 500e6})
    assert (result.status, result.factors) == ("error", None)


def test_a_later_answer_corrects_a_header_that_needed_none(pet_series):
    result = suv_factor(pet_series(), overrides={"weight_kg": 35, "start": "2024-01-10 11:00"})
    assert result.factors[0] == pytest.approx(ADMIN / 2 * 2 ** (3600 / T))
    assert (result.label, result.inputs["start"].source) == ("user value", "user")


def test_an_implausible_dose_that_was_confirmed_is_a_warning(pet_series):
    folder = pet_series(injection(RadionuclideTotalDose=20e6))
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


def test_two_pet_series_are_a_question(pet_series):
    first = pet_series(tags(SeriesNumber=3), name="both/a", n=1)
    pet_series(several(tags(SeriesNumber=4), injection(RadionuclideTotalDose=185e6)), name="both/b", n=1)
    asked = suv_factor(first.parent)
    assert (asked.status, asked.questions[0].key) == ("ask", "series")
    assert suv_factor(first.parent, overrides={"series": "4"}).factors[0] == pytest.approx(2 * TWO_HOURS)
    uid = str(dcmread(first / "000.dcm").SeriesInstanceUID)
    assert suv_factor(first.parent, overrides={"series": uid}).factors[0] == pytest.approx(TWO_HOURS)
    assert "no PET series 9" in suv_factor(first.parent, overrides={"series": "9"}).reason


def test_the_uncorrected_twin_of_a_series_and_its_ct_are_passed_over(pet_series):
    folder = pet_series(name="all/ac", n=2)
    pet_series(tags(CorrectedImage=["DECY"]), name="all/nac", n=2)
    pet_series(tags(Modality="CT", Units=None), name="all/ct", n=2)
    assert suv_factor(folder.parent).factors == pytest.approx([TWO_HOURS] * 2)


def test_headers_files_and_folder_give_the_same(pet_series):
    folder = pet_series(n=2)
    files = sorted(folder.iterdir())
    headers = [dcmread(path) for path in files]
    for source in (folder, str(folder), files, headers, scan(folder)[0], files[0]):
        assert suv_factor(source).factors[0] == TWO_HOURS == pytest.approx(TWO_HOURS)


@pytest.mark.parametrize("source", [[], "nowhere"])
def test_nothing_to_read_is_an_error(source):
    with pytest.raises(InputError):
        suv_factor(source)


def test_reading_can_be_cancelled(pet_series):
    def stop(fraction, text):
        raise Cancelled

    with pytest.raises(Cancelled):
        suv_factor(pet_series(), report=stop)


def test_the_real_ge_series(capsys):
    data = Path(os.environ.get("HER2IMMUNO_DATA", Path(__file__).resolve().parents[4] / "shared/data"))
    folder = data / "pet/sts001_fdg_ge/image"
    if not folder.is_dir():
        pytest.skip("the reference data (HER2IMMUNO_DATA) are not here")
    (series,) = scan(folder)
    started = time.perf_counter()
    result = suv_factor(series)
    seconds = time.perf_counter() - started
    with capsys.disabled():
        print(f"\nSUV factor of {len(series.headers)} slices: {seconds:.3f} s beyond reading the headers")
    assert result.factors == pytest.approx(np.full(267, 2.429030e-4), rel=1e-6)
    assert result.status == "warn"
    assert "not FMISO" in result.reason
    assert result.cross_checks["decay_factor"] == pytest.approx(1.0, abs=1e-4)

"""The SUV factor: units, decay, times and normalisations on DICOM files, against the formulas."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import pytest
from PETHypoxiaLib import suv_factor

T = 6586.2
W, D = 70.0, 370e6
TWO_HOURS = 1000 * W / (D * 2 ** (-7200 / T))
PHILIPS, GE, SIEMENS = "Philips PET Private Group", "GEMS_PETD_01", "SIEMENS MED PT"
ADMIN = 1000 * W / D
UNCORRECTED = {"DecayCorrection": "NONE", "CorrectedImage": ["ATTN", "SCAT"]}


def none_factor(elapsed_s, duration_s=600.0, half_life_s=T):
    x = math.log(2) / half_life_s * duration_s
    return 1000 * W / D * x / (1 - math.exp(-x)) * 2 ** (elapsed_s / half_life_s)


def test_a_complete_header_gives_the_factor_without_a_word(pet_series):
    result = suv_factor(pet_series(n=3))
    assert (result.status, result.warnings, result.questions, result.errors) == ("ok", (), (), ())
    assert result.factors == pytest.approx([TWO_HOURS] * 3, rel=1e-12)
    assert result.unit == "{SUVbw}g/ml"
    assert result.label == ""
    assert result.inputs["dose_bq"].source == "RadionuclideTotalDose (0018,1074)"
    assert len(result.sop_uids) == 3


FACTORS = {
    "START": (None, TWO_HOURS),
    "ADMIN": ({"DecayCorrection": "ADMIN"}, ADMIN),
    "NONE": (UNCORRECTED, none_factor(7200)),
    "START lower case with blanks": ({"DecayCorrection": "START "}, TWO_HOURS),
    "GML means SUVbw": ({"Units": "GML"}, 1.0),
    "start and reference each in a zone of its own": (
        [
            {"DecayCorrectionDateTime": "20240110170000+0500"},
            {"RadiopharmaceuticalStartDateTime": "20240110100000+0000"},
        ],
        TWO_HOURS,
    ),
    "GML of type BW": ({"Units": "GML", "SUVType": "BW"}, 1.0),
    "GML ADMIN": ({"Units": "GML", "DecayCorrection": "ADMIN"}, 1.0),
    "GML without dose, start or weight": (
        [
            {"Units": "GML", "PatientWeight": None},
            {"RadionuclideTotalDose": 0, "RadiopharmaceuticalStartTime": "", "RadiopharmaceuticalStartDateTime": ""},
        ],
        1.0,
    ),
    "CM2ML": ({"Units": "CM2ML"}, 1000 * W / (0.007184 * W**0.425 * 175**0.725 * 1e4)),
    "GML of LBM by Janmahasatian": (
        {"Units": "GML", "SUVType": "LBMJANMA"},
        (8780 + 244 * W / 1.75**2) / 9270,
    ),
    "GML of LBM by James": (
        {"Units": "GML", "SUVType": "LBMJAMES128"},
        W / (1.07 * W - 148 * (W / 175) ** 2),
    ),
    "GML of LBM, a man": (
        {"Units": "GML", "SUVType": "LBM", "PatientSex": "M"},
        W / (1.10 * W - 120 * (W / 175) ** 2),
    ),
    "GML of ideal weight": ({"Units": "GML", "SUVType": "IBW"}, W / (45.5 + 0.91 * 23)),
    "CNTS Philips SUV factor": ([{"Units": "CNTS"}, {"philips": {"suv": "0.0005"}}], 0.0005),
    "CNTS Philips activity factor": ([{"Units": "CNTS"}, {"philips": {"activity": "1.5"}}], 1.5 * TWO_HOURS),
    "CNTS Philips SUV factor 0": ([{"Units": "CNTS"}, {"philips": {"suv": "0", "activity": "1.5"}}], 1.5 * TWO_HOURS),
    "CNTS Philips ADMIN": (
        [{"Units": "CNTS", "DecayCorrection": "ADMIN"}, {"philips": {"activity": "1.5"}}],
        1.5 * ADMIN,
    ),
    "CNTS Philips NONE": ([UNCORRECTED, {"Units": "CNTS"}, {"philips": {"activity": "1.5"}}], 1.5 * none_factor(7200)),
    "CNTS Philips in another block": (
        [{"Units": "CNTS"}, {(PHILIPS, 0x7053, 0x1200, "DS"): "0.0005"}],
        0.0005,
    ),
    "Philips BQML whose factors agree": ({"philips": {"suv": f"{TWO_HOURS * 2:.9g}", "activity": "2"}}, TWO_HOURS),
    "GE scan time": ({(GE, 0x0009, 0x100D, "DT"): "20240110120000.00"}, TWO_HOURS),
    "Siemens reference time": ({(SIEMENS, 0x0071, 0x1022, "DT"): "20240110120000"}, TWO_HOURS),
    "DecayCorrectionDateTime": ({"DecayCorrectionDateTime": "20240110120000"}, TWO_HOURS),
    "midnight": ({"clock": {"scan": "20240110010000", "start": "230000"}}, TWO_HOURS),
    "year end": (
        {"clock": {"scan": "20240101010000", "start": "230000", "start_datetime": "20231231230000"}},
        TWO_HOURS,
    ),
    "leap day": (
        {"clock": {"scan": "20240301010000", "start": "230000", "start_datetime": "20240229230000"}},
        TWO_HOURS,
    ),
    "not a leap year": ({"clock": {"scan": "20230301010000", "start": "230000"}}, TWO_HOURS),
    "start time only": ({"RadiopharmaceuticalStartDateTime": None}, TWO_HOURS),
    "start date with time only": ({"RadiopharmaceuticalStartTime": None}, TWO_HOURS),
    "start time as HH": ({"clock": {"scan": "20240110120000", "start": "10"}}, TWO_HOURS),
    "start time as HHMM": ({"clock": {"scan": "20240110120000", "start": "1000"}}, TWO_HOURS),
    "start time with colons": ({"clock": {"scan": "20240110120000", "start": "10:00:00"}}, TWO_HOURS),
    "start time with fraction": (
        {"clock": {"scan": "20240110120000", "start": "100000.500000"}},
        ADMIN * 2 ** (7199.5 / T),
    ),
    "start time with a zone suffix": ({"clock": {"scan": "20240110120000", "start": "100000+0100"}}, TWO_HOURS),
    "start time with the suffix of another zone": (
        [{"clock": {"scan": "20240110010000", "start": "220000+0000"}}, {"TimezoneOffsetFromUTC": "+0100"}],
        TWO_HOURS,
    ),
    "start with the zone of the series": (
        [{"TimezoneOffsetFromUTC": "+0100"}, {"RadiopharmaceuticalStartDateTime": "20240110100000+0100"}],
        TWO_HOURS,
    ),
    "start in another zone, another day": (
        [
            {"TimezoneOffsetFromUTC": "+1300"},
            {"RadiopharmaceuticalStartDateTime": "20240109210000+0000", "RadiopharmaceuticalStartTime": None},
        ],
        TWO_HOURS,
    ),
    "start with a zone where the series has none": (
        {"RadiopharmaceuticalStartDateTime": "20240110100000-0500"},
        TWO_HOURS,
    ),
    "weight as text with many digits": ({"PatientWeight": "70.0000"}, TWO_HOURS),
    "half-life of 109.8 min": ({"RadionuclideHalfLife": 6588.0}, ADMIN * 2 ** (7200 / 6588)),
    "start within a minute of itself": ({"RadiopharmaceuticalStartTime": "100059"}, TWO_HOURS),
}


@pytest.mark.parametrize("name", FACTORS)
def test_the_factor_follows_units_decay_vendor_and_clock(pet_series, name):
    edit, expected = FACTORS[name]
    result = suv_factor(pet_series(edit))
    assert result.status == "ok", result.reason
    assert result.factors == pytest.approx([expected] * 4, rel=1e-7)


SURFACE_CM2 = 1e4 * 0.007184 * W**0.425 * 175**0.725
UNITS = {
    "BQML": ({"Units": "BQML"}, None),
    "CNTS by activity": ({"Units": "CNTS", "philips": {"activity": "2.5"}}, None),
    "CNTS by SUV": ({"Units": "CNTS", "philips": {"suv": "0.0004"}}, 0.0004),
    "GML": ({"Units": "GML"}, 1.0),
    "CM2ML": ({"Units": "CM2ML"}, 1000 * W / SURFACE_CM2),
}
WORDS = {"START": TWO_HOURS, "ADMIN": ADMIN, "NONE": none_factor(7200)}
VENDORS = {
    "no private time": {},
    "GE": {(GE, 0x0009, 0x100D, "DT"): "20240110120000"},
    "Siemens": {(SIEMENS, 0x0071, 0x1022, "DT"): "20240110120000.000000"},
}


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("units", UNITS)
def test_every_unit_with_every_decay_word_and_vendor(pet_series, units, word, vendor):
    scaling, of_suv = UNITS[units]
    decay = UNCORRECTED if word == "NONE" else {"DecayCorrection": word}
    result = suv_factor(pet_series({**scaling, **decay, **VENDORS[vendor]}, n=2))
    per_count = 2.5 if units == "CNTS by activity" else 1.0
    assert result.factors == pytest.approx([of_suv or per_count * WORDS[word]] * 2, rel=1e-7)
    assert result.status == ("warn" if of_suv and word == "NONE" else "ok")


def test_candidates_of_the_reference_time_are_listed_with_their_factors(pet_series):
    result = suv_factor(pet_series({(GE, 0x0009, 0x100D, "DT"): "20240110115000"}))
    noon = datetime(2024, 1, 10, 12)
    times = [one.time for one in result.candidates]
    assert times[0] == noon - timedelta(minutes=10)
    assert [abs(when - noon) < timedelta(seconds=0.01) for when in times[1:]] == [True] * 3
    assert [one.factor for one in result.candidates] == pytest.approx([ADMIN * 2 ** (6600 / T)] + [TWO_HOURS] * 3)
    text = next(text for text in result.warnings if "apart" in text)
    assert all(f"{one.factor:.6e}" in text for one in result.candidates)


def test_a_series_made_after_the_scan_counts_from_its_frames(pet_series):
    """A late reconstruction: the series time is of no use, the frame at 12:30 says how long after its reference."""
    edit = {"SeriesTime": "180000", "AcquisitionTime": "123000", "FrameReferenceTime": 298422.0 + 1800e3}
    result = suv_factor(pet_series(edit))
    assert result.factors[0] == pytest.approx(TWO_HOURS, rel=1e-7)
    assert result.inputs["reference"].source.endswith("FrameReferenceTime (0054,1300)")


def test_a_frame_reference_that_counts_from_the_frame_start_is_known_by_its_decay_factor(pet_series):
    """GE writes the start of the frame as FrameReferenceTime, and a DecayFactor that corrects for the frame too."""
    x = math.log(2) / T * 600
    edit = {
        "SeriesTime": "180000",
        "FrameReferenceTime": 0.0,
        "DecayFactor": f"{x / (1 - math.exp(-x)):.5f}",
        "AcquisitionTime": "1200",
    }
    result = suv_factor(pet_series(edit))
    assert result.factors[0] == pytest.approx(TWO_HOURS, rel=1e-9)
    assert result.cross_checks["decay_factor"] == pytest.approx(1.0, abs=1e-4)


def test_beds_with_one_repeated_acquisition_time_keep_to_the_series_time(pet_series):
    result = suv_factor(pet_series({"FrameReferenceTime": lambda k: 1000.0 * 240 * k}))
    assert result.status == "ok"
    assert result.factors == pytest.approx([TWO_HOURS] * 4)
    assert all("FrameReferenceTime" not in one.source for one in result.candidates)


def test_without_decay_correction_each_bed_has_its_own_factor(pet_series):
    beds = {"AcquisitionTime": lambda k: f"12{10 * k:02d}00", "ActualFrameDuration": lambda k: 600000 + 60000 * k}
    result = suv_factor(pet_series([UNCORRECTED, beds]))
    expected = [none_factor(7200 + 600 * k, 600 + 60 * k) for k in range(4)]
    assert result.factors == pytest.approx(expected, rel=1e-9)


def test_decay_over_midnight_and_a_shifted_date_together(pet_series):
    edit = {"clock": {"scan": "20240110010000", "start": "230000", "start_datetime": "19990531230000"}}
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
    result = suv_factor(pet_series({"PatientSex": sex, "PatientSize": height}, n=1), norm=norm)
    assert result.factors == pytest.approx([TWO_HOURS * size_g / (1000 * W)], rel=1e-9)
    assert result.unit == unit


@pytest.mark.parametrize(("keyword", "key", "given"), [("PatientSex", "sex", "F"), ("PatientSize", "height_cm", 175)])
@pytest.mark.parametrize("value", ["", None])
def test_a_normalisation_asks_for_what_only_it_needs(pet_series, keyword, key, given, value):
    folder = pet_series({keyword: value}, n=1)
    assert suv_factor(folder).status == "ok"
    asked = suv_factor(folder, norm="lbm")
    assert [question.key for question in asked.questions] == [key]
    assert suv_factor(folder, norm="lbm", overrides={key: given}).label == "user value"


def test_sex_other_is_asked_for_lean_mass(pet_series):
    assert suv_factor(pet_series({"PatientSex": "O"}, n=1), norm="lbm").questions[0].key == "sex"


def test_lean_mass_below_zero_is_refused(pet_series):
    folder = pet_series({"PatientWeight": 250, "PatientSize": 1.5, "PatientSex": "F"}, n=1)
    result = suv_factor(folder, norm="lbm_james", overrides={"dose_bq": 500e6})
    assert (result.status, result.factors) == ("error", None)

"""Times that de-identification zeroed or shifted, days that are not written, and scans that began long before."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from PETHypoxiaLib import suv_factor

T, ZR89, CU64, GA68, I124 = 6586.2, 282312.0, 45721.0, 4069.8, 360806.0
ADMIN = 1000 * 70.0 / 370e6
TWO_HOURS = ADMIN * 2 ** (7200 / T)
MEAN_S = 298.422
"""Of a frame of 10 min of F-18."""
GE, SIEMENS = "GEMS_PETD_01", "SIEMENS MED PT"
GE_SCAN, GE_START = (GE, 0x0009, 0x100D, "DT"), (GE, 0x0009, 0x103B, "DT")
SIEMENS_REFERENCE = (SIEMENS, 0x0071, 0x1022, "DT")
NO_DATE = {"RadiopharmaceuticalStartDateTime": None}


def keys(result):
    return [question.key for question in result.questions]


def of_nuclide(tracer, half_life_s, **start):
    edit = {"Radiopharmaceutical": tracer, "RadionuclideHalfLife": half_life_s, "RadionuclideCodeSequence": None}
    return edit | {"FrameReferenceTime": None} | start


LONG_LIVED = {"89Zr-trastuzumab": ZR89, "64Cu-DOTATATE": CU64, "124I": I124}


@pytest.mark.parametrize("tracer", LONG_LIVED)
def test_the_day_of_a_long_lived_tracer_is_asked_and_decides(pet_series, tracer):
    half_life_s = LONG_LIVED[tracer]
    folder = pet_series(of_nuclide(tracer, half_life_s, **NO_DATE), n=1)
    asked = suv_factor(folder)
    assert keys(asked) == ["start"]
    assert "which day" in asked.reason
    assert keys(suv_factor(folder, overrides={"start": "10:00:00"})) == ["start"], "a time of day is not enough"
    for days in (0, 1, 2):
        start = datetime(2024, 1, 10, 10) - timedelta(days=days)
        given = suv_factor(folder, overrides={"start": f"{start:%Y-%m-%d %H:%M:%S}"})
        assert given.factors == pytest.approx([ADMIN * 2 ** ((7200 + 86400 * days) / half_life_s)], rel=1e-9)


def test_a_day_alone_takes_the_time_of_day_of_the_header(pet_series):
    folder = pet_series(of_nuclide("89Zr-trastuzumab", ZR89, **NO_DATE), n=1)
    given = suv_factor(folder, overrides={"start": "2024-01-06"})
    assert given.factors == pytest.approx([ADMIN * 2 ** ((7200 + 4 * 86400) / ZR89)], rel=1e-9)
    zero = pet_series([NO_DATE, {"RadiopharmaceuticalStartTime": "000000"}], name="zero", n=1)
    assert keys(suv_factor(zero, overrides={"start": "2024-01-10"})) == ["start"]


def test_every_day_within_five_half_lives_is_one_it_may_be(pet_series):
    reason = suv_factor(pet_series(of_nuclide("64Cu-ATSM", CU64, **NO_DATE), n=1)).reason
    assert "any of 3 days, 2024-01-08 to 2024-01-10" in reason


@pytest.mark.parametrize(("tracer", "half_life_s"), [("68Ga-DOTATOC", GA68), ("FMISO", T), ("11C-acetate", 1221.7)])
def test_a_short_lived_tracer_is_of_the_one_day_it_can_be(pet_series, tracer, half_life_s):
    edit = of_nuclide(tracer, half_life_s, **NO_DATE, RadiopharmaceuticalStartTime="112000")
    assert suv_factor(pet_series(edit, n=1)).factors == pytest.approx([ADMIN * 2 ** (2400 / half_life_s)], rel=1e-9)


@pytest.mark.parametrize(
    "day", [{"RadiopharmaceuticalStartDateTime": "20240106"}, {GE_START: "20240106100000", **NO_DATE}]
)
def test_a_day_that_is_written_somewhere_is_taken(pet_series, day):
    result = suv_factor(pet_series([of_nuclide("89Zr-pertuzumab", ZR89), day], n=1))
    assert result.factors == pytest.approx([ADMIN * 2 ** ((7200 + 4 * 86400) / ZR89)], rel=1e-9)


ZEROED = {
    "injection": [NO_DATE, {"RadiopharmaceuticalStartTime": "000000.00"}],
    "injection as HH": [NO_DATE, {"RadiopharmaceuticalStartTime": "00"}],
    "injection with its date": {
        "RadiopharmaceuticalStartTime": None,
        "RadiopharmaceuticalStartDateTime": "20240110000000.000000",
    },
    "injection, not the private one": [
        {GE_START: "20240110100000"},
        {"RadiopharmaceuticalStartTime": "000000", "RadiopharmaceuticalStartDateTime": "20240110000000"},
    ],
}


@pytest.mark.parametrize("name", ZEROED)
@pytest.mark.parametrize("scan", ["20240110043000", "20240110083000", "20240110120000"])
def test_a_zeroed_time_of_injection_is_asked(pet_series, name, scan):
    times = dict.fromkeys(("SeriesDate", "AcquisitionDate"), scan[:8])
    times |= dict.fromkeys(("SeriesTime", "AcquisitionTime"), scan[8:])
    edits = ZEROED[name] if isinstance(ZEROED[name], list) else [ZEROED[name]]
    folder = pet_series([times, *edits], n=1)
    asked = suv_factor(folder)
    assert (keys(asked), asked.factors) == (["start"], None)
    assert "000000" in asked.reason
    injected = datetime.strptime(scan, "%Y%m%d%H%M%S") - timedelta(hours=2)
    answered = suv_factor(folder, overrides={"start": f"{injected:%Y-%m-%d %H:%M:%S}"})
    assert answered.factors == pytest.approx([TWO_HOURS], rel=1e-9)


ALL_ZERO = [
    {"SeriesTime": "000000", "AcquisitionTime": "000000.00"},
    {"RadiopharmaceuticalStartTime": "000000", "RadiopharmaceuticalStartDateTime": "20240110000000"},
]


def test_all_times_zeroed_are_all_asked(pet_series):
    folder = pet_series(ALL_ZERO)
    assert set(keys(suv_factor(folder))) == {"start", "reference"}
    assert keys(suv_factor(folder, overrides={"start": "2024-01-10 10:00:00"})) == ["reference"]
    assert keys(suv_factor(folder, overrides={"reference": "2024-01-10 12:00:00"})) == ["start"]
    both = suv_factor(folder, overrides={"start": "2024-01-10 10:00:00", "reference": "2024-01-10 12:00:00"})
    assert both.factors == pytest.approx([TWO_HOURS] * 4, rel=1e-9)
    assert both.inputs["uptake_min"].value == pytest.approx(120)


@pytest.mark.parametrize("vendor", [GE_SCAN, SIEMENS_REFERENCE, "DecayCorrectionDateTime"])
def test_zeroed_public_times_beside_an_intact_record_of_the_scanner(pet_series, vendor):
    folder = pet_series([{"SeriesTime": "000000", "AcquisitionTime": "000000"}, {vendor: "20240110120000"}])
    result = suv_factor(folder)
    assert result.factors == pytest.approx([TWO_HOURS] * 4, rel=1e-9)
    assert "at 000000" in result.reason


def test_a_zeroed_series_time_leaves_the_frames(pet_series):
    result = suv_factor(pet_series({"SeriesTime": "000000"}))
    assert result.factors == pytest.approx([TWO_HOURS] * 4, rel=1e-6)
    assert "SeriesTime (0008,0031) is at 000000" in result.reason
    assert keys(suv_factor(pet_series({"SeriesTime": "000000", "FrameReferenceTime": None}, name="b"))) == ["reference"]


def test_a_zeroed_acquisition_time_leaves_nothing_to_judge_the_series_time_by(pet_series):
    asked = suv_factor(pet_series({"AcquisitionTime": "000000"}))
    assert keys(asked) == ["reference"]
    assert "AcquisitionTime (0008,0032) is at 000000" in asked.reason


def test_a_scan_that_runs_over_midnight_is_not_taken_for_zeroed(pet_series):
    beds = {"AcquisitionDate": "20240111", "AcquisitionTime": lambda k: ["000000", "001000", "002000", "003000"][k]}
    clock = {"clock": {"scan": "20240111000000", "start": "220000", "start_datetime": "20240110220000"}}
    beds["FrameReferenceTime"] = lambda k: 1000.0 * (MEAN_S + 600 * k)
    result = suv_factor(pet_series([clock, beds]))
    assert (result.status, result.factors[0]) == ("ok", pytest.approx(TWO_HOURS))


def test_the_late_part_of_a_long_acquisition(pet_series):
    """Corrected to the start of the list mode at 12:00, acquired at 14:00: decay to one, uptake to the other."""
    late = {"AcquisitionTime": "140000", "FrameReferenceTime": 1000 * (MEAN_S + 7200)}
    result = suv_factor(pet_series(late))
    assert result.factors == pytest.approx([TWO_HOURS] * 4, rel=1e-9)
    assert result.inputs["uptake_min"].value == pytest.approx(240)
    assert (result.status, result.warnings) == ("ok", ())
    early = {"clock": {"scan": "20240110120000", "start": "115900"}}
    result = suv_factor(pet_series([early, late], name="early"))
    assert result.factors == pytest.approx([ADMIN * 2 ** (60 / T)] * 4, rel=1e-9)
    assert (result.status, result.inputs["uptake_min"].value) == ("ok", pytest.approx(121))
    too_late = suv_factor(pet_series([late, {"clock": {"scan": "20240110120000", "start": "090000"}}, late], name="c"))
    assert "uptake time is 300 min" in too_late.reason


def test_a_long_acquisition_that_began_before_the_injection(pet_series):
    late = {"AcquisitionTime": "140000", "FrameReferenceTime": 1000 * (MEAN_S + 7200)}
    result = suv_factor(pet_series([{"clock": {"scan": "20240110120000", "start": "120030"}}, late]))
    assert result.factors == pytest.approx([ADMIN * 2 ** (-30 / T)] * 4, rel=1e-9)
    assert "30 s before the injection" in result.reason
    hour = suv_factor(pet_series([{"clock": {"scan": "20240110120000", "start": "130000"}}, late], name="hour"))
    assert hour.status == "error"
    assert "before the injection" in hour.reason


SHIFTED = {
    "scanner an hour earlier (summer time)": {GE_SCAN: "20240110110000"},
    "scanner two hours later (UTC)": {SIEMENS_REFERENCE: "20240110140000"},
    "frames of another moment than the series": {"FrameReferenceTime": 1000 * (MEAN_S + 5400)},
    "acquisition hours after the series, no frames": {"AcquisitionTime": "150000", "FrameReferenceTime": None},
    "series a week before the acquisition": {"SeriesDate": "20240103"},
}


@pytest.mark.parametrize("name", SHIFTED)
def test_times_of_the_scan_that_are_hours_apart_are_asked(pet_series, name):
    folder = pet_series(SHIFTED[name])
    asked = suv_factor(folder)
    assert (keys(asked), asked.factors) == (["reference"], None), asked.reason
    assert "SeriesTime (0008,0031): 2024-01-" in asked.reason
    answered = suv_factor(folder, overrides={"reference": "2024-01-10 12:00:00"})
    assert answered.factors == pytest.approx([TWO_HOURS] * 4, rel=1e-9)


@pytest.mark.parametrize("private", ["050000", "090000", "110000", "150000"])
def test_private_and_public_times_of_injection_apart_are_asked(pet_series, private):
    folder = pet_series({GE_SCAN: "20240110120000", GE_START: f"20240110{private}"})
    asked = suv_factor(folder)
    assert keys(asked) == ["start"], asked.reason
    assert "GE administration datetime (0009,103B)" in asked.reason
    assert suv_factor(folder, overrides={"start": "2024-01-10 10:00:00"}).factors[0] == pytest.approx(TWO_HOURS)


def test_a_shift_of_dates_alone_leaves_the_times_of_day(pet_series):
    """Public dates moved by years, private ones not: the times of day still tell the elapsed time."""
    result = suv_factor(pet_series({GE_SCAN: "20190612120000", GE_START: "20190612100000"}))
    assert result.factors == pytest.approx([TWO_HOURS] * 4, rel=1e-9)
    assert "date shift" in result.reason


def test_days_of_series_and_acquisition_apart_are_told(pet_series):
    edit = of_nuclide("89Zr-trastuzumab", ZR89, RadiopharmaceuticalStartDateTime="20240106100000")
    result = suv_factor(pet_series([edit, {"AcquisitionDate": "20240109"}], n=1))
    assert "SeriesDate (0008,0021) is 1.0 days after the acquisition" in result.reason


@pytest.mark.parametrize("keyword", ["SeriesTime", "AcquisitionTime", "DecayCorrectionDateTime"])
def test_a_time_that_cannot_be_read_is_told(pet_series, keyword):
    result = suv_factor(pet_series({keyword: "309999"}))
    assert any(keyword in text for text in result.warnings), result.warnings


IMPOSSIBLE = {
    "injection eight hours before": {"clock": {"scan": "20240110120000", "start": "034500"}},
    "injection and scan at once": {"clock": {"scan": "20240110120000", "start": "120000"}},
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_an_uptake_that_cannot_be_is_asked(pet_series, name):
    folder = pet_series(IMPOSSIBLE[name])
    assert keys(suv_factor(folder)) == ["start"]
    assert suv_factor(folder, overrides={"start": "10:00"}).factors[0] == pytest.approx(TWO_HOURS)


def test_an_injection_that_nothing_is_left_of_is_refused_even_if_given(pet_series):
    result = suv_factor(pet_series(), overrides={"start": "2024-01-09 10:00:00"})
    assert (result.status, result.factors) == ("error", None)
    assert "half-lives before the image" in result.reason


@pytest.mark.parametrize("decay_factor", [1.5, 2.2])
def test_a_decay_factor_of_another_moment_is_told(pet_series, decay_factor):
    result = suv_factor(pet_series({"DecayFactor": decay_factor, "FrameReferenceTime": None}))
    assert "DecayFactor (0054,1321) says that the image is corrected to" in result.reason


@pytest.mark.parametrize(("decay_factor", "doubted"), [(1.0319, True), (1.0319 * 2 ** (7200 / T), False), (0, False)])
def test_admin_with_the_decay_factor_of_start_is_told(pet_series, decay_factor, doubted):
    result = suv_factor(pet_series({"DecayCorrection": "ADMIN", "DecayFactor": decay_factor}))
    assert result.factors == pytest.approx([ADMIN] * 4, rel=1e-12)
    assert any("is ADMIN but DecayFactor" in text for text in result.warnings) == doubted


@pytest.mark.parametrize("edit", [{"Units": "GML"}, {"DecayCorrection": "ADMIN"}])
def test_the_uptake_is_judged_where_the_factor_does_not_need_it(pet_series, edit):
    result = suv_factor(pet_series([{"clock": {"scan": "20240110120000", "start": "113000"}}, edit]))
    assert "uptake time is 30 min" in result.reason

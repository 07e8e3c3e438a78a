"""Visits before anything is fitted: which cells are missing, suspicious or wrong, and what the charts show."""

import re

import numpy as np
import pytest
from HER2ImmunoCommonLib.chart_shapes import Dots, Stroke
from HER2ImmunoCommonLib.measurements import Measurement, to_cells
from HER2ImmunoModelLib.visits import (
    counted,
    curves_of,
    draw_charts,
    first_reason,
    judge,
    lay_out_charts,
    legend_of,
    suspicions,
    titled,
)

FRACTIONS = ["vascular_fraction", "necrotic_fraction", "hypoxic_fraction"]
HEADER = ["visit", "day", "volume_cm3", "volume_cm3_sd", *FRACTIONS, "suv_mean"]
GOOD = (
    "C1,0,12.34,1,0.62,0.12,0.31,2.4",
    "C2,21,9.8,1,0.58,0.15,0.27,2.1",
    "C3,42,8.1,1,0.51,0.17,0.22,1.9",
    "C4,63,6.6,1,0.50,0.21,0.18,1.6",
)


def judged(*lines, header=HEADER, species="human"):
    return judge(header, [line.split(",") for line in lines], "Table", species)


def marked(found):
    return {(mark.row, mark.column, mark.kind) for mark in found.marks}


def test_a_good_table_has_no_mark():
    found = judged(*GOOD)
    assert (found.marks, counted(found, HEADER), first_reason(found)) == ((), "", "")
    assert [visit.visit for visit in found.visits] == ["C1", "C2", "C3", "C4"]


def test_no_virtual_patient_is_suspicious():
    """What the model itself can bring about, with its noise, is not called hardly true."""
    from HER2ImmunoStudyLib.phantom.course import measured_course
    from HER2ImmunoStudyLib.phantom.presets import HUMAN, MOUSE

    # In the first, two visits have the same share of other numbers of voxels.
    for preset, species, seed in ((HUMAN, "human", 9), (MOUSE, "mouse", 0)):
        rows, _given = measured_course(preset, seed)
        assert suspicions(rows, species) == ()
        assert judge(*to_cells(rows), "Table", species).count("wrong") == 0


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("C2,21,9.8,1,0.58,0.55,0.27,2.1", "necrotic_fraction", "make 1.13, but a voxel is either well perfused or"),
        ("C2,21,9.8,1,0.1,0.85,0.27,2.1", "hypoxic_fraction", "make 1.12, but necrotic tissue does not trap FMISO"),
        ("C2,21,9.8,11,0.58,0.15,0.27,2.1", "volume_cm3", "standard deviation 11 is so large that it says little"),
        ("C2,21,220,1,0.58,0.15,0.27,2.1", "volume_cm3", "seldom seen in a human"),
        ("C2,21,12.34,1,0.58,0.15,0.27,2.1", "volume_cm3", "12.34 is to the last digit what visit C1 has"),
        ("C2,21,98,1,0.58,0.15,0.27,2.1", "volume_cm3", "98 is far from what the visits before and after have"),
        ("C2,21,9.8,1,0.97,0.01,0.27,2.1", "vascular_fraction", "0.97 is far from"),
        ("C2,21,9.8,1,0.58,0.15,0.27,2100", "suv_mean", "1.1e+03 times the median of the other visits"),
    ],
)
def test_what_is_hardly_true_is_suspicious_with_its_reason(line, column, words):
    found = judged(GOOD[0], line, *GOOD[2:])
    reasons = [mark.reason for mark in found.of(1, column)]
    assert any(words in reason for reason in reasons), found.marks
    assert {mark.row for mark in found.marks} == {1}
    assert {mark.kind for mark in found.marks} == {"suspicious"}


def test_a_volume_changes_as_fast_as_its_species_can():
    """Doubling twice in 4 days: a xenograft does, a patient's tumour does not; within the noise, nobody knows."""
    lines = "C1,0,0.1,0.01,,,,", "C2,4,0.4,0.01,,,,", "C3,8,1.5,0.1,,,,"
    assert [mark.row for mark in judged(*lines).marks if mark.column == "volume_cm3"] == [1, 2]
    assert judged(*lines, species="mouse").count("suspicious") == 0
    assert "double every 2 days; tumours of a human hardly do in less than 7." in judged(*lines).marks[0].reason
    noisy = [line.replace(",0.01,", ",0.09,").replace(",0.1,,", ",1.4,,") for line in lines]
    assert judged(*noisy).count("suspicious") == 0


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("C2,21,9.8x,1,0.58,0.15,0.27,2.1", "volume_cm3", "'9.8x' is not a number"),
        ("C2,21,0,1,0.58,0.15,0.27,2.1", "volume_cm3", "smallest volume that can be measured"),
        ("C2,21,9800,1,0.58,0.15,0.27,2.1", "volume_cm3", "if it is in mm3"),
        ("C2,21,9.8,0,0.58,0.15,0.27,2.1", "volume_cm3", "_sd is 0; leave it empty"),
        ("C2,21,9.8,1,58,0.15,0.27,2.1", "vascular_fraction", "outside 0 to 1.*percent"),
        ("C2,21,9.8,1,0.58,0.15,0.27,inf", "suv_mean", "not a"),
        ("C2,,9.8,1,0.58,0.15,0.27,2.1", "day", "empty"),
        ("C2,2026-03-01,9.8,1,0.58,0.15,0.27,2.1", "day", "is a date"),
        ("C2,0,9.8,1,0.58,0.15,0.27,2.1", "day", "Row 1 is on day 0 too"),
        ("C1,21,9.8,1,0.58,0.15,0.27,2.1", "visit", "Row 1 has this name too"),
        (",21,9.8,1,0.58,0.15,0.27,2.1", "visit", "no name"),
        ("C2,21,9;8,1,0.58,0.15,0.27,2.1", "volume_cm3", "decimal points elsewhere"),
    ],
)
def test_what_cannot_be_used_is_wrong_in_its_cell_and_the_other_visits_stay(line, column, words):
    cells = [text.replace(";", ",") for text in line.split(",")]
    lines = [GOOD[0].split(","), cells, *(good.split(",") for good in GOOD[2:])]
    found = judge(HEADER, lines, "Table", "human")
    (mark,) = [mark for mark in found.marks if mark.kind == "wrong"]
    assert (mark.row, mark.column) == (1, column)
    assert re.search(words, mark.reason)
    assert {"C3", "C4"} <= {visit.visit for visit in found.visits}


def test_a_visit_that_was_copied_whole_is_told_whatever_its_digits():
    found = judged("C1,0,9,1,0.6,0.1,,", "C2,21,9,1,0.6,0.1,,", "C3,42,9,1,0.5,0.1,,")
    assert marked(found) == {(1, name, "suspicious") for name in ("volume_cm3", *FRACTIONS[:2])}


def test_missing_is_what_other_visits_have():
    found = judged(GOOD[0], "C2,21,9.8,,,0.15,NA,2.1", header=[*HEADER])
    assert marked(found) == {(1, "vascular_fraction", "missing"), (1, "hypoxic_fraction", "missing")}
    assert found.marks[0].reason == "Not measured at this visit; 1 of 2 have it."
    assert counted(found, HEADER) == "2 cells were not measured (hatched)."
    assert judged("C1,0,12.3,1,,,,", "C2,21,9.8,1,,,,").marks == ()


def test_a_day_before_the_row_above_is_asked_about():
    found = judged(GOOD[0], GOOD[2], GOOD[1].replace("C2,21", "C2,12"), GOOD[3])
    assert marked(found) == {(2, "day", "suspicious")}
    assert first_reason(found).startswith("Visit C2, day: Before the row above it (day 42)")


def test_marks_are_counted_and_columns_that_are_not_shown_are_named():
    found = judged("C1,0,12.3,1,0.62,0.55,,2.4", "C2,21,x,1,0.58,0.15,0.27,y")
    shown = [name for name in HEADER if name != "suv_mean"]
    assert counted(found, shown) == (
        "2 cells cannot be used (✕), 2 are suspicious (▲), 1 was not measured (hatched); some of them in columns that "
        "are not shown here: SUV, mean."
    )


@pytest.mark.parametrize("header", [["visit"], ["visit", "day", "volum_cm3"], ["visit", "day", "day"]])
def test_a_header_that_cannot_be_read_marks_nothing(header):
    assert judge(header, [["a", "0", "1"][: len(header)]], "Table", "human").visits == ()


def test_a_curve_has_the_noise_of_the_table_or_that_of_the_calibration():
    volume, share = curves_of(judged("C1,0,10,,0.5,,,", "C2,7,10,2,,,,", "C3,14,,,0.02,,,"))
    assert [titled("volume_cm3"), volume.title, share.title] == [
        volume.title,
        "Volume (cm³)",
        "Vascular fraction (0 to 1)",
    ]
    log_sd = np.sqrt(np.log1p(0.15**2))
    assert volume.high[0] / 10 == pytest.approx(np.exp(log_sd))
    assert 10 / volume.low[1] == pytest.approx(np.exp(np.sqrt(np.log1p(0.2**2))))
    assert volume.is_assumed.tolist() == [True, False, False]
    assert volume.is_missing.tolist() == [False, False, True]
    assert share.low.tolist() == pytest.approx([0.45, np.nan, 0.0], nan_ok=True)
    assert volume.said[1] == "C2, day 7: 10 ± 2"
    assert volume.said[2] == "C3, day 14: not measured"
    assert share.said[0] == "C1, day 0: 0.5 (sd assumed)"


def laid_out(found, width):
    curves = curves_of(found)
    return lay_out_charts(curves, legend_of(curves), width, 15.0, lambda text: 7.0 * len(text))


@pytest.mark.parametrize("width", [320.0, 450.0, 900.0])
def test_charts_share_their_days_and_nothing_lies_outside_or_over_another(width):
    grid = laid_out(judged(GOOD[0], "C2,21,,1,0.9,0.5,,", *GOOD[2:]), width)
    assert len({axes.x_range for axes in grid.axes}) == 1
    assert len({axes.box.width for axes in grid.axes}) == 1
    drawing = draw_charts(grid, lambda text: 7.0 * len(text))
    for text in (*drawing.texts, *drawing.faint):
        assert text.x >= 0
        assert text.x + text.width <= width + 1
        assert text.y + text.height <= grid.height
    boxes = sorted((axes.box.x, axes.box.y, axes.box.right, axes.box.bottom) for axes in grid.axes)
    for n, (x, y, right, bottom) in enumerate(boxes):
        for other in boxes[n + 1 :]:
            assert other[0] >= right or other[2] <= x or other[1] >= bottom or other[3] <= y
    for axes, curve in zip(grid.axes, grid.curves, strict=True):
        ends = np.concatenate([curve.high, curve.low, curve.value])
        assert np.nanmin(axes.y_px(ends)) >= axes.box.y - 1e-6
        assert np.nanmax(axes.y_px(ends)) <= axes.box.bottom + 1e-6


def test_a_long_title_keeps_its_unit():
    header = ["visit", "day", "volume_cm3", "a_number_of_an_image_that_somebody_named_at_length", "ftv_cm3"]
    titles = [text.text for text in draw_charts(laid_out(judged("C1,0,1,2,3", header=header), 390.0), wide).texts]
    assert titles[0] == "Volume (cm³)"
    assert titles[1].endswith("… (cm³)")
    assert titles[2].endswith("…")
    assert all(wide(title) <= 185 for title in titles)


def wide(text):
    return 8.0 * len(text)


def test_a_visit_without_a_value_is_a_gap_and_can_be_asked_for():
    grid = laid_out(judged(GOOD[0], "C2,21,,,0.58,0.15,0.27,2.1", *GOOD[2:]), 450.0)
    _box, shapes = draw_charts(grid, len).clipped[0]
    assert [len(piece) for piece in shapes[0].pieces] == [1, 2]
    dots = next(shape for shape in shapes if isinstance(shape, Dots))
    assert len(dots.centres) == 3
    assert len(shapes[-1].pieces) == 2  # the two strokes of a cross
    assert isinstance(shapes[-1], Stroke)
    x, y = float(grid.axes[0].x_px(21.0)), grid.axes[0].box.bottom - 5
    assert grid.at(x, y) == (0, 1)
    assert grid.at(x, -50.0) is None


def test_visits_out_of_order_are_named_in_suspicions():
    rows = [Measurement("late", 42.0, {"volume_cm3": 5.0}), Measurement("early", 40.0, {"volume_cm3": 50.0})]
    (said,) = suspicions(rows, "human")
    assert said.startswith("Visit late, volume: from 50 to 5 cm³ in 2 days it would halve every 0.6 days")


@pytest.mark.parametrize("gone", [0, 1, 2, 3])
def test_a_tumour_that_has_gone_stops_no_judgment(gone):
    """A volume of 0 is refused where it is read for a fit, with a sentence; it has no logarithm."""
    volumes = [3.6, 2.4, 2.0, 1.8]
    volumes[gone] = 0.0
    visits = [Measurement(f"V{n}", 7.0 * n, {"volume_cm3": volume}) for n, volume in enumerate(volumes)]
    for species in ("human", "mouse"):
        assert all(text.startswith("Visit V") for text in suspicions(visits, species))
    nothing = [Measurement(f"V{n}", 7.0 * n, {"volume_cm3": 0.0}) for n in range(4)]
    assert isinstance(suspicions(nothing, "human"), tuple)

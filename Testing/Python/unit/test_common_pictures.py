"""Charts and map pictures show the numbers they are given."""

import dataclasses
import json
import re

import numpy as np
import pytest
import SimpleITK as sitk
from HER2ImmunoCommonLib import charts
from HER2ImmunoCommonLib.chart_spec import (
    ORANGE,
    Band,
    Bars,
    Chart,
    Line,
    Points,
    Span,
    extent,
    from_plain,
    ticks,
    to_plain,
)
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.pictures import Overlay, best_slice, colours, crop_around, overlay_picture, to_png


def small_chart(scale):
    x = np.linspace(0, 10, 11)
    return Chart(
        "Uptake",
        "Time (min)",
        "Concentration (mM)",
        (Band(x, 0.5 * scale * x, scale * x, "interval"), Line(x, scale * x, "fit"), Points(x, scale * x, "measured")),
    )


def test_a_chart_comes_back_from_json():
    x = np.array([0.0, 1.0])
    chart = Chart(
        "t",
        "x",
        "y",
        (
            Band(x, x, x + 1, "band"),
            Line(x, np.array([np.nan, 2.0]), "line", (1, 2, 3), 1.5, dashed=True),
            Points(x, x, "points", y_interval=(x - 1, x + 1)),
            Span(0.5, 1.5, "baseline", (4, 5, 6)),
            Bars(np.array([0.0, 1.0, 3.0]), np.array([np.nan, 7.0]), "voxels"),
        ),
        x_range=(0.0, 2.0),
        y_names=("a", "b"),
        legend=False,
    )
    again = from_plain(json.loads(json.dumps(to_plain(chart))))
    for name in ("title", "x_label", "y_label", "x_range", "y_range", "y_names", "legend"):
        assert getattr(again, name) == getattr(chart, name)
    for item, other in zip(again.items, chart.items, strict=True):
        assert type(item) is type(other)
        for field in dataclasses.fields(item):
            mine, wanted = getattr(item, field.name), getattr(other, field.name)
            if isinstance(wanted, np.ndarray) or (isinstance(wanted, tuple) and isinstance(wanted[0], np.ndarray)):
                np.testing.assert_array_equal(mine, wanted)
            else:
                assert mine == wanted


def test_ticks_are_round_and_inside():
    assert [label for _, label in ticks(0, 0.005)] == ["0.000", "0.001", "0.002", "0.003", "0.004", "0.005"]
    assert [position for position, _ in ticks(-3, 3)] == [-3, -2, -1, 0, 1, 2, 3]


def test_the_range_holds_every_item_and_no_nan():
    chart = Chart("t", "x", "y", (Line(np.array([0.0, np.nan, 4.0]), np.array([1.0, 2.0, np.nan]), "a"),))
    (x0, x1), (y0, y1) = extent(chart)
    assert (x0, x1) == (0.0, 4.0)
    assert (y0, y1) == (1.0, 2.0)


def test_bars_begin_at_zero_and_a_span_has_no_part_in_the_ranges():
    chart = Chart("t", "x", "y", (Span(-9.0, 99.0, "all"), Bars(np.array([1.0, 2.0, 4.0]), np.array([3.0, 5.0]), "n")))
    assert extent(chart) == ((1.0, 4.0), (0.0, 5.0))


def test_the_outline_of_bars_goes_up_along_and_down():
    x, y = Bars(np.array([1.0, 2.0, 4.0]), np.array([3.0, 5.0]), "n").steps()
    assert x.tolist() == [1.0, 1.0, 2.0, 2.0, 4.0, 4.0]
    assert y.tolist() == [0.0, 3.0, 3.0, 5.0, 5.0, 0.0]


@pytest.mark.skipif(not charts.can_draw(), reason=charts.NO_OPENGL)
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_svg_curve_is_where_its_numbers_are(scale):
    """The fit is straight from corner to corner of the plot area, at any scale of its values."""
    text = charts.to_svg(small_chart(scale))
    transform = re.search(r'transform="matrix\(([^)]*)\)"', text).group(1)
    a, _, _, d, e, f = (float(number) for number in transform.split(","))
    line = re.search(r'<polyline stroke="#1f66a8" stroke-width="2"[^>]*points="([^"]*)"', text).group(1)
    points = np.array([[float(number) for number in pair.split(",")] for pair in line.split()])
    x, y = a * points[:, 0] + e, d * points[:, 1] + f
    np.testing.assert_allclose(np.diff(x), (x[-1] - x[0]) / 10, atol=0.05)
    np.testing.assert_allclose(np.diff(y), (y[-1] - y[0]) / 10, atol=0.05)
    assert x[0] == pytest.approx(charts.LEFT, abs=1)
    assert x[-1] == pytest.approx(640 - charts.RIGHT, abs=1)
    assert abs(y[-1] - y[0]) == pytest.approx(380 - charts.BOTTOM - charts.TOP, abs=1)


@pytest.mark.skipif(not charts.can_draw(), reason=charts.NO_OPENGL)
def test_a_png_has_ink_in_the_colours_of_its_items(tmp_path):
    picture = sitk.GetArrayFromImage(sitk.ReadImage(str(charts.write_png(small_chart(1.0), tmp_path / "chart.png"))))
    assert picture.shape[:2] == (380, 640)
    blue = (np.abs(picture[..., :3].astype(int) - (31, 102, 168)) < 12).all(axis=-1)
    assert blue.sum() > 300


@pytest.mark.skipif(not charts.can_draw(), reason=charts.NO_OPENGL)
def test_bars_and_a_span_are_drawn_where_they_are(tmp_path):
    """A span over the second quarter of x, and a bar of full height over the last, with nothing between."""
    bars = Bars(np.array([0.0, 1.0, 2.0, 3.0, 4.0]), np.array([0.0, 0.0, np.nan, 2.0]), "")
    chart = Chart("", "x", "y", (Span(1.0, 2.0, "", ORANGE), bars))
    picture = sitk.GetArrayFromImage(sitk.ReadImage(str(charts.write_png(chart, tmp_path / "chart.png"))))
    picture = picture[..., :3].astype(int)
    left, right = charts.LEFT, 640 - charts.RIGHT
    upper, lower = charts.TOP + 30, 380 - charts.BOTTOM - 25
    at = [round(left + share * (right - left)) for share in (0.105, 0.355, 0.605, 0.855)]
    for row in (upper, lower):
        clear, span, nothing, bar = (picture[row, column] for column in at)
        assert clear.tolist() == nothing.tolist() == [255, 255, 255]
        assert span[0] > span[2] + 20
        assert bar[2] > bar[0] + 60


def test_colours_run_from_one_end_to_the_other_and_stay_there():
    overlay = Overlay("Ktrans", "/min", 0.0, 0.5)
    found = colours(np.array([-1.0, 0.0, 0.5, 9.0]), overlay)
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[2], found[3])
    np.testing.assert_array_equal(found[2], [0xFD, 0xE7, 0x25])


def test_the_map_covers_its_valid_voxels_only():
    anatomy = Volume(np.tile(np.linspace(0, 1, 20), (3, 20, 1)), np.diag([2.0, 1.0, 3.0, 1.0]))
    values = np.full(anatomy.array.shape, np.nan)
    values[1, 5:10, 5:10] = 0.5
    picture = overlay_picture(anatomy, values, Overlay("Ktrans", "/min", 0, 0.5), k=1, height=200)
    assert picture.shape == (200, 400, 3)
    coloured = np.ptp(picture.astype(int), axis=-1) > 40
    assert coloured[50:100, 100:200].all()
    assert coloured.sum() == 50 * 100


def test_the_slice_and_crop_hold_the_tumour():
    mask = np.zeros((5, 40, 40), bool)
    mask[3, 20:25, 10:18] = True
    assert best_slice(mask) == 3
    rows, columns = crop_around(mask, 3)
    assert mask[3, rows, columns].sum() == mask[3].sum()
    assert rows.stop - rows.start > 10
    assert columns.stop - columns.start > 16


def test_png_bytes_are_a_png():
    assert to_png(np.zeros((4, 5, 3), np.uint8)).startswith(b"\x89PNG")

"""Everything of a chart in pixels: the numbers are where they belong, all can be read, nothing hides anything."""

import itertools
import math

import numpy as np
import pytest
from HER2ImmunoCommonLib.chart_layout import grip_of, height_for, is_near, lay_out
from HER2ImmunoCommonLib.chart_shapes import Area, Dots, Stroke, contrast, readable
from HER2ImmunoCommonLib.chart_spec import BLUE, INK, PALETTE, Band, Bars, Chart, Line, Points, Span, extent

LINE = 14.0
SIZES = [(300, 190), (440, 210), (900, 600)]


def measure(text):
    """A font whose letters are all 7 pixels wide."""
    return 7.0 * len(text)


def chart_of(*items, **more):
    return Chart("Curve", "time (s)", "concentration (mM)", items, **more)


def curve(n=200, low=0.0, high=1.0, label="fitted"):
    x = np.linspace(0.0, 300.0, n)
    return Line(x, low + (high - low) * np.exp(-(((x - 60.0) / 40.0) ** 2)), label)


def lay(chart, size=(440, 210), has_handle=False):
    return lay_out(chart, size, LINE, measure, has_handle)


@pytest.mark.parametrize("size", SIZES)
def test_a_curve_is_where_its_numbers_are(size):
    chart = chart_of(Line(np.array([0.0, 10.0, 20.0]), np.array([0.0, 4.0, 2.0]), "fitted"), y_range=(0.0, 4.0))
    layout = lay(chart, size)
    box = layout.axes.box
    (points,) = layout.shapes[0].pieces
    np.testing.assert_allclose(points[:, 0], [box.x, box.x + box.width / 2, box.right])
    np.testing.assert_allclose(points[:, 1], [box.bottom, box.y, box.y + box.height / 2])


def test_pixels_and_values_are_each_other_s_inverse():
    axes = lay(chart_of(curve())).axes
    for x in np.arange(0.0, 300.0, axes.x_step):
        assert axes.x_at(float(axes.x_px(x))) == pytest.approx(x)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.0, 0.00213), (-3.7, 41.0), (1e6, 1.3e6), (0.0, 3e-7)])
@pytest.mark.parametrize("size", SIZES)
def test_ticks_are_round_inside_and_do_not_touch(low, high, size):
    layout = lay(chart_of(Line(np.array([low, high]), np.array([low, high]), "a")), size)
    box = layout.axes.box
    across = [text for text in layout.texts if text.align == "centre" and text.y == box.bottom + 4.0]
    up = [text for text in layout.texts if text.align == "right"]
    assert len(across) >= 2
    assert len(up) >= 2
    for text in across:
        at = text.x + text.width / 2
        assert at == pytest.approx(float(layout.axes.x_px(float(text.text))), abs=1.0)
        assert at + measure(text.text) / 2 <= size[0] + 1
    for one, other in itertools.pairwise(sorted(across, key=lambda text: text.x)):
        gap = other.x + other.width / 2 - one.x - one.width / 2
        assert gap > (measure(one.text) + measure(other.text)) / 2
    for text in up:
        assert text.y + LINE / 2 == pytest.approx(float(layout.axes.y_px(float(text.text))), abs=1.0)
        assert measure(text.text) <= text.width
    heights = sorted(text.y for text in up)
    assert all(other - one > LINE for one, other in itertools.pairwise(heights))


@pytest.mark.parametrize("high", np.geomspace(0.9, 11.0, 40))
def test_the_vertical_axis_has_two_numbers_at_least(high):
    for low in (0.0, -high, 0.3 * high):
        layout = lay(chart_of(Line(np.array([0.0, 1.0]), np.array([low, high]), "a")), (310, 230))
        up = [text for text in layout.texts if text.align == "right"]
        assert len(up) >= 2
        assert all(abs(one.y - other.y) >= LINE for one, other in itertools.pairwise(up))


def test_the_highest_value_has_room_above_it_unless_the_range_is_given():
    assert lay(chart_of(curve())).axes.y_range[1] > 1.0
    assert lay(chart_of(curve(), y_range=(0.0, 1.0))).axes.y_range == (0.0, 1.0)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("names", [["a"], ["measured", "fitted"], [f"a rather long name {n}" for n in range(7)]])
def test_the_legend_hides_nothing_and_is_not_cut(size, names):
    chart = chart_of(*(curve(label=name) for name in names))
    height = height_for(chart, size[0], LINE, measure)
    layout = lay(chart, (size[0], height))
    said = [text for text in layout.texts if text.text in names]
    assert sorted(text.text for text in said) == sorted(names)
    for text in said:
        assert text.y + text.height <= layout.axes.box.y
        assert text.x + measure(text.text) <= max(size[0], 22.0 + 12.0 + measure(text.text))
    for one, other in itertools.combinations(said, 2):
        assert one.y != other.y or one.x + one.width <= other.x or other.x + other.width <= one.x
    assert layout.axes.box.height >= 7 * LINE - 1


def test_a_legend_stays_where_it_is_while_curves_change():
    rng = np.random.default_rng(3)
    places = set()
    for _ in range(20):
        x = np.linspace(0.0, 300.0, 50)
        layout = lay(chart_of(Line(x, rng.normal(size=50), "measured")))
        places |= {(text.x, text.y) for text in layout.texts if text.text == "measured"}
    assert len(places) == 1


def test_without_a_legend_or_names_there_is_none():
    assert lay(chart_of(curve(), legend=False)).legend == ()
    assert lay(chart_of(curve(label=""))).legend == ()


def test_a_curve_is_broken_where_it_is_nan():
    y = np.array([1.0, 2.0, np.nan, 3.0, 4.0, 5.0, np.nan, np.inf, 2.0])
    (stroke,) = lay(chart_of(Line(np.arange(9.0), y, "fitted"), y_range=(0.0, 5.0))).shapes
    assert [len(piece) for piece in stroke.pieces] == [2, 3, 1]


def test_of_a_long_curve_two_points_a_pixel_are_drawn_and_every_peak_stays():
    x = np.linspace(0.0, 300.0, 20000)
    y = np.random.default_rng(0).normal(0.0, 1.0, x.size)
    y[[0, 7001, 12345, -1]] = 0.5, 40.0, -30.0, 0.25
    layout = lay(chart_of(Line(x, y, "noise")))
    (points,) = layout.shapes[0].pieces
    axes = layout.axes
    assert len(points) <= 2 * (axes.box.width + 2)
    assert (np.diff(points[:, 0]) >= 0).all()
    every = np.stack([axes.x_px(x), axes.y_px(y)], axis=-1)
    np.testing.assert_array_equal(points[[0, -1]], every[[0, -1]])
    columns, drawn = np.floor(every[:, 0]), np.floor(points[:, 0])
    for column in np.unique(columns):
        here, there = every[columns == column, 1], points[drawn == column, 1]
        assert (there.min(), there.max()) == (here.min(), here.max())


def test_a_curve_of_few_points_and_one_that_goes_back_are_drawn_whole():
    angle = np.linspace(0.0, 2 * np.pi, 400)
    for line in (curve(n=60), Line(np.cos(angle), np.sin(angle), "circle")):
        layout = lay(chart_of(line))
        points = np.concatenate(layout.shapes[0].pieces)
        every = np.stack([layout.axes.x_px(line.x), layout.axes.y_px(line.y)], axis=-1)
        assert np.abs(every[:, None] - points[None]).max(axis=-1).min(axis=1).max() <= 1.0


def test_a_name_that_is_too_long_ends_inside_the_picture():
    layout = lay(chart_of(curve(label="the curve of a vessel with a name that has no end " * 3)), (310, 210))
    (name,) = [text for text in layout.texts if text.text.startswith("the curve")]
    assert name.x + name.width <= 310


def test_a_band_is_broken_where_it_is_nan_and_goes_there_and_back():
    low = np.array([0.0, 0.0, np.nan, 1.0, 1.0])
    (area,) = lay(chart_of(Band(np.arange(5.0), low, low + 1.0, "interval"))).shapes
    assert isinstance(area, Area)
    assert [len(piece) for piece in area.pieces] == [4, 4]
    for piece in area.pieces:
        np.testing.assert_allclose(piece[:2, 0], piece[:1:-1, 0])
        assert (piece[:2, 1] < piece[2:, 1]).all()


def test_bars_stand_on_zero_between_their_edges_and_nan_is_left_out():
    bars = Bars(np.array([0.0, 1.0, 3.0, 4.0]), np.array([2.0, np.nan, 5.0]), "voxels")
    layout = lay(chart_of(bars))
    axes, (area,) = layout.axes, layout.shapes
    assert axes.x_range == (0.0, 4.0)
    assert axes.y_range[0] == 0.0
    first, last = area.pieces
    np.testing.assert_allclose(first[:, 0], axes.x_px([0.0, 1.0, 1.0, 0.0]))
    np.testing.assert_allclose(last[:, 0], axes.x_px([3.0, 4.0, 4.0, 3.0]))
    np.testing.assert_allclose(last[:, 1], axes.y_px([5.0, 5.0, 0.0, 0.0]))


def test_a_span_takes_the_full_height_and_no_part_in_the_ranges():
    chart = chart_of(Span(-50.0, 30.0, "baseline"), curve())
    layout = lay(chart)
    box, (area, _) = layout.axes.box, layout.shapes
    assert extent(chart)[0] == (0.0, 300.0)
    assert area.pieces[0][:, 1].tolist() == [box.y, box.y, box.bottom, box.bottom]
    assert lay(chart_of(Span(math.nan, 1.0, "none"), curve())).shapes[0].pieces == ()


def test_points_have_their_intervals_with_caps():
    x, y = np.array([1.0, 2.0, 3.0]), np.array([1.0, np.nan, 2.0])
    points = Points(x, y, "measured", y_interval=(y - 0.5, y + 0.5))
    layout = lay(chart_of(points))
    whiskers, dots = layout.shapes
    assert isinstance(whiskers, Stroke)
    assert len(whiskers.pieces) == 2 * 3
    assert isinstance(dots, Dots)
    assert dots.centres.shape == (2, 2)
    (x0, y0, width, height) = dots.boxes()[0]
    assert (x0 + width / 2, y0 + height / 2) == pytest.approx(tuple(dots.centres[0]))


def test_names_take_the_place_of_numbers_and_each_has_a_line():
    names = tuple(f"schedule {n}" for n in range(12))
    chart = chart_of(Points(np.arange(12.0), np.arange(12.0), ""), y_names=names)
    layout = lay(chart, (440, height_for(chart, 440, LINE, measure)))
    said = sorted((text for text in layout.texts if text.text in names), key=lambda text: text.y)
    assert len(said) == 12
    assert all(other.y - one.y >= LINE for one, other in itertools.pairwise(said))


@pytest.mark.parametrize(
    "items",
    [
        (),
        (Line(np.empty(0), np.empty(0), "a"),),
        (Line(np.array([1.0]), np.array([2.0]), "a"),),
        (Line(np.full(3, np.nan), np.full(3, np.nan), "a"),),
        (Line(np.zeros(3), np.zeros(3), "a"),),
        (Points(np.array([5.0]), np.array([0.0]), "a"),),
        (Bars(np.array([0.0, 1.0]), np.array([np.nan]), "a"),),
        (Span(0.0, 1.0, "a"),),
        (Line(np.array([0.0, 1.0]), np.array([0.0, 1e300]), "a"),),
    ],
)
def test_a_chart_of_little_or_nothing_is_laid_out(items):
    layout = lay(chart_of(*items))
    assert layout.axes.box.width > 100
    for shape in layout.shapes:
        for piece in getattr(shape, "pieces", ()):
            assert np.isfinite(piece).all()


@pytest.mark.parametrize("ends", [(1.0, 1.0), (2.0, 1.0), (math.nan, 1.0), (0.0, math.inf)])
def test_a_range_that_is_none_is_not_divided_by(ends):
    layout = lay(chart_of(curve(), x_range=ends, y_range=ends))
    assert np.isfinite(layout.axes.x_px([0.0, 1.0])).all()


def test_what_lies_far_outside_is_not_drawn_at_infinity():
    y = np.array([0.0, 1e12])
    (stroke,) = lay(chart_of(Line(np.array([0.0, 1.0]), y, "a"), y_range=(0.0, 1e-6))).shapes
    assert np.abs(stroke.pieces[0]).max() <= 1e5


def test_a_step_of_the_handle_is_round_and_at_least_a_pixel():
    for size in SIZES:
        axes = lay(chart_of(curve()), size).axes
        step = axes.x_step
        assert axes.x_px(step) - axes.x_px(0.0) >= 1.0 - 1e-9
        assert step / 10.0 ** math.floor(math.log10(step) + 1e-9) == pytest.approx(
            round(step / 10 ** math.floor(math.log10(step) + 1e-9))
        )
        assert axes.moved(30.0, 1) == pytest.approx(30.0 + step)
        assert axes.moved(30.0, -10) == pytest.approx(30.0 - 10 * step)


def test_the_handle_stays_on_the_axis():
    axes = lay(chart_of(curve())).axes
    assert axes.x_at(-1000.0) == 0.0
    assert axes.x_at(5000.0) == 300.0
    assert axes.moved(300.0, 10) == 300.0


@pytest.mark.parametrize(("x", "said"), [(31.5, "31.5"), (32.0, "32"), (0.0, "0"), (-0.0, "0"), (31.25, "31.25")])
def test_the_value_of_the_handle_is_not_rounded_away(x, said):
    assert lay(chart_of(curve()), (300, 190)).axes.said(x) == said


@pytest.mark.parametrize("x", [0.0, 150.0, 300.0, -40.0, 900.0])
def test_the_text_of_the_handle_stands_above_the_data_inside_the_picture(x):
    layout = lay(chart_of(curve(), curve(label="measured")), has_handle=True)
    box, grip = layout.axes.box, grip_of(layout.axes, x, "arrival {x} s", LINE, measure)
    assert grip.text.text == f"arrival {x:.0f} s"
    assert grip.text.y + grip.text.height <= box.y
    assert box.x <= grip.text.x
    assert grip.text.x + grip.text.width <= box.right + 0.01
    at = grip.line.pieces[0][0, 0]
    assert box.x <= at <= box.right
    assert not grip.text.x < at < grip.text.x + grip.text.width
    below = [text for text in layout.texts if text.text in ("measured", "fitted")]
    assert all(text.y + text.height <= grip.text.y + 0.01 for text in below)


def test_the_handle_is_taken_where_it_is_seen():
    axes = lay(chart_of(curve())).axes
    assert is_near(axes, 100.0, float(axes.x_px(100.0)) + 5.0)
    assert not is_near(axes, 100.0, float(axes.x_px(100.0)) + 15.0)
    assert is_near(axes, 1e6, axes.box.right)


@pytest.mark.parametrize("background", [(255, 255, 255), (30, 30, 30), (239, 239, 239), (0, 0, 0)])
@pytest.mark.parametrize("colour", [*PALETTE, INK, (255, 255, 255), (0, 0, 0)])
def test_a_colour_is_readable_on_light_and_dark(colour, background):
    assert contrast(readable(colour, background), background) >= 4.5


def test_a_readable_colour_is_left_as_it_is():
    assert readable(BLUE, (255, 255, 255)) == BLUE
    assert contrast((255, 255, 255), (0, 0, 0)) == pytest.approx(21.0)

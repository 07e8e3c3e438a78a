"""Logarithmic axes: what the items hold, which numbers stand at the axis, and that both drawings show them."""

import json

import numpy as np
import pytest
from HER2ImmunoCommonLib.chart_layout import lay_out
from HER2ImmunoCommonLib.chart_spec import Band, Chart, Line, Points, from_plain, to_plain
from HER2ImmunoCommonLib.charts import can_draw, to_svg
from HER2ImmunoCommonLib.log_axes import log_ticks, on_log_axes

X = np.array([0.0, 1.0, 2.0])
CHART = Chart(
    "Growth",
    "Day",
    "Volume (cm³)",
    (
        Band(X, np.array([0.01, 0.1, 0.0]), np.array([1.0, 10.0, 1e4]), "90 % band"),
        Line(X, np.array([0.1, 1.0, 100.0]), "median"),
        Points(X[:1], np.array([0.2]), "measured", y_interval=(np.array([0.1]), np.array([0.4]))),
    ),
    y_range=(0.01, 1e4),
)


def test_items_hold_logarithms_along_the_axes_asked_for():
    chart = on_log_axes(CHART, "y")
    band, line, points = chart.items
    assert line.x.tolist() == X.tolist()
    assert line.y.tolist() == [-1.0, 0.0, 2.0]
    np.testing.assert_allclose(band.low, [-2.0, -1.0, np.nan])
    np.testing.assert_allclose([points.y_interval[0][0], points.y_interval[1][0]], np.log10([0.1, 0.4]))
    assert chart.y_range == (-2.0, 4.0)
    assert from_plain(json.loads(json.dumps(to_plain(chart)))).log_axes == "y"
    assert CHART.log_axes == ""


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (-2.0, 4.0, ["0.01", "0.1", "1", "10", "100", "1000", "10000"]),
        (-1.3, 0.4, ["0.1", "0.2", "0.5", "1", "2"]),
        (-6.0, 6.0, ["1e-06", "0.0001", "0.01", "1", "100", "10000", "1e+06"]),
    ],
)
def test_the_ticks_are_the_numbers_themselves(low, high, labels):
    found = log_ticks(low, high)
    assert [text for _, text in found][: len(labels)] == labels
    assert all(10.0**at == pytest.approx(float(text)) for at, text in found)
    assert all(low - 1e-6 <= at <= high + 1e-6 for at, _ in found)


def test_a_short_axis_has_ticks_between():
    found = log_ticks(np.log10(1.1), np.log10(1.6))
    assert len(found) >= 4
    assert all(10.0**at == pytest.approx(float(text)) for at, text in found)


def test_both_drawings_show_the_numbers():
    chart = on_log_axes(CHART, "y")
    layout = lay_out(chart, (600, 400), 14.0, lambda text: 7.0 * len(text))
    assert {"0.01", "100", "10000"} <= {text.text for text in layout.texts}
    if can_draw():
        assert all(f">{number}<" in to_svg(chart) for number in ("0.01", "100", "10000"))

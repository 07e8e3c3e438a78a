"""The chart that a panel paints itself: what is seen of it, and the handle that is moved along it."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.chart_spec import BLUE, GREY, INK, ORANGE, Band, Bars, Chart, Line, Points, Span

X = np.linspace(0.0, 300.0, 200)
CURVE = np.where(X < 30.0, 0.0, np.exp(-(X - 30.0) / 120.0))


def curve_chart():
    rng = np.random.default_rng(0)
    measured = CURVE + rng.normal(0.0, 0.03, X.size)
    measured[80:90] = np.nan
    x, y = X[::10], measured[::10]
    return Chart(
        "Curve under the cursor",
        "time (s)",
        "concentration (mM)",
        (
            Span(0.0, 30.0, "baseline frames", GREY),
            Band(X, CURVE - 0.1, CURVE + 0.1, "95 % interval", BLUE),
            Points(x, y, "measured", INK, y_interval=(y - 0.05, y + 0.05)),
            Line(X, CURVE, "fitted", BLUE),
            Line(X, 0.9 * measured, "Parker", ORANGE, dashed=True),
        ),
    )


def bars_chart():
    edges = np.linspace(0.0, 0.6, 31)
    heights = 400.0 * np.exp(-(((edges[:-1] - 0.12) / 0.1) ** 2))
    return Chart("Ktrans of the tumour", "Ktrans (1/min)", "voxels", (Bars(edges, heights, "all", BLUE),))


@pytest.fixture
def plot(frame):
    """A plot as wide as a panel."""
    import qt
    from HER2ImmunoCommonLib.gui import LivePlot

    layout = qt.QVBoxLayout(frame)
    layout.setContentsMargins(0, 0, 0, 0)
    plot = LivePlot(frame)
    layout.addWidget(plot)
    frame.resize(400, 10)
    frame.show()
    frame.activateWindow()
    return plot


def settle():
    import slicer

    for _ in range(5):
        slicer.app.processEvents()


def pixels(plot):
    """What is painted, shape (rows, columns, 3)."""
    settle()
    image = plot.grab().toImage()
    image = image.convertToFormat(image.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def near(picture, colour, within=40):
    return (np.abs(picture - np.asarray(colour)) < within).all(axis=-1)


def drag(plot, start, stop):
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    y = round(plot._layout().axes.box.y) + 20
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(round(start), y))
    QTest.mouseMove(plot, QPoint(round((start + stop) / 2), y))
    QTest.mouseMove(plot, QPoint(round(stop), y))
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(round(stop), y))


def press(plot, key, shift=False):
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(plot, getattr(Qt.Key, key), modifier)


def x_px(plot, x):
    return float(plot._layout().axes.x_px(x))


def test_a_curve_is_painted_where_its_numbers_are(plot):
    plot.showChart(Chart("t", "x", "y", (Line(X, CURVE, "", BLUE),), y_range=(0.0, 1.0)))
    blue = near(pixels(plot), BLUE)
    axes = plot._layout().axes
    for at in (60.0, 120.0, 200.0):
        rows = np.flatnonzero(blue[:, round(float(axes.x_px(at)))])
        truth = float(axes.y_px(np.interp(at, X, CURVE)))
        assert rows.min() - 2 <= truth <= rows.max() + 2


def test_a_curve_has_a_gap_where_it_is_nan(plot):
    y = np.where((X > 100) & (X < 200), np.nan, 0.5)
    plot.showChart(Chart("t", "x", "y", (Line(X, y, "", BLUE),), y_range=(0.0, 1.0)))
    columns = near(pixels(plot), BLUE).any(axis=0)
    assert columns[round(x_px(plot, 50.0))]
    assert not columns[round(x_px(plot, 150.0))]
    assert columns[round(x_px(plot, 250.0))]


def test_a_new_chart_is_painted_at_once_in_place_of_the_old(plot):
    plot.showChart(Chart("t", "x", "y", (Line(X, CURVE, "", BLUE),)))
    assert near(pixels(plot), BLUE).any()
    plot.showChart(Chart("t", "x", "y", (Line(X, CURVE, "", ORANGE),)))
    picture = pixels(plot)
    assert not near(picture, BLUE).any()
    assert near(picture, ORANGE).any()


def test_without_a_chart_nothing_is_painted_and_the_place_is_kept(plot):
    plot.showChart(bars_chart())
    settle()
    height = plot.height
    plot.showChart(None)
    assert np.ptp(pixels(plot), axis=(0, 1)).max() == 0
    assert plot.height == height


def test_bars_and_spans_are_seen(plot):
    plot.showChart(Chart("t", "x", "y", (Span(0.0, 1.0, "", ORANGE), Bars(np.array([1.0, 2.0]), np.array([5.0]), ""))))
    picture, axes = pixels(plot), plot._layout().axes
    middle = round((axes.box.y + axes.box.bottom) / 2)
    bar = picture[middle, round(float(axes.x_px(1.5)))]
    assert bar[2] > bar[0] + 60
    plot.showChart(Chart("t", "x", "y", (Span(1.2, 1.8, "", ORANGE), Bars(np.array([1.0, 2.0]), np.array([0.0]), ""))))
    picture, axes = pixels(plot), plot._layout().axes
    shaded, clear = (picture[middle, round(float(axes.x_px(x)))] for x in (1.53, 1.08))
    assert clear.tolist() == [255, 255, 255]
    assert shaded[2] < 235


@pytest.mark.parametrize("palette", ["light_palette", "dark_palette"])
@pytest.mark.parametrize("width", [300, 420])
def test_what_is_seen_on_light_and_dark(frame, photograph, palette, width):
    """Looked at: nothing overlaps, every curve and word can be read."""
    import qt
    from HER2ImmunoCommonLib.gui import LivePlot
    from host import application

    frame.setPalette(getattr(application, palette)())
    layout = qt.QVBoxLayout(frame)
    for chart, handle in ((curve_chart(), (31.5, "arrival {x} s")), (bars_chart(), (0.05, "cut {x}"))):
        plot = LivePlot(frame)
        plot.showChart(chart)
        plot.setHandle(*handle)
        layout.addWidget(plot)
    photograph(frame, f"live-plot-{palette}-{width}", width)
    picture = pixels(plot)
    background = picture[1, 1]
    assert (background.mean() > 200) == (palette == "light_palette")
    words = picture[: plot.fontMetrics().height() + 6, :120]
    assert np.abs(words - background).max() > 150


def test_the_height_follows_the_rows_of_the_legend_and_a_panel_gives_it(plot):
    heights, line = [], plot.fontMetrics().height()
    for count in (1, 8):
        plot.showChart(Chart("t", "x", "y", tuple(Line(X, CURVE, f"a rather long name {n}") for n in range(count))))
        settle()
        heights.append(plot.height)
        assert plot.height == plot.minimumHeight
    assert heights[0] < 15 * line
    assert heights[1] - heights[0] >= 2 * line
    assert plot.minimumWidth == 300


def test_the_picture_is_as_fine_as_the_screen(plot):
    """On a screen with two dots a pixel, a curve is painted with both."""
    from PySide6.QtGui import QPixmap

    plot.showChart(curve_chart())
    settle()
    fine = QPixmap(2 * plot.width, 2 * plot.height)
    fine.setDevicePixelRatio(2.0)
    plot.render(fine)
    coarse = plot.grab().toImage()
    image = fine.toImage()
    assert (image.width(), image.height()) == (2 * coarse.width(), 2 * coarse.height())
    doubled = coarse.scaled(image.width(), image.height())
    assert image.convertToFormat(doubled.format()) != doubled


def test_the_handle_is_dragged_and_told_of_when_it_is_let_go(plot):
    told = []
    plot.showChart(curve_chart())
    plot.setHandle(30.0, "arrival {x} s", told.append)
    settle()
    drag(plot, x_px(plot, 30.0) + 2, x_px(plot, 150.0))
    assert told == [plot.handleX]
    assert plot.handleX == pytest.approx(150.0, abs=1.5 * plot._layout().axes.x_step)


def test_a_press_beside_the_handle_does_not_move_it(plot):
    told = []
    plot.showChart(curve_chart())
    plot.setHandle(30.0, "arrival", told.append)
    settle()
    drag(plot, x_px(plot, 200.0), x_px(plot, 250.0))
    assert (plot.handleX, told) == (30.0, [])


def test_the_handle_stays_on_the_axis_when_the_mouse_leaves(plot):
    told = []
    plot.showChart(curve_chart())
    plot.setHandle(30.0, "arrival", told.append)
    settle()
    drag(plot, x_px(plot, 30.0), 5000)
    assert told == [300.0]


def test_keys_move_the_handle_by_a_step_and_with_shift_by_ten(plot):
    told = []
    plot.showChart(curve_chart())
    plot.setHandle(30.0, "arrival", told.append)
    settle()
    step = plot._layout().axes.x_step
    for key, shift in (("Key_Right", False), ("Key_Left", False), ("Key_Right", True), ("Key_Left", True)):
        press(plot, key, shift)
    assert told == pytest.approx([30.0 + step, 30.0, 30.0 + 10 * step, 30.0])


def test_other_keys_are_left_to_the_panel(plot, frame):
    import qt

    plot.showChart(curve_chart())
    plot.setHandle(30.0, "arrival")
    event = qt.QKeyEvent(qt.QEvent.KeyPress, qt.Qt.Key_Up, qt.Qt.NoModifier)
    plot.keyPressEvent(event)
    assert not event.isAccepted()


def test_a_handle_in_the_hand_is_not_taken_away_by_a_refresh(plot):
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    told = []
    plot.showChart(curve_chart())
    plot.setHandle(30.0, "arrival", told.append)
    settle()
    y = round(plot._layout().axes.box.y) + 20
    QTest.mousePress(
        plot, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(round(x_px(plot, 30.0)), y)
    )
    QTest.mouseMove(plot, QPoint(round(x_px(plot, 100.0)), y))
    plot.showChart(curve_chart())
    plot.setHandle(30.0, "arrival", told.append)
    assert plot.handleX == pytest.approx(100.0, abs=3.0)
    QTest.mouseRelease(
        plot, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(round(x_px(plot, 100.0)), y)
    )
    assert told == [plot.handleX]


def test_the_handle_is_reached_by_tab_only_while_there_is_one(plot):
    import qt

    plot.showChart(curve_chart())
    assert plot.focusPolicy == qt.Qt.NoFocus
    plot.setHandle(30.0, "arrival")
    assert plot.focusPolicy == qt.Qt.StrongFocus
    plot.setHandle(None)
    assert plot.focusPolicy == qt.Qt.NoFocus
    assert plot.handleX is None
    press(plot, "Key_Right")
    drag(plot, 100, 200)
    assert plot.handleX is None


def test_the_tool_tip_tells_how_the_handle_is_moved_unless_there_is_a_better_one(plot):
    plot.showChart(curve_chart())
    plot.setHandle(30.0, "arrival")
    assert "left and right keys" in plot.toolTip
    plot.setHandle(None)
    assert plot.toolTip == ""
    plot.setToolTip("Arrival of the agent (s)")
    plot.setHandle(30.0, "arrival")
    assert plot.toolTip == "Arrival of the agent (s)"


def test_the_handle_is_seen_and_goes_when_it_is_taken_away(plot):
    plot.showChart(Chart("t", "x", "y", (Line(X, CURVE, "", BLUE),)))
    plot.setHandle(250.0, "")
    seen, at = pixels(plot), round(x_px(plot, 250.0))
    box = plot._layout().axes.box
    plot.setHandle(None)
    plot.setMinimumHeight(len(seen))
    plot.setMaximumHeight(len(seen))
    without = pixels(plot)
    changed = (np.abs(seen - without)[:, at - 1 : at + 2] > 30).any(axis=(1, 2))
    assert changed[round(box.y) : round(box.bottom)].mean() > 0.9


def test_the_mouse_event_has_what_qt_5_has(host):
    """What PySide has beyond it must not work here: in the application it would not."""
    import qt
    from PySide6.QtCore import QEvent, QPointF, Qt

    none = Qt.MouseButton.NoButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    event = qt.QMouseEvent(QEvent.Type.MouseMove, QPointF(3, 4), QPointF(30, 40), *none)
    assert (event.x(), event.y(), event.pos().x(), event.globalX()) == (3, 4, 3, 30)
    for later in ("position", "globalPosition", "scenePosition"):
        assert not hasattr(event, later)
    assert hasattr(qt.QWheelEvent, "position")
    assert not hasattr(qt.QWheelEvent, "scenePosition")

"""The shared parts of showing: outlines and what they leave alone, legends, windows, charts with room."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.chart_spec import Band, Chart, Line, Points
from HER2ImmunoCommonLib.geometry import Volume


@pytest.fixture
def image(scene):
    """A ramp, on a grid of its own."""
    from HER2ImmunoCommonLib.scene import node_from_volume

    array = np.arange(6 * 7 * 8, dtype=np.float32).reshape(6, 7, 8)
    node = node_from_volume(scene, Volume(array, np.diag([2.0, 2.0, 3.0, 1.0])), "MR")
    node.CreateDefaultDisplayNodes()
    return node


@pytest.fixture
def regions(scene, image):
    """Two segmentations, of two visits."""
    from HER2ImmunoCommonLib.scene import add_segment

    made = []
    for name in ("baseline", "day 7"):
        made.append(scene.AddNewNodeByClass("vtkMRMLSegmentationNode", name))
        made[-1].CreateDefaultDisplayNodes()
        mask = np.zeros((6, 7, 8), bool)
        mask[1:3, 2:5, 3:7] = True
        add_segment(made[-1], mask, "tumour", image)
    return made


def seen(node):
    display = node.GetDisplayNode()
    return bool(display.GetVisibility()) and bool(display.GetVisibility2D())


def seen_in_3d(node):
    display = node.GetDisplayNode()
    return bool(display.GetVisibility()) and bool(display.GetVisibility3D())


def test_outlines_leave_3d_views_as_they_are(scene, regions):
    from HER2ImmunoCommonLib.scene import outline_only

    first, second = regions
    first.GetDisplayNode().SetVisibility(False)
    second.GetDisplayNode().SetVisibility(True)
    outline_only(scene, first)
    assert (seen(first), seen(second)) == (True, False)
    assert (seen_in_3d(first), seen_in_3d(second)) == (False, True)
    assert second.GetDisplayNode().GetVisibility2DFill()


def test_what_a_map_hid_is_seen_again_with_the_next_images(scene, view, image, regions):
    from HER2ImmunoCommonLib.scene import outline_only, show_images

    first, second = regions
    outline_only(scene, first)
    show_images(scene, image)
    assert (seen(first), seen(second)) == (True, True)
    second.GetDisplayNode().SetVisibility2D(False)
    outline_only(scene, first)
    show_images(scene, image)
    assert (seen(first), seen(second)) == (True, False)  # a person had hidden it
    show_images(scene, image, second)
    assert (seen(first), seen(second)) == (False, True)


def test_a_segment_is_centred_where_its_transform_puts_it(scene, regions):
    import slicer
    from HER2ImmunoCommonLib.scene import segment_centre

    node = regions[0]
    identifier = node.GetSegmentation().GetNthSegmentID(0)
    expected = np.array([2 * 4.5, 2 * 3.0, 3 * 1.5])
    np.testing.assert_allclose(segment_centre(node, identifier), expected)
    turned = np.array([[0, -1.0, 0, 5], [1, 0, 0, 6], [0, 0, 1, 7], [0, 0, 0, 1]])
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    slicer.util.updateTransformMatrixFromArray(transform, turned)
    node.SetAndObserveTransformNodeID(transform.GetID())
    np.testing.assert_allclose(segment_centre(node, identifier), (turned @ (*expected, 1))[:3])
    assert segment_centre(node, "gone") is None


def test_a_window_is_made_once_and_a_persons_stays(scene, view, image):
    from HER2ImmunoCommonLib.scene import show_images

    display = image.GetDisplayNode()
    show_images(scene, image)
    assert 0 < display.GetWindowLevelMin() < 10
    assert 325 < display.GetWindowLevelMax() < 335
    display.SetWindowLevelMinMax(50, 60)
    show_images(scene, image)
    assert (display.GetWindowLevelMin(), display.GetWindowLevelMax()) == (50, 60)


@pytest.mark.parametrize(
    ("low", "high", "steps", "label"),
    [(0, 0.12, 6, "0.12"), (0, 0.3, 3, "0.3"), (0, 2, 4, "2.0"), (0, 2.5, 5, "2.5"), (0, 6000, 3, "6000")],
)
def test_a_legend_has_round_numbers(low, high, steps, label):
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    from HER2ImmunoCommonLib.scene import legend_steps

    count, number = legend_steps(low, high)
    assert (count, number % high) == (steps, label)


@pytest.mark.parametrize("value", [0.034, 0.11, 0.97, 1.0, 2.3, 61.0, 8123.0])
def test_the_top_of_a_window_is_round_and_near(value):
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    from HER2ImmunoCommonLib.scene import round_top

    assert value <= round_top(value) * (1 + 1e-9) <= 1.26 * value


def test_a_new_result_is_shown_where_the_old_one_was(scene, view, image):
    from HER2ImmunoCommonLib.scene import has_legend, node_from_volume, show_map, take_place

    volume = Volume(np.full((6, 7, 8), 1.0), np.diag([2.0, 2.0, 3.0, 1.0]))
    old, new = (node_from_volume(scene, volume, "Ktrans") for _ in range(2))
    new.CreateDefaultDisplayNodes()
    show_map(scene, old, image)
    take_place(old, new)
    assert view.layers.GetForegroundVolumeID() == new.GetID()
    assert has_legend(new)
    assert not has_legend(old)


def test_a_legend_of_a_chart_has_nothing_below_it(scene):
    """Three entries at the top right: a curve that ends high is given room above, one that ends low is not."""
    from HER2ImmunoCommonLib.scene import node_from_chart

    x = np.linspace(0.0, 5.0, 50)
    for end, has_room in ((1.0, True), (0.2, False)):
        y = np.interp(x, [0, 0.5, 5], [0, 1.0, end])
        items = (Band(x, y - 0.01, y + 0.01, "95 % confidence"), Line(x, y, "fit"), Points(x, y, "mean"))
        node = node_from_chart(scene, Chart("Enhancement", "Time (min)", "Concentration (mM)", items))
        low, high = node.GetYAxisRange()
        assert not node.GetYAxisRangeAuto()
        assert (y.max() < low + 0.85 * (high - low)) == has_room
        assert y[x >= 2.5].max() < low + (1 - 3 * 0.08) * (high - low) + 1e-9


def test_a_band_is_one_entry_of_the_legend(scene):
    from HER2ImmunoCommonLib.scene import node_from_chart

    x = np.arange(3.0)
    node = node_from_chart(scene, Chart("Fit", "x", "y", (Band(x, x - 1, x + 1, "95 % confidence"),)))
    assert [node.GetNthPlotSeriesNode(n).GetName() for n in range(node.GetNumberOfPlotSeriesNodes())] == [
        "95 % confidence"
    ]

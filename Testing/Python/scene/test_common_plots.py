"""Charts in the scene: hidden parts stay out of the data tree, and a plot view keeps its chart over a new run."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.chart_spec import BLUE, Band, Bars, Chart, Line, Span


def chart(title):
    x = np.arange(3.0)
    return Chart(title, "Day", "Volume (cm³)", (Band(x, x, x + 1, "90 % band", BLUE), Line(x, x, "mean", BLUE)))


@pytest.fixture
def charts(scene):
    """`charts("a", "b")` makes chart nodes with these titles."""
    from HER2ImmunoCommonLib.scene import node_from_chart

    return lambda *titles: [node_from_chart(scene, chart(title)) for title in titles]


def plot_view(scene, shown):
    view = scene.AddNewNodeByClass("vtkMRMLPlotViewNode")
    view.SetPlotChartNodeID(shown.GetID())
    return view


def test_series_and_tables_are_hidden_before_the_data_tree_can_take_them_in(scene, charts):
    import slicer
    import vtk

    seen = []

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def note(caller, event, node):
        if not node.GetHideFromEditors():
            seen.append(node.GetClassName())

    scene.AddObserver(slicer.vtkMRMLScene.NodeAddedEvent, note)
    charts("Forecast")
    assert seen == ["vtkMRMLPlotChartNode"]


def test_the_tables_of_a_chart_have_names_that_tell_them(charts):
    from HER2ImmunoCommonLib.scene import nodes_of_chart

    (node,) = charts("Forecast")
    tables = [part.GetName() for part in nodes_of_chart(node) if part.IsA("vtkMRMLTableNode")]
    assert tables
    assert all(name.startswith("Forecast: ") for name in tables)


def test_a_view_shows_the_chart_of_the_same_title_after_a_new_run(scene, charts):
    from HER2ImmunoCommonLib.scene import show_successors

    earlier = charts("Gap", "Ranking", "Volume")
    views = [plot_view(scene, node) for node in earlier]
    later = charts("Ranking", "Volume", "Gap")
    show_successors(earlier, later)
    assert [view.GetPlotChartNode() for view in views] == [later[2], later[0], later[1]]


def test_without_its_title_the_number_counts_and_then_the_last(scene, charts):
    from HER2ImmunoCommonLib.scene import show_successors

    earlier = charts("Profile of k", "Spectrum", "Third")
    views = [plot_view(scene, node) for node in earlier]
    later = charts("Profile of g", "Spectrum")
    show_successors(earlier, later)
    assert [view.GetPlotChartNode().GetTitle() for view in views] == ["Profile of g", "Spectrum", "Spectrum"]


def test_a_view_of_another_chart_and_a_first_run_change_nothing(scene, charts):
    from HER2ImmunoCommonLib.scene import show_successors

    (own,) = charts("Mine")
    view = plot_view(scene, own)
    show_successors([None], charts("Volume"))
    show_successors([own], [])
    assert view.GetPlotChartNode() is own


def test_bars_and_spans_become_their_outlines_and_come_back_whole(scene):
    import slicer
    from HER2ImmunoCommonLib.scene import chart_from_node, node_from_chart

    bars = Bars(np.array([0.0, 0.1, 0.3]), np.array([40.0, 20.0]), "voxels")
    node = node_from_chart(scene, Chart("Ktrans", "1/min", "voxels", (Span(-1.0, 0.05, "necrotic"), bars)))
    series = [node.GetNthPlotSeriesNode(n) for n in range(node.GetNumberOfPlotSeriesNodes())]
    assert [each.GetName() for each in series] == ["necrotic", "voxels"]
    span, outline = (
        [slicer.util.arrayFromTableColumn(each.GetTableNode(), name).tolist() for name in "xy"] for each in series
    )
    assert span == [[0.0, 0.0, 0.05, 0.05, 0.0], [0.0, 40.0, 40.0, 0.0, 0.0]]
    assert outline == [[0.0, 0.0, 0.1, 0.1, 0.3, 0.3], [0.0, 40.0, 40.0, 20.0, 20.0, 0.0]]
    again = chart_from_node(node)
    assert (again.items[0].x_low, again.items[0].x_high) == (-1.0, 0.05)
    np.testing.assert_array_equal(again.items[1].heights, bars.heights)


def test_the_legend_does_not_hide_bars(scene):
    from HER2ImmunoCommonLib.scene import node_from_chart

    bars = Bars(np.linspace(0.0, 1.0, 5), np.array([1.0, 1.0, 1.0, 10.0]), "voxels")
    node = node_from_chart(scene, Chart("Ktrans", "1/min", "voxels", (Span(0.0, 0.5, "necrotic"), bars)))
    assert node.GetYAxisRange()[1] > 10.5


def test_a_plot_view_says_that_it_shows_logarithms(scene):
    from HER2ImmunoCommonLib.log_axes import on_log_axes
    from HER2ImmunoCommonLib.scene import chart_from_node, node_from_chart

    node = node_from_chart(scene, on_log_axes(chart("Growth"), "y"))
    assert (node.GetXAxisTitle(), node.GetYAxisTitle()) == ("Day", "Volume (cm³), log10")
    assert chart_from_node(node).log_axes == "y"

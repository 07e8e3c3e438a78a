"""A chart as Slicer's own plot nodes."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import slicer
from vtk.util.numpy_support import numpy_to_vtk

from ..chart_spec import PALETTE, Band, Bars, Chart, Colour, Line, Points, Span, extent, from_plain, to_plain

CHART_ATTRIBUTE = "HER2Immuno.Chart"
TITLE_POINTS, LONG_TITLE_POINTS, TEXT_POINTS = 15, 11, 11
LONG_TITLE = 40
"""Letters, beyond which a title in its usual size is cut in a view of a four-up layout."""
LEGEND_WIDTH, ENTRY_HEIGHT, LEGEND_AT_MOST = 0.5, 0.08, 0.5
"""Size of the legend, at the top right of a plot view of a four-up layout, as shares of the plot area."""


def node_from_chart(scene: slicer.vtkMRMLScene, chart: Chart) -> slicer.vtkMRMLPlotChartNode:
    """A plot chart node with its series and tables; bands, bars and spans become their outlines.

    Intervals along y are left out.

    Plot views cannot name positions on an axis: points at named positions become one series each, with its name in
    the legend and its interval along x as a line.

    A plot view puts the legend into the top right corner, so the axis leaves room for it there.

    Logarithmic axes show logarithms, which their titles say.

    The series and tables are referenced by the chart; `remove_chart` takes all of them away.
    """
    node = scene.AddNewNodeByClass("vtkMRMLPlotChartNode", scene.GenerateUniqueName(chart.title))
    node.SetTitle(chart.title)
    node.SetXAxisTitle(_axis_title(chart, "x"))
    node.SetYAxisTitle(_axis_title(chart, "y"))
    node.SetLegendVisibility(chart.legend or bool(chart.y_names))
    node.SetAttribute(CHART_ATTRIBUTE, json.dumps(to_plain(chart)))
    for item in chart.items:
        if isinstance(item, Band):
            around = np.concatenate([item.x, item.x[::-1]]), np.concatenate([item.low, item.high[::-1]])
            _add(node, item.label, *around, item.colour, line=True, dashed=True)
        elif isinstance(item, Span):
            _add(node, item.label, *_around(item, chart), item.colour, line=True, dashed=True)
        elif isinstance(item, Bars):
            _add(node, item.label, *item.steps(), item.colour, line=True, dashed=False)
        elif isinstance(item, Points) and chart.y_names:
            _add_named(node, item, chart.y_names)
        else:
            dashed = isinstance(item, Line) and item.dashed
            _add(node, item.label, item.x, item.y, item.colour, line=isinstance(item, Line), dashed=dashed)
    _set_look(node, chart)
    return node


def _axis_title(chart: Chart, axis: str) -> str:
    label = getattr(chart, f"{axis}_label")
    return f"{label}, log10" if axis in chart.log_axes else label


def _around(span: Span, chart: Chart) -> tuple[np.ndarray, np.ndarray]:
    """x and y of the outline of a span, within the chart."""
    x_range, (low, high) = extent(chart)
    left, right = np.clip([span.x_low, span.x_high], *x_range)
    return np.array([left, left, right, right, left]), np.array([low, high, high, low, low])


def _set_look(node: slicer.vtkMRMLPlotChartNode, chart: Chart) -> None:
    node.SetTitleFontSize(LONG_TITLE_POINTS if len(chart.title) > LONG_TITLE else TITLE_POINTS)
    for set_size in (node.SetLegendFontSize, node.SetAxisTitleFontSize, node.SetAxisLabelFontSize):
        set_size(TEXT_POINTS)
    if node.GetLegendVisibility():
        node.SetYAxisRangeAuto(False)
        node.SetYAxisRange(*_range_with_legend(chart, node.GetNumberOfPlotSeriesNodes()))


def _range_with_legend(chart: Chart, entries: int) -> tuple[float, float]:
    """The range of y in which nothing lies below a legend of so many entries."""
    (x0, x1), (low, high) = extent(chart)
    from_x = x1 - LEGEND_WIDTH * (x1 - x0)
    below = [low]
    for item in chart.items:
        if isinstance(item, Span):
            continue
        if isinstance(item, Bars):
            ends, top = item.steps()
        else:
            top = item.high if isinstance(item, Band) else item.y
            ends = item.x_interval[1] if isinstance(item, Points) and item.x_interval is not None else item.x
        below += np.asarray(top, float)[np.asarray(ends, float) >= from_x].tolist()
    share = min(LEGEND_AT_MOST, ENTRY_HEIGHT * entries)
    return low, max(high, low + (float(np.nanmax(below)) - low) / (1.0 - share))


def chart_from_node(node: slicer.vtkMRMLPlotChartNode) -> Chart | None:
    """The chart that a plot chart node was made from, bands and intervals included; None for any other node."""
    text = node.GetAttribute(CHART_ATTRIBUTE)
    return from_plain(json.loads(text)) if text else None


def _add_named(chart, points: Points, names: tuple[str, ...]) -> None:
    low, high = points.x_interval or (points.x, points.x)
    for n in reversed(range(len(points.x))):
        x, y = np.array([low[n], points.x[n], high[n]]), np.full(3, points.y[n])
        name, colour = names[round(points.y[n])], PALETTE[n % len(PALETTE)]
        series = _add(chart, name, x, y, colour, line=True, dashed=False)
        series.SetMarkerStyle(series.MarkerStyleCircle)


def _add(chart, label: str, x: np.ndarray, y: np.ndarray, colour: Colour, *, line: bool, dashed: bool):
    scene = chart.GetScene()
    table = _add_hidden(scene, "vtkMRMLTableNode", scene.GenerateUniqueName(f"{chart.GetTitle()}: {label}"))
    for name, values in (("x", x), ("y", y)):
        column = numpy_to_vtk(np.array(values, float), deep=1)
        column.SetName(name)
        table.AddColumn(column)
    series = _add_hidden(scene, "vtkMRMLPlotSeriesNode", label)
    series.SetAndObserveTableNodeID(table.GetID())
    series.SetXColumnName("x")
    series.SetYColumnName("y")
    series.SetPlotType(series.PlotTypeScatter)
    series.SetColor(*(channel / 255 for channel in colour))
    series.SetMarkerStyle(series.MarkerStyleNone if line else series.MarkerStyleCircle)
    line_style = series.LineStyleDash if dashed else series.LineStyleSolid
    series.SetLineStyle(line_style if line else series.LineStyleNone)
    chart.AddAndObservePlotSeriesNodeID(series.GetID())
    return series


def _add_hidden(scene, kind: str, name: str):
    """A new node that is hidden when it is added: the application's data tree takes in those that are not."""
    node = scene.CreateNodeByClass(kind)
    node.UnRegister(None)
    node.SetName(name)
    node.SetHideFromEditors(True)
    return scene.AddNode(node)


def nodes_of_chart(chart: slicer.vtkMRMLPlotChartNode) -> list[slicer.vtkMRMLNode]:
    """A chart with its tables and series."""
    series = [chart.GetNthPlotSeriesNode(n) for n in range(chart.GetNumberOfPlotSeriesNodes())]
    return [node for node in (chart, *(entry.GetTableNode() for entry in series), *series) if node is not None]


def remove_chart(chart: slicer.vtkMRMLPlotChartNode) -> None:
    """Remove a chart with its series and tables."""
    scene = chart.GetScene()
    for node in nodes_of_chart(chart):
        scene.RemoveNode(node)


def show_successors(
    earlier: Sequence[slicer.vtkMRMLPlotChartNode | None], later: Sequence[slicer.vtkMRMLPlotChartNode]
) -> None:
    """Let plot views that show a chart show the one that takes its place; call it before the earlier ones are removed.

    The successor has the same title, else the same number. A view whose chart is removed would choose any other.
    """
    if not later:
        return
    titles = {chart.GetTitle(): chart for chart in reversed(later)}
    for number, chart in enumerate(earlier):
        if chart is None:
            continue
        successor = titles.get(chart.GetTitle(), later[min(number, len(later) - 1)])
        for view in slicer.util.getNodesByClass("vtkMRMLPlotViewNode", chart.GetScene()):
            if view.GetPlotChartNodeID() == chart.GetID():
                view.SetPlotChartNodeID(successor.GetID())
        selection = chart.GetScene().GetNodeByID("vtkMRMLSelectionNodeSingleton")
        if selection is not None and selection.GetActivePlotChartID() == chart.GetID():
            selection.SetActivePlotChartID(successor.GetID())

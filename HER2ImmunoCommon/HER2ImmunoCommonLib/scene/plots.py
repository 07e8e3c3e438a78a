"""A chart as Slicer's own plot nodes."""

from __future__ import annotations

import numpy as np
import slicer
from vtk.util.numpy_support import numpy_to_vtk

from ..chart_spec import Band, Chart, Colour, Line


def node_from_chart(scene: slicer.vtkMRMLScene, chart: Chart) -> slicer.vtkMRMLPlotChartNode:
    """A plot chart node with its series and tables; bands become two thin lines, intervals are left out.

    The series and tables are referenced by the chart; `remove_chart` takes all of them away.
    """
    node = scene.AddNewNodeByClass("vtkMRMLPlotChartNode", scene.GenerateUniqueName(chart.title))
    node.SetTitle(chart.title)
    node.SetXAxisTitle(chart.x_label)
    node.SetYAxisTitle(chart.y_label)
    node.SetLegendVisibility(chart.legend)
    for item in chart.items:
        if isinstance(item, Band):
            _add(node, f"{item.label} (lower)", item.x, item.low, item.colour, line=True, dashed=True)
            _add(node, f"{item.label} (upper)", item.x, item.high, item.colour, line=True, dashed=True)
        else:
            dashed = isinstance(item, Line) and item.dashed
            _add(node, item.label, item.x, item.y, item.colour, line=isinstance(item, Line), dashed=dashed)
    return node


def _add(chart, label: str, x: np.ndarray, y: np.ndarray, colour: Colour, *, line: bool, dashed: bool) -> None:
    scene = chart.GetScene()
    table = scene.AddNewNodeByClass("vtkMRMLTableNode", scene.GenerateUniqueName(f"{label} data"))
    for name, values in (("x", x), ("y", y)):
        column = numpy_to_vtk(np.array(values, float), deep=1)
        column.SetName(name)
        table.AddColumn(column)
    table.SetHideFromEditors(True)
    series = scene.AddNewNodeByClass("vtkMRMLPlotSeriesNode", label)
    series.SetAndObserveTableNodeID(table.GetID())
    series.SetXColumnName("x")
    series.SetYColumnName("y")
    series.SetPlotType(series.PlotTypeScatter)
    series.SetColor(*(channel / 255 for channel in colour))
    series.SetMarkerStyle(series.MarkerStyleNone if line else series.MarkerStyleCircle)
    line_style = series.LineStyleDash if dashed else series.LineStyleSolid
    series.SetLineStyle(line_style if line else series.LineStyleNone)
    series.SetHideFromEditors(True)
    chart.AddAndObservePlotSeriesNodeID(series.GetID())


def remove_chart(chart: slicer.vtkMRMLPlotChartNode) -> None:
    """Remove a chart with its series and tables."""
    scene = chart.GetScene()
    series = [chart.GetNthPlotSeriesNode(n) for n in range(chart.GetNumberOfPlotSeriesNodes())]
    for node in [chart, *(entry.GetTableNode() for entry in series), *series]:
        if node is not None:
            scene.RemoveNode(node)

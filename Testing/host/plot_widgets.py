"""Slicer's plot widgets: the chart selector in the bar is real, the plot is a labelled frame."""

from __future__ import annotations

import vtk

from .node_combo_box import qMRMLNodeComboBox
from .observed import Observed
from .placeholder import Placeholder
from .pythonqt import declared_by_host


@declared_by_host
class qMRMLPlotView(Placeholder):
    """Where Slicer draws the chart of a plot view node."""

    def __init__(self, parent=None):
        super().__init__("Slicer's plot", 160, parent)
        self._view_node = None
        self._observe = Observed(self, [vtk.vtkCommand.ModifiedEvent], self._follow)

    def setMRMLPlotViewNode(self, node):
        self._view_node = node
        self._observe(node)
        self._follow()

    def mrmlPlotViewNode(self):
        return self._view_node

    def fitToContent(self):
        """No plot is drawn here."""

    def _follow(self):
        chart = self._view_node.GetPlotChartNode() if self._view_node is not None else None
        self._label.setText(f"Slicer's plot: {chart.GetName()}" if chart is not None else "Slicer's plot")


@declared_by_host
class qMRMLPlotWidget(qMRMLPlotView):
    """A plot view with its bar.

    The bar's selector of charts decides which chart the view shows. When that chart is deleted it selects another,
    as every node combo box does.
    """

    def __init__(self, parent=None):
        super().__init__(parent)
        self._charts = qMRMLNodeComboBox(self)
        self._charts.setObjectName("plotChartComboBox")
        self._charts.nodeTypes = ["vtkMRMLPlotChartNode"]
        self._charts.renameEnabled = self._charts.editEnabled = True
        self.layout().insertWidget(0, self._charts)
        self._charts.currentNodeIDChanged.connect(self._choose)

    def setMRMLScene(self, scene):
        super().setMRMLScene(scene)
        blocked = self._charts.blockSignals(True)
        self._charts.setMRMLScene(scene)
        self._charts.blockSignals(blocked)
        self._follow()

    def plotView(self):
        return self

    def _choose(self, chart_id):
        if self._view_node is not None:
            self._view_node.SetPlotChartNodeID(chart_id or None)

    def _follow(self):
        super()._follow()
        if self._view_node is not None and self.mrmlScene() is not None:
            blocked = self._charts.blockSignals(True)
            self._charts.setCurrentNode(self._view_node.GetPlotChartNode())
            self._charts.blockSignals(blocked)

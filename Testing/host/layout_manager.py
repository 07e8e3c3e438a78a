"""`slicer.app.layoutManager()` on Slicer's own layout, slice and plot nodes: which views there are, what they show."""

from __future__ import annotations

import shiboken6
import slicer
import vtk
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from .declared import with_properties
from .mrml_widgets import qMRMLWidget
from .observed import Observed
from .plot_widgets import qMRMLPlotWidget
from .pythonqt import declared_by_host

CONVENTIONAL = slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalView


@declared_by_host
class qMRMLSliceView(QWidget):
    """The part of a slice widget that is drawn; nothing is drawn here."""

    def __init__(self, parent):
        super().__init__(parent)
        self._annotation = vtk.vtkCornerAnnotation()

    def cornerAnnotation(self):
        return self._annotation

    def forceRender(self):
        """Draw at once."""

    def scheduleRender(self):
        """Draw soon."""


@declared_by_host
class qMRMLSliceWidget(qMRMLWidget):
    """A slice view: its logic and nodes, and whether the layout shows it."""

    def __init__(self, parent, node, application_logic):
        super().__init__(parent)
        self._logic = slicer.vtkMRMLSliceLogic()
        self._logic.SetMRMLApplicationLogic(application_logic)
        self._logic.SetMRMLScene(node.GetScene())
        self._logic.SetSliceNode(node)
        self._view = qMRMLSliceView(self)

    def sliceView(self):
        return self._view

    def sliceLogic(self):
        return self._logic

    def mrmlSliceNode(self):
        return self._logic.GetSliceNode()

    def mrmlSliceCompositeNode(self):
        return self._logic.GetSliceCompositeNode()


@declared_by_host
class qSlicerLayoutManager(with_properties(QWidget, layout=0)):
    """Follows the layout node with views; starts with the conventional layout."""

    layoutChanged = Signal(int)

    def __init__(self, application_logic):
        super().__init__()
        self._application_logic = application_logic
        self._logic = slicer.vtkMRMLLayoutLogic()
        self._logic.SetMRMLScene(slicer.mrmlScene)
        self._slices, self._plots, self._slice_logics = {}, {}, vtk.vtkCollection()
        self._viewport = QWidget()
        application_logic.SetSliceLogics(self._slice_logics)
        self._observe = Observed(self, [vtk.vtkCommand.ModifiedEvent], self._follow)
        self._observe(self._logic.GetLayoutNode())
        self.setLayout(CONVENTIONAL)

    def layoutLogic(self):
        return self._logic

    def mrmlScene(self):
        return self._logic.GetMRMLScene()

    def setLayout(self, layout):
        self._logic.GetLayoutNode().SetViewArrangement(layout)

    def viewport(self):
        """The widget with all views, in the middle of a main window."""
        return self._viewport

    threeDViewCount = tableViewCount = 0

    def sliceViewNames(self):
        return list(self._slices)

    def sliceWidget(self, name):
        return self._slices.get(name)

    def mrmlSliceLogics(self):
        return self._slice_logics

    @property
    def plotViewCount(self):
        return len(self._plots)

    def plotWidget(self, index):
        """The plot widget of this number, hidden if the layout has no plot view; None if there never was one."""
        return list(self._plots.values())[index] if 0 <= index < len(self._plots) else None

    def activeMRMLPlotViewNode(self):
        return next((each.mrmlPlotViewNode() for each in self._plots.values() if not each.isHidden()), None)

    def viewWidget(self, node):
        return (self._slices | self._plots).get(node.GetLayoutName())

    def resetSliceViews(self):
        for logic in self._slice_logics:
            logic.FitSliceToBackground()

    def _changed(self, name):
        if self._logic.GetLayoutNode().GetViewArrangement() != self.layout:
            self.setLayout(self.layout)

    def _follow(self):
        shown = list(self._logic.GetViewNodes())
        for node in shown:
            self._add(node)
        names = {node.GetLayoutName() for node in shown}
        for name, widget in (self._slices | self._plots).items():
            widget.setVisible(name in names)
        arrangement = self._logic.GetLayoutNode().GetViewArrangement()
        if arrangement != self.layout:
            self.layout = arrangement
            self.layoutChanged.emit(arrangement)

    def _add(self, node) -> None:
        name = node.GetLayoutName()
        if node.IsA("vtkMRMLSliceNode") and name not in self._slices:
            self._slices[name] = qMRMLSliceWidget(self, node, self._application_logic)
            self._slice_logics.AddItem(self._slices[name].sliceLogic())
        if node.IsA("vtkMRMLPlotViewNode") and name not in self._plots:
            self._plots[name] = widget = qMRMLPlotWidget(self)
            widget.setMRMLScene(node.GetScene())
            widget.setMRMLPlotViewNode(node)

    def _close(self) -> None:
        """Let go of the scene."""
        self._observe(None)
        self._application_logic.SetSliceLogics(None)
        for widget in self._slices.values():
            widget.sliceLogic().SetMRMLScene(None)
        self._slice_logics.RemoveAllItems()
        self._logic.SetMRMLScene(None)
        if shiboken6.isValid(self._viewport):  # else it went with its main window
            self._viewport.deleteLater()
        self.deleteLater()

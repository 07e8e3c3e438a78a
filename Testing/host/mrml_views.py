"""Slicer's widgets that show segments, tables and plots: a plain list, a plain table, a labelled frame."""

from __future__ import annotations

import slicer
import vtk
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QFrame, QLabel, QTableWidget, QTableWidgetItem, QVBoxLayout

from .declared import with_properties
from .mrml_widgets import Observed, qMRMLWidget
from .pythonqt import declared_by_host


def _inside(parent, child) -> None:
    layout = QVBoxLayout(parent)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(child)


class _Placeholder(qMRMLWidget):
    """A frame that says which part of Slicer stands here."""

    def __init__(self, text, height, parent=None):
        super().__init__(parent)
        self._label = QLabel(text, self)
        self._label.setAlignment(Qt.AlignCenter)
        self._label.setWordWrap(True)
        self._label.setFrameStyle(QFrame.Shape.StyledPanel | QFrame.Shadow.Sunken)
        self._label.setMinimumHeight(height)
        _inside(self, self._label)


@declared_by_host
class qMRMLSegmentsTableView(with_properties(qMRMLWidget, selectionMode=1, headerVisible=True, readOnly=False)):
    """The segments of a segmentation in a list."""

    selectionChanged = Signal(object, object)

    def __init__(self, parent=None):
        super().__init__(parent)
        self._node, self._table = None, QTableWidget(0, 1, self)
        self._table.setHorizontalHeaderLabels(["Name"])
        self._table.horizontalHeader().setStretchLastSection(True)
        self._table.verticalHeader().hide()
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        _inside(self, self._table)
        names = ("SegmentAdded", "SegmentRemoved", "SegmentModified")
        self._observe = Observed(self, [getattr(slicer.vtkSegmentation, name) for name in names], self._fill)
        self._table.itemSelectionChanged.connect(lambda: self.selectionChanged.emit(None, None))

    def setSegmentationNode(self, node):
        self._node = node
        self._observe(node)
        self._fill()

    def segmentationNode(self):
        return self._node

    def tableWidget(self):
        return self._table

    @property
    def segmentCount(self):
        return self._table.rowCount

    def _fill(self):
        segmentation = self._node.GetSegmentation() if self._node is not None else None
        segment_ids = [] if segmentation is None else list(segmentation.GetSegmentIDs())
        self._table.setRowCount(len(segment_ids))
        for row, segment_id in enumerate(segment_ids):
            item = QTableWidgetItem(segmentation.GetSegment(segment_id).GetName())
            item.setData(Qt.UserRole, segment_id)
            self._table.setItem(row, 0, item)

    def selectedSegmentIDs(self):
        return [index.data(Qt.UserRole) for index in self._table.selectionModel().selectedRows()]

    def setSelectedSegmentIDs(self, segment_ids):
        self._table.clearSelection()
        for row in range(self._table.rowCount):
            if self._table.item(row, 0).data(Qt.UserRole) in segment_ids:
                self._table.item(row, 0).setSelected(True)

    def clearSelection(self):
        self._table.clearSelection()


@declared_by_host
class qMRMLSegmentEditorWidget(
    with_properties(
        _Placeholder,
        segmentationNodeSelectorVisible=True,
        sourceVolumeNodeSelectorVisible=True,
        switchToSegmentationsButtonVisible=True,
        show3DButtonVisible=True,
        addRemoveSegmentButtonsVisible=True,
        specifyGeometryButtonVisible=True,
        maskingSectionVisible=True,
        maximumNumberOfUndoStates=0,
        autoShowSourceVolumeNode=True,
        readOnly=False,
    )
):
    """Where Slicer's Segment Editor is embedded. Its nodes are real, its tools are not here."""

    segmentationNodeChanged = Signal(object)
    sourceVolumeNodeChanged = Signal(object)
    currentSegmentIDChanged = Signal(str)

    def __init__(self, parent=None):
        super().__init__("Slicer's Segment Editor", 140, parent)
        self._editor = None

    def setMRMLSegmentEditorNode(self, node):
        self._editor = node

    def mrmlSegmentEditorNode(self):
        return self._editor

    def _needs_editor(self):
        if self._editor is None or self.mrmlScene() is None:
            raise RuntimeError("qMRMLSegmentEditorWidget needs its scene and its editor node first.")

    def setSegmentationNode(self, node):
        self._needs_editor()
        if node is not self._editor.GetSegmentationNode():
            self._editor.SetAndObserveSegmentationNode(node)
            self.segmentationNodeChanged.emit(node)

    def segmentationNode(self):
        return self._editor.GetSegmentationNode() if self._editor is not None else None

    def setSourceVolumeNode(self, node):
        self._needs_editor()
        if node is not self._editor.GetSourceVolumeNode():
            self._editor.SetAndObserveSourceVolumeNode(node)
            self.sourceVolumeNodeChanged.emit(node)

    def sourceVolumeNode(self):
        return self._editor.GetSourceVolumeNode() if self._editor is not None else None

    def setCurrentSegmentID(self, segment_id):
        self._needs_editor()
        self._editor.SetSelectedSegmentID(segment_id)
        self.currentSegmentIDChanged.emit(segment_id)

    def currentSegmentID(self):
        return self._editor.GetSelectedSegmentID() or "" if self._editor is not None else ""

    def setActiveEffectByName(self, name):
        self._needs_editor()
        self._editor.SetActiveEffectName(name)

    def setActiveEffect(self, effect):
        if self._editor is not None:
            self._editor.SetActiveEffectName("")

    def setupViewObservations(self):
        """No views here."""

    def removeViewObservations(self):
        """No views here."""

    def installKeyboardShortcuts(self):
        """No main window here."""

    def uninstallKeyboardShortcuts(self):
        """No main window here."""


@declared_by_host
class qMRMLTableView(QTableWidget):
    """Shows a table node."""

    def __init__(self, parent=None):
        super().__init__(parent)
        self._node = None
        self._observe = Observed(self, [vtk.vtkCommand.ModifiedEvent], self._fill)

    def setMRMLScene(self, scene):
        self._scene = scene

    def setMRMLTableNode(self, node):
        self._node = node
        self._observe(node)
        self._fill()

    def mrmlTableNode(self):
        return self._node

    def _fill(self):
        table = self._node.GetTable() if self._node is not None else vtk.vtkTable()
        columns, rows = table.GetNumberOfColumns(), table.GetNumberOfRows()
        self.setColumnCount(columns)
        self.setRowCount(rows)
        self.setHorizontalHeaderLabels([table.GetColumnName(column) or "" for column in range(columns)])
        for row in range(rows):
            for column in range(columns):
                self.setItem(row, column, QTableWidgetItem(table.GetValue(row, column).ToString()))
        self.resizeColumnsToContents()


class _PlotPlace(_Placeholder):
    def __init__(self, parent=None):
        super().__init__("Slicer's plot", 160, parent)
        self._view_node = None

    def setMRMLPlotViewNode(self, node):
        self._view_node = node
        chart = node.GetPlotChartNode() if node is not None else None
        self._label.setText(f"Slicer's plot: {chart.GetName()}" if chart is not None else "Slicer's plot")

    def mrmlPlotViewNode(self):
        return self._view_node


@declared_by_host
class qMRMLPlotWidget(_PlotPlace):
    """Where Slicer draws a plot with its toolbar."""


@declared_by_host
class qMRMLPlotView(_PlotPlace):
    """Where Slicer draws a plot."""

"""Slicer's widgets that show segments and tables: a plain list, a plain table."""

from __future__ import annotations

import slicer
import vtk
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QTableWidget, QTableWidgetItem

from .declared import with_properties
from .mrml_widgets import qMRMLWidget
from .observed import Observed
from .placeholder import inside
from .pythonqt import declared_by_host


@declared_by_host
class qMRMLSegmentsTableView(
    with_properties(
        qMRMLWidget,
        slots="selectionMode headerVisible readOnly",
        selectionMode=1,
        headerVisible=True,
        readOnly=False,
    )
):
    """The segments of a segmentation in a list."""

    selectionChanged = Signal(object, object)

    def __init__(self, parent=None):
        super().__init__(parent)
        self._node, self._table = None, QTableWidget(0, 1, self)
        self._table.setHorizontalHeaderLabels(["Name"])
        self._table.horizontalHeader().setStretchLastSection(True)
        self._table.verticalHeader().hide()
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        inside(self, self._table)
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

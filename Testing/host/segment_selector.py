"""Slicer's widget that chooses a segment, on PySide6 and the real segmentation node."""

from __future__ import annotations

import slicer
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel

from .declared import with_properties
from .mrml_widgets import qMRMLWidget
from .node_combo_box import qMRMLNodeComboBox
from .observed import Observed
from .pythonqt import declared_by_host


@declared_by_host
class qMRMLSegmentSelectorWidget(
    with_properties(
        qMRMLWidget,
        noneEnabled=False,
        editEnabled=False,
        segmentationNodeSelectorVisible=True,
        multiSelection=False,
        horizontalLayout=False,
        selectNodeUponCreation=True,
    )
):
    """Chooses a segmentation and one of its segments.

    Only the row of the segment has a label; without segments that row is not there and a message is.
    As in Slicer it takes the first segment by itself when the one it had is not in the segmentation; with
    `noneEnabled` only if it had one.
    """

    currentNodeChanged = Signal((object,), (bool,))
    currentSegmentChanged = Signal(str)
    segmentSelectionChanged = Signal(list)
    nodeAboutToBeEdited = Signal(object)

    def __init__(self, parent=None):
        super().__init__(parent)
        self._segment_id = ""
        self._nodes, self._segments = qMRMLNodeComboBox(self), QComboBox(self)
        self._segments.setObjectName("comboBox_Segment")
        self._label, self._message = QLabel("Segment: ", self), QLabel(self)
        self._nodes.nodeTypes = ["vtkMRMLSegmentationNode"]
        self._nodes.addEnabled, self._nodes.renameEnabled = False, True
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setColumnStretch(1, 1)
        layout.addWidget(self._nodes, 0, 0, 1, 2)
        layout.addWidget(self._label, 1, 0)
        layout.addWidget(self._segments, 1, 1)
        layout.addWidget(self._message, 2, 0, 1, 2)
        events = [
            getattr(slicer.vtkSegmentation, name) for name in ("SegmentAdded", "SegmentRemoved", "SegmentModified")
        ]
        self._observe = Observed(self, events, self._populate)
        self._nodes.currentNodeChanged.connect(self._node_changed)
        self._segments.currentIndexChanged.connect(self._segment_chosen)
        self._populate()

    def setMRMLScene(self, scene):
        super().setMRMLScene(scene)
        self._nodes.setMRMLScene(scene)

    def currentNode(self):
        return self._nodes.currentNode()

    def currentNodeID(self):
        return self._nodes.currentNodeID

    def setCurrentNode(self, node):
        self._nodes.setCurrentNode(node)

    def setCurrentNodeID(self, node_id):
        self._nodes.setCurrentNodeID(node_id)

    def currentSegmentID(self):
        return self._segment_id

    def setCurrentSegmentID(self, segment_id):
        """The segment; empty: None if that is enabled. What is not there is ignored."""
        index = self._segments.findData(segment_id)
        if index >= 0:
            self._segments.setCurrentIndex(index)

    def segmentIDs(self):
        """Empty for single selection, as in Slicer (only its check list is read)."""
        return []

    def _changed(self, name):
        if name == "noneEnabled":
            self._nodes.noneEnabled = self.noneEnabled
            self._populate()
        if name == "multiSelection":
            raise NotImplementedError("The stand-in's segment selector has no list of check boxes.")
        if name == "segmentationNodeSelectorVisible":
            self._nodes.setVisible(self.segmentationNodeSelectorVisible)

    def _node_changed(self, node):
        self._observe(node)
        self._populate()
        self.currentNodeChanged[object].emit(node)
        self.currentNodeChanged[bool].emit(node is not None)

    def _populate(self):
        node = self.currentNode()
        segments = [] if node is None else list(node.GetSegmentation().GetSegmentIDs())
        blocked = self._segments.blockSignals(True)
        self._segments.clear()
        if segments and self.noneEnabled:
            self._segments.addItem("None", "")
        for segment_id in segments:
            self._segments.addItem(node.GetSegmentation().GetSegment(segment_id).GetName(), segment_id)
        keeps = (self.noneEnabled and not self._segment_id) or self._segment_id in segments
        self._segments.setCurrentIndex(self._segments.findData(self._segment_id) if keeps else -1)
        self._segments.blockSignals(blocked)
        for widget, shown in ((self._label, segments), (self._segments, segments), (self._message, not segments)):
            widget.setVisible(bool(shown))
        self._message.setText("No segments in segmentation " if node is not None else "No node is selected ")
        if segments and not keeps:
            self._segments.setCurrentIndex(1 if self.noneEnabled else 0)

    def _segment_chosen(self, index):
        if self.currentNode() is not None:
            self._segment_id = self._segments.itemData(index) or ""
            self.currentSegmentChanged.emit(self._segment_id)

"""Slicer's Segment Editor inside a panel, with an editor node of its own."""

from __future__ import annotations

import qt
import slicer

from .column import Column


class SegmentEditor(qt.QWidget):
    """Made when first opened: it observes the views, and three panels would do so at once.

    It scrolls sideways where an effect is wider than the panel.
    """

    def __init__(self, parent, singletonTag: str):
        qt.QWidget.__init__(self, parent)
        self._tag = singletonTag
        self._segmentation, self._segmentId = None, ""
        self.sourceVolume = None
        self.widget = None
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._column = Column(self, widens=False)
        layout.addWidget(self._column.area)

    def open(self) -> None:
        """Show the editor."""
        if self.widget is None:
            self.widget = slicer.qMRMLSegmentEditorWidget(self._column.content)
            self.widget.setMaximumNumberOfUndoStates(10)
            self.widget.autoShowSourceVolumeNode = False  # what the views show is a person's choice
            self.widget.segmentationNodeSelectorVisible = False
            self.widget.sourceVolumeNodeSelectorVisible = False
            self.widget.switchToSegmentationsButtonVisible = False
            self._column.layout.addWidget(self.widget)
        self._connectNodes()

    def edit(self, segmentation, segmentId: str) -> None:
        """Edit this segment of this segmentation (None: nothing)."""
        if (segmentation, segmentId) != (self._segmentation, self._segmentId):
            self._segmentation, self._segmentId = segmentation, segmentId
            self._connectNodes()

    def setSourceVolume(self, volume) -> None:
        """Draw on this image (None: nothing)."""
        if volume is not self.sourceVolume:
            self.sourceVolume = volume
            self._connectNodes()

    def release(self) -> None:
        """Put the tools away."""
        if self.widget is not None:
            self.widget.setActiveEffect(None)

    def _connectNodes(self) -> None:
        if self.widget is None:
            return
        self.widget.setMRMLScene(slicer.mrmlScene)
        self.widget.setMRMLSegmentEditorNode(self._editorNode())
        self.widget.setSegmentationNode(self._segmentation)
        if self._segmentation is not None and self.sourceVolume is not None:
            self.widget.setSourceVolumeNode(self.sourceVolume)
        if self._segmentId:
            self.widget.setCurrentSegmentID(self._segmentId)

    def _editorNode(self):
        node = slicer.mrmlScene.GetSingletonNode(self._tag, "vtkMRMLSegmentEditorNode")
        if node is None:
            node = slicer.mrmlScene.CreateNodeByClass("vtkMRMLSegmentEditorNode")
            node.UnRegister(None)
            node.SetSingletonTag(self._tag)
            node = slicer.mrmlScene.AddNode(node)
        return node

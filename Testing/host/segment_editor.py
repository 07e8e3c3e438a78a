"""`qMRMLSegmentEditorWidget`: its nodes, its width and what it does to the views; without tools."""

from __future__ import annotations

import slicer
import vtk
from PySide6.QtCore import QSize, Signal

from .complaints import complain
from .declared import with_properties
from .observed import Observed
from .placeholder import Placeholder
from .pythonqt import declared_by_host

WIDTH = 400  # what the application's editor needs with its effects in two columns
SLOTS = """segmentationNodeSelectorVisible sourceVolumeNodeSelectorVisible switchToSegmentationsButtonVisible
show3DButtonVisible addRemoveSegmentButtonsVisible specifyGeometryButtonVisible maskingSectionVisible undoEnabled
maximumNumberOfUndoStates autoShowSourceVolumeNode readOnly effectButtonStyle effectColumnCount
jumpToSelectedSegmentEnabled"""


@declared_by_host
class qMRMLSegmentEditorWidget(
    with_properties(
        Placeholder,
        slots=SLOTS,
        segmentationNodeSelectorVisible=True,
        sourceVolumeNodeSelectorVisible=True,
        switchToSegmentationsButtonVisible=True,
        show3DButtonVisible=True,
        addRemoveSegmentButtonsVisible=True,
        specifyGeometryButtonVisible=True,
        maskingSectionVisible=True,
        undoEnabled=True,
        maximumNumberOfUndoStates=10,
        autoShowSourceVolumeNode=True,
        readOnly=False,
        effectButtonStyle=0,
        effectColumnCount=2,
        unorderedEffectsVisible=True,
        jumpToSelectedSegmentEnabled=False,
    )
):
    """Where Slicer's Segment Editor is embedded. Its nodes are real, its tools are not here.

    A source volume that is new to it goes into the background of every slice view, and foreground and label out of
    them, unless the view shows it already; so too when the layout changes while the views are observed.
    """

    segmentationNodeChanged = Signal(object)
    sourceVolumeNodeChanged = Signal(object)
    currentSegmentIDChanged = Signal(str)

    def __init__(self, parent=None):
        super().__init__("Slicer's Segment Editor", 140, parent)
        self._editor, self._source, self._segmentation, self._effects, self._observes = None, None, None, [], False
        self._observe = Observed(self, [vtk.vtkCommand.ModifiedEvent], self._follow)

    def minimumSizeHint(self):
        return QSize(WIDTH, Placeholder.minimumSizeHint(self).height())

    def sizeHint(self):
        return self.minimumSizeHint()

    def setMRMLSegmentEditorNode(self, node):
        self._editor = node
        self._observe(node)
        self._follow()

    def mrmlSegmentEditorNode(self):
        return self._editor

    def setSegmentationNode(self, node):
        if self._editor is None or self.mrmlScene() is None:
            raise RuntimeError("qMRMLSegmentEditorWidget needs its scene and its editor node first.")
        if node is not self._editor.GetSegmentationNode():
            self._editor.SetAndObserveSegmentationNode(node)
            self.setActiveEffect(None)

    def segmentationNode(self):
        return self._editor.GetSegmentationNode() if self._editor is not None else None

    def setSourceVolumeNode(self, node):
        if self.segmentationNode() is None:
            if node is not None:
                complain("SetSourceVolumeNode: need to set segment editor and segmentation nodes first")
        elif node is not self._editor.GetSourceVolumeNode():
            self._editor.SetAndObserveSourceVolumeNode(node)

    def sourceVolumeNode(self):
        return self._editor.GetSourceVolumeNode() if self._editor is not None else None

    def setCurrentSegmentID(self, segment_id):
        self._editor.SetSelectedSegmentID(segment_id)
        self.currentSegmentIDChanged.emit(segment_id)

    def currentSegmentID(self):
        return self._editor.GetSelectedSegmentID() or "" if self._editor is not None else ""

    def setActiveEffectByName(self, name):
        self._editor.SetActiveEffectName(name)

    def setActiveEffect(self, effect):
        if self._editor is not None:
            self._editor.SetActiveEffectName("")

    def setEffectNameOrder(self, names):
        self._effects = list(names)

    def effectNameOrder(self):
        return self._effects

    def setupViewObservations(self):
        """Follow the layout; the mouse is not here."""
        manager = slicer.app.layoutManager()
        if manager is not None and not self._observes:
            self._observes = manager.layoutChanged.connect(self._on_layout)

    def removeViewObservations(self):
        if self._observes:
            slicer.app.layoutManager().layoutChanged.disconnect(self._on_layout)
        self._observes = False

    def installKeyboardShortcuts(self, parent=None):
        """No keyboard here."""

    def uninstallKeyboardShortcuts(self):
        """No keyboard here."""

    def showSourceVolumeInSliceViewers(self, forceShowInBackground=False, fitSlice=False):
        manager, volume = slicer.app.layoutManager(), self.sourceVolumeNode()
        if manager is None or volume is None:
            return
        for logic in manager.mrmlSliceLogics():
            composite = logic.GetSliceCompositeNode()
            shown = volume.GetID() in (composite.GetBackgroundVolumeID(), composite.GetForegroundVolumeID())
            if forceShowInBackground or not shown:
                composite.SetBackgroundVolumeID(volume.GetID())
                composite.SetForegroundVolumeID(None)
                composite.SetLabelVolumeID(None)
            if fitSlice:
                logic.FitSliceToBackground(True)

    def hideLabelLayer(self):
        for logic in [] if slicer.app.layoutManager() is None else slicer.app.layoutManager().mrmlSliceLogics():
            logic.GetSliceCompositeNode().SetLabelVolumeID(None)

    def _on_layout(self, layout=0):
        if self.autoShowSourceVolumeNode:
            self.showSourceVolumeInSliceViewers()

    def _follow(self):
        """What the editor node says now."""
        if self.segmentationNode() is not self._segmentation:
            self._segmentation = self.segmentationNode()
            self.segmentationNodeChanged.emit(self._segmentation)
        if self._segmentation is not None and self.sourceVolumeNode() is not self._source:
            self._source = self.sourceVolumeNode()
            if self._source is not None and self.autoShowSourceVolumeNode:
                self.showSourceVolumeInSliceViewers()
            self.sourceVolumeNodeChanged.emit(self._source)

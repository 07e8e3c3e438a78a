"""Choosing the tumour segment by its ID, and drawing it."""

from __future__ import annotations

from collections.abc import Callable

import ctk
import qt
import slicer
import vtk
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from HER2ImmunoCommonLib.gui.segment_editor import SegmentEditor


class SegmentSection(qt.QWidget):
    """A segmentation and one of its segments, kept in the parameter node's `segmentation` and `segmentId`.

    The selector takes a first segment by itself when a segmentation is chosen or a segment removed; that is undone
    here: a segment counts only if a person or a saved scene chose it.

    Parameters
    ----------
    editorTag : str
        Singleton tag of this panel's own segment editor node.
    onChanged : callable, optional
        Called without arguments when the choice changed.
    """

    def __init__(self, editorTag: str, onChanged: Callable[[], None] | None = None):
        qt.QWidget.__init__(self)
        self._onChanged = onChanged
        self._parameters = None
        self._updating = False
        self._observation = VTKObservationMixin()
        self.selector = slicer.qMRMLSegmentSelectorWidget()
        self.selector.noneEnabled = True
        self.newButton = qt.QPushButton(_("New segmentation"))
        self.newButton.toolTip = _("Add a segmentation with an empty tumour segment, and open the editor to draw it")
        self.editorSection = ctk.ctkCollapsibleButton()
        self.editorSection.text = _("Draw or correct the segment")
        self.editorSection.collapsed = True
        self.editor = SegmentEditor(editorTag)
        self._lay()
        self.selector.connect("currentNodeChanged(vtkMRMLNode*)", self._onSegmentationChosen)
        self.selector.connect("currentSegmentChanged(QString)", self._onSegmentChosen)
        self.newButton.connect("clicked()", self.addSegmentation)
        self.editorSection.connect("contentsCollapsed(bool)", self._onEditorCollapsed)

    def _lay(self) -> None:
        top = qt.QHBoxLayout()
        top.addWidget(self.selector, 1)
        top.addWidget(self.newButton, 0, qt.Qt.AlignTop)
        inside = qt.QVBoxLayout(self.editorSection)
        inside.addWidget(self.editor)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.editorSection)

    def setMRMLScene(self, scene) -> None:
        """Give the widgets their scene."""
        self._updating = True
        self.selector.setMRMLScene(scene)
        self._updating = False

    def setParameterNode(self, parameters) -> None:
        """Take the choice from `parameters` (None: stop using it) and keep it there."""
        self._observation.removeObservers()
        self._parameters = parameters
        if parameters is not None:
            self._observation.addObserver(parameters, vtk.vtkCommand.ModifiedEvent, self._updateFromParameters)
            self._updateFromParameters()

    def setSourceVolume(self, volume) -> None:
        """Set the image to draw on."""
        self.editor.setSourceVolume(volume)

    def reason(self) -> str:
        """Why there is no segment to work on; empty if there is one."""
        return "" if self._chosenExists() else _("Choose the tumour segment.")

    def addSegmentation(self) -> None:
        """Add a segmentation with an empty tumour segment, choose it and open the editor."""
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", _("Tumour segmentation"))
        node.CreateDefaultDisplayNodes()
        if self.editor.sourceVolume is not None:
            node.SetReferenceImageGeometryParameterFromVolumeNode(self.editor.sourceVolume)
        segmentId = node.GetSegmentation().AddEmptySegment("", _("Tumour"))
        self._store(node, segmentId)
        self.editorSection.collapsed = False

    def exit(self) -> None:
        """Let go of the views when another module is opened."""
        self.editor.release()

    def cleanup(self) -> None:
        """Stop observing."""
        self.setParameterNode(None)
        self.editor.release()

    def _chosenExists(self) -> bool:
        if self._parameters is None or self._parameters.segmentation is None:
            return False
        segmentId = self._parameters.segmentId
        return bool(segmentId) and self._parameters.segmentation.GetSegmentation().GetSegment(segmentId) is not None

    def _store(self, node, segmentId: str) -> None:
        with slicer.util.NodeModify(self._parameters):
            self._parameters.segmentation = node
            self._parameters.segmentId = segmentId

    def _onSegmentationChosen(self, node) -> None:
        if not self._updating and self._parameters is not None and node is not self._parameters.segmentation:
            self._store(node, "")

    def _onSegmentChosen(self, segmentId: str) -> None:
        if self._updating or self._parameters is None:
            return
        if self.selector.currentNode() is not self._parameters.segmentation:
            return  # the new segmentation's first segment; _onSegmentationChosen follows
        wasRemoved = bool(self._parameters.segmentId) and not self._chosenExists()
        self._parameters.segmentId = "" if wasRemoved else segmentId
        self._updateFromParameters()

    def _updateFromParameters(self, caller=None, event=None) -> None:
        if self._updating or self._parameters is None:
            return
        self._updating = True
        self.selector.setCurrentNode(self._parameters.segmentation)
        self.selector.setCurrentSegmentID(self._parameters.segmentId if self._chosenExists() else "")
        self._updating = False
        self.editor.edit(self._parameters.segmentation, self._parameters.segmentId)
        if self._onChanged is not None:
            self._onChanged()

    def _onEditorCollapsed(self, collapsed: bool) -> None:
        if collapsed:
            self.editor.release()
        else:
            self.editor.open()

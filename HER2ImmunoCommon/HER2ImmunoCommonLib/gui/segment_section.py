"""Choosing the tumour segment by its ID, and drawing it."""

from __future__ import annotations

import ctk
import qt
import slicer
from slicer.i18n import tr as _

from ..scene import reveal
from .panel_part import PanelPart
from .segment_editor import SegmentEditor


class SegmentSection(PanelPart, qt.QWidget):
    """A segmentation and one of its segments, kept in two fields of the parameter node.

    The selector takes a first segment by itself when a segmentation is chosen or a segment removed; that is undone
    here: a segment counts only if a person or a saved scene chose it.

    Parameters
    ----------
    parent : QWidget
    editorTag : str
        Singleton tag of this panel's own segment editor node.
    fields : (str, str)
        Names of the fields for the segmentation and the segment's ID.
    what : str
        What the segment holds, as "tumour" or "artery".
    """

    def __init__(
        self,
        parent,
        editorTag: str,
        fields: tuple[str, str] = ("segmentation", "segmentId"),
        what: str = "tumour",
    ):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._fields, self._what, self.nodeFields = fields, what, fields[:1]
        self.label = qt.QLabel(_("Segmentation:"), self)
        self.selector = slicer.qMRMLSegmentSelectorWidget(self)
        self.selector.noneEnabled = True
        self.newButton = qt.QPushButton(_("New segmentation"), self)
        self.newButton.toolTip = _(
            "Add a segmentation with an empty {what} segment, and open the editor to draw it"
        ).format(what=what)
        self.editorSection = ctk.ctkCollapsibleButton(self)
        self.editorSection.text = _("Draw or correct the segment")
        self.editorSection.collapsed = True
        self.editor = SegmentEditor(self.editorSection, editorTag)
        self._lay()
        self.selector.connect("currentNodeChanged(vtkMRMLNode*)", self._onSegmentationChosen)
        self.selector.connect("currentSegmentChanged(QString)", self._onSegmentChosen)
        self.newButton.connect("clicked()", self.addSegmentation)
        self.editorSection.connect("contentsCollapsed(bool)", self._onEditorCollapsed)

    def _lay(self) -> None:
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        top = qt.QGridLayout()
        layout.addLayout(top)
        self.label.setMinimumHeight(self.newButton.property("sizeHint").height())
        top.addWidget(self.label, 0, 0, qt.Qt.AlignTop)
        top.addWidget(self.selector, 0, 1)
        top.addWidget(self.newButton, 1, 1, qt.Qt.AlignLeft)
        top.setColumnStretch(1, 1)
        layout.addWidget(self.editorSection)
        inside = qt.QVBoxLayout(self.editorSection)
        inside.addWidget(self.editor)

    def setMRMLScene(self, scene) -> None:
        """Give the widgets their scene."""
        with self.filling():
            self.selector.setMRMLScene(scene)

    def setSourceVolume(self, volume) -> None:
        """Set the image to draw on."""
        self.editor.setSourceVolume(volume)

    def reason(self) -> str:
        """Why there is no segment to work on; empty if there is one."""
        return "" if self._chosenExists() else _("Choose the {what} segment.").format(what=self._what)

    def addSegmentation(self) -> None:
        """Add a segmentation with an empty segment, choose it and open the editor."""
        name = self._what.capitalize()
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", _("{what} segmentation").format(what=name))
        node.CreateDefaultDisplayNodes()
        if self.editor.sourceVolume is not None:
            node.SetReferenceImageGeometryParameterFromVolumeNode(self.editor.sourceVolume)
        segmentId = node.GetSegmentation().AddEmptySegment("", name)
        self._store(node, segmentId)
        self.editorSection.collapsed = False

    def exit(self) -> None:
        """Put the tools away when another module is opened."""
        self.editor.release()

    def cleanup(self) -> None:
        """Put the tools away, and forget the choice."""
        PanelPart.cleanup(self)
        self.editor.release()

    def _chosenExists(self) -> bool:
        segmentation, segmentId = self._chosen()
        return bool(segmentId) and bool(
            segmentation is not None and segmentation.GetSegmentation().GetSegment(segmentId)
        )

    def _chosen(self) -> tuple:
        if self._parameters is None:
            return None, ""
        return tuple(getattr(self._parameters, name) for name in self._fields)

    def _store(self, node, segmentId: str) -> None:
        with slicer.util.NodeModify(self._parameters):
            for name, value in zip(self._fields, (node, segmentId), strict=True):
                setattr(self._parameters, name, value)

    def _onSegmentationChosen(self, node) -> None:
        if self.takesChoices and node is not self._chosen()[0]:
            self._store(node, "")

    def _onSegmentChosen(self, segmentId: str) -> None:
        if not self.takesChoices:
            return
        segmentation, earlier = self._chosen()
        if self.selector.currentNode() is not segmentation:
            return  # the new segmentation's first segment; _onSegmentationChosen follows
        wasRemoved = bool(earlier) and not self._chosenExists()
        setattr(self._parameters, self._fields[1], "" if wasRemoved else segmentId)
        if segmentId and not wasRemoved:
            reveal(segmentation)
        self.refresh()

    def refresh(self) -> None:
        """Show the segment kept in the parameter node, here and in the editor."""
        if not self.takesChoices:
            return
        segmentation, segmentId = self._chosen()
        with self.filling():
            self.selector.setCurrentNode(segmentation)
            self.selector.setCurrentSegmentID(segmentId if self._chosenExists() else "")
        segment = segmentation.GetSegmentation().GetSegment(segmentId) if self._chosenExists() else None
        names = [each.GetName() for each in (segmentation, segment) if each is not None]
        tip = _("Segmentation, and the segment in it that is the {what}").format(what=self._what)
        self.selector.toolTip = "\n".join(names) or tip
        self.editor.edit(segmentation, segmentId)

    def _onEditorCollapsed(self, collapsed: bool) -> None:
        if collapsed:
            self.editor.release()
        else:
            self.editor.open()

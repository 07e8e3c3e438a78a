"""`qMRMLNodeComboBox` on the real MRML scene."""

from __future__ import annotations

import functools

import vtk
from PySide6.QtCore import Property, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget
from slicer import vtkMRMLScene

from .complaints import complain
from .ctk_widgets import ctkComboBox
from .declared import with_properties
from .node_filter import qMRMLSortFilterProxyModel
from .observed import Observed
from .pythonqt import declared_by_host

NODE_EVENTS = (vtkMRMLScene.NodeAddedEvent, vtkMRMLScene.NodeRemovedEvent)
SCENE_EVENTS = (vtkMRMLScene.EndCloseEvent, vtkMRMLScene.EndImportEvent)
FOLLOWS_NAMES = QComboBox.SizeAdjustPolicy.AdjustToContents


def _of_filter(name: str, kind) -> Property:
    """A property that the node combo box has from its filter."""
    return Property(
        kind, lambda self: getattr(self._filter, name), lambda self, value: setattr(self._filter, name, value)
    )


@declared_by_host
class qMRMLNodeComboBox(
    with_properties(
        QWidget,
        slots="currentNodeID",
        noneEnabled=False,
        addEnabled=True,
        removeEnabled=True,
        editEnabled=False,
        renameEnabled=False,
        selectNodeUponCreation=True,
        noneDisplay="None",
        baseName="",
        interactionNodeSingletonTag="Singleton",
        currentNodeID="",
        sizeAdjustPolicy=QComboBox.SizeAdjustPolicy.AdjustToContentsOnFirstShow.value,
    )
):
    """Lists the nodes of a type and follows the scene.

    Its rows are those of Slicer's: None if enabled, the nodes, and the actions below them. When the chosen node goes,
    the row that takes its place is chosen, and where that is an action, the last node. Without `noneEnabled` the first
    node that comes is taken by itself. It tells of the current node again when its row or its name changes. It is as
    wide as the longest name, unless `sizeAdjustPolicy` is AdjustToMinimumContentsLengthWithIcon.
    """

    currentNodeChanged = Signal((object,), (bool,))
    currentNodeIDChanged = Signal(str)
    nodeActivated = Signal(object)
    nodeAdded = Signal(object)
    nodeAboutToBeRemoved = Signal(object)
    nodeAddedByUser = Signal(object)
    nodeAddedByUserAction = Signal(object)
    nodeAboutToBeEdited = Signal(object)
    currentNodeRenamed = Signal(str)

    nodeTypes = _of_filter("nodeTypes", "QStringList")
    showHidden = _of_filter("showHidden", bool)
    showChildNodeTypes = _of_filter("showChildNodeTypes", bool)
    hideChildNodeTypes = _of_filter("hideChildNodeTypes", "QStringList")

    def __init__(self, parent=None):
        super().__init__(parent)
        self._scene, self._listed, self._shown, self._requested, self._leaving = None, [], ("", 0, ""), "", None
        self._filter = qMRMLSortFilterProxyModel(self, self._refresh)
        self._given, self._modified, self._seen, self._filled = {}, {}, {}, None
        self._combo = ctkComboBox(self)
        self._combo.setSizeAdjustPolicy(FOLLOWS_NAMES)
        self._combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._combo)
        self._observe = Observed(self, SCENE_EVENTS, self._refresh)
        self._observe_nodes = Observed(self, NODE_EVENTS, self._came_or_went, with_node=True)
        self._observe_leaving = Observed(self, [vtkMRMLScene.NodeAboutToBeRemovedEvent], self._leave, with_node=True)
        self._combo.currentIndexChanged.connect(
            lambda index: self.setCurrentNodeID(self._combo.itemData(index) or "") if index >= 0 else None
        )
        self._combo.activated.connect(lambda index: self.nodeActivated.emit(self.currentNode()))
        self.setEnabled(False)

    def setMRMLScene(self, scene):
        if scene is self._scene:
            return
        self._scene, self._listed = scene, []
        self._observe(scene)
        self._observe_nodes(scene)
        self._observe_leaving(scene)
        if self._requested:
            self.__dict__["_value_currentNodeID"], self._requested = self._requested, ""
        self.setEnabled(scene is not None)
        self._refresh()

    def mrmlScene(self):
        return self._scene

    def sortFilterProxyModel(self):
        return self._filter

    def addAttribute(self, nodeType, attributeName, attributeValue=None):
        """Filters the nodes of a type that is among `nodeTypes`, and is given to nodes made here."""
        self._given[attributeName] = "" if attributeValue is None else str(attributeValue)
        self._filter.addAttribute(nodeType, attributeName, attributeValue)

    def removeAttribute(self, nodeType, attributeName):
        self._given.pop(attributeName, None)
        self._filter.removeAttribute(nodeType, attributeName)

    def nodeCount(self):
        return len(self._listed)

    def nodeFromIndex(self, index):
        return self._scene.GetNodeByID(self._listed[index]) if 0 <= index < len(self._listed) else None

    def currentNode(self):
        return self._scene.GetNodeByID(self.currentNodeID) if self._scene is not None and self.currentNodeID else None

    def setCurrentNode(self, node):
        self.setCurrentNodeID((node.GetID() or "") if node is not None else "")

    def setCurrentNodeIndex(self, index):
        self.setCurrentNode(self.nodeFromIndex(index))

    def addNode(self, nodeType=None):
        """A new node of the type (the first of `nodeTypes`), named after `baseName` or the type."""
        if not self.nodeTypes or nodeType not in (None, *self.nodeTypes):
            complain(f"qMRMLNodeComboBox::addNode() attempted with node type {nodeType}, which is not allowed")
            return None
        nodeType = nodeType or self.nodeTypes[0]
        node = self._scene.CreateNodeByClass(nodeType)
        node.UnRegister(None)
        base = self.baseName or self._scene.GetTagByClassName(nodeType)
        node.SetName(self._scene.GetUniqueNameByString(base))
        for name, value in self._given.items():
            node.SetAttribute(name, value)
        self._scene.AddNode(node)
        if self.selectNodeUponCreation:
            self.setCurrentNode(node)
        self.nodeAddedByUser.emit(node)
        return node

    def removeCurrentNode(self):
        self._scene.RemoveNode(self.currentNode())

    def _changed(self, name):
        if name == "baseName" and not self.nodeTypes:
            complain("qMRMLNodeComboBox::setBaseName failed: no node types have been set yet")
        if name == "sizeAdjustPolicy":
            policy = QComboBox.SizeAdjustPolicy(self.sizeAdjustPolicy)
            short = policy == QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            self._combo.setSizeAdjustPolicy(policy if short else FOLLOWS_NAMES)
        elif self._scene is None and name == "currentNodeID":
            self._requested, self.__dict__["_value_currentNodeID"] = self.currentNodeID, ""
        elif self._scene is not None:
            if name == "currentNodeID" and self.currentNodeID not in self._listed:
                self.__dict__["_value_currentNodeID"] = ""
            self._refresh()

    def _leave(self, node):
        self._leaving = node
        if node.GetID() in self._listed:
            self.nodeAboutToBeRemoved.emit(node)
        self._came_or_went(node)
        self._leaving = None

    def _came_or_went(self, node):
        if not self.nodeTypes or any(node.IsA(kind) for kind in self.nodeTypes):
            self._refresh()

    def _candidates(self):
        found = {}
        for kind in self.nodeTypes or ["vtkMRMLNode"]:
            collection = self._scene.GetNodesByClass(kind)
            collection.UnRegister(None)
            found.update({node.GetID(): node for node in collection if node is not self._leaving})
        return found

    def _follow(self, nodes) -> None:
        """Observe what could come into the list or leave it."""
        modified = self._modified
        for gone in modified.keys() - nodes.keys():
            modified.pop(gone)(None)
        for node_id in nodes.keys() - modified.keys():
            changed = functools.partial(self._node_changed, node_id)
            modified[node_id] = Observed(self, [vtk.vtkCommand.ModifiedEvent], changed)
            modified[node_id](nodes[node_id])
        of_node = self._filter._of_node
        self._seen = {node_id: of_node(node) for node_id, node in nodes.items()}

    def _node_changed(self, node_id: str) -> None:
        """Look anew only if something of the node has changed that is shown or asked for: many nodes change often."""
        node = None if self._scene is None else self._scene.GetNodeByID(node_id)
        if node is None or self._seen.get(node_id) != self._filter._of_node(node):
            self._refresh()

    def _refresh(self):
        scene = self._scene
        if scene is not None and (scene.IsClosing() or scene.IsImporting()):
            return
        candidates = {} if scene is None else self._candidates()
        self._follow(candidates)
        nodes = self._filter._accepted(candidates.values())
        before, self._listed = self._listed, [node.GetID() for node in nodes]
        self.__dict__["_value_currentNodeID"] = self._chosen_after(before)
        self._fill(nodes)
        for node in nodes:
            if node.GetID() not in before:
                self.nodeAdded.emit(node)
        self._tell()

    def _chosen_after(self, before: list[str]) -> str:
        """ID of the node that is current now that the list was `before`."""
        current, listed = self.currentNodeID, self._listed
        if current in listed:
            return current
        if not current or current not in before:
            return listed[0] if listed and not before and not self.noneEnabled else ""
        rows = [*[""] * self.noneEnabled, *listed]
        row = self.noneEnabled + before.index(current)
        if row < len(rows):
            return rows[row]
        return listed[-1] if listed else ""

    def _fill(self, nodes):
        rows = [(node.GetName(), node.GetID()) for node in nodes]
        if self.noneEnabled:
            rows.insert(0, (self.noneDisplay, ""))
        filled = (rows, self.currentNodeID)
        if filled == self._filled and self._combo.currentIndex == self._combo.findData(self.currentNodeID):
            return
        self._filled = filled
        blocked = self._combo.blockSignals(True)
        self._combo.clear()
        for name, node_id in rows:
            self._combo.addItem(name, node_id)
        self._combo.setCurrentIndex(self._combo.findData(self.currentNodeID))
        self._combo.blockSignals(blocked)

    def _tell(self):
        node = self.currentNode()
        shown = (self.currentNodeID, self._combo.currentIndex if node else 0, node.GetName() if node else "")
        if shown != self._shown:
            self._shown = shown
            self.currentNodeChanged[object].emit(node)
            self.currentNodeChanged[bool].emit(node is not None)
            self.currentNodeIDChanged.emit(shown[0])

"""Slicer's widgets that hold the scene and choose nodes, on PySide6 and the real MRML scene."""

from __future__ import annotations

import sys

import shiboken6
import slicer
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget
from slicer import vtkMRMLScene

from .ctk_widgets import ctkCollapsibleButton
from .declared import with_properties
from .pythonqt import declared_by_host

SCENE_EVENTS = (
    vtkMRMLScene.NodeAddedEvent,
    vtkMRMLScene.NodeRemovedEvent,
    vtkMRMLScene.EndBatchProcessEvent,
    vtkMRMLScene.EndCloseEvent,
    vtkMRMLScene.EndImportEvent,
)


class Observed:
    """Observes one VTK object for as long as the Qt widget lives."""

    def __init__(self, owner: QWidget, events, callback):
        self.owner, self.events, self.callback = owner, events, callback
        self.target, self.tags = None, []

    def __call__(self, target) -> None:
        for tag in self.tags:
            self.target.RemoveObserver(tag)
        self.target = target
        self.tags = [] if target is None else [target.AddObserver(event, self._called) for event in self.events]

    def _called(self, caller, event) -> None:
        if shiboken6.isValid(self.owner):
            self.callback()
        else:
            self(None)


@declared_by_host
class qMRMLWidget(QWidget):
    """A widget with a scene, which it passes on to the widgets connected to `mrmlSceneChanged`."""

    mrmlSceneChanged = Signal(object)

    def setMRMLScene(self, scene):
        self._scene = scene
        self.mrmlSceneChanged.emit(scene)

    def mrmlScene(self):
        return getattr(self, "_scene", None)


@declared_by_host
class qMRMLCollapsibleButton(ctkCollapsibleButton):
    """A collapsible section that passes the scene on."""

    mrmlSceneChanged = Signal(object)

    def setMRMLScene(self, scene):
        self._scene = scene
        self.mrmlSceneChanged.emit(scene)

    def mrmlScene(self):
        return getattr(self, "_scene", None)


@declared_by_host
class qSlicerScriptedLoadableModuleWidget(with_properties(qMRMLWidget, isEntered=False)):
    """What a scripted module's Widget gets as its parent; it makes, sets up, enters and leaves it."""

    def reload(self):
        name = self.objectName
        self._panel = getattr(sys.modules[name], f"{name}Widget")(self)
        setattr(slicer.modules, f"{name}Widget", self._panel)
        self._panel.setup()

    def self(self):
        return self._panel

    def enter(self):
        self.setIsEntered(True)
        getattr(self._panel, "enter", lambda: None)()

    def exit(self):
        self.setIsEntered(False)
        getattr(self._panel, "exit", lambda: None)()


@declared_by_host
class qMRMLNodeComboBox(
    with_properties(
        QWidget,
        nodeTypes=[],
        noneEnabled=False,
        addEnabled=True,
        removeEnabled=True,
        editEnabled=False,
        renameEnabled=False,
        showHidden=False,
        showChildNodeTypes=True,
        hideChildNodeTypes=[],
        selectNodeUponCreation=True,
        noneDisplay="None",
        baseName="",
        interactionNodeSingletonTag="",
        currentNodeID="",
    )
):
    """Lists the nodes of a type. Without `noneEnabled`, the first node is taken by itself, as in Slicer."""

    currentNodeChanged = Signal((object,), (bool,))
    currentNodeIDChanged = Signal(str)
    nodeAdded = Signal(object)
    nodeAddedByUser = Signal(object)

    def __init__(self, parent=None):
        super().__init__(parent)
        self._scene, self._attributes, self._shown = None, [], ""
        self._combo = QComboBox(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._combo)
        self._observe = Observed(self, SCENE_EVENTS, self._refresh)
        self._combo.currentIndexChanged.connect(
            lambda index: self.setCurrentNodeID(self._combo.itemData(index) or "") if index >= 0 else None
        )
        self.setEnabled(False)

    def setMRMLScene(self, scene):
        self._scene = scene
        self._observe(scene)
        self.setEnabled(scene is not None)
        self._refresh()

    def mrmlScene(self):
        return self._scene

    def nodes(self):
        return [] if self._scene is None else [node for node in self._candidates() if self._listed(node)]

    def _candidates(self):
        found = {}
        for kind in self.nodeTypes:
            collection = self._scene.GetNodesByClass(kind)
            collection.UnRegister(None)
            found.update({node.GetID(): node for node in collection})
        return found.values()

    def _listed(self, node) -> bool:
        hidden = node.GetHideFromEditors() and not self.showHidden
        exact = self.showChildNodeTypes or node.GetClassName() in self.nodeTypes
        excluded = any(node.IsA(kind) for kind in self.hideChildNodeTypes)
        wanted = all(
            not node.IsA(kind) or (node.GetAttribute(key) is not None and value in (None, node.GetAttribute(key)))
            for kind, key, value in self._attributes
        )
        return exact and wanted and not hidden and not excluded

    def addAttribute(self, kind, key, value=None):
        self._attributes.append((kind, key, value))
        self._refresh()

    def nodeCount(self):
        return len(self.nodes())

    def nodeFromIndex(self, index):
        nodes = self.nodes()
        return nodes[index] if 0 <= index < len(nodes) else None

    def currentNode(self):
        return self._scene.GetNodeByID(self.currentNodeID) if self._scene is not None and self.currentNodeID else None

    def setCurrentNode(self, node):
        self.setCurrentNodeID(node.GetID() if node is not None else "")

    def setCurrentNodeIndex(self, index):
        self.setCurrentNode(self.nodeFromIndex(index))

    def addNode(self, kind=None):
        kind = kind or self.nodeTypes[0]
        node = self._scene.AddNewNodeByClass(
            kind, self._scene.GenerateUniqueName(self.baseName) if self.baseName else ""
        )
        self.nodeAdded.emit(node)
        self.nodeAddedByUser.emit(node)
        if self.selectNodeUponCreation:
            self.setCurrentNode(node)
        return node

    def removeCurrentNode(self):
        self._scene.RemoveNode(self.currentNode())

    def _changed(self, name):
        if self._scene is not None:
            self._refresh()

    def _refresh(self):
        if self._scene is None or not self._scene.IsBatchProcessing():
            nodes = self.nodes()
            listed = [node.GetID() for node in nodes]
            if self.currentNodeID not in listed and self._scene is not None:
                self.__dict__["_value_currentNodeID"] = listed[0] if listed and not self.noneEnabled else ""
            self._fill(nodes)
            self._tell()

    def _fill(self, nodes):
        blocked = self._combo.blockSignals(True)
        self._combo.clear()
        if self.noneEnabled:
            self._combo.addItem(self.noneDisplay, "")
        for node in nodes:
            self._combo.addItem(node.GetName(), node.GetID())
        self._combo.setCurrentIndex(self._combo.findData(self.currentNodeID))
        self._combo.blockSignals(blocked)

    def _tell(self):
        if self.currentNodeID != self._shown:
            self._shown = self.currentNodeID
            node = self.currentNode()
            self.currentNodeIDChanged.emit(self._shown)
            self.currentNodeChanged[object].emit(node)
            self.currentNodeChanged[bool].emit(node is not None)

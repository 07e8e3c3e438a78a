"""Slicer's widgets that hold the scene, on PySide6 and the real MRML scene."""

from __future__ import annotations

import sys

import slicer
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from .ctk_widgets import ctkCollapsibleButton
from .declared import with_properties
from .pythonqt import declared_by_host


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
        self.isEntered = True
        getattr(self._panel, "enter", lambda: None)()

    def exit(self):
        self.isEntered = False
        getattr(self._panel, "exit", lambda: None)()

"""`slicer.ScriptedLoadableModule`, `i18n` and `packaging`, when Slicer's own are not there."""

from __future__ import annotations

import importlib.metadata
import unittest
from pathlib import Path

import qt
import slicer


def tr(text: str) -> str:
    """Translation: there is none here."""
    return text


def translate(context: str, text: str) -> str:
    """Translation in a context: there is none here."""
    return text


class ScriptedLoadableModule:
    """Base of a module's class."""

    def __init__(self, parent):
        self.parent = parent
        self.moduleName = type(self).__name__
        icons = (Path(parent.path).parent / "Resources/Icons" / f"{self.moduleName}{end}" for end in (".svg", ".png"))
        found = next((icon for icon in icons if icon.is_file()), None)
        if found is not None:
            parent.icon = qt.QIcon(str(found))

    def resourcePath(self, filename):
        return str(Path(self.parent.path).parent / "Resources" / filename)

    def getDefaultModuleDocumentationLink(self, docPage=None):
        return ""


class ScriptedLoadableModuleWidget:
    """Base of a module's Widget class."""

    def __init__(self, parent=None):
        self.moduleName = type(self).__name__.removesuffix("Widget")
        self.developerMode = False
        if parent is None:
            parent = slicer.qMRMLWidget()
            parent.setLayout(qt.QVBoxLayout())
            parent.setMRMLScene(slicer.mrmlScene)
        self.parent = parent
        self.layout = parent.layout()
        slicer.app.moduleManager().connect("moduleAboutToBeUnloaded(QString)", self._onModuleAboutToBeUnloaded)

    def resourcePath(self, filename):
        return str(Path(slicer.util.modulePath(self.moduleName)).parent / "Resources" / filename)

    def setup(self):
        """Developer section: none here."""

    def cleanup(self):
        """To be overridden."""

    def _onModuleAboutToBeUnloaded(self, moduleName):
        if moduleName == self.moduleName:
            self.cleanup()
            slicer.app.moduleManager().disconnect("moduleAboutToBeUnloaded(QString)", self._onModuleAboutToBeUnloaded)

    def onReload(self):
        slicer.util.reloadScriptedModule(self.moduleName)


class ScriptedLoadableModuleLogic:
    """Base of a module's Logic class: one parameter node a scene, a singleton of the module's name."""

    def __init__(self, parent=None):
        self.moduleName = type(self).__name__.removesuffix("Logic")
        self.isSingletonParameterNode = True

    def getParameterNode(self):
        node = slicer.mrmlScene.GetSingletonNode(self.moduleName, "vtkMRMLScriptedModuleNode")
        if node is None:
            return slicer.mrmlScene.AddNode(self.createParameterNode())
        node.SetAttribute("ModuleName", self.moduleName)
        return node

    def createParameterNode(self):
        node = slicer.mrmlScene.CreateNodeByClass("vtkMRMLScriptedModuleNode")
        node.UnRegister(None)
        node.SetSingletonTag(self.moduleName)
        node.SetAttribute("ModuleName", self.moduleName)
        node.SetName(slicer.mrmlScene.GenerateUniqueName(self.moduleName))
        return node


class ScriptedLoadableModuleTest(unittest.TestCase):
    """Base of a module's Test class."""

    def delayDisplay(self, message, requestedDelay=None, msec=None):
        slicer.app.processEvents()

    def runTest(self):
        """To be overridden."""


def pip_check(requirements) -> bool:
    """True if every requirement (a name, or several) is installed; versions are not compared here."""
    names = [requirements] if isinstance(requirements, str) else [str(each) for each in requirements]
    installed = {distribution.name.lower() for distribution in importlib.metadata.distributions()}
    return all(name.split("=")[0].split(">")[0].split("<")[0].strip().lower() in installed for name in names)


def pip_ensure(
    requirements,
    constraints=None,
    skip_packages=None,
    prompt_install=True,
    prompt_restart=True,
    requester=None,
    skip_in_testing=True,
    show_progress=True,
) -> None:
    """As Slicer's when the user declines: nothing is installed here."""
    if not pip_check(requirements):
        raise RuntimeError(f"The stand-in installs nothing: {requirements}")

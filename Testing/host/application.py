"""`slicer.app`, `slicer.modules` and the module logics, as far as panels and `slicer.util` use them."""

from __future__ import annotations

import atexit
import gc
import shutil
import tempfile
import traceback
import types
from contextlib import contextmanager
from pathlib import Path

import slicer
from PySide6.QtCore import QSettings
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from .complaints import Complaint, complain, heard
from .connections import call_as_slot


def make_qapplication() -> QApplication:
    """The one QApplication, light, in the Fusion style."""
    qapplication = QApplication.instance() or QApplication(["Slicer"])
    qapplication.setStyle("Fusion")
    qapplication.setPalette(light_palette())
    qapplication.setFont(QFont("DejaVu Sans", 9))
    folder = tempfile.mkdtemp(prefix="slicer-host-settings-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
    qapplication.setOrganizationName("host")
    return qapplication


def light_palette() -> QPalette:
    palette = QPalette(QColor("#efefef"))
    palette.setColor(QPalette.ColorRole.Base, QColor("#ffffff"))
    return palette


def dark_palette() -> QPalette:
    palette = QPalette(QColor("#2f2f2f"))
    palette.setColor(QPalette.ColorRole.Base, QColor("#1e1e1e"))
    disabled, role = QPalette.ColorGroup.Disabled, QPalette.ColorRole
    for text, colour in ((role.WindowText, "#6d6d6d"), (role.Text, "#6d6d6d"), (role.ButtonText, "#b4b4b4")):
        palette.setColor(disabled, text, QColor(colour))
    return palette


class Signals:
    """Signals of an object that is not a Qt one here."""

    def __init__(self, *signatures: str):
        self._slots = {signature: [] for signature in signatures}

    def connect(self, signature: str, slot) -> bool:
        if signature not in self._slots:
            complain(f"QObject::connect: {type(self).__name__} has no signal '{signature}'")
            return False
        self._slots[signature].append(slot)
        return True

    def disconnect(self, signature: str, slot) -> bool:
        if slot not in self._slots.get(signature, []):
            return False
        self._slots[signature].remove(slot)
        return True

    def forget(self, signature: str) -> None:
        """Disconnect every slot of a signal."""
        self._slots[signature].clear()

    def send(self, signature: str, *arguments) -> None:
        for slot in list(self._slots[signature]):
            call_as_slot(lambda slot=slot: slot(*arguments))


class ModuleManager(Signals):
    """`slicer.app.moduleManager()`."""

    def __init__(self):
        super().__init__("moduleAboutToBeUnloaded(QString)", "moduleLoaded(QString)")

    def module(self, name: str):
        return getattr(slicer.modules, name.lower(), None)

    def factoryManager(self):
        return types.SimpleNamespace(loadedModuleNames=lambda: sorted(vars(slicer.moduleNames)))


class SceneFiles:
    """`slicer.app.coreIOManager()`, for scenes only: nodes are read and written by their storage nodes."""

    def loadNodes(self, file_type, properties, loaded, messages=None) -> bool:
        name, clear = properties["fileName"], bool(properties.get("clear", False))
        scene = slicer.mrmlScene
        if name.endswith(".mrb"):
            return bool(scene.ReadFromMRB(name, clear))
        scene.SetURL(name)
        return bool(scene.Connect() if clear else scene.Import())

    def saveNodes(self, file_type, properties, messages=None) -> bool:
        name, scene = str(properties["fileName"]), slicer.mrmlScene
        if name.endswith(".mrb"):
            return bool(scene.WriteToMRB(name, None))
        scene.SetRootDirectory(str(Path(name).parent))
        return bool(scene.Commit(name))


class ErrorLog:
    """`slicer.app.errorLogModel()`: what slots raised and what was complained of; there is no file."""

    filePath = ""

    def logEntryCount(self):
        return len(heard)

    def logEntryDescription(self, row):
        error = heard[row]
        if isinstance(error, Complaint):
            return f"[CRITICAL][Qt] - {error}"
        return "".join(traceback.format_exception(error))


@contextmanager
def undisturbed():
    """Without garbage collection meanwhile: it could delete widgets that Qt has just listed."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class Application(Signals):
    """`slicer.app`, without a main window or pop-ups (testing is on), and without views until they are asked for."""

    applicationName = "Slicer"
    documentationBaseUrl = "https://slicer.readthedocs.io/en/5.12/"

    def __init__(self, qapplication: QApplication):
        super().__init__("startupCompleted()", "mrmlSceneChanged(vtkMRMLScene*)", "lastWindowClosed()", "aboutToQuit()")
        self.qapplication = qapplication
        self.temporaryPath = self.cachePath = tempfile.gettempdir()
        self._manager, self._files, self._log = ModuleManager(), SceneFiles(), ErrorLog()
        self._standalone, self._views, self._is_made = None, None, True

    def __setattr__(self, name, value):
        if getattr(self, "_is_made", False) and not name.startswith("_") and not hasattr(self, name):
            raise AttributeError(f"'qSlicerApplication' object has no attribute '{name}'")
        super().__setattr__(name, value)

    def processEvents(self, flags=None):
        if flags is None:
            self.qapplication.processEvents()
        else:
            self.qapplication.processEvents(flags)

    def mrmlScene(self):
        return slicer.mrmlScene

    def applicationLogic(self):
        return self._standalone.application_logic

    def layoutManager(self):
        return self._views

    def open_views(self):
        """Views for this scene, until the next one."""
        from .layout_manager import qSlicerLayoutManager

        if self._views is None:
            self._views = qSlicerLayoutManager(self.applicationLogic())
        return self._views

    def moduleManager(self):
        return self._manager

    def coreIOManager(self):
        return self._files

    ioManager = coreIOManager

    def topLevelWidgets(self):
        with undisturbed():
            return self.qapplication.topLevelWidgets()

    def allWidgets(self):
        with undisturbed():
            return self.qapplication.allWidgets()

    def testingEnabled(self):
        return True

    def commandOptions(self):
        return types.SimpleNamespace(testingEnabled=True, noMainWindow=True)

    def errorLogModel(self):
        return self._log

    def translate(self, context, text):
        return text

    def settings(self):
        return QSettings()

    userSettings = settings

    def setOverrideCursor(self, cursor):
        self.qapplication.setOverrideCursor(cursor)

    def restoreOverrideCursor(self):
        self.qapplication.restoreOverrideCursor()

    def pauseRender(self):
        """There are no views."""

    def resumeRender(self):
        """There are no views."""

    def restart(self):
        """There is nothing to restart."""

    def palette(self):
        return self.qapplication.palette()


def close_scene(application: Application) -> None:
    """Empty the scene and let go of its logics and files."""
    if application._views is not None:
        application._views._close()
        application._views = None
    if application._standalone is not None:
        application._standalone.close()
        application._standalone = None


def new_scene(application: Application) -> None:
    """An empty scene with its logics, as `slicer.mrmlScene`, in place of the one there was."""
    from HER2ImmunoCommonLib.scene.standalone import StandaloneScene

    close_scene(application)
    standalone = application._standalone = StandaloneScene()
    units = standalone.logics["units"] = slicer.vtkSlicerUnitsLogic()
    units.SetMRMLApplicationLogic(standalone.application_logic)
    units.SetMRMLScene(standalone.scene)
    crosshair = slicer.vtkMRMLCrosshairNode()
    crosshair.SetCrosshairName("default")
    standalone.scene.AddNode(crosshair)
    standalone.activate()
    application.send("mrmlSceneChanged(vtkMRMLScene*)", standalone.scene)

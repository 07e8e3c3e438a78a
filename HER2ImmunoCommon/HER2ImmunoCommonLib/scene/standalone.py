"""A MRML scene without the Slicer application, on the slicer-core package: for the command line and for tests."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import SimpleNamespace
from zipfile import is_zipfile

import slicer

from ..errors import InputError
from ..files import NO_ROOM, atomic_path

LOGICS = {
    "colors": "vtkMRMLColorLogic",
    "volumes": "vtkSlicerVolumesLogic",
    "sequences": "vtkSlicerSequencesLogic",
    "segmentations": "vtkSlicerSegmentationsModuleLogic",
    "markups": "vtkSlicerMarkupsLogic",
    "tables": "vtkSlicerTablesLogic",
    "plots": "vtkSlicerPlotsLogic",
    "subjecthierarchy": "vtkSlicerSubjectHierarchyModuleLogic",
}


class StandaloneScene:
    """A scene with the module logics that register its node and storage classes.

    Attributes
    ----------
    scene : vtkMRMLScene
    logics : dict of str to logic
        By module name; kept alive with the scene.
    """

    def __init__(self):
        self.scene = slicer.vtkMRMLScene()
        self.application_logic = slicer.vtkSlicerApplicationLogic()
        self.application_logic.SetMRMLScene(self.scene)
        self._temporary = tempfile.TemporaryDirectory(prefix="her2immuno-")
        self.application_logic.SetTemporaryPath(self._temporary.name)
        self.logics = {}
        for module, name in LOGICS.items():
            logic = getattr(slicer, name)()
            logic.SetMRMLApplicationLogic(self.application_logic)
            logic.SetMRMLScene(self.scene)
            self.logics[module] = logic
        # In the application the logic of the module Colors, which needs its files, registers this class.
        self.scene.RegisterNodeClass(slicer.vtkMRMLColorLegendDisplayNode())
        self.application_logic.SetColorLogic(self.logics["colors"])
        self.application_logic.SetModuleLogic("Colors", self.logics["colors"])
        self._remote_io = slicer.vtkMRMLRemoteIOLogic()
        self._remote_io.SetMRMLApplicationLogic(self.application_logic)
        self._remote_io.SetMRMLScene(self.scene)
        self._remote_io.AddDataIOToScene()
        self._data_io = slicer.vtkDataIOManagerLogic()
        self._data_io.SetMRMLApplicationLogic(self.application_logic)
        self._data_io.SetAndObserveDataIOManager(self._remote_io.GetDataIOManager())

    def activate(self) -> slicer.vtkMRMLScene:
        """Make this the scene that `slicer.util` works on."""
        slicer.mrmlScene = self.scene
        modules = getattr(slicer, "modules", None) or SimpleNamespace()
        for module, logic in self.logics.items():
            setattr(modules, module, SimpleNamespace(logic=lambda logic=logic: logic))
        slicer.modules = modules
        return self.scene

    def close(self) -> None:
        """Empty the scene and let go of the logics."""
        self.scene.Clear(1)
        self._remote_io.RemoveDataIOFromScene()
        self._temporary.cleanup()


def save_mrb(scene: slicer.vtkMRMLScene, path: str | Path) -> Path:
    """Save the scene with its data as one `.mrb` file.

    Raises
    ------
    InputError
        If it could not be saved.
    """
    with atomic_path(path) as temporary:
        messages = slicer.vtkMRMLMessageCollection()
        if not scene.WriteToMRB(str(temporary), None, messages):
            raise InputError(f"The scene could not be saved as {path}: {messages.GetAllMessagesAsString().strip()}")
        if not is_zipfile(temporary):
            raise InputError(f"The scene could not be saved whole as {path}; {NO_ROOM}.")
    return Path(path)


def load_mrb(scene: slicer.vtkMRMLScene, path: str | Path) -> None:
    """Replace the scene by that of an `.mrb` file.

    Raises
    ------
    InputError
        If it could not be read whole.
    """
    messages = slicer.vtkMRMLMessageCollection()
    if not scene.ReadFromMRB(str(path), True, messages):
        raise InputError(f"{path} could not be read: {messages.GetAllMessagesAsString().strip()}")

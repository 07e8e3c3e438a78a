"""The main window, as far as `slicer.util.selectModule` and the status bar need it."""

from __future__ import annotations

import sys
from pathlib import Path

import slicer
from PySide6.QtCore import Property, QObject
from PySide6.QtWidgets import QMainWindow

from . import building
from .connections import call_as_slot
from .pythonqt import declared_by_host


@declared_by_host
class qSlicerModuleSelectorToolBar(QObject):
    """Opens modules; what their code raises is printed and the application goes on."""

    selectedModule = Property(str, lambda self: self._name)

    def __init__(self, parent, representations):
        super().__init__(parent)
        self._representations, self._name = representations, ""

    def selectModule(self, name):
        """Leave the module that is open; build the panel of this one, if that was not done yet, and enter it."""
        if name == self._name:
            return
        leaving = getattr(slicer.modules, self._name.lower(), None)
        if leaving is not None and leaving.widget is not None:
            call_as_slot(leaving.widget.exit)
        parent, self._name = getattr(slicer.modules, name.lower()), name
        if parent.widget is None:
            parent.widget = self._representations(name)
            call_as_slot(parent.widget.reload)
        call_as_slot(parent.widget.enter)


@declared_by_host
class qSlicerMainWindow(QMainWindow):
    """Found by its name, as Slicer's is."""

    def __init__(self, representations):
        super().__init__()
        self.setObjectName("qSlicerMainWindow")
        self._selector = qSlicerModuleSelectorToolBar(self, representations)

    def moduleSelector(self):
        return self._selector


def open_window(host) -> qSlicerMainWindow:
    """A main window with views, the extension's modules and Sample Data; panels are built when they are selected."""
    from .session import MODULES

    def representation(name: str):
        host.loaded.append(building.representation(name))
        return host.loaded[-1]

    sample_data = sys.modules["SampleData"]
    for name in MODULES:
        host.register(name)
    host.describe("SampleData", sample_data, Path(sample_data.__file__))
    window = qSlicerMainWindow(representation)
    window.setCentralWidget(host.open_views().viewport())
    host.start_up()
    return window

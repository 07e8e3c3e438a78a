"""`qt.QUiLoader` that knows the widgets of `ctk` and `slicer`, and makes the scene connections of a `.ui` file."""

from __future__ import annotations

import functools
import xml.etree.ElementTree as ElementTree

from PySide6.QtCore import QBuffer, QByteArray, QObject
from PySide6.QtUiTools import QUiLoader
from PySide6.QtWidgets import QWidget

from . import pythonqt

WIDGETS: dict[str, type] = {}


class UiLoader(QUiLoader):
    """Loads a `.ui`; a widget gets the scene only if the file connects it, as in Slicer."""

    def createWidget(self, class_name, parent=None, name=""):
        if class_name in WIDGETS:
            widget = WIDGETS[class_name](parent)
            widget.setObjectName(name)
            return widget
        if class_name.startswith(("qMRML", "qSlicer", "ctk")):
            raise NotImplementedError(f"The stand-in has no {class_name}: add it to Testing/host.")
        return super().createWidget(class_name, parent, name)

    def load(self, device, parent=None) -> QWidget | None:
        """Load from an open QIODevice."""
        form, scene_connections = _without_scene_connections(bytes(device.readAll().data()))
        buffer = QBuffer()
        buffer.setData(QByteArray(form))
        buffer.open(QBuffer.OpenModeFlag.ReadOnly)
        pythonqt.form_is_loading = True
        try:
            widget = super().load(buffer, parent)
        finally:
            pythonqt.form_is_loading = False
        for sender_name, receiver_name in scene_connections:
            sender, receiver = (_named(widget, name) for name in (sender_name, receiver_name))
            sender.mrmlSceneChanged.connect(receiver.setMRMLScene)
        return widget


@functools.cache
def _without_scene_connections(form: bytes) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    """The form without the connections only a Slicer widget can make, and (sender, receiver) names of those."""
    tree, taken = ElementTree.fromstring(form), []
    block = tree.find("connections")
    for connection in [] if block is None else list(block):
        if connection.findtext("signal", "").startswith("mrmlSceneChanged("):
            taken.append((connection.findtext("sender"), connection.findtext("receiver")))
            block.remove(connection)
    return ElementTree.tostring(tree), tuple(taken)


def _named(root: QWidget, name: str) -> QObject:
    found = root if root.objectName == name else root.findChild(QWidget, name)
    if found is None:
        raise ValueError(f"The form connects '{name}', which it does not contain.")
    return found

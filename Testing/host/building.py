"""Importing a scripted module, and the parent widget in which its panel is built - or fails to be."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from . import births


def import_by_path(name: str, path: Path):
    """The module at `path`, imported as `name`, with its folder on `sys.path`."""
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def representation(name: str):
    """The parent widget of a panel; its `reload()` makes the module's Widget and sets it up."""
    import slicer
    from PySide6.QtWidgets import QVBoxLayout

    widget = slicer.qSlicerScriptedLoadableModuleWidget()
    widget.setObjectName(name)
    widget.setLayout(QVBoxLayout())
    widget.setMRMLScene(slicer.mrmlScene)
    return widget


def fail_building(host, name: str, after: int, path: Path | None = None) -> list[births.Birth]:
    """Set a module's Widget up until `after` widgets are born; then enter, leave, clean up and delete its parent.

    Returns the widgets that outlive the parent; none too if fewer widgets are made. What `enter` and `exit` raise is
    raised here, what `cleanup` raises goes to `host.slot_errors`.
    """
    import shiboken6

    host.register(name, path)
    parent, errors = representation(name), []
    with births.watched(fail_at=after) as born:
        try:
            parent.reload()
        except births.BuildingFailed as error:
            errors.append(error)  # as Python's sys.last_value, it keeps what the failed functions hold
    parent.enter()
    parent.exit()
    host.application.moduleManager().send("moduleAboutToBeUnloaded(QString)", name)
    shiboken6.delete(parent)
    host.application.processEvents()
    return [birth for birth in born if birth.exists] if errors else []

"""Installing the stand-in, starting a scene, loading a module's panel, photographing it."""

from __future__ import annotations

import os
import sys
import types
from pathlib import Path

from . import births, building, pythonqt
from .complaints import heard

ROOT = Path(__file__).resolve().parents[2]
NESTED = 10  # layouts in layouts: each tells the next one in an event of its own
PICTURE_MARGIN = 12
MODULES = ("HER2ImmunoCommon", "QuantDCE", "PETHypoxia", "HER2ImmunoModel")


class ModuleParent:
    """What a scripted module's class gets as its parent; only the attributes Slicer's has."""

    __slots__ = (
        "acknowledgementText",
        "associatedNodeTypes",
        "categories",
        "contributors",
        "dependencies",
        "helpText",
        "hidden",
        "icon",
        "index",
        "name",
        "path",
        "title",
        "widget",
        "widgetRepresentationCreationEnabled",
    )

    def __init__(self, name: str, path: Path):
        self.name, self.path, self.widget = name, str(path), None
        self.title = self.helpText = self.acknowledgementText = ""
        self.categories, self.dependencies, self.contributors, self.hidden = [], [], [], False

    def widgetRepresentation(self):
        return self.widget


class Host:
    """The running stand-in: `install()` returns it."""

    def __init__(self, application):
        self.application = application
        self.slot_errors = heard
        self.loaded: list = []
        self._window = None

    def keep_error(self, kind, error, trace) -> None:
        """A `sys.excepthook`: prints what a slot or observer raised, and keeps it in `slot_errors`."""
        sys.__excepthook__(kind, error, trace)
        self.slot_errors.append(error)

    @property
    def scene(self):
        import slicer

        return slicer.mrmlScene

    def new_scene(self):
        """Put an empty scene in place of `slicer.mrmlScene` and return it."""
        from .application import new_scene

        new_scene(self.application)
        self.dicom_database()
        return self.scene

    def open_views(self):
        """Give this scene slice views, a layout and its manager, as with a main window; returns the manager."""
        return self.application.open_views()

    def open_main_window(self):
        """A main window with views, every module registered and Sample Data; panels are built when selected."""
        from .main_window import open_window

        self._window = open_window(self)
        return self._window

    def watch_births(self):
        """Context manager: the list of widgets made inside from Python, with `orphans` and `without_parent`."""
        return births.watched()

    def fail_building(self, name: str, after: int, path: Path | None = None) -> list[births.Birth]:
        """Let the building of a panel fail at birth number `after`; returns the widgets that outlive its parent."""
        from .building import fail_building

        return fail_building(self, name, after, path)

    def dicom_database(self, folder: Path | None = None):
        """Open `slicer.dicomDatabase` on the DICOM files of a folder; None: it is there, but not open."""
        import slicer

        from .dicom_database import ctkDICOMDatabase

        slicer.dicomDatabase = ctkDICOMDatabase(folder)
        return slicer.dicomDatabase

    def close(self) -> None:
        """Let go of panels and scene at the end of the process."""
        from .application import close_scene

        self.unload_all()
        close_scene(self.application)

    def start_up(self) -> None:
        """What Slicer does when all modules are there."""
        self.application.send("startupCompleted()")

    def register(self, name: str, path: Path | None = None) -> ModuleParent:
        """Import a scripted module and let it describe itself; no panel is built."""
        path = Path(path or ROOT / name / f"{name}.py")
        return self.describe(name, building.import_by_path(name, path), path)

    def describe(self, name: str, module, path: Path) -> ModuleParent:
        """Let an imported module describe itself."""
        import slicer

        parent = ModuleParent(name, path)
        setattr(slicer.modules, name.lower(), parent)
        setattr(slicer.moduleNames, name, name)
        setattr(slicer.modules, f"{name}Instance", getattr(module, name)(parent))
        return parent

    def load_module(self, name: str, path: Path | None = None):
        """Import a scripted module by path, build its panel, enter it, and return its Widget."""
        import slicer

        parent = self.register(name, path)
        parent.widget = building.representation(name)
        parent.widget.reload()
        parent.widget.enter()
        self.loaded.append(parent.widget)
        return getattr(slicer.modules, f"{name}Widget")

    def unload_all(self) -> None:
        """Clean up and delete every panel, and forget what modules registered."""
        import shiboken6
        import slicer

        registered = {"sampleDataSources", "sampleDataSourceCategories"}
        for representation in self.loaded:
            name = representation.objectName
            registered.add(f"{name}Widget")
            self.application.moduleManager().send("moduleAboutToBeUnloaded(QString)", name)
            getattr(slicer.modules, name.lower()).widget = None
            if shiboken6.isValid(representation):
                representation.deleteLater()
        self.loaded.clear()
        if self._window is not None:
            shiboken6.delete(self._window)
            self._window = None
        self.application.forget("startupCompleted()")
        for name in registered & set(vars(slicer.modules)):
            delattr(slicer.modules, name)
        self.application.processEvents()
        self._delete_what_is_to_go()

    def _delete_what_is_to_go(self) -> None:
        """Delete what `deleteLater()` was called for: Qt leaves that to an event loop, and here none runs."""
        from PySide6.QtCore import QEvent

        self.application.qapplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def needed_width(self, widget) -> int:
        """Least width in px at which a panel, shown, clips nothing."""
        target = getattr(widget, "parent", widget)
        target = widget if callable(target) else target
        target.show()
        for _ in range(NESTED):
            self.application.processEvents()
        return target.minimumSizeHint().width()

    def photograph(self, widget, path: Path, width: int = 480) -> Path:
        """Write a PNG of a whole panel: as wide as asked (or as it needs), as high as it needs."""
        from PySide6.QtCore import QRect

        target = getattr(widget, "parent", widget)
        target = widget if callable(target) else target
        target.resize(max(width, target.minimumSizeHint().width()), 10)
        target.show()
        for _ in range(NESTED):
            self.application.processEvents()
            layout = target.layout()
            height = layout.heightForWidth(target.width) if layout and layout.hasHeightForWidth() else 0
            target.resize(target.width, max(height, target.sizeHint().height()))
        self.application.processEvents()
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        needed = min(target.height, target.childrenRect.bottom() + PICTURE_MARGIN)
        if not target.grab(QRect(0, 0, target.width, needed)).save(str(path)):
            raise OSError(f"{path} could not be written")
        return path


def _add_search_paths() -> None:
    for name in MODULES:
        folder = str(ROOT / name)
        if folder not in sys.path:
            sys.path.append(folder)


def _add_modules(slicer) -> None:
    """`slicer.*` modules: Slicer's own if SLICER_PYTHON_DIR names them, else the stand-in's."""
    own = os.environ.get("SLICER_PYTHON_DIR")
    if own:
        slicer.__path__.append(own)
    else:
        from . import scripted_module

        parts = {
            "ScriptedLoadableModule": [n for n in dir(scripted_module) if n.startswith("ScriptedLoadableModule")],
            "i18n": ["tr", "translate"],
            "packaging": ["pip_check", "pip_ensure"],
        }
        for part, names in parts.items():
            module = types.ModuleType(f"slicer.{part}")
            module.__dict__.update({name: getattr(scripted_module, name) for name in names})
            module.__all__ = names
            sys.modules[module.__name__] = module
            setattr(slicer, part, module)
        from . import parameter_nodes

        sys.modules["slicer.parameterNodeWrapper"] = slicer.parameterNodeWrapper = parameter_nodes


def install() -> Host:
    """Make `qt`, `ctk` and all of `slicer` importable. Once a process; later calls return the same host."""
    if "qt" in sys.modules:
        return sys.modules["qt"].host
    import slicer

    pythonqt.dress()
    from .application import Application, make_qapplication

    qapplication = make_qapplication()
    qt = sys.modules["qt"] = pythonqt.module()
    for name in ("modules", "moduleNames"):
        setattr(slicer, name, types.ModuleType(f"slicer.{name}"))
        sys.modules[f"slicer.{name}"] = getattr(slicer, name)
    slicer.app = Application(qapplication)
    qt.host = host = Host(slicer.app)
    from . import (
        ctk_widgets,
        layout_manager,
        mrml_views,
        mrml_widgets,
        node_combo_box,
        node_filter,
        plot_widgets,
        segment_editor,
        segment_selector,
        ui_loader,
    )

    ctk = sys.modules["ctk"] = types.ModuleType("ctk")
    ctk.__dict__.update(ctk_widgets.WIDGETS | ctk_widgets.NAMES_ONLY)
    parts = (mrml_widgets, node_filter, node_combo_box, segment_selector, segment_editor, mrml_views, plot_widgets)
    parts += (layout_manager,)
    ours = {name: value for part in parts for name, value in vars(part).items()}
    widgets = {name: value for name, value in ours.items() if name.startswith(("qMRML", "qSlicer"))}
    names_only = {
        name: ctk_widgets._named_only(name) for name in ("qMRMLSliderWidget", "qMRMLSpinBox", "qMRMLRangeWidget")
    }
    slicer.__dict__.update(widgets | names_only)
    ui_loader.WIDGETS.update(ctk_widgets.WIDGETS | widgets)
    _add_search_paths()
    _add_modules(slicer)
    from . import sample_data

    sys.modules["SampleData"] = sample_data
    host.new_scene()
    return host

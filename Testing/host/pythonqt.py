"""PySide6 dressed as the `qt` module of Slicer's Python (PythonQt).

A Qt property is an attribute with a value (of a list, a tuple), assigning to it calls its setter, methods stay methods,
signals are connected by signature or by name, a widget made in C++ takes no new attributes, no widget is made with
keywords, and of a class of Slicer or CTK only properties, slots and invokable methods can be called.
"""

from __future__ import annotations

import enum
import functools
import types

from PySide6 import QtCore, QtGui, QtPrintSupport, QtSvg, QtSvgWidgets, QtUiTools, QtWidgets

from . import births, connections
from .qt5 import forget_later, recall_earlier
from .truth import give_truth

# Shiboken asks the Python object for these while Qt computes them: reading the property would call itself.
VIRTUAL = {"sizeHint", "minimumSizeHint"}
METHODS_IN_QT_5 = {"contentsMargins"}
MODULES = (QtCore, QtGui, QtWidgets, QtUiTools, QtPrintSupport, QtSvg, QtSvgWidgets)
PYSIDE_ONLY = {"Signal", "Slot", "Property", "ClassInfo", "SIGNAL", "SLOT", "QmlElement"}

SPECIAL = {"connect", "disconnect", "name"}

form_is_loading = False
_being_read: set[tuple[int, str]] = set()

_plain_get = QtCore.QObject.__getattribute__
_property_of = QtCore.QObject.property


def declared_by_host(cls: type) -> type:
    """Class decorator: instances of `cls` itself behave as made in C++ (only its own `_names` may be set)."""
    cls._made_in_cpp = cls
    return cls


@functools.cache
def _made_in_cpp(cls: type) -> bool:
    return cls.__module__.startswith("PySide6") or cls.__dict__.get("_made_in_cpp") is cls


@functools.cache
def _properties(cls: type) -> frozenset[str]:
    meta = cls.staticMetaObject
    names = {meta.property(index).name() for index in range(meta.propertyCount())} - VIRTUAL - METHODS_IN_QT_5
    for base in cls.__mro__:
        if base.__module__.startswith("PySide6"):
            break
        names -= {name for name, value in vars(base).items() if isinstance(value, types.FunctionType)}
    return frozenset(names)


def _get(self, name: str):
    if name[:1] == "_":
        return _plain_get(self, name)
    if name in SPECIAL:
        if name != "name":
            return functools.partial(getattr(connections, name), self)
        name = "objectName"
    if name in _properties(type(self)) and (id(self), name) not in _being_read:
        return _read(self, name)
    value = _plain_get(self, name)
    # By exact type: to ask a value that is a widget for anything comes here again, and this is called very often.
    kind = type(value)
    if kind is types.MethodType:
        if getattr(value, "_only_in_cpp", False):
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}': assign to the property")
        return value
    return connections.BoundSignal(self, value, name) if kind is QtCore.SignalInstance else value


def _read(self, name: str):
    """Value of a property; a virtual getter makes Shiboken ask for the attribute again, which is then the method."""
    key = id(self), name
    _being_read.add(key)
    try:
        value = _property_of(self, name)
    finally:
        _being_read.discard(key)
    return tuple(value) if isinstance(value, list) else value


def _set(self, name: str, value) -> None:
    cls = type(self)
    name = "objectName" if name == "name" else name
    if name in _properties(cls):
        value = list(value) if isinstance(value, tuple) else value
        if not QtCore.QObject.setProperty(self, name, value):
            raise AttributeError(f"property '{name}' of {cls.__name__} does not take {value!r}")
        return
    if type(value) is QtCore.SignalInstance:
        _plain_get(self, "__dict__")[name] = value  # PySide keeps a signal on its object when it is first asked for
        return
    if form_is_loading and not name.startswith("_"):
        return  # PySide's loader hangs the children on a root made in Python; Slicer's does not
    if _made_in_cpp(cls) and not (name.startswith("_") and "_made_in_cpp" in vars(cls)):
        raise AttributeError(f"'{cls.__name__}' object has no attribute '{name}'")
    if _hides_a_method(cls, name):
        raise AttributeError(f"Slot '{name}' can not be overwritten on {cls.__name__} object")
    descriptor = getattr(cls, name, None)
    if hasattr(type(descriptor), "__set__"):
        descriptor.__set__(self, value)
    else:
        _plain_get(self, "__dict__")[name] = value


@functools.cache
def _hides_a_method(cls: type, name: str) -> bool:
    """Whether Qt has a method of this name, which PythonQt does not let a class made in Python take for a value."""
    if cls.__module__.partition(".")[0] == "host":
        return False
    return any(callable(vars(base).get(name)) for base in cls.__mro__ if base.__module__.startswith("PySide6"))


def _qobject_classes() -> list[type]:
    found = [getattr(module, name) for module in MODULES for name in dir(module)]
    return [cls for cls in dict.fromkeys(c for c in found if isinstance(c, type)) if issubclass(cls, QtCore.QObject)]


def _take_values_of_enums(cls: type, source: type) -> None:
    """`Qt.AlignLeft` is there as an attribute; PySide goes through every enum of a class each time it is asked for."""
    for values in [value for value in vars(source).values() if isinstance(value, enum.EnumMeta)]:
        for name, value in values.__members__.items():
            if not any(name in vars(base) for base in cls.__mro__):
                setattr(cls, name, value)


def dress() -> None:
    """Give the classes of PySide6 the attribute access and the truth of PythonQt. Once a process."""
    for cls in _qobject_classes():
        cls.__setattr__ = _set
        if issubclass(cls, QtWidgets.QWidget):
            births.watch(cls)
    QtCore.QObject.__getattribute__ = _get
    named = {name: value for part in MODULES for name, value in vars(part).items() if isinstance(value, type)}
    for cls in named.values():
        _take_values_of_enums(cls, cls)
    _take_values_of_enums(named["Qt"], QtCore.Qt)  # that of QtGui, which looks into that of QtCore
    give_truth(named, QtCore.QObject)
    recall_earlier(named)
    forget_later(named)


def module() -> types.ModuleType:
    """The `qt` module: all of QtCore, QtGui, QtWidgets, QtUiTools, QtPrintSupport and QtSvg, flat."""
    from .ui_loader import UiLoader

    qt = types.ModuleType("qt", __doc__)
    for part in MODULES:
        names = [name for name in dir(part) if not name.startswith("_") and name not in PYSIDE_ONLY]
        qt.__dict__.update({name: getattr(part, name) for name in names})
    qt.QUiLoader = UiLoader
    return qt
